//! Which changes are mutants: those that make another contract, and one that a spec could have made.

use crate::kept::is_kept;
use rekindle_contract::contract::{
    ASSERTION, AccessRefusal, Algorithm, Body, BodyCondition, ClientAuth, Contract,
    CookieAttribute, CredentialAfter, ErrorClass, ErrorRule, Expiry, FieldRefusal, Generated, Head,
    JsonTemplate, KeyEncoding, MOST_STEPS, Mint, OldAccessToken, Operation, Output, OutputKind,
    Parameter, ParameterKind, Part, Pointer, RefreshWhen, ReplayEnd, SPENDING, SentAs, SignIn,
    Slot, StatusRange, StepRequest, Taken, TakenKind, Template, TokenPlace, taken_url, xml_problem,
};
use std::collections::BTreeSet;
use std::time::Duration;

/// Facts that are not changed, as patterns over their paths, each with the reason. A path that ends in `[]` is about which
/// entries a list holds, one that ends in `[order]` about their order, and one in `[twice]` about one that is there twice.
pub const UNCHANGED: &[(&str, &str)] = &[
    ("provider.id", NAMES),
    ("provider.summary", PAGE),
    ("provider.source*", PAGE),
    ("base.environments[*].name", NAMES),
    ("base.environments[]", NAMES),
    ("base.environments[order]", NAMES),
    ("client", NAMES),
    ("access.name", NAMES),
    ("refresh.name", NAMES),
    ("*steps[*].id", NAMES),
    ("request.then[*].id", NAMES),
    ("*.doc", PAGE),
    ("*.nanos", "No spec says a part of a second."),
    ("errors[*].name", "It is what a finding about the rule calls it."),
    ("*request.operation", "It follows from the tokens that a request holds."),
    ("examples*", TEST),
    ("sequences*", TEST),
    ("provenance*", PAGE),
    ("origin*", "It is where the contract was read from."),
    ("*request.query[order]", ORDER),
    ("*.headers[order]", ORDER),
    ("*.headers[twice]", "A header that is there twice is refused."),
    ("*.body.Form[order]", ORDER),
    ("*.body.*Object[order]", ORDER),
    ("*.body.*Object[twice]", "A member that is there twice is refused."),
    ("*request.auth.*[order]", ORDER),
    ("*request.values[order]", "Values are found by their names."),
    ("*.take[order]", "Values are found by their names."),
    ("*request.values*.claims[order]", ORDER),
    ("*request.values*.header[order]", ORDER),
    ("*request.values*Object[order]", ORDER),
    ("*.status[order]", SET),
    ("*.equals[order]", SET),
    ("errors[*].body.Text[order]", SET),
    (
        "access.refused_with[order]",
        "It says which refusal is the usual one: a fake provider alone goes by it.",
    ),
    ("*.accepted[order]", SET),
    ("*.one_of[order]", SET),
    ("*.hosts[order]", SET),
];

const NAMES: &str = "It names types and modules: what is called otherwise does not compile.";
const PAGE: &str = "It is for people: the client's documentation alone shows it.";
const TEST: &str = "It says what the tests expect; the client does not see it.";
const ORDER: &str = "A provider reads these by their names, in any order.";
const SET: &str = "It is a set.";

/// What of a contract shows in the names and types of its client: which tokens, environments and parameters there are, what
/// a refresh takes, whether a token can be put into a request, whether an answer can say a scope, and what else it holds.
pub fn api(contract: &Contract) -> impl PartialEq {
    (
        format!("{:?}", contract.credential()),
        contract.base.environments.iter().map(|place| place.name.clone()).collect::<Vec<_>>(),
        contract.client.keys().cloned().collect::<Vec<_>>(),
        [Some(&contract.access.name), contract.refresh.as_ref().map(|refresh| &refresh.name)]
            .map(Option::<&String>::cloned),
        [contract.access.sent_as.is_some(), contract.response.scope.is_some()],
        contract.response.outputs.keys().cloned().collect::<Vec<_>>(),
    )
}

/// Whether a spec could mean this: what is refused where specs are read is no mutant.
pub fn stands(contract: &Contract) -> bool {
    if contract.request.operation.is_local() {
        return local(contract);
    }
    url(contract)
        && steps(contract)
        && then(contract)
        && request(contract)
        && response(contract)
        && tokens(contract)
        && is_kept(contract)
        && errors(contract)
        && mint(contract)
        && fallback(contract)
}

