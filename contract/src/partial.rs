//! Which problems of a partial contract are the spec's own, and which only follow from what was left out of it.

use crate::diagnostics::meaning::{
    ANSWER_DIFFERS, ANSWER_FORMAT_MISMATCH, BAD_PARAMETER, BAD_REQUEST_LINE, BAD_SEQUENCE,
    CREDENTIAL_CONTRADICTS_CLASS, FIELD_NEVER_FOUND, INCOMPLETE_GIVEN,
    LIFETIME_CONTRADICTS_EXAMPLE, LOCAL_TOKEN, MISSING_FACT, NO_BASE_URL, NO_CREDENTIAL,
    NO_EXAMPLE, NO_MISCONFIGURATION_RULE, NO_SIGN_IN_RULE, NO_SUCCESS_EXAMPLE,
    OUTAGE_IS_NO_VERDICT, PLACEHOLDER_MISPLACED, REQUEST_DIFFERS, ROTATION_CONTRADICTS_EXAMPLE,
    ROTATION_WITHOUT_FIELD, SURROUNDING_SPACE, UNDECLARED_PLACEHOLDER, UNREAD_ERROR,
    UNUSED_PARAMETER, UNUSED_SAMPLE, UNUSED_TAKEN, WHEN_WITHOUT_EXPIRY, WRONG_OPERATION,
    WRONG_PARAMETER_TYPE,
};
use crate::diagnostics::{At, Code, Finding};
use crate::path::{Path, Step};
use crate::shape::shapes;

/// Whether a problem may come from a part that was left out: it says that something is missing which that part may have held, it holds an
/// example against that part, or it stands in the same part as a problem of shape.
pub(crate) fn may_be_consequence(finding: &Finding, broken: &[Path]) -> bool {
    // These were seen in the document itself.
    let seen = [PLACEHOLDER_MISPLACED, SURROUNDING_SPACE].contains(&finding.code);
    if broken.is_empty() || seen {
        return false;
    }
    let related = || broken.iter().any(|part| finding.path.is_related(part));
    let is_example = begins_with(&finding.path, &["examples"]);
    // What an example lacks can be seen without the rest of the spec.
    if finding.code == MISSING_FACT && is_example {
        return related();
    }
    let is_open = held_in(finding).is_some() && broken.iter().any(is_misspelt);
    // Where the token is says whether the answer has fields at all.
    let of_format = ["response.access_token", "response.body"].map(Path::of);
    let is_of_format = finding.code == ANSWER_FORMAT_MISMATCH
        && broken.iter().any(|part| of_format.iter().any(|of| part.is_related(of)));
    // What nobody has said yet contradicts nothing.
    let of_class = [OUTAGE_IS_NO_VERDICT, CREDENTIAL_CONTRADICTS_CLASS].contains(&finding.code)
        && finding.path.0.get(..2).is_some_and(|item| {
            broken.iter().any(|part| *part == Path(item.to_vec()).key("class"))
        });
    is_open
        || of_class
        || is_of_format
        || broken.iter().any(|part| narrows(part, &finding.path))
        || may_be_in(finding, broken.iter())
        || is_held_against(finding, broken.iter())
        || related()
}

/// Whether a part is a key without a meaning in an item of a list that the path leads into: what the item says is not known without it.
fn narrows(part: &Path, path: &Path) -> bool {
    let Some((_, item @ [.., Step::Index(_)])) = part.0.split_last() else { return false };
    let of_errors = begins_with(part, &["errors"]) && path.0.starts_with(item);
    of_errors && !shapes().has(part)
}

/// Whether a problem says that something is missing which one of these facts would have held, were it right.
pub(crate) fn may_be_in<'a>(finding: &Finding, mut wrong: impl Iterator<Item = &'a Path>) -> bool {
    const HOLDS_NONE: [&str; 3] = ["refresh.limit", "refresh.at_most_every", "refresh.when"];
    let Some(blocks) = held_in(finding) else { return false };
    // Of these blocks, a use stands in one fact alone.
    let chosen = Path::of("tokens.access.expires");
    let is_use = finding.code == UNUSED_PARAMETER;
    wrong.any(|path| {
        let holds_none = HOLDS_NONE.iter().any(|none| path.is_related(&Path::of(none)))
            || is_use && begins_with(path, &["response", "tokens"]) && !path.is_related(&chosen);
        // What a name is given to may be broken: the name is declared.
        let names = |steps: usize| shapes().is_named(&Path(path.0[..steps].to_vec()));
        let declares = finding.code == UNDECLARED_PLACEHOLDER && (2..=path.0.len()).any(names);
        begins_with(path, blocks) && (is_block(path) || !holds_none) && !declares
    })
}

