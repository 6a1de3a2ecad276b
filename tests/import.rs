//! `rekindle import` and `rekindle new`: what becomes of the requests that pages print, and of the secrets in them.

mod support;

#[path = "import/documents.rs"]
mod documents;
#[path = "import/ends.rs"]
mod ends;
#[path = "import/guesses.rs"]
mod guesses;
#[path = "import/lines.rs"]
mod lines;
#[path = "import/notes.rs"]
mod notes;
#[path = "import/pages.rs"]
mod pages;
#[path = "import/parts.rs"]
mod parts;
#[path = "import/places.rs"]
mod places;
#[path = "import/readings.rs"]
mod readings;
#[path = "import/secrets.rs"]
mod secrets;
#[path = "import/sources.rs"]
mod sources;

use rekindle::import::{Facts, Imported, Problem, Settings, curl, discovery, new, openapi};
use rekindle_contract::contract::Contract;
use rekindle_contract::diagnostics::Severity;
use rekindle_contract::{Checked, Source, check, render};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::read_to_string;
use std::path::{Path, PathBuf};
use support::Place;

/// The requests of public pages, with synthetic secrets: `NAME.curl`, the answer `NAME.json`, and the spec `NAME.yaml` that they become.
fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/import")
}

/// The cases of one kind, by their names.
fn cases(ending: &str) -> Vec<(String, String)> {
    let files = std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    let case = |path: PathBuf| {
        let name = path.file_name()?.to_str()?.strip_suffix(ending)?.to_owned();
        Some((name, read_to_string(&path).unwrap()))
    };
    let mut cases: Vec<_> = files.filter_map(case).collect();
    cases.sort();
    cases
}

fn checked(name: &str, text: &str) -> Checked {
    check(&[Source::new(format!("{name}.yaml"), text)])
}

/// What is said about a spec.
fn said(name: &str, text: &str) -> String {
    render::human(
        &checked(name, text).diagnostics,
        &[Source::new(format!("{name}.yaml"), text)],
        false,
    )
}

/// The spec with an answer to each of its TODOs, the most careful one.
fn filled_in(text: &str) -> String {
    let answers = [
        ("source", "{ title: A page }"),
        ("title", "A page"),
        ("url", "https://docs.example"),
        ("retrieved", "2026-11-28"),
        ("alg", "RS256"),
        ("auth", "basic"),
        ("access_token", "/access_token"),
        ("refresh_token", "/refresh_token"),
        ("expires", "undeclared"),
        ("after_refresh", "unknown"),
        ("sent_as", "unknown"),
        ("use", "unknown"),
        ("rotation", "unknown"),
        ("spent", "unknown"),
        ("reuse", "unknown"),
        ("errors", "[]"),
        ("examples", "[]"),
    ];
    let mut filled = answers.iter().fold(text.to_owned(), |text, (key, answer)| {
        text.replace(&format!("{key}: TODO"), &format!("{key}: {answer}"))
    });
    // Whoever says how the client proves itself says with what.
    if text.contains("auth: TODO") && !text.contains("\nprofile: ") && !text.contains("\nclient:") {
        filled += "client: { client_id: {}, client_secret: { secret: true } }\n";
    }
    filled
}

/// Compares with the golden spec, and holds what is true of every import: `check` finds the TODOs and nothing else, and nothing at all
/// once they are filled in.
fn hold(name: &str, imported: Result<Imported, Problem>, failures: &mut Vec<String>) -> String {
    let text = imported.unwrap_or_else(|problem| panic!("{name}: {problem:?}")).text;
    let golden = folder().join(format!("{name}.yaml"));
    if std::env::var_os("REKINDLE_UPDATE").is_some() {
        std::fs::write(&golden, &text).unwrap();
    }
    if read_to_string(&golden).unwrap_or_default() != text {
        failures.push(format!("{name}.yaml differs: REKINDLE_UPDATE=1 writes it\n{text}"));
    }
    let found = checked(name, &text).diagnostics;
    let errors = found.iter().filter(|found| found.severity == Severity::Error);
    let codes: BTreeSet<&str> = errors.map(|error| error.code.id).collect();
    if codes != BTreeSet::from(["RK0216"]) {
        failures.push(format!("{name}: {}", said(name, &text)));
    }
    let filled = filled_in(&text);
    if checked(name, &filled).has_errors() || filled.contains(": TODO") {
        failures.push(format!("{name}, filled in: {}\n{filled}", said(name, &filled)));
    }
    filled
}

