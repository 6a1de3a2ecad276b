//! An OpenAPI 3 document → the request of one operation, with the names of its values in their places.

use super::Problem;
use super::draft::is_idle;
use super::host::is_label;
use super::lines::is_grant;
use super::meaning::{Role, is_field, is_plain, role, squashed};
use super::wire::{Address, Body, Wire, split_url};
use serde_json::{Map, Value, json};

/// How many references are followed in a row, and how deep schemas may lie in one another.
const DEEPEST: usize = 24;

/// What stands in the media type of a form.
const FORM: &str = "form-urlencoded";

/// What a document says of an operation.
pub(super) struct Described {
    pub(super) wire: Wire,
    /// The status and the body of its success.
    pub(super) answer: Option<(u16, Value)>,
    /// The URLs of the same request at the other servers.
    pub(super) elsewhere: Vec<String>,
    /// What of the document is not in it.
    pub(super) notes: Vec<String>,
}

/// The fields of a body.
#[derive(Default)]
struct Fields {
    /// Whether it is JSON.
    json: bool,
    /// Those that are sent, with what stands for their values.
    sent: Vec<(String, String)>,
    /// The names of those that must be there.
    required: Vec<String>,
    /// The names of those that need not be there and are not sent.
    left_out: Vec<String>,
}

/// An operation that may be meant.
struct Candidate<'a> {
    method: String,
    path: &'a str,
    item: &'a Value,
    operation: &'a Value,
    score: i32,
}

impl Candidate<'_> {
    /// What it is called on a command line.
    fn name(&self) -> String {
        let id =
            self.operation.get("operationId").and_then(Value::as_str).filter(|id| is_plain(id));
        // A document that was fetched may hold what a terminal obeys.
        let path = self.path.escape_debug();
        id.map_or_else(|| format!("{} {path}", self.method), str::to_owned)
    }
}

/// The request of the operation called `wanted`, or of the one that looks most like a token endpoint.
pub(super) fn request(document: &Value, wanted: Option<&str>) -> Result<Described, Problem> {
    let version = document.get("openapi").and_then(Value::as_str).unwrap_or_default();
    if !version.starts_with("3.") {
        let message = match document.get("swagger") {
            Some(_) => "the document is one of Swagger 2, not of OpenAPI 3",
            None => "the document does not say `openapi: 3`",
        };
        return Err(Problem::new(
            message,
            "convert it to OpenAPI 3 first, or begin with a curl line of the provider's page",
        ));
    }
    let source = Source { document };
    let all = source.candidates();
    let named = |candidate: &&Candidate<'_>| {
        let by_path = format!("{} {}", candidate.method, candidate.path);
        wanted.is_some_and(|wanted| {
            candidate.operation.get("operationId").and_then(Value::as_str) == Some(wanted)
                || by_path.eq_ignore_ascii_case(wanted)
        })
    };
    let list = |mut some: Vec<&Candidate<'_>>| {
        some.sort_by_key(|candidate| -candidate.score);
        let names: Vec<String> =
            some.iter().take(8).map(|candidate| format!("`{}`", candidate.name())).collect();
        names.join(", ")
    };
    let best = all.iter().map(|candidate| candidate.score).max().unwrap_or_default();
    let likely: Vec<&Candidate<'_>> =
        all.iter().filter(|candidate| candidate.score == best && best >= 4).collect();
    match (wanted, likely.as_slice()) {
        (Some(_), _) => match all.iter().find(named) {
            Some(candidate) => source.described(candidate),
            None => Err(Problem::new(
                "the document has no such operation",
                format!(
                    "`--operation` takes an operationId or `POST /path`; the likeliest are {}",
                    list(all.iter().collect())
                ),
            )),
        },
        (None, [only]) => source.described(only),
        (None, []) => source.of_scheme().ok_or_else(|| {
            Problem::new(
                "no operation of the document looks like a token endpoint",
                "name it: `--operation ID`",
            )
        }),
        (None, several) => Err(Problem::new(
            "several operations of the document look like token endpoints",
            format!("name one: `--operation ID`; they are {}", list(several.to_vec())),
        )),
    }
}

