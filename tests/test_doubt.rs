//! `rekindle test` where the only credential may be lost: it is never sent again, and what came for it is kept.
#![cfg(feature = "test")]

mod support;
mod test_support;

use rekindle_contract::contract::{Fault, Trouble};
use rekindle_testkit::provider::TokenState;
use rekindle_testkit::serve::{Options, Serving};
use rekindle_testkit::{Fake, Held};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use support::{Place, Run};
use test_support::{
    CANARY, SPEC, asked, credentials, fake, json_of, place, raw, real, result_of, silent,
};

/// A run at a provider that is real as far as the command can know, with a file of credentials.
fn run_at(serving: &Serving, place: &Place, fake: &Fake, held: &Held, more: &[&str]) -> Run {
    place.write("held.json", &credentials(fake, held));
    let url = serving.url("acme").unwrap();
    let arguments = asked(url, &["--credentials", "held.json", "--yes"]);
    place.run(&[&arguments[..], more].concat())
}

/// A provider without a control endpoint that counts what it is asked.
fn counted(fake: &Fake) -> (Serving, Arc<AtomicUsize>) {
    let count = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&count);
    let options = Options {
        control: false,
        observer: Some(Box::new(move |exchange| {
            if exchange.provider.is_some() {
                counter.fetch_add(1, Ordering::SeqCst);
            }
        })),
        ..Options::default()
    };
    let serving = Serving::start(vec![fake.clone()], options).unwrap();
    (serving, count)
}

/// R25: whether it was spent is not known, so it is not sent again.
#[test]
fn a_credential_in_doubt_is_never_sent_again() {
    for more in [&[][..], &["--burn"]] {
        let fake = fake(SPEC);
        let (serving, asked) = counted(&fake);
        let held = fake.provider().sign_in();
        fake.plan([Some(Trouble::Fault(Fault::ResetAfter))]);
        let run = run_at(&serving, &place("test-doubt"), &fake, &held, more);
        run.expect(1, &["the credential is in doubt: nothing more is sent"]);
        let asked = asked.load(Ordering::SeqCst);
        assert_eq!(asked, 1, "{run:#?}");
        assert_eq!(fake.provider().reuses(), 0);
        silent(&run, &[CANARY, held.refresh_text()]);
    }
}

/// R25: what one run has left in doubt, no later run sends, until another credential stands in its place.
#[test]
fn a_doubt_outlives_the_run() {
    let lost = |fake: &Fake| fake.plan([Some(Trouble::Fault(Fault::ResetAfter))]);
    let moved = SPEC.replacen("refresh_token: /refresh,", "refresh_token: /next,", 1);
    for (spec, saved) in [(SPEC, false), (SPEC, true), (&moved, false), (&moved, true)] {
        let fake = fake(spec);
        let (serving, asked_times) = counted(&fake);
        let held = fake.provider().sign_in();
        let (place, more) = (place("test-doubt-lasts"), ["--save", "saved.json"]);
        let more = if saved { &more[..] } else { &[] };
        if spec == SPEC {
            lost(&fake);
        }
        let run = run_at(&serving, &place, &fake, &held, more);
        assert_eq!(run.code, 1, "{run:#?}");
        let url = serving.url("acme").unwrap();
        let arguments = asked(url, &["--credentials", "held.json", "--yes"]);
        let arguments = [&arguments[..], more].concat();
        let file = if saved { "saved.json" } else { "held.json" };
        for _ in 0..2 {
            let again = place.run(&arguments);
            again.expect(2, &["the `refresh_token` of `acme` is in doubt", file, "`in_doubt`"]);
            silent(&again, &[CANARY, held.refresh_text()]);
        }
        assert_eq!(asked_times.load(Ordering::SeqCst), 1);
        // Another one takes its place.
        let new = fake.provider().sign_in();
        let mut json: serde_json::Value = serde_json::from_str(&place.read(file)).unwrap();
        json["acme"]["refresh_token"] = new.refresh_text().into();
        place.write(file, &json.to_string());
        let run = place.run(&arguments);
        assert_eq!((run.code, fake.provider().reuses()), (i32::from(spec != SPEC), 0), "{run:#?}");
        assert!(asked_times.load(Ordering::SeqCst) > 1);
        assert_eq!(place.read(file).contains("in_doubt"), spec != SPEC);
    }
}