/// Whether what brings tokens where a refresh cannot stands by itself, and brings what the refresh spends.
fn fallback(contract: &Contract) -> bool {
    let Some(minting) = contract.minting() else {
        return true;
    };
    let brings = contract.refresh.is_none() || contract.response.refresh_token.is_some();
    let takes = |contract: &Contract, id: &str| contract.steps.iter().any(|step| step.id == id);
    let own = contract.fallback.iter().flat_map(|fallback| &fallback.steps);
    // A step belongs to the refresh where that takes it, and is taken where its values are used.
    let mut own = own.map(|step| takes(&minting, &step.id));
    let whole = contract.request.is_at_whole_url() == minting.request.is_at_whole_url();
    let alone = Contract { refresh: None, errors: Vec::new(), ..minting.clone() };
    brings
        && whole
        && own.all(|is_taken| is_taken)
        && contract.mint.is_none()
        && !alone.request.operation.is_local()
        && url(&alone)
        && request(&alone)
        && mint(&alone)
}

/// Whether a token that the client makes itself is all that there is: no request, no answer, no refusal of one.
fn local(contract: &Contract) -> bool {
    let (request, response, access) = (&contract.request, &contract.response, &contract.access);
    let is_signed = request
        .values
        .iter()
        .all(|(name, it)| name == ASSERTION && matches!(it, Generated::Jwt(_)));
    let mut slots = request.templates().flat_map(Template::slots);
    is_signed
        && request.values.len() == 1
        && slots
            .all(|slot| matches!(slot, Slot::Client(name) if contract.client.contains_key(name)))
        && request.method.is_empty()
        && request.path.parts.is_empty()
        && request.query.is_empty()
        && request.valueless.is_empty()
        && request.headers.is_empty()
        && request.body == Body::Empty
        && request.auth == ClientAuth::None
        && !request.certificate
        && contract.base.environments.is_empty()
        && !contract.base.integrator
        && response.success.status == [StatusRange { first: 200, last: 299 }]
        && response.success.field.is_none()
        && response.access_token == TokenPlace::WholeBody
        && response.refresh_token.is_none()
        && response.token_type.is_none()
        && response.scope.is_none()
        && response.outputs.is_empty()
        && contract.errors == ErrorRule::defaults()
        && contract.mint == Some(Mint::default())
        && access.expires == Expiry::Jwt
        && access.usual_lifetime.is_some()
        && access.after_refresh == OldAccessToken::Valid
        && made(contract)
        && parameters(contract)
        && optional_stands_alone(contract)
        && tokens(contract)
        && mint(contract)
}

fn url(contract: &Contract) -> bool {
    let is_base = |url: &Template| {
        let text = url.to_string();
        let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
        let lower = literals(url).all(|text| !text.contains(|c: char| c.is_ascii_uppercase()));
        // A host has no case, and of a base URL not more than its path is in doubt.
        lower && rest.is_some_and(|rest| !rest.starts_with(['/', ':', '.']) && !text.ends_with('/'))
    };
    contract.base.environments.iter().all(|place| is_base(&place.url))
        && (contract.base.integrator || !contract.base.environments.is_empty())
        && (is_path(contract, &contract.request.path) || is_whole_url(contract))
}

/// Whether the integrator brings all of the URL, and nothing is added to it.
fn is_whole_url(contract: &Contract) -> bool {
    let request = &contract.request;
    request.is_at_whole_url()
        && contract.base.integrator
        && contract.base.environments.is_empty()
        && request.query.is_empty()
        && !matches!(request.auth, ClientAuth::Query(_))
        && contract.all_steps().next().is_none()
}

/// Whether a path begins with a slash, or is an address that a step tells.
fn is_path(contract: &Contract, path: &Template) -> bool {
    let taken = taken_url(path).and_then(|name| contract.taken(name));
    let text = path.to_string();
    match taken {
        Some(taken) => {
            let rest = text.split_once('}').map_or("", |(_, rest)| rest);
            taken.kind == TakenKind::Url && !rest.contains("//")
        }
        None => text.starts_with('/') && !text.contains("//"),
    }
}

