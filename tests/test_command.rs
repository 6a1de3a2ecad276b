//! `rekindle test` over real HTTP: at fake providers, and at providers that break their contract.
#![cfg(feature = "test")]

mod support;
mod test_support;

use rekindle_contract::load;
use rekindle_testkit::check::{checks_at, mutants};
use rekindle_testkit::provider::Provider;
use rekindle_testkit::serve::{Options, Serving};
use rekindle_testkit::{Clock, Fake, closed_port};
use std::collections::BTreeSet;
use std::path::Path;
use test_support::{CANARY, SPEC, asked, contract, fake, json_of, place, real, result_of, silent};

#[test]
fn every_check_has_a_page() {
    let place = place("explain-checks");
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let sources = load(&["specs", "tests/language/specs"].map(|folder| root.join(folder))).unwrap();
    let resource = "https://api.example.com/me".parse().unwrap();
    let contracts = rekindle_contract::check(&sources).contracts;
    let checks = contracts.iter().flat_map(|contract| checks_at(contract, &resource));
    let ids: BTreeSet<String> = checks.map(|check| check.id).collect();
    assert!(ids.len() > 100, "{ids:?}");
    for id in ids {
        let run = place.run(&["explain", &id]);
        assert!(run.code == 0 && run.stdout.starts_with("# "), "{id}: {run:#?}");
    }
}

/// Most of the time goes into waiting for answers that do not come, so that several are asked at once.
#[test]
fn every_provider_of_this_repository_passes() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("specs");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut specs: Vec<_> =
        files.filter(|file| file.extension().is_some_and(|end| end == "yaml")).collect();
    specs.sort();
    for several in specs.chunks(8) {
        std::thread::scope(|scope| {
            for spec in several {
                scope.spawn(move || {
                    let name = spec.file_stem().unwrap().to_string_lossy();
                    // One that is like another is read with it.
                    let text = std::fs::read_to_string(spec).unwrap();
                    let like = text.lines().find_map(|line| line.strip_prefix("like: "));
                    let like = like.map(|id| spec.with_file_name(format!("{id}.yaml")));
                    let specs: Vec<_> = std::iter::once(spec.clone()).chain(like).collect();
                    let report = report_of(&format!("test-{name}"), &specs);
                    // Without a request there is less to look at.
                    let least = if text.contains("operation: local") { 5 } else { 31 };
                    assert!(report["summary"]["passed"].as_u64().unwrap() >= least, "{name}");
                });
            }
        });
    }
}

#[test]
fn a_provider_whose_answers_are_forms_passes() {
    let report = report_of("test-forms", &["tests/language/specs/form_answer.yaml"]);
    assert!(report["summary"]["passed"].as_u64().unwrap() > 50);
}

#[test]
fn a_provider_that_spends_nothing_passes() {
    for name in ["machine", "stored_login", "bearer_assertion"] {
        let report =
            report_of(&format!("test-{name}"), &[format!("tests/language/specs/{name}.yaml")]);
        assert!(report["summary"]["passed"].as_u64().unwrap() > 30);
        let checks = report["providers"][0]["checks"].as_array().unwrap();
        let about_refresh_tokens = |check: &&serde_json::Value| {
            check["id"].as_str().is_some_and(|id| id.contains("refresh-token") || id == "rotation")
        };
        assert_eq!(checks.iter().find(about_refresh_tokens), None, "{name}");
    }
}

#[test]
fn of_a_token_without_an_endpoint_is_told_what_can_be_told() {
    let specs = ["tests/language/specs/local_secret.yaml", "tests/language/specs/local_token.yaml"];
    let report = report_of("test-local", &specs);
    assert_eq!(report["summary"]["passed"], 6 + 5);

    // Without a control endpoint it is any provider: of a real one nobody knows where its API is.
    let place = place("test-local-real");
    let key = rekindle_testkit::keys::ES384;
    let client = serde_json::json!({ "issuer": "i", "key_id": "k", "key": key, "subject": "s" });
    let credentials = serde_json::json!({ "local_token": { "client": client } });
    place.write("credentials.json", &credentials.to_string());
    let spec = Path::new(env!("CARGO_MANIFEST_DIR")).join(specs[1]);
    let spec = spec.to_str().unwrap();
    let command = ["test", "--base-url", "http://127.0.0.1:9", "--control", "none", spec];
    let credentials = ["--credentials", "credentials.json", "--format", "json"];
    let run = place.run(&[&command[..], &credentials].concat());
    let report = json_of(&run);
    let checks = report["providers"][0]["checks"].as_array().unwrap();
    let status = |id: &str| {
        let check = checks.iter().find(|check| check["id"] == id).unwrap();
        check.to_string()
    };
    assert!(status("token-made").contains("pass"), "{report:#}");
    let untold = status("token-accepted");
    assert!(untold.contains("the contract does not say where that is"), "{untold}");

    // With a page of it, it can be told.
    let sources = rekindle_contract::load(&[spec.into()]).unwrap();
    let contract = rekindle_contract::check(&sources).contracts.remove(0);
    let fake = Fake::new(Provider::new(contract).with_clock(Clock::running(1.0)));
    let serving = real(&fake);
    let known = serde_json::json!({ "local_token": { "client": fake.provider().client() } });
    place.write("credentials.json", &known.to_string());
    let page = format!("{}/-/protected", serving.url("local_token").unwrap());
    let run = place.run(&[&command[..], &credentials, &["--resource", &page]].concat());
    assert_eq!(result_of(&json_of(&run), "resource-sent-as")["result"], "pass", "{run:#?}");
    assert_eq!(result_of(&json_of(&run), "resource-refused-with")["result"], "pass", "{run:#?}");
}

