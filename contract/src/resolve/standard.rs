//! Parameters by the names that client authentication and grants have for them.

use super::template::Scope;
use crate::contract::{Slot, Template};
use crate::diagnostics::Finding;
use crate::diagnostics::meaning::UNDECLARED_PLACEHOLDER;
use crate::path::Path;

/// The client's id.
pub(super) const ID: &str = "client_id";
/// The client's secret.
pub(super) const SECRET: &str = "client_secret";
/// The parameter that holds a private key unless another is named.
pub(super) const KEY: &str = "key";
/// The password that the integrator stores of a sign-in (RFC 6749 section 4.3.2).
pub(super) const PASSWORD: &str = "password";
/// The assertion that the integrator supplies (RFC 7523 section 2.1).
pub(super) const ASSERTION: &str = "assertion";

/// Whether a parameter of this name is secret where the spec does not say: what names it otherwise does not make it public.
pub(super) fn is_secret(name: &str) -> bool {
    [SECRET, PASSWORD, ASSERTION].contains(&name)
}

/// A standard parameter, which must be declared.
pub(super) fn template(
    name: &str,
    scope: &Scope,
    path: &Path,
    found: &mut Vec<Finding>,
) -> Template {
    if !scope.client.contains(name) {
        let message = format!(
            "this client authentication needs the client parameter `{name}`, which is not declared"
        );
        let hint = match name {
            KEY => "add `key: { secret: true, type: signing_key }` under `client`".to_owned(),
            _ => scope.declaration(name),
        };
        found.push(Finding::value(UNDECLARED_PLACEHOLDER, path.clone(), message).hint(hint));
    }
    Template::slot(Slot::Client(name.to_owned()))
}
