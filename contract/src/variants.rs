//! `variants: { code: {}, pkce: { … } }`: several contracts in one file. What stands outside is said for all of them.
//!
//! Each variant becomes a document of its own before anything is understood, as with [`like`](crate::like), so that all behind it
//! sees one spec. It is named after the file and the variant, `acme_pkce`.

use crate::diagnostics::meaning::{BAD_VARIANTS, UNUSED_PARAMETER};
use crate::diagnostics::{Also, At, Diagnostic, Finding, files, shape};
use crate::like;
use crate::path::{Path, key_name};
use crate::place::Places;
use crate::problems::Problems;
use crate::resolve::{file_id, id_problems, snake_case, title_case};
use serde_yaml::{Mapping, Value};
use std::collections::BTreeSet;

/// How many variants a file may have: each is a contract of its own.
const MOST: usize = 16;

/// A variant of a file.
#[derive(Debug, Clone)]
pub(crate) struct Variant {
    /// Its name in the file: `pkce`.
    pub(crate) name: String,
    /// The id of all of the file: `acme`.
    pub(crate) of: String,
    /// What is wrong with that.
    pub(crate) id_problems: Vec<Finding>,
}

impl Variant {
    /// Where it stands.
    pub(crate) fn path(&self) -> Path {
        Path::of("variants").key(self.name.as_str())
    }

    /// The finding where it belongs: the id is made of two names.
    pub(crate) fn placed(&self, finding: Finding) -> Finding {
        match self.id_problems.first() {
            _ if finding.path != Path::of("provider.id") => finding,
            Some(of_file) => of_file.clone(),
            None => {
                let own = snake_case(&self.name);
                let hint = match own.is_empty() || own == self.name {
                    true => finding.hint.clone(),
                    false => Some(format!("name the variant `{own}`")),
                };
                Finding { path: self.path(), at: At::Key, hint, ..finding }
            }
        }
    }
}

/// Whether a document holds several contracts.
pub(crate) fn has_variants(document: &Value) -> bool {
    document.get("variants").is_some()
}

/// What of such a document is looked at as it stands: the rest is complete once it is a variant's.
pub(crate) fn shell(document: &Value) -> Value {
    let kept = ["rekindle", "like", "variants"];
    let entries = document.as_mapping().into_iter().flatten();
    let kept = entries.filter(|(key, _)| key.as_str().is_some_and(|key| kept.contains(&key)));
    Value::Mapping(kept.map(|(key, value)| (key.clone(), value.clone())).collect())
}

/// What of such a document is said for all of its variants.
pub(crate) fn shared(document: &Value) -> Value {
    let entries = document.as_mapping().into_iter().flatten();
    let shared = entries.filter(|(key, _)| key.as_str() != Some("variants"));
    Value::Mapping(shared.map(|(key, value)| (key.clone(), value.clone())).collect())
}

/// A variant with all that is said for it.
#[derive(Debug, Clone)]
pub(crate) struct Split<'a> {
    pub(crate) variant: Variant,
    /// Its document, or what is wrong with that.
    pub(crate) document: Result<Value, Vec<Finding>>,
    /// What is wrong with the shape of what it says itself.
    pub(crate) problems: Problems<'a>,
    /// The parts that were left out of that.
    pub(crate) broken: Vec<Path>,
}

/// What a variant says itself, without its broken parts; what is wrong with them, and their paths.
pub(crate) type Own<'a> = (Mapping, Problems<'a>, Vec<Path>);

/// The documents of the variants of `document`, which stands in `file`; or what is wrong with the block. `look_at`: at the facts of the
/// variant at this path.
pub(crate) fn split<'a>(
    document: Value,
    file: &str,
    look_at: impl Fn(&Path, Mapping) -> Own<'a>,
) -> Result<Vec<Split<'a>>, Vec<Finding>> {
    let mut found = Vec::new();
    let Value::Mapping(mut shared) = document else { return Ok(Vec::new()) };
    let variants = match shared.shift_remove("variants") {
        Some(Value::Mapping(variants)) => variants,
        _ => Mapping::new(),
    };
    block(&shared, &variants, &mut found);
    let written = shared.get("provider").and_then(|provider| provider.get("id")?.as_str());
    let id = written.map_or_else(|| file_id(file), str::to_owned);
    let id_problems = id_problems(written, file);
    let mut split = Vec::new();
    for (key, own) in variants {
        let name = key_name(&key);
        let variant = Variant { name, of: id.clone(), id_problems: id_problems.clone() };
        let Some(own) = own_facts(own, &variant.path(), &mut found) else { continue };
        let (own, problems, broken) = look_at(&variant.path(), own);
        let document = like::vary(named(shared.clone(), &own, &variant), own);
        split.push(Split { variant, document, problems, broken });
    }
    share_samples(&mut split);
    if found.is_empty() { Ok(split) } else { Err(found) }
}

