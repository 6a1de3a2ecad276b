//! A request as shown → what a spec says of it, with a reference in the place of every value that somebody brings.

use super::Problem;
use super::host::{
    is_guess, is_ipv6, is_label, is_placed, is_port_open, is_stand_in, refuse_no_host,
    refuse_odd_scheme, refuse_unfit,
};
use super::meaning::{
    Piece, Role, called, is_field, made_anew, may_be_secret, parameter, pieces, placeholder, role,
    squashed,
};
use super::media_type::{ContentType, accepts_json, content_type};
use super::path::{Segment, after, stand_in};
use super::wire::{Body, Wire, end_of_host, is_alone, nameless, too_deep, user};
use serde_json::{Map, Value, json};

/// What a spec says of a request.
#[derive(Debug, Default)]
pub(super) struct Draft {
    /// The base URL; `None` where the integrator brings it.
    pub(super) base: Option<String>,
    /// Method and path.
    pub(super) line: String,
    /// The word for what is traded; `None` for a refresh token.
    pub(super) operation: Option<&'static str>,
    /// Whether RFC 6749 says the rest.
    pub(super) profile: bool,
    /// How the client proves who it is, where that is not the default.
    pub(super) auth: Option<Value>,
    /// Parameters of the query.
    pub(super) query: Map<String, Value>,
    /// Headers.
    pub(super) headers: Map<String, Value>,
    /// Cookies.
    pub(super) cookies: Map<String, Value>,
    /// The fields of the body that the profile does not send.
    pub(super) fields: Map<String, Value>,
    /// Whether the body is a form, be it of the client's id and secret alone.
    pub(super) form: bool,
    /// Whether the body is JSON.
    pub(super) json: Option<Value>,
    /// What the integrator brings, in the order of its use.
    pub(super) client: Vec<Parameter>,
    /// All that an example has to bring, what the profile declares included.
    pub(super) needed: Vec<Parameter>,
    /// Whether a refresh token is sent.
    pub(super) refresh: bool,
    /// Whether an access token is sent.
    pub(super) access: bool,
    /// Whether the body is one that the source does not describe, and then whether it is JSON.
    pub(super) unread: Option<bool>,
    /// Whether the source traded a code, and this is the refresh that it suggests.
    pub(super) traded_code: bool,
    /// The headers of the source that are left out.
    left_out: Vec<String>,
    /// What was assumed, for whoever reads the spec.
    pub(super) notes: Vec<String>,
    /// The path names a refresh: a token without a further name is one for it.
    refreshing: bool,
    /// Whether the request holds a refresh token.
    trades: bool,
    /// What the `subject_token` of a token exchange is (RFC 8693), by the type that the request says.
    subject: Option<Role>,
}

/// What the integrator brings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Parameter {
    /// Its name.
    pub(super) name: String,
    /// Whether it is never shown.
    pub(super) secret: bool,
    /// The word for its type, where it is not a text.
    pub(super) kind: Option<&'static str>,
    /// Whether it may be left out.
    pub(super) optional: bool,
    /// The only values that it has; none where it may have any.
    pub(super) one_of: Vec<String>,
}

/// HTTP Basic.
#[derive(Debug, Clone, Copy)]
struct Basic {
    /// Whether the password is empty.
    no_password: bool,
}

/// Headers that follow from the request itself.
const OF_REQUEST: &[&str] =
    &["content-type", "content-length", "host", "connection", "transfer-encoding"];

/// Headers that say nothing of a contract: the transport or the browser brings them.
const IDLE: &[&str] = &[
    "user-agent",
    "cache-control",
    "accept-encoding",
    "accept-language",
    "origin",
    "referer",
    "pragma",
    "te",
    "dnt",
    "priority",
    "postman-token",
    "expect",
    "keep-alive",
];

/// What the integrator chooses, whatever a sample shows.
const CHOSEN: &[&str] = &[
    "scope",
    "scopes",
    "redirecturi",
    "redirecturl",
    "callbackurl",
    "audience",
    "resource",
    "tenant",
    "tenantid",
    "username",
    "email",
    "user",
    "login",
    "account",
    "accountid",
    "userid",
    "deviceid",
    "domain",
    "realm",
    "organization",
    "orgid",
    "id",
    "uuid",
];

