//! Makes the clients of `specs/`, and their conformance tests.

fn main() -> Result<(), rekindle::Error> {
    rekindle::Config::new().specs("specs").conformance(true).generate()
}
