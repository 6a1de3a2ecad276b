fn main() -> Result<(), rekindle::Error> {
    rekindle::Config::new().specs("specs").conformance(true).generate()
}
