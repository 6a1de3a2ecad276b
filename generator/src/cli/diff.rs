//! `rekindle diff`: what changed between two contracts, and for whom.

mod written;

use super::args::{Amount, Diff, Effect, Format};
use super::check::load;
use super::console::{self, count};
use super::project::Project;
use super::{Outcome, Stop};
use crate::import::flow;
use crate::input::Specs;
use rekindle_contract::contract::Contract;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

impl Effect {
    fn word(self) -> &'static str {
        match self {
            Self::Additive => "additive",
            Self::Behaviour => "behaviour",
            Self::Breaking => "breaking",
        }
    }
}

use Effect::{Additive, Behaviour, Breaking};

/// What a change of a fact means: to those who hold tokens, to those who compile the client, and why. The longest path that leads to a fact
/// counts.
const EFFECTS: [(&str, Effect, Effect, &str); 31] = [
    ("", Breaking, Breaking, "the provider itself"),
    ("provider", Additive, Additive, "what the documentation says"),
    (
        "provider.id",
        Breaking,
        Breaking,
        "grants are stored under the id, and modules are called by it",
    ),
    ("base", Behaviour, Behaviour, "requests go elsewhere"),
    ("base.environments", Behaviour, Behaviour, "requests go elsewhere"),
    ("client", Behaviour, Behaviour, "what an integrator gives"),
    ("request", Behaviour, Behaviour, "what a refresh sends"),
    ("request.operation", Breaking, Breaking, "another exchange, with another credential"),
    ("request.certificate", Breaking, Behaviour, "whether the connection shows a certificate"),
    ("request.when", Behaviour, Behaviour, "when sessions refresh"),
    ("response", Behaviour, Behaviour, "how answers are read"),
    ("response.outputs", Behaviour, Behaviour, "what answers hold beside the tokens"),
    ("access", Behaviour, Behaviour, "how the access token is used"),
    ("access.name", Additive, Breaking, "types and fields are called by it"),
    ("access.use_", Breaking, Breaking, "a token that is good once cannot be cloned"),
    ("access.doc", Additive, Additive, "what the documentation says"),
    ("refresh", Behaviour, Behaviour, "how the refresh token is kept"),
    ("refresh.name", Additive, Breaking, "types and fields are called by it"),
    (
        "refresh.use_",
        Breaking,
        Breaking,
        "whether a lost answer may have cost the grant, and whether the token can be cloned",
    ),
    ("refresh.rotation", Behaviour, Behaviour, "whether what is stored is replaced"),
    ("refresh.doc", Additive, Additive, "what the documentation says"),
    ("steps", Behaviour, Behaviour, "what is sent before the refresh"),
    ("fallback", Behaviour, Behaviour, "what brings tokens where a refresh cannot"),
    ("fallback.steps", Behaviour, Behaviour, "what is sent before that"),
    (
        "fallback.request.operation",
        Behaviour,
        Behaviour,
        "another exchange brings tokens where a refresh cannot",
    ),
    ("mint", Behaviour, Behaviour, "which earlier tokens end, and how many requests are allowed"),
    ("errors", Behaviour, Behaviour, "what a refusal means"),
    ("examples", Additive, Additive, "what tests show"),
    ("sequences", Additive, Additive, "what tests show"),
    ("provenance", Additive, Additive, "where facts come from"),
    ("origin", Additive, Additive, "which file it was"),
];

/// A fact that changed.
struct Change {
    path: String,
    old: Option<Value>,
    new: Option<Value>,
    holders: Effect,
    code: Effect,
    why: &'static str,
}

pub(super) fn run(arguments: &Diff, amount: Amount) -> Result<Outcome, Stop> {
    let new = match &arguments.new {
        Some(new) => new.clone(),
        None => Project::find()?.specs(None)?,
    };
    let [old, new] = [&arguments.old, &new].map(|path| contracts(path));
    let (old, new) = (old?, new?);
    let changes = compare(&old, &new);
    let text = match arguments.format {
        Format::Human => human(&changes, amount == Amount::Verbose),
        Format::Json => console::json(&machine(&changes)),
    };
    if amount != Amount::Quiet {
        console::data(&text)?;
    }
    let all = changes.values().flatten();
    let worst = all.map(|change| change.holders.max(change.code)).max();
    Ok(match worst {
        Some(worst) if worst >= arguments.fail_on => Outcome::Found,
        _ => Outcome::Done,
    })
}

