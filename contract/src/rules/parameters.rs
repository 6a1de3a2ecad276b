//! What the integrator brings must be used, and must fit where it is used.

use super::Facts;
use crate::contract::{ParameterKind, Slot};
use crate::diagnostics::Finding;
use crate::diagnostics::meaning::{UNUSED_PARAMETER, WRONG_PARAMETER_TYPE};
use crate::path::Path;

pub(super) fn check(facts: Facts<'_>, found: &mut Vec<Finding>) {
    for name in facts.spec.client.keys() {
        let slot = Slot::Client(name.clone());
        let path = Path::of("client").key(name);
        let in_host = facts
            .contract
            .base
            .environments
            .iter()
            .any(|environment| environment.url.slots().any(|used| *used == slot));
        let in_request = facts
            .contract
            .request
            .templates()
            .any(|template| template.slots().any(|used| *used == slot));
        if !in_host && !in_request {
            let message = format!("nothing uses the parameter `{name}`");
            let hint = format!("write `{slot}` where it goes, name it in `auth`, or leave it out");
            found.push(Finding::key(UNUSED_PARAMETER, path, message).hint(hint));
            continue;
        }
        if let Some(parameter) = facts.contract.client.get(name) {
            wrong_type(name, parameter.kind, in_host, path, found);
        }
    }
}

fn wrong_type(
    name: &str,
    kind: ParameterKind,
    in_host: bool,
    path: Path,
    found: &mut Vec<Finding>,
) {
    match (kind, in_host) {
        (ParameterKind::Text, true) => {
            let message =
                format!("`{name}` stands in a host name, and any text would be accepted for it");
            let hint =
                "write `type: host_label` for one label of the name, `type: host` for a whole one";
            found.push(Finding::key(WRONG_PARAMETER_TYPE, path, message).hint(hint));
        }
        (ParameterKind::Host | ParameterKind::HostLabel, false) => {
            let message = format!("`{name}` is {kind}, and no host name holds it");
            let hint = "leave `type` out, or use it in the host of an environment";
            found.push(Finding::value(WRONG_PARAMETER_TYPE, path.key("type"), message).hint(hint));
        }
        _ => {}
    }
}