/// A document, whose references lead to other parts of it.
struct Source<'a> {
    document: &'a Value,
}

impl<'a> Source<'a> {
    /// What a value is once references are followed. Those to other documents lead nowhere.
    fn resolved(&self, mut value: &'a Value) -> &'a Value {
        for _ in 0..DEEPEST {
            let Some(reference) = value.get("$ref").and_then(Value::as_str) else { return value };
            let decoded = percent_encoding::percent_decode_str(reference).decode_utf8_lossy();
            let target =
                decoded.strip_prefix('#').and_then(|pointer| self.document.pointer(pointer));
            value = target.unwrap_or(&Value::Null);
        }
        &Value::Null
    }

    fn member(&self, value: &'a Value, key: &str) -> &'a Value {
        value.get(key).map_or(&Value::Null, |value| self.resolved(value))
    }

    fn candidates(&self) -> Vec<Candidate<'a>> {
        let paths = self.document.get("paths").and_then(Value::as_object);
        let mut all = Vec::new();
        for (path, item) in paths.into_iter().flatten() {
            let item = self.resolved(item);
            for method in ["post", "get", "put", "patch"] {
                if let Some(operation) = item.get(method) {
                    let mut candidate = Candidate {
                        method: method.to_ascii_uppercase(),
                        path,
                        item,
                        operation,
                        score: 0,
                    };
                    candidate.score = self.score(&candidate);
                    all.push(candidate);
                }
            }
        }
        all
    }

    /// How much an operation looks like the one that brings tokens.
    fn score(&self, candidate: &Candidate<'a>) -> i32 {
        let path = candidate.path.to_ascii_lowercase();
        let fields = self.fields(candidate.operation).unwrap_or_default();
        let has = |name: &str| fields.sent.iter().any(|field| squashed(&field.0) == name);
        let named = candidate
            .operation
            .get("operationId")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_ascii_lowercase();
        let of_scheme = self
            .endpoints()
            .iter()
            .any(|url| path.len() > 1 && url.to_ascii_lowercase().ends_with(&path));
        let brings = self
            .answer(candidate.operation)
            .is_some_and(|(_, body)| body.to_string().to_ascii_lowercase().contains("access"));
        let refuses = ["revoke", "introspect", "revocation"].iter().any(|word| path.contains(word));
        let points = [
            (of_scheme, 6),
            (has("refreshtoken"), 5),
            (has("granttype"), 4),
            (path.contains("refresh") || named.contains("refresh"), 4),
            (path.ends_with("token") || path.ends_with("tokens"), 2),
            (path.contains("oauth") || path.contains("auth"), 1),
            (brings, 2),
            (candidate.method == "POST", 1),
            (refuses, -20),
        ];
        points.iter().filter(|(holds, _)| *holds).map(|(_, points)| points).sum()
    }

    /// The flows of OAuth 2 that the document names, each with the word for it.
    fn flows(&self) -> Vec<(&'a str, &'a Value)> {
        let schemes =
            self.document.pointer("/components/securitySchemes").and_then(Value::as_object);
        let flows = schemes
            .into_iter()
            .flat_map(Map::values)
            .filter_map(|scheme| self.member(self.resolved(scheme), "flows").as_object());
        flows.flatten().map(|(name, flow)| (name.as_str(), flow)).collect()
    }

    fn endpoints(&self) -> Vec<&'a str> {
        let flows = self.flows();
        let urls = flows.iter().flat_map(|(_, flow)| {
            ["refreshUrl", "tokenUrl"].map(|key| flow.get(key).and_then(Value::as_str))
        });
        urls.flatten().collect()
    }