/// Whether each step is told from the others and holds what is known by then.
fn steps(contract: &Contract) -> bool {
    let spending = contract.spending();
    let others = contract.fallback.iter().flat_map(|fallback| &fallback.steps);
    let own = contract.steps.iter().chain(others).chain(&spending);
    let steps: Vec<_> = own.chain(&contract.request.then).collect();
    let last = contract.request.then.last().map(|last| &last.id);
    let lasts: Vec<_> =
        contract.requests().map(|request| (&request.method, &request.path)).collect();
    let one = |(at, step): (usize, &&StepRequest)| {
        let before = &steps[..at];
        let known = |slot: &Slot| match slot {
            Slot::Client(name) => contract.client.contains_key(name),
            Slot::Taken(name) => before
                .iter()
                .any(|step| step.take.iter().any(|(taken, _)| step.name_of(taken) == *name)),
            _ => false,
        };
        let headers: BTreeSet<&String> = step.headers.iter().map(|(name, _)| name).collect();
        let takes: BTreeSet<&String> = step.take.iter().map(|(name, _)| name).collect();
        let of_kind = |taken: &Taken| match taken.kind {
            TakenKind::Url => taken.hosts.iter().all(|host| is_host(host)),
            TakenKind::Text | TakenKind::Integer => taken.hosts.is_empty(),
        };
        let taken = takes.len() == step.take.len()
            && step.take.iter().all(|(name, taken)| is_name(name) && of_kind(taken))
            && takes.is_empty() == (last == Some(&step.id));
        if spending.as_ref() == Some(*step) {
            return taken;
        }
        let place = (&step.method, &step.path);
        let body = match &step.body {
            Body::Empty => true,
            Body::Form(fields) => fields.iter().all(|(name, _)| !name.is_empty()),
            Body::Json(json) => is_json(json),
            Body::Xml(document) => xml_problem(document).is_none(),
        };
        let auth = match &step.auth {
            ClientAuth::None => true,
            ClientAuth::Basic { .. } => !headers.contains(&"authorization".to_owned()),
            ClientAuth::Body(_) | ClientAuth::Header { .. } | ClientAuth::Query(_) => false,
        };
        let named = step.query.iter().all(|(name, _)| !name.is_empty());
        step.templates().flat_map(Template::slots).all(known)
            && is_path(contract, &step.path)
            && !step.method.is_empty()
            && step.method.bytes().all(|byte| byte.is_ascii_uppercase())
            && !lasts.contains(&place)
            && !before.iter().any(|it| it.id == step.id || (&it.method, &it.path) == place)
            && headers.iter().all(|name| is_header(name))
            && headers.len() == step.headers.len()
            && headers.contains(&"accept".to_owned())
            && headers.contains(&"content-type".to_owned()) == (step.body != Body::Empty)
            && named
            && body
            && auth
            && is_name(&step.id)
            && step.id != SPENDING
            && taken
    };
    let most = MOST_STEPS + spending.iter().count();
    steps.len() <= most && steps.iter().enumerate().all(one)
}

/// Whether what comes behind the request that spends the credential can be there.
fn then(contract: &Contract) -> bool {
    let Contract { request, response, .. } = contract;
    if request.then.is_empty() {
        return request.take.is_empty();
    }
    let plain = StatusRange { first: 200, last: 299 };
    request.operation == Operation::RefreshToken
        && !request.uses(&Slot::AccessToken)
        && contract.fallback.is_none()
        && contract.base.output.is_none()
        && response.success.field.is_none()
        && response.success.status == [plain]
        && matches!(response.access_token, TokenPlace::Json(_))
        && response.refresh_token.iter().flat_map(Pointer::all).all(|place| place.head.is_none())
}

fn is_name(name: &str) -> bool {
    !name.is_empty()
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

/// A host that bounds an address: with a star, one below something that has a dot.
fn is_host(host: &str) -> bool {
    let name = host.strip_prefix("*.");
    let plain = |name: &str| {
        !name.is_empty()
            && name
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'.' || b == b'-')
    };
    plain(name.unwrap_or(host)) && name.is_none_or(|name| name.contains('.'))
}

fn literals(template: &Template) -> impl Iterator<Item = &str> {
    template.parts.iter().filter_map(|part| match part {
        Part::Literal(text) => Some(text.as_str()),
        Part::Slot(_) => None,
    })
}

