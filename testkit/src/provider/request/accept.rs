//! What a client says about the answers that it takes (RFC 9110 section 12.5.1).

use rekindle_contract::contract::Template;

/// The media type of answers that a contract declares in this header; `None` where the header is another, or is not constant.
///
/// A client that says nothing takes anything, and one that takes more than what is declared takes that too.
pub(in crate::provider) fn negotiated<'a>(
    name: &str,
    template: Option<&'a Template>,
) -> Option<&'a str> {
    template.filter(|_| name == "accept").and_then(Template::as_literal)
}

/// Whether a client that sends `sent` takes what is `declared`, or one of several that are.
pub(super) fn admits(sent: &str, declared: &str) -> bool {
    let ranges: Vec<Range> = items(sent).map(Range::read).collect();
    // An empty list says as little as none.
    if ranges.is_empty() || sent == declared {
        return true;
    }
    items(declared).map(Range::read).any(|wanted| {
        // The most specific range counts.
        let fitting = ranges.iter().filter_map(|range| Some((range.fits(&wanted)?, range)));
        let closest = fitting.max_by_key(|(closeness, _)| *closeness);
        closest.is_some_and(|(_, range)| !range.refused)
    })
}

/// What stands between the commas that are outside of quotes.
fn items(list: &str) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    let mut escaped = false;
    let items = list.split(move |c| {
        let comma = c == ',' && !quoted;
        quoted ^= c == '"' && !escaped;
        escaped = quoted && c == '\\' && !escaped;
        comma
    });
    items.map(str::trim).filter(|item| !item.is_empty())
}

/// A media type, or several at once: `application/*;q=0.5`.
struct Range {
    kind: String,
    subtype: String,
    parameters: Vec<String>,
    /// Whether its weight is nought.
    refused: bool,
}

impl Range {
    fn read(item: &str) -> Self {
        let mut parts = item.split(';').map(|part| part.trim().to_ascii_lowercase());
        let essence = parts.next().unwrap_or_default();
        let (kind, subtype) = essence.split_once('/').unwrap_or((&essence, ""));
        let (weights, parameters): (Vec<String>, Vec<String>) = parts
            .filter(|part| !part.is_empty() && part.replace('"', "") != "charset=utf-8")
            .partition(|part| part.starts_with("q="));
        let weight = weights.first().and_then(|weight| weight.get(2..));
        let weight: Option<f32> = weight.and_then(|weight| weight.parse().ok());
        Self {
            kind: kind.to_owned(),
            subtype: subtype.to_owned(),
            parameters,
            refused: weight == Some(0.0),
        }
    }

    /// How closely it says `wanted`; `None` where it does not.
    fn fits(&self, wanted: &Self) -> Option<usize> {
        match (self.kind.as_str(), self.subtype.as_str()) {
            ("*", "*") => Some(0),
            (kind, "*") if kind == wanted.kind => Some(1),
            (kind, subtype) if kind == wanted.kind && subtype == wanted.subtype => {
                let mut parameters = self.parameters.iter();
                let all = parameters.all(|parameter| wanted.parameters.contains(parameter));
                all.then(|| 2 + self.parameters.len())
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_takes_more_takes_what_is_declared() {
        for sent in [
            "",
            "*/*",
            "application/json",
            "Application/JSON; charset=utf-8",
            "application/*",
            "text/html, application/xhtml+xml, */*;q=0.8",
            "text/plain;x=\"a,b\", application/json;q=0.001",
            "*/*;q=0, application/json",
        ] {
            assert!(admits(sent, "application/json"), "{sent}");
        }
    }

    #[test]
    fn whoever_takes_something_else_does_not() {
        for sent in [
            "text/html",
            "text/*, image/png",
            "application/json;q=0",
            "*/*, application/json;q=0.0",
            "application/json;profile=\"x\"",
            "text/plain;x=\"a, application/json\"",
            "json",
        ] {
            assert!(!admits(sent, "application/json"), "{sent}");
        }
        assert!(admits("text/plain", "application/json, text/plain"));
    }
}
