//! `like: google` means what a spec means that says all of it.

use rekindle_contract::contract::Contract;
use rekindle_contract::diagnostics::Severity;
use rekindle_contract::{Source, check, load};
use std::fs;
use std::path::Path;

const GOOGLE: &str = r#"
rekindle: 1
provider:
  name: Google
  summary: About Google alone.
  source: { title: Refreshing, url: "https://google.example/docs", retrieved: 2026-11-21 }
profile: rfc6749
client: { client_id: { doc: In the console. }, client_secret: { secret: true } }
refresh:
  request: POST https://auth.google.example/token?v=2
  auth: { basic: { encoding: raw } }
  headers: { x-one: a, x-two: b }
  form: { audience: google }
tokens:
  access: { expires: { seconds: /expires_in }, usual_lifetime: 1h }
  refresh: { use: many, rotation: never, idle_limit: 90d }
errors:
  - { status: 403, class: client_misconfigured }
examples:
  - id: refused
    given: { client: { client_id: i, client_secret: s }, refresh_token: old }
    response: { status: 403 }
    expect: { error: client_misconfigured }
provenance:
  documented:
    tokens.refresh.idle_limit: In an announcement.
    "errors[0].status": On the page about errors.
    environments: On the first page.
allow: { no_success_example: The page has none. }
"#;

/// The contract of `like`, which takes [`GOOGLE`], and of `whole`, which says all of it, in files of one name.
fn contracts(like: &str, whole: &str) -> [Contract; 2] {
    let like = format!("rekindle: 1\nlike: google\n{like}");
    let google = || Source::new("google.yaml", GOOGLE);
    [like.as_str(), whole].map(|spec| {
        let checked = check(&[Source::new("drive.yaml", spec), google()]);
        let errors = || checked.diagnostics.iter().filter(|one| one.severity == Severity::Error);
        assert_eq!(errors().count(), 0, "{spec}: {:?}", checked.diagnostics);
        let drive = checked.contracts.into_iter().find(|one| one.provider.id == "drive");
        let mut drive = drive.expect("the contract of drive");
        drive.origin.like = None;
        drive
    })
}

#[test]
fn a_like_means_what_it_would_mean_in_full() {
    let plain = GOOGLE
        .replace("  name: Google\n  summary: About Google alone.\n", "")
        .split("examples:")
        .next()
        .map(|head| head.to_owned() + "provenance:" + GOOGLE.split("provenance:").nth(1).unwrap())
        .unwrap()
        .replace("allow: { no_success_example: The page has none. }\n", "");
    let without_host = plain.replace("    environments: On the first page.\n", "");
    let host = "POST https://auth.google.example/token?v=2";
    let other_hosts = "environments: { a: https://a.drive.example, b: https://b.drive.example }\n";
    let cases = [
        ("", plain.clone()),
        ("provider: { name: Drive Files, summary: Its own. }\n", plain.replacen("provider:\n", "provider:\n  name: Drive Files\n  summary: Its own.\n", 1)),
        (other_hosts, without_host.replace(host, "POST /token?v=2") + other_hosts),
        ("base_url: integrator\n", without_host.replace(host, "POST /token?v=2") + "base_url: integrator\n"),
        ("refresh: { request: POST https://drive.example/t }\n", without_host.replace(host, "POST https://drive.example/t")),
        ("refresh: { request: POST /other }\n", plain.replace(host, "POST https://auth.google.example/other")),
        ("refresh: { auth: body }\n", plain.replace("{ basic: { encoding: raw } }", "body")),
        ("refresh: { auth: { basic: { password: \"\" } } }\nclient: { client_secret: null }\n", plain.replace("{ encoding: raw }", "{ encoding: raw, password: \"\" }").replace(", client_secret: { secret: true }", "")),
        ("refresh: { auth: { body: { client_id: key } } }\n", plain.replace("{ basic: { encoding: raw } }", "{ body: { client_id: key } }")),
        ("refresh: { headers: { x-one: null, x-three: c } }\n", plain.replace("x-one: a, x-two: b", "x-two: b, x-three: c")),
        ("refresh: { form: { audience: null, refresh_token: null, token: \"${refresh_token}\" } }\n", plain.replace("{ audience: google }", "{ refresh_token: null, token: \"${refresh_token}\" }")),
        ("refresh: { json: { audience: drive } }\n", plain.replace("form: { audience: google }", "json: { audience: drive }")),
        ("tokens: { access: { usual_lifetime: 2h }, refresh: { idle_limit: 30d } }\n", plain.replace("usual_lifetime: 1h", "usual_lifetime: 2h").replace("idle_limit: 90d", "idle_limit: 30d").replace("    tokens.refresh.idle_limit: In an announcement.\n", "")),
        ("tokens: { access: { expires: { constant: 1h }, usual_lifetime: null } }\n", plain.replace("expires: { seconds: /expires_in }, usual_lifetime: 1h", "expires: { constant: 1h }")),
        ("errors: [{ status: 418, class: transient }]\n", plain.replace("{ status: 403, class: client_misconfigured }", "{ status: 418, class: transient }").replace("    \"errors[0].status\": On the page about errors.\n", "")),
        ("client: { client_id: { doc: null } }\n", plain.replace("client_id: { doc: In the console. }", "client_id: {}")),
        ("provider: { source: { title: Drive's own } }\n", plain.replace("{ title: Refreshing, url: \"https://google.example/docs\", retrieved: 2026-11-21 }", "{ title: Drive's own }").split("provenance:").next().unwrap().to_owned()),
    ];
    for (like, whole) in &cases {
        let [like_as_meant, whole_as_meant] = contracts(like, whole);
        assert_eq!(format!("{like_as_meant:#?}"), format!("{whole_as_meant:#?}"), "{like}");
    }
}