/// What the profile declares itself.
const STANDARD: &[&str] =
    &["client_id", "client_secret", "username", "password", "assertion", "key"];

const CLIENT_ID: &str = "${client.client_id}";
const CLIENT_SECRET: &str = "${client.client_secret}";
pub(super) const REFRESH_TOKEN: &str = "${refresh_token}";
const ACCESS_TOKEN: &str = "${access_token}";
pub(super) const JWT_BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

impl Draft {
    /// What `wire` says.
    pub(super) fn of(wire: &Wire) -> Result<Self, Problem> {
        let mut draft = Self { traded_code: wire.traded_code, ..Self::default() };
        let path = draft.take_url(&wire.url)?;
        for (name, values) in &wire.choices {
            let mut known = draft.client.iter_mut();
            if let Some(known) = known.find(|known| known.name == parameter(name)) {
                known.one_of.clone_from(values);
            }
        }
        draft.trades = super::sent(wire).is_some();
        draft.subject = subject(wire);
        draft.refreshing =
            path.contains("refresh") || wire.keys.iter().any(|key| key.contains("refresh"));
        if wire.method.is_empty()
            || !wire.method.bytes().all(|byte| byte.is_ascii_uppercase())
            || wire.method.len() > 10
        {
            return Err(Problem::new("the method is no word in capitals", "write `-X POST`"));
        }
        let keys = if wire.keys.is_empty() { "" } else { "?" };
        draft.line = format!("{} {path}{keys}{}", wire.method, wire.keys.join("&"));
        let user = user(&wire.url);
        let no_password = wire.no_password || !wire.basic && user.is_some_and(is_alone);
        let mut basic = wire.basic || user.is_some();
        for (name, value) in &wire.query {
            let value = draft.named(name, value)?;
            draft.query.insert(name.clone(), value);
        }
        let mut proof = None;
        for (name, value) in &wire.headers {
            basic |= draft.header(name, value, &mut proof)?;
        }
        draft.body(&wire.body)?;
        draft.content_type(wire);
        let signed = draft.signed(wire);
        draft.settle_operation();
        // The header that is written out is sent in the place of the one that curl makes of `-u`.
        basic &=
            !proof.as_ref().is_some_and(|(name, _)| name.eq_ignore_ascii_case("authorization"));
        let basic = basic.then_some(Basic { no_password });
        draft.settle_auth(wire, basic, proof, signed);
        draft.settle_scope(wire.scope_required);
        draft.settle_profile();
        draft.needed.clone_from(&draft.client);
        draft.note_left_out();
        if draft.profile {
            draft.client.retain(|parameter| !STANDARD.contains(&parameter.name.as_str()));
        }
        Ok(draft)
    }

    /// The path of a URL; its host becomes the base.
    fn take_url(&mut self, url: &str) -> Result<String, Problem> {
        let hint = "write the whole URL of the token endpoint: https://id.example.com/oauth/token";
        let url = url.trim();
        if url.is_empty() {
            return Err(Problem::new("there is no URL", hint));
        }
        let (scheme, rest) = match url.split_once("://") {
            Some((scheme, rest)) => (scheme.to_ascii_lowercase(), rest),
            None => ("https".to_owned(), url),
        };
        if !["https", "http"].contains(&scheme.as_str()) {
            return Err(Problem::new("the URL begins with neither https nor http", hint));
        }
        let end = end_of_host(rest);
        let (authority, path) = rest.split_at_checked(end).unwrap_or((rest, ""));
        let host = authority.rsplit('@').next().unwrap_or_default();
        refuse_odd_scheme(host, path)?;
        // As a browser copies it.
        let host = &*host.replace("%7B", "{").replace("%7D", "}");
        if host.is_empty() && url.contains("://") {
            return Err(Problem::new("the URL has no host", hint));
        }
        let is_url =
            |name: &str| squashed(name).contains("url") || squashed(name).contains("endpoint");
        self.base = match pieces(host).as_slice() {
            [] => None,
            [Piece::Place(name)] if is_url(name) => None,
            _ if is_stand_in(host) => None,
            _ if is_ipv6(host) => Some(format!("{scheme}://{host}")),
            _ if is_port_open(host)? => None,
            _ => Some(format!("{scheme}://{}", self.host(host)?)),
        };
        let mut before = "";
        let mut line = String::new();
        for segment in path.split('/').skip(usize::from(path.starts_with('/'))) {
            line.push('/');
            line.push_str(&self.segment(segment, before));
            before = segment;
        }
        if line.is_empty() {
            line.push('/');
        }
        Ok(line)
    }

