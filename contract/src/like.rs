//! `like: google`: a spec that takes the facts of another.
//!
//! The documents are merged before anything is understood, so that all behind it sees one spec. What the other's page says of itself
//! stays there: its names, examples, samples and allowed lints. Where the facts come from is told with them: `provider.source` and
//! `provenance` come along, except for what the spec says otherwise.

use crate::diagnostics::Finding;
use crate::diagnostics::meaning::{LIKE_OF_LIKE, NOTHING_TAKEN_AWAY, UNKNOWN_BASE};
use crate::path::Path;
use crate::resolve::whole_url;
use crate::shape::{ShapeId, shapes};
use crate::suggest::nearest;
use serde_yaml::{Mapping, Value};

/// A spec among others.
pub(crate) struct Named {
    /// The provider's id.
    pub(crate) id: String,
    /// The id of the spec that it takes, if it takes one.
    pub(crate) like: Option<String>,
    /// The id of the file of which it is a variant, if it is one.
    pub(crate) variant_of: Option<String>,
}

/// Finds the spec that each takes: its position and the other's, or what is wrong with its `like`.
pub(crate) fn bases(specs: &[Named]) -> Vec<(usize, Result<usize, Finding>)> {
    let find = |id: &str| specs.iter().position(|spec| spec.id == id);
    let one = |(position, spec): (usize, &Named)| {
        let like = spec.like.as_deref()?;
        let base = match find(like) {
            None => Err(unknown(like, specs)),
            Some(base) => incomplete(spec, &specs[base]).map_or(Ok(base), Err),
        };
        Some((position, base))
    };
    specs.iter().enumerate().filter_map(one).collect()
}

fn unknown(like: &str, specs: &[Named]) -> Finding {
    let variants: Vec<String> = specs
        .iter()
        .filter(|spec| spec.variant_of.as_deref() == Some(like))
        .map(|spec| format!("`{}`", spec.id))
        .collect();
    if !variants.is_empty() {
        let message = format!("`{like}` has variants, and `like` takes one contract");
        let hint = format!("name one of them: {}", variants.join(", "));
        return Finding::value(UNKNOWN_BASE, Path::of("like"), message).hint(hint);
    }
    let message = format!("no spec of this run describes `{like}`");
    let ids = specs.iter().filter(|spec| spec.like.is_none()).map(|spec| spec.id.as_str());
    let hint = match nearest(like, ids) {
        Some(id) => format!("did you mean `{id}`?"),
        None => format!(
            "read it in the same run: give the file of `{like}`, too, or the folder with both"
        ),
    };
    Finding::value(UNKNOWN_BASE, Path::of("like"), message).hint(hint)
}

/// What is wrong where `base` takes another spec itself.
fn incomplete(spec: &Named, base: &Named) -> Option<Finding> {
    let other = base.like.as_ref()?;
    let (id, like) = (&spec.id, &base.id);
    let (message, hint) = if id == like {
        (format!("`{id}` is like itself"), "name the spec whose facts it takes".to_owned())
    } else if other == id {
        let message = format!("`{id}` is like `{like}`, and `{like}` is like `{id}`");
        (message, "write the facts in one of the two, without `like`".to_owned())
    } else {
        let message = format!("`{id}` is like `{like}`, which is like `{other}` itself");
        (message, format!("write `like: {other}`, and what differs from that"))
    };
    Some(Finding::value(LIKE_OF_LIKE, Path::of("like"), message).hint(hint))
}

/// What a base does not give: it speaks of the base's page, or of the base alone.
const OWN: [&str; 4] = ["allow", "examples", "like", "samples"];

/// Mappings of which each says one thing: half of the base's would be half a fact.
const ONE_FACT: [&str; 3] = ["expires", "spent", "success"];

/// The document `own` with the facts of `base` in it.
pub(crate) fn merge(base: Value, own: Value) -> Result<Value, Vec<Finding>> {
    let (Value::Mapping(mut base), Value::Mapping(own)) = (base, own) else {
        return Ok(Value::Null);
    };
    for key in OWN {
        base.remove(key);
    }
    sources(&mut base, &own);
    forget_hosts_of_next_base_url(&mut base, &own);
    merged(base, own)
}

