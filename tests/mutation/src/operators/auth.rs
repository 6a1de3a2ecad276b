//! How the client proves who it is.

use super::fields::{self, Fields, List};
use super::vary;
use crate::mutation::Mutants;
use crate::operator::Operator;
use rekindle_contract::contract::{Body, ClientAuth, Contract, Slot, Template};

const BODY: List = List {
    fact: "request.auth.body",
    set: Operator::AuthMethod,
    name: Operator::AuthName,
    value: Operator::AuthValue,
    headers: false,
    get: |contract| match &mut contract.request.auth {
        ClientAuth::Body(fields) => Some(fields),
        ClientAuth::None
        | ClientAuth::Basic { .. }
        | ClientAuth::Header { .. }
        | ClientAuth::Query(_) => None,
    },
};
const QUERY: List = List {
    fact: "request.auth.query",
    get: |contract| match &mut contract.request.auth {
        ClientAuth::Query(fields) => Some(fields),
        ClientAuth::None
        | ClientAuth::Basic { .. }
        | ClientAuth::Header { .. }
        | ClientAuth::Body(_) => None,
    },
    ..BODY
};

/// Every mutation of the client authentication.
pub fn auth(mutants: &mut Mutants<'_>, auth: &ClientAuth) {
    for other in methods(mutants.contract, auth) {
        let change = |contract: &mut Contract| contract.request.auth.clone_from(&other);
        mutants.add(Operator::AuthMethod, "request.auth", show(auth), show(&other), change);
    }
    match auth {
        ClientAuth::None => {}
        ClientAuth::Basic { username, password, form_encoded } => {
            basic(mutants, username, password, *form_encoded)
        }
        ClientAuth::Body(fields) => fields::fields(mutants, &BODY, fields),
        ClientAuth::Query(fields) => fields::fields(mutants, &QUERY, fields),
        ClientAuth::Header { name, value } => header(mutants, name, value),
    }
}

fn basic(mutants: &mut Mutants<'_>, username: &Template, password: &Template, form_encoded: bool) {
    let mut add = |operator,
                   part: &str,
                   before: String,
                   after: String,
                   user: &Template,
                   secret: &Template,
                   encoded: bool| {
        let (username, password) = (user.clone(), secret.clone());
        mutants.add(operator, format!("request.auth.basic.{part}"), before, after, |contract| {
            contract.request.auth = ClientAuth::Basic { username, password, form_encoded: encoded };
        });
    };
    let (before, after) = (encoding(form_encoded).to_owned(), encoding(!form_encoded).to_owned());
    add(Operator::AuthEncoding, "encoding", before, after, username, password, !form_encoded);
    let swapped = format!("{password}:{username}");
    add(
        Operator::AuthValue,
        "pair",
        format!("{username}:{password}"),
        swapped,
        password,
        username,
        form_encoded,
    );
    let contract = mutants.contract;
    for other in vary::templates(contract, username).into_iter().chain([Template::default()]) {
        basic_part(mutants, "username", username, &other, |auth| {
            set_basic(auth, Some(&other), None)
        });
    }
    for other in vary::templates(contract, password).into_iter().chain([Template::default()]) {
        basic_part(mutants, "password", password, &other, |auth| {
            set_basic(auth, None, Some(&other))
        });
    }
}

fn basic_part(
    mutants: &mut Mutants<'_>,
    part: &str,
    before: &Template,
    after: &Template,
    change: impl FnOnce(&mut ClientAuth),
) {
    let fact = format!("request.auth.basic.{part}");
    mutants.add(Operator::AuthValue, fact, before, after, |contract| {
        change(&mut contract.request.auth)
    });
}

fn set_basic(auth: &mut ClientAuth, user: Option<&Template>, secret: Option<&Template>) {
    if let ClientAuth::Basic { username, password, .. } = auth {
        user.into_iter().for_each(|user| username.clone_from(user));
        secret.into_iter().for_each(|secret| password.clone_from(secret));
    }
}

fn encoding(form_encoded: bool) -> &'static str {
    if form_encoded { "form" } else { "raw" }
}

fn header(mutants: &mut Mutants<'_>, name: &str, value: &Template) {
    let mut add = |operator, part: &str, before: &str, after: &str, to: ClientAuth| {
        mutants.add(operator, format!("request.auth.header{part}"), before, after, |contract| {
            contract.request.auth = to
        });
    };
    let longer = format!("{name}-x");
    add(
        Operator::AuthName,
        ".name",
        name,
        &longer,
        ClientAuth::Header { name: longer.clone(), value: value.clone() },
    );
    for other in vary::templates(mutants.contract, value) {
        let to = ClientAuth::Header { name: name.to_owned(), value: other.clone() };
        mutants.add(Operator::AuthValue, "request.auth.header", value, &other, |contract| {
            contract.request.auth = to
        });
    }
}

/// Every other method with the same values; the declared parameters where there is none yet.
fn methods(contract: &Contract, auth: &ClientAuth) -> Vec<ClientAuth> {
    let values = values(contract, auth);
    let mut methods = vec![ClientAuth::None];
    let Some((name, first)) = values.first() else {
        return methods;
    };
    let last = values.last().map_or(first, |(_, value)| value);
    let basic = |form_encoded| ClientAuth::Basic {
        username: first.clone(),
        password: last.clone(),
        form_encoded,
    };
    if !matches!(auth, ClientAuth::Basic { .. }) {
        methods.extend([basic(true), basic(false)]);
    }
    methods.push(ClientAuth::Header { name: name.replace('_', "-"), value: last.clone() });
    methods.push(ClientAuth::Query(values.clone()));
    if contract.request.body != Body::Empty {
        methods.push(ClientAuth::Body(values));
    }
    methods.retain(|method| std::mem::discriminant(method) != std::mem::discriminant(auth));
    methods
}

/// Name and value of what authenticates.
fn values(contract: &Contract, auth: &ClientAuth) -> Fields {
    match auth {
        ClientAuth::None => {
            let parameter =
                |name: &String| (name.clone(), Template::slot(Slot::Client(name.clone())));
            contract.client.keys().map(parameter).collect()
        }
        ClientAuth::Basic { username, password, .. } => {
            vec![
                ("client_id".to_owned(), username.clone()),
                ("client_secret".to_owned(), password.clone()),
            ]
        }
        ClientAuth::Header { name, value } => vec![(name.clone(), value.clone())],
        ClientAuth::Body(fields) | ClientAuth::Query(fields) => fields.clone(),
    }
}

fn show(auth: &ClientAuth) -> String {
    let names = |fields: &Fields| {
        fields.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ")
    };
    match auth {
        ClientAuth::None => "none".to_owned(),
        ClientAuth::Basic { form_encoded, .. } => format!("basic, {}", encoding(*form_encoded)),
        ClientAuth::Header { name, .. } => format!("header {name}"),
        ClientAuth::Body(fields) => format!("body {}", names(fields)),
        ClientAuth::Query(fields) => format!("query {}", names(fields)),
    }
}
