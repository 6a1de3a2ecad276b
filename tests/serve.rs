//! `rekindle serve` as people and scripts meet it: the lines it prints are run, and what it says about exchanges is read.
#![cfg(feature = "serve")]

mod serve_support;
mod support;

use serde_json::Value;
use serve_support::call::Call;
use serve_support::{Played, curl_or_parse};
use std::path::{Path, PathBuf};
use std::process::Command;
use support::{Place, acme, globex};

fn repository(path: &str) -> String {
    let path: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    path.to_string_lossy().into_owned()
}

/// The commands of a table as somebody pastes them: to the end of the text that they send.
fn pasted(table: &str) -> Vec<String> {
    let mut commands: Vec<String> = Vec::new();
    let is_open = |command: &String| command.matches('\'').count() % 2 == 1;
    for line in table.lines() {
        match commands.last_mut().filter(|command| is_open(command)) {
            Some(command) => *command += &format!("\n{line}"),
            None if line.trim_start().starts_with("curl ") => {
                commands.push(line.trim_start().to_owned());
            }
            None => {}
        }
    }
    commands
}

#[track_caller]
fn runs(line: &str) {
    let (status, body) = curl_or_parse(line).unwrap_or_else(|why| panic!("{line}\n{why}"));
    assert!((200..300).contains(&status), "{line}\n{status} {body}");
    if body.trim_start().starts_with('{') {
        serde_json::from_str::<Value>(&body)
            .unwrap_or_else(|error| panic!("{line}\n{error} in {body}"));
    } else {
        // A provider whose answer is the token itself, or none that lives on.
        assert!(status == 204 || !body.trim().is_empty(), "{line}");
    }
}

/// The block of a page in a language.
fn block<'a>(page: &'a str, language: &str) -> Option<&'a str> {
    page.split(&format!("```{language}\n")).nth(1)?.split("\n```").next()
}

/// The page of each provider has a line for a shell. With the variables that it names, it gets tokens.
#[test]
fn the_line_of_every_page_gets_tokens() {
    if Command::new("curl").arg("--version").output().is_err() {
        return;
    }
    let place = Place::new("serve-pages");
    let arguments = ["serve", &repository("specs"), "--port", "0", "--format", "json"];
    let mut played = Played::start(place, &arguments);
    let table = played.json();
    let mut pasted = 0;
    for provider in table["providers"].as_array().expect("providers") {
        let id = provider["id"].as_str().expect("an id");
        let path = repository(&format!("generated/docs/{id}.md"));
        let page = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
        // What a shell cannot make as well: a token of its own, what another request brings, a signature.
        let beyond = ["## Token\n", "## Step ", "| the client makes for each request |"];
        if beyond.iter().any(|what| page.contains(what)) {
            continue;
        }
        let line = block(&page, "sh").unwrap_or_else(|| panic!("{path}: no line"));
        // The fake one is elsewhere.
        let (base, path) = (&provider["base_url"], &provider["path"]);
        let [base, path] = [base, path].map(|part| part.as_str().expect("a part of the URL"));
        let mut path = path.split('?').next().unwrap_or_default().to_owned();
        for name in provider["client"].as_object().into_iter().flat_map(|client| client.keys()) {
            path = path.replace(&format!("client.{name}"), &name.to_uppercase());
        }
        let word = line.split_whitespace().nth(1).expect("a URL");
        let query = word.trim_matches('"').find('?').map_or("", |at| &word.trim_matches('"')[at..]);
        let line = line.replacen(word, &format!("-i \"{base}{path}{query}\""), 1);
        let mut variables = String::new();
        let mut set = |name: &str, value: &Value| {
            if let Some(value) = value.as_str() {
                variables += &format!("{}='{value}'; ", name.to_uppercase());
            }
        };
        let client = provider["client"].as_object().expect("what the client brings");
        client.iter().for_each(|(name, value)| set(name, value));
        for token in ["access_token", "refresh_token"] {
            set(token, &provider[token]);
        }
        runs(&format!("{variables}{line}"));
        pasted += 1;
    }
    assert!(pasted > 30, "{pasted}");
    played.interrupt("INT");
}

#[test]
fn every_line_that_is_printed_can_be_pasted() {
    let specs = [repository("specs"), repository("tests/language/specs")];
    let mut played =
        Played::start(Place::new("serve-all"), &["serve", &specs[0], &specs[1], "--port", "0"]);
    let table = played.table();
    // Those that must be waited for come last: time is the same for all, and each has a test of its own below.
    let (at_once, waiting) = match table.find("  # wait until") {
        Some(at) => table.split_at(table[..at].rfind("\n\n").unwrap_or_default()),
        None => (table.as_str(), ""),
    };
    let lines = pasted(at_once);
    assert!(lines.len() >= 13 * 4, "{table}");
    lines.iter().for_each(|line| runs(line));
    // What brings tokens where a refresh cannot has its own line.
    assert!(table.contains("  # mint, where no refresh can\n"), "{table}");
    let control = waiting.split("control endpoint:").nth(1).expect("the control endpoint");
    pasted(control).iter().for_each(|line| runs(line));
    played.interrupt("INT");
}

