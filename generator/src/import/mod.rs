//! From what a provider's page shows, a curl command line, an OpenAPI document or discovery metadata, to the spec that it is the
//! beginning of.
//!
//! A spec says what the source says and no more. What a source like these cannot know, rotation, reuse and ends above all, is the
//! one word `TODO`, which `check` reports with what it takes. A value stays as it is only where it is plainly a word of the
//! protocol; everything else becomes a reference, so that no secret of the source is in a spec, an error or a log.

mod answer;
mod bounds;
mod code;
mod curl;
mod discovery;
mod draft;
mod host;
mod lifetime;
mod lines;
mod meaning;
mod media_type;
mod new;
mod openapi;
mod pasted;
mod path;
mod profile;
mod shell;
mod wire;
mod yaml;

use answer::Answer;
use draft::Draft;
use serde_json::{Map, Value, json};
use wire::Wire;

pub use new::{Facts, new};
pub(crate) use new::{OF_ACCESS, OF_REFRESH, OPERATIONS, RAW_BASIC, is_never_spent, key};
#[cfg(feature = "cli")]
pub(crate) use yaml::flow;

/// What stands for a fact that is still to be filled in.
pub(crate) const TODO: &str = "TODO";

/// The mark with which some editors begin a text.
const MARK: char = '\u{feff}';

/// Why nothing could be made of a source. None of its values is in the words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What is wrong, one sentence without a full stop.
    pub message: String,
    /// What to do about it.
    pub hint: String,
}

impl Problem {
    fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { message: message.into(), hint: hint.into() }
    }
}

/// What the source does not say.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// The provider's id. From its name for people or its host unless said.
    pub id: Option<String>,
    /// The address of the page that the source was read from.
    pub page: Option<String>,
    /// The title of that page.
    pub title: Option<String>,
    /// The day on which it was read.
    pub retrieved: Option<String>,
    /// The name of the provider for people.
    pub name: Option<String>,
    /// The answer that the page shows: JSON, perhaps behind the head that `curl -i` prints.
    pub answer: Option<String>,
}

/// The beginning of a spec.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    /// The provider's id: what its file is called.
    pub id: String,
    /// The text of the spec.
    pub text: String,
}

/// The spec that a curl command line is the beginning of, or the text of a request that a page shows in its place: `POST /token HTTP/1.1`.
/// Of several, it is of the one that trades a refresh token.
///
/// # Errors
///
/// Where the line is none, or sends what no spec can say; here and below, where the id that was said is no name, too.
pub fn curl(line: &str, settings: &Settings) -> Result<Imported, Problem> {
    settings.id.as_deref().map_or(Ok(()), refuse_no_id)?;
    let pasted = pasted::apart(&curl::with_plain_dashes(line.trim_start_matches(MARK)));
    if pasted.shown.is_empty() {
        return Err(curl::none());
    }
    let (mut wires, mut failed) = (Vec::new(), Vec::new());
    for shown in &pasted.shown {
        match curl::requests(&shown.request) {
            Ok(read) => wires.extend(read.into_iter().map(|wire| (wire, shown))),
            Err(problem) => failed.push((problem, shown.line)),
        }
    }
    // Of a single line, everybody knows which it is.
    let placed = |problem: Problem, row: usize| match line.trim_end().contains('\n') {
        true => Problem {
            message: format!("the request in line {row}: {}", problem.message),
            ..problem
        },
        false => problem,
    };
    if wires.is_empty() {
        let (problem, row) = failed.swap_remove(0);
        return Err(placed(problem, row));
    }
    let ((mut wire, shown), mut others) = picked(wires);
    let from = match curl::raw(&shown.request) {
        Some(_) => "an HTTP request",
        None => "a curl command line",
    };
    let count = others.len() + 1;
    // Of the requests as they are shown: what is assumed below is not.
    others.retain(|(other, _)| is_same(&wire, other));
    let hosts = others.iter().filter_map(|(other, _)| elsewhere(&wire, other)).collect();
    let mut answers = shown.answers.clone();
    others.dedup_by_key(|(_, other)| std::ptr::from_ref(*other));
    let below = others.iter().filter(|(_, other)| !std::ptr::eq(*other, shown));
    answers.extend(below.flat_map(|(_, other)| other.answers.iter().cloned()));
    let is_refresh = sent(&wire).is_some();
    let left_out = code::without_code(&mut wire);
    let mut notes: Vec<String> =
        code::refresh_instead(&mut wire, failed.is_empty()).into_iter().collect();
    notes.extend(left_out);
    notes.extend(code::refresh_assumed(&mut wire));
    if count > 1 {
        notes.push(format!(
            "The source shows {count} requests; this spec is of the one that {}.",
            if is_refresh { "trades a refresh token" } else { "comes first" }
        ));
    }
    notes.extend(failed.iter().map(|(problem, row)| {
        format!("The request in line {row} of the source is not read: {}.", problem.message)
    }));
    if wire.unquoted {
        notes.push("Quotes around a name, a value or the body that a shell would send with it are left out: hold it against the page.".to_owned());
    }
    if pasted.is_url {
        notes.push("The source shows a URL alone; assumed: it is asked for with GET.".to_owned());
    }
    if pasted.is_above {
        notes.push(
            "The answer stands above the request; assumed: it is that to this request.".to_owned(),
        );
    }
    if pasted.unread || wire.below {
        notes.push(
            "Text of the source that is neither a request nor an answer in JSON is not read."
                .to_owned(),
        );
    }
    let (answer, told) =
        pasted::read(&answers, settings.answer.as_deref(), sent(&wire).as_deref())?;
    notes.extend(told);
    spec(&wire, hosts, answer.as_ref(), from, &notes, settings)
        .map_err(|problem| placed(problem, shown.line))
}

