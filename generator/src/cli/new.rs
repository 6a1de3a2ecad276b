//! `rekindle new`

use super::args::{Amount, New};
use super::import::{Existing, path, refuse_taken, stop, write};
use super::{Outcome, Stop, console};
use crate::import::{self, Facts, Imported, TODO};
use dialoguer::console::Term;
use dialoguer::{Input, Select};
use rekindle_contract::diagnostics::Severity;
use rekindle_contract::diagnostics::meaning::STILL_TO_DO;
use rekindle_contract::diagnostics::shape::UNKNOWN_VALUE;
use rekindle_contract::{Diagnostic, Source, check};
use serde_json::Value;
use std::io::{ErrorKind, IsTerminal};

/// The exit code of what Ctrl-C ends, as shells have it.
const INTERRUPTED: u8 = 130;

/// A fact that is asked for.
struct Question {
    /// The flag.
    flag: &'static str,
    /// What is asked in a terminal.
    text: &'static str,
    /// What may be answered.
    answers: Answers,
}

/// What may be answered.
enum Answers {
    /// A text; the one that holds where none is typed.
    Text(Option<&'static str>),
    /// A day; today where none is typed.
    Day,
    /// The words of this definition of the schema.
    Words(&'static str),
    /// These.
    Among(&'static [&'static str]),
}

/// What every spec says.
const ALWAYS: &[Question] = &[
    Question {
        flag: "request",
        text: "Method and URL of the token endpoint, such as `POST https://id.acme.example/oauth/token`",
        answers: Answers::Text(None),
    },
    Question {
        flag: "operation",
        text: "What is traded for an access token",
        answers: Answers::Among(import::OPERATIONS),
    },
    Question {
        flag: "auth",
        text: "How the client proves who it is",
        answers: Answers::Words("AuthMethod"),
    },
    Question {
        flag: "title",
        text: "Title of the page that says so",
        answers: Answers::Text(None),
    },
    Question { flag: "page", text: "Its address", answers: Answers::Text(None) },
    Question { flag: "retrieved", text: "The day on which you read it", answers: Answers::Day },
    Question {
        flag: "expires",
        text: "When an access token ends: the member with the seconds, a lifetime such as `1d`, or `jwt`, `never`, `undeclared`",
        answers: Answers::Text(Some("/expires_in")),
    },
    Question {
        flag: "after-refresh",
        text: "What becomes of the old access token",
        answers: Answers::Words("OldAccessToken"),
    },
    Question {
        flag: "sent-as",
        text: "How requests carry the access token",
        answers: Answers::Words("SentAsName"),
    },
];

/// What one says whose exchange spends a refresh token. What others follow from comes first.
const OF_REFRESH: &[Question] = &[
    Question {
        flag: "rotation",
        text: "Whether a refresh replaces the refresh token",
        answers: Answers::Words("Rotation"),
    },
    Question {
        flag: "use",
        text: "How often a refresh token may be used",
        answers: Answers::Words("RefreshUse"),
    },
    Question {
        flag: "refresh-expires",
        text: "When a refresh token ends, used or not: the member with the seconds, a lifetime such as `90d` from its issue, `{ constant: 90d, since: sign_in }` from the sign-in, or `never`, `undeclared`",
        answers: Answers::Text(Some("undeclared")),
    },
    Question {
        flag: "idle-limit",
        text: "When a refresh token dies that is not used: a time such as `60d` since its last use, or `undeclared`",
        answers: Answers::Text(Some("undeclared")),
    },
    Question {
        flag: "spent",
        text: "What a spent one is still good for",
        answers: Answers::Words("SpentName"),
    },
    Question {
        flag: "reuse",
        text: "What one that comes back does",
        answers: Answers::Words("Reuse"),
    },
];

/// What a spec cannot leave out.
const NEEDED: &[&str] = &["request", "title", "page"];

/// The flags that hold a URL, and what one looks like.
const URLS: &[(&str, &str)] = &[
    ("request", "POST https://id.acme.example/oauth/token"),
    ("page", "https://docs.acme.example/oauth"),
];

pub(super) fn run(arguments: &New, amount: Amount) -> Result<Outcome, Stop> {
    let terminal = std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
    // Nobody answers a dozen questions in vain.
    import::refuse_no_id(&arguments.id).map_err(stop)?;
    refuse_taken(&path(&arguments.id, arguments.output.as_deref())?, Existing::Stays)?;
    let said =
        |question: &Question| Some((question.flag, given(arguments, question.flag)?.to_owned()));
    let mut facts: Facts = ALWAYS.iter().chain(OF_REFRESH).filter_map(said).collect();
    facts.extend(arguments.name.clone().map(|name| ("name", name)));
    for (flag, example) in URLS {
        if let Some(why) = facts.get(flag).and_then(|url| no_host(url)) {
            let hint = format!("write one, `{example}`, or `{TODO}` for later");
            return Err(Stop::Usage(format!("`--{flag}`: {why}"), Some(hint)));
        }
    }
    let made = import::new(&arguments.id, &facts).map_err(stop)?;
    let (problems, sources) = problems(&made);
    if !problems.is_empty() {
        tell(problems, &sources);
        let message = "the answers make no spec: nothing was written";
        return Err(Stop::Usage(message.to_owned(), None));
    }
    if terminal {
        // Whoever is asked may stop: the prompt ends then, and leaves the terminal as it was. Without that it is only less tidy.
        let _ = ctrlc::set_handler(|| {});
    }
    match terminal {
        true => ask(&arguments.id, &mut facts)?,
        false => refuse_missing(&facts)?,
    }
    facts.entry("retrieved").or_insert_with(today);
    let made = import::new(&arguments.id, &facts).map_err(stop)?;
    write(&made.id, &made.text, arguments.output.as_deref(), Existing::Stays, amount)
}

/// Asks for what was not said, and does not follow from what was.
fn ask(id: &str, facts: &mut Facts) -> Result<(), Stop> {
    for question in ALWAYS.iter().chain(OF_REFRESH) {
        if !facts.contains_key(question.flag) && !follows(question.flag, facts) {
            answer(id, question, facts)?;
        }
    }
    Ok(())
}

/// Whether there is nothing to ask about a fact, by those that are known.
fn follows(flag: &str, facts: &Facts) -> bool {
    let of_refresh = |flag: &str| import::OF_REFRESH.iter().any(|(one, _)| *one == flag);
    let mints = facts.get("operation").is_some_and(|operation| operation == "client_credentials");
    match flag {
        "operation" => facts.keys().any(|flag| of_refresh(flag)),
        "use" | "spent" | "reuse" if import::is_never_spent(facts) => true,
        flag => mints && of_refresh(flag),
    }
}

/// Refuses to go on without what every spec says, where nobody can be asked.
fn refuse_missing(facts: &Facts) -> Result<(), Stop> {
    let missing: Vec<String> = NEEDED
        .iter()
        .filter(|flag| !facts.contains_key(**flag))
        .map(|flag| format!("--{flag}"))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let are = if missing.len() == 1 { "is" } else { "are" };
    let message = format!(
        "this is no terminal, and there is nobody to ask: {} {are} missing",
        missing.join(", ")
    );
    let hint = "give them as flags, `TODO` for what you do not know yet; `rekindle new --help` says what the others mean that are left out";
    Err(Stop::Usage(message, Some(hint.to_owned())))
}

/// The day on which somebody reads a page who does not say another.
fn today() -> String {
    jiff::Timestamp::now().strftime("%F").to_string()
}

/// What is wrong with a spec, errors alone, but for what is still to be filled in.
fn problems(made: &Imported) -> (Vec<Diagnostic>, Vec<Source>) {
    let sources = vec![Source::new(format!("{}.yaml", made.id), made.text.clone())];
    let mut found = check(&sources).diagnostics;
    found.retain(|found| found.code != STILL_TO_DO && found.severity == Severity::Error);
    (found, sources)
}

/// Asks for a fact until what is answered makes sense beside what was answered before.
fn answer(id: &str, question: &Question, facts: &mut Facts) -> Result<(), Stop> {
    loop {
        let answer = asked(question).map_err(stopped)?;
        let url = URLS.iter().find(|(flag, _)| *flag == question.flag);
        if let Some((why, (_, example))) = no_host(&answer).zip(url) {
            console::error(why);
            console::hint(&format!("write one, `{example}`, or `{TODO}` for later"));
            continue;
        }
        facts.insert(question.flag, answer);
        match import::new(id, facts) {
            Ok(made) => match problems(&made).0.first() {
                None => return Ok(()),
                Some(wrong) => {
                    console::error(&wrong.message);
                    wrong.hint.iter().for_each(|hint| console::hint(hint));
                }
            },
            Err(problem) => {
                console::error(&problem.message);
                console::hint(&problem.hint);
            }
        }
    }
}

/// Tells what is wrong of the flags: nobody has seen the spec's text yet.
fn tell(problems: Vec<Diagnostic>, sources: &[Source]) {
    let (of_flags, others): (Vec<Diagnostic>, Vec<Diagnostic>) =
        problems.into_iter().partition(|found| flag_of(found).is_some());
    for found in of_flags {
        let flag = flag_of(&found).unwrap_or_default();
        console::error(&format!("`--{flag}`: {}", found.message));
        found.hint.iter().for_each(|hint| console::hint(hint));
        if ["expires", "refresh-expires"].contains(&flag) && found.code == UNKNOWN_VALUE {
            console::hint(
                "or the member that holds the seconds, `/expires_in`, or a lifetime, `1d`",
            );
        }
    }
    console::diagnostics(&others, sources);
}

/// The flag whose answer a problem is about.
fn flag_of(found: &Diagnostic) -> Option<&'static str> {
    const FLAGS: &[(&str, &str)] = &[
        ("refresh.request", "request"),
        ("refresh.operation", "operation"),
        ("refresh.auth", "auth"),
        ("environments", "request"),
        ("base_url", "request"),
        ("provider.name", "name"),
        ("provider.source.title", "title"),
        ("provider.source.url", "page"),
        ("provider.source.retrieved", "retrieved"),
    ];
    let path = found.path.to_string();
    let is_below = |place: &str| {
        path.strip_prefix(place).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
    };
    let of = |token: &str, flags: &[(&'static str, &str)]| {
        let found = |flag: &str| is_below(&format!("tokens.{token}.{}", import::key(flag)));
        flags.iter().map(|(flag, _)| *flag).find(|flag| found(flag))
    };
    let named = FLAGS.iter().find(|(place, _)| is_below(place)).map(|(_, flag)| *flag);
    named.or_else(|| of("access", import::OF_ACCESS)).or_else(|| of("refresh", import::OF_REFRESH))
}

/// What a flag says.
fn given<'a>(arguments: &'a New, flag: &str) -> Option<&'a str> {
    let New {
        id: _,
        name: _,
        request,
        operation,
        auth,
        title,
        page,
        retrieved,
        expires,
        after_refresh,
        sent_as,
        use_,
        rotation,
        refresh_expires,
        unused,
        spent,
        reuse,
        output: _,
    } = arguments;
    let all = [
        ("request", request),
        ("operation", operation),
        ("auth", auth),
        ("title", title),
        ("page", page),
        ("retrieved", retrieved),
        ("expires", expires),
        ("after-refresh", after_refresh),
        ("sent-as", sent_as),
        ("use", use_),
        ("rotation", rotation),
        ("refresh-expires", refresh_expires),
        ("idle-limit", unused),
        ("spent", spent),
        ("reuse", reuse),
    ];
    all.into_iter().find(|(name, _)| *name == flag).and_then(|(_, value)| value.as_deref())
}

