//! The documented exchanges, as literal as the provider's page.

use super::super::{docs, names, sample};
use super::tokens::{class, number, text, value};
use crate::template::prose;
use minijinja::{Value, context};
use proc_macro2::{Ident, Literal, TokenStream};
use quote::quote;
use rekindle_contract::contract::{
    Contract, ErrorClass, Example, ExampleBody, ExampleRequest, ExampleResponse, Expect,
    ExpectedExpiry, OutputKind, SPENDING, SignIn,
};

/// The test of a documented exchange.
pub struct Test {
    docs: TokenStream,
    name: Ident,
    client: TokenStream,
    credential: Option<TokenStream>,
    at: Literal,
    checks: Option<TokenStream>,
    /// What the steps before the request bring.
    taken: Option<TokenStream>,
    /// What the answers to it and behind it bring, where the one that is documented is the last.
    behind: Option<TokenStream>,
    answer: TokenStream,
    tokens: Vec<TokenStream>,
    error: Option<TokenStream>,
}

/// The test of this one.
pub fn one(contract: &Contract, example: &Example) -> Test {
    let given = &example.given;
    let client = quote!(client::);
    let (tokens, error) = match &example.expect {
        Expect::Tokens { .. } => (tokens(contract, &example.expect), None),
        Expect::Error { class, sign_in } => (Vec::new(), Some(error(*class, *sign_in))),
    };
    Test {
        docs: docs::outer(&said(example)),
        name: names::ident(&format!("example_{}", example.id.replace('-', "_"))),
        client: sample::client(contract, given, &client),
        credential: sample::credential(contract, given, &client),
        at: text(&given.at.to_string()),
        // What the client makes by chance, and what follows from it, is not what the page shows.
        checks: example
            .request
            .as_ref()
            .filter(|_| given.values.keys().all(|name| contract.taken(name).is_some()))
            .map(request_checks),
        taken: (!contract.steps.is_empty()).then(|| taken(contract, example)),
        behind: ends_behind(contract, example).then(|| taken(contract, example)),
        answer: answer(&example.response),
        tokens,
        error,
    }
}

impl Test {
    /// What its template sees.
    pub fn context(&self) -> Value {
        context! {
            docs => value(&self.docs),
            name => value(&self.name),
            client => value(&self.client),
            credential => self.credential.as_ref().map(value),
            at => value(&self.at),
            checks => self.checks.as_ref().map(value),
            taken => self.taken.as_ref().map(value),
            behind => self.behind.as_ref().map(value),
            answer => value(&self.answer),
            tokens => self.tokens.iter().map(value).collect::<Vec<_>>(),
            error => self.error.iter().map(value).collect::<Vec<_>>(),
        }
    }

    /// Its code, as far as the template does not write it; the names that the template uses come first.
    pub fn tokens(&self) -> impl Iterator<Item = TokenStream> + '_ {
        let expect = self.checks.as_ref().map(|_| quote!(at answer expect));
        let always = expect.unwrap_or_else(|| quote!(at answer));
        std::iter::once(always).chain(self.tokens.iter().cloned()).chain(self.error.clone())
    }
}

/// Whether the documented answer is one to a request behind that which spends the credential.
fn ends_behind(contract: &Contract, example: &Example) -> bool {
    let is_refused = matches!(example.expect, Expect::Error { .. });
    let told = example.answers.contains_key(SPENDING);
    !contract.request.then.is_empty() && (told || !is_refused)
}