/// Drops what is said of examples because they are held against a fact in which something is wrong.
pub(crate) fn drop_held_examples(findings: &mut Vec<Finding>) {
    let is_of_example = |path: &Path| begins_with(path, &["examples"]);
    let wrong = findings.iter().filter(|finding| finding.is_error()).map(|finding| &finding.path);
    let wrong: Vec<Path> = wrong.filter(|path| !is_of_example(path)).cloned().collect();
    findings
        .retain(|finding| !is_of_example(&finding.path) || !is_held_against(finding, wrong.iter()));
}

/// Whether a problem of an example comes of holding it against one of these parts, in which something is wrong. What an example lacks or
/// says twice is seen without them.
pub(crate) fn is_held_against<'a>(
    finding: &Finding,
    broken: impl Iterator<Item = &'a Path>,
) -> bool {
    let mut broken = broken.filter(|wrong| !declares_another(wrong, finding));
    let of_request = finding.path.0.get(3..).unwrap_or_default();
    let is_of_refresh_token = finding.path.0.contains(&Step::Key("refresh_token".to_owned()));
    let against: &[&str] = match finding.code {
        code if code == INCOMPLETE_GIVEN => held_by_given(&finding.path),
        code if code == REQUEST_DIFFERS => {
            return broken.any(|wrong| makes(wrong, of_request, finding.at));
        }
        code if code == ANSWER_DIFFERS => held_by_expected(&finding.path),
        code if code == UNREAD_ERROR => &["profile", "refresh.operation", "response", "errors"],
        // What a step may not say together, whatever the contract says.
        code if code == BAD_SEQUENCE && finding.at == At::Key => &[],
        code if code == BAD_SEQUENCE => {
            &["profile", "refresh.operation", "response", "tokens", "errors"]
        }
        code if code == LIFETIME_CONTRADICTS_EXAMPLE => match is_of_refresh_token {
            true => &["profile", "response.body", "tokens.refresh.expires"],
            false => &[
                "profile",
                "response.body",
                "tokens.access.expires",
                "tokens.access.usual_lifetime",
            ],
        },
        code if code == ROTATION_CONTRADICTS_EXAMPLE => {
            &["profile", "response.refresh_token", "response.body", "tokens.refresh.rotation"]
        }
        code if code == FIELD_NEVER_FOUND => {
            return broken.any(|wrong| {
                let part = wrong.0.get(2);
                let of_answer = |step: &Step| *step == Step::Key("response".to_owned());
                begins_with(wrong, &["profile"])
                    || begins_with(wrong, &["examples"]) && part.is_none_or(of_answer)
            });
        }
        code if code == NO_SUCCESS_EXAMPLE || code == NO_EXAMPLE => &["examples"],
        _ => &[],
    };
    let blocks: Vec<Path> = against.iter().map(|block| Path::of(block)).collect();
    broken.any(|path| blocks.iter().any(|block| path.is_related(block)))
}

/// The key at this place of a path; nothing where an index stands there, or the path ends before.
fn key(steps: &[Step], at: usize) -> &str {
    match steps.get(at) {
        Some(Step::Key(key)) => key,
        _ => "",
    }
}

/// Whether a part is the declaration of another parameter than the one whose value an example gives, or lacks.
fn declares_another(wrong: &Path, finding: &Finding) -> bool {
    let (declared, given) = (key(&wrong.0, 1), key(&finding.path.0, 4));
    let is_given = finding.code == INCOMPLETE_GIVEN && key(&finding.path.0, 3) == "client";
    let is_told = is_given && !declared.is_empty() && !given.is_empty();
    is_told && begins_with(wrong, &["client"]) && declared != given
}