/// A request, and what is shown below it.
type Read<'a> = (Wire, &'a pasted::Shown);

/// Of several requests the first that trades a refresh token, or the first, and the others.
fn picked(mut all: Vec<Read<'_>>) -> (Read<'_>, Vec<Read<'_>>) {
    let at = all.iter().position(|(wire, _)| sent(wire).is_some()).unwrap_or_default();
    let picked = all.remove(at);
    (picked, all)
}

/// Whether `other` is the same request, perhaps at another host.
fn is_same(wire: &Wire, other: &Wire) -> bool {
    let names = |wire: &Wire| wire.texts().into_iter().map(|(name, _)| name).collect::<Vec<_>>();
    let line = |wire: &Wire| Draft::of(wire).ok().map(|draft| draft.line);
    line(wire).is_some_and(|own| line(other) == Some(own)) && names(wire) == names(other)
}

/// The base URL of `other` where it is another one.
fn elsewhere(wire: &Wire, other: &Wire) -> Option<String> {
    let base = |wire: &Wire| Draft::of(wire).ok()?.base;
    base(other).filter(|other| base(wire).as_ref() != Some(other))
}

/// The spec that an operation of an OpenAPI 3 document, JSON or YAML, is the beginning of. `operation`: its `operationId`, or method and
/// path; the one that looks most like a token endpoint unless said.
///
/// # Errors
///
/// Where the document is none, or no operation can be picked.
pub fn openapi(
    document: &str,
    operation: Option<&str>,
    settings: &Settings,
) -> Result<Imported, Problem> {
    let described = openapi::request(&parsed(document)?, operation)?;
    let (mut answer, told) = pasted::read(&[], settings.answer.as_deref(), None)?;
    if let (None, Some((status, body))) = (&settings.answer, &described.answer) {
        answer = Answer::of(body, *status, None).ok();
    }
    let mut notes = described.notes;
    notes.extend(told);
    let wire = &described.wire;
    // A server that has another path, no name of its own or no https is no environment of this request.
    let is_environment = |other: &Wire| {
        is_same(wire, other)
            && Draft::of(other)
                .is_ok_and(|it| it.base.is_some_and(|base| base.starts_with("https://")))
    };
    let others = described.elsewhere.into_iter().map(|url| Wire { url, ..wire.clone() });
    let (same, unread): (Vec<_>, Vec<_>) = others.partition(is_environment);
    let hosts = same.iter().filter_map(|other| elsewhere(wire, other)).collect();
    if !unread.is_empty() {
        notes.push(format!("Servers of the document that are not read, because their path is another one or they have no https host: {}.", unread.len()));
    }
    spec(wire, hosts, answer.as_ref(), "an OpenAPI document", &notes, settings)
}

/// The spec that discovery metadata (RFC 8414, OpenID Connect Discovery) is the beginning of.
///
/// # Errors
///
/// Where the document is none, or names no token endpoint.
pub fn discovery(document: &str, settings: &Settings) -> Result<Imported, Problem> {
    let (wire, mut notes) = discovery::request(&parsed(document)?)?;
    let (answer, told) = pasted::read(&[], settings.answer.as_deref(), None)?;
    notes.extend(told);
    spec(&wire, Vec::new(), answer.as_ref(), "discovery metadata", &notes, settings)
}

fn parsed(document: &str) -> Result<Value, Problem> {
    rekindle_contract::json_of_yaml(document.trim_start_matches(MARK)).map_err(|why| {
        Problem::new(
            format!("the document is neither JSON nor YAML: {why}"),
            "give the document itself, not the page that shows it",
        )
    })
}

