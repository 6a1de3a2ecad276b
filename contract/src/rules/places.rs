//! Where the values of a request were written.

use super::Facts;
use crate::contract::{Body, ClientAuth, JsonTemplate, Slot, Template};
use crate::path::Path;
use std::collections::BTreeMap;

/// A value of the request, and where it was written.
pub(super) struct Placed<'a> {
    pub(super) template: &'a Template,
    pub(super) path: Path,
    pub(super) part: RequestPart,
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

/// Where a header was written that the spec spells so; one that it does not have follows from the body.
fn header_path(spelled: Option<&String>) -> Path {
    spelled.map_or(Path::of("refresh.request"), |name| Path::of("refresh.headers").key(name))
}

impl<'a> Facts<'a> {
    /// Every value of the request.
    pub(super) fn placed(self) -> Vec<Placed<'a>> {
        let request = &self.contract.request;
        let mut all = vec![Placed {
            template: &request.path,
            path: Path::of("refresh.request"),
            part: RequestPart::Path,
        }];
        let query = request.query.iter().enumerate();
        for (index, (name, template)) in query.filter(|(_, (name, _))| !request.is_valueless(name))
        {
            all.push(Placed { template, path: self.query(index, name), part: RequestPart::Query });
        }
        let written = self.spec.refresh.headers.keys();
        let spelled: BTreeMap<String, &String> =
            written.map(|name| (name.to_ascii_lowercase(), name)).collect();
        for (name, template) in &request.headers {
            let path = header_path(spelled.get(name).copied());
            all.push(Placed { template, path, part: RequestPart::Header });
        }
        match &request.body {
            Body::Empty => {}
            Body::Form(fields) => {
                for (name, template) in fields {
                    all.push(Placed { template, path: self.field(name), part: RequestPart::Body });
                }
            }
            Body::Json(json) => self.json(json, &Path::of("refresh.json"), true, &mut all),
        }
        for template in request.auth.templates() {
            all.push(Placed { template, path: self.auth(), part: RequestPart::Auth });
        }
        all
    }

    fn json(self, json: &'a JsonTemplate, path: &Path, top: bool, all: &mut Vec<Placed<'a>>) {
        match json {
            JsonTemplate::Constant(_) => {}
            JsonTemplate::Text(template) => {
                all.push(Placed { template, path: path.clone(), part: RequestPart::Body })
            }
            JsonTemplate::List(items) => {
                items
                    .iter()
                    .enumerate()
                    .for_each(|(index, item)| self.json(item, &path.index(index), false, all));
            }
            JsonTemplate::Object(members) => {
                for (name, member) in members {
                    let path = if top { self.field(name) } else { path.key(name) };
                    self.json(member, &path, false, all);
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
        match (&refresh.form, &refresh.json) {
            (Some(_), _) => Path::of("refresh.form"),
            (_, Some(_)) => Path::of("refresh.json"),
            _ => Path::of("profile"),
        }
    }

    /// Where client authentication was declared.
    pub(super) fn auth(self) -> Path {
        Path::of(if self.spec.refresh.auth.is_some() { "refresh.auth" } else { "profile" })
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
            Body::Json(_) => Vec::new(),
        }
    }

    /// The names at the top of the body.
    pub(super) fn field_names(self) -> Vec<&'a str> {
        match &self.contract.request.body {
            Body::Form(fields) => fields.iter().map(|(name, _)| name.as_str()).collect(),
            Body::Json(JsonTemplate::Object(members)) => {
                members.iter().map(|(name, _)| name.as_str()).collect()
            }
            Body::Json(_) | Body::Empty => Vec::new(),
        }
    }

    /// Whether `slot` holds what must not be shown.
    pub(super) fn is_secret(self, slot: &Slot) -> bool {
        match slot {
            Slot::AccessToken | Slot::RefreshToken => true,
            Slot::Client(name) => {
                self.contract.client.get(name).is_some_and(|parameter| parameter.secret)
            }
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