#[test]
fn providers_that_must_be_waited_for_are_waited_for() {
    for name in ["near_expiry", "self_renewing"] {
        let spec = repository(&format!("tests/language/specs/{name}.yaml"));
        let mut played =
            Played::start(Place::new(&format!("serve-{name}")), &["serve", &spec, "--port", "0"]);
        let table = played.table();
        assert!(table.contains("  # wait until"), "{table}");
        pasted(&table).iter().for_each(|line| runs(line));
        played.interrupt("TERM");
    }
}

#[test]
fn random_faults_can_be_counted() {
    let arguments = [&PLAY[..], &["--fault", "random:3", "--seed", "7"]].concat();
    let mut played = Played::start(plain("serve-random"), &arguments);
    let table = played.json();
    let overview = table["control"].as_str().expect("a URL");
    let overview = Call::parse(&format!("curl -i {overview}"));
    let (status, body) = overview.send().expect("an answer");
    assert_eq!(status, 200);
    let body: Value = serde_json::from_str(&body).expect("JSON");
    let planned = &body["providers"]["acme"]["planned"];
    let planned = planned.as_array().expect("a list");
    assert_eq!(planned.len(), 3, "{planned:?}");
    assert!(planned.iter().all(|trouble| trouble["Fault"].is_string()));
}

/// A place with the plain provider, and the arguments to play it.
fn plain(name: &str) -> Place {
    let place = Place::new(name);
    place.write("specs/acme.yaml", &acme());
    place
}

const PLAY: [&str; 5] = ["serve", "--port", "0", "--format", "json"];

/// The refresh of a provider, from the table for scripts.
fn refresh(table: &Value, provider: usize) -> Call {
    Call::parse(table["providers"][provider]["curl"]["refresh"].as_str().expect("a line"))
}

#[test]
fn a_deviation_is_named() {
    let mut played = Played::start(plain("serve-deviation"), &PLAY);
    let table = played.json();
    let good = refresh(&table, 0);
    let cases: [(&str, Call); 6] = [
        ("content-type", good.clone().header("content-type", "text/plain")),
        ("method", good.clone().method("PUT")),
        ("path", good.clone().url_suffix("/more")),
        ("query-extra", good.clone().url_suffix("?more=1")),
        ("field-extra", good.clone().body_suffix("&more=1")),
        ("field-twice", good.clone().body_suffix("&grant_type=refresh_token")),
    ];
    for (rule, call) in cases {
        let (status, _) = call.send().expect("an answer");
        assert!((400..500).contains(&status), "{rule} {status}");
        let line = played.says(&format!("  refused by {rule}: "));
        assert!(line.contains(&format!("  {status}  ")), "{line}");
    }
    assert_eq!(good.send().expect("an answer").0, 200);
    played.says("  acme  POST /acme/oauth/token  200  new tokens issued");
    assert_eq!(good.send().expect("an answer").0, 401);
    played.says("  refused by refresh-token-spent: ");
    let end = played.interrupt("INT");
    assert!(end.contains("ended after 8 exchanges, 7 refused"), "{end}");
    let token = table["providers"][0]["refresh_token"].as_str().expect("a token");
    assert!(!end.contains(token), "{end}");
}

#[test]
fn faults_come_as_ordered() {
    let place = plain("serve-fault");
    let arguments = [&PLAY[..], &["--fault", "reset_after:1", "--fault", "bad_gateway"]].concat();
    let mut played = Played::start(place, &arguments);
    let good = refresh(&played.json(), 0);
    good.send().unwrap_err();
    played.says("  new tokens issued  fault reset_after: ");
    for _ in 0..2 {
        assert_eq!(good.send().expect("an answer").0, 502);
        played.says("  502  fault bad_gateway: ");
    }
    played.interrupt("INT");
}

#[test]
fn a_rule_that_is_not_enforced_is_not_missed() {
    let place = plain("serve-without");
    let arguments = [&PLAY[..], &["--without", "field-extra"]].concat();
    let mut played = Played::start(place, &arguments);
    let wrong = refresh(&played.json(), 0).body_suffix("&more=1");
    assert_eq!(wrong.send().expect("an answer").0, 200);
    played.interrupt("INT");
}

