//! How many rounds of `check` a spec takes: two mistakes that have nothing to do with one another are both said in the first, and
//! nothing is said that is only the consequence of one of them.

#[path = "support/cases.rs"]
#[expect(dead_code, reason = "the spec of one case alone is broken in `meaning.rs`")]
mod cases;

use cases::{BASE, Case, cases};
use rekindle_contract::{Source, check};
use std::collections::BTreeSet;

/// What is said: codes, and the facts that they are about.
type Said = BTreeSet<(&'static str, String)>;

/// Mistakes of the text and of its shape: what stands in the base, and what somebody wrote in its place.
const SHAPES: [(&str, &str); 21] = [
    ("  name: Acme\n", "  name: Acme\n  sumary: x\n"),
    ("  name: Acme\n", "  name: Acme\n  name: Acme\n"),
    ("  client_id: {}", "  client_id: { secrt: true }"),
    ("rotation: sometimes", "rotation: somtimes"),
    ("expires: { seconds: /expires_in }", "expires: TODO"),
    // What is still to be filled in.
    ("  name: Acme\n", "  name: Acme\n  summary: TODO\n"),
    ("  access:\n", "  access:\n    after_refresh: TODO\n"),
    ("rotation: sometimes", "rotation: sometimes\n    spent: TODO\n    reuse: TODO"),
    ("rotation: sometimes", "rotation: sometimes\n    expires: TODO"),
    ("  refresh_token: /refresh_token\n", "  refresh_token: /refresh_token\n  scope: TODO\n"),
    ("  auth: basic", "  auth: bsic"),
    (", class: reauthenticate }", " }"),
    ("request: POST /oauth/token", "request: 5"),
    ("access_token: /access_token", "acess_token: /access_token"),
    ("status: 200", "status: \"200\""),
    // What is no YAML.
    ("  id: acme\n", "  id: acme\n\tname: Acme\n"),
    ("equals: invalid_grant,", "equals: \"invalid_grant,"),
    ("  client_id: {}", "  client_id: {"),
    ("  name: Acme\n", "  name: Acme: Bank\n"),
    ("  auth: basic\n", "  auth: basic\n  headers: { x: ${refresh_token} }\n"),
    ("rotation: sometimes", "rotation sometimes"),
];

/// The codes of the file as a whole: what it takes is not known, or which of its contracts is meant.
const WHOLE: [&str; 4] = ["RK0355", "RK0356", "RK0357", "RK0380"];

/// A mistake: edits of a base, each with where it begins and ends.
struct Mistake {
    base: &'static str,
    edits: Vec<(usize, usize, String)>,
    cut: Option<usize>,
    add: String,
    said: Said,
}

impl Mistake {
    fn of(case: &Case) -> Option<Self> {
        let mut edits = Vec::new();
        for (from, to) in &case.change {
            edits.push(edit(case.base(), from, to)?);
        }
        let cut = case.cut.as_ref().and_then(|cut| case.base().find(cut.as_str()));
        Self { base: case.base(), edits, cut, add: case.add.clone(), said: Said::new() }.alone()
    }

    fn alone(self) -> Option<Self> {
        let said = said(&spec(&[&self])?);
        Some(Self { said, ..self })
    }

    fn is_of_whole(&self) -> bool {
        self.said.iter().any(|(code, _)| WHOLE.contains(code))
    }
}

/// Where two texts differ: their common beginning and end are no edit.
fn edit(base: &str, from: &str, to: &str) -> Option<(usize, usize, String)> {
    let at = base.find(from)?;
    let common = |one: &mut dyn Iterator<Item = (char, char)>| {
        one.take_while(|(one, other)| one == other).map(|(one, _)| one.len_utf8()).sum::<usize>()
    };
    let begin = common(&mut from.chars().zip(to.chars()));
    let (rest, new) = (&from[begin..], &to[begin..]);
    let end = common(&mut rest.chars().rev().zip(new.chars().rev()));
    Some((at + begin, at + from.len() - end, new[..new.len() - end].to_owned()))
}

/// The base with these mistakes; `None` where they are at one place, or one takes the other's away.
fn spec(mistakes: &[&Mistake]) -> Option<String> {
    let base = mistakes.first()?.base;
    let mut edits: Vec<_> = mistakes.iter().flat_map(|mistake| &mistake.edits).collect();
    edits.sort();
    if edits.windows(2).any(|two| two[0].1 > two[1].0 || two[0].0 == two[1].0) {
        return None;
    }
    let cut = mistakes.iter().filter_map(|mistake| mistake.cut).min().unwrap_or(base.len());
    let adds: BTreeSet<&str> = mistakes.iter().map(|mistake| mistake.add.as_str()).collect();
    if edits.iter().any(|edit| edit.1 > cut)
        || adds.iter().filter(|add| !add.is_empty()).count() > 1
    {
        return None;
    }
    let (mut text, mut at) = (String::new(), 0);
    for (start, end, new) in edits {
        text.push_str(&base[at..*start]);
        text.push_str(new);
        at = *end;
    }
    text.push_str(&base[at..cut]);
    text.extend(adds);
    Some(text)
}

fn said(spec: &str) -> Said {
    let checked = check(&[Source::new("acme.yaml", spec)]);
    let said = |found: rekindle_contract::Diagnostic| (found.code.id, found.path.to_string());
    checked.diagnostics.into_iter().map(said).collect()
}

/// What the pairs of these mistakes hide, and what they say besides.
fn count<'a>(
    pairs: impl Iterator<Item = (&'a Mistake, &'a Mistake)>,
) -> (usize, Vec<String>, Vec<String>) {
    let (mut count, mut hidden, mut noise) = (0, Vec::new(), Vec::new());
    for (one, other) in pairs {
        let Some(text) = spec(&[one, other]) else { continue };
        let together = said(&text);
        let is_of_shape = |said: &Said| said.iter().any(|(code, _)| *code < "RK02");
        if is_of_shape(&together) && ![one, other].iter().any(|it| is_of_shape(&it.said)) {
            continue; // Both add the same key: that is a third mistake.
        }
        count += 1;
        let codes = |said: &Said| said.iter().map(|(code, _)| *code).collect::<Vec<_>>().join("+");
        for (by, of) in [(one, other), (other, one)] {
            let lost: Said = of.said.difference(&by.said).cloned().collect();
            let lost: Said = lost.difference(&together).cloned().collect();
            if !lost.is_empty() {
                hidden.push(format!(
                    "{} hides {lost:?}: {:?} and {:?}",
                    codes(&by.said),
                    by.edits,
                    of.edits
                ));
            }
        }
        let more: Said = &(&together - &one.said) - &other.said;
        if !more.is_empty() {
            let codes = [codes(&one.said), codes(&other.said)].join(" and ");
            noise.push(format!("{codes} say {more:?}: {:?} and {:?}", one.edits, other.edits));
        }
    }
    (count, hidden, noise)
}

