//! From sources to contracts and diagnostics: the whole front end.

use crate::contract::Contract;
use crate::diagnostics::{Diagnostic, Finding, Severity};
use crate::path::Path;
use crate::place::Places;
use crate::problems::Problems;
use crate::read::{Reading, read};
use crate::resolve::{provider_id, resolve};
use crate::rules::{rules, rules_of_partial};
use crate::spec::Spec;
use crate::{Source, allow, cross_file, parallel, partial};
use std::collections::BTreeSet;

/// What a set of specs means, and what is wrong with them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Checked {
    /// The contracts of the files without errors, sorted by the provider's id.
    pub contracts: Vec<Contract>,
    /// Everything that is wrong or doubtful, sorted by file, line, column and code.
    pub diagnostics: Vec<Diagnostic>,
}

impl Checked {
    /// Whether anything stops generation.
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    }
}

/// One file on its way through.
struct File<'a> {
    source: &'a Source,
    places: Places<'a>,
    problems: Problems<'a>,
    spec: Option<Spec>,
    contract: Option<Contract>,
}

/// Checks specs: the text and shape of each, what it means, and how they go together, on all cores. The order of `sources`
/// does not matter.
pub fn check(sources: &[Source]) -> Checked {
    let mut files: Vec<File<'_>> = parallel::map(sources, File::new);
    files.sort_by(|one, other| one.source.name.cmp(&other.source.name));
    let ids = files.iter().map(|file| {
        let id = file.spec.as_ref().map(|spec| provider_id(&spec.provider, &file.source.name));
        (file.source.name.as_str(), id)
    });
    for (position, finding) in cross_file::check(ids) {
        files[position].add(finding);
    }
    let mut checked = Checked::default();
    for file in files {
        let diagnostics = file.problems.finish();
        let refused = diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error);
        // A copy: the contract itself lies among what is left of its file, and memory in a thousand such pieces slows down all
        // that follows.
        checked.contracts.extend(file.contract.as_ref().filter(|_| !refused).cloned());
        checked.diagnostics.extend(diagnostics);
    }
    checked.contracts.sort_by(|one, other| one.provider.id.cmp(&other.provider.id));
    checked.diagnostics.sort_by(|one, other| one.order().cmp(&other.order()));
    checked
}

impl<'a> File<'a> {
    /// Reads a file and finds out what it means.
    fn new(source: &'a Source) -> Self {
        let mut problems = Problems::new(&source.name);
        let Reading { spec, broken, misplaced, places } = read(source, &mut problems);
        let mut file = Self { source, places, problems, spec, contract: None };
        file.understand(&broken, misplaced);
        file
    }

    /// Finds out what the spec means; the parts in `broken` are missing from it. What is wrong with a fact that holds a `misplaced`
    /// placeholder is told as that alone.
    fn understand(&mut self, broken: &[Path], misplaced: Vec<Finding>) {
        let Some(spec) = &self.spec else {
            return misplaced.into_iter().for_each(|finding| self.add(finding));
        };
        let (contract, mut findings) = resolve(spec, &self.source.name);
        let told: BTreeSet<Path> = misplaced.iter().map(|finding| finding.path.clone()).collect();
        findings.retain(|finding| !told.contains(&finding.path));
        findings.extend(misplaced);
        let sound = broken.is_empty() && !findings.iter().any(Finding::is_error);
        if sound {
            findings.extend(rules(&contract, spec));
            findings.extend(cross_file::file_name(&contract, &self.source.name));
        } else {
            findings.extend(rules_of_partial(&contract, spec, &findings));
            findings.retain(|finding| !partial::may_be_consequence(finding, broken));
        }
        for finding in allow::apply(&spec.allow, findings, sound) {
            self.problems.add(finding, &self.places);
        }
        self.contract = sound.then_some(contract);
    }

    /// Adds a problem.
    fn add(&mut self, finding: Finding) {
        self.problems.add(finding, &self.places);
    }
}