#[test]
fn curl_lines_of_pages_become_specs() {
    let (mut failures, mut shares) = (Vec::new(), Vec::new());
    let cases = cases(".curl");
    assert!(cases.len() >= 20);
    for (name, line) in &cases {
        let answer = read_to_string(folder().join(format!("{name}.json"))).ok();
        let documented = answer.is_some();
        let settings = Settings { id: Some(name.clone()), answer, ..Settings::default() };
        let filled = hold(name, curl(line, &settings), &mut failures);
        let spec = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("specs/{name}.yaml"));
        if let (true, Ok(spec)) = (documented, read_to_string(spec)) {
            let (share, missed) =
                share(&checked(name, &spec).contracts[0], &checked(name, &filled).contracts[0]);
            shares.push((name, share));
            if share < 80 {
                failures.push(format!("{name}: {share} % of the spec; not there: {missed:#?}"));
            }
        }
    }
    println!("{shares:?}");
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
    assert!(shares.len() >= 15, "{shares:?}");
}

/// How many in a hundred of the facts about request and answer the import has, and which it has not.
fn share(written: &Contract, imported: &Contract) -> (usize, Vec<String>) {
    let facts = |contract: &Contract| {
        let (request, response) =
            (serde_json::to_value(&contract.request), serde_json::to_value(&contract.response));
        let mut facts = BTreeMap::new();
        flatten("request", &request.unwrap(), &mut facts);
        flatten("response", &response.unwrap(), &mut facts);
        facts
    };
    let (written, imported) = (facts(written), facts(imported));
    let missed: Vec<String> = written
        .iter()
        .filter(|(path, value)| imported.get(*path) != Some(value))
        .map(|(path, value)| format!("{path}: {value}"))
        .collect();
    (100 * (written.len() - missed.len()) / written.len(), missed)
}

/// Every fact with its path. Pairs of a name and a value are members, whatever their order, and a template is one fact.
fn flatten(path: &str, value: &Value, facts: &mut BTreeMap<String, String>) {
    match value {
        Value::Object(members) if !members.contains_key("parts") => {
            members
                .iter()
                .for_each(|(name, value)| flatten(&format!("{path}.{name}"), value, facts));
        }
        Value::Array(items) => {
            for (position, item) in items.iter().enumerate() {
                match item.as_array().map(Vec::as_slice) {
                    Some([Value::String(name), value]) => {
                        flatten(&format!("{path}.{name}"), value, facts)
                    }
                    _ => flatten(&format!("{path}.{position}"), item, facts),
                }
            }
        }
        Value::Null => {}
        value => drop(facts.insert(path.to_owned(), value.to_string())),
    }
}

#[test]
fn documents_become_specs() {
    let mut failures = Vec::new();
    let (described, discovered) = (cases(".openapi.yaml"), cases(".discovery.json"));
    assert!(described.len() >= 2 && discovered.len() >= 2);
    for (name, document) in described {
        hold(&name, openapi(&document, None, &Settings::default()), &mut failures);
    }
    for (name, document) in discovered {
        hold(&name, discovery(&document, &Settings::default()), &mut failures);
    }
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
}