/// Each of these with one of every so many others, always the same ones.
fn some<'a>(
    ones: &'a [Mistake],
    others: &'a [Mistake],
    every: usize,
) -> impl Iterator<Item = (&'a Mistake, &'a Mistake)> {
    let pairs = ones.iter().flat_map(move |one| others.iter().map(move |other| (one, other)));
    let fit =
        |(one, other): &(&Mistake, &Mistake)| one.base == other.base && !std::ptr::eq(*one, *other);
    pairs.filter(fit).step_by(every)
}

fn meanings() -> Vec<Mistake> {
    let all = cases().iter().filter_map(Mistake::of).collect::<Vec<_>>();
    all.into_iter().filter(|mistake| !mistake.is_of_whole()).collect()
}

/// A mistake hides another where it leaves open whether that is one: what is wrong with an item of a list hides what is held against the
/// list; with a request line, what its URL is; with a placeholder or the kind of a body, what the request holds; with where the answer
/// holds its tokens, what is expected of it. These are the pairs that are left, and they are few.
fn hold(name: &str, pairs: usize, found: &[String], most: usize) {
    println!("{name}: {} of {pairs}", found.len());
    found.iter().for_each(|found| println!("  {found}"));
    assert!(
        found.len() <= most,
        "{name}: {} of {pairs} pairs, and {most} at most have reason",
        found.len()
    );
}

/// Two mistakes in what a spec means.
#[test]
fn no_mistake_of_meaning_hides_another() {
    let all = meanings();
    let (pairs, hidden, noise) = count(some(&all, &all, 211));
    hold("hidden", pairs, &hidden, pairs / 15);
    hold("noise", pairs, &noise, pairs / 60);
}

