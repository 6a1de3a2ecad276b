//! Each scenario of the torture command, with small numbers. The command itself takes larger ones: see CONTRIBUTING.md.

use rekindle_torture::{Asked, Plan, Report, Scenario, StoreKind, run};

/// Carries out a plan, which must hold. `None` where a server is not installed.
fn tortured(scenario: Scenario, store: StoreKind, asked: Asked) -> Option<Report> {
    let asked = Asked { store: Some(store), ..asked };
    let program = env!("CARGO_BIN_EXE_rekindle-torture").into();
    let plan = Plan::new(scenario, asked, 42, program).expect("options that make sense");
    let report = run(&plan).expect("a scene")?;
    assert!(report.holds(), "{report}\n{:#?}\n{}", report.violations, plan.command());
    Some(report)
}

fn generations(number: u64) -> Asked {
    Asked { generations: Some(number), ..Asked::default() }
}

fn runs(number: u64) -> Asked {
    Asked { runs: Some(number), ..Asked::default() }
}

#[test]
fn a_stampede_makes_one_request() {
    for store in [StoreKind::Memory, StoreKind::File] {
        let report = tortured(Scenario::Stampede, store, Asked::default()).expect("a report");
        assert_eq!((report.exchanges, report.generations), (1, 1));
    }
}

#[test]
fn callers_that_go_away_lose_nothing() {
    let report = tortured(Scenario::Cancel, StoreKind::Memory, runs(8)).expect("a report");
    assert_eq!((report.exchanges, report.generations), (8, 8));
}

/// Every generation is exchanged exactly once.
#[test]
fn processes_exchange_each_generation_once() {
    for store in [StoreKind::File, StoreKind::Postgres, StoreKind::Redis] {
        let asked = Asked { processes: Some(4), ..generations(25) };
        let Some(report) = tortured(Scenario::Processes, store, asked) else {
            continue;
        };
        assert_eq!((report.exchanges, report.generations), (25, 25), "{report}");
    }
}

/// What was lost, the journal accounts for.
#[test]
fn killed_processes_lose_nothing_that_the_journal_does_not_tell() {
    for (store, kills) in [(StoreKind::File, 60), (StoreKind::Postgres, 40), (StoreKind::Redis, 40)]
    {
        let Some(report) = tortured(Scenario::Kill9, store, runs(kills)) else {
            continue;
        };
        assert!(report.generations >= kills / 2, "{report}");
        assert!(report.exchanges <= report.generations + report.in_doubt, "{report}");
    }
}

/// What is spent is nothing: processes that are killed leave no doubt.
#[test]
fn tokens_without_a_refresh_token_are_minted_once_and_in_no_doubt() {
    for (store, kills) in [(StoreKind::File, 40), (StoreKind::Postgres, 25), (StoreKind::Redis, 25)]
    {
        let asked = Asked { generations: Some(25), processes: Some(4), ..runs(kills) };
        let Some(report) = tortured(Scenario::Mint, store, asked) else {
            continue;
        };
        assert!(report.generations >= 25 + kills, "{report}");
        assert_eq!((report.lost, report.duplicated, report.in_doubt), (0, 0, 0), "{report}");
    }
}

/// The same through a pooler, which has fewer connections than there are processes.
#[test]
fn killed_processes_behind_a_pooler_lose_nothing_that_the_journal_does_not_tell() {
    let Some(report) = tortured(Scenario::Pooler, StoreKind::Postgres, runs(40)) else {
        return;
    };
    assert!(report.generations >= 20, "{report}");
    assert!(report.exchanges <= report.generations + report.in_doubt, "{report}");
}

/// Whenever they close, and although more is due than they get done.
#[test]
fn processes_that_close_in_a_backlog_leave_nothing_in_doubt() {
    for store in [StoreKind::File, StoreKind::Postgres, StoreKind::Redis] {
        let asked = Asked { generations: Some(300), ..runs(12) };
        let Some(report) = tortured(Scenario::Close, store, asked) else {
            continue;
        };
        assert_eq!((report.exchanges, report.generations), (300, 300), "{report}");
        assert_eq!(report.in_doubt, 0, "{report}");
    }
}

