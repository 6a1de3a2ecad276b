//! A curl command line → the request that it sends.

use super::Problem;
use super::bounds::header;
use super::lines::{
    LETTERS, METHODS, MOST_LEVELS, depth, extent, is_curl, is_label, is_option, is_unread,
};
use super::meaning::is_field;
use super::shell::words;
use super::wire::{
    Address, Body, Wire, end_of_host, has_quotes, is_alone, is_form, pairs, split_url, too_deep,
    without_quotes,
};

/// Options with a value that says nothing of the request's contract.
const IGNORED_WITH_VALUE: &[&str] = &[
    "output",
    "connect-timeout",
    "max-time",
    "retry",
    "retry-delay",
    "retry-max-time",
    "write-out",
    "proxy",
    "proxy-user",
    "cacert",
    "capath",
    "cookie-jar",
    "dump-header",
    "resolve",
    "interface",
    "ciphers",
    "tls-max",
    "max-redirs",
    "limit-rate",
    "stderr",
    "trace",
    "trace-ascii",
    "noproxy",
    "dns-servers",
    "key",
    "key-type",
    "cert-type",
    "pass",
    "range",
    "expect100-timeout",
    "connect-to",
    "proto-default",
    "proto",
    "proto-redir",
    "unix-socket",
    "abstract-unix-socket",
    "happy-eyeballs-timeout-ms",
    "keepalive-time",
    "local-port",
    "doh-url",
    "etag-save",
    "max-filesize",
    "output-dir",
    "speed-limit",
    "speed-time",
    "tls13-ciphers",
    "curves",
    "crlfile",
    "pinnedpubkey",
    "proxy-header",
    "preproxy",
    "socks4",
    "socks4a",
    "socks5",
    "socks5-hostname",
];

/// Options without a value.
const IGNORED: &[&str] = &[
    "silent",
    "show-error",
    "location",
    "location-trusted",
    "compressed",
    "insecure",
    "include",
    "verbose",
    "fail",
    "fail-with-body",
    "globoff",
    "http1.0",
    "http1.1",
    "http2",
    "http2-prior-knowledge",
    "http3",
    "tlsv1",
    "tlsv1.0",
    "tlsv1.1",
    "tlsv1.2",
    "tlsv1.3",
    "ipv4",
    "ipv6",
    "progress-bar",
    "progress-meter",
    "basic",
    "anyauth",
    "raw",
    "remote-name",
    "remote-header-name",
    "disable",
    "retry-connrefused",
    "retry-all-errors",
    "junk-session-cookies",
    "path-as-is",
    "sslv3",
    "ssl-no-revoke",
    "parallel",
    "styled-output",
    "create-dirs",
    "tr-encoding",
    "fail-early",
    "http3-only",
    "tcp-nodelay",
    "tcp-fastopen",
    "remove-on-error",
    "remote-time",
    "ssl-reqd",
    "post301",
    "post302",
    "post303",
    "clobber",
    "cert-status",
    "keepalive",
    "buffer",
    "sessionid",
    "alpn",
];

/// Options with a value that counts.
const VALUED: &[&str] = &[
    "request",
    "header",
    "data",
    "data-raw",
    "data-binary",
    "data-ascii",
    "data-urlencode",
    "json",
    "user",
    "url",
    "cookie",
    "oauth2-bearer",
    "cert",
    "form",
    "form-string",
    "upload-file",
    "config",
    "aws-sigv4",
    "url-query",
    "netrc-file",
    "user-agent",
    "referer",
];

/// Dashes that pages print in the place of those that one types.
const DASHES: &[char] =
    &['\u{2010}', '\u{2011}', '\u{2012}', '\u{2013}', '\u{2014}', '\u{2015}', '\u{2212}'];

/// What the words say so far.
#[derive(Default)]
struct Line {
    method: Option<String>,
    url: Option<String>,
    headers: Vec<(String, String)>,
    data: Vec<String>,
    query: Vec<String>,
    json: bool,
    get: bool,
    user: Option<String>,
    certificate: bool,
    below: bool,
}

/// Where a source shows no request.
pub(super) fn none() -> Problem {
    let hint = "give the whole line, `curl` included, or the request as HTTP writes it: `POST https://id.acme.example/oauth/token`, its headers and its body below, or `GET ` and the whole URL where all stands in that";
    Problem::new("there is no curl command in it", hint)
}

