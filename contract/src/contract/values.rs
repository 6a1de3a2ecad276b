//! What clients take for each place of a request: the kind of a parameter, and what its places can carry.

use super::{
    Body, COOKIE, ClientAuth, Contract, Environment, Parameter, ParameterKind, RefreshToken,
    Request, Slot, Template,
};
use rekindle_syntax::{BaseUrl, TextProblem, UrlProblem};
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// What the clients of a contract take and refuse. Made once for all values that are held against it.
#[derive(Debug, Clone)]
pub struct ValueChecks<'a> {
    client: BTreeMap<&'a str, (&'a Parameter, HashSet<&'a str>)>,
    refresh: Option<&'a RefreshToken>,
    places: BTreeMap<&'a Slot, Places>,
    hosts: BTreeMap<&'a Slot, Vec<&'a Environment>>,
    /// How many environments there are.
    environments: usize,
}

/// Where in a request a value goes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Places {
    /// Into a segment of the path.
    path: bool,
    /// Into a header.
    header: bool,
    /// To the beginning of a header's value.
    header_start: bool,
    /// To the end of a header's value.
    header_end: bool,
    /// Into a cookie.
    cookie: bool,
    /// Into an XML document.
    xml: bool,
    /// Into the user part of HTTP Basic, as it is.
    user: bool,
    /// Into the password part of HTTP Basic, as it is.
    password: bool,
}

impl Contract {
    /// What clients of this contract take and refuse.
    pub fn value_checks(&self) -> ValueChecks<'_> {
        let mut places: BTreeMap<&Slot, Places> = BTreeMap::new();
        self.requests().for_each(|request| request_places(request, &mut places));
        for step in self.all_steps() {
            for slot in step.templates().flat_map(Template::slots) {
                places.entry(slot).or_default();
            }
            for slot in step.path.slots() {
                places.entry(slot).or_default().path = true;
            }
            headers_places(&step.headers, &mut places);
            body_places(&step.body, &mut places);
            auth_places(&step.auth, &mut places);
        }
        let mut hosts: BTreeMap<&Slot, Vec<&Environment>> = BTreeMap::new();
        for environment in &self.base.environments {
            let slots: BTreeSet<&Slot> = environment.url.slots().collect();
            slots.into_iter().for_each(|slot| hosts.entry(slot).or_default().push(environment));
        }
        let client = self.client.iter().map(|(name, parameter)| {
            let listed = parameter.one_of.iter().map(String::as_str).collect();
            (name.as_str(), (parameter, listed))
        });
        let environments = self.base.environments.len();
        let (client, refresh) = (client.collect(), self.refresh.as_ref());
        ValueChecks { client, refresh, places, hosts, environments }
    }

    /// Whether a parameter is a part of the environments whose hosts hold it, and not of the settings: see
    /// [`ValueChecks::is_of_environment`].
    pub fn is_of_environment(&self, name: &str) -> bool {
        self.base.environments.len() > 1 && self.value_checks().is_of_environment(name)
    }

    /// The parameters that are a part of this environment alone, by name.
    pub fn parameters_of<'a>(
        &'a self,
        environment: &'a Environment,
    ) -> impl Iterator<Item = (&'a String, &'a Parameter)> {
        let holds = |name: &str| {
            let mut slots = environment.url.slots();
            slots.any(|slot| matches!(slot, Slot::Client(used) if used == name))
        };
        self.client.iter().filter(move |(name, _)| holds(name) && self.is_of_environment(name))
    }
}

impl<'a> ValueChecks<'a> {
    /// Whether the request holds this value.
    pub fn is_sent(&self, slot: &Slot) -> bool {
        self.places.contains_key(slot)
    }

    /// The environments whose hosts hold this value.
    pub fn hosts(&self, slot: &Slot) -> &[&'a Environment] {
        self.hosts.get(slot).map_or(&[], Vec::as_slice)
    }

    /// Whether a parameter is for some environments alone: it must be given, nothing but hosts holds it, and not the hosts of all of
    /// them. Who chooses one of these gives it there, and nobody else is asked for it.
    pub fn is_of_environment(&self, name: &str) -> bool {
        let slot = Slot::Client(name.to_owned());
        let required = self.client.get(name).is_some_and(|(parameter, _)| parameter.is_required());
        let hosts = self.hosts(&slot).len();
        required && !self.is_sent(&slot) && (1..self.environments).contains(&hosts)
    }

    /// Why a client refuses this value, as words about it: `it holds a colon, …`. `None` where it takes it.
    pub fn refusal(&self, slot: &Slot, value: &str) -> Option<String> {
        let own = match slot {
            Slot::Client(name) => self.parameter(name, value),
            Slot::AccessToken => credential(value),
            Slot::Value(_) | Slot::Taken(_) | Slot::TokenUrl => None,
            Slot::RefreshToken => credential(value).or_else(|| {
                let most = self.refresh?.max_length?;
                (value.len() > most as usize)
                    .then(|| format!("it has {} bytes, more than `max_length` allows", value.len()))
            }),
        };
        own.or_else(|| self.place(slot, value).map(str::to_owned))
    }