fn request(contract: &Contract) -> bool {
    let request = &contract.request;
    let declared = |slot: &Slot| match slot {
        Slot::AccessToken => true,
        Slot::RefreshToken => contract.refresh.is_some(),
        Slot::Client(name) => contract.client.contains_key(name),
        Slot::Value(name) => request.value(name).is_some(),
        Slot::Taken(name) => contract
            .steps
            .iter()
            .any(|step| step.take.iter().any(|(taken, _)| step.name_of(taken) == *name)),
        Slot::TokenUrl => true,
    };
    let slots = || request.templates().chain(contract.base.environments.iter().map(|e| &e.url));
    let headers: BTreeSet<&String> = request.headers.iter().map(|(name, _)| name).collect();
    let named = |fields: &[(String, Template)]| fields.iter().all(|(name, _)| !name.is_empty());
    let body = match &request.body {
        Body::Empty => true,
        Body::Form(fields) => named(fields),
        Body::Json(json) => is_json(json),
        Body::Xml(document) => xml_problem(document).is_none(),
    };
    let auth = match &request.auth {
        ClientAuth::None => true,
        ClientAuth::Basic { .. } => !headers.contains(&"authorization".to_owned()),
        ClientAuth::Body(fields) => {
            named(fields)
                && !fields.is_empty()
                && matches!(request.body, Body::Form(_) | Body::Json(_))
        }
        ClientAuth::Query(fields) => named(fields) && !fields.is_empty(),
        ClientAuth::Header { name, .. } => is_header(name) && !headers.contains(name),
    };
    request.method.bytes().all(|byte| byte.is_ascii_uppercase())
        && !request.method.is_empty()
        && slots().flat_map(Template::slots).all(declared)
        && request
            .templates()
            .flat_map(Template::slots)
            .any(|slot| matches!(slot, Slot::Client(_)) == request.operation.mints())
        && headers.iter().all(|name| is_header(name))
        // They are there where a spec says nothing of them.
        && headers.contains(&"accept".to_owned())
        && headers.contains(&"content-type".to_owned()) == (request.body != Body::Empty)
        && headers.len() == request.headers.len()
        && named(&request.query)
        && body
        && auth
        && made(contract)
        && optional_stands_alone(contract)
        && !matches!(request.when, RefreshWhen::NearExpiry(lead) if lead.is_zero())
        && parameters(contract)
}

fn parameters(contract: &Contract) -> bool {
    contract.client.values().all(|parameter| {
        parameter.default.as_ref().is_none_or(|value| parameter.allows(value))
            && parameter.one_of.iter().all(|value| parameter.kind.accepts(value))
            && !(parameter.secret && is_restricted(parameter))
            && !(parameter.optional && parameter.default.is_some())
    })
}

/// Whether each value that the client makes can be made of those before it, and each token is signed with a key of its kind.
fn made(contract: &Contract) -> bool {
    let request = &contract.request;
    let is_token_url = |slot: &Slot| *slot == Slot::TokenUrl;
    let is_private = |name: &str| {
        contract.client.get(name).is_some_and(|given| given.kind == ParameterKind::SigningKey)
    };
    let one = |(at, (name, value)): (usize, &(String, Generated))| {
        let before = &request.values[..at];
        let mut slots = value.templates().into_iter().flat_map(Template::slots);
        let known = slots.all(|slot| match slot {
            Slot::Value(needed) => before.iter().any(|(name, _)| name == needed),
            _ => true,
        });
        let fits = match value {
            Generated::Jwt(jwt) => {
                let mut header = jwt.header.iter().flat_map(|(_, text)| text.slots());
                let whole = jwt.lives.subsec_nanos() == 0 && !jwt.lives.is_zero();
                let own = |name: &str| matches!(name, "iat" | "exp" | "jti" | "nbf");
                let mut slots = jwt.key.text.slots();
                let said = jwt.templates().into_iter().skip(1).flat_map(Template::slots);
                let shows = |slot: &Slot| matches!(slot, Slot::Client(name) if is_private(name));
                whole
                    && is_json(&JsonTemplate::Object(jwt.claims.clone()))
                    && !said.into_iter().any(shows)
                    && !header.any(is_token_url)
                    && !jwt.claims.iter().any(|(name, _)| own(name))
                    && match jwt.private_key() {
                        Some(key) => is_private(key) && jwt.key.encoding == KeyEncoding::Text,
                        None => {
                            jwt.alg == Algorithm::Hs256
                                && !slots
                                    .any(|slot| matches!(slot, Slot::Client(n) if is_private(n)))
                        }
                    }
            }
            value => !value.templates().into_iter().flat_map(Template::slots).any(is_token_url),
        };
        // A value that nothing holds is refused.
        let used = request.operation.is_local() || request.uses(&Slot::Value(name.clone()));
        known && used && fits && !before.iter().any(|(other, _)| other == name)
    };
    request.values.iter().enumerate().all(one)
        && !request.sends(&Slot::TokenUrl)
        && !contract
            .client
            .keys()
            .any(|key| is_private(key) && request.sends(&Slot::Client(key.clone())))
}