/// A mistake of shape or of syntax, and one of meaning.
#[test]
fn no_mistake_of_shape_hides_one_of_meaning() {
    let shapes: Vec<Mistake> = SHAPES.iter().filter_map(of_base).collect();
    assert!(shapes.iter().all(|shape| !shape.said.is_empty()));
    let (pairs, hidden, noise) = count(some(&shapes, &meanings(), 3));
    hold("hidden", pairs, &hidden, pairs / 45);
    hold("noise", pairs, &noise, pairs / 120);
}

/// What is still to be filled in hides nothing that does not depend on it, and neither does what an example does not say.
#[test]
fn what_is_filled_in_is_held_against_the_examples() {
    let echo = BASE.replace("rotation: sometimes", "rotation: echo");
    let output =
        "  refresh_token: /refresh_token\n  outputs: { api: { field: /expires_in, type: url } }\n";
    let wrong = echo
        .replace("  refresh_token: /refresh_token\n", output)
        .replace("      access_token: new\n", "      access_token: other\n");
    let all = [
        ("RK0406", "examples[0].expect.access_token"),
        ("RK0406", "examples[0].response.json.expires_in"),
        ("RK0529", "examples[0].response.json.refresh_token"),
    ];
    for (from, to) in [
        ("  name: Acme\n", "  name: Acme\n  source: { title: TODO, url: TODO, retrieved: TODO }\n"),
        ("expires: { seconds: /expires_in }", "expires: TODO"),
        ("  access:\n", "  access:\n    after_refresh: TODO\n    sent_as: TODO\n"),
        (
            "rotation: echo",
            "rotation: echo\n    use: TODO\n    expires: TODO\n    spent: TODO\n    reuse: TODO",
        ),
        ("  auth: basic\n", "  auth: TODO\n  scope: TODO\n  when: TODO\n"),
        ("  production: https", "  sandbox: https://sandbox.acme.example\n  production: https"),
        ("      refresh_token: old\n", "      refresh_token: old\n      at: today\n"),
    ] {
        assert!(wrong.contains(from), "{from}");
        let said = said(&wrong.replacen(from, to, 1));
        let lost: Vec<_> = all
            .iter()
            .filter(|(code, path)| !said.contains(&(*code, (*path).to_owned())))
            .collect();
        assert!(lost.is_empty(), "{to} hides {lost:?}: {said:?}");
    }
}

/// What a spec leaves out altogether is said in the first run, whatever else is wrong with it.
#[test]
fn what_is_left_out_is_said_at_once() {
    let rules = "errors:\n  - { status: 400, field: /error, equals: invalid_grant, class: reauthenticate }\n";
    let without =
        BASE.replace(rules, "").replace("auth: basic", "auth: basic\n  headers: { Cookie: a=b }");
    let without = &without[..without.find("examples:").unwrap()];
    let codes: BTreeSet<&str> = said(without).into_iter().map(|(code, _)| code).collect();
    assert_eq!(codes, BTreeSet::from(["RK0210", "RK0505", "RK0510"]));
}