#[test]
fn what_no_spec_can_say_is_refused_with_a_reason() {
    let table = [
        ("curl -F grant_type=refresh_token https://a.example", "several parts"),
        ("curl -d @body.txt https://a.example", "in a file"),
        ("curl -H @head.txt https://a.example", "in a file"),
        ("curl https://a.example -H Authorization: Basic abc", "a name and no value"),
        ("curl -d 'a=b", "never closed"),
        ("wget https://a.example", "no curl command"),
        ("curl -d a=b", "no URL"),
        ("curl --frobnicate https://a.example", "word 1 after `curl`"),
        (
            "curl -H 'content-type: application/json' -d '{a}' https://a.example",
            "no JSON: line 1, column 2",
        ),
        ("https://me:opensesame@a.example/t?key=b", "no curl command"),
        ("curl -b cookies.txt https://a.example", "a cookie has no value"),
        ("curl ftp://a.example", "neither https nor http"),
        ("curl https://a.example \\\u{a0}-d a=b", "a second URL"),
        ("curl -d 'nothing but a blob of text' https://a.example", "a field with a name"),
    ];
    for (line, words) in table {
        let problem = curl(line, &Settings::default()).unwrap_err();
        assert!(problem.message.contains(words) && !problem.hint.is_empty(), "{line}: {problem:?}");
    }
    for (document, words) in [
        ("swagger: '2.0'", "Swagger 2"),
        ("a: [", "neither JSON nor YAML"),
        ("openapi: 3.0.0", "looks like a token endpoint"),
        (
            "openapi: 3.0.0\npaths: { /a/token: { post: {} }, /b/token: { post: {} } }",
            "looks like a token endpoint",
        ),
    ] {
        let problem = openapi(document, None, &Settings::default()).unwrap_err();
        assert!(problem.message.contains(words), "{document}: {problem:?}");
    }
    // A document may come from anywhere: what a terminal obeys is not passed on.
    let sly =
        "{\"openapi\":\"3.0.0\",\"paths\":{\"/\\u001b[2J/refresh\":{\"post\":{},\"put\":{}}}}";
    let problem = openapi(sly, Some("none"), &Settings::default()).unwrap_err();
    assert!(problem.hint.contains("u{1b}") && !problem.hint.contains('\u{1b}'), "{problem:?}");
    let twins = "openapi: 3.0.0\npaths: { /oauth/a/refresh: { post: { operationId: one } }, /oauth/b/refresh: { post: { operationId: two } } }";
    let problem = openapi(twins, None, &Settings::default()).unwrap_err();
    assert!(problem.hint.contains("`one`, `two`"), "{problem:?}");
    assert!(
        openapi(twins, Some("two"), &Settings::default())
            .unwrap()
            .text
            .contains("/oauth/b/refresh")
    );
    assert!(openapi(twins, Some("post /oauth/b/refresh"), &Settings::default()).is_ok());
    assert!(discovery("{}", &Settings::default()).unwrap_err().message.contains("token_endpoint"));
}