fn taken(contract: &Contract, example: &Example) -> TokenStream {
    let is_told = |name: &str| {
        name.split_once('.').is_some_and(|(step, _)| example.answers.contains_key(step))
    };
    let given = &example.given.values;
    let given = given.iter().filter(|(name, _)| contract.taken(name).is_some() && !is_told(name));
    let given = given.map(|(name, value)| (name, value.clone()));
    let whole = example.answers.iter().map(|(step, answer)| (step, answer.to_string()));
    let taken = given.chain(whole).map(|(name, value)| {
        let value = text(&value);
        quote!((#name, #value))
    });
    quote!(&[#(#taken),*])
}

fn said(example: &Example) -> String {
    let what = example.doc.as_deref().map_or_else(|| "A documented exchange.".to_owned(), prose);
    format!("{what}\n\n`rekindle explain example`")
}

fn request_checks(request: &ExampleRequest) -> TokenStream {
    let (method, url) = (&request.method, text(&request.url));
    let headers = request.headers.iter().map(|(name, value)| {
        let value = text(value);
        quote!(.header(#name, #value))
    });
    let absent = request.absent_headers.iter().map(|name| quote!(.no_header(#name)));
    let body = match &request.body {
        ExampleBody::Empty => quote!(.text("")),
        ExampleBody::Form(fields) => {
            let fields = fields.iter().map(|(name, value)| quote!((#name, #value)));
            quote!(.form(&[#(#fields),*]))
        }
        ExampleBody::Json(json) => {
            let json = text(&json.to_string());
            quote!(.json(#json))
        }
        ExampleBody::Xml(body) => {
            let body = text(body);
            quote!(.xml(#body))
        }
        ExampleBody::Text(body) => {
            let body = text(body);
            quote!(.text(#body))
        }
    };
    // A contract sorts the parameters of a query, which a page may show in another order.
    let whole = names::ident(if request.url.contains('&') { "url_in_any_order" } else { "url" });
    quote!(.method(#method).#whole(#url)#(#headers)*#(#absent)*#body)
}

fn answer(response: &ExampleResponse) -> TokenStream {
    let status = number(response.status);
    let media_type = response.body.media_type();
    let implied = |name: &str, value: &str| name == "content-type" && media_type == Some(value);
    let headers = response.headers.iter().filter(|(name, value)| !implied(name, value));
    let headers = headers.flat_map(|(name, values)| {
        values.split('\n').map(move |value| {
            let value = text(value);
            quote!(.header(#name, #value))
        })
    });
    let body = match &response.body {
        ExampleBody::Json(json) => {
            let json = text(&json.to_string());
            quote!(.json(#json))
        }
        ExampleBody::Xml(body) => {
            let body = text(body);
            quote!(.xml(#body))
        }
        ExampleBody::Text(body) => {
            let body = text(body);
            quote!(.body(#body))
        }
        ExampleBody::Form(_) => {
            let form = text(&response.body.wire());
            quote!(.form(#form))
        }
        ExampleBody::Empty => quote!(.empty()),
    };
    quote!(answer(#status)#(#headers)*#body)
}

fn tokens(contract: &Contract, expect: &Expect) -> Vec<TokenStream> {
    let Expect::Tokens {
        access_token,
        access_expires,
        refresh_token,
        refresh_expires,
        scope,
        outputs,
    } = expect
    else {
        return Vec::new();
    };
    let (access, token) = (names::ident(&contract.access.name), text(access_token));
    let mut checks = vec![quote!(assert_eq!(tokens.#access.expose(), #token);)];
    checks.extend(
        access_expires.map(expiry).map(|end| quote!(assert_eq!(tokens.#access.expiry(), #end);)),
    );
    if let Some(refresh) = &contract.refresh {
        let field = names::ident(&refresh.name);
        checks.extend(refresh_token.as_ref().map(|token| {
            let token = text(token);
            quote!(assert_eq!(tokens.#field.expose(), #token);)
        }));
        checks.extend(
            refresh_expires
                .map(expiry)
                .map(|end| quote!(assert_eq!(tokens.#field.expiry(), #end);)),
        );
    }
    checks.extend(
        scope.as_ref().map(|scope| quote!(assert_eq!(tokens.scope.as_deref(), Some(#scope));)),
    );
    checks.extend(outputs.iter().filter_map(|(name, expected)| output(contract, name, expected)));
    checks
}

/// The check of an output; JSON is compared by its structure, by a check that all clients share.
fn output(contract: &Contract, name: &str, expected: &serde_json::Value) -> Option<TokenStream> {
    let output = contract.response.outputs.get(name)?;
    let field = names::ident(name);
    let field = quote!(tokens.outputs.#field);
    Some(match (output.kind, expected) {
        (OutputKind::Json, _) => return None,
        (_, serde_json::Value::String(expected)) if output.secret => {
            let expected = text(expected);
            quote!(assert_eq!(#field.as_ref().map(kit::Secret::expose), Some(#expected));)
        }
        (_, serde_json::Value::String(expected)) => {
            let expected = text(expected);
            quote!(assert_eq!(#field.as_deref(), Some(#expected));)
        }
        (_, serde_json::Value::Bool(expected)) => quote!(assert_eq!(#field, Some(#expected));),
        (_, expected) => {
            let expected = Literal::i64_unsuffixed(expected.as_i64()?);
            quote!(assert_eq!(#field, Some(#expected));)
        }
    })
}

fn expiry(expiry: ExpectedExpiry) -> TokenStream {
    match expiry {
        ExpectedExpiry::At(instant) => {
            let instant = instant.to_string();
            quote!(Expiry::At(at(#instant)))
        }
        ExpectedExpiry::Never => quote!(Expiry::Never),
        ExpectedExpiry::Undeclared => quote!(Expiry::Undeclared),
    }
}

fn error(found: ErrorClass, sign_in: Option<SignIn>) -> TokenStream {
    match (found, sign_in) {
        (ErrorClass::RateLimited, _) | (ErrorClass::Reauthenticate, None) => {
            let name = found.name();
            quote!(assert_eq!(error.class().name(), #name);)
        }
        (_, sign_in) => {
            let class = class(found, sign_in.unwrap_or(SignIn::Unspecified));
            quote!(assert_eq!(error.class(), #class);)
        }
    }
}
