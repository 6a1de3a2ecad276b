//! What a crate must build that refreshes tokens without I/O of its own.

use rekindle_benches::Error;
use rekindle_benches::cold::{self, Consumer, Cost};
use rekindle_benches::goal::{self, Judged};
use rekindle_benches::table::Table;

/// The committed client that is built.
const FEATURE: &str = "wetix";

/// Each consumer: its name, what it depends on, and whether it is ours.
pub fn table() -> Result<Table, Error> {
    let clients = cold::package("generated");
    let ours = format!(
        "rekindle-clients = {{ path = \"{clients}\", default-features = false, features = [\"{FEATURE}\"] }}"
    );
    let consumers = [
        (
            "serde_json by hand, no I/O",
            "serde = { version = \"1\", features = [\"derive\"] }\nserde_json = \"1\"",
            false,
        ),
        ("Rekindle, no I/O", &ours, true),
        ("oauth2 5, default features", "oauth2 = \"5\"", false),
    ];
    let mut table = Table::new(&["consumer", "crates", "cold debug build", "goal", "verdict"]);
    for (name, dependencies, is_ours) in consumers {
        let Cost { crates, cpu } = cost(dependencies)?;
        let judged = if is_ours {
            judge(crates, cpu)
        } else {
            goal::none()
        };
        table.row([
            name.to_owned(),
            crates.to_string(),
            format!("{cpu:.1} CPU-s"),
            judged.goal,
            judged.verdict,
        ]);
    }
    Ok(table)
}

fn cost(dependencies: &str) -> Result<Cost, Error> {
    let consumer = Consumer::new()?;
    consumer.manifest(&format!("[dependencies]\n{dependencies}\n"))?;
    consumer.cost()
}

fn judge(crates: usize, cpu: f64) -> Judged {
    goal::both(
        goal::at_most(crates as f64, 20.0, " crates"),
        goal::at_most(cpu, 20.0, " CPU-s"),
    )
}
