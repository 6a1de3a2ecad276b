//! From a file to a spec as written, with everything that is wrong with the text and its shape.

mod amend;
mod phrases;
mod properties;
mod prune;
mod recover;
mod syntax;
mod text;
mod tree;
mod wide_spaces;

pub(crate) use amend::take;

use crate::Source;
use crate::diagnostics::{At, Finding, shape};
use crate::path::{Path, Step};
use crate::place::{self, Places};
use crate::placeholders;
use crate::problems::Problems;
use crate::shape::{Extent, check_shape};
use crate::spaces;
use crate::spec::Spec;
use crate::variants::{has_variants, shell};
use serde::Deserialize;
use serde::de::DeserializeSeed;
use serde_yaml::{Mapping, Value};
use tree::{Builder, Oddities};

/// What was read of a file.
pub(crate) struct Reading<'a> {
    /// The spec as written; `None` where too little could be read, where it takes another, and where it has variants.
    pub(crate) spec: Option<Spec>,
    /// The document of a spec that takes another: it is no spec before the other's facts are in it.
    pub(crate) like: Option<Value>,
    /// The document of a file with variants: each is a spec of its own.
    pub(crate) variants: Option<Value>,
    /// The parts that were left out of what was read because their shape is broken.
    pub(crate) broken: Vec<Path>,
    /// What was found about its texts: placeholders that nothing would fill in, white space around others.
    pub(crate) misplaced: Vec<Finding>,
    /// Where everything stands.
    pub(crate) places: Places<'a>,
}

/// Reads one file; `problems` says what is wrong with it.
pub(crate) fn read<'a>(source: &'a Source, problems: &mut Problems<'_>) -> Reading<'a> {
    text::check_size(&source.text, problems);
    if !problems.is_empty() {
        return Reading::nothing(Places::new("", 0));
    }
    text::check_meant(&source.text, problems);
    if !problems.is_empty() {
        return Reading::nothing(Places::new("", 0));
    }
    let (text, offset) = text::without_mark(text::decode(&source.text, problems));
    let mut places = Places::new(text, offset);
    let mut document = if problems.is_empty() { read_text(text, &places, problems) } else { None };
    if document.is_none()
        && let Some((rest, places_of_rest)) = rest(text, offset, problems)
    {
        (document, places) = (rest, places_of_rest);
    }
    match document {
        None => Reading::nothing(places),
        Some(document) if has_variants(&document) => {
            let (variants, broken) = unbroken(document, problems);
            Reading { variants, broken, ..Reading::nothing(places) }
        }
        Some(document) if takes_another(&document) => {
            let (like, broken) = unbroken(document, problems);
            Reading { like, broken, ..Reading::nothing(places) }
        }
        Some(document) => {
            let (spec, broken, misplaced) = spec(document, &places, problems);
            Reading { spec, broken, misplaced, ..Reading::nothing(places) }
        }
    }
}

impl<'a> Reading<'a> {
    /// A file of which nothing could be read.
    fn nothing(places: Places<'a>) -> Self {
        let (broken, misplaced) = (Vec::new(), Vec::new());
        Self { spec: None, like: None, variants: None, broken, misplaced, places }
    }
}

/// Whether a document takes the facts of another spec. One that names it with a placeholder takes none: that is refused as such.
fn takes_another(document: &Value) -> bool {
    let like = document.get("like").and_then(Value::as_str);
    like.is_some_and(|like| !like.contains("${"))
}

/// A document that is no spec yet, with what was meant in place of what was written and without the parts that are broken still, and
/// the paths of these. None where all of it is, or a whole variant.
fn unbroken(mut document: Value, problems: &mut Problems<'_>) -> (Option<Value>, Vec<Path>) {
    if problems.is_empty() {
        return (Some(document), Vec::new());
    }
    let parts =
        if problems.is_full() { vec![Path::root()] } else { amend::amend(&mut document, problems) };
    let is_whole = |part: &Path| match part.0.first() {
        Some(Step::Key(key)) if key == "variants" => part.0.len() <= 2,
        first => first.is_none(),
    };
    if parts.iter().any(is_whole) {
        return (None, Vec::new());
    }
    parts.iter().for_each(|part| amend::leave_out(&mut document, part));
    (Some(document), parts)
}

