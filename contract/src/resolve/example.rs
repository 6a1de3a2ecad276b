//! Documented exchanges.

use super::{headers, names, sample, sequence};
use crate::contract::{
    Algorithm, Base, Contract, Environment, ErrorClass, Example, ExampleBody, ExampleRequest,
    ExampleResponse, Expect, ExpectedExpiry, Given, Part, Slot, Template,
};
use crate::diagnostics::Finding;
use crate::diagnostics::meaning::{
    AMBIGUOUS_BODY, BAD_EXPECTATION, BAD_HEADER, BAD_INSTANT, BAD_STATUS, DUPLICATE_EXAMPLE,
    INCOMPLETE_GIVEN, MISSING_FACT, SENT_TWICE,
};
use crate::diagnostics::words::listed;
use crate::exchange::base_url;
use crate::path::Path;
use crate::spec::{
    ExampleRequestSpec, ExampleResponseSpec, ExampleSpec, ExpectSpec, GivenSpec, SampleSpec,
};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// When an exchange begins unless said: 2026-11-21T08:00:00Z.
pub(super) const AT: Timestamp = Timestamp::constant(1_795_248_000, 0);

/// The examples of `spec`; `is_whole` where the integrator brings all of the URL.
pub(super) fn resolve(
    written: &[ExampleSpec],
    samples: &BTreeMap<String, SampleSpec>,
    base: &Base,
    is_whole: bool,
    found: &mut Vec<Finding>,
) -> Vec<Example> {
    let path = Path::of("examples");
    let mut ids = BTreeSet::new();
    let mut examples = Vec::new();
    for (index, written) in sample::expand(written, samples, found).iter().enumerate() {
        let path = path.index(index);
        names::example_id(&written.id, path.key("id"), found);
        if !ids.insert(&written.id) {
            let message = format!("the id `{}` is already taken by another example", written.id);
            found.push(
                Finding::value(DUPLICATE_EXAMPLE, path.key("id"), message)
                    .hint("give each example an id of its own"),
            );
        }
        incomplete(written, &path, found);
        examples.extend(one(written, base, is_whole, &path, found));
    }
    examples
}

/// An exchange has three parts at least.
fn incomplete(written: &ExampleSpec, path: &Path, found: &mut Vec<Finding>) {
    for key in sequence::missing(written) {
        let message = format!("the example has no `{key}`");
        let hint = format!("add `{key}`, or `steps` where the example is a sequence");
        found.push(Finding::value(MISSING_FACT, path.key(key), message).hint(hint));
    }
}

/// The exchange of an example; `None` where it is a sequence, or not whole.
fn one(
    written: &ExampleSpec,
    base: &Base,
    is_whole: bool,
    path: &Path,
    found: &mut Vec<Finding>,
) -> Option<Example> {
    let ExampleSpec { id, doc, given, request, response, expect, steps: _ } = written;
    let answers = given.as_ref()?.answers.clone();
    let request =
        request.as_ref().map(|written| self::request(written, &path.key("request"), found));
    let url = request.as_ref().map(|request| request.url.as_str());
    let given = self::given((given.as_ref()?, url), base, is_whole, &path.key("given"), found);
    let response = self::response(response.as_ref()?, &path.key("response"), found);
    let expect = self::expect(expect.as_ref()?, &path.key("expect"), found);
    Some(Example { id: id.clone(), doc: doc.clone(), given, answers, request, response, expect })
}