#[test]
fn a_seed_gives_the_same_tokens() {
    let token = |seed: &str| {
        let arguments =
            [&PLAY[..], &["--seed", seed, "--clock-speed", "0", "--fault", "random"]].concat();
        let mut played = Played::start(plain("serve-seed"), &arguments);
        let table = played.json();
        assert_eq!(table["seed"].to_string(), seed);
        played.interrupt("INT");
        table["providers"][0]["refresh_token"].clone()
    };
    assert_eq!(token("7"), token("7"));
    assert_ne!(token("7"), token("8"));
}

#[test]
fn each_has_a_port_of_its_own_if_asked() {
    let place = plain("serve-ports");
    place.write("specs/globex.yaml", &globex());
    let arguments = [&PLAY[..], &["--separate-ports"]].concat();
    let mut played = Played::start(place, &arguments);
    let table = played.json();
    assert_ne!(table["providers"][0]["base_url"], table["providers"][1]["base_url"]);
    for provider in 0..2 {
        assert_eq!(refresh(&table, provider).send().expect("an answer").0, 200);
    }
    played.interrupt("INT");
}

#[test]
fn calls_that_make_no_sense_say_what_does() {
    let place = plain("serve-usage");
    let run = |arguments: &[&str]| place.run(&[&["serve"], arguments].concat());
    run(&["--fault", "reset_aftr"]).expect(
        2,
        &["there is no fault `reset_aftr`", "did you mean `reset_after`?", "--fault list"],
    );
    run(&["--fault", "reset_after:0"]).expect(2, &["does not say how often"]);
    run(&["--fault", "reset_after:x"]).expect(2, &["does not say how often", "NAME:3"]);
    run(&["--fault", "random:x"]).expect(2, &["does not say how often"]);
    run(&["--fault", "random:600", "--fault", "no_answer:600"]).expect(2, &["more than 1000"]);
    run(&["--fault", "random", "--fault", "no_answer"]).expect(2, &["either random or named"]);
    run(&["--fault", "unexpected_rotation"]).expect(2, &["cannot occur here"]);
    run(&["--without", "feild-extra"])
        .expect(2, &["there is no rule", "did you mean `field-extra`?"]);
    run(&["--clock-speed=-1"]).expect(2, &["time cannot pass at this speed"]);
    run(&["--clock-speed=NaN"]).expect(2, &["time cannot pass at this speed"]);
    run(&["--seed", "x"]).expect(2, &["a seed is a whole number from 0"]);
    run(&["specs/initech.yaml"]).expect(2, &["cannot read specs/initech.yaml"]);
    let held = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = held.local_addr().unwrap().port().to_string();
    run(&["--port", &port]).expect(2, &["is taken", "--port 0"]);
    place.write("specs/bad.yaml", &acme().replace("request:", "reqest:"));
    run(&[]).expect(1, &["specs/bad.yaml:4:", "reqest"]);
}

#[test]
fn lists_are_for_stdout() {
    let place = Place::new("serve-lists");
    let run = place.run(&["serve", "--fault", "list"]);
    run.expect(0, &[]);
    assert!(run.stdout.lines().any(|line| line.starts_with("reset_after ")), "{run:?}");
    let run = place.run(&["serve", "--without", "list"]);
    run.expect(0, &[]);
    assert!(run.stdout.lines().any(|line| line.starts_with("field-twice ")), "{run:?}");
}

/// Whoever pastes a line sends what must be sent; and a contract that reads no refusal is told, not only answered.
#[test]
fn what_is_optional_and_what_is_made_up_is_said() {
    let place = Place::new("serve-optional");
    let client = "environments: { production: https://id.acme.example }\nclient: { scope: { optional: true }, tenant: {} }";
    let spec = acme()
        .replace("environments: { production: https://id.acme.example }", client)
        .replacen(
            "refresh_token: \"${refresh_token}\" } }",
            "refresh_token: \"${refresh_token}\", scope: \"${client.scope}\", tenant: \"${client.tenant}\" } }",
            1,
        );
    let (spec, _) = spec.split_once("examples:").expect("examples");
    let unread = spec.replace("errors: [{ status: 401, class: reauthenticate }]", "errors: []");
    place.write("specs/acme.yaml", spec);
    place.write("specs/globex.yaml", &unread.replace("acme", "globex"));
    let mut played = Played::start(place, &["serve", "--port", "0"]);
    // That a dead token is described says nothing of what else is refused.
    played.says("note: no rule reads the refusal of a client's mistake (acme, globex), of a dead token (globex) and of a malformed request (acme, globex): what this server answers then is made up");
    let table = played.table();
    assert!(table.contains("  client scope, optional  synthetic-scope"), "{table}");
    assert!(table.contains("  client tenant           synthetic-tenant"), "{table}");
    let refresh = pasted(&table).into_iter().find(|line| line.contains("grant_type="));
    let refresh = refresh.expect("a line");
    assert!(refresh.contains("&tenant=") && !refresh.contains("scope="), "{refresh}");
    runs(&refresh);
}