/// R26: of two files, the one that tokens are kept in has those that live.
#[test]
fn tokens_that_were_kept_are_those_that_are_sent() {
    let fake = fake(SPEC);
    let serving = real(&fake);
    let held = fake.provider().sign_in();
    let place = place("test-save-twice");
    let save = ["--save", "saved.json"];
    let first = run_at(&serving, &place, &fake, &held, &save);
    assert_eq!(first.code, 0, "{first:#?}");
    assert!(!first.stderr.contains("an earlier run"), "{first:#?}");
    let before = place.read("held.json");
    let url = serving.url("acme").unwrap();
    let arguments = asked(url, &["--credentials", "held.json", "--yes"]);
    for arguments in
        [[&arguments[..], &save, &["--dry-run"]].concat(), [&arguments[..], &save].concat()]
    {
        let run = place.run(&arguments);
        run.expect(0, &["note: the tokens of `acme` are those in saved.json"]);
    }
    assert_eq!(fake.provider().reuses(), 0);
    assert_eq!(place.read("held.json"), before);
}

/// R16: a new token at a place that the contract does not know is on the disk, and the old one is not sent again.
#[test]
fn an_answer_with_a_token_elsewhere_is_kept() {
    let fake = fake(&SPEC.replacen("refresh_token: /refresh,", "refresh_token: /next,", 1));
    let (serving, asked) = counted(&fake);
    let held = fake.provider().sign_in();
    let place = place("test-elsewhere");
    place.write("held.json.answer", "of an earlier run");
    let run = run_at(&serving, &place, &fake, &held, &["--format", "json"]);
    assert_eq!(run.code, 1, "{run:#?}");
    let report = json_of(&run);
    assert_eq!(result_of(&report, "rotation")["result"], "fail");
    let again = result_of(&report, "refresh-again");
    assert_eq!(again["result"], "could_not_tell", "{report}");
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    assert!(run.stderr.contains("held.json.answer-2"), "{run:#?}");
    assert_eq!(place.read("held.json.answer"), "of an earlier run");
    let kept = place.read("held.json.answer-2");
    let kept: serde_json::Value = serde_json::from_str(&kept).unwrap();
    let new = kept["next"].as_str().unwrap();
    assert_eq!(fake.provider().refresh_token(new), TokenState::Live);
    silent(&run, &[CANARY, new, held.refresh_text()]);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let metadata = std::fs::metadata(place.path("held.json.answer-2")).unwrap();
        assert_eq!(metadata.permissions().mode() & 0o777, 0o600);
    }
}

/// R16: a new token that had come already is on the disk, however the answer ended.
#[test]
fn what_came_of_an_answer_is_kept() {
    let json =
        r#"{"access": "a-new-access-token", "refresh": "a-new-refresh-token", "type": "bearer"}"#;
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n";
    let length = json.len();
    let announced = length + 50;
    let huge = length + 30_000_000;
    let answers = [
        format!("{head}content-length: {announced}\r\n\r\n{json}"),
        format!("{head}transfer-encoding: chunked\r\n\r\n{length:x}\r\n{json}\r\n"),
        format!("{head}content-length: {huge}\r\n\r\n{json}{}", " ".repeat(30_000_000)),
    ];
    let fake = fake(SPEC);
    let held = fake.provider().sign_in();
    for (number, answer) in answers.into_iter().enumerate() {
        let url = raw(answer.into_bytes());
        let place = place(&format!("test-cut-{number}"));
        place.write("held.json", &credentials(&fake, &held));
        let arguments = ["--control", "none", "--yes", "--credentials", "held.json", "--verbose"];
        let run = place.run(&asked(&url, &arguments));
        run.expect(1, &["the credential is in doubt", "held.json.answer"]);
        let kept = place.read("held.json.answer");
        assert!(kept.starts_with(json) && kept.len() < 10_000_000, "{} bytes", kept.len());
        silent(&run, &[CANARY, held.refresh_text(), "a-new-"]);
    }
}