/// What is given, and the URL of the documented request.
fn given(
    (written, url): (&GivenSpec, Option<&str>),
    base: &Base,
    is_whole: bool,
    path: &Path,
    found: &mut Vec<Finding>,
) -> Given {
    let GivenSpec {
        environment: chosen,
        base_url,
        client,
        access_token,
        refresh_token,
        values,
        answers: _, // They are the example's.
        at,
    } = written;
    let mut refuse = |path: Path, message: String, hint: String| {
        found.push(Finding::value(INCOMPLETE_GIVEN, path, message).hint(hint));
    };
    let environments = &base.environments;
    let names = || environments.iter().map(|environment| environment.name.as_str());
    // They are in the order of their names.
    let is_there = |name: &str| {
        environments.binary_search_by(|environment| environment.name.as_str().cmp(name)).is_ok()
    };
    let choose = || format!("choose one of {}", listed(names()));
    let mut environment = chosen.clone();
    match (chosen, base_url) {
        (Some(_), Some(_)) => {
            let message = "an exchange has one base URL: `environment` or `base_url`".to_owned();
            refuse(path.key("base_url"), message, "keep one of the two".to_owned());
        }
        (Some(name), None) if !is_there(name) => {
            let hint = if environments.is_empty() {
                "this spec has none: write `base_url`".to_owned()
            } else {
                choose()
            };
            refuse(path.key("environment"), format!("there is no environment `{name}`"), hint);
        }
        (None, None) => match (names().next(), environments.len()) {
            (Some(only), 1) if !base.integrator => environment = Some(only.to_owned()),
            (Some(_), _) if environment_of(written, url, base).is_some() => {
                environment = environment_of(written, url, base);
            }
            (None, _) => {
                let message =
                    "the example does not say which base URL the integrator brings".to_owned();
                refuse(
                    path.key("base_url"),
                    message,
                    "write `base_url: https://auth.example.com`".to_owned(),
                );
            }
            _ => refuse(
                path.key("environment"),
                "the example does not say to which environment it belongs".to_owned(),
                match names().next() {
                    Some(first) => {
                        format!(
                            "write `given: {{ environment: {first} }}`, or another of {}",
                            listed(names())
                        )
                    }
                    None => choose(),
                },
            ),
        },
        _ => {}
    }
    let problem = |url| super::base::text_problem(url, is_whole, path.key("base_url"));
    found.extend(base_url.as_deref().and_then(problem));
    Given {
        environment,
        base_url: base_url.clone(),
        client: client.clone(),
        access_token: access_token.clone(),
        refresh_token: refresh_token.clone(),
        values: values.clone(),
        at: at.as_deref().and_then(|text| instant(text, path.key("at"), found)).unwrap_or(AT),
    }
}

/// The environment of an example that names none: the one where its request goes. Where it shows no request it is the same in each.
fn environment_of(written: &GivenSpec, url: Option<&str>, base: &Base) -> Option<String> {
    if let Some(url) = url {
        return environment_at(base, url);
    }
    if base.integrator {
        return None;
    }
    let is_given = |part: &Part| match part {
        Part::Slot(Slot::Client(name)) => written.client.contains_key(name),
        Part::Slot(_) => false,
        Part::Literal(_) => true,
    };
    let complete = |environment: &&Environment| environment.url.parts.iter().all(is_given);
    let possible = base.environments.iter().filter(complete);
    // The first, but for the usual one.
    possible.min_by_key(|environment| environment.name != "production").map(|it| it.name.clone())
}

/// The environment of which alone a request to `url` can be.
fn environment_at(base: &Base, url: &str) -> Option<String> {
    let may_be = |environment: &&Environment| is_below(url, &environment.url);
    let mut possible = base.environments.iter().filter(may_be);
    let only = possible.next().filter(|_| possible.next().is_none())?;
    Some(only.name.clone())
}

/// Whether `url` begins as `base` does, with anything but a `/` where a value is filled in.
fn is_below(url: &str, base: &Template) -> bool {
    let mut rest = url;
    let mut after_slot = false;
    for part in &base.parts {
        rest = match part {
            Part::Slot(_) => {
                after_slot = true;
                continue;
            }
            Part::Literal(text) if std::mem::take(&mut after_slot) => {
                let place = rest.find(text.as_str());
                let Some(place) = place.filter(|place| is_value(&rest[..*place])) else {
                    return false;
                };
                &rest[place + text.len()..]
            }
            Part::Literal(text) => match rest.strip_prefix(text.as_str()) {
                Some(rest) => rest,
                None => return false,
            },
        };
    }
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    if after_slot { is_value(&rest[..end]) } else { end == 0 }
}