fn contracts(path: &Path) -> Result<Vec<Contract>, Stop> {
    Ok(Specs::check(load(&[Project::find_spec(path)?])?)?.contracts)
}

/// The changes of each provider that has any. Where each side has one, they are compared whatever they are called.
fn compare(old: &[Contract], new: &[Contract]) -> BTreeMap<String, Vec<Change>> {
    if let ([old], [new]) = (old, new) {
        return changes_of(&new.provider.id, Some(old), Some(new)).into_iter().collect();
    }
    let ids: BTreeSet<&str> =
        old.iter().chain(new).map(|contract| contract.provider.id.as_str()).collect();
    let find =
        |all: &'_ [Contract], id: &str| all.iter().position(|contract| contract.provider.id == id);
    let pairs = ids.into_iter().filter_map(|id| {
        let old = find(old, id).map(|at| &old[at]);
        let new = find(new, id).map(|at| &new[at]);
        changes_of(id, old, new)
    });
    pairs.collect()
}

fn changes_of(
    id: &str,
    old: Option<&Contract>,
    new: Option<&Contract>,
) -> Option<(String, Vec<Change>)> {
    let json = |contract: &Contract| {
        let mut json = keyed(serde_json::to_value(contract).unwrap_or_default());
        // Two files of one contract are no change.
        if let Some(members) = json.as_object_mut() {
            members.remove("origin");
        }
        json
    };
    let mut changes = Vec::new();
    match (old.map(json), new.map(json)) {
        (Some(old), Some(new)) => differ("", Some(&old), Some(&new), &mut changes),
        (None, Some(_)) => changes.push(Change::new("", None, Some(id.into()))),
        (Some(_), None) => changes.push(Change::new("", Some(id.into()), None)),
        (None, None) => {}
    }
    // A member of an example that is `null`, and one that is not there.
    changes.retain(|change| change.old.is_some() || change.new.is_some());
    changes.sort_by_key(|change| std::cmp::Reverse(change.holders.max(change.code)));
    (!changes.is_empty()).then(|| (id.to_owned(), changes))
}

/// Lists of what has a name as mappings by these names: where one is put in between, the others do not change.
fn keyed(value: Value) -> Value {
    match value {
        Value::Array(items) => {
            let items: Vec<Value> = items.into_iter().map(keyed).collect();
            let names: Option<Vec<String>> = items.iter().map(name_of).collect();
            let distinct = names.as_ref().map(|names| names.iter().collect::<BTreeSet<_>>().len());
            match names {
                Some(names) if !names.is_empty() && distinct == Some(names.len()) => {
                    names.into_iter().zip(items.into_iter().map(of_pair)).collect()
                }
                _ => Value::Array(items),
            }
        }
        Value::Object(members) => {
            members.into_iter().map(|(name, member)| (name, keyed(member))).collect()
        }
        other => other,
    }
}

/// What a pair gives its name to; any other item itself.
fn of_pair(item: Value) -> Value {
    match item {
        Value::Array(mut pair) if pair.len() == 2 => pair.remove(1),
        item => item,
    }
}

/// The name of an item: that of a pair, or its member `id` or `name`.
fn name_of(item: &Value) -> Option<String> {
    let name = match item {
        Value::Array(pair) if pair.len() == 2 => pair.first(),
        Value::Object(members) => members.get("id").or_else(|| members.get("name")),
        _ => None,
    };
    // The id of a rule says where in the list it stands, and then what it is.
    let rule = |name: &str| {
        name.starts_with("errors[").then(|| name.split(':').next())?.map(str::to_owned)
    };
    name?.as_str().map(|name| rule(name).unwrap_or_else(|| name.to_owned()))
}

/// Finds what differs, at the innermost fact that does and that a spec writes by a name of its own.
fn differ(path: &str, old: Option<&Value>, new: Option<&Value>, found: &mut Vec<Change>) {
    let joined = |name: &str| match (path, name) {
        ("", _) => name.to_owned(),
        (_, "") => path.to_owned(),
        _ => format!("{path}.{name}"),
    };
    if old == new {
        return;
    }
    match (old.and_then(parts_of), new.and_then(parts_of)) {
        (Some(Parts::Named(before)), Some(Parts::Named(after)))
            if !path.is_empty() || before.contains_key("provider") =>
        {
            let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
            // What a rule is called follows from its place and from what it matches.
            for name in
                names.into_iter().filter(|name| *name != "name" || !path.starts_with("errors"))
            {
                differ(&joined(name), before.get(name), after.get(name), found);
            }
        }
        (Some(Parts::Kind(key, before)), Some(Parts::Kind(other, after))) if key == other => {
            differ(&joined(key), Some(before), Some(after), found);
        }
        _ => found.push(Change::new(path, old.cloned(), new.cloned())),
    }
}

