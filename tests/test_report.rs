//! What `rekindle test` tells of providers that are laxer, stumble, or end their grants: in which order it asks, and with which grant.
#![cfg(feature = "test")]

mod support;
mod test_support;

use rekindle_testkit::provider::{Provider, Rule};
use rekindle_testkit::{Clock, Fake, Server, answer};
use support::{Place, Run};
use test_support::{
    CANARY, SPEC, asked, contract, credentials, fake, place, raw, real, signed_in, silent,
};

/// A run at a provider that is real as far as the command can know. In what is added, `{url}` is where it is.
fn run_at(place: &Place, fake: &Fake, more: &[&str]) -> Run {
    let serving = real(fake);
    let held = fake.provider().sign_in();
    place.write("held.json", &credentials(fake, &held));
    let url = serving.url("acme").unwrap();
    let arguments = asked(url, &["--credentials", "held.json", "--yes"]);
    let more: Vec<String> = more.iter().map(|more| more.replace("{url}", url)).collect();
    let more: Vec<&str> = more.iter().map(String::as_str).collect();
    let run = place.run(&[arguments, more].concat());
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
}

/// A grant that is dead from the start is replaced. A command that brings none, or a dead one, is run once, and the run ends over it.
#[cfg(unix)]
#[test]
fn a_sign_in_is_what_is_blamed_where_it_brings_nothing() {
    let spec = SPEC.replace("rotation: always", "rotation: always, reuse: grant_revoked");
    let place = place("test-sign-in-fails");
    place.write("acme.yaml", &spec);
    let run = |is_dead: bool, printed: &dyn Fn(&Fake) -> String, exit: u8| {
        let fake = fake(&spec);
        let serving = real(&fake);
        let held = fake.provider().sign_in();
        if is_dead {
            fake.provider().revoke(held.refresh_text());
        }
        place.write("held.json", &credentials(&fake, &held));
        place.write("printed", &printed(&fake));
        place.write("runs", "");
        let command = format!("echo x >> runs; cat printed; exit {exit}");
        let arguments = ["--credentials", "held.json", "--yes", "--sign-in", &command];
        let run = place.run(&asked(serving.url("acme").unwrap(), &arguments));
        silent(&run, &[CANARY, held.refresh_text()]);
        (run, place.read("runs").lines().count())
    };
    let grant = |token: &str| format!("{{\"acme\":{{\"refresh_token\":\"{token}\"}}}}");
    let fresh = |fake: &Fake| grant(fake.provider().sign_in().refresh_text());
    let dead = |_: &Fake| grant("a-token-of-nobody");
    for is_dead in [true, false] {
        for (printed, exit, said) in [
            (
                &dead as &dyn Fn(&Fake) -> String,
                0,
                "the new sign-in brought a token that is refused: status 400",
            ),
            (&fresh, 3, "the command of `--sign-in` failed"),
            (&|_| String::new(), 0, "the command of `--sign-in` printed no JSON"),
        ] {
            let (run, runs) = run(is_dead, printed, exit);
            run.expect(2, &[said]);
            assert_eq!((runs, run.stdout.matches(said).count()), (1, 1), "{run:#?}");
            assert!(!run.stdout.contains("  fail  "), "{run:#?}");
        }
    }
    let (run, _) = run(true, &fresh, 0);
    assert!(run.stdout.contains(" passed"), "{run:#?}");
    assert!(!run.stdout.contains("  fail  "), "{run:#?}");
}

