//! How the client proves who it is.

use super::headers;
use super::template::{self, Scope};
use crate::contract::{ClientAuth, Part, Slot, Template};
use crate::diagnostics::Finding;
use crate::diagnostics::meaning::{
    BAD_TEXT, NOT_SUPPORTED_YET, SENT_TWICE, UNDECLARED_PLACEHOLDER,
};
use crate::path::Path;
use crate::spec::{
    AuthDetail, AuthMethod, AuthSpec, BasicAuth, BasicEncoding, HeaderAuth, IdName, PairNames,
};
use rekindle_syntax::TextProblem;

/// The client's id.
pub(super) const ID: &str = "client_id";
/// The client's secret.
pub(super) const SECRET: &str = "client_secret";

/// The method that `written` names; [`AuthMethod::Body`] in a profile that says so, else none.
pub(super) fn resolve(
    written: Option<&AuthSpec>,
    profile: bool,
    scope: &Scope,
    found: &mut Vec<Finding>,
) -> ClientAuth {
    let path = Path::of("refresh.auth");
    let auth = Auth { scope, path: &path };
    match written {
        None if profile => auth.named(AuthMethod::Body, found),
        None => ClientAuth::None,
        Some(AuthSpec::Named(method)) => auth.named(*method, found),
        Some(AuthSpec::Detailed(detail)) => auth.detailed(detail, found),
    }
}

struct Auth<'a> {
    scope: &'a Scope,
    path: &'a Path,
}

