//! Who the provider is and where it lives.

use super::vary;
use crate::mutation::Mutants;
use crate::operator::Operator;
use rekindle_contract::contract::{Base, Environment, Part, Provider, Template};

/// The provider's name. Its id is the module's name; the rest is documentation.
pub fn provider(mutants: &mut Mutants<'_>, provider: &Provider) {
    let Provider { id: _, name, summary: _, source: _ } = provider;
    let other = format!("{name}x");
    mutants.add(Operator::ProviderName, "provider.name", name, &other, |contract| {
        contract.provider.name.clone_from(&other)
    });
}

/// The documented hosts, and whether there may be others.
pub fn base(mutants: &mut Mutants<'_>, base: &Base) {
    let Base { environments, integrator } = base;
    for (index, environment) in environments.iter().enumerate() {
        // The names are those of the variants.
        let Environment { name, url, doc: _ } = environment;
        let others =
            environments.iter().filter(|other| other.name != *name).map(|other| other.url.clone());
        let variants = vary::templates(mutants.contract, url).into_iter();
        // A host has no case.
        let variants =
            variants.filter(|variant| !variant.to_string().eq_ignore_ascii_case(&url.to_string()));
        for variant in variants.chain(urls(url)).chain(others) {
            let fact = format!("base.environments[{name}].url");
            mutants.add(Operator::BaseUrl, fact, url, &variant, |contract| {
                contract.base.environments[index].url.clone_from(&variant)
            });
        }
    }
    if !environments.is_empty() {
        let fact = "base.integrator";
        mutants.add(Operator::Integrator, fact, integrator, !integrator, |contract| {
            contract.base.integrator = !integrator
        });
    }
}

/// The same URL with another scheme, another port, and a path behind it.
fn urls(url: &Template) -> Vec<Template> {
    let mut variants = vec![
        vary::join(url, &Template::literal("/v1")),
        vary::join(url, &Template::literal(":8443")),
    ];
    if let Some(Part::Literal(literal)) = url.parts.first()
        && let Some(rest) = literal.strip_prefix("https://")
    {
        let behind = Template { parts: url.parts[1..].to_vec() };
        variants.push(vary::join(&Template::literal(format!("http://{rest}")), &behind));
    }
    variants
}