#[test]
fn it_takes_what_another_says_and_not_where_that_lies() {
    let files = |drive: &str, google: &str| {
        let drive = Source::new(drive, "rekindle: 1\nlike: google\n");
        check(&[Source::new(google, GOOGLE), drive]).contracts
    };
    let contracts = files("specs/drive.yaml", "specs/google.yaml");
    assert_eq!(contracts.len(), 2);
    assert_eq!(contracts[0].origin.like.as_deref(), Some("google"));
    assert_eq!(contracts[1].origin.like, None);
    assert_eq!(contracts[0].request, contracts[1].request);
    assert_eq!(contracts[0].provider.name, "Drive");
}

/// What is doubtful about the base is said once, of the base.
#[test]
fn lints_of_the_base_are_said_of_the_base() {
    let google = "rekindle: 1\nprofile: rfc6749\nrefresh: { request: POST https://a.example/t, auth: query }\n";
    let drive = Source::new("drive.yaml", "rekindle: 1\nlike: google\n");
    let said = check(&[drive, Source::new("google.yaml", google)]).diagnostics;
    assert!(!said.is_empty());
    assert!(said.iter().all(|one| one.file == "google.yaml" && one.also.is_none()), "{said:?}");
    let one = said.iter().filter(|one| one.code == said[0].code && one.path == said[0].path);
    let alone = check(&[Source::new("google.yaml", google)]).diagnostics;
    assert_eq!(one.count(), alone.iter().filter(|one| one.code == said[0].code).count());
}

/// Where hosts are a spec's own, no answer of its provider leads to those of the other.
#[test]
fn the_hosts_of_steps_stay_with_their_provider() {
    let stepper = "rekindle: 1\nprofile: rfc6749\nenvironments: { production: https://a.example }\nsteps:\n  \
                   - { id: d, request: GET /d, take: { url: { field: /u, type: url, hosts: [\"*.a.example\"] } } }\n\
                   refresh: { request: \"POST ${d.url}\" }\ntokens: { refresh: { use: many, rotation: never } }\n";
    for (own, hosts) in [("environments: { production: https://b.example }", 0), ("", 1)] {
        let like = format!("rekindle: 1\nlike: stepper\nprovider: {{ name: Other }}\n{own}\n");
        let sources = [Source::new("other.yaml", &*like), Source::new("stepper.yaml", stepper)];
        let checked = check(&sources);
        let other = checked.contracts.iter().find(|one| one.provider.id == "other");
        let other = other.unwrap_or_else(|| panic!("{:?}", checked.diagnostics));
        assert_eq!(other.taken("d.url").map(|taken| taken.hosts.len()), Some(hosts), "{own}");
    }
}

