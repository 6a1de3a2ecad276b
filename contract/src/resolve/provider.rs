//! Who the provider is, and where the facts come from.

use super::case::{in_words, snake_case, title_case};
use crate::contract::{Provenance, Provider, Source};
use crate::diagnostics::Finding;
use crate::diagnostics::meaning::{BAD_INSTANT, BAD_TEXT};
use crate::path::Path;
use crate::spec::ProviderSpec;

/// The provider's id: as written, or the name of the spec's file. Whether it can be one is for [`names`](super::names).
pub(crate) fn id(written: &ProviderSpec, file: &str) -> String {
    written_id(written, file).unwrap_or_else(|| file_id(file))
}

/// The provider's id as the spec writes it: where no file has a name, that of the provider says it.
pub(super) fn written_id(written: &ProviderSpec, file: &str) -> Option<String> {
    let of_name = || {
        let name = written.name.as_deref().filter(|_| file_stem(file).is_empty())?;
        let id = in_words(&snake_case(name));
        id.starts_with(|letter: char| letter.is_ascii_lowercase()).then_some(id)
    };
    written.id.clone().or_else(of_name)
}

/// The name of a file without its folder and what follows the last dot: `acme` of `specs/acme.yaml`. Standard input has none.
pub(crate) fn file_stem(file: &str) -> &str {
    let name = match file {
        "/dev/stdin" | "<stdin>" => "",
        file => file.rsplit('/').next().unwrap_or_default(),
    };
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

/// The id that the name of a file gives: files may be called with hyphens, `acme-bank.yaml`.
pub(crate) fn file_id(file: &str) -> String {
    file_stem(file).replace('-', "_")
}

/// The provider of the spec in `file`, with the names that it does not say.
pub(super) fn resolve(written: &ProviderSpec, file: &str, found: &mut Vec<Finding>) -> Provider {
    let ProviderSpec { id: _, name, summary, source } = written;
    let path = Path::of("provider");
    let id = id(written, file);
    let name = name.clone().unwrap_or_else(|| title_case(&id));
    let mut bad = |key: &str, message: &str, hint: &str| {
        found.push(Finding::value(BAD_TEXT, path.key(key), message).hint(hint));
    };
    if name.trim().is_empty() && written.name.is_some() {
        bad("name", "the provider has no name", "write the name that people use: `Acme Bank`");
    } else if written.name.is_some() && name.chars().any(char::is_control) {
        let message = "the provider's name holds a line break or another control character";
        bad("name", message, "write it on one line");
    }
    if let Some(written) = source {
        check_source(written, &path.key("source"), found);
    }
    Provider { id, name, summary: summary.clone(), source: source.clone() }
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
