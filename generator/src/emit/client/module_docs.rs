//! The documentation of the module, of the client and of the exchange.

use super::value;
use crate::emit::{docs, names};
use minijinja::{Value, context};
use rekindle_contract::contract::{Contract, Credential, Operation, Source};

/// The documentation that depends on the contract as a whole.
pub fn docs(contract: &Contract, module: Option<&str>) -> Value {
    context! {
        module => value(docs::inner(&self::module(contract, module))),
        client => value(docs::outer(&client(contract))),
        refresh => value(docs::outer(&refresh(contract))),
    }
}

fn module(contract: &Contract, module: Option<&str>) -> String {
    let provider = &contract.provider;
    let mut text = format!("{}: {}.\n", docs::inline(&provider.name), what_it_does(contract));
    if let Some(summary) = &provider.summary {
        text += &format!("\n{}\n", docs::sentence(summary));
    }
    if let Some(like) = &contract.origin.like {
        text += &format!("\nIt is like {}, except for what its spec says.\n", docs::code(like));
    }
    if let Some(variant) = &contract.origin.variant {
        let file = docs::code(&contract.origin.file);
        text += &format!("\nIt is the variant {} of {file}.\n", docs::code(variant));
    }
    text += &match &provider.source {
        Some(source) => format!("\nAs documented in {}. ", source_line(source)),
        None => "\n".to_owned(),
    };
    let id = &provider.id;
    text += &match module {
        Some(_) => {
            format!("What its page says, leaves open and contradicts is in `docs/{id}.md`.\n")
        }
        None => {
            let file = docs::code(&contract.origin.file);
            format!("What is documented, inferred and unknown is in {file}.\n")
        }
    };
    text + "\n" + &example(contract, module)
}

fn source_line(source: &Source) -> String {
    // A title may quote another one, and stands in quotes itself.
    let title = source.title.replace('"', "'");
    let title = match &source.url {
        Some(url) => docs::link(&format!("\"{title}\""), url),
        None => format!("\"{}\"", docs::inline(&title)),
    };
    match &source.retrieved {
        Some(day) => format!("{title}, read on {day}"),
        None => title,
    }
}

/// An exchange, as code that compiles. Where the path of the client is not known, it is not compiled with the documentation.
fn example(contract: &Contract, module: Option<&str>) -> String {
    let id = names::ident(&contract.provider.id);
    let (fence, path) = match module {
        Some(path) => ("no_run", path),
        None => ("ignore", "crate"),
    };
    let is_local = contract.request.operation.is_local();
    let place = match contract.base.environments.first() {
        Some(first) => {
            let held = contract.parameters_of(first).map(|(name, _)| {
                format!("{}: \"your {}\".into()", names::ident(name), names::words(name))
            });
            let held: Vec<_> = held.collect();
            let held = match held.is_empty() {
                true => String::new(),
                false => format!(" {{ {} }}", held.join(", ")),
            };
            format!("{id}::Environment::{}{held}", names::type_ident(&first.name))
        }
        None if contract.request.is_at_whole_url() => {
            "\"https://provider.example/oauth/token\"".to_owned()
        }
        None => "\"https://provider.example\"".to_owned(),
    };
    let mut given = if is_local { Vec::new() } else { vec![place] };
    let settings = contract
        .client
        .iter()
        .filter(|(name, parameter)| parameter.is_required() && !contract.is_of_environment(name));
    let settings: String = settings
        .map(|(name, _)| {
            format!("    {}: \"your {}\".into(),\n", names::ident(name), names::words(name))
        })
        .collect();
    let mut code = format!("use {path}::{id};\n\n");
    if !is_local {
        code += "# use rekindle_runtime::http::{Request, Response};\n\
                 # fn send(_: Request<Vec<u8>>) -> Response<Vec<u8>> { Response::default() }\n";
    }
    if !contract.request.then.is_empty() {
        code += "# fn store(_: rekindle_runtime::Grant) {}\n";
    }
    code += "# fn main() -> Result<(), Box<dyn std::error::Error>> {\n";
    if !is_local {
        code += "# let started_at = std::time::SystemTime::UNIX_EPOCH;\n";
    }
    if !settings.is_empty() {
        code += &format!("let settings = {id}::Settings {{\n{settings}}};\n");
        given.push("settings".to_owned());
    }
    if contract.client.values().any(|parameter| !parameter.is_required()) {
        given.push(format!("{id}::Options::default()"));
    }
    let given = given.join(", ");
    if is_local {
        code += &format!(
            "let client = {id}::Client::new({given})?;\n\
             let token = client.mint()?; // It begins now; `mint_at` goes by your clock.\n# Ok(()) }}\n"
        );
        return format!("```{fence}\n{code}```\n");
    }
    let (held, request) = match held(contract, &id.to_string()) {
        Some(held) => (format!("let held = {held};\n"), "refresh_request(held, started_at)"),
        None => (String::new(), "mint_request(started_at)"),
    };
    code += &format!(
        "let client = {id}::Client::new({given})?;\n{held}\
         {}# Ok(()) }}\n",
        exchange(contract, request),
    );
    format!("```{fence}\n{code}```\n")
}

