//! Whether a document has the shape of a spec: its keys, its types, its words. All problems at once.

mod advice;
mod compile;
mod forms;
mod homes;
mod keys;
mod kinds;
mod stand_in;
mod todo;
mod validate;
mod words;

pub(crate) use compile::{ShapeId, Shapes};

use crate::diagnostics::Finding;
use crate::path::Path;
use crate::place::Places;
use crate::problems::Problems;
use serde_yaml::Value;
use std::sync::OnceLock;
use validate::Validator;

/// How much of a spec a document is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Extent {
    /// All of it.
    Whole,
    /// What differs from another spec of which it takes the rest: keys may be missing, and `null` takes one away.
    TakesAnother,
    /// What differs in one variant, likewise. What is still to be filled in is told once it is known what stands around it.
    Variant,
}

/// Reports where `document` differs from the shape of a spec.
pub(crate) fn check_shape(
    document: &Value,
    extent: Extent,
    places: &Places<'_>,
    problems: &mut Problems<'_>,
) {
    let shapes = shapes();
    if let Some(finding) = other_version(document) {
        return problems.add(finding, places);
    }
    let context = todo::Context::of(document);
    Validator { shapes, places, problems, extent, optional: false, document, context }.check(
        document,
        shapes.root(),
        &mut Path::root(),
    );
}

/// The shapes of the language, read from its schema once. A test holds that the schema can be read.
pub(crate) fn shapes() -> &'static Shapes {
    static SHAPES: OnceLock<Shapes> = OnceLock::new();
    SHAPES.get_or_init(|| Shapes::compile(crate::schema::parsed()).unwrap_or_default())
}

/// A spec in another version of the language: nothing else about it can be judged.
fn other_version(document: &Value) -> Option<Finding> {
    let version = document.get("rekindle")?;
    if !version.is_u64() || version.as_u64() == Some(1) {
        return None;
    }
    let version = version.as_u64()?;
    let message = format!("version {version} of the contract language is unknown here");
    let finding =
        Finding::value(crate::diagnostics::shape::UNKNOWN_VERSION, Path::of("rekindle"), message);
    Some(
        finding
            .label("this rekindle reads version 1")
            .hint("write `rekindle: 1`, or use a newer rekindle"),
    )
}

#[cfg(test)]
mod tests {
    use super::compile::Shapes;

    #[test]
    fn every_keyword_of_the_schema_is_understood() {
        Shapes::compile(crate::schema::parsed()).unwrap();
    }

    #[test]
    fn alternatives_differ_in_kind() {
        let shapes = Shapes::compile(crate::schema::parsed()).unwrap();
        for shape in shapes.all() {
            let branches: Vec<_> =
                shape.branches.iter().filter_map(|branch| shapes.get(*branch)).collect();
            for (index, one) in branches.iter().enumerate() {
                let others = branches.iter().skip(index + 1);
                assert!(others.clone().all(|other| !one.kinds.meets(other.kinds)), "{shape:?}");
            }
        }
    }

    #[test]
    fn an_unknown_keyword_is_refused() {
        let error =
            Shapes::compile(&serde_json::json!({ "type": "string", "pattern": "^a" })).unwrap_err();
        assert_eq!(error, "the keyword `pattern` is not understood");
    }
}
