//! The request: its URL, headers and body.

use super::json::{self, Written};
use super::{generated, is_used, value, values};
use crate::emit::names;
use minijinja::{Value, context};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use proc_macro2::TokenStream;
use quote::quote;
use rekindle_contract::contract::{
    Body, COOKIE, ClientAuth, Contract, JsonTemplate, Part, Slot, Template,
};

/// What RFC 3986 leaves unreserved stays; everything else is encoded.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Methods that are constants; others are made of their name.
const STANDARD: [&str; 9] =
    ["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "CONNECT", "PATCH", "TRACE"];

/// The method where it is a constant and not the usual one, the path where the URL is known when the client is made, and what
/// fills the request.
pub fn request(contract: &Contract) -> Value {
    let method = contract.request.method.as_str();
    let constant = (method != "POST" && STANDARD.contains(&method)).then(|| names::ident(method));
    let has_path = has_constant_url(contract) && !contract.request.is_at_whole_url();
    let path = has_path.then(|| {
        let (path, optional) = path(contract);
        let path = path.finish();
        let path = values::given(match optional.is_empty() {
            true => path,
            false => quote!(let mut path = #path; #(#optional)* path),
        });
        context! { uses_setup => is_used(&path, "setup"), body => value(path) }
    });
    let body = fill(contract);
    context! {
        method => constant.map(|name| value(quote!(kit::Method::#name))),
        path => path,
        uses_setup => is_used(&body, "setup"),
        uses_spends => is_used(&body, "spends"),
        body => value(body),
    }
}

fn fill(contract: &Contract) -> TokenStream {
    let name = contract.request.method.as_str();
    let method =
        (!STANDARD.contains(&name)).then(|| quote!(*request.method_mut() = kit::method(#name)?;));
    let url = (!has_constant_url(contract)).then(|| url(contract));
    let (made, body, headers) = (generated::values(contract), body(contract), headers(contract));
    let checks = checks_of_then(contract);
    values::given(quote!(#(#checks)* #method #made #url #body #(#headers)*))
}

/// Refuses settings that a later request cannot hold, before anything is spent.
fn checks_of_then(contract: &Contract) -> Vec<TokenStream> {
    let raw = contract.request.then.iter().filter_map(|step| match &step.auth {
        ClientAuth::Basic { username, password, form_encoded: false, .. } => {
            Some((values::text(contract, username), values::text(contract, password)))
        }
        _ => None,
    });
    raw.map(|(user, password)| quote!(kit::check_basic_raw(#user, #password)?;)).collect()
}

/// The statements that fill the request of a step, the contract of which this is: a POST request to the base URL.
pub fn step(contract: &Contract) -> TokenStream {
    let name = contract.request.method.as_str();
    let constant = names::ident(name);
    let method = match name {
        "POST" => TokenStream::new(),
        name if STANDARD.contains(&name) => quote!(*request.method_mut() = kit::Method::#constant;),
        name => quote!(*request.method_mut() = kit::method(#name)?;),
    };
    let (url, body, headers) = (url(contract), body(contract), headers(contract));
    values::given(quote!(#method #url #body #(#headers)*))
}

/// The statements that say where a request goes, behind the base URL or where an answer said.
fn url(contract: &Contract) -> TokenStream {
    let taken = contract.request.taken_url();
    if let Some(name) = taken.filter(|_| contract.request.path.parts.len() == 1) {
        if query(contract).next().is_none() {
            return quote!(kit::go_to(request, spends.taken(#name))?;);
        }
        let parameters = query(contract).map(|pair| parameter(contract, pair));
        return quote!(let mut path = spends.taken(#name).to_owned(); #(#parameters)* kit::go_to(request, &path)?;);
    }
    let (checks, (path, optional)) = (segment_checks(contract), path(contract));
    let go = if taken.is_some() { quote!(kit::go_to) } else { quote!(kit::extend_uri) };
    if optional.is_empty() {
        let path = path.borrowed();
        return quote!(#checks #go(request, #path)?;);
    }
    let path = path.finish();
    quote!(#checks let mut path = #path; #(#optional)* #go(request, &path)?;)
}

/// Refuses tokens that a path cannot hold. Parameters in it were checked when the client was made.
fn segment_checks(contract: &Contract) -> TokenStream {
    let slots = contract.request.path.slots().skip(contract.request.taken_url().iter().count());
    let tokens = slots.filter(|used| !matches!(used, Slot::Client(_)));
    let texts = tokens.map(|used| values::slot(contract, used));
    quote!(#(kit::url::check_segment(#texts)?;)*)
}

/// Whether the URL is known once the client is made: no token and no secret is in it.
fn has_constant_url(contract: &Contract) -> bool {
    let query = query(contract).map(|(_, template)| template);
    let mut templates = std::iter::once(&contract.request.path).chain(query);
    let late = |slot: &Slot| {
        matches!(slot, Slot::Value(_) | Slot::Taken(_)) || values::is_secret(contract, slot)
    };
    !templates.any(|template| template.slots().any(late))
}

/// Names and values of the query, client authentication last.
fn query(contract: &Contract) -> impl Iterator<Item = &(String, Template)> {
    let auth = match &contract.request.auth {
        ClientAuth::Query(pairs) => pairs.as_slice(),
        _ => &[],
    };
    contract.request.query.iter().chain(auth)
}

/// The expression of what follows the base URL, path and query; and the statements that add to it, as `path`, the parameters of the
/// query from the first on that may be absent.
fn path(contract: &Contract) -> (values::Format, Vec<TokenStream>) {
    let mut format = values::Format::default();
    for (index, part) in contract.request.path.parts.iter().enumerate() {
        match part {
            Part::Slot(Slot::Taken(name)) if index == 0 => {
                format.value(quote!(kit::url::directory(spends.taken(#name))));
            }
            Part::Literal(literal) => format.literal(literal),
            Part::Slot(used) => {
                let text = values::slot(contract, used);
                format.value(quote!(kit::url::path_segment(#text)));
            }
        }
    }
    let mut separator = "?";
    let query: Vec<_> = query(contract).collect();
    let first = query.iter().position(|(_, value)| contract.optional_in(value).is_some());
    let (always, rest) = query.split_at(first.unwrap_or(query.len()));
    for (name, template) in always {
        let equals = if contract.request.is_valueless(name) { "" } else { "=" };
        format.literal(&format!("{separator}{}{equals}", encode(name)));
        separator = "&";
        for part in &template.parts {
            match part {
                Part::Literal(literal) => format.literal(&encode(literal)),
                Part::Slot(used) => {
                    let text = values::slot(contract, used);
                    format.value(quote!(kit::url::query_value(#text)));
                }
            }
        }
    }
    let rest = rest.iter().map(|pair| parameter(contract, pair));
    (format, rest.collect())
}

/// The statement that adds one parameter of the query to `path`.
fn parameter(contract: &Contract, (name, template): &(String, Template)) -> TokenStream {
    if contract.request.is_valueless(name) {
        return quote!(kit::url::add_key(&mut path, #name););
    }
    let text = match contract.optional_in(template) {
        Some(parameter) => values::given_or_not(contract, parameter),
        None => {
            let text = values::text(contract, template);
            quote!(Some(#text))
        }
    };
    quote!(kit::url::add_parameter(&mut path, #name, #text);)
}

fn encode(text: &str) -> String {
    utf8_percent_encode(text, UNRESERVED).to_string()
}

/// A statement for each header that the kit does not set by itself, client authentication last.
fn headers(contract: &Contract) -> Vec<TokenStream> {
    let content_type = match contract.request.body {
        Body::Empty => None,
        Body::Form(_) => Some("application/x-www-form-urlencoded"),
        Body::Json(_) => Some("application/json"),
        Body::Xml(_) => Some("application/xml"),
    };
    let own = contract.request.headers.iter().filter(|(name, template)| match name.as_str() {
        "accept" => template.as_literal() != Some("application/json"),
        "content-type" => template.as_literal() != content_type,
        _ => true,
    });
    let mut headers: Vec<_> = own
        .map(|(name, template)| match name.as_str() {
            COOKIE => cookies(contract),
            _ => header(contract, name, template),
        })
        .collect();
    match &contract.request.auth {
        ClientAuth::Header { name, value } => headers.push(header(contract, name, value)),
        ClientAuth::Basic { username, password, form_encoded, scheme } => {
            let (user, password) =
                (values::text(contract, username), values::text(contract, password));
            headers.push(match (form_encoded, scheme) {
                (true, None) => quote!(kit::basic(request, #user, #password);),
                (true, Some(scheme)) => {
                    quote!(kit::basic_as(request, #scheme, #user, #password);)
                }
                (false, None) => quote!(kit::basic_raw(request, #user, #password)?;),
                (false, Some(scheme)) => {
                    quote!(kit::basic_raw_as(request, #scheme, #user, #password)?;)
                }
            });
        }
        ClientAuth::None | ClientAuth::Body(_) | ClientAuth::Query(_) => {}
    }
    headers
}

/// A statement for each cookie.
fn cookies(contract: &Contract) -> TokenStream {
    let cookies = contract.request.cookies();
    let cookies = cookies.iter().map(|(name, template)| {
        let (what, text) = (values::what(contract, template), values::text(contract, template));
        quote!(kit::cookie(request, #name, #what, #text)?;)
    });
    quote!(#(#cookies)*)
}

fn header(contract: &Contract, name: &str, template: &Template) -> TokenStream {
    if let Some(parameter) = contract.optional_in(template) {
        let text = values::given_or_not(contract, parameter);
        return quote!(if let Some(given) = #text { kit::header(request, #name, #parameter, given)?; });
    }
    match template.as_literal() {
        Some(literal) if literal.bytes().all(|byte| (0x20..0x7f).contains(&byte)) => {
            quote!(kit::constant(request, #name, #literal);)
        }
        _ => {
            let (what, text) = (values::what(contract, template), values::text(contract, template));
            quote!(kit::header(request, #name, #what, #text)?;)
        }
    }
}

/// The statements that fill the body.
fn body(contract: &Contract) -> TokenStream {
    let auth = match &contract.request.auth {
        ClientAuth::Body(fields) => fields.as_slice(),
        _ => &[],
    };
    match &contract.request.body {
        Body::Empty => TokenStream::new(),
        Body::Form(fields) => {
            let fields = fields.iter().chain(auth).map(|(name, template)| {
                if let Some(parameter) = contract.optional_in(template) {
                    let text = values::given_or_not(contract, parameter);
                    return quote!(.field_if_given(#name, #text));
                }
                let text = values::text(contract, template);
                quote!(.field(#name, #text))
            });
            quote!(kit::form_body(request, kit::Form::new()#(#fields)*);)
        }
        Body::Json(json) => json_body(contract, json, auth),
        Body::Xml(document) => xml_body(contract, document),
    }
}

fn xml_body(contract: &Contract, document: &Template) -> TokenStream {
    let parts = document.parts.iter().map(|part| match part {
        Part::Literal(literal) => values::appended(literal),
        Part::Slot(used) => {
            let only = Template::slot(used.clone());
            let (what, text) = (values::what(contract, &only), values::slot(contract, used));
            quote!(kit::xml_text(body, #what, #text)?;)
        }
    });
    quote!(let body = kit::xml_body(request); #(#parts)*)
}

fn json_body(contract: &Contract, json: &JsonTemplate, auth: &[(String, Template)]) -> TokenStream {
    let written = match json {
        JsonTemplate::Object(members) if !auth.is_empty() => {
            let auth = auth
                .iter()
                .map(|(name, template)| (name.clone(), JsonTemplate::Text(template.clone())));
            let all: Vec<_> = members.iter().cloned().chain(auth).collect();
            json::written(contract, &JsonTemplate::Object(all))
        }
        _ => json::written(contract, json),
    };
    let statements = match written {
        Written::Always(text) => vec![values::appended(&text)],
        Written::By(statements) => statements,
    };
    quote!(let body = kit::json_body(request); #(#statements)*)
}
