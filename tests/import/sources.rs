//! How a source is written: its encoding, and the hosts that pages print.

use super::Place;
use super::places::holds as holds_all;
use rekindle::import::{Problem, Settings, curl, discovery, openapi};

const LINE: &str =
    "curl https://id.acme.io/token -u i:s -d grant_type=refresh_token -d refresh_token=x\n";
const METADATA: &str = "{\"token_endpoint\":\"https://id.acme.io/token\"}";
const API: &str = "openapi: 3.0.0\npaths: { /oauth/token: { post: { requestBody: { content: { application/json: { schema: { properties: { refresh_token: {} } } } } } } } }\n";

fn at_host(host: &str) -> Result<String, Problem> {
    let line = format!(
        "POST /token HTTP/1.1\nHost: {host}\nAuthorization: Basic x\n\ngrant_type=refresh_token&refresh_token=x"
    );
    curl(&line, &Settings::default()).map(|imported| {
        holds_all(&line, &imported.text);
        imported.text
    })
}

/// A header `Host` is a host, whatever a page prints around it; what is none is refused.
#[test]
fn a_host_is_read_or_refused() {
    for host in [
        "id.acme.io",
        "https://id.acme.io",
        "http://id.acme.io/",
        "id.acme.io/",
        "HTTPS://ID.acme.io//",
    ] {
        let text = at_host(host).unwrap();
        assert!(text.contains("production: https://id.acme.io"), "{host}\n{text}");
        assert!(text.contains("POST /token"), "{host}\n{text}");
    }
    let text = at_host("{tenant}.acme.io/").unwrap();
    assert!(text.contains("https://${client.tenant}.acme.io"), "{text}");
    for (host, words) in [("id.acme.io/oauth", "holds a path"), ("m\u{fc}nchen.de", "beyond ASCII")]
    {
        let problem = at_host(host).unwrap_err();
        assert!(problem.message.contains(words), "{problem:?}");
    }
    for url in [
        "https://m\u{fc}nchen.de/t",
        "https://api.\u{4f8b}\u{3048}.jp/t",
        "https://{x}.m\u{fc}nchen.de/t",
    ] {
        let problem = curl(&format!("curl {url} -d a=b"), &Settings::default()).unwrap_err();
        assert!(problem.message.contains("beyond ASCII"), "{problem:?}");
        assert!(problem.hint.contains("`xn--`"), "{problem:?}");
        let metadata = METADATA.replace("https://id.acme.io/token", url);
        assert!(discovery(&metadata, &Settings::default()).is_err(), "{url}");
    }
    for url in ["https://https://a.example/t", "https://HTTP://a.example/t"] {
        let problem = curl(&format!("curl {url} -d a=b"), &Settings::default()).unwrap_err();
        assert!(problem.message.contains("two schemes"), "{problem:?}");
    }
}