/// What an answer says beside its tokens, and what is not made of it.
#[test]
fn answers_say_what_they_say() {
    let login = "curl https://sandbox.a.example/login -d username=u -d password=p";
    let refresh = "curl https://a.example/t -u i:s -d grant_type=refresh_token -d refresh_token=x";
    let code = "curl https://a.example/t -u i:s -d grant_type=authorization_code -d code=x";
    let table: &[(&str, &str, &[&str], &[&str])] = &[
        (
            login,
            "{\"token\":\"a\",\"refreshToken\":\"b\"}",
            &[
                "# The answer brings a refresh token (/refreshToken)",
                "else: { operation: sign_in }",
            ],
            &[],
        ),
        (
            refresh,
            "{\"access_token\":\"a\",\"scope\":\"\",\"expires\":900000,\"status\":\"success\",\"kind\":\"bearer\",\"user\":123456789,\"pin\":1234}",
            &[
                "# perhaps: /expires (900000)",
                "scope: \"\"",
                "expires: 900000",
                "status: success",
                "kind: bearer",
                "user: 100000000",
                "pin: 1\n",
            ],
            &["scope: read", "123456789"],
        ),
        // As pages print them: with the code of a success, with comments, and with words for numbers.
        (
            refresh,
            "{\"code\":0,\"access_token\":\"a\",\"expires_in\":60}",
            &["success: { field: /code, equals: 0 }", "json: { code: 0,"],
            &[],
        ),
        (
            refresh,
            "{\"errcode\": \"0\", // zero is success\n\"access_token\": \"a\", \"expires_in\": 60,}",
            &["success: { field: /errcode, equals: \"0\" }", "json: { errcode: \"0\","],
            &[],
        ),
        (
            refresh,
            "{\"access_token\":\"a\",\"expires_in\":\"UNIX EPOCH SECONDS\"}",
            &["seconds: /expires_in", "expires_in: 3600"],
            &["EPOCH"],
        ),
        (
            refresh,
            "{\"access_token\":\"a\",\"expires_in\":60,\"refresh_lifetime\":\"900\"}",
            &[
                "seconds: /expires_in",
                "refresh_lifetime: \"900\"",
                "# perhaps: /refresh_lifetime (900)",
            ],
            &["no key held"],
        ),
        (
            code,
            "{\"access_token\":\"a\"}",
            &["# The answer to the code brings no refresh token."],
            &["operation"],
        ),
        (
            code,
            "{\"access_token\":\"a\",\"refresh_token\":\"b\",\"expires_in\":60,\"refresh_expires_in\":70,\"token_type\":\"Bearer\"}",
            &[
                "seconds: /expires_in",
                "seconds: /refresh_expires_in",
                "examples: TODO",
                "sent_as: bearer",
            ],
            &["synthetic-next", "perhaps"],
        ),
    ];
    for (line, answer, holds, lacks) in table {
        let settings = Settings { answer: Some((*answer).to_owned()), ..Settings::default() };
        let text = curl(line, &settings).unwrap().text;
        assert!(holds.iter().all(|words| text.contains(words)), "{line}\n{text}");
        assert!(!lacks.iter().any(|words| text.contains(words)), "{line}\n{text}");
        assert!(text.lines().all(|line| line.len() <= 120), "{text}");
        places::holds(line, &text);
    }
}

#[test]
fn a_provider_is_called_by_the_name_in_its_host() {
    for (host, id) in [
        ("api.cal.com", "cal"),
        ("cal.com", "cal"),
        ("auth.cal.com", "cal"),
        ("api.box.com", "box_api"),
        ("login.x.com", "x"),
        ("www.acme.co.uk", "acme"),
        ("oauth.acme.com.br", "acme"),
        ("t.co", "t"),
        ("id.acme-bank.example:8443", "acme_bank"),
        ("{tenant}.acme.io", "acme"),
        ("api.{domain}", "provider"),
        ("api.example.com", "provider"),
        ("localhost:8080", "provider"),
        ("127.0.0.1", "provider"),
        ("[::1]:80", "provider"),
    ] {
        let line = format!("curl 'https://{host}/t' -u i:s -d a=b");
        assert_eq!(curl(&line, &Settings::default()).unwrap().id, id, "{host}");
    }
}

#[test]
fn a_source_is_named_without_its_user() {
    let line = "curl https://a.example/t -d a=b";
    for page in ["https://me:opensesame@docs.example/@team?k=opensesame", "me@docs.example/@team"] {
        let settings = Settings { page: Some(page.to_owned()), ..Settings::default() };
        let imported = curl(line, &settings).unwrap().text;
        let made = new("acme", &facts(&[("page", page)])).unwrap().text;
        for text in [imported, made] {
            assert!(text.contains("docs.example/@team") && !text.contains("opensesame"), "{text}");
            assert!(!text.contains("me@docs"), "{text}");
        }
    }
    let refused = |id: &str| {
        let settings = Settings { id: Some(id.to_owned()), ..Settings::default() };
        curl(line, &settings).unwrap_err().message
    };
    for id in ["../x", "Acme", "a b", ""] {
        assert!(refused(id).contains("the id is no name"), "{id}");
    }
    assert!(refused("type").contains("the id `type` cannot name a module"));
}