    fn host(&mut self, host: &str) -> Result<String, Problem> {
        refuse_no_host(host)?;
        let mut text = String::new();
        let all = pieces(host);
        let alone = all.len() == 1;
        for piece in &all {
            match piece {
                Piece::Place(name) => {
                    let kind = if alone { "host" } else { "host_label" };
                    let name = match parameter(name).as_str() {
                        "setting" => if alone { "domain" } else { "tenant" }.to_owned(),
                        name => name.to_owned(),
                    };
                    text.push_str(&self.setting(name, false, Some(kind)));
                }
                Piece::Text(part) => {
                    let labels = part.split('.').map(|label| match label {
                        _ if is_placed(label, part) => {
                            let name = stand_in(label).unwrap_or_else(|| "tenant".to_owned());
                            self.setting(name, false, Some("host_label"))
                        }
                        _ if is_label(label) => label.to_ascii_lowercase(),
                        _ => {
                            let named =
                                placeholder(label).map(parameter).filter(|name| name != "setting");
                            self.setting(
                                named.unwrap_or_else(|| "tenant".to_owned()),
                                false,
                                Some("host_label"),
                            )
                        }
                    });
                    text.push_str(&labels.collect::<Vec<_>>().join("."));
                }
            }
        }
        refuse_unfit(&text)?;
        Ok(text)
    }

    /// A segment of the path. What stands where a sample has somebody's own id becomes a setting.
    fn segment(&mut self, segment: &str, before: &str) -> String {
        let mut text = String::new();
        for piece in pieces(segment) {
            let name = match piece {
                Piece::Place(name) => Some(name),
                Piece::Text(part) => placeholder(part),
            };
            match (name, piece) {
                (Some(name), _) => text.push_str(&self.place(name, &after(before))),
                (None, Piece::Text(part)) => match Segment::of(part) {
                    Segment::Word => text.push_str(part),
                    Segment::Doubtful => {
                        self.notes.push(format!("`{part}` in the path is taken for a word of the API: what differs between clients belongs under `client`."));
                        text.push_str(part);
                    }
                    Segment::StandIn(name) => text.push_str(&self.setting(name, false, None)),
                    Segment::Own => {
                        let reference = self.setting(after(before), false, None);
                        self.notes.push(format!("{reference} in the path stands for what looks like an id of somebody's own: where it is the same for everybody, write it out."));
                        text.push_str(&reference);
                    }
                },
                (None, Piece::Place(_)) => {}
            }
        }
        text
    }

    /// A placeholder of the source, by its name.
    fn place(&mut self, name: &str, unnamed: &str) -> String {
        let name = if name.is_empty() { unnamed } else { name };
        match role(name, "<>") {
            Role::Constant(_) => self.setting(parameter(name), false, None),
            role => self.reference(role),
        }
    }

    /// What stands in a spec for a value of this role.
    fn reference(&mut self, role: Role) -> String {
        match role {
            Role::RefreshToken => {
                self.refresh = true;
                REFRESH_TOKEN.to_owned()
            }
            Role::AccessToken => {
                self.access = true;
                ACCESS_TOKEN.to_owned()
            }
            Role::ClientId => self.setting("client_id".to_owned(), false, None),
            Role::ClientSecret => self.setting("client_secret".to_owned(), true, None),
            Role::Setting { name, secret } => self.setting(name, secret, None),
            Role::Constant(text) => text,
        }
    }