/// The document of a variant: what is said for all of them, `base`, with what the variant says itself. All of the base is its own, too.
pub(crate) fn vary(mut base: Mapping, own: Mapping) -> Result<Value, Vec<Finding>> {
    provenance(&mut base, &own);
    merged(base, own)
}

fn merged(mut base: Mapping, mut own: Mapping) -> Result<Value, Vec<Finding>> {
    hosts(&mut base, &mut own);
    bodies(&mut base, &own);
    let mut found = Vec::new();
    mapping(&mut base, own, &[shapes().root()], &mut Path::root(), &mut found);
    if found.is_empty() { Ok(Value::Mapping(base)) } else { Err(found) }
}

/// Leaves of `provider` and `provenance` what is true of the taken facts.
fn sources(base: &mut Mapping, own: &Mapping) {
    let source = at(own, &["provider", "source"]);
    let kept = take(base, "provider").and_then(|mut provider| take(&mut provider, "source"));
    if source.is_some() {
        base.remove("provenance");
        return;
    }
    if let Some(kept) = kept {
        let provider = Mapping::from_iter([("source".into(), Value::Mapping(kept))]);
        base.insert("provider".into(), Value::Mapping(provider));
    }
    provenance(base, own);
}

/// Leaves of `provenance` what is said of facts that are the base's.
fn provenance(base: &mut Mapping, own: &Mapping) {
    let Some(Value::Mapping(groups)) = base.get_mut("provenance") else { return };
    for facts in groups.values_mut().filter_map(Value::as_mapping_mut) {
        facts.retain(|fact, _| fact.as_str().is_some_and(|fact| is_taken(fact, own)));
    }
}

/// Whether the fact at a path is the base's: the spec says nothing of it.
fn is_taken(fact: &str, own: &Mapping) -> bool {
    let plain = fact.replace('[', ".").replace(']', "");
    let steps: Vec<&str> = plain.split('.').collect();
    let is_host = |step: &str| ["environments", "base_url"].contains(&step);
    if steps.first().is_some_and(|step| OWN.contains(step) || is_host(step) && says_host(own)) {
        return false;
    }
    // What is said above the fact, and is no mapping, takes its place.
    (1..=steps.len()).all(|length| match at(own, &steps[..length]) {
        None => true,
        Some(Value::Mapping(_)) => length < steps.len(),
        Some(_) => false,
    })
}

/// The hosts of a spec take the place of all of the base's: one provider's credentials are never for another's hosts.
fn hosts(base: &mut Mapping, own: &mut Mapping) {
    let line = |document: &Mapping| {
        at(document, &["refresh", "request"]).and_then(Value::as_str).map(str::to_owned)
    };
    let (Some(line_of_base), line_of_own) = (line(base), line(own)) else { return };
    let target = whole_url::split(&line_of_base, Path::root(), &mut Vec::new());
    if says_host(own) {
        base.remove("environments");
        base.remove("base_url");
        put_line(base, &target.line);
        forget_hosts_of_steps(base);
    } else if let (Some(host), Some((method, path))) =
        (target.host, line_of_own.as_deref().and_then(|line| line.split_once(' ')))
    {
        put_line(own, &format!("{method} {host}{}", path.trim_start()));
    }
}

/// An address that a step takes is then at the host of the spec's own.
fn forget_hosts_of_steps(base: &mut Mapping) {
    fn forget<'a>(steps: impl IntoIterator<Item = &'a mut Value>) {
        for step in steps.into_iter().filter_map(Value::as_mapping_mut) {
            let taken = step.get_mut("take").and_then(Value::as_mapping_mut);
            for taken in taken.into_iter().flat_map(Mapping::values_mut) {
                if let Value::Mapping(taken) = taken {
                    taken.remove("hosts");
                }
            }
        }
    }
    forget(base.get_mut("steps").and_then(Value::as_sequence_mut).into_iter().flatten());
    forget(base.get_mut("refresh"));
    let then = at_mut(base, &["refresh", "then"]).and_then(Value::as_sequence_mut);
    forget(then.into_iter().flatten());
}

