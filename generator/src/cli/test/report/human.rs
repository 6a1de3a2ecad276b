//! The report for people.

use super::super::super::console::count;
use super::{Counts, Finding, Report, Tested};

const BOLD: &str = "\x1b[1m";
const GREEN: &str = "\x1b[32m";
const RED: &str = "\x1b[1;31m";
const YELLOW: &str = "\x1b[33m";
const RESET: &str = "\x1b[0m";

impl Report {
    pub(in super::super) fn human(&self) -> String {
        let mut text = String::new();
        for tested in &self.providers {
            text += &tested.human();
            text.push('\n');
        }
        let counts = self.counts();
        text + &format!("{}: {}\n", count(self.providers.len(), "provider"), counts.words())
    }
}

impl Tested {
    fn human(&self) -> String {
        let mut text = format!("{BOLD}{}{RESET} at {}\n", self.name, self.base_url);
        let width = self.findings.iter().map(|finding| finding.id.len()).max();
        let width = width.unwrap_or_default();
        for finding in &self.findings {
            text += &finding.human(width);
        }
        text + &format!("{}: {}\n", self.id, Counts::of(&self.findings).words())
    }
}

impl Finding {
    fn human(&self, width: usize) -> String {
        let (colour, word) = (self.colour(), self.word());
        let rules = self.rules.join(" ");
        let title = self.title.trim_end_matches('.');
        let mut text =
            format!("  {colour}{word:4}{RESET}  {:width$}  {rules:11}  {title}", self.id);
        text.truncate(text.trim_end().len());
        text.push('\n');
        if let Some(why) = self.why() {
            text += &format!("        {why}\n");
        }
        if let Some(deviation) = self.deviation() {
            text += &format!("        expected  {}\n", deviation.expected);
            text += &format!("        seen      {}\n", deviation.seen);
            let more = [("fact", &deviation.fact), ("hint", &deviation.hint)];
            for (name, line) in more {
                if let Some(line) = line {
                    text += &format!("        {name:8}  {line}\n");
                }
            }
        }
        text
    }

    fn colour(&self) -> &'static str {
        match self.word() {
            "pass" => GREEN,
            "fail" => RED,
            "?" => YELLOW,
            _ => "",
        }
    }
}

impl Counts {
    fn words(self) -> String {
        let parts = [
            (self.passed, "passed"),
            (self.failed, "failed"),
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