/// What somebody writes who makes a spec of a page and knows other languages better than this one.
const OF_NEWCOMERS: [(&str, &str); 48] = [
    // Words of other languages.
    (
        "  request: POST /oauth/token\n",
        "  method: POST\n  url: https://auth.acme.example/oauth/token\n",
    ),
    ("  auth: basic", "  auth: client_secret_basic"),
    ("  auth: basic", "  auth: Basic"),
    ("  form:\n    grant", "  body:\n    grant"),
    ("  form:\n    grant_type: refresh_token\n", "  grant_type: refresh_token\n  form:\n"),
    ("  access_token: /access_token", "  accessToken: /access_token"),
    ("  access_token: /access_token", "  access_token: access_token"),
    ("  access_token: /access_token", "  access_token: $.access_token"),
    ("expires: { seconds: /expires_in }", "expires_in: 3600"),
    ("expires: { seconds: /expires_in }", "expires: /expires_in"),
    ("expires: { seconds: /expires_in }", "expires: 1 hour"),
    ("expires: { seconds: /expires_in }", "lifetime: 1h"),
    ("rotation: sometimes", "rotation: yes"),
    ("rotation: sometimes", "rotate: sometimes"),
    ("rotation: sometimes", "rotation: sometimes\n    one_time: true"),
    ("class: reauthenticate", "kind: reauthenticate"),
    ("class: reauthenticate", "class: reauth"),
    ("class: reauthenticate", "class: login_required"),
    ("field: /error, equals: invalid_grant", "error: invalid_grant"),
    ("{ status: 400", "{ status: \"400\""),
    ("{ status: 400", "{ code: 400"),
    (
        "environments:\n  production: https://auth.acme.example",
        "base_url: https://auth.acme.example",
    ),
    ("production: https://auth.acme.example", "production: auth.acme.example"),
    ("environments:", "environment:"),
    ("  client_secret: { secret: true }", "  client_secret: { secret: yes }"),
    ("  client_secret: { secret: true }", "  client_secret: secret"),
    ("  client_id: {}", "  client_id:"),
    ("  client_id: {}", "  client_id: { required: true }"),
    ("${refresh_token}", "\"{{refresh_token}}\""),
    ("${refresh_token}", "${refreshToken}"),
    ("rekindle: 1\n", "rekindle: 1\nprofile: oauth2\n"),
    // What is left to do, or left out.
    ("  name: Acme\n", "  name: Acme\n  source: { title: TODO, url: TODO, retrieved: TODO }\n"),
    ("  auth: basic", "  auth: TODO"),
    ("rotation: sometimes", "rotation: TODO"),
    ("expires: { seconds: /expires_in }", "expires: TODO"),
    ("      refresh_token: old\n", "      refresh_token: old\n      at: TODO\n"),
    ("  refresh_token: /refresh_token\n", ""),
    ("      status: 200\n", ""),
    // The wrong place.
    (
        "  name: Acme\nenvironments:\n  production: https://auth.acme.example\n",
        "  name: Acme\n  environments:\n    production: https://auth.acme.example\n",
    ),
    (
        "  client_secret: { secret: true }\nrefresh:\n",
        "  client_secret: { secret: true }\n  refresh:\n",
    ),
    (
        "    expires: { seconds: /expires_in }\n",
        "    expires: { seconds: /expires_in }\n    spent: dead\n",
    ),
    ("      access_token: new\n", "      token: new\n"),
    (
        "    given:\n      client: { client_id: app, client_secret: s3cret }\n",
        "    client: { client_id: app, client_secret: s3cret }\n    given:\n",
    ),
    // What an example holds.
    ("refresh_token: newer, expires_in: 3600", "refresh_token: newer, expires_in: 7200"),
    (
        "      client: { client_id: app, client_secret: s3cret }\n",
        "      client: { client_id: app }\n",
    ),
    ("      status: 200\n", "      status: 200 OK\n"),
    // What is no YAML.
    ("  name: Acme\n", "  name: Acme\n  summary: Tokens: how to refresh\n"),
    ("equals: invalid_grant", "equals: `invalid_grant`"),
];

/// What is said with the last key of each path: another mistake may be that it stands elsewhere.
fn short(said: &Said) -> Said {
    let last = |path: &str| path.rsplit('.').next().unwrap_or_default().to_owned();
    said.iter().map(|(code, path)| (*code, last(path))).collect()
}

/// The rounds of a spec with these mistakes, for somebody who mends in each what was said, and what is said of none of them.
fn rounds(mut left: Vec<&Mistake>) -> (usize, Vec<Said>) {
    let (mut rounds, mut noise) = (0, Vec::new());
    while !left.is_empty() {
        let together = short(&said(&spec(&left).unwrap()));
        let known: Said = left.iter().flat_map(|mistake| short(&mistake.said)).collect();
        noise.push(&together - &known);
        let before = left.len();
        left.retain(|mistake| short(&mistake.said).is_disjoint(&together));
        assert!(left.len() < before, "{together:?}");
        rounds += 1;
    }
    (rounds, noise)
}

/// A draft with five mistakes takes two rounds at most, and one mostly.
#[test]
fn a_draft_takes_two_rounds() {
    let all: Vec<Mistake> = OF_NEWCOMERS.iter().filter_map(of_base).collect();
    assert_eq!(all.len(), OF_NEWCOMERS.len());
    let (mut drafts, mut second, mut more) = (0, Vec::new(), Vec::new());
    for (first, step) in (0..all.len()).flat_map(|first| [5, 7, 11, 13].map(|step| (first, step))) {
        let mut draft: Vec<&Mistake> = Vec::new();
        for next in (0..all.len()).map(|turn| &all[(first + turn * step) % all.len()]) {
            draft.push(next);
            if draft.len() > 5 || spec(&draft).is_none() {
                draft.pop();
            }
        }
        let edits: Vec<_> = draft.iter().map(|mistake| &mistake.edits).collect();
        let title = format!("{edits:?}");
        let (rounds, noise) = rounds(draft);
        assert!(rounds <= 2, "{rounds} rounds: {title}");
        drafts += 1;
        second.extend((rounds == 2).then(|| title.clone()));
        more.extend(
            noise
                .into_iter()
                .filter(|said| !said.is_empty())
                .map(|said| format!("{said:?}: {title}")),
        );
    }
    hold("second round", drafts, &second, drafts / 5);
    hold("noise", drafts, &more, 0);
}