/// Whether something may stand where a value is filled in.
fn is_value(text: &str) -> bool {
    !text.is_empty() && !text.contains('/')
}

/// Gives each example the private keys that it does not show: no page shows one.
pub(super) fn give_keys(contract: &mut Contract) {
    let key = |name: &String| {
        let key = contract.signs_with(name).and_then(Algorithm::synthetic_key)?;
        Some((name.clone(), key.to_owned()))
    };
    let keys: BTreeMap<String, String> = contract.client.keys().filter_map(key).collect();
    for example in &mut contract.examples {
        for (name, key) in &keys {
            example.given.client.entry(name.clone()).or_insert_with(|| key.clone());
        }
    }
}

/// Gives each example what the documented answers to its steps hold.
pub(super) fn take(contract: &mut Contract) {
    let mut examples = std::mem::take(&mut contract.examples);
    for example in &mut examples {
        let Ok(base_url) = base_url(contract, &example.given) else { continue };
        let spending = contract.spending();
        for step in contract.steps.iter().chain(&spending).chain(&contract.request.then) {
            let Some(answer) = example.answers.get(&step.id) else { continue };
            for (name, taken) in &step.take {
                // What cannot be taken is told by the rules.
                if let Some(text) = taken.read(answer, &base_url) {
                    example.given.values.entry(step.name_of(name)).or_insert(text);
                }
            }
        }
    }
    contract.examples = examples;
}

fn instant(text: &str, path: Path, found: &mut Vec<Finding>) -> Option<Timestamp> {
    let instant = text.parse().ok();
    if instant.is_none() {
        let message = format!("`{text}` is no instant");
        found.push(
            Finding::value(BAD_INSTANT, path, message)
                .hint("write it as RFC 3339: `2026-11-21T08:00:00Z`"),
        );
    }
    instant
}

fn request(written: &ExampleRequestSpec, path: &Path, found: &mut Vec<Finding>) -> ExampleRequest {
    let ExampleRequestSpec { method, url, headers, absent_headers, form, json, xml, text } =
        written;
    let headers = lower(headers, &path.key("headers"), found);
    let absent: BTreeSet<String> =
        absent_headers.iter().map(|name| name.to_ascii_lowercase()).collect();
    for (index, name) in absent_headers.iter().enumerate() {
        if headers.contains_key(&name.to_ascii_lowercase()) {
            let message = format!("the header `{name}` is both there and absent");
            let path = path.key("absent_headers").index(index);
            found.push(Finding::value(SENT_TWICE, path, message).hint("keep one of the two"));
        }
    }
    ExampleRequest {
        method: method.clone(),
        url: url.clone(),
        headers,
        absent_headers: absent.into_iter().collect(),
        body: body(form, json, xml, text, path, found),
    }
}

fn response(
    written: &ExampleResponseSpec,
    path: &Path,
    found: &mut Vec<Finding>,
) -> ExampleResponse {
    let ExampleResponseSpec { status, headers, form, json, xml, text } = written;
    if !(200..=599).contains(status) {
        let message = format!("`{status}` is no status that ends an exchange");
        found.push(Finding::value(BAD_STATUS, path.key("status"), message).hint("use 200 to 599"));
    }
    let mut headers = lower(headers, &path.key("headers"), found);
    // Several values are a line each; the last line may end as the others do.
    for values in headers.values_mut().filter(|values| values.ends_with('\n')) {
        values.pop();
    }
    let body = body(form, json, xml, text, path, found);
    if let Some(media_type) = body.media_type() {
        let header = headers.entry("content-type".to_owned());
        header.or_insert_with(|| media_type.to_owned());
    }
    ExampleResponse { status: *status, headers, body }
}

