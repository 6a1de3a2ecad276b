//! Years of five providers in virtual time, by clocks that are wrong, leap and sleep.

mod life;
mod recording_transport;

use rekindle_clients::{blazex, seven_g, transak, wetix, xellar};
use rekindle_runtime::Provider as _;

use crate::plan::Plan;
use crate::report::{Failure, Report};
use life::{Life, Skew};

/// Lives through `runs` years with each provider, three times: by a clock that is right, one hour fast, one hour slow.
pub(crate) async fn run(plan: &Plan) -> Result<Option<Report>, Failure> {
    let mut report = Report::default();
    let mut asked = 0;
    let mut years = 0;
    macro_rules! live {
        ($($provider:ident),+) => {$(
            for skew in [Skew::None, Skew::Fast, Skew::Slow] {
                let life = Life::live::<$provider::Client>(plan, skew).await?;
                eprintln!("{:<22} {life}", $provider::Client::ID);
                add(&mut report, $provider::Client::ID, &life);
                asked += life.asked;
                years += plan.runs;
            }
        )+};
    }
    live!(xellar, transak, seven_g, wetix, blazex);
    report.also.extend([("asked", asked), ("years", years)]);
    Ok(Some(report.of(plan)))
}

fn add(report: &mut Report, id: &str, life: &Life) {
    report.exchanges += life.exchanges;
    report.generations += life.granted;
    report.revoked += life.refused;
    for (what, number) in [
        ("tokens that the provider refused", life.late),
        ("exchanges before they were needed", life.early),
        ("exchanges more than the contract needs", life.exchanges.saturating_sub(life.bound())),
    ] {
        if number > 0 {
            report.violations.push(format!("{id}: {number} {what}"));
        }
    }
    let first = life.problems.iter().take(3);
    report.violations.extend(first.map(|words| format!("{id}: {words}")));
}
