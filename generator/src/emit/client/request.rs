//! The request: checks, body, method, URL and headers.

use super::{classify, facts, value, values};
use crate::emit::{names, sample};
use minijinja::{Value, context};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use proc_macro2::{Literal, TokenStream};
use quote::quote;
use rekindle_contract::contract::{
    Body, ClientAuth, Contract, Credential, JsonTemplate, Part, RefreshWhen, Slot, Template,
};

/// What RFC 3986 leaves unreserved stays; everything else is encoded.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The parts of `Client::request`.
pub fn request(contract: &Contract) -> Value {
    let headers = headers(contract).into_iter();
    let headers: Vec<Value> =
        headers.map(|(name, code)| context! { name => value(name), long => is_long(&code), value => value(code) }).collect();
    context! {
        checks => value(checks(contract)),
        body => value(body(contract)),
        method => value(method(contract)),
        uri => value(uri(contract)),
        headers => headers,
    }
}

/// Whether an expression reads better on a line of its own.
fn is_long(code: &TokenStream) -> bool {
    code.to_string().len() > 60
}

/// Everything that this module emits, for the imports.
pub fn all_tokens(contract: &Contract) -> TokenStream {
    let headers = headers(contract).into_iter().map(|(_, code)| code);
    let parts =
        [checks(contract), body(contract), method(contract), uri(contract), window_check(contract)];
    quote!(#(#parts)* #(#headers)*)
}

/// Refuses credentials that cannot be sent.
fn checks(contract: &Contract) -> TokenStream {
    let mut statements = TokenStream::new();
    let spent = contract.credential();
    if spent != Credential::RefreshToken {
        let (held, what) =
            (names::held(contract, &contract.access.name), names::words(&contract.access.name));
        statements.extend(quote!(#held.secret.check(#what)?;));
    }
    if let (Some(refresh), Credential::RefreshToken | Credential::Both) = (&contract.refresh, spent)
    {
        let (held, what) = (names::held(contract, &refresh.name), names::words(&refresh.name));
        statements.extend(quote!(#held.secret.check(#what)?;));
        if let Some(bytes) = refresh.max_length {
            let bytes = Literal::u32_unsuffixed(bytes);
            statements.extend(quote!(parameter::max_length(#what, #held.expose(), #bytes)?;));
        }
    }
    statements.extend(segment_checks(contract));
    statements
}

/// Refuses tokens that a path cannot hold. Parameters in it were checked when the client was built.
fn segment_checks(contract: &Contract) -> TokenStream {
    let slots = contract.request.path.slots();
    let tokens = slots.filter(|used| !matches!(used, Slot::Client(_)));
    let texts = tokens.map(|used| values::slot(contract, used));
    quote!(#(url::check_segment(#texts)?;)*)
}

/// Answers without a request where the provider is known to refuse it.
pub fn window_check(contract: &Contract) -> TokenStream {
    if contract.credential() == Credential::RefreshToken {
        return TokenStream::new();
    }
    let access = names::held(contract, &contract.access.name);
    let (_, credential) = names::credential(contract);
    let too_early = quote! {
        return Err(RefreshError::unspent(Error::too_early().for_provider(NAME), #credential));
    };
    match contract.request.when {
        RefreshWhen::AnyTime | RefreshWhen::Unknown => TokenStream::new(),
        RefreshWhen::BeforeExpiry => {
            let how = classify::sign_in_again(contract);
            quote! {
                if #access.expiry().has_passed(started_at) {
                    return Err(RefreshError::spent(Error::expired(#how).for_provider(NAME)));
                }
            }
        }
        RefreshWhen::NearExpiry(lead) => {
            let lead = facts::duration(lead);
            quote! {
                if #access.expiry().remaining(started_at).is_some_and(|left| left > #lead) {
                    #too_early
                }
            }
        }
        RefreshWhen::AfterExpiry => quote! {
            if #access.expiry().at().is_some_and(|end| started_at < end) {
                #too_early
            }
        },
    }
}

fn method(contract: &Contract) -> TokenStream {
    const STANDARD: [&str; 9] =
        ["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "CONNECT", "PATCH", "TRACE"];
    let name = contract.request.method.as_str();
    if STANDARD.contains(&name) {
        let name = names::ident(name);
        quote!(Method::#name)
    } else {
        quote!(method(#name)?)
    }
}

/// The templates of the URL behind the base.
pub fn url_templates(contract: &Contract) -> Vec<&Template> {
    let query = contract.request.query.iter().map(|(_, template)| template);
    let auth = match &contract.request.auth {
        ClientAuth::Query(pairs) => pairs.as_slice(),
        _ => &[],
    };
    std::iter::once(&contract.request.path)
        .chain(query)
        .chain(auth.iter().map(|(_, template)| template))
        .collect()
}

/// Whether the URL is known once the client is built: no token and no secret is in it.
pub fn has_constant_url(contract: &Contract) -> bool {
    !url_templates(contract)
        .iter()
        .any(|template| template.slots().any(|slot| values::is_secret(contract, slot)))
}

fn uri(contract: &Contract) -> TokenStream {
    if has_constant_url(contract) {
        return quote!(self.endpoint.clone());
    }
    let url = url(contract, &quote!(self.base), |slot| values::slot(contract, slot));
    quote!(#url?)
}

/// `uri(format!(…))`: the base, the path, the query.
pub fn url(
    contract: &Contract,
    base: &TokenStream,
    slot: impl Fn(&Slot) -> TokenStream,
) -> TokenStream {
    let mut format = "{}".to_owned();
    let mut arguments = vec![quote!(#base.as_str())];
    for part in &contract.request.path.parts {
        match part {
            Part::Literal(literal) => format.push_str(&values::escape_format(literal)),
            Part::Slot(used) => {
                let text = slot(used);
                format.push_str("{}");
                arguments.push(quote!(url::path_segment(#text)));
            }
        }
    }
    let mut separator = '?';
    let auth = match &contract.request.auth {
        ClientAuth::Query(pairs) => pairs.as_slice(),
        _ => &[],
    };
    for (name, template) in contract.request.query.iter().chain(auth) {
        format.push(separator);
        separator = '&';
        format.push_str(&values::escape_format(&encode(name)));
        format.push('=');
        for part in &template.parts {
            match part {
                Part::Literal(literal) => format.push_str(&values::escape_format(&encode(literal))),
                Part::Slot(used) => {
                    let text = slot(used);
                    format.push_str("{}");
                    arguments.push(quote!(url::query_value(#text)));
                }
            }
        }
    }
    quote!(uri(format!(#format, #(#arguments),*)))
}

fn encode(text: &str) -> String {
    utf8_percent_encode(text, UNRESERVED).to_string()
}

/// Name and value of each header, client authentication last.
fn headers(contract: &Contract) -> Vec<(TokenStream, TokenStream)> {
    let mut headers: Vec<_> = contract
        .request
        .headers
        .iter()
        .map(|(name, value)| header(contract, name, value))
        .collect();
    match &contract.request.auth {
        ClientAuth::Header { name, value } => headers.push(header(contract, name, value)),
        ClientAuth::Basic { username, password, form_encoded } => {
            let (user, password) =
                (values::text(contract, username), values::text(contract, password));
            let code = if *form_encoded {
                quote!(basic(#user, #password))
            } else {
                quote!(basic_raw(#user, #password)?)
            };
            headers.push((quote!("authorization"), code));
        }
        ClientAuth::None | ClientAuth::Body(_) | ClientAuth::Query(_) => {}
    }
    headers
}

fn header(contract: &Contract, name: &str, template: &Template) -> (TokenStream, TokenStream) {
    let code = match template.as_literal() {
        Some(literal) if literal.bytes().all(|byte| (0x20..0x7f).contains(&byte)) => {
            quote!(HeaderValue::from_static(#literal))
        }
        _ => {
            let (what, text) = (values::what(contract, template), values::text(contract, template));
            quote!(header_value(#what, #text)?)
        }
    };
    (quote!(#name), code)
}

/// `let body = …;`
fn body(contract: &Contract) -> TokenStream {
    let auth = match &contract.request.auth {
        ClientAuth::Body(fields) => fields.as_slice(),
        _ => &[],
    };
    match &contract.request.body {
        Body::Empty => quote!(let body = Vec::new();),
        Body::Form(fields) => {
            let fields = fields.iter().chain(auth).map(|(name, template)| {
                let text = values::text(contract, template);
                quote!(form.field(#name, #text);)
            });
            quote! {
                let mut form = Form::new();
                #(#fields)*
                let body = form.finish();
            }
        }
        Body::Json(json) => json_body(contract, json, auth),
    }
}

/// A piece of a JSON body.
enum Piece {
    /// Bytes as they are.
    Constant(String),
    /// A text that depends on a value, and about how long it is.
    Text(TokenStream, TokenStream),
}

fn json_body(contract: &Contract, json: &JsonTemplate, auth: &[(String, Template)]) -> TokenStream {
    let mut pieces = Pieces { contract, pieces: Vec::new(), constant: String::new() };
    match json {
        JsonTemplate::Object(members) if !auth.is_empty() => {
            let auth = auth
                .iter()
                .map(|(name, template)| (name.clone(), JsonTemplate::Text(template.clone())));
            let all: Vec<_> = members.iter().cloned().chain(auth).collect();
            pieces.value(&JsonTemplate::Object(all));
        }
        _ => pieces.value(json),
    }
    let pieces = pieces.finish();
    let constant: usize = pieces
        .iter()
        .map(|piece| if let Piece::Constant(text) = piece { text.len() } else { 2 })
        .sum();
    let constant = Literal::usize_unsuffixed(constant);
    let lengths = pieces.iter().filter_map(|piece| match piece {
        Piece::Text(_, length) => Some(quote!(+ #length)),
        Piece::Constant(_) => None,
    });
    let writes = pieces.iter().map(|piece| match piece {
        Piece::Constant(text) => {
            let bytes = bytes(text);
            quote!(body.extend_from_slice(#bytes);)
        }
        Piece::Text(text, _) => quote!(json_string(&mut body, #text);),
    });
    quote! {
        let mut body = Vec::with_capacity(#constant #(#lengths)*);
        #(#writes)*
    }
}

/// `br#"…"#` where that reads better than escapes.
fn bytes(text: &str) -> TokenStream {
    let raw = format!("br#\"{text}\"#");
    let readable =
        text.is_ascii() && text.contains('"') && !text.contains("\"#") && sample::is_seen(text);
    if readable && let Ok(literal) = raw.parse::<Literal>() {
        return quote!(#literal);
    }
    let literal = Literal::byte_string(text.as_bytes());
    quote!(#literal)
}

struct Pieces<'a> {
    contract: &'a Contract,
    pieces: Vec<Piece>,
    constant: String,
}

impl Pieces<'_> {
    fn value(&mut self, json: &JsonTemplate) {
        match json {
            JsonTemplate::Constant(constant) => self.constant.push_str(&constant.to_string()),
            JsonTemplate::Text(template) => self.text(template),
            JsonTemplate::List(items) => {
                self.constant.push('[');
                for (position, item) in items.iter().enumerate() {
                    self.separate(position);
                    self.value(item);
                }
                self.constant.push(']');
            }
            JsonTemplate::Object(members) => {
                self.constant.push('{');
                for (position, (name, member)) in members.iter().enumerate() {
                    self.separate(position);
                    self.constant.push_str(&json_text(name));
                    self.constant.push(':');
                    self.value(member);
                }
                self.constant.push('}');
            }
        }
    }

    fn text(&mut self, template: &Template) {
        if let Some(literal) = template.as_literal() {
            self.constant.push_str(&json_text(literal));
            return;
        }
        self.flush();
        let lengths = template.slots().map(|slot| values::length(self.contract, slot));
        self.pieces.push(Piece::Text(values::text(self.contract, template), quote!(#(#lengths)+*)));
    }

    fn separate(&mut self, position: usize) {
        if position > 0 {
            self.constant.push(',');
        }
    }

    fn flush(&mut self) {
        if !self.constant.is_empty() {
            self.pieces.push(Piece::Constant(std::mem::take(&mut self.constant)));
        }
    }

    fn finish(mut self) -> Vec<Piece> {
        self.flush();
        self.pieces
    }
}

fn json_text(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
