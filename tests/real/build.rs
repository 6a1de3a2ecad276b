//! Makes the clients of `specs/`.

fn main() -> Result<(), rekindle::Error> {
    rekindle::Config::new().specs("specs").generate()
}