/// The requests that `text` shows, in their order: one as HTTP writes it, or those that curl commands send; of several, those that can
/// be read.
pub(super) fn requests(text: &str) -> Result<Vec<Wire>, Problem> {
    if let Some(wire) = raw(text) {
        return Ok(vec![wire?]);
    }
    let words = words(text).map_err(|(line, column)| {
        Problem::new(
            format!("the quote in line {line}, column {column} is never closed"),
            "copy the whole line, with all its continuations; some pages print a quote too many: take it out then",
        )
    })?;
    // Some pages print method, URL and options, and leave the command itself out.
    if let [method, url, options @ ..] = words.as_slice()
        && METHODS.contains(&method.to_ascii_uppercase().as_str())
        && url.contains("://")
    {
        let line = ["-X", method, url].map(str::to_owned);
        return Ok(vec![request(&[&line[..], options].concat())?]);
    }
    let Some(start) = words.iter().position(|word| is_curl(word)) else { return Err(none()) };
    let commands = words.get(start + 1..).unwrap_or_default().split(|word| is_curl(word));
    let read: Vec<Result<Wire, Problem>> = commands.map(request).collect();
    match read.iter().any(Result::is_ok) {
        true => Ok(read.into_iter().filter_map(Result::ok).collect()),
        false => read.into_iter().collect(),
    }
}

/// The request that a curl command with these words sends.
fn request(words: &[String]) -> Result<Wire, Problem> {
    // Behind `--next`, curl sends another request.
    let ends = |word: &&String| {
        ["|", "||", "&&", ";", "&", ">", ">>", "2>&1", "--next", "-:"].contains(&word.as_str())
    };
    let own: Vec<String> = words.iter().take_while(|word| !ends(word)).cloned().collect();
    let mut line = Line::default();
    let mut rest = own.into_iter().enumerate();
    while let Some((position, word)) = rest.next() {
        let mut value = || rest.next().map(|(_, value)| value);
        match word.strip_prefix("--") {
            Some("") => {}
            Some(name) => match name.split_once('=') {
                Some((name, value)) if takes_value(name) => {
                    let mut value = Some(value.to_owned());
                    line.option(name, position, &mut || value.take())?;
                }
                _ => line.option(name, position, &mut value)?,
            },
            None => match word.strip_prefix('-').filter(|letters| !letters.is_empty()) {
                Some(letters) => line.letters(letters, position, &mut value)?,
                None if word.starts_with(DASHES) => {
                    return Err(Problem::new(
                        format!(
                            "word {} after `curl` begins with a dash that is printed and not typed",
                            position + 1
                        ),
                        "write `-X` for one letter, and `--data` for a word",
                    ));
                }
                // Behind `NAME=$(curl …)` a bracket is left.
                None if word == ")" => {}
                None => line.address(&word)?,
            },
        }
    }
    line.wire()
}

/// A request as HTTP/1.1 writes it, which pages show in place of a command: `POST /token HTTP/1.1`, headers, the body. `None` where the
/// text is none.
pub(super) fn raw(text: &str) -> Option<Result<Wire, Problem>> {
    let text = text.replace("\r\n", "\n");
    let mut lines = text.lines().skip_while(|line| line.trim().is_empty());
    // Options of curl are no headers.
    if text.lines().any(|line| is_option(line.trim_start())) {
        return None;
    }
    let mut first = lines.next()?.split_whitespace();
    let (method, target) = (first.next()?, first.next()?);
    let is_method = method.len() <= 10 && method.bytes().all(|byte| byte.is_ascii_uppercase());
    let is_target = target.starts_with('/') || target.contains("://");
    let is_version = first.next().is_none_or(|version| version.starts_with("HTTP/"));
    if !is_method || !is_target || !is_version || first.next().is_some() {
        return None;
    }
    let mut line = Line { method: Some(method.to_owned()), ..Line::default() };
    let mut host = None;
    let (mut body, mut below) = (String::new(), false);
    let (mut in_head, mut has_ended) = (true, false);
    for text in lines {
        let text = text.trim();
        // Some pages leave out the empty line before the body.
        let header = header(text, in_head).filter(|_| body.is_empty());
        in_head &= header.is_some();
        match header {
            Some((name, value)) if name.eq_ignore_ascii_case("host") => {
                host = Some(value.to_owned());
            }
            // How long it is follows from what it is.
            Some((name, _)) if name.eq_ignore_ascii_case("content-length") => {}
            Some((name, value)) => line.headers.push((name.to_owned(), value.to_owned())),
            // An empty line ends a body, but for one of JSON whose brackets are open.
            None if text.is_empty() => has_ended |= is_ended(&body),
            None if has_ended && !text.starts_with('&') => below |= is_unread(text),
            None if body.is_empty() && is_label(text) => {}
            None => {
                // A field on each line.
                let is_next = !body.is_empty()
                    && !body.ends_with('&')
                    && !body.starts_with(['{', '['])
                    && is_form(text);
                body.push_str(if is_next && !text.starts_with('&') { "&" } else { "" });
                body.push_str(text);
            }
        }
    }
    line.data = vec![body];
    line.below = below;
    let url = match host {
        Some(host) if target.starts_with('/') => {
            plain_host(&host).map(|host| format!("https://{host}{target}"))
        }
        _ => Ok(target.to_owned()),
    };
    Some(url.and_then(|url| {
        line.url = Some(url);
        line.wire()
    }))
}

