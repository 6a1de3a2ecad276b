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
    hold("hidden", pairs, &hidden, pairs / 12);
    hold("noise", pairs, &noise, pairs / 50);
}

/// A mistake of shape or of syntax, and one of meaning.
#[test]
fn no_mistake_of_shape_hides_one_of_meaning() {
    let shape = |(from, to): &(&str, &str)| {
        let edits = vec![edit(BASE, from, to)?];
        Mistake { base: BASE, edits, cut: None, add: String::new(), said: Said::new() }.alone()
    };
    let shapes: Vec<Mistake> = SHAPES.iter().filter_map(shape).collect();
    assert!(shapes.iter().all(|shape| !shape.said.is_empty()));
    let (pairs, hidden, noise) = count(some(&shapes, &meanings(), 7));
    hold("hidden", pairs, &hidden, pairs / 12);
    hold("noise", pairs, &noise, pairs / 50);
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
