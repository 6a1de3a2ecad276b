//! Values a little beside the right one.

use rekindle_contract::contract::{Contract, Literal, Part, Pointer, Slot, StatusRange, Template};
use std::time::Duration;

/// Another text of the same kind: the case of one letter, or one letter more where there is none.
pub fn other_case(text: &str) -> Option<String> {
    let at = text.rfind(|letter: char| letter.is_ascii_alphabetic())?;
    let flip = |letter: char| {
        if letter.is_ascii_lowercase() {
            letter.to_ascii_uppercase()
        } else {
            letter.to_ascii_lowercase()
        }
    };
    Some(
        text.char_indices()
            .map(|(index, letter)| if index == at { flip(letter) } else { letter })
            .collect(),
    )
}

/// Templates beside this one: each literal changed or left out, each place filled from elsewhere, one more letter at the end.
pub fn templates(contract: &Contract, template: &Template) -> Vec<Template> {
    let mut variants = Vec::new();
    for (index, part) in template.parts.iter().enumerate() {
        match part {
            Part::Literal(literal) => {
                variants.extend(
                    other_case(literal)
                        .map(|text| with(template, index, Some(Part::Literal(text)))),
                );
                variants.push(with(template, index, None));
            }
            Part::Slot(slot) => {
                let others = slots(contract).into_iter().filter(|other| other != slot);
                variants.extend(others.map(|other| with(template, index, Some(Part::Slot(other)))));
            }
        }
    }
    variants.push(join(template, &Template::literal("x")));
    variants.push(join(&Template::literal("x"), template));
    variants
}

/// Every place that a template of this contract may hold.
fn slots(contract: &Contract) -> Vec<Slot> {
    let clients = contract.client.keys().map(|name| Slot::Client(name.clone()));
    let tokens = contract.request.templates().flat_map(Template::slots);
    let mut slots: Vec<Slot> = tokens.cloned().chain(clients).collect();
    slots.sort();
    slots.dedup();
    slots
}

/// A template with one part replaced or left out.
fn with(template: &Template, index: usize, replacement: Option<Part>) -> Template {
    let kept = |(at, part): (usize, &Part)| {
        if at == index { replacement.clone() } else { Some(part.clone()) }
    };
    merged(template.parts.iter().enumerate().filter_map(kept).collect())
}

/// Two templates one after the other.
pub fn join(first: &Template, second: &Template) -> Template {
    merged(first.parts.iter().chain(&second.parts).cloned().collect())
}

/// Two literals never stand side by side.
fn merged(parts: Vec<Part>) -> Template {
    let mut merged: Vec<Part> = Vec::new();
    for part in parts {
        match (merged.last_mut(), part) {
            (Some(Part::Literal(before)), Part::Literal(text)) => before.push_str(&text),
            (_, part) => merged.push(part),
        }
    }
    Template { parts: merged }
}

/// Pointers beside this one: another name, a level less at either end, a level more.
pub fn pointers(pointer: &Pointer) -> Vec<Pointer> {
    let tokens = &pointer.tokens;
    let Some((last, parents)) = tokens.split_last() else {
        return vec![Pointer { tokens: vec!["data".to_owned()] }];
    };
    let renamed =
        |name: String| Pointer { tokens: parents.iter().cloned().chain([name]).collect() };
    let mut variants: Vec<Pointer> = other_case(last).map(renamed).into_iter().collect();
    variants.push(renamed(match last.parse::<u32>() {
        Ok(index) => index.wrapping_add(1).to_string(),
        Err(_) => format!("{last}_"),
    }));
    if !parents.is_empty() {
        variants.push(Pointer { tokens: tokens[1..].to_vec() });
        variants.push(Pointer { tokens: parents.to_vec() });
    }
    variants.push(Pointer {
        tokens: std::iter::once("data".to_owned()).chain(tokens.iter().cloned()).collect(),
    });
    variants.push(Pointer { tokens: tokens.iter().cloned().chain(["value".to_owned()]).collect() });
    variants
}

/// Sets of statuses beside this one: each range left out, and one status more or less at each end.
pub fn statuses(ranges: &[StatusRange]) -> Vec<Vec<StatusRange>> {
    let mut variants = Vec::new();
    for (index, range) in ranges.iter().enumerate() {
        let mut push = |replacement: Option<StatusRange>| {
            let kept = |(at, old): (usize, &StatusRange)| {
                if at == index { replacement } else { Some(*old) }
            };
            let variant: Vec<_> = ranges.iter().enumerate().filter_map(kept).collect();
            if !variant.is_empty() {
                variants.push(variant);
            }
        };
        push(None);
        let StatusRange { first, last } = *range;
        if *range == StatusRange::ALL {
            push(Some(StatusRange { first: 400, last: 499 }));
            continue;
        }
        if first > StatusRange::ALL.first {
            push(Some(StatusRange { first: first - 1, last }));
        }
        if last < StatusRange::ALL.last {
            push(Some(StatusRange { first, last: last + 1 }));
        }
        if first < last {
            push(Some(StatusRange { first: first + 1, last }));
            push(Some(StatusRange { first, last: last - 1 }));
        } else if last < StatusRange::ALL.last {
            push(Some(StatusRange::one(first + 1)));
        }
    }
    variants
}

