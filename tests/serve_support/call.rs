//! Lines for a shell, run or read.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::process::Command;
use std::time::Duration;

/// A call as a line says it.
#[derive(Debug, Clone, Default)]
pub struct Call {
    method: Option<String>,
    url: String,
    headers: Vec<(String, String)>,
    body: Option<String>,
}

/// The status and the body of what a line gets, run by a shell where there is curl.
pub fn curl_or_parse(line: &str) -> Result<(u16, String), String> {
    let there = Command::new("curl").arg("--version").output().is_ok();
    if !there {
        return Call::parse(line).send().map_err(|error| error.to_string());
    }
    let mut shell = Command::new("sh");
    shell.args(["-c", &line.replacen("curl ", "curl --max-time 30 ", 1)]);
    for name in ["http_proxy", "all_proxy", "ALL_PROXY"] {
        shell.env_remove(name);
    }
    let output = shell.output().map_err(|error| error.to_string())?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    if !output.status.success() {
        return Err(format!("{} {text}", String::from_utf8_lossy(&output.stderr)));
    }
    answer(&text).ok_or(text)
}

/// The status and the body of an answer.
fn answer(text: &str) -> Option<(u16, String)> {
    let (head, body) = text.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    Some((status, body.to_owned()))
}

impl Call {
    /// Reads a line as a shell and curl do.
    pub fn parse(line: &str) -> Self {
        let mut call = Self::default();
        let mut words = words(line).into_iter();
        assert_eq!(words.next().as_deref(), Some("curl"));
        while let Some(word) = words.next() {
            let mut next = || words.next().expect("a value");
            match word.as_str() {
                "-i" | "--globoff" => {}
                "-X" => call.method = Some(next()),
                "--data-raw" => call.body = Some(next()),
                "-H" => {
                    let header = next();
                    let (name, value) =
                        header.split_once(": ").unwrap_or((header.trim_end_matches(';'), ""));
                    call.headers.push((name.to_owned(), value.to_owned()));
                }
                url if url.starts_with("http://") => call.url = url.to_owned(),
                other => panic!("{other:?} in {line}"),
            }
        }
        if call.body.is_some() && !call.headers.iter().any(|(name, _)| name == "content-type") {
            let form = "application/x-www-form-urlencoded".to_owned();
            call.headers.push(("content-type".to_owned(), form));
        }
        call
    }

    pub fn method(mut self, method: &str) -> Self {
        self.method = Some(method.to_owned());
        self
    }

    /// With this value of a header.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.retain(|(known, _)| known != name);
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn url_suffix(mut self, suffix: &str) -> Self {
        self.url.push_str(suffix);
        self
    }

    pub fn body_suffix(mut self, suffix: &str) -> Self {
        self.body.get_or_insert_default().push_str(suffix);
        self
    }

    /// The status and the body of the answer.
    pub fn send(&self) -> io::Result<(u16, String)> {
        let rest = self.url.strip_prefix("http://").expect("a URL");
        let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let body = self.body.as_deref().unwrap_or_default();
        let implied = if self.body.is_some() { "POST" } else { "GET" };
        let method = self.method.as_deref().unwrap_or(implied);
        let mut request =
            format!("{method} {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n");
        for (name, value) in &self.headers {
            request += &format!("{name}: {value}\r\n");
        }
        request += &format!("content-length: {}\r\n\r\n{body}", body.len());
        let mut stream = TcpStream::connect(host)?;
        stream.set_read_timeout(Some(Duration::from_secs(30)))?;
        stream.write_all(request.as_bytes())?;
        let mut text = String::new();
        stream.read_to_string(&mut text)?;
        answer(&text).ok_or_else(|| io::Error::other(text))
    }
}

/// The words of a line: single quotes, and a backslash between them.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let (mut quoted, mut escaped) = (false, false);
    for c in line.chars() {
        match c {
            c if escaped => {
                words.last_mut().expect("a word").push(c);
                escaped = false;
            }
            '\'' => quoted = !quoted,
            '\\' if !quoted => escaped = true,
            ' ' if !quoted => words.push(String::new()),
            c => words.last_mut().expect("a word").push(c),
        }
    }
    words
}

#[test]
fn words_are_those_of_a_shell() {
    assert_eq!(words(r"curl 'a b' 'it'\''s' c"), ["curl", "a b", "it's", "c"]);
}