/// What is optional stands only where it can be left out whole.
fn optional_stands_alone(contract: &Contract) -> bool {
    let holds = |template: &Template| {
        template.slots().any(|slot| match slot {
            Slot::Client(name) => contract.client.get(name).is_some_and(|it| it.optional),
            _ => false,
        })
    };
    let whole = |template: &Template| !holds(template) || contract.optional_in(template).is_some();
    let all = |fields: &[(String, Template)]| fields.iter().all(|(_, value)| whole(value));
    fn json(
        value: &JsonTemplate,
        text: &dyn Fn(&Template) -> bool,
        member: &dyn Fn(&Template) -> bool,
    ) -> bool {
        match value {
            JsonTemplate::Constant(_) => true,
            JsonTemplate::Text(template) => text(template),
            JsonTemplate::List(items) => items.iter().all(|item| json(item, text, member)),
            JsonTemplate::Object(members) => members.iter().all(|(_, value)| match value {
                JsonTemplate::Text(template) => member(template),
                value => json(value, text, member),
            }),
        }
    }
    let request = &contract.request;
    let made = |value: &Generated| match value {
        Generated::Jwt(jwt) => {
            let claims = JsonTemplate::Object(jwt.claims.clone());
            let others = jwt.header.iter().map(|(_, text)| text).chain([&jwt.key.text]);
            json(&claims, &|text| !holds(text), &whole) && !others.into_iter().any(holds)
        }
        value => !value.templates().into_iter().any(holds),
    };
    let always = |name: &str| matches!(name, "accept" | "content-type");
    request.values.iter().all(|(_, value)| made(value))
        && !holds(&request.path)
        && !contract.base.environments.iter().any(|environment| holds(&environment.url))
        && all(&request.query)
        && all(&request.headers)
        && !request.headers.iter().any(|(name, value)| always(name) && holds(value))
        && match &request.body {
            Body::Empty => true,
            Body::Form(fields) => all(fields),
            Body::Json(value) => json(value, &|text| !holds(text), &whole),
            Body::Xml(document) => !holds(document),
        }
        && match &request.auth {
            ClientAuth::Basic { username, password, .. } => !holds(username) && !holds(password),
            auth => auth.templates().all(whole),
        }
}

/// A secret is a text, and has neither a default nor a list of values.
fn is_restricted(parameter: &Parameter) -> bool {
    let Parameter { secret: _, kind, one_of, default, optional: _, doc: _ } = parameter;
    !matches!(kind, ParameterKind::Text | ParameterKind::SigningKey)
        || !one_of.is_empty()
        || default.is_some()
}

fn is_header(name: &str) -> bool {
    let is_token = |byte: u8| byte == b'-' || byte.is_ascii_lowercase() || byte.is_ascii_digit();
    !name.is_empty() && name.bytes().all(is_token)
}

fn is_json(json: &JsonTemplate) -> bool {
    match json {
        JsonTemplate::Constant(value) => value.is_null() || value.is_boolean() || value.is_number(),
        JsonTemplate::Text(_) => true,
        JsonTemplate::List(items) => items.iter().all(is_json),
        JsonTemplate::Object(members) => {
            let names: BTreeSet<&String> = members.iter().map(|(name, _)| name).collect();
            names.len() == members.len() && members.iter().all(|(_, value)| is_json(value))
        }
    }
}