/// Whatever happens to its machines, a grant is refreshed once, or the journal says that it is in doubt.
#[test]
fn machines_that_come_and_go_refresh_each_grant_once() {
    for store in [StoreKind::File, StoreKind::Postgres, StoreKind::Redis] {
        let asked = Asked { generations: Some(400), processes: Some(4), ..runs(15) };
        let Some(report) = tortured(Scenario::Fleet, store, asked) else {
            continue;
        };
        assert_eq!(report.generations + report.in_doubt, 400, "{report}");
        assert!(report.generations > 300, "{report}");
    }
}

#[test]
fn stopped_processes_send_nothing_twice() {
    for store in [StoreKind::Memory, StoreKind::File, StoreKind::Postgres, StoreKind::Redis] {
        let asked = Asked { generations: Some(20), ..runs(4) };
        let Some(report) = tortured(Scenario::Pause, store, asked) else {
            continue;
        };
        assert!(report.generations >= 20, "{report}");
        assert_eq!(report.exchanges, report.generations, "{report}");
    }
}

#[test]
fn a_store_that_goes_away_loses_nothing() {
    for store in [StoreKind::File, StoreKind::Postgres, StoreKind::Redis] {
        let asked = Asked { generations: Some(10), processes: Some(3), ..runs(2) };
        let Some(report) = tortured(Scenario::Outage, store, asked) else {
            continue;
        };
        assert!(report.generations >= 10, "{report}");
        assert_eq!(report.exchanges, report.generations, "{report}");
    }
}

/// A window is judged by the store's clock, and so is the end of a token.
#[test]
fn processes_by_clocks_that_differ_send_and_serve_nothing_that_has_ended() {
    for (store, turns) in [(StoreKind::Postgres, 1), (StoreKind::Redis, 3)] {
        let asked = Asked { processes: Some(3), ..runs(turns) };
        let Some(report) = tortured(Scenario::Skew, store, asked) else {
            continue;
        };
        let counted = |what| report.also.iter().find(|(name, _)| *name == what);
        assert!(counted("sent_again").is_some_and(|(_, times)| *times > 0), "{report}");
        assert!(counted("served").is_some_and(|(_, times)| *times > 0), "{report}");
    }
}

/// What a server may have forgotten is in doubt: all that it holds, and all that is spent.
#[test]
fn a_server_that_lacks_the_last_commits_has_nothing_spent_twice() {
    let asked = Asked { generations: Some(20), processes: Some(3), ..runs(1) };
    let Some(report) = tortured(Scenario::Failover, StoreKind::Redis, asked) else {
        return;
    };
    let forgotten = report.also.iter().find(|(name, _)| *name == "forgotten");
    assert!(forgotten.is_some_and(|(_, grants)| *grants > 0), "{report}");
    assert!((10..=20).contains(&report.in_doubt), "{report}");
}

#[test]
fn a_year_by_clocks_that_leap_and_sleep() {
    let report = tortured(Scenario::Clock, StoreKind::Memory, runs(1)).expect("a report");
    assert!(report.generations > 1000, "{report}");
}

/// What makes no sense is refused in words.
#[test]
fn combinations_without_sense_are_refused() {
    let refused = |scenario, asked| {
        let plan = Plan::new(scenario, asked, 1, "nowhere".into());
        plan.expect_err("a refusal").to_string()
    };
    let store = |store| Asked { store: Some(store), ..Asked::default() };
    let said = refused(Scenario::Processes, store(StoreKind::Memory));
    assert!(said.contains("use file, postgres or redis"), "{said}");
    let said = refused(Scenario::Clock, store(StoreKind::Redis));
    assert!(said.contains("virtual time"), "{said}");
    let said = refused(Scenario::Stampede, generations(3));
    assert!(said.contains("leave out `--generations`"), "{said}");
    let said = refused(Scenario::Processes, runs(3));
    assert!(said.contains("leave out `--runs`"), "{said}");
    let said = refused(Scenario::Pooler, store(StoreKind::Redis));
    assert!(said.contains("--store postgres"), "{said}");
    let said = refused(Scenario::Failover, store(StoreKind::File));
    assert!(said.contains("`--store postgres` or `redis`"), "{said}");
    let one = Asked { processes: Some(1), ..Asked::default() };
    assert!(refused(Scenario::Kill9, one).contains("survivors"));
}