    fn setting(&mut self, name: String, secret: bool, kind: Option<&'static str>) -> String {
        let reference = format!("${{client.{name}}}");
        match self.client.iter_mut().find(|known| known.name == name) {
            Some(known) => known.secret |= secret && known.kind.is_none(),
            None => {
                let one_of = Vec::new();
                self.client.push(Parameter { name, secret, kind, optional: false, one_of });
            }
        }
        reference
    }

    /// The value of a field, a parameter of the query or a member of an object.
    fn named(&mut self, name: &str, value: &str) -> Result<Value, Problem> {
        let mine = self.role(name, value)?;
        self.notes.extend(made_anew(name));
        if let (Role::Setting { .. }, Role::Constant(text)) = (&mine, role(name, value))
            && squashed(name).starts_with("scope")
        {
            self.notes.push(format!(
                "The source sends `{name}={text}`. Here it is a setting: where every refresh has to send just that, write it in its place."
            ));
        }
        Ok(self.reference(mine).into())
    }

    /// What a field, a parameter, a cookie or a member stands for.
    fn role(&self, name: &str, value: &str) -> Result<Role, Problem> {
        refuse_nameless(name)?;
        if let (SUBJECT_TOKEN, Some(subject)) = (squashed(name).as_str(), &self.subject) {
            return Ok(subject.clone());
        }
        let bare = ["token", "rt"].contains(&squashed(name).as_str());
        Ok(match role(name, value) {
            Role::Setting { .. } if bare && self.refreshing => Role::RefreshToken,
            // What a refresh asks for is the reader's choice; where nothing was granted before, the scope is the page's own word.
            Role::Constant(_)
                if CHOSEN.contains(&squashed(name).as_str())
                    && (self.trades || !squashed(name).starts_with("scope")) =>
            {
                Role::Setting { name: parameter(name), secret: false }
            }
            Role::Constant(text) if text == "refresh" && squashed(name) == "refresh" => {
                Role::RefreshToken
            }
            role => role,
        })
    }

    /// Takes a header over. Whether it is HTTP Basic.
    fn header(
        &mut self,
        name: &str,
        value: &str,
        proof: &mut Option<(String, String)>,
    ) -> Result<bool, Problem> {
        let lower = name.to_ascii_lowercase();
        let json = lower == "accept" && accepts_json(value);
        if is_idle(&lower) || lower.starts_with("sec-") || json || name.is_empty() {
            // What follows from the request itself is not missed.
            if IDLE.contains(&lower.as_str()) {
                self.left_out.push(format!("`{name}`"));
            }
            return Ok(false);
        }
        if lower == "cookie" {
            for pair in value.split(';').map(str::trim).filter(|pair| !pair.is_empty()) {
                let (name, value) = pair.split_once('=').ok_or_else(|| {
                    Problem::new("a cookie has no value", "write `-b 'name=value'`")
                })?;
                // Whoever has the cookie has the session, whatever its name.
                let role = match self.role(name, value)? {
                    Role::Setting { .. } | Role::Constant(_) => {
                        Role::Setting { name: parameter(name), secret: true }
                    }
                    role => role,
                };
                let value = self.reference(role);
                self.cookies.insert(name.to_owned(), value.into());
            }
            return Ok(false);
        }
        if !is_field(name) {
            return Err(Problem::new("the name of a header is none", "write `-H 'Name: value'`"));
        }
        self.notes.extend(made_anew(name));
        let (scheme, token) = match value.split_once(' ') {
            Some((scheme, token)) if is_scheme(scheme) && lower == "authorization" => {
                (scheme, token.trim())
            }
            _ => ("", value),
        };
        if scheme.eq_ignore_ascii_case("basic") {
            return Ok(true);
        }
        let hint = placeholder(token).filter(|hint| !hint.is_empty());
        let role = match (role(name, token), hint.map(|hint| role(hint, "<>"))) {
            (
                _,
                Some(
                    named @ (Role::RefreshToken
                    | Role::AccessToken
                    | Role::ClientSecret
                    | Role::ClientId),
                ),
            ) => named,
            (_, Some(Role::Setting { .. })) | (Role::Setting { .. }, None)
                if scheme.eq_ignore_ascii_case("bearer") =>
            {
                match self.refreshing && hint.is_some_and(|hint| squashed(hint).contains("refresh"))
                {
                    true => Role::RefreshToken,
                    false => Role::AccessToken,
                }
            }
            (Role::Setting { name, secret }, hint) if lower == "authorization" => match hint {
                Some(named @ Role::Setting { .. }) => named,
                _ => Role::Setting {
                    name: if name == "authorization" { "api_key".to_owned() } else { name },
                    secret,
                },
            },
            (role, _) => role,
        };
        let proves = match &role {
            Role::ClientSecret => true,
            Role::Setting { secret, .. } => *secret || lower == "authorization",
            Role::RefreshToken | Role::AccessToken | Role::ClientId | Role::Constant(_) => false,
        };
        let role = match role {
            Role::Setting { name, .. } if lower == "authorization" => {
                Role::Setting { name, secret: true }
            }
            role => role,
        };
        let reference = self.reference(role);
        let value = if scheme.is_empty() { reference } else { format!("{scheme} {reference}") };
        if proves && proof.is_none() {
            *proof = Some((name.to_owned(), value));
        } else {
            self.headers.insert(name.to_owned(), value.into());
        }
        Ok(false)
    }