/// What somebody answers in the terminal.
fn asked(question: &Question) -> dialoguer::Result<String> {
    let mut words: Vec<(String, String)> = match question.answers {
        Answers::Text(None) => return Input::new().with_prompt(question.text).interact_text(),
        Answers::Text(Some(default)) => return text(question, default.to_owned()),
        Answers::Day => return text(question, today()),
        Answers::Among(words) => {
            words.iter().map(|word| ((*word).to_owned(), String::new())).collect()
        }
        Answers::Words(definition) => words(definition),
    };
    let is_auth = question.flag == "auth";
    let place =
        |words: &[(String, String)], one: &str| words.iter().position(|(word, _)| word == one);
    if let Some(basic) = place(&words, "basic").filter(|_| is_auth) {
        let raw = "As `basic`, with id and secret as they are, not form-encoded.";
        words.insert(basic + 1, (import::RAW_BASIC.to_owned(), raw.to_owned()));
    }
    let line = |(word, about): &(String, String)| {
        if about.is_empty() { word.clone() } else { format!("{word}: {about}") }
    };
    let mut lines: Vec<String> = words.iter().map(line).collect();
    lines.push(format!("{TODO}: later"));
    // What RFC 6749 section 2.3.1 lets every server take, and the profile unless said. Else nobody claims anything who goes on.
    let usual = place(&words, if is_auth { "body" } else { "unknown" });
    let chosen = Select::new()
        .with_prompt(question.text)
        .items(&lines)
        .default(usual.unwrap_or_default())
        .interact()?;
    Ok(words.get(chosen).map_or(TODO.to_owned(), |(word, _)| word.clone()))
}

