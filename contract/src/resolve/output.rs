//! What answers hold beside the tokens.

use super::{hosts, pointer};
use crate::contract::{Output, OutputKind};
use crate::diagnostics::Finding;
use crate::path::Path;
use crate::spec::OutputSpec;
use std::collections::BTreeMap;

/// The outputs that are `written`, by name.
pub(super) fn resolve(
    written: &BTreeMap<String, OutputSpec>,
    path: &Path,
    found: &mut Vec<Finding>,
) -> BTreeMap<String, Output> {
    let one = |(name, written): (&String, &OutputSpec)| {
        let OutputSpec { field, kind, hosts, secret, optional, doc } = written;
        let other = (*kind != OutputKind::Url).then(|| kind.label());
        let output = Output {
            field: pointer::place(field, pointer::Of::Value, path.key(name).key("field"), found),
            kind: *kind,
            hosts: hosts::resolve(hosts, other, &path.key(name).key("hosts"), found),
            secret: *secret,
            optional: *optional,
            doc: doc.clone(),
        };
        (name.clone(), output)
    };
    written.iter().map(one).collect()
}