/// The host that a header `Host` names: pages print a URL in its place, quotes around it, or a slash behind it.
fn plain_host(text: &str) -> Result<&str, Problem> {
    let text = text.trim_matches(['"', '\'', '`']);
    let host = text.split_once("://").map_or(text, |(_, host)| host);
    let (host, rest) = host.split_at(end_of_host(host));
    match rest.trim_matches('/').is_empty() {
        true => Ok(host),
        false => Err(Problem::new(
            "the header `Host` holds a path",
            "write the host alone, `Host: id.acme.example`, and the whole path behind the method",
        )),
    }
}

/// The text with `-` and `--` in the place of the dashes that pages print in front of options: `\u{2013}X`, `\u{2014}data`.
pub(super) fn with_plain_dashes(text: &str) -> String {
    if !text.contains(DASHES) {
        return text.to_owned();
    }
    let (mut plain, mut rest) = (String::new(), text);
    while let Some(at) = rest.find(DASHES) {
        let (before, dash) = rest.split_at(at);
        let word = dash.trim_start_matches(|c| c == '-' || DASHES.contains(&c));
        let name = word.split(|c: char| !c.is_ascii_alphanumeric() && c != '-').next();
        let name = name.unwrap_or_default();
        let is_known = LETTERS.iter().any(|(letter, _)| word.starts_with(*letter));
        // More letters are prose, but for `-XPOST`.
        let is_letter =
            is_known && name.get(1..).is_some_and(|it| it.is_empty() || METHODS.contains(&it));
        let signs =
            match before.is_empty() && plain.is_empty() || before.ends_with(char::is_whitespace) {
                true if is_long(name) => Some("--"),
                true if is_letter => Some("-"),
                _ => None,
            };
        plain.push_str(before);
        plain.push_str(signs.unwrap_or(&dash[..dash.len() - word.len()]));
        rest = word;
    }
    plain + rest
}

/// Whether an option is called so.
fn is_long(name: &str) -> bool {
    takes_value(name) || IGNORED.contains(&name) || ["get", "head", "netrc", "next"].contains(&name)
}

/// Whether nothing of a body is missing.
fn is_ended(body: &str) -> bool {
    !body.is_empty() && (!body.starts_with(['{', '[']) || extent(body).is_some())
}

impl Line {
    /// `-sXPOST`: letters, of which the first that takes a value takes the rest.
    fn letters(
        &mut self,
        letters: &str,
        position: usize,
        next: &mut dyn FnMut() -> Option<String>,
    ) -> Result<(), Problem> {
        for (at, letter) in letters.char_indices() {
            let Some((_, name)) = LETTERS.iter().find(|(known, _)| *known == letter) else {
                return Err(unknown(position));
            };
            let rest = letters.get(at + letter.len_utf8()..).unwrap_or_default();
            let takes = takes_value(name);
            if takes && !rest.is_empty() {
                let mut rest = Some(rest.to_owned());
                return self.option(name, position, &mut || rest.take());
            }
            self.option(name, position, next)?;
            if takes {
                break;
            }
        }
        Ok(())
    }