/// What the command says of fake providers that keep these contracts: everything that could be told is right.
#[track_caller]
fn report_of(name: &str, specs: &[impl AsRef<Path>]) -> serde_json::Value {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let specs: Vec<_> = specs.iter().map(|spec| root.join(spec)).collect();
    let sources = rekindle_contract::load(&specs).unwrap();
    let contracts = rekindle_contract::check(&sources).contracts;
    let fakes = contracts.into_iter().map(|contract| Fake::new(Provider::new(contract)));
    let serving = Serving::start(fakes.collect(), Options::default()).unwrap();
    let url = format!("http://{}", serving.address());
    let specs = specs.iter().map(|spec| spec.to_str().unwrap());
    let command: Vec<&str> =
        ["test", "--base-url", &url, "--format", "json"].into_iter().chain(specs).collect();
    let run = place(name).run(&command);
    assert_eq!(run.code, 0, "{run:#?}");
    let report = json_of(&run);
    assert_eq!(report["summary"]["failed"], 0);
    assert_eq!(report["summary"]["could_not_tell"], 0);
    report
}

/// A provider that takes a value once knows those of all processes that asked it.
#[test]
fn the_command_makes_no_value_that_it_made_before() {
    let spec = "tests/language/specs/private_key_jwt.yaml";
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let contract = rekindle_contract::check(&load(&[root.join(spec)]).unwrap()).contracts.remove(0);
    let id = contract.provider.id.clone();
    let fake = Fake::new(Provider::new(contract));
    let serving = fake.serve();
    let spec = root.join(spec).display().to_string();
    let place = place("test-again");
    for _ in 0..2 {
        let url = serving.url(&id).unwrap();
        let run = place.run(&["test", &spec, "--base-url", url, "--only", "success-status"]);
        assert_eq!(run.code, 0, "{run:#?}");
    }
}

#[test]
fn a_difference_in_one_fact_is_named() {
    let planted = [
        ("success: 200", "success: 201", "success-status", "response.success"),
        (
            "access_token: /access,",
            "access_token: /token,",
            "access-token",
            "response.access_token",
        ),
        ("rotation: always", "rotation: echo", "rotation", "tokens.refresh.rotation"),
        ("{ seconds: /expires_in }", "undeclared", "access-expiry", "tokens.access.expires"),
        ("/expires_in }", "/lifetime }", "access-expiry", "tokens.access.expires"),
        (
            "usual_lifetime: 1h",
            "usual_lifetime: 3h",
            "access-lifetime",
            "tokens.access.usual_lifetime",
        ),
        (
            "token_type: /type",
            "token_type: { field: /type, accepted: [mac] }",
            "token-type",
            "response.token_type",
        ),
        ("POST /token", "PUT /token", "success-status", "response.success"),
        ("x-version:", "x-release:", "success-status", "response.success"),
        (
            "refresh_token: /refresh,",
            "refresh_token: /next,",
            "rotation",
            "tokens.refresh.rotation",
        ),
    ];
    for (from, to, id, fact) in planted {
        let other = SPEC.replacen(from, to, 1);
        assert_ne!(other, SPEC, "{from}");
        let fake = fake(&other.replace("use: once, rotation: echo", "use: many, rotation: echo"));
        let serving = fake.serve();
        let url = serving.url("acme").unwrap();
        let arguments = asked(url, &["--format", "json", "--only", id]);
        let run = place("test-planted").run(&arguments);
        assert_eq!(run.code, 1, "{to}: {run:#?}");
        let report = json_of(&run);
        let check = result_of(&report, id);
        assert_eq!(check["result"], "fail", "{to}: {report}");
        assert_eq!(check["fact"], fact, "{to}: {report}");
        assert!(check["rules"][0].as_str().unwrap().starts_with('R'), "{report}");
        silent(&run, &[CANARY]);
    }
}

