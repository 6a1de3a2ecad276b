//! What a build script that uses the generator adds to a cold build.

use rekindle_benches::cold::{self, Consumer};
use rekindle_benches::{Error, goal};

use crate::Rows;

/// The shortest spec there is.
const SPEC: &str = include_str!("../../specs/plain.yaml");
const SCRIPT: &str = "fn main() -> Result<(), rekindle::Error> {\n    rekindle::Config::new().specs(\"specs\").generate()\n}\n";

pub fn measure(rows: &mut Rows) -> Result<(), Error> {
    let consumer = Consumer::new()?;
    let rekindle = cold::package("");
    consumer.manifest(&format!(
        "[build-dependencies]\nrekindle = {{ path = \"{rekindle}\", default-features = false }}\n"
    ))?;
    consumer.write("specs/plain.yaml", SPEC)?;
    consumer.write("build.rs", SCRIPT)?;
    let cost = consumer.cost()?;
    let floor = cold::floor()?;
    rows.add(
        "build dependency: crates in `cargo tree`",
        cost.crates.to_string(),
        format!("{} for serde_json alone", floor.crates),
        goal::at_most(cost.crates as f64, 35.0, ""),
    );
    rows.add(
        "build dependency: cold debug build",
        format!("{:.1} CPU-s", cost.cpu),
        format!("{:.2} × serde_json", cost.ratio(&floor)),
        cost.judge(&floor, 40.0),
    );
    Ok(())
}
