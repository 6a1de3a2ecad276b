//! What answers hold beside the tokens.

use super::{hosts, pointer};
use crate::contract::{Output, Pointer};
use crate::diagnostics::Finding;
use crate::path::Path;
use crate::spec::{OutputDetail, OutputKind, OutputSpec, PlaceSpec};
use std::collections::BTreeMap;

/// The outputs that are `written`, by name.
pub(super) fn resolve(
    written: &BTreeMap<String, OutputSpec>,
    path: &Path,
    found: &mut Vec<Finding>,
) -> BTreeMap<String, Output> {
    let one = |(name, written): (&String, &OutputSpec)| {
        let path = path.key(name);
        let output = match written {
            OutputSpec::At(field) => Output {
                field: place(&PlaceSpec::Field(field.clone()), path, found),
                kind: OutputKind::default(),
                hosts: Vec::new(),
                secret: false,
                optional: false,
                doc: None,
            },
            OutputSpec::Detailed(detail) => {
                let OutputDetail { field, kind, hosts, secret, optional, doc } = detail;
                let other = (*kind != OutputKind::Url).then(|| kind.label());
                Output {
                    field: place(field, path.key("field"), found),
                    kind: *kind,
                    hosts: hosts::resolve(hosts.as_deref(), other, &path.key("hosts"), found),
                    secret: *secret,
                    optional: *optional,
                    doc: doc.clone(),
                }
            }
        };
        (name.clone(), output)
    };
    written.iter().map(one).collect()
}

fn place(written: &PlaceSpec, path: Path, found: &mut Vec<Finding>) -> Pointer {
    pointer::place(written, pointer::Of::Value, path, found)
}
