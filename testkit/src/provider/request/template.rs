//! What a text holds in the places of a template.

use rekindle_contract::contract::{Part, Slot, Template};

/// What stands in each place, in order.
pub(in crate::provider) type Bound = Vec<(Slot, String)>;

/// Whether a text is the right one for a place.
pub(in crate::provider) trait Known {
    /// Whether `text` was registered or issued for `slot`.
    fn is(&self, slot: &Slot, text: &str) -> bool;
}

/// What `text` holds in the places of `template`; `None` where the rest of it is not as the template says. Where it can be taken
/// apart in several ways, the way that makes sense to the provider is taken.
pub(in crate::provider) fn bind(
    template: &Template,
    text: &str,
    known: &dyn Known,
) -> Option<Bound> {
    let mut bound = Vec::new();
    if sensible(&template.parts, text, known, &mut bound) {
        return Some(bound);
    }
    bound.clear();
    let of_form = OfForm(known);
    if template.slots().any(|slot| matches!(slot, Slot::Value(_)))
        && sensible(&template.parts, text, &of_form, &mut bound)
    {
        return Some(bound);
    }
    plain(&template.parts, text)
}

/// Knows a value by its form, and takes any text for whatever else stands beside it.
struct OfForm<'a>(&'a dyn Known);

impl Known for OfForm<'_> {
    fn is(&self, slot: &Slot, text: &str) -> bool {
        !matches!(slot, Slot::Value(_)) || self.0.is(slot, text)
    }
}

/// What can be found of the places of `template` in a text that does not fit it.
pub(super) fn search(template: &Template, text: &str, known: &dyn Known) -> Bound {
    let mut bound = Vec::new();
    for slot in template.slots() {
        let mut tails = text.char_indices().map(|(start, _)| &text[start..]);
        let found = tails.find(|tail| known.is(slot, tail));
        bound.extend(found.map(|found| (slot.clone(), found.to_owned())));
    }
    bound
}

/// Fills each place with something known.
fn sensible(parts: &[Part], text: &str, known: &dyn Known, bound: &mut Bound) -> bool {
    match parts.split_first() {
        None => text.is_empty(),
        Some((Part::Literal(literal), rest)) => text
            .strip_prefix(literal.as_str())
            .is_some_and(|text| sensible(rest, text, known, bound)),
        Some((Part::Slot(slot), [])) => {
            let fits = known.is(slot, text);
            if fits {
                bound.push((slot.clone(), text.to_owned()));
            }
            fits
        }
        Some((Part::Slot(slot), rest)) => {
            for (end, _) in text.char_indices().skip(1) {
                let (value, after) = text.split_at(end);
                if !known.is(slot, value) {
                    continue;
                }
                let before = bound.len();
                bound.push((slot.clone(), value.to_owned()));
                if sensible(rest, after, known, bound) {
                    return true;
                }
                bound.truncate(before);
            }
            false
        }
    }
}

/// Fills each place with what stands before the next literal.
fn plain(parts: &[Part], text: &str) -> Option<Bound> {
    let mut bound = Vec::new();
    let mut parts = parts;
    let mut text = text;
    if let Some((Part::Literal(last), before)) = parts.split_last()
        && !before.is_empty()
    {
        text = text.strip_suffix(last.as_str())?;
        parts = before;
    }
    while let Some((part, rest)) = parts.split_first() {
        match part {
            Part::Literal(literal) => text = text.strip_prefix(literal.as_str())?,
            Part::Slot(slot) => {
                let end = match rest.first() {
                    None => text.len(),
                    Some(Part::Literal(next)) => text.find(next.as_str())?,
                    Some(Part::Slot(_)) => text.chars().next().map_or(0, char::len_utf8),
                };
                let (value, after) = text.split_at(end);
                bound.push((slot.clone(), value.to_owned()));
                text = after;
            }
        }
        parts = rest;
    }
    text.is_empty().then_some(bound)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Right;

    impl Known for Right {
        fn is(&self, slot: &Slot, text: &str) -> bool {
            match slot {
                Slot::RefreshToken => text == "r-1",
                Slot::AccessToken => text == "a-1",
                Slot::Client(_) => text == "id",
                Slot::Value(_) | Slot::Taken(_) | Slot::TokenUrl => false,
            }
        }
    }

    fn literal(text: &str) -> Part {
        Part::Literal(text.to_owned())
    }

    fn id() -> Part {
        Part::Slot(Slot::Client("id".to_owned()))
    }

    fn bound(parts: &[Part], text: &str) -> Option<Vec<String>> {
        let template = Template { parts: parts.to_vec() };
        let bound = bind(&template, text, &Right)?;
        Some(bound.into_iter().map(|(_, value)| value).collect())
    }

    #[test]
    fn literals_must_be_there() {
        let parts = [literal("Bearer "), Part::Slot(Slot::RefreshToken)];
        assert_eq!(bound(&parts, "Bearer x").unwrap(), ["x"]);
        assert_eq!(bound(&parts, "Bearer ").unwrap(), [""]);
        assert_eq!(bound(&parts, "bearer x"), None);
        assert_eq!(bound(&[], ""), Some(Vec::new()));
        assert_eq!(bound(&[], "x"), None);
        assert_eq!(bound(&[literal("x")], "x"), Some(Vec::new()));
        assert_eq!(bound(&[literal("x")], "xx"), None);
    }

    #[test]
    fn what_makes_sense_comes_first() {
        let parts = [
            Part::Slot(Slot::RefreshToken),
            literal("-"),
            Part::Slot(Slot::AccessToken),
            id(),
            literal("."),
        ];
        assert_eq!(bound(&parts, "r-1-a-1id.").unwrap(), ["r-1", "a-1", "id"]);
        assert_eq!(bound(&parts, "é-éx.").unwrap(), ["é", "é", "x"]);
        assert_eq!(bound(&parts, "r-1"), None);
    }

    #[test]
    fn a_token_is_found_in_what_does_not_fit() {
        let template = Template { parts: vec![literal("rt:"), Part::Slot(Slot::RefreshToken)] };
        assert_eq!(search(&template, "é r-1", &Right)[0].1, "r-1");
        assert!(search(&template, "r-2", &Right).is_empty());
    }
}
