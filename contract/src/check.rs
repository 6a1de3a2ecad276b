//! From sources to contracts and diagnostics: the whole front end.

use crate::contract::Contract;
use crate::diagnostics::meaning::{INCOMPLETE_GIVEN, NO_EXAMPLE, UNUSED_PARAMETER};
use crate::diagnostics::{Also, At, Diagnostic, Finding, Severity};
use crate::like::{self, Named};
use crate::path::{Path, Step};
use crate::place::Places;
use crate::problems::Problems;
use crate::read::{Reading, completed, differing, document, read, take};
use crate::resolve::{file_id, provider_id, resolve};
use crate::rules::{rules, rules_of_partial};
use crate::shape::{Extent, check_shape};
use crate::spec::Spec;
use crate::variants::{self, Own, Split, Told, Variant};
use crate::{Source, allow, cross_file, parallel, partial};
use serde_yaml::{Mapping, Value};
use std::collections::{BTreeMap, BTreeSet, HashSet};

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
    /// What takes another spec, before it is complete.
    like: Option<Value>,
    /// The parts that are missing from that, or from the document of its variants, because they are broken.
    broken: Vec<Path>,
    /// The variant that it is, with its document.
    variant: Option<Variant>,
    document: Option<Value>,
    /// The facts that something was found about, allowed or not.
    found: HashSet<(&'static str, Path)>,
    /// The parameters that its client takes.
    declared: BTreeSet<String>,
    contract: Option<Contract>,
    /// Whether a spec that was asked for takes it.
    is_taken: bool,
}

/// Checks specs: the text and shape of each, what it means, and how they go together, on all cores. The order of `sources`
/// does not matter.
pub fn check(sources: &[Source]) -> Checked {
    let mut files: Vec<File<'_>> =
        parallel::map(sources, File::all).into_iter().flatten().collect();
    files.sort_by(|one, other| one.source.name.cmp(&other.source.name));
    leave_twins_out(&mut files);
    complete(&mut files);
    files.retain(|file| file.is_taken || !file.source.is_companion);
    let ids = files.iter().map(|file| (file.source.name.as_str(), file.own_id()));
    for (position, finding) in cross_file::check(ids) {
        files[position].add(finding);
    }
    let mut checked = Checked::default();
    let mut of_variants: BTreeMap<&str, Vec<Told<'_>>> = BTreeMap::new();
    for file in files {
        let mut diagnostics = file.problems.finish();
        let is_error = |diagnostic: &Diagnostic| diagnostic.severity == Severity::Error;
        let refused = diagnostics.iter().any(is_error);
        let is_companion = file.source.is_companion;
        if is_companion {
            diagnostics.retain(is_error);
        }
        // A copy: the contract itself lies among what is left of its file, and memory in a thousand such pieces slows down all
        // that follows.
        checked
            .contracts
            .extend(file.contract.as_ref().filter(|_| !refused && !is_companion).cloned());
        match file.variant {
            None => checked.diagnostics.extend(diagnostics),
            Some(variant) => {
                let (name, places) = (file.source.name.as_str(), file.places);
                let variant = Also {
                    file: name.to_owned(),
                    span: places.find(&variant.path(), At::Key),
                    label: "for this variant".to_owned(),
                };
                of_variants.entry(name).or_default().push(Told { variant, places, diagnostics });
            }
        }
    }
    for (name, of_each) in of_variants {
        let mut problems = of_each.iter().flat_map(|told| &told.diagnostics);
        if problems.any(|diagnostic| diagnostic.severity == Severity::Error) {
            // A file is right or wrong as a whole.
            checked.contracts.retain(|contract| contract.origin.file != name);
        }
        checked.diagnostics.extend(variants::told_once(of_each));
    }
    checked.contracts.sort_by(|one, other| one.provider.id.cmp(&other.provider.id));
    checked.diagnostics.sort_by(|one, other| one.order().cmp(&other.order()));
    checked
}

/// Leaves companions out that describe what a file describes that was asked for.
fn leave_twins_out(files: &mut Vec<File<'_>>) {
    let asked_for = files.iter().filter(|file| !file.source.is_companion);
    let ids: BTreeSet<String> = asked_for.filter_map(File::id).collect();
    files.retain(|file| !file.source.is_companion || file.id().is_none_or(|id| !ids.contains(&id)));
}

/// Completes the specs that take another.
fn complete(files: &mut [File<'_>]) {
    if files.iter().all(|file| file.like.is_none()) {
        return;
    }
    let named = |file: &File<'_>| Named {
        id: file.id().unwrap_or_default(),
        like: file.like.as_ref().and_then(|own| Some(own.get("like")?.as_str()?.to_owned())),
        variant_of: file.variant.as_ref().map(|variant| variant.of.clone()),
    };
    let named: Vec<Named> = files.iter().map(named).collect();
    for (position, base) in like::bases(&named) {
        match base {
            Err(finding) => files[position].add(finding),
            Ok(base) => {
                let completed = files[position].completed(&files[base]);
                files[base].is_taken |= !files[position].source.is_companion;
                files[position] = completed;
            }
        }
    }
}