    fn body(&mut self, body: &Body) -> Result<(), Problem> {
        match body {
            Body::Empty => {}
            Body::Form(fields) => {
                self.form = true;
                for (name, value) in fields {
                    let value = self.named(name, value)?;
                    self.fields.insert(name.clone(), value);
                }
            }
            Body::Unknown { json } => self.unread = Some(*json),
            Body::Json(Value::Object(members)) => {
                self.json = Some(Value::Null);
                let members = self.members("", members, 0)?;
                self.fields.extend(members);
            }
            Body::Json(value) => {
                let value = self.member("value", value, 0)?;
                self.json = Some(value);
            }
        }
        Ok(())
    }

    fn content_type(&mut self, wire: &Wire) {
        let is_it = |(name, _): &&(String, String)| name.eq_ignore_ascii_case("content-type");
        let Some((name, value)) = wire.headers.iter().find(is_it) else { return };
        let ContentType { header, note } = content_type(value, &wire.body);
        self.headers.extend(header.map(|value| (name.clone(), value.into())));
        self.notes.extend(note);
    }

    fn note_left_out(&mut self) {
        if !self.left_out.is_empty() {
            self.notes.push(format!(
                "Headers of the source that are left out: {}. One that the page asks for belongs under `headers`.",
                self.left_out.join(", ")
            ));
        }
        if let Some(base) = self.base.as_deref().filter(|base| is_guess(base)) {
            self.notes.push(format!(
                "That {base} is the environment `production` is a guess: its name does not say."
            ));
        }
    }

    fn member(&mut self, name: &str, value: &Value, depth: usize) -> Result<Value, Problem> {
        if depth > 20 {
            return Err(too_deep());
        }
        refuse_nameless(name)?;
        Ok(match value {
            Value::String(text) => self.named(name, text)?,
            Value::Number(_) if may_be_secret(name) || value.to_string().len() > 4 => {
                self.named(name, &value.to_string())?
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
            Value::Array(items) => {
                let items = items.iter().map(|item| self.member(name, item, depth + 1));
                let mut items = items.collect::<Result<Vec<_>, _>>()?;
                // What somebody brings is brought once, however many the sample has.
                items.dedup_by(|one, other| {
                    one == other && one.as_str().is_some_and(|text| text.contains("${"))
                });
                Value::Array(items)
            }
            Value::Object(members) => Value::Object(self.members(name, members, depth + 1)?),
        })
    }

    fn members(
        &mut self,
        owner: &str,
        members: &Map<String, Value>,
        depth: usize,
    ) -> Result<Map<String, Value>, Problem> {
        let member = |(name, value): (&String, &Value)| {
            refuse_nameless(name)?;
            Ok((name.clone(), self.member(called(name, owner, members), value, depth)?))
        };
        members.iter().map(member).collect()
    }

    /// Whether a refresh token is spent, as far as is known.
    pub(super) fn spends(&self) -> bool {
        matches!(self.operation, None | Some(super::TODO))
    }

    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.fields.get(name).and_then(Value::as_str)
    }

