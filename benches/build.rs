//! Generates the client that the client's table measures.

fn main() -> Result<(), rekindle::Error> {
    rekindle::Config::new().specs("specs").generate()
}
