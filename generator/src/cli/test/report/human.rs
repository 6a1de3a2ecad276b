//! The report for people: what failed comes first, what passed is a number.

use super::super::super::args::Amount;
use super::super::super::console::count;
use super::{Counts, Finding, Report, Tested};
use rekindle_testkit::check::Verdict;
use std::collections::BTreeMap;

/// As many checks as are named beside a reason that nobody asked for.
const FEW: usize = 8;

const BOLD: &str = "\x1b[1m";
const GREEN: &str = "\x1b[32m";
const RED: &str = "\x1b[1;31m";
const YELLOW: &str = "\x1b[33m";
const RESET: &str = "\x1b[0m";

impl Report {
    pub(in super::super) fn human(&self, amount: Amount) -> String {
        let mut text = String::new();
        for tested in &self.providers {
            text += &tested.human(amount);
            text.push('\n');
        }
        let counts = self.counts();
        text + &format!("{}: {}\n", count(self.providers.len(), "provider"), counts.words())
    }
}

impl Tested {
    fn human(&self, amount: Amount) -> String {
        let mut text = format!("{BOLD}{}{RESET} at {}\n", self.name, self.base_url);
        if let Some(told) = &self.told_base_url {
            text += &format!("refreshes went to {told}, as an earlier answer had told\n");
        }
        text += &self.failures();
        if amount != Amount::Quiet {
            for finding in self.with(|verdict| matches!(verdict, Verdict::Note(_))) {
                text += &finding.human();
            }
            text += &self.reasons(amount);
        }
        if amount == Amount::Verbose {
            for finding in self.with(|verdict| matches!(verdict, Verdict::Pass)) {
                text += &finding.human();
            }
        }
        text + &format!("{}: {}\n", self.id, Counts::of(&self.findings).words())
    }

    fn with(&self, is_it: impl Fn(&Verdict) -> bool) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(move |finding| is_it(&finding.verdict))
    }

    /// What failed. Of several checks of one fact, or that saw the same, the first one says why, and the others are named below it:
    /// those that saw the same in one line, with what it was.
    fn failures(&self) -> String {
        let mut causes: Vec<(&Finding, Vec<&Finding>)> = Vec::new();
        for finding in self.with(|verdict| matches!(verdict, Verdict::Fail(_))) {
            let is_cause = |(cause, others): &&mut (&Finding, Vec<&Finding>)| {
                std::iter::once(cause).chain(others.iter()).any(|one| one.is_same_cause(finding))
            };
            match causes.iter_mut().find(is_cause) {
                Some((_, others)) => others.push(finding),
                None => causes.push((finding, Vec::new())),
            }
        }
        let mut text = String::new();
        for (finding, others) in causes {
            text += &finding.human();
            let mut saw: Vec<(&str, Vec<&str>)> = Vec::new();
            for other in others {
                match saw.iter_mut().find(|(seen, _)| *seen == other.seen()) {
                    Some((_, ids)) => ids.push(&other.id),
                    None => saw.push((other.seen(), vec![&other.id])),
                }
            }
            for (seen, ids) in saw {
                let ids = ids.join(", ");
                let seen = if seen == finding.seen() { "" } else { &format!(": {seen}") };
                text += &format!("        also      {ids}{seen}\n");
            }
        }
        text
    }

    /// What cannot be known, or does not apply, and why: a line for each reason. Many checks are counted, unless all is to be said.
    fn reasons(&self, amount: Amount) -> String {
        let mut reasons: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
        for finding in &self.findings {
            if let Some(why) = finding.why() {
                reasons.entry((finding.word(), why)).or_default().push(&finding.id);
            }
        }
        let mut text = String::new();
        for ((word, why), ids) in reasons {
            let colour = if word == "?" { YELLOW } else { "" };
            let checks = match ids.len() {
                many if many > FEW && amount != Amount::Verbose => {
                    format!("{many} checks, which `--verbose` names")
                }
                _ => ids.join(", "),
            };
            text += &format!("  {colour}{word:4}{RESET}  {why}: {checks}\n");
        }
        text
    }
}

impl Finding {
    /// The first line: what was seen in place of what was expected.
    pub(in super::super) fn line(&self) -> Option<String> {
        let deviation = self.deviation()?;
        Some(format!("{}  {}  {}", self.word(), self.id, deviation.seen))
    }

    /// What was seen. In a sequence, at whichever of its steps.
    fn seen(&self) -> &str {
        let seen = self.deviation().map_or("", |deviation| deviation.seen.as_str());
        match seen.strip_prefix("step ").and_then(|rest| rest.split_once(": ")) {
            Some((_, seen)) => seen,
            None => seen,
        }
    }

    /// Whether another finding is about the same fact, or saw the same.
    fn is_same_cause(&self, other: &Self) -> bool {
        let fact = |finding: &Self| finding.deviation().and_then(|it| it.fact.clone());
        let (one, two) = (fact(self), fact(other));
        (one.is_some() && one == two) || (two.is_none() && self.seen() == other.seen())
    }

    fn human(&self) -> String {
        let (colour, word, id) = (self.colour(), self.word(), &self.id);
        let Some(deviation) = self.deviation() else {
            let title = self.title.trim_end_matches('.');
            return format!("  {colour}{word:4}{RESET}  {id}  {title}\n");
        };
        let mut text = format!("  {colour}{word:4}{RESET}  {id}  {}\n", deviation.seen);
        text += &format!("        expected  {}\n", deviation.expected);
        let rules = self.rules.join(" ");
        let rules = (!rules.is_empty()).then_some(rules);
        for (name, line) in
            [("fact", &deviation.fact), ("rules", &rules), ("hint", &deviation.hint)]
        {
            if let Some(line) = line {
                text += &format!("        {name:8}  {line}\n");
            }
        }
        text
    }

    fn colour(&self) -> &'static str {
        match self.word() {
            "pass" => GREEN,
            "fail" => RED,
            "note" => YELLOW,
            _ => "",
        }
    }
}

impl Counts {
    fn words(self) -> String {
        let parts = [
            (self.failed, "failed"),
            (self.passed, "passed"),
            (self.notes, "laxer or otherwise"),
            (self.not_applicable, "not applicable"),
            (self.could_not_tell, "could not tell"),
        ];
        let parts: Vec<String> = parts
            .into_iter()
            .filter(|(number, _)| *number > 0)
            .map(|(number, word)| format!("{number} {word}"))
            .collect();
        if parts.is_empty() {
            return "no checks".to_owned();
        }
        parts.join(", ")
    }
}