impl<'a> File<'a> {
    /// Reads a file and finds out what it means: one spec, or several that are its variants.
    fn all(source: &'a Source) -> Vec<Self> {
        let mut problems = Problems::new(&source.name);
        let Reading { spec, like, variants, broken, misplaced, places } =
            read(source, &mut problems);
        let mut file =
            Self { spec, like, broken: broken.clone(), ..Self::nothing(source, places, problems) };
        let shared = variants.as_ref().map(variants::shared);
        let look_at = |variant: &Path, own| file.facts_of(variant, own);
        match variants.map(|document| variants::split(document, &source.name, look_at)) {
            None => file.take(&broken, misplaced),
            Some(Err(findings)) => findings.into_iter().for_each(|finding| file.add(finding)),
            Some(Ok(split)) => return file.variants(split, &shared.unwrap_or_default()),
        }
        vec![file]
    }

    /// A file of which nothing is known yet.
    fn nothing(source: &'a Source, places: Places<'a>, problems: Problems<'a>) -> Self {
        let (found, declared, variant) = (HashSet::new(), BTreeSet::new(), None);
        let (spec, like, document, contract) = (None, None, None, None);
        let (broken, is_taken) = (Vec::new(), false);
        Self {
            source,
            places,
            problems,
            spec,
            like,
            broken,
            variant,
            document,
            found,
            declared,
            contract,
            is_taken,
        }
    }

    /// The variants of this file.
    fn variants(&self, split: Vec<Split<'a>>, shared: &Value) -> Vec<Self> {
        let mut files: Vec<Self> = split.iter().map(|one| self.variant(one.clone())).collect();
        let declared: BTreeSet<String> =
            files.iter().flat_map(|file| file.declared.iter().cloned()).collect();
        for (file, mut split) in files.iter_mut().zip(split) {
            let surplus = file.surplus(&declared);
            if let (false, Ok(document)) = (surplus.is_empty(), &mut split.document) {
                surplus.iter().for_each(|path| drop(take(document, path)));
                *file = self.variant(split);
            }
        }
        self.overridden(shared, &mut files);
        files
    }

    /// Adds what is wrong with the shape of facts outside of the variants that each of them says otherwise.
    fn overridden(&self, shared: &Value, files: &mut [Self]) {
        let told: Vec<Path> =
            files.iter().flat_map(|file| file.problems.paths().cloned()).collect();
        for file in files {
            let mut problems = Problems::new(&self.source.name);
            check_shape(shared, Extent::TakesAnother, &self.places, &mut problems);
            if problems.is_empty() {
                return;
            }
            file.problems.add_apart(problems, &told);
        }
    }

    /// What the examples outside of the variants give that this one does not take, and another one does.
    fn surplus(&self, declared: &BTreeSet<String>) -> Vec<Path> {
        let is_surplus = |path: &&Path| {
            let is_given = matches!(path.0.get(2..4), Some([Step::Key(given), Step::Key(client)]) if given == "given" && client == "client");
            let name = path.last_key();
            path.0.len() == 5
                && is_given
                && declared.contains(name)
                && !self.declared.contains(name)
                && !self.places.is_of_variant(path)
        };
        let given = self.found.iter().filter(|(code, _)| *code == INCOMPLETE_GIVEN.id);
        given.map(|(_, path)| path).filter(is_surplus).cloned().collect()
    }

