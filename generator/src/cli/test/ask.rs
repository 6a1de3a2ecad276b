//! Says what a run will do, and asks before it spends what cannot be had again.

use super::super::Stop;
use super::super::args::{ReportFormat, Test};
use super::super::console::{self, count};
use super::Plan;
use super::place::Place;
use rekindle_testkit::check::{Check, Cost};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::io::{self, IsTerminal, Write};

/// Says what of the arguments has no meaning at a fake provider.
pub(super) fn note(place: &Place, arguments: &Test) {
    if place.control.is_none() {
        return;
    }
    let given = [
        ("--credentials", arguments.credentials.is_some()),
        ("--save", arguments.save.is_some()),
        ("--burn", arguments.burn),
        ("--sign-in", arguments.sign_in.is_some()),
    ];
    for (name, _) in given.into_iter().filter(|(_, given)| *given) {
        console::line(&format!(
            "note: `{name}` is not used: there is a control endpoint, so the provider is a fake one"
        ));
    }
}

/// Says which checks would be done.
pub(super) fn tell(plans: &[Plan<'_>], place: &Place, arguments: &Test) -> Result<(), Stop> {
    match arguments.format {
        ReportFormat::Human => {}
        ReportFormat::Json => return Ok(console::data(&json(plans, place, arguments))?),
        ReportFormat::Junit => {
            let message = "`--dry-run` has no results to report as JUnit XML".to_owned();
            return Err(Stop::Usage(message, Some("`--format json`".to_owned())));
        }
    }
    for plan in plans {
        let id = &plan.contract.provider.id;
        console::line(&format!("{id} at {}", place.base_url(id)));
        say_told(id, place);
        let width = plan.checks.iter().map(|check| check.id.len()).max();
        let width = width.unwrap_or_default();
        for check in &plan.checks {
            let how = how(check, place, arguments);
            console::line(&format!("  {how:13}  {:width$}  {}", check.id, check.title));
        }
    }
    Ok(())
}

/// The same for machines.
fn json(plans: &[Plan<'_>], place: &Place, arguments: &Test) -> String {
    let providers = plans.iter().map(|plan| {
        let id = &plan.contract.provider.id;
        let checks = plan.checks.iter().map(|check| {
            json!({
                "id": check.id,
                "title": check.title,
                "rules": check.rules,
                "how": how(check, place, arguments),
            })
        });
        let checks: Vec<Value> = checks.collect();
        let mut json = json!({ "id": id, "base_url": place.base_url(id), "checks": checks });
        if let Some(told) = place.told(id) {
            json["told_base_url"] = told.into();
        }
        json
    });
    let providers: Vec<Value> = providers.collect();
    console::json(&json!({ "providers": providers }))
}

/// What becomes of a check.
fn how(check: &Check, place: &Place, arguments: &Test) -> &'static str {
    match check.cost {
        _ if place.control.is_some() => "would run",
        Cost::Nothing => "costs nothing",
        Cost::Refresh => "a refresh",
        Cost::Grant if arguments.spends_grants() => "the grant",
        Cost::Grant => "not done",
    }
}

/// Asks whoever is there, where credentials of a real provider will be spent.
pub(super) fn consent(plans: &[Plan<'_>], place: &Place, arguments: &Test) -> Result<(), Stop> {
    if place.control.is_some() {
        return Ok(());
    }
    let ids: BTreeSet<&str> = plans.iter().map(|plan| plan.contract.provider.id.as_str()).collect();
    ids.into_iter().for_each(|id| say_told(id, place));
    let costs = |cost: Cost| {
        let checks = plans.iter().flat_map(|plan| &plan.checks);
        checks.filter(|check| check.cost == cost).collect::<Vec<_>>()
    };
    let spends = [costs(Cost::Refresh), costs(Cost::Grant)];
    let mints = plans.iter().all(|plan| plan.contract.request.operation.mints());
    say_costs(&spends, mints, arguments);
    if arguments.yes || spends.iter().all(Vec::is_empty) {
        return Ok(());
    }
    if !io::stdin().is_terminal() {
        let message = "credentials would be spent, and nobody is there to be asked".to_owned();
        let hint = "`--yes` agrees; `--dry-run` says what would be done".to_owned();
        return Err(Stop::Usage(message, Some(hint)));
    }
    // The answer is awaited on the same line.
    let _ = write!(anstream::stderr(), "go on? [y/N] ");
    let mut answer = String::new();
    let read = io::stdin().read_line(&mut answer);
    let yes = ["y", "yes"].contains(&answer.trim().to_ascii_lowercase().as_str());
    if read.is_ok() && yes {
        return Ok(());
    }
    Err(Stop::Usage("nothing was sent".to_owned(), None))
}

/// Says that refreshes go elsewhere than to the base URL that was given.
fn say_told(id: &str, place: &Place) {
    if let Some(told) = place.told(id) {
        console::line(&format!(
            "note: refreshes of `{id}` go to {told}, not to {}: an earlier answer told so, and `base_url` beside the tokens keeps it",
            place.base_url(id)
        ));
    }
}

fn say_costs(spends: &[Vec<&Check>; 2], mints: bool, arguments: &Test) {
    let names = |checks: &[&Check]| match checks {
        [] | [_] | [_, _] | [_, _, _] => {
            let ids: Vec<&str> = checks.iter().map(|check| check.id.as_str()).collect();
            ids.join(", ")
        }
        _ => "`--dry-run` names them".to_owned(),
    };
    let [refresh, grant] = spends;
    if !refresh.is_empty() {
        let many = count(refresh.len(), "check");
        let what = match mints {
            true => "may mint tokens, which may end others that are in use",
            false => "may spend a credential, and keep what comes for it",
        };
        console::line(&format!("{many} {what}: {}", names(refresh)));
    }
    if !grant.is_empty() && arguments.spends_grants() {
        let many = count(grant.len(), "check");
        let what = if mints { "may lock the account" } else { "may cost the whole grant" };
        console::line(&format!("{many} {what}: {}", names(grant)));
    }
}