/// Statuses as a spec writes them.
pub fn show_statuses(ranges: &[StatusRange]) -> String {
    let show = |range: &StatusRange| {
        if range.first == range.last {
            range.first.to_string()
        } else {
            format!("{}–{}", range.first, range.last)
        }
    };
    ranges.iter().map(show).collect::<Vec<_>>().join(", ")
}

/// Lists of accepted values beside this one: each value changed, retyped or left out, one more, any.
pub fn values(values: &[Literal]) -> Vec<Vec<Literal>> {
    let mut variants = Vec::new();
    for (index, value) in values.iter().enumerate() {
        let mut push = |replacement: Option<Literal>| {
            let kept = |(at, old): (usize, &Literal)| {
                if at == index { replacement.clone() } else { Some(old.clone()) }
            };
            variants.push(values.iter().enumerate().filter_map(kept).collect());
        };
        push(Some(other_value(value)));
        push(Some(retyped(value)));
        push(None);
    }
    let more = values.last().map_or(Literal::Bool(true), other_value);
    variants.push(values.iter().cloned().chain([more]).collect());
    variants.push(Vec::new());
    variants
}

fn other_value(value: &Literal) -> Literal {
    match value {
        Literal::Bool(value) => Literal::Bool(!value),
        Literal::Integer(value) => Literal::Integer(value.wrapping_add(1)),
        Literal::Text(text) => Literal::Text(format!("{text}x")),
    }
}

fn retyped(value: &Literal) -> Literal {
    match value {
        Literal::Bool(value) => Literal::Text(value.to_string()),
        Literal::Integer(value) => Literal::Text(value.to_string()),
        Literal::Text(text) => match (text.parse(), text.parse()) {
            (Ok(number), _) => Literal::Integer(number),
            (_, Ok(truth)) => Literal::Bool(truth),
            _ => other_case(text).map_or(Literal::Bool(true), Literal::Text),
        },
    }
}

/// Accepted values with their types.
pub fn show_values(values: &[Literal]) -> String {
    let show = |value: &Literal| match value {
        Literal::Text(text) => format!("\"{text}\""),
        Literal::Bool(_) | Literal::Integer(_) => value.to_string(),
    };
    if values.is_empty() {
        "anything".to_owned()
    } else {
        values.iter().map(show).collect::<Vec<_>>().join(" or ")
    }
}

/// Lengths of time beside this one: a moment more and less, ten times as long.
pub fn durations(duration: Duration) -> Vec<Duration> {
    const MOMENT: Duration = Duration::from_secs(1);
    let mut variants = vec![duration.saturating_add(MOMENT), duration.saturating_mul(10)];
    variants.extend(duration.checked_sub(MOMENT).filter(|shorter| !shorter.is_zero()));
    variants
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variants_differ_from_what_they_vary() {
        let pointer = Pointer { tokens: ["data", "0", "token"].map(str::to_owned).to_vec() };
        assert!(pointers(&pointer).iter().all(|other| *other != pointer));
        let ranges = [StatusRange::one(200), StatusRange { first: 400, last: 499 }];
        assert!(
            statuses(&ranges).iter().all(|other| other.as_slice() != ranges && !other.is_empty())
        );
        let accepted = [Literal::Bool(true), Literal::Text("12".to_owned()), Literal::Integer(7)];
        assert!(values(&accepted).iter().all(|other| other.as_slice() != accepted));
        let day = Duration::from_secs(86_400);
        assert!(durations(day).iter().all(|other| *other != day));
    }

    #[test]
    fn a_status_never_leaves_what_a_status_can_be() {
        let all = statuses(&[
            StatusRange { first: 100, last: 100 },
            StatusRange { first: 599, last: 599 },
        ]);
        let within = |range: &StatusRange| {
            range.first >= 100 && range.last <= 599 && range.first <= range.last
        };
        assert!(all.iter().flatten().all(within));
    }

    #[test]
    fn joined_templates_have_no_two_literals_side_by_side() {
        let joined = join(&Template::literal("a"), &Template::literal("b"));
        assert_eq!(joined, Template::literal("ab"));
    }
}
