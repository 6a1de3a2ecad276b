//! The request of a contract as a line for a shell, with variables for what is not the contract's.

use super::sample;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use rekindle_contract::contract::{Body, ClientAuth, Contract, JsonTemplate, Part, Template};

/// What RFC 3986 calls unreserved stays as it is in a query.
const QUERY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The variable for a base URL that no page names.
const BASE_URL: &str = "BASE_URL";

/// A word of the shell: text as it is, and variables.
#[derive(Default)]
struct Word(Vec<Piece>);

enum Piece {
    Text(String),
    Variable(String),
}

/// The line, an option on each line of its own. Values that the client makes for each request are variables, too. Optional
/// parameters are left out.
pub(crate) fn line(contract: &Contract) -> String {
    let request = &contract.request;
    let mut words = vec![url(contract).written()];
    let body = body(contract);
    let implied = if body.is_empty() { "GET" } else { "POST" };
    if request.method != implied {
        words.push(format!("-X {}", Word::text(&request.method).written()));
    }
    if request.certificate {
        words.push(format!("--cert {}", Word::variable("CLIENT_CERTIFICATE").written()));
    }
    match &request.auth {
        ClientAuth::Basic { username, password, scheme, .. } => {
            let word = Word::of(username).and(Word::text(":")).and(Word::of(password)).written();
            words.push(match scheme {
                None => format!("--user {word}"),
                Some(scheme) => {
                    let encoded = format!("$(printf %s {word} | base64 -w 0)");
                    format!(
                        "-H {}\"{encoded}\"",
                        Word::text(&format!("authorization: {scheme} ")).written()
                    )
                }
            });
        }
        ClientAuth::Header { name, value } => words.push(header(name, value)),
        ClientAuth::None | ClientAuth::Body(_) | ClientAuth::Query(_) => {}
    }
    let headers = request.headers.iter().filter(|(_, value)| contract.optional_in(value).is_none());
    words.extend(headers.map(|(name, value)| header(name, value)));
    words.extend(body);
    format!("curl {}", words.join(" \\\n  "))
}

fn header(name: &str, value: &Template) -> String {
    format!("-H {}", Word::text(&format!("{name}: ")).and(Word::of(value)).written())
}

fn url(contract: &Contract) -> Word {
    let request = &contract.request;
    let all = &contract.base.environments;
    let shown = sample::best(contract).and_then(|example| example.given.environment.as_ref());
    let shown = all.iter().find(|one| Some(&one.name) == shown);
    let base = match shown.or(all.first()) {
        Some(environment) => Word::of(&environment.url),
        None => Word::variable(BASE_URL),
    };
    // What an earlier answer or the integrator brings may be the whole URL.
    let path = Word::of(&request.path);
    let mut url = match path.0.first() {
        Some(Piece::Variable(_)) => path,
        _ => base.and(path),
    };
    let auth = match &request.auth {
        ClientAuth::Query(fields) => fields.as_slice(),
        _ => &[],
    };
    let fields = request.query.iter().chain(auth);
    let fields = fields.filter(|(_, value)| contract.optional_in(value).is_none());
    for (index, (name, value)) in fields.enumerate() {
        let encoded = |text: &str| utf8_percent_encode(text, QUERY).to_string();
        let sign = if index == 0 { "?" } else { "&" };
        url = url.and(Word::text(&format!("{sign}{}", encoded(name))));
        if !request.is_valueless(name) {
            url = url.and(Word::text("=")).and(Word::written_by(value, encoded));
        }
    }
    url
}

/// The options that bring the body, none where it is empty.
fn body(contract: &Contract) -> Vec<String> {
    let auth = match &contract.request.auth {
        ClientAuth::Body(fields) => fields.as_slice(),
        _ => &[],
    };
    let sent = |value: &Template| contract.optional_in(value).is_none();
    match &contract.request.body {
        Body::Empty if auth.is_empty() => Vec::new(),
        Body::Json(json) => {
            let mut members = Word::default();
            let mut put = |word: Word| {
                let comma = if members.0.is_empty() { "" } else { "," };
                members = std::mem::take(&mut members).and(Word::text(comma)).and(word);
            };
            let whole = match json {
                JsonTemplate::Object(object) => {
                    object
                        .iter()
                        .filter(|(_, value)| is_sent(contract, value))
                        .for_each(|(name, value)| put(member(name, Word::json(contract, value))));
                    auth.iter().for_each(|(name, value)| put(member(name, Word::json_text(value))));
                    Word::text("{").and(members).and(Word::text("}"))
                }
                other => Word::json(contract, other),
            };
            vec![format!("--data-raw {}", whole.written())]
        }
        Body::Xml(document) => vec![format!("--data-raw {}", Word::of(document).written())],
        body => {
            let fields = match body {
                Body::Form(fields) => fields.as_slice(),
                _ => &[],
            };
            let fields = fields.iter().chain(auth).filter(|(_, value)| sent(value));
            let option = |(name, value): &(String, Template)| {
                // What stands before the sign is not encoded by curl.
                let name = utf8_percent_encode(name, QUERY).to_string();
                let word = Word::text(&format!("{name}=")).and(Word::of(value));
                format!("--data-urlencode {}", word.written())
            };
            fields.map(option).collect()
        }
    }
}

