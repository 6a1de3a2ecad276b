//! `rekindle test` at providers that are real as far as the command can know: one grant, and tokens that must be kept.
#![cfg(feature = "test")]

mod support;
mod test_support;

use rekindle_testkit::provider::TokenState;
use rekindle_testkit::serve::{Options, Serving};
use rekindle_testkit::{Fake, Held, closed_port};
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::path::Path;
use support::{Place, Run};
use test_support::{
    CANARY, SPEC, asked, credentials, fake, json_of, place, raw, real, result_of, signed_in, silent,
};

/// R27: new tokens are durable before they are used. R33: their file is private, and stays so.
#[test]
fn a_new_token_is_kept_before_anything_else_is_sent() {
    let fake = fake(SPEC);
    let serving = real(&fake);
    let held = fake.provider().sign_in();
    let place = place("test-kept");
    place.write("held.json", &credentials(&fake, &held));
    private(&place.path("held.json"));
    let url = serving.url("acme").unwrap();
    let arguments = asked(url, &["--credentials", "held.json", "--yes", "--format", "json"]);
    let run = place.run(&arguments);
    assert_eq!(run.code, 0, "{run:#?}");
    let report = json_of(&run);
    assert_eq!(result_of(&report, "rotation")["result"], "pass");
    assert_eq!(result_of(&report, "refresh-again")["result"], "pass");
    assert_eq!(result_of(&report, "refuses-spent-refresh-token")["result"], "could_not_tell");
    let kept: Value = serde_json::from_str(&place.read("held.json")).unwrap();
    let new = kept["acme"]["refresh_token"].as_str().unwrap();
    let old = held.refresh_token.unwrap();
    assert_eq!(fake.provider().refresh_token(new), TokenState::Live);
    assert_eq!(fake.provider().refresh_token(&old), TokenState::Spent);
    assert_eq!(kept["acme"]["note"], "kept");
    assert_eq!(kept["globex"]["refresh_token"], "of another");
    is_private(&place.path("held.json"));
    assert_eq!(fake.provider().reuses(), 0);
    let access = kept["acme"]["access_token"].as_str().unwrap();
    silent(&run, &[CANARY, new, &old, access]);
    let files = place.snapshot().into_iter();
    let names: Vec<_> = files.map(|(path, ..)| path.file_name().unwrap().to_owned()).collect();
    assert_eq!(names, ["acme.yaml", "held.json", "rekindle.toml"]);
    // What was kept is good for another run.
    assert_eq!(place.run(&arguments).code, 0);
}

/// Where no token is spent, the client's values are enough: there is no token to bring and none to keep. What could lock an account is
/// done on request alone.
#[test]
fn nothing_is_kept_where_nothing_is_spent() {
    const MINT: &str = "rekindle: 1\nprofile: rfc6749\nbase_url: integrator\n\
        refresh: { operation: client_credentials, request: POST /token, auth: basic }\n";
    let fake = fake(MINT);
    let serving = real(&fake);
    let place = place("test-mint");
    place.write("acme.yaml", MINT);
    let client = fake.provider().client().clone();
    let held = serde_json::json!({ "acme": { "client": client } }).to_string();
    place.write("held.json", &held);
    private(&place.path("held.json"));
    let url = serving.url("acme").unwrap();
    let arguments = asked(url, &["--credentials", "held.json", "--yes", "--format", "json"]);
    let run = place.run(&arguments);
    assert_eq!(run.code, 0, "{run:#?}");
    let report = json_of(&run);
    for id in ["access-token", "refresh-again", "field-missing", "method"] {
        assert_eq!(result_of(&report, id)["result"], "pass", "{id}");
    }
    assert_eq!(result_of(&report, "client-unknown")["result"], "could_not_tell");
    assert_eq!(place.read("held.json"), held);
    silent(&run, &[CANARY]);
    let burnt = place.run(&[&arguments[..], &["--burn"]].concat());
    assert_eq!(burnt.code, 0, "{burnt:#?}");
    assert_eq!(result_of(&json_of(&burnt), "client-unknown")["result"], "pass");
}

