//! Who the provider is, and where the facts come from.

use crate::contract::{Provenance, Provider, Source};
use crate::diagnostics::Finding;
use crate::diagnostics::meaning::{BAD_INSTANT, BAD_TEXT};
use crate::path::Path;
use crate::spec;

/// The provider.
pub(super) fn resolve(written: &spec::Provider, found: &mut Vec<Finding>) -> Provider {
    let path = Path::of("provider");
    if written.name.trim().is_empty() {
        let message = "the provider has no name";
        found.push(
            Finding::value(BAD_TEXT, path.key("name"), message)
                .hint("write the name that people use: `Acme Bank`"),
        );
    } else if written.name.chars().any(char::is_control) {
        let message = "the provider's name holds a line break or another control character";
        found
            .push(Finding::value(BAD_TEXT, path.key("name"), message).hint("write it on one line"));
    }
    Provider {
        id: written.id.clone(),
        name: written.name.clone(),
        summary: written.summary.clone(),
        source: written.source.as_ref().map(|written| source(written, &path.key("source"), found)),
    }
}

fn source(written: &spec::Source, path: &Path, found: &mut Vec<Finding>) -> Source {
    let web = |url: &str| url.starts_with("https://") || url.starts_with("http://");
    if written.url.as_deref().is_some_and(|url| !web(url) || url.contains(char::is_whitespace)) {
        let message = "the source's address is no web address";
        found.push(
            Finding::value(BAD_TEXT, path.key("url"), message)
                .hint("write `https://…`, or leave it out"),
        );
    }
    if let Some(day) = written.retrieved.as_deref()
        && (day.len() != 10 || day.parse::<jiff::civil::Date>().is_err())
    {
        let message = format!("`{day}` is no day");
        found.push(
            Finding::value(BAD_INSTANT, path.key("retrieved"), message)
                .hint("write it as `2026-11-21`"),
        );
    }
    Source {
        title: written.title.clone(),
        url: written.url.clone(),
        retrieved: written.retrieved.clone(),
    }
}

/// Where the facts come from. Which facts there are is for the rules.
pub(super) fn provenance(
    written: Option<&spec::ProvenanceSpec>,
    found: &mut Vec<Finding>,
) -> Provenance {
    let Some(written) = written else {
        return Provenance::default();
    };
    let groups = [
        ("documented", &written.documented),
        ("inferred", &written.inferred),
        ("unknown", &written.unknown),
        ("contradictions", &written.contradictions),
    ];
    for (group, facts) in groups {
        for fact in facts.iter().filter(|(_, why)| why.trim().is_empty()).map(|(fact, _)| fact) {
            let message = format!("`{fact}` is named without a word on it");
            let path = Path::of("provenance").key(group).key(fact);
            found.push(Finding::value(BAD_TEXT, path, message).hint("say why in a sentence"));
        }
    }
    Provenance {
        documented: written.documented.clone(),
        inferred: written.inferred.clone(),
        unknown: written.unknown.clone(),
        contradictions: written.contradictions.clone(),
    }
}
