//! The report as JSON.

use super::super::super::console;
use super::{Counts, Finding, Report, Tested};
use rekindle_testkit::check::Verdict;
use serde_json::{Value, json};

impl Report {
    pub(in super::super) fn json(&self) -> String {
        let providers: Vec<Value> = self.providers.iter().map(Tested::json).collect();
        let report = json!({ "providers": providers, "summary": self.counts().json() });
        console::json(&report)
    }
}

impl Tested {
    fn json(&self) -> Value {
        let checks: Vec<Value> = self.findings.iter().map(Finding::json).collect();
        let mut json = json!({
            "id": self.id,
            "name": self.name,
            "base_url": self.base_url,
            "checks": checks,
            "stopped": self.stopped,
            "summary": Counts::of(&self.findings).json(),
        });
        if let Some(told) = &self.told_base_url {
            json["told_base_url"] = told.as_str().into();
        }
        json
    }
}

impl Finding {
    fn json(&self) -> Value {
        let result = match self.verdict {
            Verdict::Pass => "pass",
            Verdict::Fail(_) => "fail",
            Verdict::Note(_) => "note",
            Verdict::NotApplicable(_) => "not_applicable",
            Verdict::CouldNotTell(_) => "could_not_tell",
        };
        let mut json = json!({
            "id": self.id,
            "title": self.title,
            "rules": self.rules,
            "result": result,
        });
        if let Some(why) = self.why() {
            json["why"] = why.into();
        }
        if let Some(deviation) = self.deviation() {
            json["expected"] = deviation.expected.as_str().into();
            json["seen"] = deviation.seen.as_str().into();
            json["fact"] = deviation.fact.clone().into();
            json["hint"] = deviation.hint.clone().into();
        }
        json
    }
}

impl Counts {
    fn json(self) -> Value {
        json!({
            "passed": self.passed,
            "failed": self.failed,
            "notes": self.notes,
            "not_applicable": self.not_applicable,
            "could_not_tell": self.could_not_tell,
        })
    }
}