/// The parts that decide what has to be given at `path`.
fn held_by_given(path: &Path) -> &'static [&'static str] {
    match key(&path.0, 3) {
        "values" => &["assertion", "steps", "refresh.values", "refresh.take", "refresh.then"],
        "answers" => &["steps", "refresh.take", "refresh.then"],
        "access_token" => &["tokens.access.max_length"],
        "refresh_token" => &["tokens.refresh.max_length"],
        "environment" | "base_url" => &["environments", "base_url", "refresh.request"],
        "client" => &["profile", "client", "environments", "base_url", "refresh.auth"],
        _ => &[
            "profile",
            "client",
            "environments",
            "base_url",
            "assertion",
            "steps",
            "refresh.auth",
            "refresh.operation",
            "refresh.request",
            "refresh.take",
            "refresh.then",
            "refresh.values",
        ],
    }
}

/// The parts that decide whether an answer gives what is expected at `path`.
fn held_by_expected(path: &Path) -> &'static [&'static str] {
    const ERROR: &[&str] = &[
        "profile",
        "refresh.operation",
        "refresh.then",
        "response.success",
        "response.body",
        "response.token_type",
        "response.access_token",
        "errors",
    ];
    const ACCESS: &[&str] = &[
        "profile",
        "refresh.then",
        "response.success",
        "response.body",
        "response.token_type",
        "response.access_token",
        "tokens.access.expires",
    ];
    const REFRESH: &[&str] = &[
        "profile",
        "response.success",
        "response.body",
        "response.token_type",
        "response.access_token",
        "response.refresh_token",
        "tokens.refresh.use",
        "tokens.refresh.rotation",
    ];
    match key(&path.0, 3) {
        "error" | "sign_in" => ERROR,
        "access_expires" => ACCESS,
        "refresh_expires" => &["profile", "refresh.then", "response", "tokens.refresh"],
        "refresh_token" => REFRESH,
        "access_token" => &ACCESS[..6],
        _ => &[
            "profile",
            "refresh.operation",
            "refresh.then",
            "response",
            "environments",
            "base_url",
        ],
    }
}

/// Whether what a request holds at `part` (`form`, `scope`) may come of the fact at `wrong`.
fn makes(wrong: &Path, part: &[Step], at: At) -> bool {
    const BODIES: [&str; 4] = ["form", "json", "xml", "text"];
    let (block, fact, holder) = (key(&wrong.0, 0), key(&wrong.0, 1), key(part, 0));
    let is_block = wrong.0.len() <= 2;
    match (block, fact) {
        ("profile", _) => true,
        ("refresh", "") => true,
        // The kind of a body.
        ("refresh", "auth" | "scope") if at == At::Key => true,
        ("refresh", fact) if at == At::Key => is_block && BODIES.contains(&fact),
        (_, _) if at == At::Key => false,
        ("environments" | "base_url", _) => ["", "url"].contains(&holder),
        // What an example gives is sent, whatever is wrong with its declaration.
        ("client", _) => wrong.0.len() < 2 || wrong.last_key() == "default",
        ("assertion" | "steps", _) => true,
        ("refresh", "auth") => {
            holder.contains("headers") || part.len() < 2 || key(part, 1).starts_with("client_")
        }
        ("refresh", "values" | "scope" | "operation" | "token") => true,
        ("refresh", "request" | "query") => ["method", "url"].contains(&holder),
        ("refresh", fact) if holder.contains("headers") || fact.contains("headers") => {
            holder.contains("headers") && (fact.contains("headers") || is_block)
        }
        ("refresh", fact) => BODIES.contains(&fact) && BODIES.contains(&holder),
        // What is asked for follows from what answers are.
        ("response", _) => key(part, 1).eq_ignore_ascii_case("accept"),
        _ => false,
    }
}

/// Whether a problem of an example may come of another in the same one: it is about the same part, or it is held against a part of which
/// less is known. `None` where it is about no example, or they are not of the same.
pub(crate) fn follows_in_example(finding: &Finding, wrong: &Path) -> Option<bool> {
    let (this, that) = (&finding.path.0, &wrong.0);
    let in_one = begins_with(&finding.path, &["examples"]) && this.get(..2) == that.get(..2);
    if !in_one || this.len() < 2 {
        return None;
    }
    let of_answer =
        [ANSWER_DIFFERS, UNREAD_ERROR, LIFETIME_CONTRADICTS_EXAMPLE, ROTATION_CONTRADICTS_EXAMPLE];
    let (part, of_part) = (key(that, 2), key(that, 3));
    let is_held = of_answer.contains(&finding.code);
    let decides = match part {
        "" => is_held || finding.code == REQUEST_DIFFERS,
        "response" => is_held,
        "given" if finding.code == REQUEST_DIFFERS => true,
        // When the exchange began says when its tokens end, and its base URL which outputs are taken.
        "given" if finding.code == ANSWER_DIFFERS => match key(this, 3) {
            "access_expires" | "refresh_expires" => of_part == "at",
            "outputs" => of_part != "at",
            _ => of_part == "answers",
        },
        "given" => is_held && of_part == "answers",
        _ => false,
    };
    Some(decides || part == key(this, 2))
}