/// A file that others may read, or even replace, is read, and that is said.
#[cfg(unix)]
#[test]
fn credentials_that_others_may_read_are_told() {
    use std::os::unix::fs::PermissionsExt;

    let fake = fake(SPEC);
    let serving = real(&fake);
    let url = serving.url("acme").unwrap();
    for (mode, told) in
        [(0o666, "read and replace"), (0o644, "others on this machine may read"), (0o600, "")]
    {
        let place = place(&format!("test-mode-{mode:o}"));
        place.write("held.json", &signed_in(&fake));
        let permissions = std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(place.path("held.json"), permissions).unwrap();
        let run = place.run(&asked(url, &["--credentials", "held.json", "--yes"]));
        assert_eq!(run.code, 0, "{run:#?}");
        assert!(run.stderr.contains(told), "{run:#?}");
        assert_eq!(run.stderr.contains("chmod 600 held.json"), !told.is_empty(), "{run:#?}");
    }
}

#[cfg(unix)]
fn private(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
}

#[cfg(unix)]
fn is_private(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::metadata(path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[cfg(not(unix))]
fn private(_: &Path) {}

#[cfg(not(unix))]
fn is_private(_: &Path) {}

/// A real provider where something happens to the place of the credentials while the answer is on its way.
fn disturbed(
    name: &str,
    disturb: impl Fn(&Path) + Send + Sync + 'static,
) -> (Place, Run, Fake, Held) {
    let fake = fake(SPEC);
    let place = place(name);
    let held = fake.provider().sign_in();
    place.write("kept/held.json", &credentials(&fake, &held));
    let path = place.path("kept/held.json");
    let options = Options {
        control: false,
        observer: Some(Box::new(move |exchange| {
            // Not when somebody looks for a control endpoint.
            if exchange.provider.is_some() {
                disturb(&path);
            }
        })),
        ..Options::default()
    };
    let serving = Serving::start(vec![fake.clone()], options).unwrap();
    let url = serving.url("acme").unwrap();
    let arguments = asked(url, &["--credentials", "kept/held.json", "--yes"]);
    let run = place.run(&arguments);
    (place, run, fake, held)
}

#[test]
fn what_cannot_be_kept_in_its_place_is_kept_beside_it() {
    let (place, run, fake, held) = disturbed("test-unkept", |path| {
        let _ = std::fs::remove_file(path);
        let _ = std::fs::create_dir(path);
    });
    run.expect(2, &["cannot be kept in", "move them from there"]);
    let beside = std::fs::read_dir(place.path("kept")).unwrap();
    let beside = beside.map(|entry| entry.unwrap().path());
    let beside = beside.filter(|path| path.is_file()).collect::<Vec<_>>();
    assert_eq!(beside.len(), 1, "{beside:?}");
    is_private(&beside[0]);
    let kept: Value = serde_json::from_str(&std::fs::read_to_string(&beside[0]).unwrap()).unwrap();
    let new = kept["acme"]["refresh_token"].as_str().unwrap();
    // Nothing was sent after it.
    assert_eq!(fake.provider().refresh_token(new), TokenState::Live);
    silent(&run, &[CANARY, new, held.refresh_text()]);
}

#[test]
fn what_cannot_be_kept_anywhere_is_said() {
    let (_place, run, fake, held) = disturbed("test-lost", |path| {
        let _ = std::fs::remove_dir_all(path.parent().unwrap());
    });
    run.expect(2, &["they are lost", "Sign in again"]);
    silent(&run, &[CANARY, held.refresh_text()]);
    assert_eq!(fake.provider().reuses(), 0);
}

#[test]
fn nothing_is_spent_without_consent() {
    let fake = fake(SPEC);
    let serving = real(&fake);
    let held = fake.provider().sign_in();
    let place = place("test-consent");
    place.write("held.json", &credentials(&fake, &held));
    let url = serving.url("acme").unwrap();
    let arguments = asked(url, &["--credentials", "held.json"]);
    place
        .run(&arguments)
        .expect(2, &["`--dry-run` names them", "nobody is there to be asked", "--yes"]);
    let dry = place.run(&[&arguments[..], &["--dry-run"]].concat());
    dry.expect(0, &["a refresh", "rotation", "not done"]);
    assert_eq!(fake.provider().refresh_token(held.refresh_text()), TokenState::Live);
    let again: Value = serde_json::from_str(&place.read("held.json")).unwrap();
    assert_eq!(again["acme"]["refresh_token"], held.refresh_text());
}

#[test]
fn checks_that_may_cost_the_grant_are_done_when_it_may_burn() {
    let fake = fake(SPEC);
    let serving = real(&fake);
    let place = place("test-burn");
    place.write("held.json", &signed_in(&fake));
    let url = serving.url("acme").unwrap();
    let run = place.run(&[
        "test",
        "acme.yaml",
        "--base-url",
        url,
        "--credentials",
        "held.json",
        "--yes",
        "--burn",
        "--format",
        "json",
        "--only",
        "field-extra,refuses-spent-refresh-token,refuses-revoked-grant",
    ]);
    assert_eq!(run.code, 0, "{run:#?}");
    let report = json_of(&run);
    for id in ["field-extra", "refuses-spent-refresh-token"] {
        assert_eq!(result_of(&report, id)["result"], "pass", "{report}");
    }
    assert_eq!(result_of(&report, "refuses-revoked-grant")["result"], "could_not_tell");
}

#[test]
fn credentials_come_from_the_environment_too() {
    let fake = fake(SPEC);
    let serving = real(&fake);
    let held = fake.provider().sign_in();
    let place = place("test-environment");
    let id = fake.provider().client()["client_id"].clone();
    let url = serving.url("acme").unwrap();
    let run = |arguments: &[&str]| {
        let output = place
            .command()
            .args(["test", "acme.yaml", "--base-url", url, "--yes"])
            .args(arguments)
            .env("REKINDLE_ACME_CLIENT_ID", &id)
            .env("REKINDLE_ACME_CLIENT_SECRET", CANARY)
            .env("REKINDLE_ACME_REFRESH_TOKEN", held.refresh_text())
            .output()
            .unwrap();
        Run {
            code: output.status.code().unwrap(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    };
    run(&[]).expect(2, &["no place to keep the new one", "--save FILE"]);
    assert_eq!(fake.provider().refresh_token(held.refresh_text()), TokenState::Live);
    run(&["--save", "nowhere/held.json"]).expect(2, &["tokens cannot be kept in"]);
    let saved = run(&["--save", "new.json"]);
    assert_eq!(saved.code, 0, "{saved:#?}");
    let kept: Value = serde_json::from_str(&place.read("new.json")).unwrap();
    let new = kept["acme"]["refresh_token"].as_str().unwrap();
    assert_eq!(fake.provider().refresh_token(new), TokenState::Live);
    is_private(&place.path("new.json"));
    silent(&saved, &[CANARY, new, held.refresh_text()]);
    // A variable is no argument, and none is in the file that was written.
    assert!(!place.read("new.json").contains(CANARY));
}

#[test]
fn files_that_cannot_be_used_are_named_and_not_quoted() {
    let place = place("test-files");
    let url = format!("http://{}", closed_port());
    let run = |file: &str| {
        let arguments = asked(&url, &["--control", "none", "--yes", "--credentials", file]);
        place.run(&arguments)
    };
    run("nothing.json").expect(2, &["nothing.json", "there is no such file"]);
    for (text, words) in [
        (format!("{{\"acme\": {CANARY}}}"), "no JSON at line 1"),
        (format!("[\"{CANARY}\"]"), "no JSON object"),
        (String::new(), "no JSON at line"),
        ("{}".to_owned(), "needs client.client_id, client.client_secret, refresh_token"),
        (
            r#"{"acme": {"client": {"client_id": "a\nb"}}}"#.to_owned(),
            "client.client_id is not allowed",
        ),
        (
            format!(
                r#"{{"acme": {{"client": {{"client_id": "a", "client_secret": "b"}}, "refresh_token": "{CANARY}\n"}}}}"#
            ),
            "`acme`: refresh_token in held.json has a line break",
        ),
        (format!(r#"{{"acme": "{CANARY}"}}"#), "REKINDLE_ACME_REFRESH_TOKEN"),
    ] {
        place.write("held.json", &text);
        let run = run("held.json");
        run.expect(2, &[words, "hint:"]);
        silent(&run, &[CANARY]);
        assert_eq!(place.read("held.json"), text);
    }
}

#[test]
fn nobody_there_is_a_failure() {
    let fake = fake(SPEC);
    let place = place("test-nobody");
    place.write("held.json", &signed_in(&fake));
    let url = format!("http://{}", closed_port());
    let arguments = asked(&url, &["--yes", "--credentials", "held.json"]);
    place.run(&arguments).expect(2, &["nothing listens at", "is `rekindle serve` running?"]);
    let run = place.run(&[&arguments[..], &["--control", "none"]].concat());
    run.expect(2, &["no connection can be made", "error: nothing was sent"]);
    silent(&run, &[CANARY]);
}

/// What kept a request from leaving is named, and so is what came in the place of an answer: neither blames the request.
#[test]
fn what_is_no_http_is_told_by_what_it_is() {
    let fake = fake(SPEC);
    let place = place("test-no-http");
    let body = r#"{"access": "a"}"#;
    let long = format!("HTTP/1.1 200 OK\r\nx-long: {}\r\n\r\n", "y".repeat(200_000));
    let two = format!("HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 15\r\n\r\n{body}");
    let answers: [&[u8]; 5] = [
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"\x15\x03\x01\x00\x02\x02\x46",
        b"HTTP/1.1 200 OK\r\nx-a: \x00\r\ncontent-length: 2\r\n\r\n{}",
        two.as_bytes(),
        long.as_bytes(),
    ];
    let run = |url: &str| {
        place.write("held.json", &signed_in(&fake));
        let arguments = ["--control", "none", "--yes", "--credentials", "held.json"];
        let run = place.run(&asked(url, &arguments));
        assert!(!run.stdout.contains("refresh.auth"), "{run:#?}");
        run
    };
    for answer in answers {
        let run = run(&raw(answer.to_vec()));
        assert!(run.stdout.contains("fail  answer  something came that is no HTTP"), "{run:#?}");
        assert!(run.code == 1 && run.stdout.contains("scheme of `--base-url`"), "{run:#?}");
    }
    for plain in [&b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n"[..], b""] {
        let secure = run(&raw(plain.to_vec()).replacen("http:", "https:", 1));
        secure.expect(2, &["no secure connection can be made (TLS)", "nothing was sent"]);
    }
}

#[test]
fn garbage_is_a_failure_and_is_not_shown() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    // It ends with the process.
    std::thread::spawn(move || {
        for (number, stream) in listener.incoming().enumerate() {
            let Ok(mut stream) = stream else { continue };
            let mut ignored = [0; 4096];
            let _ = stream.read(&mut ignored);
            let answer = match number % 3 {
                0 => format!("\u{0}{CANARY}\r\n\r\n"),
                1 => format!("HTTP/1.1 200 OK\r\ncontent-length: 27\r\n\r\n{CANARY}"),
                _ => format!(
                    "HTTP/1.1 200 OK\r\ncontent-length: 40\r\n\r\n{{\"access\": \"{CANARY}\", "
                ),
            };
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    let fake = fake(SPEC);
    let place = place("test-garbage");
    for format in ["human", "json", "junit"] {
        place.write("held.json", &signed_in(&fake));
        let arguments = asked(
            &url,
            &["--control", "none", "--yes", "--credentials", "held.json", "--format", format],
        );
        let run = place.run(&arguments);
        assert_eq!(run.code, 1, "{run:#?}");
        silent(&run, &[CANARY]);
    }
}

/// A base URL that an earlier answer told counts more than the one that is given: whoever runs it is told so first.
#[test]
fn a_base_url_that_was_told_is_named() {
    let outputs = "type: url, hosts: [\"*.acme.example\"] } }, token_type:";
    let outputs = format!("outputs: {{ instance_url: {{ field: /instance_url, {outputs}");
    let spec = SPEC.replacen("token_type:", &outputs, 1);
    let spec = spec.replacen("base_url: integrator", "base_url: output.instance_url", 1);
    let fake = fake(&spec);
    let serving = real(&fake);
    let place = place("test-told");
    place.write("acme.yaml", &spec);
    let told = serving.url("acme").unwrap();
    let given = told.replace("/acme", "/elsewhere");
    let mut held: Value = serde_json::from_str(&signed_in(&fake)).unwrap();
    held["acme"]["base_url"] = told.into();
    place.write("held.json", &held.to_string());
    let arguments = asked(&given, &["--credentials", "held.json"]);
    let note = format!("note: refreshes of `acme` go to {told}, not to {given}: ");
    place.run(&[&arguments[..], &["--dry-run"]].concat()).expect(0, &[&note]);
    place.run(&arguments).expect(2, &[&note, "nobody is there to be asked"]);
    let more = ["--yes", "--only", "answer", "--format", "json"];
    let run = place.run(&[&arguments[..], &more].concat());
    let report = json_of(&run);
    assert_eq!(report["providers"][0]["told_base_url"], told, "{run:#?}");
    assert_eq!(result_of(&report, "answer")["result"], "pass", "{run:#?}");
    // Of a file without it, refreshes go where they were sent.
    held["acme"].as_object_mut().unwrap().remove("base_url");
    place.write("held.json", &held.to_string());
    let dry = place.run(&[&arguments[..], &["--dry-run"]].concat());
    assert!(dry.code == 0 && !dry.stderr.contains("note: "), "{dry:#?}");
}

/// A base URL of another environment than the settings', and refusals that nothing reads, are told before anything is sent.
#[test]
fn a_base_url_of_other_settings_is_told() {
    let place = place("test-elsewhere");
    let environments = "environments: { it: \"https://${client.server}\" }";
    let server = "server: { type: host, one_of: [a.acme.example, b.acme.example], default: a.acme.example }, ";
    let spec = SPEC.replacen("base_url: integrator", environments, 1).replacen(
        "client: { ",
        &format!("client: {{ {server}"),
        1,
    );
    place.write("acme.yaml", &spec);
    let note = "note: https://b.acme.example is no base URL of `acme` with these settings: https://a.acme.example\n";
    place.run(&asked("https://b.acme.example", &["--dry-run"])).expect(0, &[note]);
    place.run(&asked("https://b.acme.example", &["--yes"])).expect(2, &[note]);
    place.write(
        "held.json",
        &json!({ "acme": { "client": { "server": "b.acme.example" } } }).to_string(),
    );
    let known = ["--dry-run", "--credentials", "held.json"];
    for (url, more) in
        [("https://a.acme.example", &known[..1]), ("https://B.acme.example/", &known)]
    {
        let dry = place.run(&asked(url, more));
        assert!(dry.code == 0 && !dry.stderr.contains("note: "), "{dry:#?}");
    }
    place.write("acme.yaml", spec.split_once("errors:").expect("errors").0);
    let note = "note: no rule reads the refusal of a client's mistake (acme), of a dead token (acme) and of a malformed request (acme): whatever is refused passes\n";
    place.run(&asked("https://a.acme.example", &["--dry-run"])).expect(0, &[note]);
}
