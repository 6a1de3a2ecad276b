//! The request that refreshes.

use super::{Generated, MintLimit, Part, Slot, StepRequest, Taken, Template};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// The request that refreshes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// What is traded for the new access token.
    pub operation: Operation,
    /// The method: an HTTP token, upper case as written.
    pub method: String,
    /// The path, with a leading slash; empty where the integrator brings the whole URL. Literals are already percent-encoded; values are encoded as path segments.
    pub path: Template,
    /// The query in order: first what the request line holds, then `query` sorted by name. Names and literals are decoded text;
    /// on the wire everything but RFC 3986's unreserved characters is percent-encoded, as in the path.
    pub query: Vec<(String, Template)>,
    /// The names in [`query`](Self::query) that stand there without a `=`: `POST /token?refresh`. They have no value.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub valueless: Vec<String>,
    /// Headers sorted by lower-case name, `accept` and `content-type` included; client authentication is not among them.
    pub headers: Vec<(String, Template)>,
    /// The body, with client authentication left out and a fixed scope included.
    pub body: Body,
    /// How the client proves who it is.
    pub auth: ClientAuth,
    /// What the client makes anew for each request, by name; each needs only those before it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<(String, Generated)>,
    /// Whether the connection must show a client certificate (RFC 8705).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub certificate: bool,
    /// When the provider accepts a refresh.
    pub when: RefreshWhen,
    /// The shortest time between two refreshes of one grant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_most_every: Option<Duration>,
    /// How many refreshes of one grant the provider takes in a time. Where nothing is spent, its [`Mint`](super::Mint) says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<MintLimit>,
    /// What the requests behind it need of its answer, by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub take: Vec<(String, Taken)>,
    /// The requests behind it, of which the last brings the access token; its own answer does where there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub then: Vec<StepRequest>,
}

/// The name of a request that others follow, in those of what they need of its answer: `refresh.bearer`.
pub const SPENDING: &str = "refresh";

/// What is traded for the new access token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Operation {
    /// A refresh token.
    RefreshToken,
    /// The current access token.
    AccessToken,
    /// Nothing: the client's own credentials bring a token (RFC 6749 section 4.4).
    ClientCredentials,
    /// Nothing: stored sign-in secrets bring a token.
    SignIn,
    /// Nothing: an assertion brings a token (RFC 7521).
    Assertion,
    /// Nothing, and no request: the client makes and signs the access token itself. It is the value
    /// [`ASSERTION`](super::ASSERTION) among [`Request::values`]; the rest of the request, and the answer, are empty.
    Local,
}

/// The header of cookies (RFC 6265 section 5.4).
pub const COOKIE: &str = "cookie";

/// The body of the request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Body {
    /// No body at all, and no `Content-Type`.
    Empty,
    /// `application/x-www-form-urlencoded`, sorted by name.
    Form(Vec<(String, Template)>),
    /// JSON. Members keep the order in which they were written.
    Json(JsonTemplate),
    /// An XML document. Its literals are markup and stand on the wire as they are; values are escaped. Every place is in a text or in the
    /// value of an attribute.
    Xml(Template),
}

/// A JSON value with places in its texts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum JsonTemplate {
    /// `null`, a boolean or a number.
    Constant(serde_json::Value),
    /// A text, with places.
    Text(Template),
    /// A list.
    List(Vec<JsonTemplate>),
    /// An object.
    Object(Vec<(String, JsonTemplate)>),
}

/// How the client proves who it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum ClientAuth {
    /// Not at all, or by a parameter that the request names itself.
    #[default]
    None,
    /// HTTP Basic.
    Basic {
        /// The user part.
        username: Template,
        /// The password part.
        password: Template,
        /// Whether both parts are form-encoded before base64 (RFC 6749 section 2.3.1).
        form_encoded: bool,
        /// What stands in front of the base64, where that is not `Basic`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        scheme: Option<String>,
    },
    /// Fields of the body (form or JSON object), in this order: name → value.
    Body(Vec<(String, Template)>),
    /// A header.
    Header {
        /// Its lower-case name.
        name: String,
        /// Its value.
        value: Template,
    },
    /// Parameters of the query, in this order, after those of [`Request::query`].
    Query(Vec<(String, Template)>),
}

/// When the provider accepts a refresh.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum RefreshWhen {
    /// Whenever the credential lives.
    AnyTime,
    /// Only this long before the access token's expiry, and later.
    NearExpiry(Duration),
    /// Only while the access token has not expired.
    BeforeExpiry,
    /// Only once the access token has expired.
    AfterExpiry,
    /// Not documented; treated as any time.
    Unknown,
}

impl Request {
    /// Whether a parameter of the query stands there without a `=`.
    pub fn is_valueless(&self, name: &str) -> bool {
        self.valueless.iter().any(|valueless| valueless == name)
    }