/// What is taken for a host is one that `check` takes, with the parts of somebody's own as settings; all else is refused.
#[test]
fn no_host_is_made_up() {
    let line = |url: &str| {
        format!("curl -X POST '{url}/token' -u i:s -d grant_type=refresh_token -d refresh_token=x")
    };
    for (host, base) in [
        ("https://acme.io:8443", "https://acme.io:8443"),
        ("https://{tenant}.acme.io:8443", "https://${client.tenant}.acme.io:8443"),
        ("https://%7Btenant%7D.acme.io", "https://${client.tenant}.acme.io"),
        ("https://your_tenant.acme.io", "https://${client.tenant}.acme.io"),
        ("https://%TENANT%.acme.io", "https://${client.tenant}.acme.io"),
        ("https://:tenant.acme.io", "https://${client.tenant}.acme.io"),
        ("https://***.acme.io", "https://${client.tenant}.acme.io"),
        ("https://[::1]:80", "https://[::1]:80"),
        ("https://localhost:{port}", "base_url: integrator"),
        ("https://localhost:<PORT>", "base_url: integrator"),
        ("https://localhost:PORT", "base_url: integrator"),
        ("https://{host}:{port}", "base_url: integrator"),
        ("https://localhost:port", "base_url: integrator"),
    ] {
        let text = curl(&line(host), &Settings::default()).unwrap().text;
        assert!(text.contains(base), "{host}\n{text}");
        assert!(text.contains("POST /token"), "{host}\n{text}");
        holds_all(host, &text);
    }
    for (host, words) in [
        ("https://acme.io:99999", "a port that is not a number"),
        ("https://acme.io:", "a port that is not a number"),
        ("https://acme.io:abc", "a port that is not a number"),
        ("https://acme..io", "is not valid"),
        ("https://acme.io.", "is not valid"),
        ("https://-a.acme.io", "is not valid"),
        ("https://192.168.1.300", "is not valid"),
        ("https://acme%2eio", "signs that no host has"),
        ("https://a,b.io", "signs that no host has"),
        ("https://acme.io;x", "signs that no host has"),
        ("https://www.acme.io\\t", "signs that no host has"),
        ("https://[::1", "a port that is not a number"),
        ("https:/acme.io", "a scheme without `://`"),
        ("https//acme.io", "a scheme without `://`"),
        ("https://", "has no host"),
    ] {
        let problem = curl(&line(host), &Settings::default()).expect_err(host);
        assert!(problem.message.contains(words), "{host}: {problem:?}");
    }
    for host in
        ["id.acme.io (sandbox)", "id.acme.io, eu.acme.io", "[id.acme.io](https://id.acme.io)"]
    {
        let problem = at_host(host).expect_err(host);
        assert!(problem.message.contains("signs that no host has"), "{host}: {problem:?}");
    }
    for host in ["`id.acme.io`", "\"id.acme.io\"", "'https://id.acme.io/'"] {
        assert!(at_host(host).unwrap().contains("production: https://id.acme.io"), "{host}");
    }
}

/// An empty pair says nothing; what else has no name is told to stand in the query.
#[test]
fn an_empty_pair_is_nothing() {
    let fields = "grant_type=refresh_token&refresh_token=x";
    for line in [
        format!("curl 'https://a.example/t?=' -u i:s -d '{fields}'"),
        format!("curl 'https://a.example/t?=&' -u i:s -d '=&{fields}&='"),
        format!("curl --url 'https://a.example/t?=' -u i:s --url-query '=' -d '{fields}'"),
    ] {
        let text = curl(&line, &Settings::default()).unwrap().text;
        assert!(text.contains("request: POST /t") && !text.contains("query"), "{text}");
        holds_all(&line, &text);
    }
    let problem =
        curl("curl https://a.example/t?opensesame2024", &Settings::default()).unwrap_err();
    assert!(problem.message.contains("the query of the URL"), "{problem:?}");
}

/// Dashes that a page prints in front of options are those that one types; prose keeps its own.
#[test]
fn printed_dashes_are_read() {
    let line = "curl -X POST https://a.example/t --header 'X-Id: web' -u i:s --data grant_type=refresh_token --data-urlencode refresh_token=x";
    let plain = curl(line, &Settings::default()).unwrap();
    for dash in ['\u{2010}', '\u{2011}', '\u{2012}', '\u{2013}', '\u{2014}', '\u{2015}', '\u{2212}']
    {
        let one = format!(" {dash}");
        for two in [one.clone(), format!(" {dash}{dash}"), format!(" {dash}-")] {
            let printed = line.replace(" --", "\0").replace(" -", &one).replace('\0', &two);
            assert_eq!(curl(&printed, &Settings::default()).as_ref(), Ok(&plain), "{printed}");
        }
        let joined = line.replace("-X POST", &format!("{dash}XPOST"));
        assert_eq!(curl(&joined, &Settings::default()).as_ref(), Ok(&plain), "{joined}");
        let unknown = format!("curl https://a.example/t {dash}frobnicate x");
        let problem = curl(&unknown, &Settings::default()).unwrap_err();
        assert!(problem.message.contains("printed and not typed"), "{problem:?}");
        let prose = format!("{line}\n\n{dash}Send it {dash} and {dash}note the answer");
        let text = curl(&prose, &Settings::default()).unwrap().text;
        assert!(text.ends_with(&plain.text[plain.text.find("rekindle: 1").unwrap()..]), "{text}");
    }
}