/// The refresh token in a request as shown, to see whether an answer repeats it.
fn sent(wire: &Wire) -> Option<String> {
    let is_token = |(name, value): &(String, String)| {
        !lines::is_grant(name) && meaning::role(name, value) == meaning::Role::RefreshToken
    };
    wire.texts().into_iter().find(is_token).map(|(_, value)| value)
}

/// The text of a spec. `hosts`: where else the same request goes.
fn spec(
    wire: &Wire,
    hosts: Vec<String>,
    answer: Option<&Answer>,
    from: &str,
    notes: &[String],
    settings: &Settings,
) -> Result<Imported, Problem> {
    settings.id.as_deref().map_or(Ok(()), refuse_no_id)?;
    let draft = Draft::of(wire)?;
    let provider = provider(settings.name.as_deref(), source(settings));
    let document = document(&draft, hosts, answer, provider);
    let mut text = format!(
        "# Begun by `rekindle import` from {from}. `rekindle check` says of each TODO what it takes.\n# Delete these comments once that is done.\n"
    );
    let of_answer = answer.map(|answer| answer.notes(&draft)).unwrap_or_default();
    let notes = notes.iter().chain(&draft.notes).chain(&of_answer);
    notes.for_each(|note| text.push_str(&comment(note)));
    text.push_str(&written(&document));
    Ok(Imported { id: id(settings, &draft), text })
}

/// Comment lines no longer than those of a spec. What stands in backticks is not broken.
fn comment(note: &str) -> String {
    let (mut text, mut line) = (String::new(), "#".to_owned());
    let mut pieces: Vec<String> = Vec::new();
    let mut in_code = false;
    for word in note.split(' ') {
        match pieces.last_mut().filter(|_| in_code) {
            Some(code) => code.push_str(&format!(" {word}")),
            None => pieces.push(word.to_owned()),
        }
        in_code ^= word.matches('`').count() % 2 == 1;
    }
    for piece in pieces {
        if line.chars().count() + piece.chars().count() > 114 {
            text.push_str(&format!("{line}\n"));
            line = "#  ".to_owned();
        }
        line.push_str(&format!(" {piece}"));
    }
    format!("{text}{line}\n")
}

/// The text of a document, in groups with an empty line between them.
fn written(document: &Map<String, Value>) -> String {
    let base = if document.contains_key("base_url") { "base_url" } else { "environments" };
    let first = if document.contains_key("profile") { "profile" } else { base };
    yaml::text(document, &[first, "refresh", "response", "tokens", "errors", "examples"])
}

/// What a spec says.
fn document(
    draft: &Draft,
    hosts: Vec<String>,
    answer: Option<&Answer>,
    provider: Value,
) -> Map<String, Value> {
    let mut document = Map::new();
    document.insert("rekindle".to_owned(), 1.into());
    document.insert("provider".to_owned(), provider);
    if draft.profile {
        document.insert("profile".to_owned(), "rfc6749".into());
    }
    let mut environments = Map::new();
    let bases =
        draft.base.iter().cloned().chain(hosts.into_iter().filter(|_| draft.base.is_some()));
    bases.for_each(|base| host::insert(&mut environments, base));
    // Of several, an example says to which it belongs.
    let own = environments.keys().next().filter(|_| environments.len() > 1).cloned();
    match environments.is_empty() {
        false => document.insert("environments".to_owned(), environments.into()),
        true => document.insert("base_url".to_owned(), "integrator".into()),
    };
    if !draft.client.is_empty() {
        document.insert("client".to_owned(), client(draft).into());
    }
    document.insert("refresh".to_owned(), refresh(draft).into());
    let response = match answer {
        Some(answer) => answer.response(draft),
        None if draft.profile => Map::new(),
        None => {
            let token = |key: &str| (key.to_owned(), Value::from(TODO));
            let refresh = draft.spends().then(|| token("refresh_token"));
            std::iter::once(token("access_token")).chain(refresh).collect()
        }
    };
    if !response.is_empty() {
        document.insert("response".to_owned(), response.into());
    }
    document.insert("tokens".to_owned(), tokens(draft, answer).into());
    document.insert("errors".to_owned(), TODO.into());
    let example = answer.and_then(|it| it.example(draft, own.as_deref()));
    document.insert("examples".to_owned(), example.map_or(TODO.into(), |example| json!([example])));
    document
}

/// Who the provider is, with its name for people where that was said.
fn provider(name: Option<&str>, source: Value) -> Value {
    match name {
        Some(name) => json!({ "name": shown(name), "source": source }),
        None => json!({ "source": source }),
    }
}

/// A text of somebody's that a spec holds.
fn shown(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(200).collect()
}