    /// The cookies in the header `cookie`, by name.
    pub fn cookies(&self) -> Vec<(String, Template)> {
        let header = self.headers.iter().find(|(name, _)| name == COOKIE);
        let mut cookies: Vec<(String, Template)> = Vec::new();
        for part in header.into_iter().flat_map(|(_, value)| &value.parts) {
            match part {
                Part::Literal(text) => {
                    for (position, piece) in text.split("; ").enumerate() {
                        let last = cookies.last_mut().filter(|_| position == 0);
                        match (last, piece.split_once('=')) {
                            (Some((_, value)), _) => value.push(piece),
                            (None, Some((name, text))) => {
                                cookies.push((name.to_owned(), Template::literal(text)))
                            }
                            (None, None) => {}
                        }
                    }
                }
                Part::Slot(_) => {
                    if let Some((_, value)) = cookies.last_mut() {
                        value.parts.push(part.clone());
                    }
                }
            }
        }
        cookies
    }

    /// The value of this name that the client makes.
    pub fn value(&self, name: &str) -> Option<&Generated> {
        self.values.iter().find(|(found, _)| found == name).map(|(_, value)| value)
    }

    /// Every template of the request, those of client authentication and of generated values included.
    pub fn templates(&self) -> impl Iterator<Item = &Template> {
        self.sent_templates().chain(self.values.iter().flat_map(|(_, value)| value.templates()))
    }

    /// Whether there is no path: what the integrator brings is all of the URL, and not its beginning.
    pub fn is_at_whole_url(&self) -> bool {
        self.path.parts.is_empty() && !self.operation.is_local()
    }

    /// Whether this is used for the request, on the wire or for a value in it.
    pub fn uses(&self, slot: &Slot) -> bool {
        self.templates().any(|template| template.slots().any(|used| used == slot))
    }

    /// Whether this is on the wire itself.
    pub fn sends(&self, slot: &Slot) -> bool {
        self.sent_templates().any(|template| template.slots().any(|used| used == slot))
    }

    /// Every template whose text is on the wire, client authentication included.
    pub fn sent_templates(&self) -> impl Iterator<Item = &Template> {
        let mut all = vec![&self.path];
        all.extend(self.query.iter().map(|(_, value)| value));
        all.extend(self.headers.iter().map(|(_, value)| value));
        all.extend(self.body.templates());
        self.auth.collect(&mut all);
        all.into_iter()
    }
}

impl Body {
    /// Its templates.
    pub fn templates(&self) -> impl Iterator<Item = &Template> {
        let mut all = Vec::new();
        match self {
            Self::Empty => {}
            Self::Form(fields) => all.extend(fields.iter().map(|(_, value)| value)),
            Self::Json(json) => json.collect(&mut all),
            Self::Xml(document) => all.push(document),
        }
        all.into_iter()
    }
}

impl JsonTemplate {
    /// Its templates.
    pub fn templates(&self) -> Vec<&Template> {
        let mut all = Vec::new();
        self.collect(&mut all);
        all
    }

    /// Whether this template is what a name in it stands for, so that it can be left out with the name. One that stands for the whole
    /// is not in it.
    pub fn has_member(&self, template: &Template) -> bool {
        match self {
            Self::Constant(_) | Self::Text(_) => false,
            Self::List(items) => items.iter().any(|item| item.has_member(template)),
            Self::Object(members) => members
                .iter()
                .any(|(_, value)| value.is_text(template) || value.has_member(template)),
        }
    }

    /// Whether it is this text.
    pub fn is_text(&self, template: &Template) -> bool {
        matches!(self, Self::Text(text) if std::ptr::eq(text, template))
    }

    fn collect<'a>(&'a self, into: &mut Vec<&'a Template>) {
        match self {
            Self::Constant(_) => {}
            Self::Text(template) => into.push(template),
            Self::List(items) => items.iter().for_each(|item| item.collect(into)),
            Self::Object(members) => members.iter().for_each(|(_, value)| value.collect(into)),
        }
    }
}

impl ClientAuth {
    /// Whether the client proves nothing, or by a parameter that the request names itself.
    pub fn is_none(&self) -> bool {
        *self == Self::None
    }

    /// Its templates.
    pub fn templates(&self) -> impl Iterator<Item = &Template> {
        let mut all = Vec::new();
        self.collect(&mut all);
        all.into_iter()
    }

    fn collect<'a>(&'a self, into: &mut Vec<&'a Template>) {
        match self {
            Self::None => {}
            Self::Basic { username, password, .. } => into.extend([username, password]),
            Self::Header { value, .. } => into.push(value),
            Self::Body(fields) | Self::Query(fields) => {
                into.extend(fields.iter().map(|(_, value)| value))
            }
        }
    }
}