    /// What the variant at a path says itself, without what is broken.
    fn facts_of(&self, variant: &Path, own: Mapping) -> Own<'a> {
        let places = self.places.of_variant(variant.clone());
        let mut problems = self.problems.of_part(variant);
        let (own, broken) = differing(own, &places, &mut problems);
        let missing = self.broken.iter().filter_map(|part| part.strip_prefix(variant));
        (own, problems, missing.chain(broken).collect())
    }

    /// One of the variants of this file.
    fn variant(&self, split: Split<'a>) -> Self {
        let Split { variant, document, problems, broken } = split;
        let places = self.places.of_variant(variant.path());
        let mut file = Self::nothing(self.source, places, problems);
        file.variant = Some(variant);
        match document {
            Err(findings) => findings.into_iter().for_each(|finding| file.add(finding)),
            Ok(document) => {
                file.document = Some(document.clone());
                let (spec, broken, misplaced) =
                    completed(document, &broken, &file.places, &mut file.problems);
                file.spec = spec;
                file.take(&broken, misplaced);
            }
        }
        file
    }

    /// Finds out what the spec means, and adds what is wrong with it.
    fn take(&mut self, broken: &[Path], misplaced: Vec<Finding>) {
        for finding in self.understand(broken, misplaced) {
            self.add(finding);
        }
    }

    /// The provider's id, as far as the file can be read.
    fn id(&self) -> Option<String> {
        let name = &self.source.name;
        let unread = |own: &Value| {
            let id = own.get("provider").and_then(|provider| provider.get("id")?.as_str());
            id.map_or_else(|| file_id(name), str::to_owned)
        };
        let read = self.spec.as_ref().map(|spec| provider_id(&spec.provider, name));
        read.or_else(|| self.like.as_ref().map(unread))
    }

    /// The same where it is its own: a variant has none where `provider` is nothing that could hold it, which its shape has told.
    fn own_id(&self) -> Option<String> {
        let has_id = |document: &Value| {
            document.get("provider").is_some_and(|provider| provider.get("id").is_some())
        };
        self.id().filter(|_| self.document.as_ref().is_none_or(has_id))
    }

    /// Finds out what the spec means; the parts in `broken` are missing from it. What is wrong with a fact that holds a `misplaced`
    /// placeholder is told as that alone. The answer is what is wrong with the spec.
    fn understand(&mut self, broken: &[Path], misplaced: Vec<Finding>) -> Vec<Finding> {
        let Some(spec) = &self.spec else { return misplaced };
        let (mut contract, mut findings) = resolve(spec, &self.source.name);
        self.declared = contract.client.keys().cloned().collect();
        contract.origin.variant = self.variant.as_ref().map(|variant| variant.name.clone());
        let (misplaced, spaces): (Vec<_>, Vec<_>) =
            misplaced.into_iter().partition(Finding::is_error);
        let told: BTreeSet<Path> = misplaced.iter().map(|finding| finding.path.clone()).collect();
        findings.retain(|finding| !told.contains(&finding.path));
        findings.extend(misplaced);
        findings.retain(|finding| !partial::may_be_consequence(finding, broken));
        partial::drop_held_examples(&mut findings);
        let sound = self.problems.is_empty() && !findings.iter().any(Finding::is_error);
        if sound {
            findings.extend(rules(&contract, spec));
        } else {
            findings.extend(rules_of_partial(&contract, spec, &findings, broken));
        }
        let id = Path::of("provider.id");
        let mut wrong = findings.iter().filter(|finding| finding.is_error());
        if !wrong.any(|finding| finding.path == id) && !broken.iter().any(|it| it.is_related(&id)) {
            findings.extend(cross_file::file_name(&contract, &self.source.name));
        }
        // What is refused needs no doubt beside it.
        let told: BTreeSet<Path> = findings.iter().map(|finding| finding.path.clone()).collect();
        findings.extend(spaces.into_iter().filter(|finding| !told.contains(&finding.path)));
        findings.retain(|finding| !partial::may_be_consequence(finding, broken));
        self.found =
            findings.iter().map(|finding| (finding.code.id, finding.path.clone())).collect();
        let findings = allow::apply(&spec.allow, findings, sound);
        self.contract = sound.then_some(contract);
        findings
    }

    /// The file with the facts of `base`. A base in which something is wrong comes first.
    fn completed(&self, base: &File<'_>) -> Self {
        let places = Places::of(&self.places);
        let problems = self.problems.clone();
        let mut file =
            Self { like: self.like.clone(), ..Self::nothing(self.source, places, problems) };
        let taken = || base.document.clone().or_else(|| document(base.source));
        let (Some(own), Some(_), Some(taken)) = (&self.like, &base.contract, taken()) else {
            return file;
        };
        let merged = match like::merge(taken, own.clone()) {
            Ok(merged) => merged,
            Err(findings) => {
                findings.into_iter().for_each(|finding| file.add(finding));
                return file;
            }
        };
        let (spec, broken, misplaced) =
            completed(merged, &self.broken, &file.places, &mut file.problems);
        file.spec = spec;
        for finding in file.understand(&broken, misplaced) {
            file.add_of(base, finding);
        }
        file
    }

    /// Adds a problem.
    fn add(&mut self, finding: Finding) {
        let finding = match &self.variant {
            Some(variant) => variant.placed(finding),
            None => finding,
        };
        self.problems.add(finding, &self.places);
    }

    /// Adds a problem with a fact that may be taken from `base`, unless the base has it, too.
    fn add_of(&mut self, base: &File<'_>, mut finding: Finding) {
        let written = self.problems.written_path(&finding.path);
        let of_base = base.places.depth(&finding.path) > self.places.depth(&written);
        let known = base.found.contains(&(finding.code.id, finding.path.clone()));
        // The base's examples show what it has in common with this one.
        if finding.code == NO_EXAMPLE || of_base && known {
            return;
        }
        if !of_base {
            return self.add(finding);
        }
        if finding.code == UNUSED_PARAMETER {
            let name = finding.path.last_key();
            finding.hint = Some(format!("write `client: {{ {name}: null }}` where it is taken"));
        }
        let span = base.places.find(&finding.path, finding.at);
        let also = Also {
            file: self.source.name.clone(),
            span: self.places.find(&Path::of("like"), At::Value),
            label: "which takes it".to_owned(),
        };
        self.problems.add_in(base.source.name.clone(), finding, span, Some(also));
    }
}
