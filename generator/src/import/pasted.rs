//! What a page shows below one another: requests, and the answers to each.

use super::Problem;
use super::answer::{Answer, json_of, parts};
use super::bounds;
use super::curl::raw;
use super::lines::{extent, is_curl, is_grant, is_unread};
use super::meaning::{is_field, is_plain, squashed};
use super::wire::Body;
use serde_json::Value;

/// A request, and the answers that stand below it.
#[derive(Debug, Default)]
pub(super) struct Shown {
    /// The text of the request. Its lines have the numbers that they have in the source.
    pub(super) request: String,
    /// The line in which it begins.
    pub(super) line: usize,
    /// The answers.
    pub(super) answers: Vec<Text>,
}

/// The text of an answer.
#[derive(Debug, Clone)]
pub(super) struct Text {
    /// How many lines of the source stand above it.
    above: usize,
    text: String,
}

/// A source in parts.
#[derive(Debug, Default)]
pub(super) struct Pasted {
    /// What it shows, in its order.
    pub(super) shown: Vec<Shown>,
    /// Whether text around these is neither.
    pub(super) unread: bool,
    /// Whether the answer stood above its request.
    pub(super) is_above: bool,
    /// Whether the request is a URL alone.
    pub(super) is_url: bool,
}

/// The parts of a text. An answer is a JSON object that begins on a line of its own below a request, perhaps behind the head that
/// `curl -i` prints, or such a head alone.
pub(super) fn apart(text: &str) -> Pasted {
    let text = text.replace("\r\n", "\n");
    let plain: Vec<String> = text.split('\n').map(without_marks).collect();
    let lines: Vec<&str> = plain.iter().map(String::as_str).collect();
    let mut pasted = read_lines(&lines);
    if pasted.shown.is_empty() {
        pasted.within(&lines);
    }
    if pasted.shown.is_empty() {
        let lines: Vec<String> = plain.iter().map(|line| with_method(line)).collect();
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        pasted = Pasted { is_url: true, ..read_lines(&lines) };
    }
    pasted
}

/// A URL alone that says a grant type or holds a refresh token, with the method that asks for it.
fn with_method(line: &str) -> String {
    let url = line.trim();
    let names = url.split_once('?').map_or("", |(_, query)| query).split('&');
    let mut names = names.map(|pair| pair.split('=').next().unwrap_or_default());
    let is_one = ["https://", "http://"].iter().any(|scheme| url.starts_with(scheme))
        && !url.contains(char::is_whitespace)
        && names.any(|name| is_grant(name) || squashed(name) == "refreshtoken");
    if is_one { format!("GET {url}") } else { line.to_owned() }
}

/// The parts of these lines.
fn read_lines(lines: &[&str]) -> Pasted {
    let mut pasted = Pasted::default();
    let mut above = Vec::new();
    let mut at = 0;
    while at < lines.len() {
        if let Some(length) = bounds::request(&lines[at..]) {
            pasted.request(at, &lines[at..at + length].join("\n"));
            at += length;
        } else if let Some((length, text)) = answer(&lines[at..], at)
            .filter(|(_, text)| !pasted.shown.is_empty() || text.brings_token())
        {
            match pasted.shown.is_empty() {
                true => above.push(text),
                false => pasted.answer(text),
            }
            at += length;
        } else if let Some(length) = bounds::form(&lines[at..])
            .filter(|length| pasted.takes_body(&lines[at..at + length].join("\n")))
        {
            at += length;
        } else {
            pasted.unread |= is_unread(lines[at]);
            at += 1;
        }
    }
    pasted.take_above(above);
    pasted
}

impl Pasted {
    /// Takes an answer that stands above the one request, where none stands below it.
    fn take_above(&mut self, above: Vec<Text>) {
        match &mut self.shown[..] {
            [only] if only.answers.is_empty() && !above.is_empty() => {
                only.answers = above;
                self.is_above = true;
            }
            _ => self.unread |= !above.is_empty(),
        }
    }

    /// Takes the text that begins behind so many lines for a request.
    fn request(&mut self, above: usize, text: &str) {
        let request = format!("{}{text}", "\n".repeat(above));
        self.shown.push(Shown { request, line: above + 1, answers: Vec::new() });
    }

    /// Takes JSON for the answer to the request above it, or for its body.
    fn answer(&mut self, answer: Text) {
        let members = json_of(&answer.text).ok();
        let members = members.as_ref().and_then(Value::as_object);
        let says_grant = members.is_some_and(|all| all.keys().any(|name| is_grant(name)));
        if says_grant && self.takes_body(&answer.text) {
            return;
        }
        self.shown.last_mut().into_iter().for_each(|shown| shown.answers.push(answer.clone()));
    }

    /// Whether the request above has no body and takes this one, from which a table or prose parts it.
    fn takes_body(&mut self, text: &str) -> bool {
        let Some(shown) = self.shown.last_mut().filter(|shown| shown.answers.is_empty()) else {
            return false;
        };
        let is_bare = matches!(raw(&shown.request), Some(Ok(wire)) if wire.body == Body::Empty);
        if is_bare {
            shown.request.push_str(&format!("\n\n{text}"));
        }
        is_bare
    }

