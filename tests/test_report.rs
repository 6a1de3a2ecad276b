//! What `rekindle test` tells of providers that are laxer, stumble, or end their grants: in which order it asks, and with which grant.
#![cfg(feature = "test")]

mod support;
mod test_support;

use rekindle_testkit::provider::{Provider, Rule};
use rekindle_testkit::{Clock, Fake};
use support::{Place, Run};
use test_support::{CANARY, SPEC, asked, contract, credentials, fake, place, real, silent};

/// A run at a provider that is real as far as the command can know.
fn run_at(place: &Place, fake: &Fake, more: &[&str]) -> Run {
    let serving = real(fake);
    let held = fake.provider().sign_in();
    place.write("held.json", &credentials(fake, &held));
    let url = serving.url("acme").unwrap();
    let arguments = asked(url, &["--credentials", "held.json", "--yes"]);
    let run = place.run(&[&arguments[..], more].concat());
    silent(&run, &[CANARY, held.refresh_text()]);
    run
}

/// RFC 6749 section 3.2: a server ignores parameters that it does not know.
#[test]
fn a_provider_that_is_laxer_is_a_note() {
    let mut provider = Provider::new(contract(SPEC)).with_client("client_secret", CANARY);
    for rule in [Rule::QueryExtra, Rule::FieldExtra, Rule::HeaderValue] {
        provider.switch_off(rule);
    }
    let place = place("test-lax");
    let run = run_at(&place, &Fake::new(provider), &["--burn"]);
    assert_eq!(run.code, 0, "{run:#?}");
    assert!(run.stdout.contains("note  query-extra  status 200, a success"), "{run:#?}");
    assert!(run.stdout.contains("3 laxer or otherwise"), "{run:#?}");
}

/// R25: what follows from a spent token that comes back is looked at before it is told that it is refused.
#[test]
fn a_wrong_reuse_is_found_in_a_full_run() {
    let place = place("test-reuse");
    place.write(
        "acme.yaml",
        &SPEC.replace("rotation: always", "rotation: always, reuse: grant_revoked"),
    );
    let run = run_at(&place, &fake(SPEC), &["--burn"]);
    assert_eq!(run.code, 1, "{run:#?}");
    assert!(run.stdout.contains("fail  reuse-kills"), "{run:#?}");
    assert!(run.stdout.contains("fact      tokens.refresh.reuse"), "{run:#?}");
}

/// All that can be told of a provider by its one grant is found in a run that does everything, whatever is done before.
#[test]
fn a_rule_that_is_not_kept_is_found_in_a_full_run() {
    let told = [
        (Rule::RefreshTokenUnknown, "", "refresh-token-unknown"),
        (Rule::ClientUnknown, "", "client-unknown"),
        (Rule::Rotation, "", "rotation"),
        (Rule::RefreshTokenSpent, "", "refuses-spent-refresh-token"),
        (Rule::ReuseRevokes, ", reuse: grant_revoked", "reuse-kills"),
        (Rule::ReplayIdentical, ", spent: { good_for: 1s, answer: same }", "replays-identically"),
        (Rule::ReplayAnother, ", spent: { good_for: 1s, answer: another }", "replays-with-another"),
        (Rule::ReplayEnds, ", spent: { good_for: 1s }, reuse: grant_revoked", "reuse-kills"),
        (Rule::ReplayEnds, ", spent: { good_until: either_used }", "ends-replay"),
        (Rule::ReplayEnds, ", spent: { good_until: refresh_token_used }", "ends-replay"),
    ];
    // Most of the time goes into waiting for a time of grace to be over.
    std::thread::scope(|scope| {
        for (number, (rule, more, id)) in told.into_iter().enumerate() {
            scope.spawn(move || {
                let spec = SPEC.replace("rotation: always", &format!("rotation: always{more}"));
                let place = place(&format!("test-full-{number}"));
                place.write("acme.yaml", &spec);
                let provider = Provider::new(contract(&spec)).with_clock(Clock::running(1.0));
                let mut provider = provider.with_client("client_secret", CANARY);
                let honest = run_at(&place, &Fake::new(provider.clone()), &["--burn"]);
                assert_eq!(honest.code, 0, "{more}: {honest:#?}");
                provider.switch_off(rule);
                let run = run_at(&place, &Fake::new(provider), &["--burn"]);
                assert_eq!(run.code, 1, "{rule}: {run:#?}");
                assert!(run.stdout.contains(&format!("  fail  {id}  ")), "{rule}: {run:#?}");
            });
        }
    });
}

/// A server may stumble over a request that is wrong on purpose: that says nothing of the credential.
#[test]
fn a_server_that_stumbles_ends_no_run() {
    let stumbling = SPEC.replace("{ status: 401, class", "{ status: 501, class");
    let run = run_at(&place("test-501"), &fake(&stumbling), &["--burn"]);
    let said = format!("{}{}", run.stdout, run.stderr);
    assert!(!said.contains("nothing more is sent"), "{run:#?}");
    assert!(!run.stdout.contains("in doubt"), "{run:#?}");
}

/// Each check that ends the grant leaves another one to the next.
#[cfg(unix)]
#[test]
fn a_command_signs_in_when_a_grant_is_used_up() {
    let spec = SPEC.replace("rotation: always", "rotation: always, reuse: grant_revoked");
    let fake = fake(&spec);
    let place = place("test-sign-in");
    place.write("acme.yaml", &spec);
    let grants = (0..40).map(|_| {
        let held = fake.provider().sign_in();
        format!("{{\"acme\":{{\"refresh_token\":\"{}\"}}}}\n", held.refresh_text())
    });
    place.write("grants", &grants.collect::<String>());
    let command = "head -n 1 grants && sed -i 1d grants";
    let run = run_at(&place, &fake, &["--sign-in", command]);
    assert_eq!(run.code, 0, "{run:#?}");
    assert!(!run.stdout.contains("the grant is gone"), "{run:#?}");
    assert!(place.read("grants").lines().count() < 40);
    let without = run_at(&place, &fake, &["--burn"]);
    assert!(without.stdout.contains("no `--sign-in COMMAND` for another one"), "{without:#?}");
    let failing = run_at(&place, &fake, &["--sign-in", "exit 3"]);
    assert!(failing.stdout.contains("the command of `--sign-in` failed"), "{failing:#?}");
}

/// One cause is told once, and what passed is a number.
#[test]
fn failures_come_first_and_passes_are_counted() {
    let moved = SPEC.replacen("access_token: /access,", "access_token: /data/access,", 1);
    let moved = moved.replacen("refresh_token: /refresh,", "refresh_token: /data/refresh,", 1);
    let fake = fake(&moved);
    let serving = fake.serve();
    let place = place("test-once");
    let run = place.run(&asked(serving.url("acme").unwrap(), &[]));
    assert_eq!(run.code, 1, "{run:#?}");
    let lines: Vec<&str> = run.stdout.lines().collect();
    assert!(
        lines[1].starts_with(
            "  fail  access-token  nothing at `/access`; there is one at `/data/access`"
        ),
        "{run:#?}"
    );
    assert_eq!(run.stdout.matches("  fail  ").count(), 1, "{run:#?}");
    assert!(!run.stdout.contains("  pass  "), "{run:#?}");
    let verbose = place.run(&asked(serving.url("acme").unwrap(), &["--verbose"]));
    assert!(verbose.stdout.contains("  pass  answer  A refresh is answered"), "{verbose:#?}");
}