/// The same of the base URL that answers tell; what else they tell may lead where it did.
#[test]
fn the_hosts_of_the_next_base_url_stay_with_their_provider() {
    let moving = "rekindle: 1\nprofile: rfc6749\nenvironments: { production: https://a.example }\nbase_url: output.next\n\
                  refresh: { request: POST /t }\nresponse:\n  outputs:\n    \
                  next: { field: /u, type: url, hosts: [\"*.a.example\"] }\n    \
                  docs: { field: /d, type: url, hosts: [docs.example] }\ntokens: { refresh: { use: many, rotation: never } }\n";
    let there = "environments: { production: https://b.example }\n";
    let (next, own) = (
        "base_url: output.next\n",
        "response: { outputs: { next: { hosts: [\"*.b.example\"] } } }\n",
    );
    let cases = [
        (String::new(), Some(["*.a.example"])),
        (there.to_owned(), Some(["*.a.example"])),
        ([there, next].concat(), None),
        (next.to_owned(), None),
        ([there, next, own].concat(), Some(["*.b.example"])),
    ];
    for (own, expected) in cases {
        let like = format!("rekindle: 1\nlike: moving\nprovider: {{ name: Other }}\n{own}");
        let sources = [Source::new("other.yaml", &*like), Source::new("moving.yaml", moving)];
        let checked = check(&sources);
        let other = checked.contracts.iter().find(|one| one.provider.id == "other");
        let hosts = |name: &str| other.map(|other| other.response.outputs[name].hosts.clone());
        let found = hosts("next");
        let expected_hosts = expected.map(|hosts| hosts.map(str::to_owned).to_vec());
        assert_eq!(found, expected_hosts, "{own}: {:?}", checked.diagnostics);
        let told = other.and_then(|other| other.base.output.as_deref());
        assert_eq!(told, expected.and((own != there).then_some("next")), "{own}");
        assert!(hosts("docs").is_none_or(|hosts| hosts == ["docs.example"]), "{own}");
        let refused = checked.diagnostics.iter().any(|one| one.code.id == "RK0378");
        assert_eq!(refused, expected.is_none(), "{own}: {:?}", checked.diagnostics);
    }
}

/// A file with variants means what as many files mean that say all of it.
#[test]
fn a_variant_means_what_it_would_mean_in_full() {
    let google = GOOGLE.replace("  name: Google\n", "");
    let variants = "variants:
  code: {}
  pkce:
    provider: { name: Google with PKCE, summary: Another. }
    client: { client_secret: null }
    refresh: { auth: public }
    tokens: { refresh: { use: once, rotation: always } }
    response: { refresh_token: /refresh_token }
    examples: []
    provenance: { inferred: { tokens.refresh.use: From what PKCE is. } }
";
    let provider = |id: &str, name: &str, summary: &str, text: &str| {
        let names = format!("provider:\n  id: {id}\n  name: {name}\n  summary: {summary}\n");
        text.replace("provider:\n  summary: About Google alone.\n", &names)
    };
    let code = provider("google_code", "Google Code", "About Google alone.", &google);
    let pkce = provider("google_pkce", "Google with PKCE", "Another.", &google)
        .replace(", client_secret: { secret: true }", "")
        .replace("{ basic: { encoding: raw } }", "public")
        .replace("use: many, rotation: never", "use: once, rotation: always")
        .replace("errors:\n", "response: { refresh_token: /refresh_token }\nerrors:\n")
        .replace(
            "provenance:\n",
            "provenance:\n  inferred: { tokens.refresh.use: From what PKCE is. }\n",
        );
    let pkce = [
        pkce.split("examples:").next().unwrap(),
        "provenance:",
        pkce.split("provenance:").nth(1).unwrap(),
    ]
    .concat();
    let whole = [("google_code.yaml", code), ("google_pkce.yaml", pkce)];
    let google = google.replace("profile:", "  name: Google\nprofile:");
    let named = google
        .replace("  name: Google\n", "")
        .replace("provider:\n", "provider:\n  name: Google\n");
    let checked = check(&[Source::new("google.yaml", named + variants)]);
    assert_eq!(checked.diagnostics.len(), 0, "{:#?}", checked.diagnostics);
    assert_eq!(checked.contracts.len(), 2);
    for (mut variant, (file, text)) in checked.contracts.into_iter().zip(whole) {
        let name = variant.origin.variant.take().expect("the name of the variant");
        assert_eq!(variant.provider.id, format!("google_{name}"));
        variant.origin.file = file.to_owned();
        let whole = check(&[Source::new(file, text)]);
        assert_eq!(
            format!("{:#?}", whole.contracts),
            format!("{:#?}", [variant]),
            "{:#?}",
            whole.diagnostics
        );
    }
}