/// What a mapping is of a contract.
enum Parts<'a> {
    /// Facts that a spec writes by these names.
    Named(&'a Map<String, Value>),
    /// One of several kinds of what stands there, which a spec writes by this name, or by none.
    Kind(&'static str, &'a Value),
    /// One value, which a spec writes as a whole.
    Whole,
}

fn parts_of(value: &Value) -> Option<Parts<'_>> {
    // Their parts are named: all other kinds are written as a whole.
    const KINDS: [(&str, &str); 6] = [
        ("Form", "form"),
        ("Json", "json"),
        ("Xml", "xml"),
        ("Object", ""),
        ("Tokens", ""),
        ("Jwt", ""),
    ];
    // What holds one is a text with places, a pointer or a length of time.
    const OF_TEXTS: [&str; 3] = ["parts", "tokens", "secs"];
    let members = value.as_object()?;
    let mut all = members.iter();
    Some(match (all.next(), all.next()) {
        (Some((kind, value)), None) if kind.starts_with(|c: char| c.is_ascii_uppercase()) => {
            let known = KINDS.iter().find(|(known, _)| kind == known);
            // The pointer in the JSON of an answer is one value all the same.
            let inner = value.as_object().is_some_and(|it| !it.contains_key("tokens"));
            match known.filter(|_| inner) {
                Some((_, key)) => Parts::Kind(key, value),
                None => Parts::Whole,
            }
        }
        _ if OF_TEXTS.iter().any(|name| members.contains_key(*name)) => Parts::Whole,
        _ => Parts::Named(members),
    })
}

impl Change {
    fn new(path: &str, old: Option<Value>, new: Option<Value>) -> Self {
        let [old, new] = [old, new].map(|value| {
            let value = value.filter(|value| !value.is_null())?;
            Some(written::value(path, &value)).filter(|value| !value.is_null())
        });
        let leads = |fact: &str| {
            fact.is_empty()
                || path == fact
                || path.strip_prefix(fact).is_some_and(|rest| rest.starts_with('.'))
        };
        let known = EFFECTS.iter().filter(|(fact, ..)| leads(fact));
        let known = known.max_by_key(|(fact, ..)| fact.len());
        let known = known.map(|(_, holders, code, why)| (*holders, *code, *why));
        let (mut holders, mut code, why) = of_member(path, old.as_ref(), new.as_ref())
            .or(known)
            .unwrap_or((Breaking, Breaking, ""));
        let steps = path.split('.').count();
        match (path.split('.').next().unwrap_or_default(), &old, &new) {
            // A whole provider, environment, parameter or output.
            ("", None, Some(_)) => (holders, code) = (Additive, Additive),
            ("base" | "response", None, Some(_)) if steps == 3 && leads_into_names(path) => {
                (holders, code) = (Additive, Additive);
            }
            ("base" | "response", Some(_), None) if steps == 3 && leads_into_names(path) => {
                code = Breaking;
            }
            ("client", None, Some(new)) if steps == 2 => {
                let optional = new["optional"] == true || !new["default"].is_null();
                (holders, code) =
                    if optional { (Additive, Additive) } else { (Behaviour, Breaking) };
            }
            ("client", Some(_), None) if steps == 2 => code = Breaking,
            // What a client can do at all: answers tell a scope, tokens are put into requests, tokens are minted.
            ("response", Some(_), None) if path == "response.scope" => code = Breaking,
            ("access", Some(_), None) if path == "access.sent_as" => code = Breaking,
            ("fallback", Some(_), None) if steps == 1 => (holders, code) = (Behaviour, Breaking),
            // That there is a refresh token at all.
            ("refresh", ..) if steps == 1 => (holders, code) = (Breaking, Breaking),
            _ => {}
        }
        Self { path: path.to_owned(), old, new, holders, code, why }
    }