/// A body is refused for its depth, however deep it is.
#[test]
fn a_body_that_nests_too_deep_is_refused() {
    for depth in [30, 63, 64, 65, 127, 128, 129, 2_000, 20_000] {
        for (open, close) in [("{\"a\":", "}"), ("[", "]")] {
            let json = format!("{{\"a\":{}1{}}}", open.repeat(depth), close.repeat(depth));
            let line = format!("curl https://a.example/t --json '{json}'");
            let problem = curl(&line, &Settings::default()).unwrap_err();
            assert!(problem.message.contains("more than 20 levels"), "{depth}: {problem:?}");
        }
    }
}

/// The mark with which editors begin a text changes nothing, wherever the text comes from; another encoding is named.
#[test]
fn a_source_in_another_encoding_is_named() {
    let marked = |text: &str| format!("\u{feff}{text}");
    let settings = Settings::default();
    assert_eq!(curl(&marked(LINE), &settings), curl(LINE, &settings));
    assert_eq!(discovery(&marked(METADATA), &settings), discovery(METADATA, &settings));
    assert_eq!(openapi(&marked(API), None, &settings), openapi(API, None, &settings));
    let place = Place::new("import-encoding");
    for (kind, source) in [("curl", LINE), ("discovery", METADATA), ("openapi", API)] {
        place.write("source", source);
        let run = |name: &str| place.run(&["import", kind, name, "-o", "-"]);
        let plain = run("source");
        assert_eq!(plain.code, 0, "{plain:?}");
        place.write("source", &marked(source));
        assert_eq!(run("source").stdout, plain.stdout);
        for big in [false, true] {
            let units = marked(source).encode_utf16().collect::<Vec<_>>();
            let bytes = |unit: &u16| if big { unit.to_be_bytes() } else { unit.to_le_bytes() };
            let wide: Vec<u8> = units.iter().flat_map(bytes).collect();
            std::fs::write(place.path("wide"), wide).unwrap();
            run("wide").expect(2, &["wide is UTF-16, and not UTF-8", "save it as UTF-8"]);
            let answer = ["import", "curl", LINE, "-o", "-", "--answer", "wide"];
            place.run(&answer).expect(2, &["wide is UTF-16, and not UTF-8"]);
        }
        std::fs::write(place.path("latin"), [source.as_bytes(), b"\xe9"].concat()).unwrap();
        run("latin").expect(2, &["latin is not UTF-8"]);
    }
}

/// Nothing that is no regular file is replaced by one, whichever command writes.
#[cfg(unix)]
#[test]
fn a_pipe_is_not_replaced() {
    use std::os::unix::fs::FileTypeExt;
    let place = Place::new("import-pipe");
    let pipe = |path: &str| {
        std::fs::create_dir_all(place.path(path).parent().unwrap()).unwrap();
        let made = std::process::Command::new("mkfifo").arg(place.path(path)).status().unwrap();
        assert!(made.success());
    };
    for path in ["spec.yaml", "man/rekindle.1"] {
        pipe(path);
    }
    let why = "it is a pipe, a socket or a device, and no regular file";
    place.run(&["import", "curl", LINE, "-o", "spec.yaml", "--force"]).expect(2, &[why]);
    place.run(&["man", "man"]).expect(2, &[why]);
    for path in ["spec.yaml", "man/rekindle.1"] {
        assert!(std::fs::metadata(place.path(path)).unwrap().file_type().is_fifo(), "{path}");
    }
    std::fs::create_dir(place.path("folder")).unwrap();
    let run = place.run(&["import", "curl", LINE, "-o", "folder", "--force"]);
    run.expect(2, &["it is a folder"]);
}