/// What one variant needs is said for all of them without a warning.
#[test]
fn what_one_variant_uses_is_used() {
    let spec = r#"
rekindle: 1
profile: rfc6749
provider: { source: { title: Page } }
refresh: { request: POST https://a.example/t }
samples: { held: { jwt: { sub: someone } } }
allow: { public_client: It is for devices. }
variants: { code: {}, pkce: { refresh: { auth: query }, examples: [] } }
examples:
  - id: refreshed
    given: { client: { client_id: i, client_secret: s }, refresh_token: "${sample.held}" }
    response: { status: 200, json: { access_token: a } }
    expect: { access_token: a }
"#;
    let said = |spec: &str| {
        let said = check(&[Source::new("acme.yaml", spec)]).diagnostics;
        said.into_iter().map(|one| one.code.name).collect::<Vec<_>>()
    };
    let lint = said(&spec.replace("allow: { public_client: It is for devices. }\n", ""));
    let [lint] = lint.as_slice() else { panic!("one lint, of one variant: {lint:?}") };
    assert_eq!(*lint, "secret_in_url");
    let allowed = spec.replace("public_client", lint);
    assert_eq!(said(&allowed), [""; 0]);
    assert_eq!(check(&[Source::new("acme.yaml", allowed.as_str())]).contracts.len(), 2);
    assert_eq!(said(&allowed.replace("auth: query", "auth: body")), ["unused_allow"]);
    assert_eq!(said(&allowed.replace("${sample.held}", "old")), ["unused_sample"]);
}

/// A spec that is named alone brings along the one that it takes, which is not checked for its own sake.
#[test]
fn what_a_file_takes_lies_beside_it() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("beside");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder");
    let write = |name: &str, text: &str| fs::write(folder.join(name), text).expect("a file");
    let doubtful = GOOGLE.replace("allow: { no_success_example: The page has none. }", "");
    write("google.yaml", &doubtful);
    write("drive.yaml", "{ rekindle: 1, like: google }");
    write("broken.yaml", "rekindle: 2");
    write("twin.yaml", "rekindle: 1\nprovider: { id: drive }");
    let found = |name: &str| {
        let checked = check(&load(&[folder.join(name)]).expect("files"));
        let ids: Vec<_> = checked.contracts.into_iter().map(|one| one.provider.id).collect();
        (ids, checked.diagnostics)
    };
    assert_eq!(found("drive.yaml"), (vec!["drive".to_owned()], Vec::new()));

    write("google.yaml", &GOOGLE.replace("usual_lifetime: 1h", "usual_lifetime: one hour"));
    let (ids, diagnostics) = found("drive.yaml");
    assert!(ids.is_empty());
    assert_eq!(diagnostics.len(), 1, "{diagnostics:?}");
    assert!(diagnostics[0].file.ends_with("google.yaml"), "{diagnostics:?}");

    write("mail.yaml", "rekindle: 1\nlike: gogle");
    let (_, diagnostics) = found("mail.yaml");
    assert_eq!(diagnostics.len(), 1, "{diagnostics:?}");
    assert_eq!(diagnostics[0].hint.as_deref(), Some("did you mean `google`?"));
}
