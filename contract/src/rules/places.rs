//! Where the values of a request were written.

use super::Facts;
use crate::contract::{
    ASSERTION, Body, CLIENT_ASSERTION, COOKIE, ClientAuth, Generated, JsonTemplate, Request, Slot,
    StepRequest, Template,
};
use crate::path::Path;
use crate::spec::StepRequestSpec;
use std::collections::BTreeMap;

/// A value of the request, and where it was written.
pub(super) struct Placed<'a> {
    pub(super) template: &'a Template,
    pub(super) path: Path,
    pub(super) part: RequestPart,
    /// The step that holds it; `None` for the request under `refresh`.
    pub(super) step: Option<&'a str>,
    /// Whether it has a name with which it can be left out, and leaves a request behind that means something.
    pub(super) can_be_absent: bool,
}

/// The parts of a request that hold values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RequestPart {
    Path,
    Query,
    Header,
    Body,
    Auth,
}

/// What a JSON value is in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Inside {
    Nothing,
    List,
    Object,
}

/// Where a header was written that the spec spells so; one that it does not have follows from the body.
fn header_path(spelled: Option<&String>) -> Path {
    spelled.map_or(Path::of("refresh.request"), |name| Path::of("refresh.headers").key(name))
}

/// What a request of an exchange puts on the wire, but for client authentication.
struct Sent<'a> {
    path: &'a Template,
    query: &'a [(String, Template)],
    valueless: &'a [String],
    headers: &'a [(String, Template)],
    body: &'a Body,
}

/// What proves who the client is.
fn proof<'a>(auth: &'a ClientAuth, path: &Path, all: &mut Vec<Placed<'a>>) {
    let can_be_absent = !matches!(auth, ClientAuth::Basic { .. });
    all.extend(auth.templates().map(|template| Placed {
        template,
        path: path.clone(),
        part: RequestPart::Auth,
        step: None,
        can_be_absent,
    }));
}

/// Where a request was written.
struct Written<'a> {
    block: Path,
    query: &'a BTreeMap<String, String>,
    headers: &'a BTreeMap<String, String>,
    /// Where a field at the top of the body was written.
    field: &'a dyn Fn(&str) -> Path,
}