    fn parameter(&self, name: &str, value: &str) -> Option<String> {
        let (parameter, listed) = self.client.get(name)?;
        if !parameter.kind.accepts(value) {
            Some(format!("it is not {}", parameter.kind))
        } else if !listed.is_empty() && !listed.contains(value) {
            Some("it is none of its values".to_owned())
        } else {
            None
        }
    }

    /// Why this value cannot go where the request has it, whatever its own kind.
    pub fn place(&self, slot: &Slot, value: &str) -> Option<&'static str> {
        let places = self.places.get(slot)?;
        if places.path && rekindle_syntax::segment(value).is_err() {
            return Some("it is made of dots, and stands in the path: URLs resolve them away");
        }
        let refused = |check: fn(&str) -> Result<(), TextProblem>| check(value).err();
        if places.user
            && let Some(problem) = refused(rekindle_syntax::basic_user)
        {
            return Some(match problem {
                TextProblem::Colon => "it holds a colon, which ends the user part of HTTP Basic",
                _ => "it holds a control character",
            });
        }
        if places.password && refused(rekindle_syntax::basic_password).is_some() {
            return Some("it holds a control character");
        }
        if places.cookie && refused(rekindle_syntax::cookie_value).is_some() {
            return Some("it holds a character that a cookie cannot carry");
        }
        if places.xml && refused(rekindle_syntax::xml_text).is_some() {
            return Some("it holds a character that no XML document can carry");
        }
        match refused(rekindle_syntax::header_value).filter(|_| places.header)? {
            TextProblem::OuterSpace => {
                let start = places.header_start && value.starts_with(' ');
                let end = places.header_end && value.ends_with(' ');
                (start || end).then_some("it begins or ends with a space, which no header carries")
            }
            TextProblem::NotAscii => Some("it holds a character that a header cannot carry"),
            _ => Some("it holds a control character"),
        }
    }

    /// What is wrong with the host of an environment once this value stands in it.
    pub fn host_problem(
        &self,
        environment: &Environment,
        slot: &Slot,
        value: &str,
    ) -> Option<UrlProblem> {
        let url = environment.url.render(|used| match used {
            _ if used == slot => value.to_owned(),
            Slot::Client(name) => {
                let kind = self.client.get(name.as_str()).map(|(parameter, _)| parameter.kind);
                kind.unwrap_or(ParameterKind::HostLabel).stand_in().to_owned()
            }
            Slot::AccessToken
            | Slot::RefreshToken
            | Slot::Value(_)
            | Slot::Taken(_)
            | Slot::TokenUrl => String::new(),
        });
        BaseUrl::read(&url).err()
    }

    /// The first of these values that clients take for a parameter, wherever it stands.
    pub fn first_fit<'v>(
        &self,
        name: &str,
        values: impl IntoIterator<Item = &'v str>,
    ) -> Option<&'v str> {
        let slot = Slot::Client(name.to_owned());
        values.into_iter().find(|value| {
            self.refusal(&slot, value).is_none()
                && self
                    .hosts(&slot)
                    .iter()
                    .all(|environment| self.host_problem(environment, &slot, value).is_none())
        })
    }
}

/// Where the values of the headers of a request go.
fn headers_places<'a>(headers: &'a [(String, Template)], places: &mut BTreeMap<&'a Slot, Places>) {
    for (name, value) in headers {
        header_places(value, places);
        if name == COOKIE {
            value.slots().for_each(|slot| places.entry(slot).or_default().cookie = true);
        }
    }
}

/// Which values of a body go into XML.
fn body_places<'a>(body: &'a Body, places: &mut BTreeMap<&'a Slot, Places>) {
    if let Body::Xml(document) = body {
        document.slots().for_each(|slot| places.entry(slot).or_default().xml = true);
    }
}

/// Where the values of a header go.
fn header_places<'a>(value: &'a Template, places: &mut BTreeMap<&'a Slot, Places>) {
    for slot in value.slots() {
        places.entry(slot).or_default().header = true;
    }
    if let Some(slot) = value.first_slot() {
        places.entry(slot).or_default().header_start = true;
    }
    if let Some(slot) = value.last_slot() {
        places.entry(slot).or_default().header_end = true;
    }
}

/// Where each value of a request goes.
fn request_places<'a>(request: &'a Request, places: &mut BTreeMap<&'a Slot, Places>) {
    for slot in request.templates().flat_map(Template::slots) {
        places.entry(slot).or_default();
    }
    for slot in request.path.slots() {
        places.entry(slot).or_default().path = true;
    }
    headers_places(&request.headers, places);
    body_places(&request.body, places);
    auth_places(&request.auth, places);
}

/// Where the values of client authentication go.
fn auth_places<'a>(auth: &'a ClientAuth, places: &mut BTreeMap<&'a Slot, Places>) {
    if let ClientAuth::Header { value, .. } = auth {
        header_places(value, places);
    }
    if let ClientAuth::Basic { username, password, form_encoded: false, .. } = auth {
        username.slots().for_each(|slot| places.entry(slot).or_default().user = true);
        password.slots().for_each(|slot| places.entry(slot).or_default().password = true);
    }
}

fn credential(value: &str) -> Option<String> {
    let is_fine = rekindle_syntax::credential(value).is_ok() && !value.contains(char::is_control);
    (!is_fine).then(|| "a token is neither empty nor holds control characters".to_owned())
}
