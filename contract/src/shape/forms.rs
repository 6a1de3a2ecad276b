//! What a text is that is neither one of a few words nor any text: a duration, a JSON pointer.

use super::compile::{ShapeId, Shapes};
use crate::path::{Path, Step};
use crate::placeholders::fits;
use crate::resolve::written_lifetime;

/// The form of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// A JSON pointer to a field of an answer.
    Pointer,
    /// The same, to the field that says when a token ends, in the way that the key names.
    End,
    /// A length of time.
    Duration,
}

use Form::{Duration, End, Pointer};

/// The ways in which an answer says when a token ends.
const ENDS: &[&str] = &[
    "seconds",
    "milliseconds",
    "duration",
    "unix_seconds",
    "unix_milliseconds",
    "rfc3339",
    "date_time",
    "http_date",
];

/// The JSON pointers.
const POINTERS: &[&str] = &[
    "errors.*.field",
    "errors.*.retry_after.*",
    "refresh.take.*",
    "refresh.take.*.field",
    "response.access_token",
    "response.access_token.*",
    "response.outputs.*",
    "response.outputs.*.field",
    "response.refresh_token",
    "response.refresh_token.*",
    "response.scope",
    "response.success.field",
    "response.token_type",
    "response.token_type.field",
    "steps.*.take.*",
    "steps.*.take.*.field",
    "tokens.access.refused_with.*.field",
    "tokens.access.refused_with.field",
];

impl Form {
    /// The form of the text at `path`, where it has one.
    pub(super) fn at(shapes: &Shapes, path: &Path) -> Option<Self> {
        if POINTERS.iter().any(|pattern| fits(pattern, &path.0)) {
            return Some(Pointer);
        }
        let is_end = |pattern: &str| fits(pattern, &path.0) && way(path).is_some();
        if ["tokens.*.expires.*", "tokens.*.expires.*.*"].into_iter().any(is_end) {
            return Some(End);
        }
        let (_, above) = path.0.split_last()?;
        let owners = shapes.at(&Path(above.to_vec()));
        let is_length = |id: &ShapeId| says_length(shapes.about(*id, path.last_key()));
        owners.iter().any(is_length).then_some(Duration)
    }
}

/// Whether what is said of a key shows a length of time: its example is one.
fn says_length(about: &str) -> bool {
    about.split('`').skip(1).step_by(2).any(|code| written_lifetime(code).is_some())
}

/// The way in which the field at `path` says when a token ends.
pub(super) fn way(path: &Path) -> Option<&'static str> {
    ENDS.iter()
        .copied()
        .find(|way| path.0.iter().any(|step| matches!(step, Step::Key(key) if key == way)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// A place for each pattern: any key and any index stand for `*`.
    fn is_place(pattern: &str) -> bool {
        let shapes = crate::shape::shapes();
        let all = ["0", "seconds", "any"];
        let mut paths = vec![Vec::new()];
        for part in pattern.split('.') {
            let steps = if part == "*" { &all[..] } else { std::slice::from_ref(&part) };
            paths = paths
                .into_iter()
                .flat_map(|path: Vec<String>| {
                    steps.iter().map(move |step| [&path[..], &[(*step).to_owned()]].concat())
                })
                .collect();
        }
        paths.iter().any(|path| {
            let mut at = vec![shapes.root()];
            for step in path {
                at = at.into_iter().flat_map(|id| shapes.below(id, step)).collect();
            }
            at.iter().any(|id| shapes.get(*id).is_some_and(|shape| shape.free_text))
        })
    }

    #[test]
    fn every_pointer_is_a_place_of_the_language() {
        for pattern in POINTERS {
            assert!(is_place(pattern), "{pattern}");
        }
        for way in ENDS {
            assert!(is_place(&format!("tokens.access.expires.{way}")), "{way}");
        }
    }

    #[test]
    fn every_length_of_time_is_known_by_its_example() {
        let shapes = crate::shape::shapes();
        let keys = shapes.all().iter().flat_map(|shape| &shape.keys);
        let keys = keys.filter(|key| shapes.get(key.shape).is_some_and(|shape| shape.free_text));
        let lengths: BTreeSet<&str> =
            keys.filter(|key| says_length(&key.description)).map(|key| key.name.as_str()).collect();
        let known = [
            "at_least",
            "at_most",
            "at_most_every",
            "constant",
            // A field: the example is what stands there.
            "duration",
            "else",
            "first",
            "good_for",
            "idle_limit",
            "lives",
            "near_expiry",
            "per",
            "plus",
            "usual_lifetime",
            "wait",
        ];
        assert_eq!(lengths, BTreeSet::from(known));
    }
}