/// What is said of an answer, and the one place to look at.
#[test]
fn a_hint_is_about_what_came() {
    let answered = |status: u16, kind: &str, body: &str| {
        let length = body.len();
        format!(
            "HTTP/1.1 {status} X\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\n\r\n{body}"
        )
    };
    let json = |status, body: &str| answered(status, "application/json", body);
    let tokens = |access: &str, refresh: &str| {
        json(
            200,
            &format!(
                r#"{{"access": "{access}", "refresh": "{refresh}", "type": "bearer", "expires_in": 3600}}"#
            ),
        )
    };
    let page = "<!doctype html><title>Denied</title>";
    let uncarried = "a text that no header can carry";
    let doubt = "and may have used the credential up";
    let is_client = "{ status: 400, field: /error, equals: [invalid_client, unauthorized_client], class: client_misconfigured }";
    let spec = format!("{SPEC}  - {is_client}\n  - {{ status: 503, class: transient }}\n");
    let table = [
        (
            json(400, r#"{"error": "totally_new_code"}"#),
            "success-status",
            "no rule of `errors` reads this error code",
        ),
        (
            json(400, r#"{"error": {"code": "invalid_grant"}}"#),
            "success-status",
            "may be dead: sign in again. No rule of `errors`",
        ),
        (
            json(400, r#"{"error": "invalid_client"}"#),
            "success-status",
            "look first at its values as given here, then at `refresh.auth`",
        ),
        (
            json(400, r#"{"error": "unauthorized_client"}"#),
            "success-status",
            "look first at its values as given here, then at `refresh.auth`",
        ),
        (answered(400, "text/html", page), "success-status", "look at `--base-url`"),
        (answered(403, "text/html", page), "success-status", "look at `--base-url`"),
        (answered(200, "text/html", page), "answer-readable", "look at `--base-url`"),
        (answered(500, "text/html", page), "success-status", doubt),
        (json(503, "{}"), "success-status", doubt),
        (
            "HTTP/1.1 401 X\r\nwww-authenticate: Bearer realm=\"a\", error=\"invalid_token\"\r\ncontent-length: 0\r\n\r\n".to_owned(),
            "success-status",
            "error code `invalid_token` in `WWW-Authenticate`",
        ),
        (
            json(200, r#"{"access": "a", "refresh": "b", "expires_in": 3600, "data": {"type": "bearer"}}"#),
            "token-type",
            "nothing at `/type`; there is one at `/data/type`",
        ),
        (
            json(200, r#"{"refresh": "a-word-of-a-token", "a-word-of-a-token": {"access": "a"}}"#),
            "access-token",
            "there is one at `/***/access`",
        ),
        (
            "HTTP/1.1 301 X\r\nlocation: https://4f3c2a1b9d8e7f60.example\r\ncontent-length: 0\r\n\r\n".to_owned(),
            "redirect",
            "leads to an address that is not shown",
        ),
        (
            answered(201, "application/a-WORD-of-a-token", r#"{"refresh": "a-WORD-of-a-token"}"#),
            "success-status",
            "application/***",
        ),
        (tokens("a\\r\\nb: c", "next"), "access-token", uncarried),
        (tokens(" a ", "next"), "access-token", uncarried),
        (tokens("a", "ne\\nxt"), "rotation", uncarried),
    ];
    let fake = fake(&spec);
    let place = place("test-hints");
    place.write("acme.yaml", &spec);
    for (answer, check, words) in table {
        place.write("held.json", &signed_in(&fake));
        let arguments = ["--control", "none", "--credentials", "held.json", "--yes"];
        let run = place.run(&asked(&raw(answer.clone().into_bytes()), &arguments));
        assert_eq!(run.code, 1, "{answer}: {run:#?}");
        // That the server repeats its tokens is another cause, of another exchange.
        let repeats =
            run.stdout.matches("  fail  refresh-again  the refresh token that was").count();
        let failed = run.stdout.matches("  fail  ").count() - repeats;
        assert!(
            failed == 1 && run.stdout.contains(&format!("  fail  {check}  ")),
            "{answer}: {run:#?}"
        );
        assert!(run.stdout.contains(words), "{answer}: {run:#?}");
        assert!(!run.stdout.contains("try again later"), "{answer}: {run:#?}");
        silent(&run, &["a-word-of-a-token", "a-WORD-of-a-token"]);
        if words == uncarried {
            let of = if check == "rotation" { "refresh" } else { "access" };
            assert!(run.stdout.contains(&format!("fact      response.{of}_token\n")), "{run:#?}");
        }
    }
}

/// R25: that a spent token is accepted is one cause, whichever checks see it.
#[test]
fn a_spent_token_that_is_accepted_is_told_once() {
    let mut provider = Provider::new(contract(SPEC)).with_client("client_secret", CANARY);
    provider.switch_off(Rule::RefreshTokenSpent);
    let fake = Fake::new(provider);
    let serving = fake.serve();
    let run = place("test-spent").run(&asked(serving.url("acme").unwrap(), &[]));
    let (lines, code) = (&run.stdout, run.code);
    assert!(code == 1 && lines.matches("  fail  ").count() == 1, "{run:#?}");
    assert!(lines.contains("fact      tokens.refresh.use\n"), "{run:#?}");
    assert!(lines.contains("accepts what the contract has as dead"), "{run:#?}");
    assert!(!lines.contains("clients need no change"), "{run:#?}");
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

/// The contract with another access token, behind a `@` its place in an answer.
fn spec_of(access: &str) -> String {
    let (access, place) = access.split_once(" @ ").unwrap_or((access, "/access"));
    let spec = SPEC.replace("sent_as: bearer", access);
    let spec = spec.replace("access_token: /access", &format!("access_token: {place}"));
    assert!(spec.contains(access) && spec.contains(place));
    spec
}

/// A run of the checks of a resource, whose provider keeps one contract, under another one.
fn run_at_resource(name: &str, access: &str, said: &str, more: &[&str]) -> Run {
    let place = place(name);
    place.write("acme.yaml", &spec_of(said));
    let checks = match said.contains("after_refresh") {
        true => "resource-sent-as,resource-refused-with,resource-after-refresh",
        false => "resource-sent-as,resource-refused-with",
    };
    let run =
        run_at(&place, &fake(&spec_of(access)), &[&["--only", checks, "--show"], more].concat());
    // The beginning of access tokens, and of mangled ones.
    silent(&run, &["acme-access", "bdnf-bddftt"]);
    run
}

#[test]
fn a_resource_tells_whether_the_contract_is_right_of_access_tokens() {
    let page = &["--resource", "{url}/-/protected?v=2"];
    let field = "{ status: [200, 418], field: /error, equals: gone }";
    let fields = format!("sent_as: bearer, refused_with: {field}");
    let honest = [
        "sent_as: bearer",
        "sent_as: { header: x-key }, after_refresh: revoked",
        "sent_as: { cookie: session }, refused_with: 403, after_refresh: revoked",
        "sent_as: { query: key }, after_refresh: valid",
        "sent_as: raw, after_refresh: revoked_on_first_use",
        "sent_as: bearer, use: once, after_refresh: revoked",
        &fields,
        "sent_as: bearer @ { header: x-key }",
    ];
    for (number, access) in honest.into_iter().enumerate() {
        let run = run_at_resource(&format!("test-resource-{number}"), access, access, page);
        assert_eq!(run.code, 0, "{access}: {run:#?}");
        let told = access.contains("after_refresh") && !access.contains("once");
        let passed = format!("acme: {} passed", if told { 3 } else { 2 });
        assert!(run.stdout.contains(&passed), "{access}: {run:#?}");
    }
    let wrong = [
        (
            honest[0],
            "sent_as: { header: x-key }",
            "fail  resource-sent-as  the access token is refused as `x-key: …`: status 401",
        ),
        (
            honest[2],
            "sent_as: bearer, refused_with: 403",
            "fail  resource-sent-as  the access token is refused as `authorization: Bearer …`: status 401",
        ),
        (
            honest[0],
            "sent_as: bearer, refused_with: 403",
            "fail  resource-refused-with  a mangled access token is refused otherwise: status 401",
        ),
        (
            &fields,
            "sent_as: bearer, refused_with: { status: 200, field: /error, equals: dead }",
            "note  resource-refused-with  a mangled access token is refused otherwise: status 200, error code `gone`",
        ),
        (
            honest[0],
            "sent_as: bearer, after_refresh: revoked",
            "fail  resource-after-refresh  the earlier access token is accepted after the refresh",
        ),
        (
            "sent_as: bearer, after_refresh: revoked",
            "sent_as: bearer, after_refresh: valid",
            "fail  resource-after-refresh  the earlier access token is refused after the refresh",
        ),
        (
            honest[0],
            "sent_as: bearer, after_refresh: revoked_on_first_use",
            "fail  resource-after-refresh  the earlier access token is accepted although the new one was used",
        ),
    ];
    for (number, (access, said, line)) in wrong.into_iter().enumerate() {
        let run = run_at_resource(&format!("test-resource-not-{number}"), access, said, page);
        assert_eq!(run.code, i32::from(line.starts_with("fail")), "{said}: {run:#?}");
        let first = run.stdout.lines().nth(1).unwrap();
        assert!(first.trim_start().starts_with(line), "{said}: {run:#?}");
        assert_eq!(run.stdout.matches("  fail  ").count(), usize::from(run.code == 1), "{run:#?}");
    }
}

/// A page that tells nothing of tokens is no reason to doubt a contract.
#[test]
fn a_resource_that_tells_nothing_of_tokens_is_told() {
    let cases: [(&[u16], &str); 6] = [
        (
            &[200, 401, 200],
            "note  resource-sent-as  a mangled access token is accepted: status 200",
        ),
        (&[200, 200], "the resource answers with status 200 without a token as well"),
        (&[404, 404], "the resource answers a good access token with status 404"),
        (&[302, 302], "the resource answers a good access token with status 302"),
        (&[429], "the resource answers with status 429"),
        (&[200, 302, 401], "2 passed"),
    ];
    for (number, (answers, line)) in cases.into_iter().enumerate() {
        let server = Server::start(answers.iter().map(|status| answer(*status).text("")));
        let access = "sent_as: bearer";
        let page = ["--resource", &server.url()];
        let run = run_at_resource(&format!("test-resource-page-{number}"), access, access, &page);
        assert!(run.stdout.contains(line), "{line}: {run:#?}");
        assert!(!run.stdout.contains("  fail  "), "{line}: {run:#?}");
        assert_eq!(server.requests().len(), answers.len(), "{run:#?}");
    }
}

#[test]
fn a_resource_is_a_page_of_one_contract_that_says_how_tokens_are_sent() {
    let page = "https://api.acme.example/me";
    let cases = [
        ("sent_as: unknown", page, "does not say how an access token is sent"),
        ("sent_as: bearer", "http://api.acme.example/me", "--resource:"),
        ("sent_as: bearer", "https://u:p@api.acme.example/me", "--resource:"),
        ("sent_as: bearer", "https://api.acme.example/me#top", "--resource:"),
        (
            "sent_as: { query: key }",
            "https://api.acme.example/me?a=1&key=x",
            "`key` is in its query",
        ),
    ];
    for (access, page, words) in cases {
        let run = run_at_resource("test-resource-usage", access, access, &["--resource", page]);
        run.expect(2, &[words]);
    }
    let place = place("test-resource-several");
    place.write("acme.yaml", &format!("{SPEC}variants: {{ one: {{}}, two: {{}} }}\n"));
    let run = |more: &[&str]| {
        let asked = asked("https://id.acme.example", &["--resource", page, "--dry-run"]);
        place.run(&[&asked[..], more].concat())
    };
    run(&[]).expect(2, &["--resource: several contracts", "`--provider ID`"]);
    let dry = run(&["--provider", "acme_one"]);
    assert!(dry.stderr.contains("resource-sent-as") && dry.code == 0, "{dry:#?}");
}

/// HTTP has no status above 599, and neither has a contract a rule for it.
#[test]
fn a_status_that_http_does_not_have_is_named() {
    let fake = fake(SPEC);
    for status in ["600", "999"] {
        let head =
            format!("HTTP/1.1 {status} Odd\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
        let url = raw(head.into_bytes());
        let place = place(&format!("test-status-{status}"));
        place.write("held.json", &signed_in(&fake));
        let more = ["--control", "none", "--yes", "--credentials", "held.json"];
        let run = place.run(&asked(&url, &more));
        let seen = format!(
            "status {status}, no body, which is `contract_violation` by `default: a status outside 100 to 599`"
        );
        run.expect(1, &[&seen]);
        assert!(run.stdout.contains("no status of HTTP is above 599"), "{run:#?}");
    }
}