/// R27: a signal ends the run after what is under way was kept.
#[cfg(unix)]
#[test]
fn a_signal_loses_no_token() {
    for (signal, code) in [("-INT", 130), ("-TERM", 143)] {
        let fake = fake(SPEC);
        let place = place("test-signal");
        let lock = place.path("held.json.lock");
        let options = Options {
            control: false,
            observer: Some(Box::new(move |exchange| {
                if exchange.provider.is_none() {
                    return;
                }
                // The lock says which process it is.
                let process = std::fs::read_to_string(&lock).unwrap_or_default();
                let kill =
                    std::process::Command::new("kill").args([signal, process.trim()]).status();
                assert!(kill.is_ok_and(|status| status.success()));
            })),
            ..Options::default()
        };
        let serving = Serving::start(vec![fake.clone()], options).unwrap();
        let held = fake.provider().sign_in();
        let run = run_at(&serving, &place, &fake, &held, &[]);
        run.expect(code, &["stopped by a signal"]);
        let kept: serde_json::Value = serde_json::from_str(&place.read("held.json")).unwrap();
        let new = kept["acme"]["refresh_token"].as_str().unwrap();
        assert_eq!(fake.provider().refresh_token(new), TokenState::Live);
        assert_eq!(fake.provider().reuses(), 0);
        assert!(!place.path("held.json.lock").exists());
        // R33: it was written as others could read it.
        use std::os::unix::fs::PermissionsExt;
        let metadata = std::fs::metadata(place.path("held.json")).unwrap();
        assert_eq!(metadata.permissions().mode() & 0o777, 0o600);
    }
}

/// What the contract says of `use` may be what is wrong.
#[test]
fn tokens_need_a_place_whatever_the_contract_says() {
    let spec = SPEC.replace("use: once, rotation: always", "use: many, rotation: echo");
    let fake = fake(&spec);
    let serving = real(&fake);
    let held = fake.provider().sign_in();
    let place = place("test-many");
    place.write("acme.yaml", &spec);
    let output = place
        .command()
        .args(["test", "acme.yaml", "--yes", "--base-url"])
        .arg(serving.url("acme").unwrap())
        .env("REKINDLE_ACME_CLIENT_ID", "any")
        .env("REKINDLE_ACME_CLIENT_SECRET", CANARY)
        .env("REKINDLE_ACME_REFRESH_TOKEN", held.refresh_text())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let words = String::from_utf8(output.stderr).unwrap();
    assert!(words.contains("no place to keep the new one"), "{words}");
}

/// R26: two runs with one credential would spend it twice.
#[test]
fn one_run_at_a_time_uses_a_file() {
    let fake = fake(SPEC);
    let serving = real(&fake);
    let held = fake.provider().sign_in();
    let place = place("test-lock");
    place.write("held.json.lock", "");
    let run = run_at(&serving, &place, &fake, &held, &[]);
    run.expect(2, &["another run uses", "held.json.lock"]);
    let state = fake.provider().refresh_token(held.refresh_text());
    assert_eq!(state, TokenState::Live);
}

/// At a real provider, nothing that could be told is no success.
#[test]
fn a_run_that_tells_nothing_is_a_failure() {
    let fake = fake(SPEC);
    let serving = real(&fake);
    let held = fake.provider().sign_in();
    let only = ["--only", "refuses-spent-refresh-token"];
    let run = run_at(&serving, &place("test-nothing"), &fake, &held, &only);
    assert_eq!(run.code, 1, "{run:#?}");
}

#[test]
fn a_dry_run_is_for_machines_too() {
    let fake = fake(SPEC);
    let serving = fake.serve();
    let place = place("test-dry");
    let more = ["--dry-run", "--format", "json", "--burn"];
    let held = fake.provider().sign_in();
    let report = json_of(&run_at(&serving, &place, &fake, &held, &more));
    assert_eq!(result_of(&report, "rotation")["how"], "would run");
    let more = ["--dry-run", "--format", "junit"];
    run_at(&serving, &place, &fake, &held, &more).expect(2, &["`--dry-run`", "--format json"]);
    let run = run_at(&serving, &place, &fake, &held, &["--only", "rotation"]);
    run.expect(0, &["`--credentials` is not used"]);
}