impl Auth<'_> {
    fn named(&self, method: AuthMethod, found: &mut Vec<Finding>) -> ClientAuth {
        match method {
            AuthMethod::None => ClientAuth::None,
            AuthMethod::Basic => self.basic(
                &BasicAuth { username: None, password: None, encoding: BasicEncoding::Form },
                found,
            ),
            AuthMethod::Body => ClientAuth::Body(self.pair(None, None, self.path, found)),
            AuthMethod::Public => ClientAuth::Body(vec![self.field(None, ID, self.path, found)]),
            AuthMethod::Query => ClientAuth::Query(self.pair(None, None, self.path, found)),
            AuthMethod::PrivateKeyJwt => self.later("private_key_jwt", "a signed assertion", found),
            AuthMethod::MutualTls => self.later("mutual_tls", "a client certificate", found),
        }
    }

    fn later(&self, name: &str, what: &str, found: &mut Vec<Finding>) -> ClientAuth {
        let message =
            format!("`{name}` is not supported yet: the client cannot prove itself with {what}");
        let hint = "use `basic`, `body`, `public`, `query` or a header, if the provider takes one";
        found.push(Finding::value(NOT_SUPPORTED_YET, self.path.clone(), message).hint(hint));
        ClientAuth::None
    }

    /// The schema saw to it that there is exactly one key.
    fn detailed(&self, detail: &AuthDetail, found: &mut Vec<Finding>) -> ClientAuth {
        let AuthDetail { basic, body, public, header, query } = detail;
        if let Some(basic) = basic {
            return self.basic(basic, found);
        }
        if let Some(header) = header {
            return self.header(header, found);
        }
        if let Some(public) = public {
            let IdName { client_id } = public;
            let path = self.path.key("public");
            return ClientAuth::Body(vec![self.field(client_id.as_deref(), ID, &path, found)]);
        }
        let names = |names: &PairNames, key: &str, found: &mut Vec<Finding>| {
            let PairNames { client_id, client_secret } = names;
            let path = self.path.key(key);
            self.pair(client_id.as_deref(), client_secret.as_deref(), &path, found)
        };
        match (body, query) {
            (Some(body), _) => ClientAuth::Body(names(body, "body", found)),
            (_, Some(query)) => ClientAuth::Query(names(query, "query", found)),
            _ => ClientAuth::None,
        }
    }

    fn basic(&self, basic: &BasicAuth, found: &mut Vec<Finding>) -> ClientAuth {
        let BasicAuth { username, password, encoding } = basic;
        let path = self.path.key("basic");
        let username = self.part(username.as_deref(), ID, &path.key("username"), found);
        let password = self.part(password.as_deref(), SECRET, &path.key("password"), found);
        let form_encoded = *encoding == BasicEncoding::Form;
        if !form_encoded {
            raw(&username, rekindle_syntax::basic_user, path.key("username"), found);
            raw(&password, rekindle_syntax::basic_password, path.key("password"), found);
        }
        ClientAuth::Basic { username, password, form_encoded }
    }

    fn header(&self, header: &HeaderAuth, found: &mut Vec<Finding>) -> ClientAuth {
        let HeaderAuth { name, value } = header;
        let path = self.path.key("header");
        let problem = headers::name_problem(name, &path.key("name"));
        found.extend(
            problem.map(|finding| Finding { at: crate::diagnostics::At::Value, ..finding }),
        );
        let value = match value {
            Some(value) => headers::value_template(value, self.scope, &path.key("value"), found),
            None => self.standard(SECRET, found),
        };
        ClientAuth::Header { name: name.to_ascii_lowercase(), value }
    }

    /// A part of HTTP Basic: as written, or the standard parameter.
    fn part(
        &self,
        written: Option<&str>,
        standard: &str,
        path: &Path,
        found: &mut Vec<Finding>,
    ) -> Template {
        match written {
            Some(text) => template::resolve(text, self.scope, path, found),
            None => self.standard(standard, found),
        }
    }

    fn pair(
        &self,
        id: Option<&str>,
        secret: Option<&str>,
        path: &Path,
        found: &mut Vec<Finding>,
    ) -> Vec<(String, Template)> {
        let pair = vec![self.field(id, ID, path, found), self.field(secret, SECRET, path, found)];
        if pair[0].0 == pair[1].0 {
            let message = format!("the client's id and secret are both sent as `{}`", pair[0].0);
            found.push(
                Finding::value(SENT_TWICE, path.clone(), message)
                    .hint("give each a name of its own"),
            );
        }
        pair
    }

    /// A standard parameter under the name `written`, or under its own.
    fn field(
        &self,
        written: Option<&str>,
        standard: &str,
        path: &Path,
        found: &mut Vec<Finding>,
    ) -> (String, Template) {
        let name = written.unwrap_or(standard);
        if name.is_empty() {
            let message = format!("`{name}` cannot be the name under which `{standard}` is sent");
            found.push(
                Finding::value(BAD_TEXT, path.key(standard), message)
                    .hint("write the provider's name for it"),
            );
        }
        (name.to_owned(), self.standard(standard, found))
    }

    fn standard(&self, name: &str, found: &mut Vec<Finding>) -> Template {
        if !self.scope.client.contains(name) {
            let message = format!(
                "this client authentication needs the client parameter `{name}`, which is not declared"
            );
            let hint = self.scope.declaration(name);
            found.push(
                Finding::value(UNDECLARED_PLACEHOLDER, self.path.clone(), message).hint(hint),
            );
        }
        Template::slot(Slot::Client(name.to_owned()))
    }
}

/// The literals of a part of HTTP Basic that goes on the wire as it is.
fn raw(
    part: &Template,
    check: fn(&str) -> Result<(), TextProblem>,
    path: Path,
    found: &mut Vec<Finding>,
) {
    let problem = part.parts.iter().find_map(|part| match part {
        Part::Literal(text) => check(text).err(),
        Part::Slot(_) => None,
    });
    let (message, hint) = match problem {
        None => return,
        Some(TextProblem::Colon) => (
            "the user part of HTTP Basic cannot hold a `:`, which ends it",
            "move what follows into `password`",
        ),
        Some(_) => ("HTTP Basic carries no control characters", "leave them out"),
    };
    found.push(Finding::value(BAD_TEXT, path, message).hint(hint));
}