    fn option(
        &mut self,
        name: &str,
        position: usize,
        next: &mut dyn FnMut() -> Option<String>,
    ) -> Result<(), Problem> {
        if IGNORED_WITH_VALUE.contains(&name) {
            next();
            return Ok(());
        }
        // Each option without a value has one that takes it back.
        if IGNORED.contains(&name)
            || name.strip_prefix("no-").is_some_and(|it| IGNORED.contains(&it))
        {
            return Ok(());
        }
        let value = match VALUED.contains(&name) {
            true => next().ok_or_else(|| {
                Problem::new(format!("`--{name}` needs a value"), "copy the whole line")
            })?,
            false => String::new(),
        };
        match name {
            "get" => self.get = true,
            "head" => self.method = Some("HEAD".to_owned()),
            "request" => self.method = Some(value.to_ascii_uppercase()),
            "url" => self.address(&value)?,
            "user" => self.user = Some(value),
            // A file that curl knows holds user and password.
            "netrc" | "netrc-file" | "netrc-optional" => self.user = Some("netrc:netrc".to_owned()),
            "cert" => self.certificate = true,
            "oauth2-bearer" => {
                self.headers.push(("Authorization".to_owned(), format!("Bearer {value}")))
            }
            "cookie" => self.headers.push(("Cookie".to_owned(), value)),
            "user-agent" => self.headers.push(("User-Agent".to_owned(), value)),
            "referer" => self.headers.push(("Referer".to_owned(), value)),
            "header" => {
                let value = from_line(value)?;
                if value.trim_end().ends_with(':') {
                    return Err(Problem::new(
                        "a header has a name and no value",
                        "put the whole header into quotes: `-H 'Name: value'`",
                    ));
                }
                let (name, value) =
                    value.split_once(':').unwrap_or((value.trim_end_matches(';'), ""));
                self.headers.push((name.trim().to_owned(), value.trim().to_owned()));
            }
            "json" => {
                self.json = true;
                self.data.push(from_line(value)?);
            }
            "data" | "data-ascii" | "data-binary" => self.data.push(from_line(value)?),
            "data-raw" => self.data.push(value),
            "data-urlencode" => self.data.push(encoded(&value)?),
            "url-query" => self.query.push(encoded(&value)?),
            "form" | "form-string" => {
                return Err(Problem::new(
                    "`-F` sends a body in several parts (multipart/form-data), and no spec can say that",
                    "most token endpoints take a plain form as well: write `-d` in place of `-F`, if the page allows it",
                ));
            }
            "upload-file" | "config" | "aws-sigv4" => {
                return Err(Problem::new(
                    format!("`--{name}` hides the request"),
                    "write what it sends with `-d` and `-H`",
                ));
            }
            _ => return Err(unknown(position)),
        }
        Ok(())
    }

    /// The first address counts; pages put some into angle brackets.
    fn address(&mut self, word: &str) -> Result<(), Problem> {
        let bare = word.strip_prefix('<').and_then(|word| word.strip_suffix('>'));
        let word = bare.filter(|word| word.contains("://")).unwrap_or(word);
        if self.url.is_some() && (word.contains("://") || word.starts_with(char::is_whitespace)) {
            return Err(Problem::new(
                "the command has a second URL",
                "give one command with one URL; is there a backslash that ends no line?",
            ));
        }
        // A prompt, `$`, says nothing.
        self.below |= self.url.is_some() && is_unread(word) && word.len() > 1;
        self.url.get_or_insert_with(|| word.trim_end_matches(')').to_owned());
        Ok(())
    }

