//! Where the requests of a page begin and end. What stands around them is prose, tables and answers: no quote of it opens anything, and
//! none of it is a body.

use super::lines::{METHODS, extent, is_curl, is_grant, is_label, is_of_answer, is_option};
use super::shell::{Quotes, goes_on, here_word};
use super::wire::{is_form, without_quotes};
use serde_json::Value;

/// How many of these lines belong to the request with which they begin; `None` where none does.
pub(super) fn request(lines: &[&str]) -> Option<usize> {
    let first = lines.first()?;
    if begins_command(first) {
        return Some(of_command(lines, 1));
    }
    if let Some(head) = without_command(lines) {
        return Some(of_command(lines, head));
    }
    is_request_line(first).then(|| of_http(lines))
}

/// Whether a command begins with this line: `curl` and what it takes, perhaps behind a prompt, a variable or the mark of a list.
pub(super) fn begins_command(line: &str) -> bool {
    let is_prompt = |word: &str| {
        word.ends_with(['$', '%', '>', '\u{276f}'])
            || ["-", "*", "env", "exec", "sudo", "time"].contains(&word)
            || word.strip_suffix('.').is_some_and(|it| it.bytes().all(|it| it.is_ascii_digit()))
    };
    let mut words = line.split_whitespace().skip_while(|word| is_prompt(word) && !is_curl(word));
    // `curl is a tool` is prose.
    let takes = |word: &str| {
        is_option(word)
            || word.trim_end_matches([':', '.']).contains(['/', '.', ':'])
            || word.starts_with(['\'', '"', '\\', '^', '$', '<', '{', '`'])
    };
    words.next().is_some_and(is_curl)
        && (words.clone().next().is_none_or(takes) || words.any(is_option))
}

/// The lines of method and URL, where the options of a command follow and the command itself is left out.
fn without_command(lines: &[&str]) -> Option<usize> {
    let mut words = lines
        .iter()
        .enumerate()
        .flat_map(|(at, line)| line.split_whitespace().map(move |word| (at, word)));
    let is_method = METHODS.contains(&words.next()?.1);
    let (at, url) = words.next()?;
    let follows = words.next().is_some_and(|(_, word)| is_option(word));
    (is_method && at < 2 && url.contains("://") && follows).then_some(at + 1)
}

/// Whether a line is the first of a request as HTTP writes it: method and target, perhaps the version.
fn is_request_line(line: &str) -> bool {
    let mut words = line.split_whitespace();
    let (first, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    METHODS.contains(&first)
        && (target.starts_with('/') || target.contains("://"))
        && words.next().is_none_or(|version| version.starts_with("HTTP/"))
        && words.next().is_none()
}

/// The lines of a command, of which the first `head` belong to it in any case: those that a quote holds, that a line goes on in, and
/// those of options where a page leaves out the sign that a line goes on.
pub(super) fn of_command(lines: &[&str], head: usize) -> usize {
    let mut quotes = Quotes::default();
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        if quotes.is_stray_before(line)
            || begins_command(line)
            || is_request_line(line) && at >= head
        {
            quotes = Quotes::default();
        }
        if at >= head && !quotes.is_open() && !is_continued(lines, at) {
            break;
        }
        let document = here_word(line).filter(|_| !quotes.is_open());
        quotes.line(line, at + 1);
        at += 1;
        let end = document.and_then(|word| lines[at..].iter().position(|it| it.trim() == word));
        at += end.map_or(0, |end| end + 1);
    }
    let own = lines[..at].iter().rposition(|line| !line.trim().is_empty());
    own.map_or(at, |last| last + 1)
}

/// Whether the command above goes on in this line, outside of quotes.
fn is_continued(lines: &[&str], at: usize) -> bool {
    let (line, before) = (lines[at], lines[at - 1]);
    if line.trim().is_empty() {
        let mut below = lines[at..].iter().skip_while(|line| line.trim().is_empty());
        return goes_on(before) && below.next().is_some_and(|line| is_option(line.trim_start()));
    }
    let is_answer = line.trim_start().starts_with('{');
    is_option(line.trim_start()) || goes_on(before) && !is_answer && !begins_command(line)
}

/// The lines of a request as HTTP writes it: its head, and a form or JSON below it.
fn of_http(lines: &[&str]) -> usize {
    let mut end = 1;
    let mut in_head = true;
    for (at, line) in lines.iter().enumerate().skip(1) {
        match line.trim() {
            "" => in_head = false,
            text if header(text, in_head).is_some() => end = at + 1,
            text if says_answer(text) => break,
            text if is_label(text) => in_head = false,
            _ => return body(&lines[at..]).map_or(end, |length| at + length),
        }
    }
    end
}

/// Whether a line says that the answer stands below it.
fn says_answer(line: &str) -> bool {
    let line = line.to_ascii_lowercase();
    is_label(&line)
        && ["response", "answer", "result", "return"].iter().any(|word| line.contains(word))
}

/// A header's name and its value. Below an empty line only what no prose is called.
pub(super) fn header(line: &str, in_head: bool) -> Option<(&str, &str)> {
    let (name, value) = line.split_once(':')?;
    let is_name = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let usual =
        ["accept", "authorization", "connection", "content-type", "cookie", "host", "origin"];
    let is_usual = usual.contains(&name.to_ascii_lowercase().as_str());
    // `Note: the client must be registered` is prose.
    let is_prose = !is_usual && !name.contains('-') && value.split_whitespace().count() > 2;
    let in_head = in_head && !is_prose;
    (is_name && !name.is_empty() && !value.trim().is_empty() && (in_head || is_usual))
        .then_some((name, value.trim()))
}

/// How many lines are a form with which they begin, and that says the grant type.
pub(super) fn form(lines: &[&str]) -> Option<usize> {
    let length = body(lines).filter(|_| is_form(without_quotes(lines[0])))?;
    let all = lines[..length].join("&");
    let names = all.split('&').filter_map(|pair| pair.split_once('=')).map(|(name, _)| name);
    names.into_iter().any(is_grant).then_some(length)
}

/// How many lines are the body with which they begin.
fn body(lines: &[&str]) -> Option<usize> {
    let is_blank = |line: &&str| line.trim().is_empty();
    if !lines.first()?.trim_start().starts_with(['{', '[']) {
        let is_more = |at: usize| {
            let line = lines[at].trim();
            let goes_on = lines[at - 1].trim_end().ends_with('&');
            line.starts_with('&') || is_form(without_quotes(line)) || goes_on && !line.is_empty()
        };
        if !is_form(without_quotes(lines[0])) {
            return None;
        }
        let mut end = 1;
        while let Some(more) = (end..lines.len()).find(|at| !is_blank(&lines[*at])) {
            let is_below = more > end && !lines[more].trim_start().starts_with('&');
            if is_below || !is_more(more) {
                break;
            }
            end = more + 1;
        }
        return Some(end);
    }
    let text = lines.join("\n");
    let start = text.len() - text.trim_start().len();
    let Some(length) = extent(&text[start..]) else {
        return Some(lines.iter().position(is_blank).unwrap_or(lines.len()));
    };
    let json = &text[start..start + length];
    (!shows_answer(json)).then(|| text[..start + length].matches('\n').count() + 1)
}

/// Whether JSON has members that only an answer has.
fn shows_answer(json: &str) -> bool {
    let value = super::answer::json_of(json).ok();
    let members = value.as_ref().and_then(Value::as_object);
    members.is_some_and(|members| members.keys().any(|name| is_of_answer(name)))
}
