//! `rekindle list`

use super::args::{Format, List};
use super::console;
use super::project::Project;
use super::{Outcome, Stop};
use crate::describe;
use crate::input::Specs;
use rekindle_contract::contract::{Contract, RefreshToken, SignIn};
use serde_json::{Value, json};

pub(super) fn run(arguments: &List) -> Result<Outcome, Stop> {
    let specs = Specs::read(&Project::find()?.specs(arguments.specs.as_deref())?)?;
    console::diagnostics(&specs.lints, &specs.sources);
    let text = match arguments.format {
        Format::Human => table(&specs.contracts),
        Format::Json => {
            let list: Vec<Value> = specs.contracts.iter().map(object).collect();
            console::json(&Value::from(list))
        }
    };
    console::data(&text)?;
    Ok(Outcome::Done)
}

/// Columns as wide as what they hold, the last one free.
fn table(contracts: &[Contract]) -> String {
    let rows: Vec<[String; 4]> = contracts.iter().map(row).collect();
    let width = |column: usize| {
        rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default()
    };
    let (id, request, spends) = (width(0), width(1), width(2));
    let line = |row: &[String; 4]| {
        format!("{:id$}  {:request$}  {:spends$}  {}\n", row[0], row[1], row[2], row[3])
    };
    rows.iter().map(line).collect()
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