    fn wire(self) -> Result<Wire, Problem> {
        let Some(url) = self.url else {
            return Err(Problem::new(
                "the command has no URL",
                "copy the whole line, with all its continuations",
            ));
        };
        let in_url = url.split_once('?').is_some_and(|(_, query)| has_quotes(query));
        let Address { url, mut query, keys } = split_url(&url)?;
        for text in &self.query {
            query.extend(pairs(text)?);
        }
        let data = match self.json {
            true => self.data.concat(),
            false => self.data.join("&"),
        };
        // Inside of JSON a quote is a part of it; around the whole of a body it is the page's own.
        let whole = without_quotes(&data);
        let is_whole = whole != data.trim();
        let data = if is_whole { whole.to_owned() } else { data };
        let mut wire = Wire {
            unquoted: is_whole || self.query.iter().any(|text| has_quotes(text)) || in_url,
            url,
            query,
            keys,
            headers: self.headers.into_iter().map(plain_header).collect(),
            certificate: self.certificate,
            below: self.below,
            ..Wire::default()
        };
        let kind = wire.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
        let json =
            self.json || kind.is_some_and(|(_, kind)| kind.to_ascii_lowercase().contains("json"));
        match () {
            () if self.get => wire.query.extend(pairs(&data)?),
            () if data.trim().is_empty() => {}
            () if json || data.trim_start().starts_with(['{', '[']) => {
                let placed = with_quoted_places(&data);
                let read = serde_json::from_str(&data)
                    .or_else(|error| serde_json::from_str(&placed).map_err(|_| error))
                    .or_else(|error| {
                        // Escapes that are for double quotes, between single ones.
                        let plain = placed.replace("\\\"", "\"");
                        wire.unquoted |= plain != placed;
                        serde_json::from_str(&plain).map_err(|_| error)
                    });
                let body = read.map_err(|error: serde_json::Error| {
                    // Its reader goes no deeper than some levels.
                    if depth(&data) > MOST_LEVELS {
                        return too_deep();
                    }
                    let place = format!("line {}, column {}", error.line(), error.column());
                    Problem::new(
                        format!("the body is no JSON: {place} of it"),
                        "put what stands for a value into double quotes: {\"refresh_token\": \"$REFRESH_TOKEN\"}",
                    )
                })?;
                wire.body = Body::Json(body);
            }
            () => {
                wire.unquoted |= has_quotes(&data);
                wire.body = Body::Form(pairs(&data)?);
            }
        }
        let implied = if self.get || (data.is_empty() && !self.json) { "GET" } else { "POST" };
        wire.method = self.method.unwrap_or_else(|| implied.to_owned());
        if let Some(user) = self.user {
            wire.basic = true;
            wire.no_password = is_alone(&user);
        }
        Ok(wire)
    }
}

/// A header whose value is what the page prints in its place, an expression: `"Basic " + base64(id + ":" + secret)`.
fn plain_header((name, value): (String, String)) -> (String, String) {
    let is_expression =
        name.eq_ignore_ascii_case("authorization") && value.starts_with(['"', '\'', '`']);
    if !is_expression {
        return (name, value);
    }
    let plain = value.replace(['"', '\'', '`', '+', '&'], " ");
    (name, plain.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// JSON whose placeholders stand bare, `"refresh_token": $REFRESH_TOKEN`, with quotes around them.
fn with_quoted_places(json: &str) -> String {
    let (mut text, mut quoted) = (String::new(), false);
    let mut rest = json;
    while let Some(c) = rest.chars().next() {
        quoted ^= c == '"' && !text.ends_with('\\');
        let place = ['$', '<'].contains(&c).then(|| {
            let end = rest.find([',', '}', '\n', ']']).unwrap_or(rest.len());
            rest.get(..end).unwrap_or_default().trim_end()
        });
        match place.filter(|place| !quoted && !place.contains('"')) {
            Some(place) => {
                text.push_str(&format!("\"{place}\""));
                rest = rest.get(place.len().max(1)..).unwrap_or_default();
            }
            None => {
                text.push(c);
                rest = rest.get(c.len_utf8()..).unwrap_or_default();
            }
        }
    }
    text
}

fn takes_value(name: &str) -> bool {
    VALUED.contains(&name) || IGNORED_WITH_VALUE.contains(&name)
}

/// A body as it stands in the line. One that a file holds is not there.
fn from_line(value: String) -> Result<String, Problem> {
    match value.starts_with('@') {
        false => Ok(value),
        true => Err(Problem::new(
            "a part of the request is in a file",
            "write it into the line in place of `@` and the file's name",
        )),
    }
}

/// What `--data-urlencode` sends.
fn encoded(value: &str) -> Result<String, Problem> {
    let encode = |text: &str| {
        percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
    };
    match value.split_once('=') {
        Some(("", content)) => Ok(encode(content)),
        Some((name, content)) => Ok(format!("{name}={}", encode(content))),
        None => match value.split_once('@') {
            // The content is in a file, and the name says what it is.
            Some((name, _)) if is_field(name) => {
                Ok(format!("{name}={}", encode(&format!("<{name}>"))))
            }
            _ => from_line(value.to_owned()).map(|content| encode(&content)),
        },
    }
}

/// The word itself may be a secret: it is not shown.
fn unknown(position: usize) -> Problem {
    Problem::new(
        format!("word {} after `curl` is an option that rekindle does not know", position + 1),
        "leave it out if it says nothing about the request",
    )
}