/// What one variant says itself, without the parts that are broken, and the paths of these.
pub(crate) fn differing(
    own: Mapping,
    places: &Places<'_>,
    problems: &mut Problems<'_>,
) -> (Mapping, Vec<Path>) {
    let own = Value::Mapping(own);
    check_shape(&own, Extent::Variant, places, problems);
    match unbroken(own, problems) {
        (Some(Value::Mapping(own)), broken) => (own, broken),
        _ => (Mapping::new(), vec![Path::root()]),
    }
}

/// The document of a file in which nothing is wrong.
pub(crate) fn document(source: &Source) -> Option<Value> {
    let problems = &mut Problems::new(&source.name);
    let (text, offset) = text::without_mark(text::decode(&source.text, problems));
    one_document(text, &Places::new(text, offset), problems)
}

/// The spec that a document is once another's facts are in it, or that of a variant. What is still wrong with its shape stands where it was written.
/// `missing`: the parts that were left out of it before.
pub(crate) fn completed(
    document: Value,
    missing: &[Path],
    places: &Places<'_>,
    problems: &mut Problems<'_>,
) -> (Option<Spec>, Vec<Path>, Vec<Finding>) {
    let mut found = Problems::new(problems.file());
    check_shape(&document, Extent::Whole, places, &mut found);
    let (spec, broken, misplaced) = spec(document, places, &mut found);
    problems.add_apart(found, missing);
    (spec, [missing, &broken].concat(), misplaced)
}

/// The spec in a document, without the parts that are broken, the paths of these, and what was found about its texts.
fn spec(
    document: Value,
    places: &Places<'_>,
    problems: &mut Problems<'_>,
) -> (Option<Spec>, Vec<Path>, Vec<Finding>) {
    if problems.is_empty() {
        let misplaced = about_texts(&document, problems, &[]);
        let spec = Spec::deserialize(document);
        let spec = spec.map_err(|error| unreadable(&error, places, problems)).ok();
        return (spec, Vec::new(), misplaced);
    }
    if problems.is_full() {
        // Nothing more is shown, and where the others are is not known.
        return (None, Vec::new(), Vec::new());
    }
    let mut amended = document.clone();
    let mut parts = amend::amend(&mut amended, problems);
    let mut read = prune::prune(&amended, parts.clone());
    if read.is_none() {
        // What was meant is no spec either.
        problems.rename(Vec::new());
        parts = problems.paths().cloned().collect();
        (read, amended) = (prune::prune(&document, parts.clone()), document);
    }
    let misplaced = about_texts(&amended, problems, &parts);
    let (spec, broken) = read.map_or((None, Vec::new()), |(spec, broken)| (Some(spec), broken));
    (spec, broken, misplaced)
}

/// What is wrong with the texts of a document, where nothing is told of them yet. `broken`: the parts of which something is.
fn about_texts(document: &Value, problems: &Problems<'_>, broken: &[Path]) -> Vec<Finding> {
    let mut found = placeholders::misplaced(document);
    found.extend(spaces::surrounding(document));
    found.retain(|finding| {
        let is_below = |part: &Path| finding.path.0.starts_with(&part.0);
        let is_unknown = || problems.know_nothing_of(&problems.written_path(&finding.path));
        let is_broken = broken.contains(&finding.path);
        let follows = broken.iter().any(is_below) && is_unknown();
        !is_broken && !follows
    });
    found
}

/// Reads a text. Each step needs that the one before found nothing; only the shape may be broken here and there.
fn read_text(text: &str, places: &Places<'_>, problems: &mut Problems<'_>) -> Option<Value> {
    for check in [text::check_characters, text::check_depth, wide_spaces::check, properties::check]
    {
        check(text, places, problems);
        if !problems.is_empty() {
            return None;
        }
    }
    one_document(text, places, problems)
}

/// The document that is left of a text without the parts that are no YAML, with its shape checked, and where everything stands in it.
fn rest<'a>(
    text: &str,
    offset: usize,
    problems: &mut Problems<'_>,
) -> Option<(Option<Value>, Places<'a>)> {
    let file = problems.file();
    let parse = |text: &str| {
        let mut found = Problems::new(file);
        let seed = Builder { oddities: &mut Oddities::default(), path: &mut Path::root() };
        if let Some(Err(error)) = serde_yaml::Deserializer::from_str(text)
            .next()
            .map(|document| seed.deserialize(document))
        {
            syntax::report(&error, text, &Places::new(text, offset), &mut found);
        }
        found
    };
    let rest = recover::rest(text, offset, problems, parse)?;
    let places = Places::new(rest.text.clone(), offset);
    let mut found = Problems::new(file);
    let document = one_document(&rest.text, &places, &mut found)?;
    problems.add_apart(found, &rest.broken);
    Some((Some(document), places))
}

