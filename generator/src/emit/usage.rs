//! How a client is used, in a few lines of Rust for its page.

use super::{names, sample};
use quote::quote;
use rekindle_contract::contract::Contract;

/// One exchange over a transport with a client of this package, formatted; none where the contract documents none.
pub(crate) fn rust(contract: &Contract, package: &str) -> Option<String> {
    let mut given = sample::best(contract)?.given.clone();
    for (name, value) in &mut given.client {
        if contract.signs_with(name).is_some() {
            "the private key".clone_into(value);
        }
    }
    given.access_token = Some("the access token".to_owned());
    given.refresh_token = Some("the refresh token".to_owned());
    let module = names::ident(&contract.provider.id);
    let path = quote!(#module::);
    let client = sample::client(contract, &given, &path);
    let exchange = match sample::credential(contract, &given, &path) {
        Some(credential) => quote!(client.refresh(&transport, #credential)),
        None => quote!(client.mint(&transport)),
    };
    let package = names::ident(package);
    let source = quote! {
        use #package::runtime::ReqwestTransport;
        use #package::#module;
        async fn usage() {
            let transport = ReqwestTransport::new()?;
            let client = #client?;
            let tokens = #exchange.await?;
        }
    };
    let text = crate::format::format(&source.to_string()).ok()?;
    // The function is there to be formatted: a page shows what is in it.
    let lines = text.lines().filter(|line| !line.starts_with("async fn") && *line != "}");
    let lines = lines.map(|line| line.strip_prefix("    ").unwrap_or(line).to_owned() + "\n");
    Some(lines.collect())
}