    /// The signed token that proves who the client is. What holds it in the body is the method's.
    fn signed(&mut self, wire: &Wire) -> Option<Value> {
        let shown = self.fields.remove("client_assertion").is_some();
        self.fields.remove("client_assertion_type");
        self.client.retain(|parameter| !parameter.name.starts_with("client_assertion"));
        match &wire.signed {
            Some((method, None)) => Some(json!(method)),
            Some((method, Some(alg))) => Some(json!({ *method: { "alg": alg } })),
            None if shown => {
                self.notes.push("`client_assertion` is a token that the client makes: `auth` says so with the algorithm that the page names. What else it claims belongs into the block `assertion`.".to_owned());
                Some(json!({ "private_key_jwt": { "alg": super::TODO } }))
            }
            None => None,
        }
    }

    fn settle_operation(&mut self) {
        let in_query = self.query.get("grant_type").and_then(Value::as_str);
        let grant = self.text("grant_type").or(in_query).unwrap_or_default();
        self.operation = match grant {
            _ if self.refresh => None,
            _ if self.access => {
                let all = self.fields.iter().chain(&self.query);
                let token = all.filter(|(_, value)| value.as_str() == Some(ACCESS_TOKEN));
                let token = token.map(|(name, _)| name).find(|name| !names_access_token(name));
                if let Some(name) = token {
                    self.notes.push(format!("The source trades the token `{name}`; assumed: it is the access token itself, `operation: access_token`, and what comes for it is traded so in its turn. Hold it against the page."));
                }
                Some("access_token")
            }
            _ if self.unread.is_some() => Some(super::TODO),
            "refresh_token" => {
                self.refresh = true;
                self.notes.push("The source shows grant_type=refresh_token and no refresh token; assumed: it is the field `refresh_token`, as RFC 6749 has it.".to_owned());
                let of_body = self.fields.contains_key("grant_type");
                let beside = if of_body { &mut self.fields } else { &mut self.query };
                beside.insert("refresh_token".to_owned(), REFRESH_TOKEN.into());
                None
            }
            "password" => Some("sign_in"),
            JWT_BEARER => {
                self.notes.push("The assertion is a token that the client makes: the block `assertion` says how it is signed and what it claims, and the client then brings a key in its place.".to_owned());
                Some("assertion")
            }
            _ if self.client.iter().any(|known| known.name.contains("password")) => Some("sign_in"),
            "client_credentials" => Some("client_credentials"),
            grant => {
                let sends = match grant {
                    "" => "no token and no grant_type".to_owned(),
                    grant if grant.contains("${") => {
                        "no token and a placeholder for grant_type".to_owned()
                    }
                    grant => format!("grant_type={grant} and no token that is known"),
                };
                let all = self.fields.keys().chain(self.query.keys());
                let own = all.filter(|name| squashed(name).ends_with("token")).map(|name| format!(" `{name}` stands for a setting of the client: it is none where each exchange sends another."));
                let own = own.collect::<String>();
                self.notes.push(format!("The source sends {sends}; assumed: `operation: client_credentials`, a token for the client itself. Hold it against the page.{own}"));
                Some("client_credentials")
            }
        };
    }

