//! Fields of an answer: JSON pointers (RFC 6901).

use crate::contract::Pointer;
use crate::diagnostics::Finding;
use crate::diagnostics::meaning::{BAD_POINTER, EMPTY_LIST, FIELD_TWICE};
use crate::path::Path;
use crate::spec::OneOrMany;

/// The field that `text` points to; where it points nowhere, a finding and the whole document.
pub(super) fn resolve(text: &str, path: Path, found: &mut Vec<Finding>) -> Pointer {
    parse(text).unwrap_or_else(|(message, hint)| {
        found.push(Finding::value(BAD_POINTER, path, message).hint(hint));
        Pointer::new(Vec::new())
    })
}

/// The fields of which the first one counts that is there; `None`, and a finding, where the list is empty.
pub(super) fn first_of(
    written: &OneOrMany<String>,
    path: Path,
    found: &mut Vec<Finding>,
) -> Option<Pointer> {
    let mut fields: Vec<Pointer> = Vec::new();
    for (path, text) in written.each(&path) {
        let field = resolve(text, path.clone(), found);
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
    let dotted = match text.starts_with('/') {
        true => text.to_owned(),
        false => text.trim_start_matches('$').replace(['.', '['], "/").replace(']', ""),
    };
    match clean(&dotted).as_str() {
        "/" => NAMES.to_owned(),
        pointer => format!("write `{pointer}`"),
    }
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