#[test]
fn sequences_name_the_fact_that_they_are_about() {
    let spec =
        |limit: &str| SPEC.replace("rotation: always,", &format!("rotation: always, {limit},"));
    let fake = fake(&spec("idle_limit: 2d"));
    let serving = fake.serve();
    let url = serving.url("acme").unwrap();
    let place = place("test-sequences");
    place.write("acme.yaml", &spec("idle_limit: 1d"));
    let id = "derived-refresh-token-idle";
    let arguments = asked(url, &["--format", "json", "--only", id]);
    let run = place.run(&arguments);
    assert_eq!(run.code, 1, "{run:#?}");
    let report = json_of(&run);
    let check = result_of(&report, id);
    assert_eq!(check["result"], "fail", "{report}");
    assert_eq!(check["fact"], "tokens.refresh.idle_limit", "{report}");
}

/// A life that no answer tells of cannot be compared.
#[test]
fn a_usual_life_that_nobody_tells_is_not_applicable() {
    for expires in ["undeclared", "{ constant: 2h }"] {
        let spec = SPEC.replacen("{ seconds: /expires_in }", expires, 1);
        let fake = fake(&spec);
        let serving = fake.serve();
        let url = serving.url("acme").unwrap();
        let place = place("test-usual");
        place.write("acme.yaml", &spec);
        let run = place.run(&["test", "acme.yaml", "--base-url", url, "--format", "json"]);
        assert_eq!(run.code, 0, "{expires}: {run:#?}");
        let report = json_of(&run);
        let check = result_of(&report, "access-lifetime");
        assert_eq!(check["result"], "not_applicable", "{report}");
    }
}

/// Where the request is what differs, the checks that rest on it say nothing.
#[test]
fn a_request_that_drifted_fails_once() {
    let fake = fake(&SPEC.replacen("POST /token", "PUT /token", 1));
    let serving = fake.serve();
    let url = serving.url("acme").unwrap();
    let run =
        place("test-drift").run(&["test", "acme.yaml", "--base-url", url, "--format", "json"]);
    assert_eq!(run.code, 1, "{run:#?}");
    let report = json_of(&run);
    assert_eq!(report["summary"]["failed"], 1, "{report}");
    let hint = result_of(&report, "success-status")["hint"].clone();
    let hint = hint.as_str().unwrap();
    for fact in ["refresh.request", "refresh.auth", "refresh.headers", "refresh.form"] {
        assert!(hint.contains(fact), "{hint}");
    }
    let method = &result_of(&report, "method")["result"];
    assert_eq!(method, "could_not_tell", "{report}");
}

/// Whoever reads no further is told how it ended all the same.
#[test]
fn a_closed_pipe_hides_no_failure() {
    let fake = fake(&SPEC.replacen("success: 200", "success: 201", 1));
    let serving = fake.serve();
    let place = place("test-pipe");
    let mut child = place
        .command()
        .args(["test", "acme.yaml", "--only", "success-status", "--base-url"])
        .arg(serving.url("acme").unwrap())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    assert_eq!(child.wait().unwrap().code(), Some(1));
}

/// What is sent once more is what is good later, too: nothing that was made for its moment, and no token that comes back in its time alone.
#[test]
fn a_wait_that_the_provider_asks_for_costs_nothing() {
    let limited = Some(Trouble::Fault(Fault::RateLimited));
    let fresh = SPEC.replacen(
        "\"2.0\" }",
        "\"2.0\", x-nonce: \"${value.nonce}\" }\n  values: { nonce: uuid }",
        1,
    );
    let replayed = SPEC.replacen(
        "rotation: always,",
        "rotation: always, spent: { good_for: 5s, answer: same },",
        1,
    );
    let table = [
        (SPEC, vec![limited], "rotation", 2, 1, "pass"),
        (&fresh, vec![limited], "rotation", 1, 0, "could_not_tell"),
        (&replayed, vec![None, None, limited], "replays-identically", 3, 0, "could_not_tell"),
    ];
    for (spec, planned, check, requests, waits, result) in table {
        let fake = fake(spec);
        let (serving, asked) = counted(&fake);
        let held = fake.provider().sign_in();
        fake.plan(planned);
        let place = place("test-limited");
        place.write("acme.yaml", spec);
        let run = run_at(
            &serving,
            &place,
            &fake,
            &held,
            &["--format", "json", "--burn", "--only", check],
        );
        let waited = run.stderr.matches("waiting 7 s, as the provider asks\n").count();
        assert_eq!((asked.load(Ordering::SeqCst), waited), (requests, waits), "{run:#?}");
        assert_eq!(result_of(&json_of(&run), check)["result"], result, "{run:#?}");
    }
}