    fn settle_auth(
        &mut self,
        wire: &Wire,
        basic: Option<Basic>,
        mut proof: Option<(String, String)>,
        signed: Option<Value>,
    ) {
        let named = |fields: &Map<String, Value>, reference: &str| {
            fields
                .iter()
                .find(|(_, value)| value.as_str() == Some(reference))
                .map(|(name, _)| name.clone())
        };
        let (id, secret) = (named(&self.fields, CLIENT_ID), named(&self.fields, CLIENT_SECRET));
        let (of_query, in_query) =
            (named(&self.query, CLIENT_ID), named(&self.query, CLIENT_SECRET));
        let names = |method: &str, id: &str, secret: Option<&str>| {
            let mut own = Map::new();
            if id != "client_id" {
                own.insert("client_id".to_owned(), id.into());
            }
            if let Some(secret) = secret.filter(|secret| *secret != "client_secret") {
                own.insert("client_secret".to_owned(), secret.into());
            }
            if own.is_empty() { json!(method) } else { json!({ method: own }) }
        };
        let auth = match (id, secret) {
            _ if basic.is_some() => {
                self.setting("client_id".to_owned(), false, None);
                let mut parts = Map::new();
                if basic.is_some_and(|basic| basic.no_password) {
                    parts.insert("password".to_owned(), "".into());
                } else {
                    self.setting("client_secret".to_owned(), true, None);
                }
                if !wire.form_encoded {
                    parts.insert("encoding".to_owned(), "raw".into());
                }
                if parts.is_empty() { json!("basic") } else { json!({ "basic": parts }) }
            }
            (id, _) if wire.certificate => {
                self.setting("client_id".to_owned(), false, None);
                id.map(|id| self.fields.shift_remove(&id));
                json!("mutual_tls")
            }
            (id, _) if signed.is_some() => {
                if id.is_none() {
                    self.setting("client_id".to_owned(), false, None);
                }
                let key = if signed.as_ref().is_some_and(|it| it.to_string().contains("secret")) {
                    "client_secret"
                } else {
                    "key"
                };
                self.setting(key.to_owned(), true, (key == "key").then_some("signing_key"));
                signed.unwrap_or_default()
            }
            (Some(id), Some(secret)) => {
                self.fields.shift_remove(&id);
                self.fields.shift_remove(&secret);
                names("body", &id, Some(&secret))
            }
            (Some(id), None) if proof.is_none() => {
                self.fields.shift_remove(&id);
                names("public", &id, None)
            }
            _ => match (proof.take(), of_query, in_query) {
                (Some((name, value)), ..) => json!({ "header": { "name": name, "value": value } }),
                (None, Some(id), Some(secret)) => {
                    self.query.shift_remove(&id);
                    self.query.shift_remove(&secret);
                    names("query", &id, Some(&secret))
                }
                _ if wire.unproven
                    || self.client.is_empty() && self.operation == Some("client_credentials") =>
                {
                    json!(super::TODO)
                }
                _ => json!("none"),
            },
        };
        self.auth = Some(auth);
        // One that proves nothing more is sent all the same.
        self.headers.extend(proof.map(|(name, value)| (name, value.into())));
    }

    /// A refresh without a scope asks for the one that was granted (RFC 6749 section 6): nobody has to bring one,
    /// unless the source says so.
    fn settle_scope(&mut self, required: bool) {
        if self.operation.is_some() || required {
            return;
        }
        for name in ["scope", "scopes"] {
            let reference = format!("${{client.{name}}}");
            let sent = self.text(name) == Some(&reference)
                || self.query.get(name).and_then(Value::as_str) == Some(&reference);
            if let Some(parameter) =
                self.client.iter_mut().find(|parameter| sent && parameter.name == name)
            {
                parameter.optional = true;
            }
        }
    }
}

/// What a token exchange calls the token that it trades, without the signs of its name.
const SUBJECT_TOKEN: &str = "subjecttoken";

/// What the token is that a token exchange trades (RFC 8693 section 3), where the request says so.
fn subject(wire: &Wire) -> Option<Role> {
    let texts = wire.texts();
    let (_, kind) = texts.iter().find(|(name, _)| squashed(name) == "subjecttokentype")?;
    match kind.strip_prefix("urn:ietf:params:oauth:token-type:")? {
        "access_token" => Some(Role::AccessToken),
        "refresh_token" => Some(Role::RefreshToken),
        _ => None,
    }
}

/// Whether a field is called an access token: that is what it is then, and no guess.
fn names_access_token(name: &str) -> bool {
    squashed(name).contains("access")
}

/// Whether a header says nothing of a contract.
pub(super) fn is_idle(name: &str) -> bool {
    OF_REQUEST.contains(&name) || IDLE.contains(&name)
}

/// What has no name may be a secret where another thing is expected: it is not shown.
fn refuse_nameless(name: &str) -> Result<(), Problem> {
    match is_field(name) {
        true => Ok(()),
        false => Err(nameless()),
    }
}

/// Whether a word in front of a credential is the name of a scheme (RFC 9110 section 11.1), and no part of the credential.
fn is_scheme(word: &str) -> bool {
    is_field(word) && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}
