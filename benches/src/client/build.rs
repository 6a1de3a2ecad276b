//! What a crate must build that refreshes tokens without I/O of its own.

use rekindle_benches::Error;
use rekindle_benches::cold::{self, Cost};
use rekindle_benches::goal::{self, Judged};
use rekindle_benches::table::Table;

/// The committed client that is built.
const FEATURE: &str = "wetix";

/// What consumers build: the floor, ours, and the usual library's.
pub fn table() -> Result<Table, Error> {
    let clients = cold::package("generated");
    let ours = format!(
        "rekindle-clients = {{ path = \"{clients}\", default-features = false, features = [\"{FEATURE}\"] }}"
    );
    let floor = cold::floor()?;
    let ours = cold::cost(&ours)?;
    let oauth2 = cold::cost("oauth2 = \"5\"")?;
    let judged = judge(&ours, &floor);
    let mut table =
        Table::new(&["consumer", "crates", "cold debug build", "× serde_json", "goal", "verdict"]);
    let rows = [
        ("serde_json by hand, no I/O", &floor, goal::none()),
        ("Rekindle, no I/O", &ours, judged),
        ("oauth2 5, default features", &oauth2, goal::none()),
    ];
    for (name, cost, judged) in rows {
        table.row([
            name.to_owned(),
            cost.crates.to_string(),
            format!("{:.1} CPU-s", cost.cpu),
            format!("{:.2}", cost.ratio(&floor)),
            judged.goal,
            judged.verdict,
        ]);
    }
    Ok(table)
}

/// 20 crates, and 20 CPU-seconds.
fn judge(ours: &Cost, floor: &Cost) -> Judged {
    goal::both(goal::at_most(ours.crates as f64, 20.0, " crates"), ours.judge(floor, 20.0))
}
