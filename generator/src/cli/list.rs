//! `rekindle list`

use super::args::{Amount, Format, List};
use super::check::load;
use super::console;
use super::project::Project;
use super::{Outcome, Stop};
use crate::describe;
use crate::input::Specs;
use rekindle_contract::contract::{Contract, RefreshToken, SignIn};
use serde_json::{Value, json};

pub(super) fn run(arguments: &List, amount: Amount) -> Result<Outcome, Stop> {
    let specs = Specs::check(load(&Project::find_specs(&arguments.specs)?)?)?;
    console::diagnostics(&specs.lints, &specs.sources);
    let text = match arguments.format {
        Format::Human => match amount {
            Amount::Quiet => ids(&specs.contracts).map(|id| format!("{id}\n")).collect(),
            Amount::Usual => table(&specs.contracts, |_| String::new()),
            Amount::Verbose => table(&specs.contracts, places),
        },
        Format::Json if amount == Amount::Quiet => {
            console::json(&ids(&specs.contracts).collect::<Value>())
        }
        Format::Json => {
            let list: Vec<Value> = specs.contracts.iter().map(object).collect();
            console::json(&Value::from(list))
        }
    };
    console::data(&text)?;
    Ok(Outcome::Done)
}

fn ids(contracts: &[Contract]) -> impl Iterator<Item = &str> {
    contracts.iter().map(|contract| contract.provider.id.as_str())
}

/// Where a provider is, and where its facts come from.
fn places(contract: &Contract) -> String {
    let mut text = format!("  spec: {}\n", contract.origin.file);
    for environment in &contract.base.environments {
        text += &format!("  {}: {}\n", environment.name, environment.url);
    }
    let source = contract.provider.source.as_ref();
    if let Some(url) = source.and_then(|source| source.url.as_ref()) {
        text += &format!("  page: {url}\n");
    }
    text
}

/// Columns as wide as what they hold, the last one free; `below` each line, what else there is to say of the provider.
fn table(contracts: &[Contract], below: fn(&Contract) -> String) -> String {
    let rows: Vec<[String; 4]> = contracts.iter().map(row).collect();
    let width = |column: usize| {
        rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default()
    };
    let (id, request, spends) = (width(0), width(1), width(2));
    let line = |row: &[String; 4]| {
        format!("{:id$}  {:request$}  {:spends$}  {}\n", row[0], row[1], row[2], row[3])
    };
    rows.iter().zip(contracts).map(|(row, contract)| line(row) + &below(contract)).collect()
}

fn row(contract: &Contract) -> [String; 4] {
    let refresh = match &contract.refresh {
        Some(refresh) => format!("; refresh token: {}", refresh.label()),
        None => "; no refresh token".to_owned(),
    };
    [
        contract.provider.id.clone(),
        describe::request(contract),
        format!("takes {}", contract.credential().label()),
        format!("access token: {}{refresh}", contract.access.label()),
    ]
}

fn object(contract: &Contract) -> Value {
    let environments: Vec<&str> =
        contract.base.environments.iter().map(|environment| environment.name.as_str()).collect();
    json!({
        "id": contract.provider.id,
        "name": contract.provider.name,
        "spec": contract.origin.file,
        "method": contract.request.method,
        "path": contract.request.path.to_string(),
        "environments": environments,
        "takes": contract.credential().label(),
        "access_token": contract.access.label(),
        "refresh_token": contract.refresh.as_ref().map(RefreshToken::label),
        "sign_in": contract.signs_in_by().map(SignIn::label),
    })
}