/// Facts for `new`, with what differs.
fn facts(differs: &[(&'static str, &str)]) -> Facts {
    let usual = [
        ("request", "POST https://id.acme.example/oauth/token"),
        ("operation", "refresh_token"),
        ("auth", "basic"),
        ("title", "Tokens"),
        ("page", "https://docs.acme.example"),
        ("retrieved", "2026-11-28"),
        ("expires", "/expires_in"),
        ("after-refresh", "valid"),
        ("sent-as", "bearer"),
        ("use", "once"),
        ("rotation", "always"),
        ("refresh-expires", "undeclared"),
        ("spent", "dead"),
        ("reuse", "grant_revoked"),
    ];
    usual.iter().chain(differs).map(|(name, answer)| (*name, (*answer).to_owned())).collect()
}

#[test]
fn answers_make_a_spec_that_checks() {
    let table: &[&[(&str, &str)]] = &[
        &[],
        &[
            ("auth", "body"),
            ("rotation", "sometimes"),
            ("use", "unknown"),
            ("spent", "unknown"),
            ("reuse", "unknown"),
        ],
        &[
            ("auth", "public"),
            ("rotation", "unknown"),
            ("expires", "undeclared"),
            ("sent-as", "unknown"),
            ("after-refresh", "unknown"),
        ],
        &[("auth", "query"), ("rotation", "echo"), ("use", "many"), ("reuse", "unknown")],
        &[
            ("auth", "basic"),
            ("rotation", "never"),
            ("use", "many"),
            ("spent", "unknown"),
            ("reuse", "unknown"),
            ("expires", "jwt"),
        ],
        &[("auth", "private_key_jwt"), ("expires", "never")],
        &[("auth", "client_secret_jwt"), ("expires", "/lifetime/seconds")],
        &[
            ("auth", "mutual_tls"),
            ("rotation", "keeps_old"),
            ("use", "many"),
            ("spent", "unknown"),
            ("reuse", "unknown"),
        ],
        &[("operation", "client_credentials")],
        &[("expires", "24h"), ("refresh-expires", "30 days")],
        &[("expires", "{ constant: 1d }"), ("refresh-expires", "{ seconds: /refresh_expires_in }")],
        &[("expires", "{ seconds: /expires_in }"), ("refresh-expires", "/refresh_expires_in")],
        &[
            ("rotation", "never"),
            ("use", "many"),
            ("spent", "unknown"),
            ("reuse", "unknown"),
            ("refresh-expires", "90d"),
        ],
        &[
            ("rotation", "never"),
            ("use", "many"),
            ("spent", "unknown"),
            ("reuse", "unknown"),
            ("refresh-expires", "/refresh_expires_in"),
        ],
        &[
            ("rotation", "echo"),
            ("use", "many"),
            ("reuse", "unknown"),
            ("refresh-expires", "never"),
        ],
        &[("refresh-expires", "{ constant: 90d, since: sign_in }"), ("idle-limit", "60d")],
        &[("auth", "{basic: {encoding: raw}}"), ("idle-limit", "undeclared")],
        &[("name", "Acme Bank"), ("sent-as", "{ header: X-Token }")],
        &[("request", "POST https://{tenant}.acme.example/oauth/token")],
    ];
    let of_refresh = ["use", "rotation", "refresh-expires", "idle-limit", "spent", "reuse"];
    for differs in table {
        let mut facts = facts(differs);
        if facts["operation"] == "client_credentials" {
            facts.retain(|flag, _| !of_refresh.contains(flag));
        }
        let text = new("acme", &facts).unwrap().text;
        let checked = checked("acme", &text);
        assert!(!checked.has_errors(), "{differs:?}: {}\n{text}", said("acme", &text));
        assert!(!text.contains("TODO"), "{text}");
        // What follows from the facts alone, no page documents.
        assert!(text.contains("id: refresh") || text.contains("id: token"), "{text}");
        assert!(!text.contains("documented"), "{text}");
    }
    // Every answer may wait, alone and with all the others.
    let waiting: Vec<_> = facts(&[]).into_keys().map(|flag| (flag, "TODO")).collect();
    for todo in waiting.chunks(1).chain([waiting.as_slice()]) {
        let undecided = new("acme", &facts(todo)).unwrap().text;
        let codes: BTreeSet<&str> =
            checked("acme", &undecided).diagnostics.iter().map(|found| found.code.id).collect();
        assert_eq!(codes, BTreeSet::from(["RK0216"]), "{todo:?}: {}", said("acme", &undecided));
        // The host waits with the request, the example with what it would show and what the client brings.
        let has = |names: &[&str]| usize::from(todo.iter().any(|(flag, _)| names.contains(flag)));
        let waits = todo.len() + has(&["request"]) + has(&["rotation", "auth"]);
        assert_eq!(undecided.matches("TODO").count(), waits, "{todo:?}\n{undecided}");
    }
    for (differs, words) in [
        (("request", "POST"), "no method and URL"),
        (("expires", "{ constant: 1d"), "is no mapping"),
        (("auth", "client_secret_basic"), "`--auth` does not take this word"),
        (("operation", "refresh"), "`--operation` does not take this word"),
        (("operation", "client_credentials"), "`--use` says something of a refresh token"),
    ] {
        let problem = new("acme", &facts(&[differs])).unwrap_err();
        assert!(problem.message.contains(words), "{differs:?}: {problem:?}");
    }
    assert!(new("Acme Bank", &facts(&[])).is_err());
}

/// A fact that was not given, or that says as much as leaving its key out, has no key, and the spec checks without it.
#[test]
fn what_says_nothing_has_no_key() {
    let needed = ["request", "title", "page", "retrieved"];
    let bare: Facts = facts(&[]).into_iter().filter(|(flag, _)| needed.contains(flag)).collect();
    let text_of = |more: &[(&'static str, &str)]| {
        let mut facts = bare.clone();
        facts.extend(more.iter().map(|(flag, answer)| (*flag, (*answer).to_owned())));
        let text = new("acme", &facts).unwrap().text;
        assert!(checked("acme", &text).diagnostics.is_empty(), "{}\n{text}", said("acme", &text));
        text
    };
    let plain = text_of(&[]);
    assert!(!plain.contains("tokens") && !plain.contains("TODO"), "{plain}");
    for same in [
        ("operation", "refresh_token"),
        ("auth", "body"),
        ("after-refresh", "unknown"),
        ("use", "unknown"),
        ("reuse", "unknown"),
        ("refresh-expires", "undeclared"),
        ("idle-limit", "undeclared"),
    ] {
        assert_eq!(text_of(&[same]), plain, "{same:?}");
    }
    // The profile says otherwise where these are left out.
    for (flag, answer, line) in [
        ("expires", "undeclared", "expires: undeclared"),
        ("sent-as", "unknown", "sent_as: unknown"),
        ("rotation", "unknown", "rotation: unknown"),
        ("spent", "unknown", "spent: unknown"),
        ("idle-limit", "60d", "idle_limit: 60d"),
        ("auth", "{ basic: { encoding: raw } }", "auth: { basic: { encoding: raw } }"),
    ] {
        let text = text_of(&[(flag, answer)]);
        assert!(text.contains(line), "no {line} in\n{text}");
    }
    // None is spent: how often it may be used follows, and nothing is left to be said of a spent one.
    for rotation in ["never", "echo"] {
        let alone = text_of(&[("rotation", rotation)]);
        assert!(alone.contains(&format!("refresh: {{ rotation: {rotation} }}")), "{alone}");
        let unknown = ["use", "spent", "reuse"].map(|flag| (flag, "unknown"));
        assert_eq!(text_of(&[&unknown[..], &[("rotation", rotation)]].concat()), alone);
    }
}

#[test]
fn the_command_writes_and_never_writes_over() {
    let place = Place::new("import");
    let line = "curl https://id.acme.example/oauth/token -u a:b -d grant_type=refresh_token -d refresh_token=c";
    place
        .run(&["import", "curl", line])
        .expect(0, &["specs/acme.yaml is written; 11 TODOs", "rekindle check specs/acme.yaml"]);
    place
        .run(&["check"])
        .expect(1, &["RK0216", "`rotation` is still to be filled in", "`keeps_old`"]);
    let before = place.read("specs/acme.yaml");
    place
        .run(&["import", "curl", line])
        .expect(2, &["specs/acme.yaml is there already", "--output", "--force"]);
    assert_eq!(place.read("specs/acme.yaml"), before);
    place.write("specs/acme.yaml", "another");
    place.run(&["import", "curl", line, "--force"]).expect(0, &["specs/acme.yaml is written"]);
    assert_eq!(place.read("specs/acme.yaml"), before);
    place.write("line.txt", line);
    place.write("specs/schema/v1.json", "{}");
    let run = place.run(&["import", "curl", "line.txt", "-o", "-"]);
    assert_eq!(
        (run.code, run.stdout),
        (0, format!("# yaml-language-server: $schema=schema/v1.json\n{before}"))
    );
    // Whoever names a page has read it today, unless another day is said.
    let page = ["import", "curl", line, "-o", "-", "--page", "https://docs.acme.example"];
    let of = |more: &[&str]| place.run(&[&page[..], more].concat());
    assert!(!of(&[]).stdout.contains("retrieved: TODO"), "{page:?}");
    let run = of(&["--retrieved", "2026-11-28", "--name", "Acme Bank"]);
    assert!(run.stdout.contains("retrieved: 2026-11-28"), "{run:?}");
    assert!(run.stdout.contains("name: Acme Bank"), "{run:?}");
    of(&["--retrieved", "yesterday"]).expect(2, &["a day such as `2026-11-28`"]);
    place.run(&["import", "curl", "absent.txt"]).expect(2, &["cannot read absent.txt"]);
    for (source, words) in [
        (["curl", "https://me:opensesame@a.example/t"], "no curl command"),
        (["curl", "key=opensesame"], "cannot read the file that was given"),
        (["openapi", "me:opensesame@a.example"], "cannot read the file that was given"),
        (["discovery", "a.example?k=opensesame"], "cannot read the file that was given"),
    ] {
        let run = place.run(&["import", source[0], source[1]]);
        assert!(
            !run.stderr.contains("opensesame") && !run.stdout.contains("opensesame"),
            "{run:?}"
        );
        run.expect(2, &[words]);
    }
    place.run(&["import", "curl", "curl -F a=b https://a.example"]).expect(2, &["-F", "hint"]);
    place
        .run(&["import", "discovery", "http://a.example/x"])
        .expect(2, &["cannot fetch the document"]);
    place
        .run(&["import", "discovery", "https://127.0.0.1:1/x"])
        .expect(2, &["cannot fetch the document"]);
    place
        .run(&["new", "globex", "--auth", "basic"])
        .expect(2, &["no terminal", "--request, --title, --page are missing"]);
    let bare = [
        "new",
        "bare",
        "--request=POST https://id.acme.example/t",
        "--title=T",
        "--page=https://a.example",
    ];
    place.run(&bare).expect(0, &["specs/bare.yaml is written, and has no problems"]);
    assert!(place.read("specs/bare.yaml").contains("retrieved: 2"));
    let limit =
        [&bare[..], &["--idle-limit=60d", "--refresh-expires=30d", "-o", "less.yaml"]].concat();
    place.run(&limit).expect(2, &["`--idle-limit`: the idle limit is longer"]);
    let mut flags = vec!["new".to_owned(), "globex".to_owned()];
    flags.extend(facts(&[]).iter().map(|(name, answer)| format!("--{name}={answer}")));
    let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
    place.run(&flags).expect(0, &["specs/globex.yaml is written, and has no problems"]);
    let run = place.run(&flags);
    assert!(!run.stderr.contains("--force"), "{run:?}");
    run.expect(2, &["is there already"]);
    let with = |flag: &str, other: &'static str| -> Vec<&str> {
        let of = |one: &&str| one.split('=').next() == Some(flag);
        let others = flags.iter().copied().filter(|one| !of(one));
        others.chain([other, "--output=other.yaml"]).collect()
    };
    let run = place.run(&with("--rotation", "--rotation=allways"));
    run.expect(2, &["`--rotation`: ", "did you mean `always`?", "nothing was written"]);
    assert!(!run.stderr.contains("globex.yaml"), "{run:?}");
    let run = place.run(&with("--request", "--request=POST https://"));
    run.expect(2, &["`--request`: the URL has no host"]);
    let run = place.run(&with("--request", "--request=POST https://https://id.acme.example/token"));
    run.expect(2, &["`--request`: the URL has two schemes", "POST https://id.acme.example"]);
    let run = place.run(&with("--page", "--page=https://https://docs.acme.example"));
    run.expect(2, &["`--page`: the URL has two schemes", "https://docs.acme.example/oauth"]);
    assert!(!place.exists("other.yaml"));
    #[cfg(unix)]
    {
        // Nothing is written through a link, be it one that leads nowhere.
        std::fs::create_dir(place.path("elsewhere")).unwrap();
        std::os::unix::fs::symlink("elsewhere", place.path("linked")).unwrap();
        let run = place.run(&["import", "curl", line, "-o", "linked/acme.yaml"]);
        run.expect(2, &["cannot write linked/acme.yaml: linked is a link"]);
        place.run(&["man", "linked"]).expect(2, &["linked is a link"]);
        place.run(&["init", "linked/app"]).expect(2, &["linked is a link"]);
        assert!(std::fs::read_dir(place.path("elsewhere")).unwrap().next().is_none());
    }
}

#[test]
fn a_document_is_fetched_from_a_url() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/.well-known/openid-configuration", listener.local_addr().unwrap());
    let server = std::thread::spawn(move || {
        use std::io::{Read, Write};
        let (mut stream, _) = listener.accept().unwrap();
        let mut head = [0; 1024];
        let read = stream.read(&mut head).unwrap();
        let body = read_to_string(folder().join("harbour.discovery.json")).unwrap();
        write!(
            stream,
            "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        String::from_utf8_lossy(&head[..read]).into_owned()
    });
    let place = Place::new("import-url");
    let run = place.run(&["import", "discovery", &url, "-o", "-"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert!(
        run.stdout.contains(&format!("url: {url}")) && run.stdout.contains("POST /connect/token"),
        "{run:?}"
    );
    assert!(server.join().unwrap().starts_with("GET /.well-known/openid-configuration"));
}

/// No text is too deep for its reader: neither JSON nor what pages make of it.
#[test]
fn an_answer_that_nests_too_deep_is_refused() {
    let refresh = "curl https://a.example/t -u i:s -d grant_type=refresh_token -d refresh_token=x";
    let nested = format!("{}{}", "[".repeat(50_000), "]".repeat(50_000));
    for answer in
        ["[".repeat(100_000), format!("{{\"access_token\":\"a\", /* */ \"x\":{nested},}}")]
    {
        let settings = Settings { answer: Some(answer), ..Settings::default() };
        let problem = curl(refresh, &settings).expect_err("it is refused");
        assert!(problem.message.contains("the answer is no JSON"), "{problem:?}");
    }
}
