//! The context of `conformance_examples.rs.j2`.

use super::super::names;
use super::scenario::Scenario;
use super::tokens::{class, text, value};
use crate::template::{Tokens, prose};
use minijinja::{Value, context};
use proc_macro2::TokenStream;
use quote::quote;
use rekindle_contract::contract::{
    Contract, ErrorClass, Example, ExampleBody, ExampleRequest, ExampleResponse, Expect,
    ExpectedExpiry,
};

/// The context of the documented exchanges.
pub fn context(scenario: &Scenario<'_>) -> Value {
    let examples = scenario.contract.examples.iter().map(|example| one(scenario, example));
    context! { examples => examples.collect::<Vec<_>>() }
}

fn one(scenario: &Scenario<'_>, example: &Example) -> Value {
    let given = &example.given;
    let [access, refresh] = [&given.access_token, &given.refresh_token]
        .map(|token| text(token.as_deref().unwrap_or_default()));
    let (tokens, error) = match &example.expect {
        Expect::Tokens { .. } => (tokens(scenario.contract, &example.expect), Vec::new()),
        Expect::Error { class, sign_in } => (Vec::new(), vec![error(*class, *sign_in)]),
    };
    context! {
        docs => Value::from(Tokens::doc(&docs(example))),
        name => value(names::ident(&format!("example_{}", example.id.replace('-', "_")))),
        builder => value(scenario.example_builder(given)),
        credential => value(scenario.credential(&quote!(#access), &quote!(#refresh))),
        at => value(text(&given.at.to_string())),
        checks => example.request.as_ref().map(|request| value(request_checks(request))),
        answer => value(answer(&example.response)),
        tokens => tokens.into_iter().map(value).collect::<Vec<_>>(),
        error => error.into_iter().map(value).collect::<Vec<_>>(),
    }
}

fn docs(example: &Example) -> String {
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
        ExampleBody::Text(body) => {
            let body = text(body);
            quote!(.text(#body))
        }
    };
    quote!(.method(#method).url(#url)#(#headers)*#(#absent)*#body)
}

fn answer(response: &ExampleResponse) -> TokenStream {
    let status = super::tokens::number(response.status);
    let media_type = response.body.media_type();
    let implied = |name: &str, value: &str| name == "content-type" && media_type == Some(value);
    let headers = response.headers.iter().filter(|(name, value)| !implied(name, value));
    let headers = headers.map(|(name, value)| {
        let value = text(value);
        quote!(.header(#name, #value))
    });
    let body = match &response.body {
        ExampleBody::Json(json) => {
            let json = text(&json.to_string());
            quote!(.json(#json))
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
    let Expect::Tokens { access_token, access_expires, refresh_token, refresh_expires, scope } =
        expect
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
    checks
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

fn error(found: ErrorClass, sign_in: Option<rekindle_contract::contract::SignIn>) -> TokenStream {
    match (found, sign_in) {
        (ErrorClass::RateLimited, _) | (ErrorClass::Reauthenticate, None) => {
            let name = found.name();
            quote!(assert_eq!(error.class().name(), #name);)
        }
        (_, sign_in) => {
            let class =
                class(found, sign_in.unwrap_or(rekindle_contract::contract::SignIn::Unspecified));
            quote!(assert_eq!(error.class(), #class);)
        }
    }
}