/// The one body there is.
fn body(
    form: &Option<BTreeMap<String, String>>,
    json: &Option<serde_json::Value>,
    xml: &Option<String>,
    text: &Option<String>,
    path: &Path,
    found: &mut Vec<Finding>,
) -> ExampleBody {
    let bodies = [
        ("form", form.clone().map(ExampleBody::Form)),
        ("json", json.clone().map(ExampleBody::Json)),
        ("xml", xml.clone().map(ExampleBody::Xml)),
        ("text", text.clone().map(ExampleBody::Text)),
    ];
    let mut given = bodies.into_iter().filter_map(|(key, body)| Some((key, body?)));
    let first = given.next();
    if let (Some((first, _)), Some((second, _))) = (&first, given.next()) {
        let message = format!("there is one body on the wire: `{first}` or `{second}`");
        found.push(
            Finding::key(AMBIGUOUS_BODY, path.key(second), message).hint("keep one of the two"),
        );
    }
    first.map_or(ExampleBody::Empty, |(_, body)| body)
}

fn lower(
    written: &BTreeMap<String, String>,
    path: &Path,
    found: &mut Vec<Finding>,
) -> BTreeMap<String, String> {
    let mut headers = BTreeMap::new();
    for (name, value) in written {
        if let Some(message) = headers::token_problem(name) {
            found.push(
                Finding::key(BAD_HEADER, path.key(name), message)
                    .hint("use letters, digits and hyphens"),
            );
        }
        if headers.insert(name.to_ascii_lowercase(), value.clone()).is_some() {
            let message = format!("the header `{name}` is there twice: header names have no case");
            found.push(
                Finding::key(SENT_TWICE, path.key(name), message).hint("leave one of them out"),
            );
        }
    }
    headers
}

fn expect(written: &ExpectSpec, path: &Path, found: &mut Vec<Finding>) -> Expect {
    let ExpectSpec {
        access_token,
        access_expires,
        refresh_token,
        refresh_expires,
        scope,
        outputs,
        error,
        sign_in,
    } = written;
    if let Some(class) = *error {
        let tokens = [
            ("access_token", access_token),
            ("access_expires", access_expires),
            ("refresh_token", refresh_token),
            ("refresh_expires", refresh_expires),
            ("scope", scope),
        ];
        for (key, _) in tokens.iter().filter(|(_, value)| value.is_some()) {
            let message = format!("an error has no `{key}`");
            found.push(
                Finding::key(BAD_EXPECTATION, path.key(*key), message)
                    .hint("expect tokens or an error, not both"),
            );
        }
        // `client_misconfigured` may mean that as well: whether it does, the contract says.
        let never = !matches!(class, ErrorClass::Reauthenticate | ErrorClass::ClientMisconfigured);
        if sign_in.is_some() && never {
            let message = "`sign_in` without `error: reauthenticate`: nobody is asked to sign in";
            found.push(
                Finding::key(BAD_EXPECTATION, path.key("sign_in"), message).hint("leave it out"),
            );
        }
        return Expect::Error { class, sign_in: *sign_in };
    }
    if sign_in.is_some() {
        let message = "`sign_in` belongs to an error";
        found.push(
            Finding::key(BAD_EXPECTATION, path.key("sign_in"), message)
                .hint("write `error: reauthenticate` beside it"),
        );
    }
    if access_token.is_none() {
        let message = "the example expects neither a new access token nor an error";
        found.push(
            Finding::value(BAD_EXPECTATION, path.clone(), message)
                .hint("write `access_token` or `error`"),
        );
    }
    let mut expiry =
        |text: &Option<String>, key: &str| expected_expiry(text.as_deref()?, path.key(key), found);
    Expect::Tokens {
        access_token: access_token.clone().unwrap_or_default(),
        access_expires: expiry(access_expires, "access_expires"),
        refresh_token: refresh_token.clone(),
        refresh_expires: expiry(refresh_expires, "refresh_expires"),
        scope: scope.clone(),
        outputs: outputs.clone(),
    }
}

fn expected_expiry(text: &str, path: Path, found: &mut Vec<Finding>) -> Option<ExpectedExpiry> {
    match text {
        "never" => Some(ExpectedExpiry::Never),
        "undeclared" => Some(ExpectedExpiry::Undeclared),
        _ => instant(text, path, found).map(ExpectedExpiry::At),
    }
}
