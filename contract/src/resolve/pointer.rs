//! Fields of an answer: JSON pointers (RFC 6901).

use super::duration::written;
use super::headers;
use crate::contract::{CookieAttribute, Head, Pointer, SET_COOKIE};
use crate::diagnostics::At;
use crate::diagnostics::Finding;
use crate::diagnostics::meaning::{
    BAD_HEAD_PLACE, BAD_HEADER, BAD_POINTER, EMPTY_LIST, FIELD_TWICE,
};
use crate::path::Path;
use crate::spec::{HeadSpec, OneOrMany, PlaceSpec};

/// The field that `text` points to; where it points nowhere, a finding and the whole document.
pub(super) fn resolve(text: &str, path: Path, found: &mut Vec<Finding>) -> Pointer {
    parse(text).unwrap_or_else(|(message, hint)| {
        found.push(Finding::value(BAD_POINTER, path, message).hint(hint));
        Pointer::new(Vec::new())
    })
}

/// What is read at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Of {
    /// A token, or what is kept with it.
    Value,
    /// The end of a token, read as this key of `expires` says.
    End(&'static str),
}

/// The place that is `written`, in the body or in the head of an answer.
pub(super) fn place(written: &PlaceSpec, of: Of, path: Path, found: &mut Vec<Finding>) -> Pointer {
    match written {
        PlaceSpec::Field(text) => match stated(of, text) {
            Some(hint) => {
                let message = format!("`{text}` names no field of an answer");
                found.push(Finding::value(BAD_POINTER, path, message).hint(hint));
                Pointer::new(Vec::new())
            }
            None => resolve(text, path, found),
        },
        PlaceSpec::Head(written) => head(written, of, &path, found)
            .map_or_else(|| Pointer::new(Vec::new()), Pointer::in_head),
    }
}

/// What to do about a lifetime, or about a number, where the field is due that says when a token ends. A name is no number: behind a
/// slash, too, it is a lifetime of so many seconds that was meant for a pointer.
fn stated(of: Of, text: &str) -> Option<String> {
    let Of::End(way) = of else { return None };
    let name = text.strip_prefix('/').unwrap_or(text);
    let is_number = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit());
    match is_number {
        // `/0` is the first item of a list.
        true if name != text && name.len() == 1 => None,
        true => stated_lifetime(way, name).or_else(|| Some(NAMES.to_owned())),
        false if name == text => stated_lifetime(way, name),
        false => None,
    }
}

/// What to do about a lifetime where a field is due that says one in the way of `way`; `None` where it is none.
pub(crate) fn stated_lifetime(way: &str, text: &str) -> Option<String> {
    let unit = match way {
        "seconds" | "duration" => "s",
        "milliseconds" => "ms",
        _ => return None,
    };
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    let lifetime = if is_number { written(&format!("{text}{unit}")) } else { written(text) }?;
    Some(format!(
        "`{way}` names the field of the answer that says it: `{{ {way}: /expires_in }}`; a lifetime that the page states is `{{ constant: {lifetime} }}`"
    ))
}

/// Headers that say something of the message, and are no place for a token or its end.
const OF_THE_MESSAGE: [&str; 6] =
    ["connection", "content-length", "content-type", "date", "trailer", "transfer-encoding"];

/// The place in the head; `None`, and a finding, where it is none.
fn head(written: &HeadSpec, of: Of, path: &Path, found: &mut Vec<Finding>) -> Option<Head> {
    let HeadSpec { header, prefix, cookie, attribute } = written;
    let mut refuse = |path: Path, message: String, hint: &str| {
        found.push(Finding::value(BAD_HEAD_PLACE, path, message).hint(hint));
        None
    };
    match (header, cookie) {
        (Some(_), Some(_)) => {
            let hint = "keep one of them; where answers differ, list both: `[{ header: X-Token }, { cookie: session }]`";
            refuse(
                path.clone(),
                "a place is a header or a cookie, and this is both".to_owned(),
                hint,
            )
        }
        (None, None) => {
            let hint = "write `{ header: X-Auth-Token }` or `{ cookie: session }`";
            refuse(path.clone(), "nothing says which header or cookie it is".to_owned(), hint)
        }
        (Some(name), None) => {
            let lower = name.to_ascii_lowercase();
            if attribute.is_some() {
                let message = "a header has no attributes; cookies have".to_owned();
                return refuse(
                    path.key("attribute"),
                    message,
                    "leave it out, or name the `cookie`",
                );
            }
            if lower == SET_COOKIE {
                let message = "cookies are read by their names".to_owned();
                return refuse(path.key("header"), message, "write `{ cookie: session }`");
            }
            if OF_THE_MESSAGE.contains(&lower.as_str()) {
                let message = format!("the header `{name}` says something of the message alone");
                return refuse(path.key("header"), message, "name the header of the token");
            }
            let bad_prefix = |prefix: &String| {
                // White space before the value is no part of it (RFC 9110 section 5.5).
                prefix.is_empty()
                    || prefix.starts_with([' ', '\t'])
                    || !prefix.chars().all(rekindle_syntax::is_header_character)
            };
            if prefix.as_ref().is_some_and(bad_prefix) {
                let message = "no header begins so".to_owned();
                let hint = "write what stands before the value, `\"Bearer \"`, or leave it out";
                return refuse(path.key("prefix"), message, hint);
            }
            if let Some(message) = headers::token_problem(name) {
                let finding = Finding::value(BAD_HEADER, path.key("header"), message);
                found.push(finding.hint("use letters, digits and hyphens"));
                return None;
            }
            Some(Head::Header { name: lower, prefix: prefix.clone().unwrap_or_default() })
        }
        (None, Some(name)) => {
            if prefix.is_some() {
                let message = "`prefix` is for headers, and this is a cookie".to_owned();
                return refuse(path.key("prefix"), message, "leave it out");
            }
            let key = match attribute {
                Some(CookieAttribute::MaxAge) => Some("seconds"),
                Some(CookieAttribute::Expires) => Some("http_date"),
                None => None,
            };
            match (of, attribute, key) {
                (Of::Value, Some(attribute), _) => {
                    let message = format!("{} says when a cookie dies", attribute.label());
                    let hint = "leave it out here, and name it under `expires` of the token";
                    return refuse(path.key("attribute"), message, hint);
                }
                (Of::End(_), None, _) => {
                    let message = "the value of a cookie does not say when it dies".to_owned();
                    let hint = "add what does: `attribute: max_age` under `seconds`, `attribute: expires` under `http_date`";
                    return refuse(path.clone(), message, hint);
                }
                (Of::End(end), Some(attribute), Some(key)) if end != key => {
                    let message = format!("{} is no `{end}`", attribute.label());
                    let hint = format!("write it under `{key}`");
                    return refuse(path.key("attribute"), message, &hint);
                }
                _ => {}
            }
            if let Some(finding) = headers::cookie_name_problem(name, path.key("cookie"), At::Value)
            {
                found.push(finding);
                return None;
            }
            Some(Head::Cookie { name: name.clone(), attribute: *attribute })
        }
    }
}