/// A text that somebody types, or the `default` where nothing is typed.
fn text(question: &Question, default: String) -> dialoguer::Result<String> {
    Input::new().with_prompt(question.text).default(default).interact_text()
}

/// Why there is no answer: somebody stopped, mostly, or the terminal is gone.
fn stopped(dialoguer::Error::IO(error): dialoguer::Error) -> Stop {
    let terminal = Term::stderr();
    // A choice hides it.
    let _ = terminal.show_cursor().and_then(|()| terminal.write_line(""));
    match error.kind() {
        ErrorKind::Interrupted | ErrorKind::UnexpectedEof => {
            console::error("stopped: nothing was written");
            Stop::Ended(INTERRUPTED)
        }
        _ => Stop::Output(error),
    }
}

/// What is wrong with a URL, after a method or alone, that has two schemes, as where one was pasted behind another, or ends before its host.
fn no_host(url: &str) -> Option<&'static str> {
    if url.matches("://").count() > 1 && !url.contains(['?', '#']) {
        return Some("the URL has two schemes");
    }
    url.trim().ends_with("://").then_some("the URL has no host")
}

/// The words of a definition of the schema, each with what it means.
fn words(definition: &str) -> Vec<(String, String)> {
    let schema: Value = serde_json::from_str(rekindle_contract::schema()).unwrap_or_default();
    let words = schema.pointer(&format!("/$defs/{definition}/oneOf")).and_then(Value::as_array);
    let word = |word: &Value| {
        let text = |key: &str| word.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        (text("const"), text("description"))
    };
    words.into_iter().flatten().map(word).collect()
}