fn response(contract: &Contract) -> bool {
    let response = &contract.response;
    let refresh = contract.refresh.as_ref();
    let fields = [
        response.access_token.field(),
        response.refresh_token.as_ref(),
        response.token_type.as_ref().map(|kind| &kind.field),
        response.scope.as_ref(),
        contract.access.expires.field(),
        refresh.and_then(|refresh| refresh.expires.field()),
    ];
    let is_flat = |field: &Option<&Pointer>| {
        field.is_none_or(|field| field.head.is_some() || field.tokens.len() == 1)
    };
    let place = match &response.access_token {
        // A text of JSON has no fields.
        TokenPlace::Json(place) if place.is_whole() => {
            place.or.is_empty() && fields.iter().flatten().count() == 1
        }
        TokenPlace::Json(_) | TokenPlace::Unchanged => true,
        TokenPlace::Form(_) => fields.iter().all(is_flat),
        TokenPlace::Xml(_) => is_one_document(contract, &fields),
        // The body is the token and nothing else.
        TokenPlace::WholeBody => fields.iter().all(Option::is_none),
    };
    place
        && says_one_thing(&fields)
        && outputs(contract)
        && heads(contract)
        // A pointer to the whole answer.
        && serde_json::to_string(contract).is_ok_and(|form| {
            let form = form.replace(r#""tokens":[],"head":"#, "");
            response.access_token.is_whole() || !form.contains(r#""tokens":[]"#)
        })
        && is_set(&response.success.status)
        && response.token_type.as_ref().is_none_or(|kind| !kind.accepted.is_empty())
        // A place for a token that nobody holds is read by nobody.
        && (refresh.is_some() || response.refresh_token.is_none())
}

/// No place holds two of an answer's facts, of which the last two are ends; both ends may be one.
fn says_one_thing(fields: &[Option<&Pointer>; 6]) -> bool {
    let places = |field: &Option<&Pointer>| -> BTreeSet<Vec<String>> {
        field.iter().flat_map(|field| field.all()).map(|place| place.way().into_owned()).collect()
    };
    let ends = &places(&fields[4]) | &places(&fields[5]);
    let mut seen = BTreeSet::new();
    fields[..4].iter().map(places).chain([ends]).flatten().all(|place| seen.insert(place))
}

/// Tokens, outputs and ends alone are in the head of an answer, each where it can be; a place there is no field.
fn heads(contract: &Contract) -> bool {
    let response = &contract.response;
    let is_place = |place: &Pointer, attribute: Option<CookieAttribute>| match &place.head {
        None => true,
        Some(Head::Header { name, prefix }) => {
            let is_lower = !name.bytes().any(|byte| byte.is_ascii_uppercase());
            is_token(name) && is_lower && !prefix.starts_with(' ') && place.tokens.is_empty()
        }
        Some(Head::Cookie { name, attribute: found }) => {
            is_token(name) && place.tokens.is_empty() && *found == attribute
        }
    };
    let tokens = [response.access_token.field(), response.refresh_token.as_ref()];
    let outputs = response.outputs.values().map(|output| &output.field);
    let values = tokens.into_iter().flatten().chain(outputs);
    let ends =
        [Some(&contract.access.expires), contract.refresh.as_ref().map(|refresh| &refresh.expires)];
    let ends = ends.into_iter().flatten().filter_map(|expires| {
        let attribute = match expires {
            Expiry::Seconds(_) => Some(CookieAttribute::MaxAge),
            Expiry::HttpDate(_) => Some(CookieAttribute::Expires),
            _ => None,
        };
        Some((expires.field()?, attribute))
    });
    let is_end = |place: &Pointer, attribute: Option<CookieAttribute>| match &place.head {
        Some(Head::Cookie { .. }) if attribute.is_none() => false,
        _ => is_place(place, attribute),
    };
    // Everything else is in the body.
    let all = serde_json::to_string(contract).map_or(0, |form| form.matches(r#""head":"#).count());
    let counted = values.clone().chain(ends.clone().map(|(field, _)| field));
    let counted = counted.flat_map(Pointer::all).filter(|place| place.head.is_some()).count();
    // A header has one prefix.
    let places = contract.heads();
    let headers = places.iter().filter(|place| matches!(place, Head::Header { .. }));
    let names: BTreeSet<String> = headers.clone().map(|place| place.label()).collect();
    counted == all
        && names.len() == headers.count()
        && values.flat_map(Pointer::all).all(|place| is_place(place, None))
        && ends
            .into_iter()
            .all(|(field, attribute)| field.all().all(|place| is_end(place, attribute)))
}

/// A token of HTTP (RFC 9110 section 5.6.2), as names of headers and cookies are.
fn is_token(name: &str) -> bool {
    let is_sign = |sign: char| sign.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(sign);
    !name.is_empty() && name.chars().all(is_sign)
}

/// XML has names below one root, which the token is below.
fn is_one_document(contract: &Contract, fields: &[Option<&Pointer>]) -> bool {
    let response = &contract.response;
    let success = response.success.field.as_ref().map(|asked| &asked.field);
    let outputs = response.outputs.values().map(|output| &output.field);
    let all: Vec<&Pointer> =
        fields.iter().flatten().copied().chain(success).chain(outputs).collect();
    let root = |field: &Pointer| {
        field.tokens.first().and_then(|root| root.split('@').next()).map(str::to_owned)
    };
    let is_named = |field: &Pointer| {
        field.tokens.iter().all(|token| !token.starts_with(|sign: char| sign.is_ascii_digit()))
    };
    let roots: std::collections::BTreeSet<_> =
        all.iter().flat_map(|field| field.all()).map(root).collect();
    roots.len() == 1 && all.iter().flat_map(|field| field.all()).all(is_named)
}

/// Outputs are fields that nothing else reads; what is hidden is a text, and so is what a form holds.
fn outputs(contract: &Contract) -> bool {
    let response = &contract.response;
    let mut fields: Vec<&Pointer> = response.outputs.values().map(|output| &output.field).collect();
    let all = fields.len();
    let others = [
        response.access_token.field(),
        response.refresh_token.as_ref(),
        response.token_type.as_ref().map(|kind| &kind.field),
        response.scope.as_ref(),
    ];
    let shared = others.into_iter().flatten().any(|other| fields.contains(&other));
    fields.sort();
    fields.dedup();
    let number = |kind| matches!(kind, OutputKind::Integer | OutputKind::Boolean);
    let text = |kind| matches!(kind, OutputKind::Text | OutputKind::Url);
    let bounded = |output: &Output| match output.kind {
        OutputKind::Url => output.hosts.iter().all(|host| is_host(host)),
        _ => output.hosts.is_empty(),
    };
    let next = contract.base.output.as_ref().map(|name| response.outputs.get(name));
    let is_next = |output: &Output| !output.secret && !output.hosts.is_empty();
    let is_sound = |output: &Output| {
        !(output.secret && number(output.kind))
            && bounded(output)
            && match &response.access_token {
                TokenPlace::WholeBody => false,
                _ if output.field.head.is_some() => text(output.kind),
                TokenPlace::Json(_) | TokenPlace::Unchanged => true,
                TokenPlace::Form(_) => text(output.kind) && output.field.tokens.len() == 1,
                TokenPlace::Xml(_) => text(output.kind),
            }
    };
    !shared
        && fields.len() == all
        && response.outputs.values().all(is_sound)
        && next.is_none_or(|output| output.is_some_and(is_next))
}

/// Whether these statuses are some, and statuses.
fn is_set(ranges: &[StatusRange]) -> bool {
    let StatusRange { first, last } = StatusRange::ALL;
    let is_range = |range: &StatusRange| {
        first <= range.first && range.first <= range.last && range.last <= last
    };
    !ranges.is_empty() && ranges.iter().all(is_range)
}

fn tokens(contract: &Contract) -> bool {
    let access = &contract.access;
    let lives = |expiry: &Expiry| !expiry.stated().is_some_and(|lifetime| lifetime.is_zero());
    let is_status = |status: &u16| (400..=599).contains(status);
    access.usual_lifetime.is_none_or(|lifetime| !lifetime.is_zero())
        && lives(&access.expires)
        && !matches!(access.expires, Expiry::SinceSignIn(_))
        && access
            .most_alive
            .is_none_or(|most| most > 1 && access.after_refresh == OldAccessToken::Valid)
        && contract.request.at_most_every.is_none_or(|apart| !apart.is_zero())
        && contract.request.limit.is_none_or(|limit| {
            limit.at_most > 1 && !limit.per.is_zero() && contract.request.at_most_every.is_none()
        })
        && access.refused_with.iter().all(|refusal| match refusal {
            AccessRefusal::Status(status) => is_status(status),
            AccessRefusal::Field(FieldRefusal { status, field }) => {
                is_set(status) && !field.negated && !field.equals.is_empty()
            }
        })
        && access.sent_as.as_ref().is_none_or(|sent| match sent {
            SentAs::Header { name, scheme } => {
                is_header(name) && scheme.as_ref().is_none_or(|scheme| !scheme.is_empty())
            }
            SentAs::Cookie(name) => is_header(&name.to_ascii_lowercase().replace('_', "-")),
            SentAs::Query(name) => !name.is_empty(),
        })
        && contract.refresh.as_ref().is_none_or(|refresh| {
            lives(&refresh.expires)
                && refresh.idle_limit.is_none_or(|limit| !limit.is_zero())
                && refresh.max_length != Some(0)
                && refresh.spent.generations() != Some(0)
                && refresh.spent.until().and_then(ReplayEnd::window) != Some(Duration::ZERO)
        })
}

/// Whether what spends no token says nothing of one, and nothing else says what a mint does.
fn mint(contract: &Contract) -> bool {
    let Some(Mint { limit }) = contract.mint else {
        return !contract.request.operation.mints();
    };
    let limits = limit.is_none_or(|limit| limit.at_most > 0 && !limit.per.is_zero());
    // Somebody signs in again only where the rule says how.
    let needs_nobody =
        |rule: &ErrorRule| rule.may_end_grant() && rule.sign_in == SignIn::Unspecified;
    let is_about_nothing =
        |rule: &ErrorRule| rule.class == ErrorClass::InDoubt || needs_nobody(rule);
    let is_token = |slot: &Slot| matches!(slot, Slot::AccessToken | Slot::RefreshToken);
    let mut slots = contract.request.templates().flat_map(Template::slots);
    contract.request.operation.mints()
        && limits
        && contract.request.at_most_every.is_none()
        && contract.request.limit.is_none()
        && contract.refresh.is_none()
        && contract.request.when == RefreshWhen::AnyTime
        && !slots.any(is_token)
        && is_proved(contract)
        && !contract.errors.iter().any(is_about_nothing)
}

/// Whether a mint tells who asks.
fn is_proved(contract: &Contract) -> bool {
    let steps = contract.steps.iter().flat_map(StepRequest::templates);
    let mut slots = contract.request.templates().chain(steps).flat_map(Template::slots);
    contract.request.certificate
        || contract.request.operation.is_local()
        || slots.any(|slot| matches!(slot, Slot::Client(_)))
}

/// Whether the map of errors is total, and its own rules stand before the language's.
fn errors(contract: &Contract) -> bool {
    let Some((last, rules)) = contract.errors.split_last() else {
        return false;
    };
    last.status == [StatusRange::ALL]
        && last.body == BodyCondition::Any
        && last.is_default()
        && rules.iter().all(|rule| is_set(&rule.status))
        && contract.errors.is_sorted_by_key(ErrorRule::is_default)
        && contract.errors.iter().all(|rule| is_rule(contract, rule))
}

/// Whether what a rule says goes together.
fn is_rule(contract: &Contract, rule: &ErrorRule) -> bool {
    use CredentialAfter::{Spent, Unknown, Unspent};
    let credential = match (rule.class, rule.credential) {
        (ErrorClass::Reauthenticate, Some(Unspent | Unknown))
        | (ErrorClass::InDoubt, Some(Unspent | Spent)) => false,
        (_, Some(Spent)) => !contract.is_replayable(),
        _ => true,
    };
    let body = match &rule.body {
        BodyCondition::Text(texts) => {
            !texts.is_empty() && texts.iter().all(|text| !text.trim().is_empty())
        }
        BodyCondition::Any | BodyCondition::Empty | BodyCondition::Field(_) => true,
    };
    let asks_again =
        !matches!(rule.class, ErrorClass::Reauthenticate | ErrorClass::ClientMisconfigured);
    let has_fields = !matches!(rule.body, BodyCondition::Empty | BodyCondition::Text(_));
    let is_written = !rule.is_default() && !rule.is_of_profile();
    let waits = rule.retry_after.is_none() || (asks_again && has_fields && is_written);
    credential
        && body
        && waits
        && (!rule.perhaps_gone || rule.class == ErrorClass::ClientMisconfigured)
}