impl<'a> Facts<'a> {
    /// Every value of the requests.
    pub(super) fn placed(self) -> Vec<Placed<'a>> {
        let mut all = Vec::new();
        let Request { path, query, valueless, headers, body, auth, .. } = &self.contract.request;
        let refresh = &self.spec.refresh;
        let written = Written {
            block: Path::of("refresh"),
            query: &refresh.query,
            headers: &refresh.headers,
            field: &|name| self.field(name),
        };
        self.sent(Sent { path, query, valueless, headers, body }, &written, &mut all);
        proof(auth, &self.auth(), &mut all);
        for step in self.contract.all_steps() {
            let StepRequest { id, method: _, path, query, valueless, headers, body, auth, take: _ } =
                step;
            let Some((written, block)) = self.step(id) else { continue };
            let field = |name: &str| match &written.form {
                Some(_) => block.key("form").key(name),
                None => block.key("json").key(name),
            };
            let written = Written {
                block: block.clone(),
                query: &written.query,
                headers: &written.headers,
                field: &field,
            };
            let before = all.len();
            self.sent(Sent { path, query, valueless, headers, body }, &written, &mut all);
            proof(auth, &block.key("auth"), &mut all);
            all.iter_mut().skip(before).for_each(|placed| placed.step = Some(id));
        }
        all
    }

    /// A step as it was written, and where.
    pub(super) fn step(self, id: &str) -> Option<(&'a StepRequestSpec, Path)> {
        let lists = [("steps", &self.spec.steps), ("refresh.then", &self.spec.refresh.then)];
        lists.into_iter().find_map(|(place, list)| {
            let index = list.iter().position(|written| written.id == id)?;
            Some((list.get(index)?, Path::of(place).index(index)))
        })
    }

    /// Every value of a request.
    fn sent(self, sent: Sent<'a>, written: &Written<'_>, all: &mut Vec<Placed<'a>>) {
        let line = written.block.key("request");
        let mut named = |template, path, part, can_be_absent| {
            all.push(Placed { template, path, part, step: None, can_be_absent });
        };
        named(sent.path, line.clone(), RequestPart::Path, false);
        for (name, template) in sent.query.iter().filter(|(name, _)| !sent.valueless.contains(name))
        {
            let path = match written.query.contains_key(name) {
                true => written.block.key("query").key(name),
                false => line.clone(),
            };
            named(template, path, RequestPart::Query, true);
        }
        let spelled: BTreeMap<String, &str> =
            written.headers.keys().map(|name| (name.to_ascii_lowercase(), name.as_str())).collect();
        for (name, template) in sent.headers {
            let path = match (name.as_str(), spelled.get(name)) {
                (COOKIE, _) => written.block.key("cookies"),
                (_, Some(&name)) => written.block.key("headers").key(name),
                // It follows from the body.
                (_, None) => line.clone(),
            };
            // These two are sent with every request, whatever a spec says.
            let can_be_absent = !matches!(name.as_str(), "accept" | "content-type");
            named(template, path, RequestPart::Header, can_be_absent);
        }
        match sent.body {
            Body::Empty => {}
            Body::Form(fields) => {
                for (name, template) in fields {
                    named(template, (written.field)(name), RequestPart::Body, true);
                }
            }
            Body::Json(json) => {
                self.json(json, &written.block.key("json"), written.field, Inside::Nothing, all);
            }
            Body::Xml(document) => {
                named(document, written.block.key("xml"), RequestPart::Body, false)
            }
        }
    }

    /// The values below `path`; `top` is where the members of the body itself were written.
    fn json(
        self,
        json: &'a JsonTemplate,
        path: &Path,
        top: &dyn Fn(&str) -> Path,
        inside: Inside,
        all: &mut Vec<Placed<'a>>,
    ) {
        match json {
            JsonTemplate::Constant(_) => {}
            JsonTemplate::Text(template) => all.push(Placed {
                template,
                path: path.clone(),
                part: RequestPart::Body,
                step: None,
                can_be_absent: inside == Inside::Object,
            }),
            JsonTemplate::List(items) => {
                items.iter().enumerate().for_each(|(index, item)| {
                    self.json(item, &path.index(index), top, Inside::List, all)
                });
            }
            JsonTemplate::Object(members) => {
                for (name, member) in members {
                    let path = if inside == Inside::Nothing { top(name) } else { path.key(name) };
                    self.json(member, &path, top, Inside::Object, all);
                }
            }
        }
    }

    /// Where the parameter of the query at `index` was written: those of the request line stand first.
    pub(super) fn query(self, index: usize, name: &str) -> Path {
        let in_line =
            self.contract.request.query.len().saturating_sub(self.spec.refresh.query.len());
        if index < in_line {
            Path::of("refresh.request")
        } else {
            Path::of("refresh.query").key(name)
        }
    }

    /// Where a header was written, in the spelling of the spec.
    pub(super) fn header(self, lower: &str) -> Path {
        header_path(self.spec.refresh.headers.keys().find(|name| name.eq_ignore_ascii_case(lower)))
    }

    /// Where a field at the top of the body was written.
    pub(super) fn field(self, name: &str) -> Path {
        let refresh = &self.spec.refresh;
        let path = Path::of("refresh");
        if refresh.form.as_ref().is_some_and(|form| form.contains_key(name)) {
            path.key("form").key(name)
        } else if refresh.json.as_ref().is_some_and(|json| json.get(name).is_some()) {
            path.key("json").key(name)
        } else if refresh.scope.is_some() && name == "scope" {
            path.key("scope")
        } else {
            Path::of("profile")
        }
    }

    /// Where the body was declared.
    pub(super) fn body(self) -> Path {
        let refresh = &self.spec.refresh;
        match (&refresh.form, &refresh.json, &refresh.xml) {
            (Some(_), _, _) => Path::of("refresh.form"),
            (_, Some(_), _) => Path::of("refresh.json"),
            (_, _, Some(_)) => Path::of("refresh.xml"),
            _ => Path::of("profile"),
        }
    }

    /// Where client authentication was declared.
    pub(super) fn auth(self) -> Path {
        Path::of(if self.spec.refresh.auth.is_some() { "refresh.auth" } else { "profile" })
    }

    /// Where a value that the client makes was declared.
    pub(super) fn value(self, name: &str) -> Path {
        match name {
            ASSERTION => Path::of("assertion"),
            CLIENT_ASSERTION => self.auth(),
            name => Path::of("refresh.values").key(name),
        }
    }

    /// The fields at the top of the body that are texts.
    pub(super) fn fields(self) -> Vec<(&'a str, &'a Template)> {
        match &self.contract.request.body {
            Body::Empty => Vec::new(),
            Body::Form(fields) => {
                fields.iter().map(|(name, template)| (name.as_str(), template)).collect()
            }
            Body::Json(JsonTemplate::Object(members)) => {
                let text = |(name, value): &'a (String, JsonTemplate)| match value {
                    JsonTemplate::Text(template) => Some((name.as_str(), template)),
                    _ => None,
                };
                members.iter().filter_map(text).collect()
            }
            Body::Json(_) | Body::Xml(_) => Vec::new(),
        }
    }

    /// Whether `slot` holds what must not be shown.
    pub(super) fn is_secret(self, slot: &Slot) -> bool {
        match slot {
            Slot::AccessToken | Slot::RefreshToken => true,
            Slot::Client(name) => {
                self.contract.client.get(name).is_some_and(|parameter| parameter.secret)
            }
            Slot::Value(name) => match self.contract.request.value(name) {
                Some(Generated::Encoded { of, .. }) => of.slots().any(|slot| self.is_secret(slot)),
                Some(Generated::Jwt(_)) => true,
                _ => false,
            },
            Slot::Taken(_) | Slot::TokenUrl => false,
        }
    }

    /// The names that client authentication adds to the body or the query.
    pub(super) fn auth_names(self) -> Vec<&'a str> {
        match &self.contract.request.auth {
            ClientAuth::Body(fields) | ClientAuth::Query(fields) => {
                fields.iter().map(|(name, _)| name.as_str()).collect()
            }
            ClientAuth::None | ClientAuth::Basic { .. } | ClientAuth::Header { .. } => Vec::new(),
        }
    }
}

/// The names of the fields of a body: those of a form, and of a JSON object.
pub(super) fn field_names(body: &Body) -> Vec<&str> {
    match body {
        Body::Form(fields) => fields.iter().map(|(name, _)| name.as_str()).collect(),
        Body::Json(JsonTemplate::Object(members)) => {
            members.iter().map(|(name, _)| name.as_str()).collect()
        }
        Body::Json(_) | Body::Xml(_) | Body::Empty => Vec::new(),
    }
}