/// R16: whatever rule refuses an answer, a new token in it is on the disk, and the one that was sent is not sent again.
#[test]
fn a_token_in_a_refusal_is_kept() {
    let tokens = r#""access": "green_lemon", "refresh": "silver_spoon", "type": "bearer", "expires_in": 3600"#;
    let spec = format!("{SPEC}  - {{ status: 429, class: rate_limited }}\n");
    let table = [
        ("429 Too Many Requests\r\nretry-after: 1", format!("{{{tokens}}}"), "/refresh"),
        ("401 Unauthorized", format!("{{{tokens}}}"), "/refresh"),
        ("400 Bad Request", format!(r#"{{"error": "invalid_grant", {tokens}}}"#), "/refresh"),
        ("401 Unauthorized", r#"{"refresh": {"value": "silver_spoon"}}"#.to_owned(), "/refresh"),
        ("401 Unauthorized", r#"{"access": "green_lemon"}"#.to_owned(), "/access"),
        (
            "401 Unauthorized",
            r#"{"data": {"refresh": "t0k3n-0f-th3-4nsw3r"}}"#.to_owned(),
            "/data/refresh",
        ),
    ];
    for (number, (head, body, place_of)) in table.into_iter().enumerate() {
        let fake = fake(&spec);
        let held = fake.provider().sign_in();
        let length = body.len();
        let answer = format!(
            "HTTP/1.1 {head}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
        );
        let url = raw(answer.into_bytes());
        for saved in [false, true] {
            let place = place(&format!("test-refused-{number}-{saved}"));
            place.write("acme.yaml", &spec);
            place.write("held.json", &credentials(&fake, &held));
            let more = ["--control", "none", "--yes", "--burn", "--credentials", "held.json"];
            let save: &[&str] = if saved { &["--save", "saved.json"] } else { &[] };
            let arguments = [&asked(&url, &more)[..], save].concat();
            let file = if saved { "saved.json" } else { "held.json" };
            let run = place.run(&arguments);
            let kept = format!("{file}.answer");
            let says = format!("what may be a new token is at `{place_of}` of an answer that `");
            run.expect(1, &[&says, "refuses: nothing more is sent", &kept]);
            assert!(run.stdout.contains("clients lose it"), "{run:#?}");
            assert!(!run.stderr.contains("waiting"), "{run:#?}");
            assert_eq!(place.read(&kept), body);
            silent(&run, &[CANARY, held.refresh_text(), "green_lemon", "silver_spoon", "t0k3n"]);
            let again = place.run(&arguments);
            again.expect(2, &["the `refresh_token` of `acme` is in doubt", file]);
        }
    }
}

/// What is said of a parameter under its name is no token, nor is what was sent.
#[test]
fn a_refusal_that_names_a_token_is_a_refusal() {
    let fake = fake(SPEC);
    let held = fake.provider().sign_in();
    let sent = held.refresh_text();
    let bodies = [
        r#"{"refresh": ["This field is wrong."]}"#.to_owned(),
        r#"{"refresh": null, "errors": {"refresh": "expired"}}"#.to_owned(),
        format!(r#"{{"refresh": "{sent}"}}"#),
    ];
    for body in bodies {
        let length = body.len();
        let answer = format!(
            "HTTP/1.1 401 Unauthorized\r\ncontent-type: application/json\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
        );
        let url = raw(answer.into_bytes());
        let place = place("test-refused-plainly");
        place.write("held.json", &credentials(&fake, &held));
        let more = ["--control", "none", "--yes", "--credentials", "held.json"];
        let run = place.run(&asked(&url, &more));
        assert!(!run.stderr.contains("nothing more is sent"), "{run:#?}");
        assert!(!place.read("held.json").contains("in_doubt"));
        silent(&run, &[CANARY, sent]);
    }
}