/// The page, as far as it was said.
fn source(settings: &Settings) -> Value {
    match (&settings.title, &settings.page) {
        (None, None) if settings.retrieved.is_none() => TODO.into(),
        (title, page) => {
            let title = title.as_deref().map_or(TODO.to_owned(), shown);
            let page = page.as_deref().map_or(TODO.to_owned(), |page| shown(&address(page)));
            json!({ "title": title, "url": page, "retrieved": settings.retrieved.as_deref().unwrap_or(TODO) })
        }
    }
}

/// Whether what was given may be the name of a file that an error shows: words, and no part of a URL or of a credential.
pub(crate) fn is_shown_name(path: &str) -> bool {
    let of_value = ["://", "=", "?", "@"];
    let mut parts = path.split('/');
    !of_value.iter().any(|sign| path.contains(sign))
        && parts.all(|part| part.is_empty() || part == ".." || meaning::is_field(part))
}

/// The address of a page without what may be a secret: its user, and what stands behind a question mark.
fn address(page: &str) -> String {
    let page = page.split(['?', '#']).next().unwrap_or_default();
    let (scheme, rest) = match page.split_once("://") {
        Some((scheme, rest)) => (format!("{scheme}://"), rest),
        None => (String::new(), page),
    };
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    format!("{scheme}{}{path}", authority.rsplit('@').next().unwrap_or_default())
}

/// Refuses an id that cannot name a file and a module.
pub(crate) fn refuse_no_id(id: &str) -> Result<(), Problem> {
    match meaning::is_module(id) {
        true => Ok(()),
        false if meaning::is_taken(id) => Err(Problem::new(
            format!(
                "the id `{id}` cannot name a module: it has a meaning in Rust, or in generated code"
            ),
            format!("it names the file and the module: give it a word more, `{id}_bank`"),
        )),
        false => Err(Problem::new(
            "the id is no name in `snake_case`",
            "it names the file and the module: `acme`, `acme_bank`",
        )),
    }
}

fn client(draft: &Draft) -> Map<String, Value> {
    let facts = |parameter: &draft::Parameter| {
        let mut facts = Map::new();
        if parameter.secret {
            facts.insert("secret".to_owned(), true.into());
        }
        if parameter.optional {
            facts.insert("optional".to_owned(), true.into());
        }
        facts.extend(parameter.kind.map(|kind| ("type".to_owned(), kind.into())));
        if !parameter.one_of.is_empty() {
            facts.insert("one_of".to_owned(), parameter.one_of.clone().into());
        }
        (parameter.name.clone(), facts.into())
    };
    draft.client.iter().map(facts).collect()
}

fn refresh(draft: &Draft) -> Map<String, Value> {
    let mut refresh = Map::new();
    let mut add = |key: &str, value: Value| drop(refresh.insert(key.to_owned(), value));
    if let Some(operation) = draft.operation {
        add("operation", operation.into());
    }
    add("request", draft.line.as_str().into());
    if let Some(auth) = &draft.auth {
        add("auth", auth.clone());
    }
    for (key, members) in
        [("query", &draft.query), ("headers", &draft.headers), ("cookies", &draft.cookies)]
    {
        if !members.is_empty() {
            add(key, members.clone().into());
        }
    }
    match &draft.json {
        _ if draft.unread == Some(true) => add("json", TODO.into()),
        _ if draft.unread == Some(false) => add("form", TODO.into()),
        Some(json) => add("json", json.clone()),
        None if !draft.fields.is_empty() || draft.form && !draft.profile => {
            add("form", draft.fields.clone().into())
        }
        None => {}
    }
    refresh
}

fn tokens(draft: &Draft, answer: Option<&Answer>) -> Map<String, Value> {
    let todo = || Value::from(TODO);
    let sent_as = if answer.is_some_and(Answer::bearer) { "bearer".into() } else { todo() };
    let expires = answer.and_then(Answer::expires).unwrap_or_else(todo);
    let mut tokens = Map::new();
    tokens.insert(
        "access".to_owned(),
        json!({ "expires": expires, "after_refresh": TODO, "sent_as": sent_as }),
    );
    if draft.spends() {
        let expires = answer.and_then(Answer::refresh_expires).unwrap_or_else(todo);
        let refresh = json!({ "use": TODO, "rotation": TODO, "expires": expires, "spent": TODO, "reuse": TODO });
        tokens.insert("refresh".to_owned(), refresh);
    }
    tokens
}

/// The provider's id: what was said, its name for people, or the name in its host.
fn id(settings: &Settings, draft: &Draft) -> String {
    let of_name = || settings.name.as_deref().and_then(host::module_of);
    let of_host = || draft.base.as_deref().and_then(host::id);
    settings.id.clone().or_else(of_name).or_else(of_host).unwrap_or_else(|| "provider".to_owned())
}