    /// Where no operation is described: the endpoint that a flow of OAuth 2 names.
    fn of_scheme(&self) -> Option<Described> {
        let url = |flow: &'a Value| {
            let named =
                |key: &str| flow.get(key).and_then(Value::as_str).filter(|url| !url.is_empty());
            named("refreshUrl").or_else(|| named("tokenUrl"))
        };
        let flows = self.flows();
        let with_person =
            flows.iter().find(|(name, flow)| *name == "authorizationCode" && url(flow).is_some());
        let (name, flow) =
            with_person.or_else(|| flows.iter().find(|(_, flow)| url(flow).is_some()))?;
        let Address { url, query, keys } = split_url(url(flow)?).ok()?;
        let url = if url.starts_with('/') {
            self.server(self.document).unwrap_or_default() + &url
        } else {
            url
        };
        let fields: &[(&str, &str)] = match *name {
            "clientCredentials" => &[("grant_type", "client_credentials")],
            _ => &[("grant_type", "refresh_token"), ("refresh_token", "<refresh_token>")],
        };
        let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let wire = Wire {
            method: "POST".to_owned(),
            url,
            query,
            keys,
            body: Body::Form(fields.collect()),
            // A flow does not say how the client proves who it is.
            unproven: true,
            form_encoded: true,
            ..Wire::default()
        };
        Some(Described { wire, answer: None, elsewhere: Vec::new(), notes: Vec::new() })
    }

    /// The URL of the first server.
    fn server(&self, of: &'a Value) -> Option<String> {
        self.servers(of).into_iter().next()
    }

    /// The URLs of the servers, with the names of their variables in their places. A path is below the host that the document comes
    /// from, which it does not know.
    fn servers(&self, of: &'a Value) -> Vec<String> {
        let all = of.get("servers").and_then(Value::as_array);
        let urls = all.into_iter().flatten().filter_map(|server| server.get("url")?.as_str());
        let whole = |url: &str| {
            let url = url.trim_end_matches('/');
            match url.strip_prefix("//") {
                Some(rest) => format!("https://{rest}"),
                None if url.contains("://") || url.starts_with('{') => url.to_owned(),
                None => format!("{{base_url}}/{}", url.trim_start_matches(['.', '/'])),
            }
        };
        urls.map(|url| whole(url).trim_end_matches('/').to_owned()).collect()
    }

    /// The variables of the first server that may have some values alone, with these. What no URL holds as it is, is none.
    fn choices(&self, of: &'a Value) -> Vec<(String, Vec<String>)> {
        let variables = of.pointer("/servers/0/variables").and_then(Value::as_object);
        let values = |variable: &'a Value| -> Option<Vec<String>> {
            let all = variable.get("enum")?.as_array()?.iter();
            all.map(|value| Some(value.as_str().filter(|it| is_label(it))?.to_owned())).collect()
        };
        let choice = |(name, variable): (&'a String, &'a Value)| {
            values(variable).map(|values| (name.clone(), values))
        };
        variables.into_iter().flatten().filter_map(choice).collect()
    }

    fn described(&self, candidate: &Candidate<'a>) -> Result<Described, Problem> {
        let lists = [candidate.operation, candidate.item, self.document];
        let of = lists.into_iter().find(|of| !self.servers(of).is_empty());
        let servers = of.map_or_else(|| vec!["{base_url}".to_owned()], |of| self.servers(of));
        let mut urls = servers.into_iter().map(|server| server + candidate.path);
        let mut wire = Wire {
            method: candidate.method.clone(),
            url: urls.next().unwrap_or_default(),
            choices: of.map(|of| self.choices(of)).unwrap_or_default(),
            form_encoded: true,
            ..Wire::default()
        };
        let fields = self.fields(candidate.operation);
        let is_described = fields.is_some();
        let Fields { json, sent, required, mut left_out } = fields.unwrap_or_default();
        wire.body = match sent {
            _ if !is_described => self.other_body(candidate.operation)?,
            sent if sent.is_empty() => Body::Unknown { json },
            sent if json => Body::Json(Value::Object(
                sent.into_iter().map(|(name, value)| (name, value.into())).collect(),
            )),
            sent => Body::Form(sent),
        };
        left_out.extend(self.parameters(candidate, &mut wire));
        let mut known = required.iter().chain(wire.query.iter().map(|(name, _)| name));
        wire.scope_required = known.any(|name| is_scope(name));
        let mut notes = self.unmapped(candidate.operation);
        notes.extend(self.proof(candidate, &mut wire));
        notes.extend(proven_once(&mut wire, &required));
        notes.extend(note_left_out(&left_out));
        let kind = self.media(candidate.operation).map(|(kind, _)| kind.to_owned());
        wire.headers.extend(kind.map(|kind| ("Content-Type".to_owned(), kind)));
        let answer = self.answer(candidate.operation);
        Ok(Described { wire, answer, elsewhere: urls.collect(), notes })
    }

    /// The body of an operation that describes neither a form nor JSON.
    fn other_body(&self, operation: &'a Value) -> Result<Body, Problem> {
        let Some(body) = operation.get("requestBody").filter(|body| !body.is_null()) else {
            return Ok(Body::Empty);
        };
        let kinds = self.resolved(body).get("content").and_then(Value::as_object);
        match kinds.and_then(|kinds| kinds.keys().next()) {
            // What it says is in another document.
            None => Ok(Body::Unknown { json: false }),
            Some(kind) => Err(Problem::new(
                format!(
                    "the operation takes neither a form nor JSON, but `{}`",
                    kind.escape_debug()
                ),
                "begin with a curl line of the provider's page, if it shows a form or JSON",
            )),
        }
    }

    /// Takes over the parameters that must be given, in the query and in headers. The names of the others.
    fn parameters(&self, candidate: &Candidate<'a>, wire: &mut Wire) -> Vec<String> {
        let mut left_out = Vec::new();
        let lists = [candidate.item, candidate.operation]
            .map(|of| of.get("parameters").and_then(Value::as_array));
        for parameter in
            lists.into_iter().flatten().flatten().map(|parameter| self.resolved(parameter))
        {
            let text = |key: &str| parameter.get(key).and_then(Value::as_str).unwrap_or_default();
            let name = text("name").to_owned();
            let needed = parameter.get("required") == Some(&Value::Bool(true))
                || squashed(&name) == "granttype";
            let value = self.value(&name, self.member(parameter, "schema"));
            match text("in") {
                "query" if needed => wire.query.push((name, value)),
                "header" if name.eq_ignore_ascii_case("authorization") => wire.basic = true,
                "header" if needed => wire.headers.push((name, value)),
                "cookie" if needed => {
                    wire.headers.push(("Cookie".to_owned(), format!("{name}={value}")));
                }
                "header" if is_idle(&name.to_ascii_lowercase()) => {}
                "query" | "header" | "cookie" => left_out.push(name),
                _ => {}
            }
        }
        left_out
    }

    /// What the document says of a way to prove who one is.
    fn scheme(&self, name: &str) -> &'a Value {
        let schemes = self.document.pointer("/components/securitySchemes").unwrap_or(&Value::Null);
        self.member(schemes, name)
    }

    /// How the client proves who it is, by what the operation's security names, and what is to be told of it.
    fn proof(&self, candidate: &Candidate<'a>, wire: &mut Wire) -> Vec<String> {
        let own = candidate.operation.get("security").or_else(|| self.document.get("security"));
        let explicit = candidate.operation.get("security").is_some();
        let ways = own.and_then(Value::as_array).into_iter().flatten();
        let ways: Vec<_> = ways.filter_map(Value::as_object).collect();
        // Who needs no proof of its own has its id and its secret in the request.
        let in_request = wire.texts().iter().any(|(name, _)| is_of_client(name));
        let taken = ways.iter().position(|way| in_request || !way.is_empty()).unwrap_or_default();
        let mut notes = Vec::new();
        let asked = wire.query.len();
        for name in ways.get(taken).into_iter().flat_map(|way| way.keys()) {
            let scheme = self.scheme(name);
            let text = |key: &str| scheme.get(key).and_then(Value::as_str).unwrap_or_default();
            match (text("type"), text("scheme").to_ascii_lowercase().as_str(), text("in")) {
                ("http", "basic", _) => wire.basic = true,
                ("http", "bearer", _) if explicit => {
                    wire.headers
                        .push(("Authorization".to_owned(), "Bearer <access_token>".to_owned()));
                }
                ("apiKey", _, "header") if explicit => {
                    wire.headers.push((text("name").to_owned(), format!("<{}>", text("name"))))
                }
                ("apiKey", _, "query") if explicit => {
                    wire.query.push((text("name").to_owned(), format!("<{}>", text("name"))))
                }
                ("apiKey", _, "cookie") if explicit && is_field(text("name")) => {
                    let name = text("name");
                    wire.headers.push(("Cookie".to_owned(), format!("{name}=<{name}>")));
                    notes.push(format!(
                        "The client proves who it is by the cookie `{name}`: no `auth` says that, so that it stands under `cookies`, and who runs the client brings it."
                    ));
                }
                _ => {}
            }
        }
        // JSON without a grant is a way of the provider's own, which may need no proof.
        let is_open = match &wire.body {
            Body::Form(_) | Body::Unknown { .. } => true,
            Body::Json(_) | Body::Empty => wire.texts().iter().any(|(name, _)| is_grant(name)),
        };
        let proves = |(name, _): &(String, String)| {
            let named = ["authorization", "cookie"].contains(&name.to_ascii_lowercase().as_str());
            named || !matches!(role(name, "<>"), Role::Setting { secret: false, .. })
        };
        let proven = wire.basic || in_request || wire.query.len() > asked;
        wire.unproven = is_open && !proven && !wire.headers.iter().any(proves);
        let others = ways.iter().enumerate().filter(|(at, _)| explicit && *at != taken);
        let others: Vec<String> =
            others.filter_map(|(_, way)| self.other_way(way, wire.basic)).collect();
        if !others.is_empty() {
            notes.push(format!(
                "The document lets the client prove who it is in another way as well: {}. `auth` says that in the place of what is written.",
                others.join(", or ")
            ));
        }
        notes
    }

    /// What a way to prove who one is is called; none where it is the one that is written.
    fn other_way(&self, way: &'a Map<String, Value>, has_basic: bool) -> Option<String> {
        let is_basic = |name: &str| {
            let scheme = self.scheme(name).get("scheme").and_then(Value::as_str);
            scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case("basic"))
        };
        let called = |name: &String| match is_basic(name) {
            true => "HTTP Basic, `auth: basic`".to_owned(),
            false if is_field(name) => format!("`{name}`"),
            false => "one whose name is not shown".to_owned(),
        };
        let names: Vec<String> =
            way.keys().filter(|name| !(has_basic && is_basic(name))).map(called).collect();
        (!names.is_empty()).then(|| names.join(" with "))
    }

    /// The media type of the body, and what is said of it: a form, or else JSON.
    fn media(&self, operation: &'a Value) -> Option<(&'a str, &'a Value)> {
        let content = self.member(operation, "requestBody").get("content")?.as_object()?;
        let of = |wanted: &str| {
            content.iter().find(|(kind, _)| kind.to_ascii_lowercase().contains(wanted))
        };
        of(FORM).or_else(|| of("json")).map(|(kind, media)| (kind.as_str(), media))
    }

    /// The fields of the body: sent are those that must be there, and those that a refresh has.
    fn fields(&self, operation: &'a Value) -> Option<Fields> {
        let (kind, media) = self.media(operation)?;
        let json = !kind.to_ascii_lowercase().contains(FORM);
        let mut properties = Vec::new();
        let mut required = Vec::new();
        self.properties(
            self.member(media, "schema"),
            0,
            &mut properties,
            &mut required,
            &mut Vec::new(),
        );
        let refreshes = properties.iter().any(|(name, _)| squashed(name) == "refreshtoken");
        let usual = ["granttype", "refreshtoken", "clientid", "clientsecret"];
        let others = [
            "code",
            "codeverifier",
            "redirecturi",
            "username",
            "password",
            "devicecode",
            "assertion",
        ];
        let is_among = |names: &[&str], name: &str| names.contains(&squashed(name).as_str());
        let keep = |(name, schema): &(&'a str, &'a Value)| {
            let is_list = schema.get("type").is_some_and(|kind| kind == "array");
            is_among(&usual, name)
                || required.contains(name) && !(refreshes && is_among(&others, name))
                || refreshes && is_scope(name) && !is_list
        };
        let (sent, rest): (Vec<_>, Vec<_>) = properties.into_iter().partition(keep);
        let value = |(name, schema): (&str, &'a Value)| {
            let is_grant = squashed(name) == "granttype" && refreshes;
            let value =
                if is_grant { "refresh_token".to_owned() } else { self.value(name, schema) };
            (name.to_owned(), value)
        };
        // What another grant takes is not missed.
        let left_out = rest
            .into_iter()
            .map(|(name, _)| name)
            .filter(|name| !required.contains(name) && !is_among(&others, name));
        Some(Fields {
            json,
            left_out: left_out.map(str::to_owned).collect(),
            sent: sent.into_iter().map(value).collect(),
            required: required.iter().map(|name| (*name).to_owned()).collect(),
        })
    }

    /// The properties of an object, with those of all parts of it, and of the alternative that is a refresh.
    fn properties(
        &self,
        schema: &'a Value,
        depth: usize,
        into: &mut Vec<(&'a str, &'a Value)>,
        required: &mut Vec<&'a str>,
        seen: &mut Vec<&'a Value>,
    ) {
        if depth > DEEPEST
            || into.len() > 200
            || seen.iter().any(|known| std::ptr::eq(*known, schema))
        {
            return;
        }
        seen.push(schema);
        let own = schema.get("properties").and_then(Value::as_object);
        for (name, property) in own.into_iter().flatten() {
            if !into.iter().any(|(known, _)| known == name) {
                into.push((name, self.resolved(property)));
            }
        }
        required.extend(
            schema
                .get("required")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
                .filter_map(Value::as_str),
        );
        for part in schema.get("allOf").and_then(Value::as_array).into_iter().flatten() {
            self.properties(self.resolved(part), depth + 1, into, required, seen);
        }
        if let Some(part) = self.mapped(schema).and_then(|(_, part)| part) {
            return self.properties(part, depth + 1, into, required, seen);
        }
        let alternatives = ["oneOf", "anyOf"].iter().find_map(|key| schema.get(*key)?.as_array());
        let alternatives: Vec<&Value> =
            alternatives.into_iter().flatten().map(|part| self.resolved(part)).collect();
        let refreshes = |part: &&&Value| {
            let (mut properties, mut required) = (Vec::new(), Vec::new());
            self.properties(part, depth + 8, &mut properties, &mut required, &mut seen.clone());
            properties.iter().any(|(name, _)| squashed(name) == "refreshtoken")
        };
        if let Some(part) = alternatives.iter().find(refreshes).or(alternatives.first()) {
            self.properties(part, depth + 1, into, required, seen);
        }
    }

    /// The names by which a schema tells its forms apart, and the form that is a refresh.
    fn mapped(&self, schema: &'a Value) -> Option<(Vec<&'a str>, Option<&'a Value>)> {
        let mapping = schema.pointer("/discriminator/mapping")?.as_object()?;
        let form = |target: &str| {
            let name = target.replace('~', "~0").replace('/', "~1");
            let by_name = || self.document.pointer(&format!("/components/schemas/{name}"));
            let decoded = percent_encoding::percent_decode_str(target).decode_utf8_lossy();
            let by_place = decoded.strip_prefix('#').and_then(|place| self.document.pointer(place));
            by_place
                .or_else(by_name)
                .map(|form| self.resolved(form))
                .filter(|form| form.is_object())
        };
        let is_refresh =
            |name: &str| ["refresh", "refreshtoken"].contains(&squashed(name).as_str());
        let found = mapping.iter().find(|(name, _)| is_refresh(name));
        let part = found.and_then(|(_, target)| form(target.as_str()?));
        let others = mapping.keys().filter(|name| part.is_none() || !is_refresh(name));
        Some((others.map(String::as_str).collect(), part))
    }

    /// Forms of the request and of the answer that are not read, for whoever reads the spec.
    fn unmapped(&self, operation: &'a Value) -> Vec<String> {
        let request = self.media(operation).map(|(_, media)| self.member(media, "schema"));
        let answer = self.success(operation).map(|(_, media)| self.member(media, "schema"));
        let note = |(what, schema): (&str, Option<&'a Value>)| {
            let schema = schema?;
            let parts = schema.get("allOf").and_then(Value::as_array).into_iter().flatten();
            let mut all = std::iter::once(schema).chain(parts.map(|part| self.resolved(part)));
            let (others, part) = all.find_map(|schema| self.mapped(schema))?;
            let names: Vec<String> = others
                .iter()
                .filter(|name| is_plain(name))
                .map(|name| format!("`{name}`"))
                .collect();
            let others =
                if names.is_empty() { String::new() } else { format!(": {}", names.join(", ")) };
            match part {
                Some(_) if others.is_empty() => None,
                Some(_) => Some(format!(
                    "Other forms of the {what} that the document tells apart are not read{others}."
                )),
                None => Some(format!(
                    "The document tells forms of the {what} apart, of which none is called a refresh or can be found; they are not read{others}."
                )),
            }
        };
        [("request", request), ("answer", answer)].into_iter().filter_map(note).collect()
    }

    /// What stands for the value of a property: a constant, or its name in brackets.
    fn value(&self, name: &str, schema: &'a Value) -> String {
        let only = schema
            .get("enum")
            .and_then(Value::as_array)
            .and_then(|all| if all.len() == 1 { all.first() } else { None });
        let grants = schema
            .get("enum")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str);
        let grant = ["refresh_token", "client_credentials"]
            .into_iter()
            .find(|grant| grants.clone().any(|known| known == *grant));
        let told = ["example", "default"].iter().find_map(|key| schema.get(*key));
        let constant = schema.get("const").or(only).and_then(Value::as_str);
        match (constant, squashed(name) == "granttype") {
            (Some(constant), _) => constant.to_owned(),
            (None, true) => {
                grant.or(told.and_then(Value::as_str)).unwrap_or("client_credentials").to_owned()
            }
            (None, false) => format!("<{name}>"),
        }
    }

    /// The status of the success, and what is said of its JSON.
    fn success(&self, operation: &'a Value) -> Option<(u16, &'a Value)> {
        let responses = operation.get("responses")?.as_object()?;
        let (status, response) = ["200", "201", "2XX", "default"]
            .iter()
            .find_map(|status| Some((*status, responses.get(*status)?)))?;
        let content = self.member(self.resolved(response), "content").as_object()?;
        let media = content.iter().find(|(kind, _)| kind.to_ascii_lowercase().contains("json"))?;
        Some((status.parse().unwrap_or(200), media.1))
    }

    /// The status and the body of the success.
    fn answer(&self, operation: &'a Value) -> Option<(u16, Value)> {
        let (status, media) = self.success(operation)?;
        let shown = media.get("example").or_else(|| {
            let examples = media.get("examples")?.as_object()?;
            self.resolved(examples.values().next()?).get("value")
        });
        let body = match shown.filter(|shown| shown.is_object()) {
            Some(shown) => shown.clone(),
            None => self.skeleton("", self.member(media, "schema"), 0)?,
        };
        Some((status, body))
    }

    /// A value of a schema.
    fn skeleton(&self, name: &str, schema: &'a Value, depth: usize) -> Option<Value> {
        // Tokens lie no deeper, and a schema may hold itself many times.
        if depth > 3 {
            return None;
        }
        let told = ["const", "example", "default"].iter().find_map(|key| schema.get(*key));
        if let Some(told) = told.filter(|told| !told.is_null()) {
            return Some(told.clone());
        }
        let (mut properties, mut required) = (Vec::new(), Vec::new());
        self.properties(schema, 0, &mut properties, &mut required, &mut Vec::new());
        if !properties.is_empty() {
            let member = |(name, schema): (&str, &'a Value)| {
                Some((name.to_owned(), self.skeleton(name, schema, depth + 1)?))
            };
            return Some(Value::Object(properties.into_iter().filter_map(member).collect()));
        }
        let kind = match schema.get("type") {
            Some(Value::Array(kinds)) => {
                kinds.iter().filter_map(Value::as_str).find(|kind| *kind != "null")
            }
            kind => kind.and_then(Value::as_str),
        };
        Some(match kind? {
            "integer" | "number" => json!(3600),
            "boolean" => json!(false),
            "array" => json!([]),
            "object" => json!({}),
            _ if squashed(name) == "tokentype" => json!("Bearer"),
            _ if schema.get("format").is_some_and(|format| format == "date-time") => {
                json!(super::lifetime::AT)
            }
            _ if schema.get("format").is_some_and(|format| format == "duration") => json!("PT1H"),
            _ => json!("text"),
        })
    }
}

