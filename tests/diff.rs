//! `rekindle diff`: what changed between two contracts, and for whom.

mod support;

use serde_json::Value;
use std::fs::read_to_string;
use std::path::Path;
use support::Place;

const SPEC: &str = r#"
rekindle: 1
provider: { id: acme, name: Acme }
base_url: integrator
client: { client_id: {}, client_secret: { secret: true } }
refresh:
  request: POST /token
  auth: basic
  form: { grant_type: refresh_token, refresh_token: "${refresh_token}" }
response: { success: 200, access_token: /access, refresh_token: /refresh }
tokens:
  access: { expires: { seconds: /expires_in }, usual_lifetime: 1h }
  refresh: { use: many, rotation: sometimes }
errors:
  - { status: 401, class: client_misconfigured }
  - { status: 400, field: /error, equals: invalid_grant, class: reauthenticate }
"#;

/// Each change of a spec, and the line that tells of it.
#[test]
fn each_change_is_rated_for_those_who_hold_tokens_and_those_who_compile() {
    let cases: [(&str, &str, &str, i32); 21] = [
        ("auth: basic", "auth: body", "refresh.auth: basic → body", 0),
        (
            "/expires_in }",
            "/data/ttl }",
            "tokens.access.expires: { seconds: /expires_in } → { seconds: /data/ttl }",
            0,
        ),
        (
            "seconds: /expires_in }",
            "seconds: /expires_in, else: 2h, zero: never }",
            "{ seconds: /expires_in } → { seconds: /expires_in, zero: never, else: 2h }",
            0,
        ),
        ("status: 401, class", "status: 5xx, class", "errors[0].status: 401 → 5xx", 0),
        ("lifetime: 1h", "lifetime: 90m", "tokens.access.usual_lifetime: 1h → 90m", 0),
        (
            "status: 401, class",
            "status: [401, 403], class",
            "errors[0].status: 401 → [401, 403]",
            0,
        ),
        (
            "class: client_misconfigured",
            "class: client_misconfigured, or: reauthenticate",
            "errors[0].or: nothing → reauthenticate",
            0,
        ),
        (
            "client_secret: { secret: true }",
            "client_secret: { secret: false }",
            "code: breaking   client.client_secret.secret: true → false",
            1,
        ),
        (
            "client_id: {}",
            "client_id: { default: a }",
            "code: breaking   client.client_id.default: nothing → a",
            1,
        ),
        (
            "client_id: {}",
            "client_id: { doc: On the page. }",
            "code: additive   client.client_id.doc: nothing → On the page.",
            0,
        ),
        (
            "client_id: {}",
            "client_id: { one_of: [a, b] }",
            "code: breaking   client.client_id.one_of: [] → [a, b]",
            1,
        ),
        (
            "refresh_token: /refresh }",
            "refresh_token: /refresh, outputs: { o: { field: /o, secret: true } } }",
            "code: additive   response.outputs.o: nothing → { field: /o, type: text, secret: true }",
            0,
        ),
        ("rotation: sometimes", "rotation: always", "rotation: sometimes → always", 0),
        (
            "use: many, rotation: sometimes",
            "use: once, rotation: sometimes, spent: unknown",
            "tokens.refresh.spent: dead → unknown",
            1,
        ),
        ("use: many", "use: once", "tokens: breaking   code: breaking   tokens.refresh.use: ", 1),
        (
            "rotation: sometimes",
            "rotation: always",
            "tokens: behaviour  code: behaviour  tokens.refresh.rotation: ",
            0,
        ),
        (
            "client_id: {},",
            "client_id: {}, tenant: {},",
            "tokens: behaviour  code: breaking   client.tenant: nothing → ",
            1,
        ),
        ("/token\n", "/token2\n", "tokens: behaviour  code: behaviour  refresh.request", 0),
        (
            "name: Acme",
            "name: Acme Inc",
            "tokens: additive   code: additive   provider.name: Acme → Acme Inc",
            0,
        ),
        (
            "access: {",
            "access: { name: key,",
            "tokens: additive   code: breaking   tokens.access.name: access_token → key",
            1,
        ),
        ("success: 200", "success: 201", "tokens: behaviour  code: behaviour  response.success", 0),
    ];
    let place = Place::new("diff");
    place.write("old.yaml", SPEC);
    for (from, to, line, code) in cases {
        assert!(SPEC.contains(from), "{from}");
        let mut new = SPEC.replacen(from, to, 1);
        if to.contains("tenant") {
            new = new.replacen("form: {", "form: { tenant: \"${client.tenant}\",", 1);
        }
        place.write("new.yaml", &new);
        let run = place.run(&["diff", "old.yaml", "new.yaml"]);
        assert_eq!(run.code, code, "{to}: {run:#?}");
        assert!(run.stdout.contains(line), "{to}: {run:#?}");
    }
    let same = place.run(&["diff", "old.yaml", "old.yaml"]);
    assert_eq!((same.code, same.stdout.as_str()), (0, "nothing changed\n"));
    let strict = place.run(&["diff", "old.yaml", "new.yaml", "--fail-on", "behaviour"]);
    assert_eq!(strict.code, 1, "{strict:#?}");
    let json = place.run(&["diff", "old.yaml", "new.yaml", "--format", "json"]);
    assert!(json.stdout.contains(r#""tokens": "behaviour""#), "{json:#?}");
}

/// A value that a spec writes as a mapping is told as that mapping, whichever form the contract has of it.
#[test]
fn a_value_is_told_as_a_spec_writes_it() {
    let once = ("use: many, rotation: sometimes", "use: once, rotation: always");
    let cases = [
        (
            "tokens.refresh.spent",
            "spent: ",
            &[
                "{ good_for: 1d }",
                "{ good_for: 90s, answer: same }",
                "{ good_until: either_used }",
                "{ good_for: 30s, good_until: either_used, answer: another }",
                "{ good_for: 30s, generations: 2 }",
                "unknown",
            ][..],
        ),
        (
            "refresh.values.v",
            "values: { v: ",
            &[
                "uuid",
                "{ now: unix_seconds }",
                "{ now: unix_seconds, plus: 7d }",
                "{ sha256: a }",
                "{ sha256: a, as: base64 }",
                "{ hmac_sha256: a, key: \"${client.client_secret}\" }",
                "{ hmac_sha256: a, key: \"${client.client_secret}\", key_encoding: hex, as: base64url }",
                "{ base64: a }",
                "{ hex: a }",
            ],
        ),
        (
            "tokens.access.sent_as",
            "sent_as: ",
            &[
                "bearer",
                "raw",
                "{ scheme: SSWS }",
                "{ header: x-token }",
                "{ cookie: session }",
                "{ query: token }",
            ],
        ),
        (
            "tokens.access.expires",
            "expires: ",
            &[
                "{ constant: 1h }",
                "{ date_time: /ends, zone: \"+01:00\" }",
                "{ date_time: /ends, zone: UTC, else: 2h }",
                "jwt",
            ],
        ),
        (
            "refresh.auth",
            "auth: ",
            &[
                "basic",
                "{ basic: { encoding: raw } }",
                "{ basic: { username: \"${client.client_secret}\", password: \"${client.client_id}\", encoding: raw } }",
                "{ basic: { scheme: Key } }",
                "body",
                "{ body: { client_id: app, client_secret: key } }",
                "query",
                "{ query: { client_secret: key } }",
            ],
        ),
        ("refresh.when", "when: ", &["{ near_expiry: 5m }", "after_expiry"]),
    ];
    let place = Place::new("diff-words");
    for (path, key, values) in cases {
        let with = |value: &str| match key {
            "spent: " => SPEC.replace(once.0, &format!("{}, {key}{value}", once.1)),
            "values: { v: " => SPEC
                .replace("  auth: basic\n", &format!("  auth: basic\n  {key}{value} }}\n"))
                .replace("form: {", "form: { v: \"${value.v}\","),
            "sent_as: " => {
                SPEC.replace("usual_lifetime: 1h", &format!("usual_lifetime: 1h, {key}{value}"))
            }
            "expires: " => SPEC.replace(
                "expires: { seconds: /expires_in }, usual_lifetime: 1h",
                &format!("{key}{value}"),
            ),
            "auth: " => SPEC.replace("auth: basic", &format!("{key}{value}")),
            _ => SPEC.replace("  auth: basic\n", &format!("  auth: basic\n  {key}{value}\n")),
        };
        for (old, new) in values.iter().zip(values.iter().cycle().skip(1)) {
            place.write("old.yaml", &with(old));
            place.write("new.yaml", &with(new));
            let run = place.run(&["diff", "old.yaml", "new.yaml", "-v"]);
            let line = format!("{path}: {old} → {new}");
            assert!(run.stdout.contains(&line), "{line}\n{run:#?}");
        }
    }
}

/// A provider that comes is no change for anybody; one that goes breaks all.
#[test]
fn providers_come_and_go() {
    let place = Place::new("diff-folders");
    place.write("old/acme.yaml", SPEC);
    place.write("new/acme.yaml", SPEC);
    place.write("new/globex.yaml", &SPEC.replace("id: acme", "id: globex"));
    let more = place.run(&["diff", "old", "new"]);
    assert_eq!(more.code, 0, "{more:#?}");
    assert!(
        more.stdout.contains("globex: 1 change\n  tokens: additive   code: additive "),
        "{more:#?}"
    );
    let less = place.run(&["diff", "new", "old"]);
    assert_eq!(less.code, 1, "{less:#?}");
    assert!(
        less.stdout.contains("tokens: breaking   code: breaking   provider: globex → nothing"),
        "{less:#?}"
    );
}

/// A value is told as a spec writes it: none is taken apart as a contract has it, and none is called by a type.
#[track_caller]
fn assert_is_of_a_spec(value: &Value, path: &str) {
    match value {
        Value::Object(members) => members.iter().for_each(|(name, member)| {
            let of_contract = ["parts", "tokens", "secs", "nanos", "use_", "perhaps_gone"];
            let is_type =
                members.len() == 1 && name.starts_with(|it: char| it.is_ascii_uppercase());
            let is_header = path.contains("header");
            assert!(!of_contract.contains(&name.as_str()), "{path}: {value}");
            assert!(!is_type || is_header, "{path}: {value}");
            assert_is_of_a_spec(member, path);
        }),
        Value::Array(items) => items.iter().for_each(|item| assert_is_of_a_spec(item, path)),
        _ => {}
    }
}

/// Every path that is printed is one of the specs: each of its words is a key of the language or a name in one of the two files, and none
/// is the name of a type.
#[test]
fn every_path_is_one_that_a_spec_holds() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let language = read_to_string(root.join("specs/schema/v1.json")).unwrap().to_lowercase();
    let specs = std::fs::read_dir(root.join("specs")).unwrap().map(|it| it.unwrap().path());
    let mut specs: Vec<_> =
        specs.filter(|it| it.extension().is_some_and(|it| it == "yaml")).collect();
    specs.sort();
    let place = Place::new("diff-paths");
    for pair in specs.windows(2) {
        let [old, new] = [&pair[0], &pair[1]].map(|it| it.to_str().unwrap());
        let run = place.run(&["diff", old, new, "--format", "json"]);
        let told: Value = serde_json::from_str(&run.stdout).unwrap();
        let texts = [old, new].map(|it| read_to_string(it).unwrap()).concat();
        let changes = told["providers"].as_array().unwrap().iter();
        for change in changes.flat_map(|it| it["changes"].as_array().unwrap()) {
            let path = change["path"].as_str().unwrap();
            // Bodies of a page have members of every name.
            if !path.starts_with("examples") {
                assert_is_of_a_spec(&change["old"], path);
                assert_is_of_a_spec(&change["new"], path);
            }
            assert_ne!(change["old"], change["new"], "{old} {new}: {path}");
            // A rule of a profile is called by what it matches.
            let own = if path.starts_with("profile.") { "profile" } else { path };
            for word in own.split(['.', '[', ']']).filter(|word| !word.is_empty()) {
                let lower = word.to_lowercase();
                let is_key = ["\"{}\":", "`{}`", "`{}:"]
                    .iter()
                    .any(|written| language.contains(&written.replace("{}", &lower)));
                let is_name = texts.to_lowercase().contains(&lower);
                let is_type = word.starts_with(|c: char| c.is_ascii_uppercase())
                    && !texts.contains(&format!("{word}:"));
                let is_number = word.bytes().all(|it| it.is_ascii_digit());
                assert!(
                    !is_type && (is_key || is_name || is_number),
                    "{old} {new}: {path}: {word}"
                );
            }
        }
    }
}