/// So is the base URL that answers tell: where it may be is for the spec to say again.
fn forget_hosts_of_next_base_url(base: &mut Mapping, own: &Mapping) {
    let told = own.get("base_url").and_then(Value::as_str);
    let Some(name) = told.and_then(|told| told.strip_prefix("output.")) else { return };
    if let Some(Value::Mapping(output)) = at_mut(base, &["response", "outputs", name]) {
        output.shift_remove("hosts");
    }
}

/// Whether a document says where its provider is.
fn says_host(document: &Mapping) -> bool {
    let environments = document.get("environments").and_then(Value::as_mapping);
    let named = environments.is_some_and(|named| named.values().any(|url| !url.is_null()));
    let line = at(document, &["refresh", "request"]).and_then(Value::as_str).unwrap_or_default();
    let whole = whole_url::split(line, Path::root(), &mut Vec::new()).host.is_some();
    named || whole || document.get("base_url").is_some_and(|source| !source.is_null())
}

fn put_line(document: &mut Mapping, line: &str) {
    if let Some(Value::Mapping(refresh)) = document.get_mut("refresh") {
        refresh.insert("request".into(), line.into());
    }
}

/// A body takes the place of one of another kind.
fn bodies(base: &mut Mapping, own: &Mapping) {
    let kinds = ["form", "json", "xml"];
    let said = |kind: &&str| at(own, &["refresh", kind]).is_some_and(|body| !body.is_null());
    let Some(kind) = kinds.iter().find(|kind| said(kind)) else { return };
    if let Some(Value::Mapping(refresh)) = base.get_mut("refresh") {
        refresh.retain(|key, _| !kinds.iter().any(|other| key == other && other != kind));
    }
}

/// Puts what a mapping of the spec says into that of its base. `ids`: the shapes that stand at `path`.
fn mapping(
    base: &mut Mapping,
    own: Mapping,
    ids: &[ShapeId],
    path: &mut Path,
    found: &mut Vec<Finding>,
) {
    let is_choice = ids.iter().any(|id| shapes().takes_one_key(*id));
    if is_choice && !own.keys().all(|key| base.contains_key(key)) {
        // Another alternative: the base's is not half of it.
        base.clear();
    }
    for (key, value) in own {
        let name = key.as_str().unwrap_or_default().to_owned();
        let below: Vec<ShapeId> = ids.iter().flat_map(|id| shapes().below(*id, &name)).collect();
        *path = path.key(name.as_str());
        match (base.get_mut(&key), value) {
            (Some(Value::Mapping(base)), Value::Mapping(own))
                if !ONE_FACT.contains(&name.as_str()) =>
            {
                mapping(base, own, &below, path, found)
            }
            (Some(_), Value::Null) => drop(base.shift_remove(&key)),
            (None, Value::Null) if !may_be_null(path) => found.push(nothing(&name, path)),
            (_, value) => drop(base.insert(key, value)),
        }
        path.0.pop();
    }
}

/// Whether `null` has a meaning at `path` even where the base has nothing: it takes away a field of the profile, or is JSON.
fn may_be_null(path: &Path) -> bool {
    ["form", "json"].iter().any(|body| {
        let body = Path::of("refresh").key(*body);
        path.0.len() > body.0.len() && path.0.starts_with(&body.0)
    })
}

fn nothing(name: &str, path: &Path) -> Finding {
    let message =
        format!("`null` takes away what another spec says, and that has no `{name}` here");
    Finding::value(NOTHING_TAKEN_AWAY, path.clone(), message).hint("leave it out")
}

fn take(document: &mut Mapping, key: &str) -> Option<Mapping> {
    match document.shift_remove(key) {
        Some(Value::Mapping(below)) => Some(below),
        _ => None,
    }
}

fn at<'a>(document: &'a Mapping, steps: &[&str]) -> Option<&'a Value> {
    let (first, rest) = steps.split_first()?;
    let value = document.get(*first)?;
    if rest.is_empty() { Some(value) } else { at(value.as_mapping()?, rest) }
}

fn at_mut<'a>(document: &'a mut Mapping, steps: &[&str]) -> Option<&'a mut Value> {
    let (first, rest) = steps.split_first()?;
    let value = document.get_mut(*first)?;
    if rest.is_empty() { Some(value) } else { at_mut(value.as_mapping_mut()?, rest) }
}
