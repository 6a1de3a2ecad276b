//! How the client proves who it is.

use super::standard::{self, ID, KEY, SECRET};
use super::template::{self, Scope};
use super::{headers, jwt};
use crate::contract::{Algorithm, CLIENT_ASSERTION, ClientAuth, Jwt, Part, Slot, Template};
use crate::diagnostics::Finding;
use crate::diagnostics::meaning::{BAD_HEADER, BAD_TEXT, SENT_TWICE};
use crate::path::Path;
use crate::spec::{
    AuthDetail, AuthMethod, AuthSpec, BasicAuth, BasicEncoding, HeaderAuth, IdName, JwtAuth,
    MutualTls, PairNames, StepAuth, StepAuthDetail, StepAuthMethod,
};
use rekindle_syntax::TextProblem;

/// How `private_key_jwt` signs unless said.
const PRIVATE_KEY: (Algorithm, &str) = (Algorithm::Rs256, KEY);
/// How `client_secret_jwt` signs unless said.
const CLIENT_SECRET: (Algorithm, &str) = (Algorithm::Hs256, SECRET);

/// The method that `written` names; [`AuthMethod::Body`] in a profile that says so, else none.
pub(super) fn resolve(
    written: Option<&AuthSpec>,
    profile: bool,
    scope: &Scope,
    found: &mut Vec<Finding>,
) -> Proof {
    let path = Path::of("refresh.auth");
    let auth = Auth { scope, path: &path };
    match written {
        None if profile => auth.named(AuthMethod::Body, found),
        None => Proof::of(ClientAuth::None),
        Some(AuthSpec::Named(method)) => auth.named(*method, found),
        Some(AuthSpec::Detailed(detail)) => auth.detailed(detail, found),
    }
}

/// How the client proves who it is in a step.
pub(super) fn of_step(
    written: Option<&StepAuth>,
    scope: &Scope,
    path: &Path,
    found: &mut Vec<Finding>,
) -> ClientAuth {
    let auth = Auth { scope, path };
    match written {
        None => ClientAuth::None,
        Some(StepAuth::Named(StepAuthMethod::Basic)) => auth.named(AuthMethod::Basic, found).auth,
        Some(StepAuth::Detailed(StepAuthDetail { basic })) => auth.basic(basic, found),
    }
}

/// How the client proves who it is.
pub(super) struct Proof {
    /// What the request holds.
    pub(super) auth: ClientAuth,
    /// What the client signs for it.
    pub(super) signed: Option<Jwt>,
    /// Whether the connection shows a certificate.
    pub(super) certificate: bool,
}

impl Proof {
    fn of(auth: ClientAuth) -> Self {
        Self { auth, signed: None, certificate: false }
    }

    /// A token that the client signed, as fields of the body (RFC 7521 section 4.2).
    fn signed(jwt: Jwt) -> Self {
        let kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
        let token = Template::slot(Slot::Value(CLIENT_ASSERTION.to_owned()));
        let fields =
            [("client_assertion_type", Template::literal(kind)), (CLIENT_ASSERTION, token)];
        let fields = fields.map(|(name, value)| (name.to_owned(), value));
        Self { signed: Some(jwt), ..Self::of(ClientAuth::Body(fields.into())) }
    }
}

struct Auth<'a> {
    scope: &'a Scope,
    path: &'a Path,
}

impl Auth<'_> {
    fn named(&self, method: AuthMethod, found: &mut Vec<Finding>) -> Proof {
        Proof::of(match method {
            AuthMethod::None => ClientAuth::None,
            AuthMethod::Basic => self.basic(
                &BasicAuth {
                    username: None,
                    password: None,
                    encoding: BasicEncoding::Form,
                    scheme: None,
                },
                found,
            ),
            AuthMethod::Body => ClientAuth::Body(self.pair(None, None, self.path, found)),
            AuthMethod::Public => ClientAuth::Body(vec![self.field(None, ID, self.path, found)]),
            AuthMethod::Query => ClientAuth::Query(self.pair(None, None, self.path, found)),
            AuthMethod::PrivateKeyJwt => {
                return self.signed(&JwtAuth::default(), PRIVATE_KEY, self.path, found);
            }
            AuthMethod::ClientSecretJwt => {
                return self.signed(&JwtAuth::default(), CLIENT_SECRET, self.path, found);
            }
            AuthMethod::MutualTls => return self.certified(MutualTls::Body, self.path, found),
        })
    }

    fn signed(
        &self,
        written: &JwtAuth,
        usual: (Algorithm, &str),
        path: &Path,
        found: &mut Vec<Finding>,
    ) -> Proof {
        Proof::signed(jwt::client(written, usual, self.scope, path, found))
    }

    fn certified(&self, written: MutualTls, path: &Path, found: &mut Vec<Finding>) -> Proof {
        let auth = match written {
            MutualTls::Body => ClientAuth::Body(vec![self.field(None, ID, path, found)]),
            MutualTls::None => ClientAuth::None,
        };
        Proof { certificate: true, ..Proof::of(auth) }
    }

    /// The schema saw to it that there is exactly one key.
    fn detailed(&self, detail: &AuthDetail, found: &mut Vec<Finding>) -> Proof {
        let AuthDetail {
            basic,
            body,
            public,
            header,
            query,
            private_key_jwt,
            client_secret_jwt,
            mutual_tls,
        } = detail;
        let signed = [
            (private_key_jwt, PRIVATE_KEY, "private_key_jwt"),
            (client_secret_jwt, CLIENT_SECRET, "client_secret_jwt"),
        ];
        for (written, usual, key) in signed {
            if let Some(written) = written {
                return self.signed(written, usual, &self.path.key(key), found);
            }
        }
        if let Some(written) = mutual_tls {
            return self.certified(*written, &self.path.key("mutual_tls"), found);
        }
        Proof::of(self.sent(basic, body, public, header, query, found))
    }

    /// What is sent as it is.
    fn sent(
        &self,
        basic: &Option<BasicAuth>,
        body: &Option<PairNames>,
        public: &Option<IdName>,
        header: &Option<HeaderAuth>,
        query: &Option<PairNames>,
        found: &mut Vec<Finding>,
    ) -> ClientAuth {
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
        let BasicAuth { username, password, encoding, scheme } = basic;
        let path = self.path.key("basic");
        let username = self.part(username.as_deref(), ID, &path.key("username"), found);
        let password = self.part(password.as_deref(), SECRET, &path.key("password"), found);
        let form_encoded = *encoding == BasicEncoding::Form;
        if !form_encoded {
            raw(&username, rekindle_syntax::basic_user, path.key("username"), found);
            raw(&password, rekindle_syntax::basic_password, path.key("password"), found);
        }
        if let Some(scheme) = scheme
            && let Some(message) = headers::scheme_problem(scheme)
        {
            let hint = "write the provider's word for it, such as `Api-Key`";
            found.push(Finding::value(BAD_HEADER, path.key("scheme"), message).hint(hint));
        }
        let scheme = scheme.clone().filter(|scheme| !scheme.eq_ignore_ascii_case("Basic"));
        ClientAuth::Basic { username, password, form_encoded, scheme }
    }

    fn header(&self, header: &HeaderAuth, found: &mut Vec<Finding>) -> ClientAuth {
        let HeaderAuth { name, value } = header;
        let path = self.path.key("header");
        let path_of_name = path.key("name");
        let problem = headers::cookie_problem(name, &path_of_name)
            .or_else(|| headers::name_problem(name, &path_of_name));
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
        standard::template(name, self.scope, self.path, found)
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