/// The exchange that `request` begins, as code: one request, or as many as the contract says.
fn exchange(contract: &Contract, request: &str) -> String {
    let then = !contract.request.then.is_empty();
    if contract.steps.is_empty() && !then {
        return format!(
            "let (request, pending) = client.{request}?; // By your clock.\n\
             let tokens = pending.finish(send(request))?; // Over your socket.\n"
        );
    }
    let (progress, reads) = match contract.request.operation.mints() {
        true => ("rekindle_runtime::kit::MintProgress", ""),
        false => ("rekindle_runtime::Progress", "use rekindle_runtime::PendingRefresh as _;\n"),
    };
    let next = match then {
        false => "Progress::Next(next, waiting) => (request, pending) = (next, waiting),",
        true => {
            "Progress::Next(next, waiting) => {\n            \
                 if let Some(replacement) = waiting.replacement() {\n                \
                     store(replacement); // The token that was held is spent by now.\n            \
                 }\n            \
                 (request, pending) = (next, waiting);\n        \
             }"
        }
    };
    format!(
        "use {progress} as Progress;\n{reads}\
         let (mut request, mut pending) = client.{request}?; // By your clock.\n\
         let tokens = loop {{ // An exchange takes several requests.\n    \
             match pending.proceed(send(request)) {{ // Over your socket.\n        \
                 Progress::Done(tokens) => break tokens?,\n        \
                 {next}\n    \
             }}\n\
         }};\n"
    )
}

/// The expression of what is held, as code; `None` where that is nothing.
fn held(contract: &Contract, id: &str) -> Option<String> {
    let token = |name: &str| format!("{id}::{}::new(\"from signing in\")", names::type_ident(name));
    Some(match (contract.credential(), &contract.refresh) {
        (Credential::Nothing, _) => return None,
        (Credential::RefreshToken, Some(refresh)) => token(&refresh.name),
        (Credential::Both, Some(refresh)) => {
            let field = |name: &str| format!("    {}: {},\n", names::ident(name), token(name));
            let fields = field(&contract.access.name) + &field(&refresh.name);
            format!("{id}::Credential {{\n{fields}}}")
        }
        _ => token(&contract.access.name),
    })
}

/// What an exchange trades for what.
pub fn what_it_does(contract: &Contract) -> String {
    let access = names::words(&contract.access.name);
    let refresh =
        contract.refresh.as_ref().map(|refresh| names::words(&refresh.name)).unwrap_or_default();
    match contract.credential() {
        Credential::AccessToken if contract.response.access_token.is_unchanged() => {
            format!("prolongs the life of the current {access}")
        }
        Credential::Both if contract.response.access_token.is_unchanged() => {
            format!("prolongs the life of the current {access}, with a {refresh} beside it")
        }
        Credential::RefreshToken => format!("trades a {refresh} for a new {access}"),
        Credential::Both => {
            format!("trades a {refresh}, with the current {access} beside it, for a new {access}")
        }
        Credential::AccessToken => format!("renews the current {access}"),
        Credential::Nothing => {
            let brought = match contract.request.operation {
                Operation::SignIn => "stored sign-in secrets",
                Operation::Assertion => "an assertion",
                Operation::Local => return format!("makes and signs {}", with_article(&access)),
                _ => "the client's own credentials",
            };
            format!("mints {} with {brought}", with_article(&access))
        }
    }
}

fn with_article(noun: &str) -> String {
    let article = if noun.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    format!("{article} {noun}")
}

fn client(contract: &Contract) -> String {
    let name = docs::inline(&contract.provider.name);
    if contract.request.operation.is_local() {
        let access = names::type_ident(&contract.access.name);
        return format!(
            "A client of {name}: it makes and signs an [`{access}`] as often as you ask, and sends nothing. Cheap to clone."
        );
    }
    let does = match names::credential(contract) {
        Some(spends) => format!("it spends a [`{spends}`] and brings [`Tokens`]"),
        None => "it brings [`Tokens`] as often as you ask, and spends none".to_owned(),
    };
    let does = match &contract.fallback {
        Some(_) => does + ". Where there is none, [`mint`](Self::mint) brings them",
        None => does,
    };
    format!("A client of {name}: {does}. Cheap to clone; it knows no socket and no clock.")
}

/// What the request does that brings tokens where a refresh cannot.
pub fn fallback(minting: &Contract) -> String {
    let request = docs::code(&crate::describe::request(minting));
    let mut text = format!("What brings tokens where a refresh cannot: {request}.");
    if let Some(limit) = crate::describe::accepted(minting) {
        text += &format!("\n\n{limit}");
    }
    text
}

fn refresh(contract: &Contract) -> String {
    let request = docs::code(&crate::describe::request(contract));
    let mut text = format!("The {}: {request}.", crate::describe::exchange(contract));
    if let Some(when) = crate::describe::accepted(contract) {
        text += &format!("\n\n{when}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{Source, source_line};

    #[test]
    fn a_title_that_quotes_another_stands_in_quotes() {
        let source = |url: Option<&str>| Source {
            title: r#"Tokens, in "Guides""#.to_owned(),
            url: url.map(str::to_owned),
            retrieved: None,
        };
        assert_eq!(source_line(&source(None)), r#""Tokens, in 'Guides'""#);
        let linked = source_line(&source(Some("https://acme.example/")));
        assert_eq!(linked, r#"["Tokens, in 'Guides'"](https://acme.example/)"#);
    }
}