#[test]
fn a_rule_that_is_not_enforced_is_named() {
    let contract = contract(SPEC);
    let place = place("test-without");
    for mutant in mutants::all(&contract) {
        let mut provider = Provider::new(contract.clone()).with_client("client_secret", CANARY);
        provider.switch_off(mutant.rule);
        let fake = Fake::new(provider);
        let serving = fake.serve();
        let url = serving.url("acme").unwrap();
        let id = mutant.noticed_by.expect("a check that notices");
        let run = place.run(&["test", "acme.yaml", "--base-url", url, "--only", &id]);
        assert_eq!(run.code, 1, "{}: {run:#?}", mutant.rule);
        for word in ["fail", &id, "expected"] {
            assert!(run.stdout.contains(word), "{}: {run:#?}", mutant.rule);
        }
        silent(&run, &[CANARY]);
    }
}

#[test]
fn calls_that_make_no_sense_exit_2() {
    let place = place("test-usage");
    place.run(&["test", "acme.yaml"]).expect(2, &["--base-url"]);
    for url in ["http://example.com", "acme", "https://user@acme.example", "ftp://127.0.0.1"] {
        place.run(&["test", "acme.yaml", "--base-url", url]).expect(2, &["--base-url:"]);
    }
    let url = format!("http://{}", closed_port());
    let run =
        |more: &[&str]| place.run(&[&["test", "acme.yaml", "--base-url", &url], more].concat());
    run(&["--only", "rotatoin"]).expect(2, &["did you mean `rotation`?"]);
    run(&["--control", "https://example.com/-/control"]).expect(2, &["no URL of this machine"]);
    run(&["--control", &format!("{url}/-/control")]).expect(2, &["--control:"]);
    place.run(&["test", "none.yaml", "--base-url", &url]).expect(2, &["none.yaml"]);
    let other = fake(&SPEC.replace("id: acme", "id: globex"));
    let serving = other.serve();
    let url = format!("http://{}", serving.address());
    place
        .run(&["test", "acme.yaml", "--base-url", &url])
        .expect(2, &["does not play `acme`", "globex"]);
}

/// A base URL is that of one contract, and a file may hold several.
#[test]
fn one_of_several_contracts_is_named_by_its_id() {
    let fake = fake(&SPEC.replace("id: acme", "id: acme_one"));
    let serving = fake.serve();
    let place = place("test-variants");
    place.write("acme.yaml", &format!("{SPEC}variants: {{ one: {{}}, two: {{}} }}\n"));
    let url = serving.url("acme_one").unwrap();
    let run = |more: &[&str]| {
        let arguments = [&["--control", "none", "--dry-run"], more].concat();
        place.run(&asked(url, &arguments))
    };
    run(&[]).expect(2, &["several contracts, and one base URL", "`--provider acme_one`"]);
    run(&["--provider", "acme"]).expect(2, &["no spec describes `acme`", "acme_one"]);
    let run = run(&["--provider", "acme_one"]);
    assert_eq!(run.code, 0, "{run:#?}");
    assert!(!run.stdout.contains("acme_two"), "{run:#?}");
}

#[test]
fn reports_can_be_read_by_machines() {
    let mut provider = Provider::new(contract(&SPEC.replace("success: 200", "success: 201")));
    provider = provider.with_client("client_secret", CANARY);
    let fake = Fake::new(provider);
    let serving = fake.serve();
    let url = serving.url("acme").unwrap();
    let run = |format: &str| {
        let ids = "success-status,rotation,method,access-claims";
        let arguments = asked(url, &["--format", format, "--only", ids]);
        let run = place("test-reports").run(&arguments);
        assert_eq!(run.code, 1, "{run:#?}");
        silent(&run, &[CANARY]);
        run
    };
    let report = json_of(&run("json"));
    assert_eq!(report["summary"]["failed"], 1, "{report}");
    assert_eq!(result_of(&report, "success-status")["expected"], "status 200");
    for id in ["rotation", "method"] {
        let result = &result_of(&report, id)["result"];
        assert_eq!(result, "could_not_tell", "{report}");
    }
    let junit = run("junit").stdout;
    let mut reader = quick_xml::Reader::from_str(&junit);
    let (mut cases, mut failures, mut errors, mut skipped) = (0, 0, 0, 0);
    loop {
        use quick_xml::events::Event;
        match reader.read_event().expect("XML") {
            Event::Start(tag) | Event::Empty(tag) => match tag.name().as_ref() {
                "testcase" => cases += 1,
                "failure" => failures += 1,
                "error" => errors += 1,
                "skipped" => skipped += 1,
                _ => {}
            },
            Event::Eof => break,
            _ => {}
        }
    }
    assert_eq!((cases, failures, errors, skipped), (4, 1, 3, 0), "{junit}");
    let human = run("human").stdout;
    assert!(human.contains("expected  status 200\n"), "{human}");
    assert!(human.contains("fact      response.success\n"), "{human}");
}
