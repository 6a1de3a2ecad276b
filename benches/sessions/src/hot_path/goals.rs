//! Rekindle's figures, and what is wanted of them.

use rekindle_bench_measure::goal::{self, Judged};
use rekindle_bench_measure::rounds::Samples;
use rekindle_bench_measure::table::Table;

use crate::Calls;
use crate::stampede::Stampede;

/// Where the floor stands among those who were measured, and where Rekindle; the rest are peers.
const FLOOR: usize = 0;
const OURS: usize = 1;

/// The goals.
pub fn table(calls: &Calls, stampedes: &[Stampede]) -> Table {
    let stampede = &stampedes[OURS];
    let mut table = Table::new(&["Rekindle", "figure", "goal", "verdict"]);
    let mut row = |what: &str, figure: String, judged: Judged| {
        table.row([what.to_owned(), figure, judged.goal, judged.verdict]);
    };
    for (what, samples) in
        [("× floor, one thread", &calls.alone), ("× floor, 8 tasks", &calls.together)]
    {
        let ratio = samples[OURS].ratio(&samples[FLOOR]);
        row(what, format!("{ratio:.3}"), goal::at_most(ratio, 1.15, ""));
    }
    let allocations = calls.allocations[OURS];
    row("allocations", format!("{allocations:.1}"), exactly(allocations, 0.0));
    for (what, samples) in [
        ("faster than the best peer, one thread", &calls.alone),
        ("faster than the best peer, 8 tasks", &calls.together),
    ] {
        let times = best_peer(samples);
        row(what, format!("{times:.2} ×"), goal::at_least(times, 2.5, " ×"));
    }
    let requests = f64::from(stampede.requests);
    row("requests of 10,000 tasks", requests.to_string(), exactly(requests, 1.0));
    // To run 10,000 tasks that do not wait at all takes a while, too.
    let beyond = (stampede.beyond - stampedes[FLOOR].all) * 1e3;
    row(
        "their 99th percentile beyond one exchange and what the floor takes",
        format!("{beyond:.1} ms"),
        goal::at_most(beyond, 5.0, " ms"),
    );
    table
}

/// How many times as long as Rekindle the best peer takes.
fn best_peer(samples: &[Samples]) -> f64 {
    let peers = samples.iter().skip(OURS + 1);
    peers.map(|peer| peer.ratio(&samples[OURS])).fold(f64::INFINITY, f64::min)
}

fn exactly(value: f64, wanted: f64) -> Judged {
    Judged {
        goal: wanted.to_string(),
        verdict: if value == wanted { "met" } else { "missed" }.to_owned(),
    }
}