/// In which blocks of a spec the fact may be that a problem misses; `None` of a problem that misses none.
fn held_in(finding: &Finding) -> Option<&'static [&'static str]> {
    const CREDENTIAL: &[&str] = &[
        // Who asks, which is of the request as a whole; a token that is traded stands in none of these.
        "refresh.auth",
        "assertion",
        "profile",
        "refresh.request",
        "refresh.operation",
        "refresh.token",
        "refresh.values",
        "refresh.query",
        "refresh.headers",
        "refresh.cookies",
        "refresh.form",
        "refresh.json",
        "refresh.xml",
        "refresh.then",
        "refresh.else",
    ];
    const ROTATION: &[&str] = &[
        "profile",
        "refresh.operation",
        "response.body",
        "response.access_token",
        "response.refresh_token",
        "tokens.refresh.use",
        "tokens.refresh.rotation",
    ];
    const EXPIRY: &[&str] = &[
        "profile",
        "refresh.when",
        "response.body",
        "tokens.access.expires",
        "tokens.access.usual_lifetime",
    ];
    const USES: &[&str] =
        &["refresh", "response", "tokens", "base_url", "environments", "steps", "assertion"];
    const DECLARED: &[&str] = &[
        "client",
        "samples",
        "steps",
        "assertion",
        "refresh.take",
        "refresh.then",
        "refresh.values",
    ];
    let table: [(Code, &[&str]); 18] = [
        (MISSING_FACT, &["profile", "response.body", "response.access_token"]),
        (NO_BASE_URL, &["base_url", "environments"]),
        (NO_CREDENTIAL, if finding.at == At::Key { CREDENTIAL } else { &CREDENTIAL[2..] }),
        (ROTATION_WITHOUT_FIELD, ROTATION),
        (WHEN_WITHOUT_EXPIRY, EXPIRY),
        (NO_EXAMPLE, &["examples"]),
        (NO_SUCCESS_EXAMPLE, &["examples"]),
        (NO_SIGN_IN_RULE, &["errors"]),
        (UNDECLARED_PLACEHOLDER, DECLARED),
        (LOCAL_TOKEN, &["assertion"]),
        (BAD_REQUEST_LINE, &["steps"]),
        (UNUSED_PARAMETER, USES),
        (UNUSED_TAKEN, &["refresh", "steps"]),
        (NO_MISCONFIGURATION_RULE, &["errors"]),
        (UNUSED_SAMPLE, &["examples", "sequences"]),
        (WRONG_PARAMETER_TYPE, &["environments", "base_url"]),
        (BAD_PARAMETER, &["environments", "base_url"]),
        (WRONG_OPERATION, &["profile"]),
    ];
    // What a token says of itself is in no answer.
    let is_of_token = finding.code == MISSING_FACT && begins_with(&finding.path, &["tokens"]);
    let held = table.into_iter().find(|(known, _)| *known == finding.code && !is_of_token);
    held.map(|(_, blocks)| blocks)
}

/// Whether a path is that of a block of which only its author knows which it was to be.
fn is_misspelt(path: &Path) -> bool {
    let is_known = |key: &str| {
        let blocks = crate::schema::parsed().get("properties");
        blocks.is_some_and(|blocks| blocks.get(key).is_some())
    };
    matches!(path.0.as_slice(), [] | [Step::Index(_)])
        || is_block(path) && !is_known(path.last_key())
}

/// Whether a path is that of a whole block, of which nothing is known.
fn is_block(path: &Path) -> bool {
    path.0.len() <= 1
}

/// Whether a path leads into one of these facts, or is that of a part around one.
fn begins_with(path: &Path, keys: &[&str]) -> bool {
    !path.0.is_empty() && keys.iter().any(|key| path.is_related(&Path::of(key)))
}