fn member(name: &str, value: Word) -> Word {
    Word::text(&format!("{}:", serde_json::Value::from(name))).and(value)
}

fn is_sent(contract: &Contract, json: &JsonTemplate) -> bool {
    !matches!(json, JsonTemplate::Text(text) if contract.optional_in(text).is_some())
}

impl Word {
    fn text(text: &str) -> Self {
        Self(vec![Piece::Text(text.to_owned())])
    }

    fn variable(name: &str) -> Self {
        Self(vec![Piece::Variable(name.to_owned())])
    }

    /// A text with a variable for each of its places.
    fn of(template: &Template) -> Self {
        Self::written_by(template, str::to_owned)
    }

    /// The same, its literals written by `write`.
    fn written_by(template: &Template, write: impl Fn(&str) -> String) -> Self {
        let piece = |part: &Part| match part {
            Part::Literal(text) => Piece::Text(write(text)),
            Part::Slot(slot) => Piece::Variable(variable(&slot.to_string())),
        };
        Self(template.parts.iter().map(piece).collect())
    }

    /// A text inside of JSON.
    fn json_text(template: &Template) -> Self {
        let escaped = |text: &str| {
            let quoted = serde_json::Value::from(text).to_string();
            quoted[1..quoted.len() - 1].to_owned()
        };
        Self::text("\"").and(Self::written_by(template, escaped)).and(Self::text("\""))
    }

    fn json(contract: &Contract, json: &JsonTemplate) -> Self {
        let list = |words: Vec<Self>, open: &str, close: &str| {
            let comma = |index| Self::text(if index == 0 { open } else { "," });
            let empty = words.is_empty();
            let words = words.into_iter().enumerate();
            let inside =
                words.fold(Self::default(), |all, (index, word)| all.and(comma(index)).and(word));
            if empty {
                Self::text(&format!("{open}{close}"))
            } else {
                inside.and(Self::text(close))
            }
        };
        match json {
            JsonTemplate::Constant(value) => Self::text(&value.to_string()),
            JsonTemplate::Text(text) => Self::json_text(text),
            JsonTemplate::List(items) => {
                list(items.iter().map(|item| Self::json(contract, item)).collect(), "[", "]")
            }
            JsonTemplate::Object(members) => {
                let members = members.iter().filter(|(_, value)| is_sent(contract, value));
                let members =
                    members.map(|(name, value)| member(name, Self::json(contract, value)));
                list(members.collect(), "{", "}")
            }
        }
    }

    fn and(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    /// As a shell reads it. Text that means nothing to a shell inside double quotes stands there with the variables; other text
    /// stands in single quotes, where nothing means anything.
    fn written(&self) -> String {
        let plain = |piece: &Piece| match piece {
            Piece::Text(text) => !text.contains(['"', '$', '`', '\\', '!', '\'']),
            Piece::Variable(_) => true,
        };
        let quiet = |text: &str| {
            !text.is_empty()
                && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_./:=".contains(&b))
        };
        let variables = self.0.iter().any(|piece| matches!(piece, Piece::Variable(_)));
        if variables && self.0.iter().all(plain) {
            let pieces = self.0.iter().map(|piece| match piece {
                Piece::Text(text) => text.clone(),
                Piece::Variable(name) => format!("${{{name}}}"),
            });
            return format!("\"{}\"", pieces.collect::<String>());
        }
        let mut word = String::new();
        let mut text = String::new();
        let end = |text: &mut String, word: &mut String| {
            if !text.is_empty() {
                *word += &format!("'{}'", text.replace('\'', r"'\''"));
                text.clear();
            }
        };
        for piece in &self.0 {
            match piece {
                Piece::Text(part) => text += part,
                Piece::Variable(name) => {
                    end(&mut text, &mut word);
                    word += &format!("\"${{{name}}}\"");
                }
            }
        }
        if word.is_empty() && quiet(&text) {
            return text;
        }
        end(&mut text, &mut word);
        if word.is_empty() { "''".to_owned() } else { word }
    }
}

/// The variable for a place: `CLIENT_ID` for `${client.client_id}`.
fn variable(place: &str) -> String {
    let name = place.trim_start_matches("${").trim_end_matches('}');
    let name = name.rsplit('.').next().unwrap_or(name);
    let letter = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' };
    name.chars().map(letter).collect()
}

#[cfg(all(test, unix))]
mod tests {
    use super::Word;
    use std::process::Command;

    /// What a shell makes of a word.
    fn read(word: &Word) -> String {
        let line = format!("printf %s {}", word.written());
        let output = Command::new("sh").args(["-c", &line]).env("NAME", "a $value").output();
        String::from_utf8(output.expect("a shell").stdout).expect("text")
    }

    #[test]
    fn a_shell_reads_the_text_that_was_written() {
        let texts = [
            "",
            "plain",
            "two words",
            "it's",
            "$HOME `id` $(id) \\ \" !",
            "'; id #",
            "a=b&c",
            "*",
            "~",
            "line\nline",
        ];
        for text in texts {
            assert_eq!(read(&Word::text(text)), text);
            for (before, after) in [(text, ""), ("", text), (text, text)] {
                let word = Word::text(before).and(Word::variable("NAME")).and(Word::text(after));
                assert_eq!(read(&word), format!("{before}a $value{after}"));
            }
        }
    }
}
