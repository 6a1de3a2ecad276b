//! What a page shows below one another: requests, and the answers to each.

use super::Problem;
use super::answer::{Answer, json_of, parts};
use super::curl::{has_request, raw};
use super::meaning::{is_plain, squashed};
use super::shell::words;
use super::wire::Body;
use serde_json::{Map, Value};

/// How deep the JSON of an answer may nest to be looked for its end.
const MOST_LEVELS: usize = 64;
/// Methods by which a token is asked for.
pub(super) const METHODS: &[&str] = &["DELETE", "GET", "PATCH", "POST", "PUT"];

/// Requests, and the answers that stand below them.
#[derive(Debug, Default)]
pub(super) struct Shown {
    /// The text of the requests. Its lines have the numbers that they have in the source.
    pub(super) request: String,
    /// The text of each answer.
    pub(super) answers: Vec<String>,
}

/// A source in parts.
#[derive(Debug, Default)]
pub(super) struct Pasted {
    /// What it shows, in its order.
    pub(super) shown: Vec<Shown>,
    /// Whether text between and below these is neither.
    pub(super) unread: bool,
}

/// The parts of a text. An answer is a JSON object that begins on a line of its own, perhaps behind the head that `curl -i` prints, or
/// such a head alone.
pub(super) fn apart(text: &str) -> Pasted {
    let text = text.replace("\r\n", "\n");
    // Fences of Markdown are no part of what stands between them; a place keeps its line.
    let line =
        |line: &'_ str| if line.trim_start().starts_with("```") { "" } else { line }.to_owned();
    let plain = text.split('\n').map(line).collect::<Vec<_>>().join("\n");
    let mut pasted = Pasted::default();
    let (mut start, mut at) = (0, 0);
    while let Some(line) = plain[at..].split_inclusive('\n').next() {
        let before = &plain[start..at];
        match answer(before, &plain[at..], !pasted.shown.is_empty()) {
            Some(length) => {
                pasted.request(&plain, start, at);
                let answer = plain[at..at + length].trim_end().to_owned();
                pasted.shown.last_mut().into_iter().for_each(|it| it.answers.push(answer.clone()));
                at += length;
                start = at;
            }
            None => {
                if begins_request(line, before) {
                    pasted.request(&plain, start, at);
                    start = at;
                }
                at += line.len();
            }
        }
    }
    pasted.request(&plain, start, plain.len());
    pasted
}

impl Pasted {
    /// Takes what stands between two places for a request, or for nothing.
    fn request(&mut self, plain: &str, start: usize, end: usize) {
        let text = plain[start..end].trim_end();
        if self.shown.is_empty() && !text.is_empty() || has_request(text) {
            let above = plain[..start].matches('\n').count();
            let request = format!("{}{text}", "\n".repeat(above));
            self.shown.push(Shown { request, answers: Vec::new() });
        } else {
            self.unread |= text.lines().any(is_unread);
        }
    }
}

/// Whether a line that nothing reads is missed: not where it is empty, or says what stands below it, `Response:`.
pub(super) fn is_unread(line: &str) -> bool {
    let line = line.trim();
    !line.is_empty() && !is_label(line)
}

/// Whether a line says what stands below it.
pub(super) fn is_label(line: &str) -> bool {
    let line = line.trim();
    line.starts_with('#') || line.ends_with(':') && !line.contains(['=', '{', '&', '"'])
}

/// Whether another request begins with this line, behind `before`.
fn begins_request(line: &str, before: &str) -> bool {
    let mut words = line.split_whitespace();
    let (first, second) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let is_target = second.starts_with('/') || second.contains("://");
    let is_last = words.next().is_none_or(|version| version.starts_with("HTTP/"));
    if METHODS.contains(&first) && is_target && is_last && words.next().is_none() {
        return !has_request(before) || is_whole(before);
    }
    // Below one another, curl commands are one text.
    (first == "curl" || first == "$" && second == "curl") && raw(before).is_some()
}

/// Whether a request may end here.
fn is_whole(request: &str) -> bool {
    match raw(request) {
        Some(read) => read.is_ok(),
        // A quote that is open holds what follows, and a line that goes on goes on in it.
        None => words(request).is_ok() && !request.trim_end().ends_with(['\\', '^', '`']),
    }
}

/// The length of the answer with which `rest` begins, behind `before`. `follows`: whether a request stands further above.
fn answer(before: &str, rest: &str, follows: bool) -> Option<usize> {
    let has_head = rest.strip_prefix("HTTP/").is_some_and(|head| {
        head.split(' ')
            .nth(1)
            .is_some_and(|status| status.starts_with(|c: char| c.is_ascii_digit()))
    });
    if !has_head && !rest.starts_with('{') {
        return None;
    }
    let is_answered = match (before.trim().is_empty(), has_request(before)) {
        (true, _) => follows,
        (false, false) if follows => true,
        _ => is_whole(before),
    };
    let head = if has_head { length_of_head(rest) } else { 0 };
    let body = rest[head..].trim_start();
    let length = if body.starts_with('{') { extent(body) } else { None };
    match (is_answered, length) {
        (false, _) => None,
        (true, Some(length)) => {
            let members = json_of(&body[..length]).ok();
            let members = members.as_ref().and_then(Value::as_object);
            let is_body = !has_head && is_body(before, members);
            (!is_body).then(|| rest.len() - body.len() + length)
        }
        (true, None) => has_head.then_some(head),
    }
}