    /// What it was and what it is, with the start cut off that the two have in common where that is long.
    fn values(&self, whole: bool) -> String {
        let [old, new] = [&self.old, &self.new].map(|value| match value {
            None => "nothing".to_owned(),
            Some(Value::String(text)) => text.clone(),
            Some(value) => flow(value),
        });
        let is_long = !whole && old.chars().count().max(new.chars().count()) > LONGEST;
        let same = old.chars().zip(new.chars()).take_while(|(old, new)| old == new).count();
        let from = if is_long && same > CONTEXT { same - CONTEXT } else { 0 };
        let [old, new] = [old, new].map(|text| shown(&text, from, whole));
        format!("{old} → {new}")
    }
}

/// What a change of a part of a parameter, of an output or of whatever has a name means, where that differs from the rest.
fn of_member(
    path: &str,
    old: Option<&Value>,
    new: Option<&Value>,
) -> Option<(Effect, Effect, &'static str)> {
    let words: Vec<&str> = path.split('.').collect();
    let type_ = (Behaviour, Breaking, "a type of the client changes");
    let given = (Behaviour, Behaviour, "what an integrator gives");
    Some(match words.as_slice() {
        ["client", _, "doc"]
        | ["errors", .., "doc"]
        | ["base", "environments", _, "doc"]
        | ["response", "outputs", _, "doc"] => (Additive, Additive, "what the documentation says"),
        ["client", _, "kind" | "secret" | "optional"]
        | ["response", "outputs", _, "kind" | "secret"] => type_,
        ["client", _, "default"] if old.is_some() && new.is_some() => given,
        ["client", _, "default"] => (Behaviour, Breaking, "whether an integrator has to give it"),
        ["client", _, "one_of"] => {
            let [old, new] = [old, new].map(|values| values.and_then(Value::as_array));
            let is_any = |values: Option<&Vec<Value>>| values.is_none_or(Vec::is_empty);
            let (before, after) = (old.into_iter().flatten(), new);
            let holds = |value| is_any(after) || after.is_some_and(|all| all.contains(value));
            match !is_any(after) && is_any(old) || !before.into_iter().all(holds) {
                true => {
                    (Behaviour, Breaking, "a value that could be given cannot be given any more")
                }
                false => (Additive, Additive, "more values can be given"),
            }
        }
        _ => return None,
    })
}

fn leads_into_names(path: &str) -> bool {
    path.starts_with("base.environments.") || path.starts_with("response.outputs.")
}

/// How many characters of a value a line has room for.
const LONGEST: usize = 72;
/// How many of those that two values have in common are shown in front of what differs.
const CONTEXT: usize = 24;

/// A text from there on, as a line has room for it, or the whole of it.
fn shown(text: &str, from: usize, whole: bool) -> String {
    let rest: String = text.chars().skip(from).collect();
    let start: String = match rest.chars().count() > LONGEST && !whole {
        true => rest.chars().take(LONGEST - 1).chain(['…']).collect(),
        false => rest,
    };
    let before = if from > 0 { "…" } else { "" };
    // Line breaks and signs that are not seen alone: quotes stay as they are.
    let escaped = |sign: char| match sign.is_control() {
        true => sign.escape_debug().collect(),
        false => sign.to_string(),
    };
    format!("{before}{}", start.chars().map(escaped).collect::<String>())
}

fn human(all: &BTreeMap<String, Vec<Change>>, whole: bool) -> String {
    if all.is_empty() {
        return "nothing changed\n".to_owned();
    }
    let mut text = String::new();
    for (id, changes) in all {
        text += &format!("{id}: {}\n", count(changes.len(), "change"));
        for change in changes {
            let path = written::path(&change.path);
            let (holders, code) = (change.holders.word(), change.code.word());
            text +=
                &format!("  tokens: {holders:9}  code: {code:9}  {path}: {}", change.values(whole));
            text += &format!("  ({})\n", change.why);
        }
    }
    text
}

fn machine(all: &BTreeMap<String, Vec<Change>>) -> Value {
    let providers = all.iter().map(|(id, changes)| {
        let changes = changes.iter().map(|change| {
            json!({
                "path": written::path(&change.path),
                "old": change.old,
                "new": change.new,
                "tokens": change.holders.word(),
                "code": change.code.word(),
                "why": change.why,
            })
        });
        json!({ "id": id, "changes": changes.collect::<Vec<_>>() })
    });
    json!({ "providers": providers.collect::<Vec<_>>() })
}