/// Whether a field is the scope, as RFC 6749 section 6 calls it or nearly so.
fn is_scope(name: &str) -> bool {
    ["scope", "scopes"].contains(&name)
}

/// Whether a field is the client's id or its secret.
fn is_of_client(name: &str) -> bool {
    matches!(role(name, "<>"), Role::ClientId | Role::ClientSecret)
}

/// Leaves out of the body what HTTP Basic sends: the secret, and the id unless the body must have it. What is told of that.
fn proven_once(wire: &mut Wire, required: &[String]) -> Option<String> {
    let is_sent = |name: &str| match role(name, "<>") {
        Role::ClientSecret => true,
        Role::ClientId => !required.iter().any(|known| known == name),
        _ => false,
    };
    let names: Vec<String> = wire.texts().into_iter().map(|(name, _)| name).collect();
    match &mut wire.body {
        Body::Form(fields) if wire.basic => fields.retain(|(name, _)| !is_sent(name)),
        Body::Json(Value::Object(members)) if wire.basic => {
            members.retain(|name, _| !is_sent(name));
        }
        _ => return None,
    }
    let kept = wire.texts();
    let is_gone = |name: &&String| !kept.iter().any(|(kept, _)| kept == *name);
    let gone: Vec<String> = names.iter().filter(is_gone).map(|it| format!("`{it}`")).collect();
    (!gone.is_empty()).then(|| {
        format!(
            "The document has {} in the body as well: left out, because HTTP Basic sends that. `auth: body` sends it there.",
            gone.join(" and ")
        )
    })
}

/// What is told of fields and parameters that need not be there.
fn note_left_out(names: &[String]) -> Option<String> {
    let named = |name: &String| match is_field(name) {
        true => format!("`{name}`"),
        false => "one whose name is not shown".to_owned(),
    };
    let names: Vec<String> = names.iter().map(named).collect();
    (!names.is_empty()).then(|| {
        format!(
            "What the request may hold and need not is left out: {}. One that clients bring is a parameter under `client` with `optional: true`.",
            names.join(", ")
        )
    })
}