/// The only document of a text, with its shape checked.
fn one_document(text: &str, places: &Places<'_>, problems: &mut Problems<'_>) -> Option<Value> {
    let mut oddities = Oddities::default();
    let mut documents = serde_yaml::Deserializer::from_str(text);
    let value = match documents.next() {
        None => Value::Null,
        Some(document) => {
            let seed = Builder { oddities: &mut oddities, path: &mut Path::root() };
            seed.deserialize(document)
                .map_err(|error| syntax::report(&error, text, places, problems))
                .ok()?
        }
    };
    if let Some(second) = documents.next() {
        several_documents(second, text, places, problems);
        return None;
    }
    if value.is_null() {
        let hint = "begin with `rekindle: 1`, or copy a spec of another provider";
        problems.place(
            shape::EMPTY_FILE,
            places.span(0, 0),
            "this file holds no spec",
            None,
            Some(hint),
        );
        return None;
    }
    report_oddities(&oddities, places, problems);
    match (has_variants(&value), takes_another(&value)) {
        (true, _) => check_shape(&shell(&value), Extent::TakesAnother, places, problems),
        (false, true) => check_shape(&value, Extent::TakesAnother, places, problems),
        (false, false) => check_shape(&value, Extent::Whole, places, problems),
    }
    report_oversized(oddities.oversized, places, problems);
    Some(value)
}

/// Refuses a second document, at the line that begins it.
fn several_documents(
    second: serde_yaml::Deserializer<'_>,
    text: &str,
    places: &Places<'_>,
    problems: &mut Problems<'_>,
) {
    let node = match place::start_of(second) {
        Ok(start) => start.min(text.len()),
        Err(error) => return syntax::report(&error, text, places, problems),
    };
    let before = text.get(..node).unwrap_or_default();
    let start = match before.rfind("\n---") {
        Some(newline) => newline + 1,
        None => node,
    };
    let hint = "one file holds one spec: move it to a file of its own, or delete the line";
    problems.place(
        shape::SEVERAL_DOCUMENTS,
        places.rest_of_line(start),
        "a second YAML document begins here",
        None,
        Some(hint),
    );
}

/// Reports what the values do not show any more.
fn report_oddities(oddities: &Oddities, places: &Places<'_>, problems: &mut Problems<'_>) {
    for (path, occurrence) in &oddities.repeated {
        if problems.only_counts() {
            continue;
        }
        let first = places.find_occurrence(path, 0).line;
        let place = places.find_occurrence(path, *occurrence);
        let message = format!("`{}` is there twice", path.last_key());
        let finding = Finding::key(shape::DUPLICATE_KEY, path.clone(), message)
            .label(format!("first on line {first}"))
            .hint("YAML would drop one of them in silence: keep the one that is meant");
        problems.add_at(finding, place);
    }
    for path in &oddities.untextual {
        if problems.only_counts() {
            continue;
        }
        let written = places.text_of(path, At::Key);
        let finding = Finding::key(
            shape::KEY_NOT_TEXT,
            path.clone(),
            format!("the key `{written}` is no text"),
        );
        problems.add(finding.hint(format!("quote it: \"{written}\"")), places);
    }
    for path in &oddities.merging {
        // In quotes it is a text like any other.
        if problems.is_full() || places.text_of(path, At::Key) != "<<" {
            continue;
        }
        let finding = Finding::key(
            shape::MERGE_KEY,
            path.clone(),
            "`<<` is a YAML merge key, and specs have none",
        );
        problems.add(
            finding.hint("write the keys where they are used; if the text `<<` is meant, quote it"),
            places,
        );
    }
}

/// Reports numbers that are too large, unless something else is wrong with them.
fn report_oversized(oversized: Vec<Path>, places: &Places<'_>, problems: &mut Problems<'_>) {
    for path in oversized {
        if problems.mention(&path) || problems.only_counts() {
            continue;
        }
        let written = places.text_of(&path, At::Value).to_owned();
        let finding = Finding::value(shape::NOT_JSON, path, "this number does not fit in 64 bits");
        problems.add(finding.hint(format!("quote it if it is a text: \"{written}\"")), places);
    }
}

/// Reports what the shape check should have caught.
fn unreadable(error: &serde_yaml::Error, places: &Places<'_>, problems: &mut Problems<'_>) {
    let finding = Finding::value(
        shape::UNREADABLE,
        Path::root(),
        format!("this spec cannot be read: {error}"),
    );
    problems.add(finding, places);
}