/// Leaves each variant the samples that it uses. What none uses stays with all of them, to be told.
fn share_samples(split: &mut [Split<'_>]) {
    let documents = || split.iter().filter_map(|variant| variant.document.as_ref().ok());
    let used: Vec<BTreeSet<String>> = documents().map(used_samples).collect();
    let used_somewhere: BTreeSet<String> = used.iter().flatten().cloned().collect();
    let documents = split.iter_mut().filter_map(|variant| variant.document.as_mut().ok());
    for (document, used) in documents.zip(used) {
        if let Some(Value::Mapping(samples)) = document.get_mut("samples") {
            samples.retain(|sample, _| {
                let sample = key_name(sample);
                used.contains(&sample) || !used_somewhere.contains(&sample)
            });
        }
    }
}

/// The samples that the examples of a document name.
fn used_samples(document: &Value) -> BTreeSet<String> {
    let mut used = BTreeSet::new();
    let mut left = vec![document.get("examples").unwrap_or(&Value::Null)];
    while let Some(value) = left.pop() {
        match value {
            Value::String(text) => {
                let named = text.split("${sample.").skip(1).filter_map(|rest| rest.split_once('}'));
                used.extend(named.map(|(name, _)| name.to_owned()));
            }
            Value::Sequence(items) => left.extend(items),
            Value::Mapping(entries) => left.extend(entries.values()),
            _ => {}
        }
    }
    used
}

/// What is wrong with the block as a whole.
fn block(shared: &Mapping, variants: &Mapping, found: &mut Vec<Finding>) {
    let mut bad = |path: &str, message: String, hint: &str| {
        found.push(Finding::key(BAD_VARIANTS, Path::of(path), message).hint(hint));
    };
    if variants.is_empty() {
        let hint = "name them, `variants: { code: {}, pkce: { … } }`, or leave the block out";
        bad("variants", "there are no variants".to_owned(), hint);
    }
    if variants.len() > MOST {
        let message = format!("{} variants, and a file holds at most {MOST}", variants.len());
        bad("variants", message, "write the others into files of their own, with `like`");
    }
    if shared.contains_key("like") {
        let message = "a spec that is like another has no variants".to_owned();
        bad("like", message, "write the facts here, or a file with `like` for each variant");
    }
}

/// What a variant says; `None` where it is no mapping.
fn own_facts(own: Value, path: &Path, found: &mut Vec<Finding>) -> Option<Mapping> {
    let Value::Mapping(own) = own else {
        // What else it may be, its shape has told.
        let message = format!("`{}` has no value", path.last_key());
        let hint = format!("write `{}: {{}}` for a variant that is as it stands", path.last_key());
        found.push(Finding::key(shape::NO_VALUE, path.clone(), message).hint(hint));
        return None;
    };
    let mut of_file = |path: Path| {
        let message = format!("`{}` is for the whole file", path.last_key());
        let hint = "a variant says what differs from what stands outside of `variants`";
        found.push(Finding::key(BAD_VARIANTS, path, message).hint(hint));
    };
    for key in ["rekindle", "like", "variants"] {
        if own.contains_key(key) {
            of_file(path.key(key));
        }
    }
    if own.get("provider").and_then(|provider| provider.get("id")).is_some() {
        of_file(path.key("provider").key("id"));
    }
    Some(own)
}

/// What is said for all, under the names of one: `acme_pkce`, and `Acme Pkce` unless it says another.
fn named(mut shared: Mapping, own: &Mapping, variant: &Variant) -> Mapping {
    let provider = shared.entry("provider".into()).or_insert(Value::Mapping(Mapping::new()));
    let says_name = own.get("provider").and_then(|provider| provider.get("name")).is_some();
    if let Value::Mapping(provider) = provider {
        let id = format!("{}_{}", variant.of, variant.name);
        provider.insert("id".into(), id.into());
        let name = provider.get("name").and_then(Value::as_str).map(str::to_owned);
        if let Some(name) = name.filter(|_| !says_name) {
            let name = format!("{name} {}", title_case(&variant.name));
            provider.insert("name".into(), name.into());
        }
    }
    shared
}

/// What is wrong with one variant.
pub(crate) struct Told<'a> {
    /// Where the variant stands.
    pub(crate) variant: Also,
    /// The places of its facts.
    pub(crate) places: Places<'a>,
    /// What is wrong.
    pub(crate) diagnostics: Vec<Diagnostic>,
}

/// The problems of all variants of a file: what all have in common once, and with what is said for all and wrong for some, for which.
pub(crate) fn told_once(of_each: Vec<Told<'_>>) -> Vec<Diagnostic> {
    let all = of_each.len();
    let mut told: Vec<(usize, Option<Also>, Diagnostic)> = Vec::new();
    for Told { variant, places, diagnostics } in of_each {
        for one in diagnostics {
            let same = |other: &Diagnostic| {
                (other.code, other.span, &other.path, &other.message)
                    == (one.code, one.span, &one.path, &one.message)
            };
            if let Some((times, ..)) = told.iter_mut().find(|(_, _, other)| same(other)) {
                *times += 1;
                continue;
            }
            let is_own = places.is_of_variant(&one.path) || one.span == Some(variant.span);
            told.push((1, (!is_own).then(|| variant.clone()), one));
        }
    }
    // A lint may be allowed that occurs in one of them alone.
    told.retain(|(times, _, one)| *times == all || one.code != files::UNUSED_ALLOW);
    let finish = |(times, variant, one): (usize, Option<Also>, Diagnostic)| {
        let variant = variant.filter(|_| times < all);
        let mut one = one;
        if variant.is_some() && one.code == UNUSED_PARAMETER {
            let name = one.path.last_key();
            one.hint = Some(format!("write `client: {{ {name}: null }}` in this variant"));
        }
        Diagnostic { also: one.also.clone().or(variant), ..one }
    };
    told.into_iter().map(finish).collect()
}
