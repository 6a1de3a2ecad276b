//! Generates the clients whose sessions the tables measure.

fn main() -> Result<(), rekindle::Error> {
    rekindle::Config::new().specs("specs").generate()
}