/// Whether JSON that stands below the head of a request is its body.
fn is_body(request: &str, members: Option<&Map<String, Value>>) -> bool {
    let is_head = matches!(raw(request), Some(Ok(wire)) if wire.body == Body::Empty);
    is_head && !members.is_some_and(|members| members.keys().any(|name| is_of_answer(name)))
}

/// The length of an answer's status line and headers.
fn length_of_head(text: &str) -> usize {
    let mut lines = text.split_inclusive('\n');
    let first = lines.next().map_or(0, str::len);
    let is_header = |line: &&str| {
        line.split_once(':')
            .is_some_and(|(name, _)| !name.is_empty() && !name.contains([' ', '{', '"']))
    };
    first + lines.take_while(is_header).map(str::len).sum::<usize>()
}

/// The length of the brackets with which JSON begins and what is in them, comments included.
pub(super) fn extent(json: &str) -> Option<usize> {
    let (mut depth, mut quoted, mut escaped, mut comment) = (0_usize, false, false, false);
    for (at, c) in json.char_indices() {
        match c {
            '\n' => comment = false,
            _ if comment => {}
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ if quoted => {}
            '/' => comment = json[at..].starts_with("//"),
            '{' | '[' => depth += 1,
            '}' | ']' if depth == 1 => return Some(at + 1),
            '}' | ']' => depth = depth.checked_sub(1)?,
            _ => {}
        }
        if depth > MOST_LEVELS {
            return None;
        }
    }
    None
}

/// Whether only an answer holds a member of this name.
fn is_of_answer(name: &str) -> bool {
    let name = squashed(name);
    ["tokentype", "error"].contains(&name.as_str())
        || name.ends_with("expiresin")
        || name.ends_with("expiresat")
}

/// What the answers of a source say: the first that is a success, and what is to be told of the others. `sent`: the refresh token of the
/// request as shown. `given`: the answer that has to be one.
pub(super) fn read(
    pasted: &[String],
    given: Option<&str>,
    sent: Option<&str>,
) -> Result<(Option<Answer>, Vec<String>), Problem> {
    let (mut answer, mut errors, mut others) = (None, Vec::new(), Vec::new());
    for (text, is_given) in given
        .map(|text| (text, true))
        .into_iter()
        .chain(pasted.iter().map(|text| (text.as_str(), false)))
    {
        let (status, body) = parts(text);
        let value = json_of(body);
        if let Some(error) =
            value.as_ref().map_or_else(|_| of_status(status), |value| error(status, value))
        {
            errors.push(error);
            continue;
        }
        match Answer::read(text, sent) {
            // What comes before the answer itself (RFC 9110 section 15.2).
            _ if status.is_some_and(|status| status < 200) => {}
            Ok(read) if answer.is_none() => answer = Some(read),
            Ok(_) if is_given || given.is_none() => {
                others.push("one more that is a success".to_owned())
            }
            Ok(_) => return Err(given_twice()),
            Err(problem) if is_given => return Err(problem),
            Err(_) if body.trim().is_empty() => others.push("one without a body".to_owned()),
            Err(problem) => others.push(format!("one of which is said: {}", problem.message)),
        }
    }
    let mut notes = Vec::new();
    if !errors.is_empty() {
        notes.push(format!(
            "Answers of the source that are errors: {}. What each means is for the page to say: it belongs under `errors`, and what it answers under `examples`.",
            errors.join("; ")
        ));
    }
    if !others.is_empty() {
        notes.push(format!("Answers of the source that are not read: {}.", others.join("; ")));
    }
    Ok((answer, notes))
}

/// Of two successes none is the one that is meant.
fn given_twice() -> Problem {
    Problem::new(
        "the answer is given twice: below the request, and by `--answer`",
        "leave one of them out",
    )
}

/// How an answer of this status is called that is an error or sends elsewhere.
fn of_status(status: Option<u16>) -> Option<String> {
    status.filter(|status| *status >= 300).map(|status| format!("status {status}"))
}

/// What is said of an answer that is an error: by its status, or by a member where that is not shown. Words of the protocol are told.
fn error(status: Option<u16>, body: &Value) -> Option<String> {
    let code = |name: &str| {
        let value = body.get(name)?.as_str()?;
        (is_plain(value) && !value.contains(' ')).then(|| format!("`/{name}` is `{value}`"))
    };
    let code = code("error").or_else(|| code("error_code")).or_else(|| code("code"));
    let says_error = body.get("error").is_some_and(|error| match error {
        Value::String(text) => !["", "0"].contains(&text.as_str()),
        Value::Object(members) => !members.is_empty(),
        _ => false,
    });
    let has_token = Answer::of(body, 200, None).is_ok_and(|answer| answer.has_token());
    match (of_status(status), code) {
        (Some(status), Some(code)) => Some(format!("{status}, {code}")),
        (Some(status), None) => Some(status),
        (None, code) if says_error && !has_token => {
            Some(code.unwrap_or_else(|| "one with a member `error`".to_owned()))
        }
        (None, _) => None,
    }
}