    /// Where no line begins a request: a command within one.
    fn within(&mut self, lines: &[&str]) {
        let command = |line: &&str| {
            let words = line.split_whitespace().filter(|word| is_curl(word));
            let mut places = words.map(|word| word.as_ptr() as usize - line.as_ptr() as usize);
            places.find(|at| bounds::begins_command(&line[*at..]))
        };
        let found = lines.iter().enumerate().find_map(|(at, line)| Some((at, command(line)?)));
        let Some((at, column)) = found else { return };
        let mut own = lines[at..].to_vec();
        let inner = own[0][column..].trim_start_matches('`');
        // In Markdown's marks of code, the command ends with them.
        let is_code = inner.len() < own[0].len() - column;
        let code = if is_code { inner.split('`').next().unwrap_or_default() } else { inner };
        let first = format!("{}{code}", " ".repeat(own[0].len() - inner.len()));
        own[0] = &first;
        let length = bounds::of_command(&own, 1);
        self.request(at, &own[..length].join("\n"));
    }
}

impl Text {
    /// Whether it is an answer that brings a token.
    fn brings_token(&self) -> bool {
        Answer::read(&self.text, None, None).is_ok_and(|answer| answer.has_token())
    }
}

/// A line without the marks of Markdown and of a shell's second prompt: fences, quotes, code that is the whole line. What stands in it
/// keeps its column.
fn without_marks(line: &str) -> String {
    let text = line.trim_start();
    if text.starts_with("```") {
        return String::new();
    }
    let item = text.trim_start_matches(|c: char| c.is_ascii_digit() || "-*. ".contains(c));
    let code = item.strip_prefix('`').and_then(|rest| rest.trim_end().strip_suffix('`'));
    match (code, text.strip_prefix("> ")) {
        (Some(code), _) if !code.contains('`') => {
            format!("{}{code}", " ".repeat(line.len() - item.len() + 1))
        }
        (_, Some(rest)) => format!("{}  {rest}", &line[..line.len() - text.len()]),
        _ => line.to_owned(),
    }
}

/// The answer with which these lines begin, and how many lines it takes. `above`: how many lines stand above it.
fn answer(lines: &[&str], above: usize) -> Option<(usize, Text)> {
    let first = lines.first()?.trim_start();
    let has_head = first.strip_prefix("HTTP/").is_some_and(|head| {
        head.split(' ')
            .nth(1)
            .is_some_and(|status| status.starts_with(|c: char| c.is_ascii_digit()))
    });
    if !has_head && !first.starts_with('{') {
        return None;
    }
    let rest = lines.join("\n");
    let head = if has_head { length_of_head(&rest) } else { 0 };
    let body = rest[head..].trim_start();
    let length = if body.starts_with('{') { extent(body) } else { None };
    let end = match length {
        Some(length) => rest.len() - body.len() + length,
        None if has_head => head,
        None => return None,
    };
    let text = rest[..end].trim().to_owned();
    Some((rest[..end].trim_end().matches('\n').count() + 1, Text { above, text }))
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

/// What the answers of a source say: the first that is a success, and what is to be told of the others. `sent`: the refresh token of the
/// request as shown. `given`: the answer that has to be one.
pub(super) fn read(
    pasted: &[Text],
    given: Option<&str>,
    sent: Option<&str>,
) -> Result<(Option<Answer>, Vec<String>), Problem> {
    let (mut answer, mut errors, mut others) = (None, Vec::new(), Vec::new());
    let below = pasted.iter().map(|answer| (&*answer.text, Some(answer.above)));
    for (text, above) in given.map(|text| (text, None)).into_iter().chain(below) {
        let is_given = above.is_none();
        let (status, body) = parts(text);
        let value = json_of(body);
        if let Some(error) =
            value.as_ref().map_or_else(|_| of_status(status), |value| error(status, value))
        {
            errors.push(error);
            continue;
        }
        match Answer::read(text, above, sent) {
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
    let refused = refused(body);
    let says_error = refused.is_some()
        || body.get("error").is_some_and(|error| match error {
            Value::String(text) => !["", "0"].contains(&text.as_str()),
            Value::Object(members) => !members.is_empty(),
            _ => false,
        });
    let code = code("error").or_else(|| code("error_code")).or_else(|| code("code")).or(refused);
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

/// What a body says that holds the status of its own refusal beside a text for people, as problem details do (RFC 9457 section 3.1).
fn refused(body: &Value) -> Option<String> {
    let members = body.as_object()?;
    let is = |name: &str, names: &[&str]| names.contains(&squashed(name).as_str());
    let is_told = members.iter().any(|(name, value)| {
        value.is_string() && is(name, &["title", "detail", "details", "message", "errormessage"])
    });
    let number = |value: &Value| value.as_u64().or_else(|| value.as_str()?.parse().ok());
    let (name, status) = members.iter().find_map(|(name, value)| {
        let status = number(value).filter(|status| *status >= 400)?;
        is(name, &["status", "statuscode", "httpstatus", "code"]).then_some((name, status))
    })?;
    (is_told && is_field(name)).then(|| format!("`/{name}` is {status}"))
}