/// The base with one text in place of another.
fn of_base((from, to): &(&str, &str)) -> Option<Mistake> {
    let edits = vec![edit(BASE, from, to)?];
    Mistake { base: BASE, edits, cut: None, add: String::new(), said: Said::new() }.alone()
}

/// What a spec says that takes another, or a variant: it is no spec by itself.
const DIFFERS: &str = "  name: Twin
environments:
  production: https://auth.acme.example
client:
  audience: { optional: true }
refresh:
  query: { audience: \"${client.audience}\" }
tokens:
  access:
    expires: { seconds: /expires_in }
errors:
  - { status: 400, field: /error, equals: invalid_grant, class: reauthenticate }
  - { status: 403, class: client_misconfigured }
";

/// What is said of the base beside a spec that is like it, and of the base with two variants, where one differs so.
fn said_of_differing(differs: &str) -> [Said; 2] {
    let like = format!("rekindle: 1\nlike: acme\nprovider:\n{differs}");
    let indented: String = differs.lines().map(|line| format!("    {line}\n")).collect();
    let variants = format!("{BASE}variants:\n  plain: {{}}\n  twin:\n    provider:\n{indented}");
    let of_files = |sources: &[Source]| {
        let found = check(sources).diagnostics.into_iter();
        let inner = |path: String| path.trim_start_matches("variants.twin.").to_owned();
        found.map(|found| (found.code.id, inner(found.path.to_string()))).collect()
    };
    let base = Source::new("acme.yaml", BASE);
    [&[base, Source::new("twin.yaml", like)][..], &[Source::new("acme.yaml", variants)]]
        .map(of_files)
}

/// What is no spec by itself is checked for what it means in the first round as well.
#[test]
fn a_mistake_of_shape_hides_none_of_meaning_in_what_differs() {
    let shapes = [
        ("  name: Twin\n", "  name: Twin\n  sumary: x\n"),
        ("  name: Twin\n", "  name: Twin\n  name: Twin\n"),
        ("refresh:\n", "refesh:\n"),
        ("  access:\n", "  acces:\n"),
        ("status: 403", "status: \"403\""),
        ("class: reauthenticate", "clas: reauthenticate"),
        ("class: client_misconfigured", "class: misconfigured"),
        ("{ seconds: /expires_in }", "{ second: /expires_in }"),
        ("{ optional: true }", "{ optional: yes, TODO }"),
        ("  name: Twin\n", "  name: Twin: Bank\n"),
    ];
    let meanings = [
        ("https://auth.acme.example", "http://auth.twin.example"),
        ("https://auth.acme.example", "https://auth.twin.example?x=1"),
        ("${client.audience}", "${client.audiences}"),
        ("/expires_in", "/expires_on"),
    ];
    let (mut pairs, mut wrong) = (0, Vec::new());
    let alone = |(from, to): (&str, &str)| said_of_differing(&DIFFERS.replacen(from, to, 1));
    assert!(
        said_of_differing(DIFFERS).iter().all(BTreeSet::is_empty),
        "{:?}",
        said_of_differing(DIFFERS)
    );
    for shape in shapes {
        for meaning in meanings {
            let one = DIFFERS.replacen(shape.0, shape.1, 1);
            if !one.contains(meaning.0) {
                continue;
            }
            let both = one.replacen(meaning.0, meaning.1, 1);
            let said = alone(shape).into_iter().zip(alone(meaning)).zip(said_of_differing(&both));
            for ((of_shape, of_meaning), together) in said {
                assert!(!of_shape.is_empty(), "{shape:?}");
                // A spec that is like another need have no examples, that something could be held against.
                pairs += usize::from(!of_meaning.is_empty());
                if short(&(&of_shape | &of_meaning)) != short(&together) {
                    wrong.push(format!(
                        "{shape:?} and {meaning:?}: {of_shape:?} {of_meaning:?} {together:?}"
                    ));
                }
            }
        }
    }
    hold("hidden or besides", pairs, &wrong, pairs / 20);
}

/// A misspelt key is one mistake, whatever it holds and whether it has to be there.
#[test]
fn a_misspelt_key_is_one_mistake() {
    let keys = [
        "provider",
        "name",
        "environments",
        "client",
        "secret",
        "refresh",
        "request",
        "auth",
        "form",
        "response",
        "access_token",
        "refresh_token",
        "tokens",
        "access",
        "expires",
        "seconds",
        "rotation",
        "errors",
        "status",
        "field",
        "equals",
        "class",
        "examples",
        "given",
        "method",
        "url",
        "headers",
        "expect",
        "access_expires",
    ];
    for key in keys {
        // The name of a field of the body is the provider's.
        let fields = BASE.find("    grant_type").unwrap()..BASE.find("response:").unwrap();
        let is_key = |at: &usize| BASE[..*at].ends_with([' ', '\n']) && !fields.contains(at);
        let name = format!("{key}:");
        let at = BASE.match_indices(&name).map(|(at, _)| at).find(is_key).unwrap();
        for wrong in [key[..1].to_owned() + &key[2..], key[..1].to_owned() + &key[..1] + &key[1..]]
        {
            let spec = format!("{}{wrong}{}", &BASE[..at], &BASE[at + key.len()..]);
            let said = said(&spec);
            let codes: Vec<&str> = said.iter().map(|(code, _)| *code).collect();
            assert_eq!(codes, ["RK0101"], "{wrong}: {said:?}");
        }
    }
}

/// So is a block, or the line of its key alone, that is indented into the one above it.
#[test]
fn an_indented_block_is_one_mistake() {
    let starts = |line: &str| line.starts_with(|first: char| first.is_alphabetic());
    let lines: Vec<&str> = BASE.lines().collect();
    for (at, line) in lines.iter().enumerate().filter(|(at, line)| *at > 1 && starts(line)) {
        let end = lines.iter().skip(at + 1).position(|line| starts(line));
        let end = end.map_or(lines.len(), |end| at + 1 + end);
        for indented in [at..end, at..at + 1] {
            let whole = indented.len() > 1;
            let mut spec = String::new();
            for (number, line) in lines.iter().enumerate() {
                spec += if indented.contains(&number) { "  " } else { "" };
                spec += line;
                spec.push('\n');
            }
            let said = said(&spec);
            assert_eq!(said.len(), 1, "{whole} {line}: {said:?}");
        }
    }
}

/// A broken item of a list says nothing of the others.
#[test]
fn a_broken_item_leaves_the_others() {
    let wrong = BASE
        .replace("errors:\n", "errors:\n  - { status: 401, class: transient }\n")
        .replace("class: reauthenticate }", "class: reauthenticate, retry_after: { seconds: /wait } }")
        .replace("examples:\n", "examples:\n  - id: refused\n    given: { refresh_token: old, client: { client_id: a, client_secret: b }, at: 2026-11-21T08:00:00Z }\n    response: { status: 401 }\n    expect: { error: transient }\n")
        .replace("      access_token: new\n", "      access_token: other\n");
    let all = said(&wrong);
    assert_eq!(all.len(), 2, "{all:?}");
    for (from, to) in [
        ("{ status: 401, class: transient }", "TODO"),
        ("{ status: 401, class: transient }", "{ status: TODO, class: transient }"),
        ("{ status: 401, class: transient }", "{ class: transient"),
        ("class: transient", "kind: transient"),
        ("at: 2026-11-21T08:00:00Z", "at: TODO"),
        ("at: 2026-11-21T08:00:00Z", "at: [5]"),
        ("{ refresh_token: old, client", "{ refresh_token: \"old, client"),
        ("response: { status: 401 }", "response: { status: x }"),
        ("response: { status: 401 }", "response: 401"),
        ("expect: { error: transient }", "expect: transient"),
        ("expect: { error: transient }", "expects: { error: transient }"),
    ] {
        assert!(wrong.contains(from), "{from}");
        let said = said(&wrong.replacen(from, to, 1));
        assert!(all.is_subset(&said), "{to} hides {:?}: {said:?}", &all - &said);
        assert_eq!(said.len(), 3, "{to}: {said:?}");
    }
}
