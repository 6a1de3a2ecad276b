//! Who the provider is, and where the facts come from.

use crate::contract::{Provenance, Provider, Source};
use crate::diagnostics::Finding;
use crate::diagnostics::meaning::{BAD_INSTANT, BAD_TEXT};
use crate::path::Path;

/// The provider, which means what it says.
pub(super) fn resolve(written: &Provider, found: &mut Vec<Finding>) -> Provider {
    let Provider { id: _, name, summary: _, source } = written;
    let path = Path::of("provider");
    let mut bad = |key: &str, message: &str, hint: &str| {
        found.push(Finding::value(BAD_TEXT, path.key(key), message).hint(hint));
    };
    if name.trim().is_empty() {
        bad("name", "the provider has no name", "write the name that people use: `Acme Bank`");
    } else if name.chars().any(char::is_control) {
        let message = "the provider's name holds a line break or another control character";
        bad("name", message, "write it on one line");
    }
    if let Some(written) = source {
        check_source(written, &path.key("source"), found);
    }
    written.clone()
}

fn check_source(written: &Source, path: &Path, found: &mut Vec<Finding>) {
    let Source { title: _, url, retrieved } = written;
    let web = |url: &str| url.starts_with("https://") || url.starts_with("http://");
    if url.as_deref().is_some_and(|url| !web(url) || url.contains(char::is_whitespace)) {
        let message = "the source's address is no web address";
        found.push(
            Finding::value(BAD_TEXT, path.key("url"), message)
                .hint("write `https://…`, or leave it out"),
        );
    }
    if let Some(day) = retrieved.as_deref()
        && (day.len() != 10 || day.parse::<jiff::civil::Date>().is_err())
    {
        let message = format!("`{day}` is no day");
        found.push(
            Finding::value(BAD_INSTANT, path.key("retrieved"), message)
                .hint("write it as `2026-11-21`"),
        );
    }
}

/// Where the facts come from. Which facts there are is for the rules.
pub(super) fn provenance(written: Option<&Provenance>, found: &mut Vec<Finding>) -> Provenance {
    let Some(written) = written else {
        return Provenance::default();
    };
    for (group, facts) in written.groups() {
        for fact in facts.iter().filter(|(_, why)| why.trim().is_empty()).map(|(fact, _)| fact) {
            let message = format!("`{fact}` is named without a word on it");
            let path = Path::of("provenance").key(group).key(fact);
            found.push(Finding::value(BAD_TEXT, path, message).hint("say why in a sentence"));
        }
    }
    written.clone()
}

impl Provenance {
    /// Each group of facts under its name.
    pub(crate) fn groups(
        &self,
    ) -> [(&'static str, &std::collections::BTreeMap<String, String>); 4] {
        let Self { documented, inferred, unknown, contradictions } = self;
        [
            ("documented", documented),
            ("inferred", inferred),
            ("unknown", unknown),
            ("contradictions", contradictions),
        ]
    }
}