/// The fields of which the first one counts that is there; `None`, and a finding, where the list is empty.
pub(super) fn first_of(
    written: &OneOrMany<PlaceSpec>,
    of: Of,
    path: Path,
    found: &mut Vec<Finding>,
) -> Option<Pointer> {
    let mut fields: Vec<Pointer> = Vec::new();
    for (path, written) in written.each(&path) {
        let field = place(written, of, path.clone(), found);
        if fields.contains(&field) {
            let message = format!("`{field}` is listed twice");
            found.push(Finding::value(FIELD_TWICE, path, message).hint("list it once"));
        }
        fields.push(field);
    }
    let mut fields = fields.into_iter();
    let first = fields.next();
    if first.is_none() {
        let message = "the list of fields is empty: nothing would be read";
        let hint = "list the fields, or leave the key out";
        found.push(Finding::value(EMPTY_LIST, path, message).hint(hint));
    }
    Some(Pointer { or: fields.collect(), ..first? })
}

fn parse(text: &str) -> Result<Pointer, (String, String)> {
    if text.is_empty() {
        let message = "the empty pointer is the whole answer, and what is read is a field of it";
        let hint = format!(
            "{NAMES}; for an answer that is the token itself, write `access_token: \"\"` alone, or `body: text`"
        );
        return Err((message.to_owned(), hint));
    }
    let Some(rest) = text.strip_prefix('/') else {
        let message = format!("`{text}` is no JSON pointer: one begins with `/`");
        return Err((message, advice(text)));
    };
    let tokens: Option<Vec<String>> = rest.split('/').map(unescape).collect();
    let tokens = tokens.ok_or_else(|| {
        let message = format!("`{text}` is no JSON pointer: `~` stands only in `~0` and `~1`");
        (message, "write `~0` for `~` and `~1` for `/` in a name (RFC 6901)".to_owned())
    })?;
    if tokens.iter().any(String::is_empty) {
        let message = format!("`{text}` has an empty name in it");
        return Err((message, advice(text)));
    }
    Ok(Pointer::new(tokens))
}

const NAMES: &str = "write the names on the way to the field: `/data/accessToken`";

/// What the writer of `data.accessToken` or `$.data.tokens[0]` meant.
fn advice(text: &str) -> String {
    meant(text).map_or_else(|| NAMES.to_owned(), |pointer| format!("write `{pointer}`"))
}

/// The pointer that the writer of `data.accessToken` or `$.data.tokens[0]` meant.
pub(crate) fn meant(text: &str) -> Option<String> {
    let dotted = match text.starts_with('/') {
        true => text.to_owned(),
        false => text.trim_start_matches('$').replace(['.', '['], "/").replace(']', ""),
    };
    Some(clean(&dotted)).filter(|pointer| pointer != "/")
}

fn clean(text: &str) -> String {
    let names: Vec<&str> = text.split('/').filter(|name| !name.is_empty()).collect();
    format!("/{}", names.join("/"))
}

fn unescape(token: &str) -> Option<String> {
    let mut parts = token.split('~');
    let mut name = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (escaped, rest) = (part.get(..1)?, part.get(1..)?);
        name.push(match escaped {
            "0" => '~',
            "1" => '/',
            _ => return None,
        });
        name.push_str(rest);
    }
    Some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pointers_of_rfc_6901() {
        let tokens = |text| parse(text).map(|pointer| pointer.tokens).unwrap_or_default();
        assert_eq!(tokens("/data/accessToken"), ["data", "accessToken"]);
        assert_eq!(tokens("/a~1b/m~0n/0"), ["a/b", "m~n", "0"]);
        assert_eq!(tokens("/~01"), ["~1"]);
        for text in ["/data/accessToken", "/a~1b/m~0n/0", "/~01"] {
            assert_eq!(parse(text).map(|pointer| pointer.to_string()), Ok(text.to_owned()));
        }
    }

    #[test]
    fn pointers_that_are_refused() {
        for text in ["", "/", "data", "/a~", "/a~2", "/a//b", "/a/", "$.a", "/~é"] {
            assert!(parse(text).is_err(), "{text}");
        }
        assert_eq!(advice("$.data.tokens[0]"), "write `/data/tokens/0`");
        assert_eq!(advice("/a.b//c/"), "write `/a.b/c`");
        assert_eq!([advice("/"), advice("$")], [NAMES, NAMES]);
    }
}
