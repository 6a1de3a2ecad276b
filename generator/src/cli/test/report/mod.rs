//! What was found.

mod human;
mod json;
mod junit;

use super::super::{Outcome, Stop};
use rekindle_testkit::check::{Check, Deviation, Verdict};

/// What was found at all providers.
pub(super) struct Report {
    /// Whether they are fake ones, where everything can be known.
    fake: bool,
    pub(super) providers: Vec<Tested>,
}

/// What was found at one provider.
pub(super) struct Tested {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) base_url: String,
    /// Where refreshes went at first instead, because an earlier answer had told so.
    pub(super) told_base_url: Option<String>,
    pub(super) findings: Vec<Finding>,
    /// Why it ended before its end.
    pub(super) stopped: Option<String>,
    /// Whether any request may have left; `None` where none was to.
    pub(super) reached: Option<bool>,
}

/// How one check ended.
pub(super) struct Finding {
    id: String,
    title: String,
    rules: Vec<&'static str>,
    verdict: Verdict,
}

impl Finding {
    pub(super) fn new(check: &Check, verdict: Verdict) -> Self {
        Self {
            id: check.id.clone(),
            title: check.title.clone(),
            rules: check.rules.clone(),
            verdict,
        }
    }

    /// What was not as expected.
    fn deviation(&self) -> Option<&Deviation> {
        match &self.verdict {
            Verdict::Fail(deviation) | Verdict::Note(deviation) => Some(deviation),
            _ => None,
        }
    }

    /// Why it says nothing.
    fn why(&self) -> Option<&str> {
        match &self.verdict {
            Verdict::NotApplicable(why) | Verdict::CouldNotTell(why) => Some(why),
            Verdict::Pass | Verdict::Fail(_) | Verdict::Note(_) => None,
        }
    }

    /// Its result in a word.
    fn word(&self) -> &'static str {
        match self.verdict {
            Verdict::Pass => "pass",
            Verdict::Fail(_) => "fail",
            Verdict::Note(_) => "note",
            Verdict::NotApplicable(_) => "n/a",
            Verdict::CouldNotTell(_) => "?",
        }
    }
}

/// How many checks ended how.
#[derive(Default, Clone, Copy)]
struct Counts {
    passed: usize,
    failed: usize,
    notes: usize,
    not_applicable: usize,
    could_not_tell: usize,
}

impl Counts {
    fn of<'a>(findings: impl IntoIterator<Item = &'a Finding>) -> Self {
        let mut counts = Self::default();
        for finding in findings {
            *match finding.verdict {
                Verdict::Pass => &mut counts.passed,
                Verdict::Fail(_) => &mut counts.failed,
                Verdict::Note(_) => &mut counts.notes,
                Verdict::NotApplicable(_) => &mut counts.not_applicable,
                Verdict::CouldNotTell(_) => &mut counts.could_not_tell,
            } += 1;
        }
        counts
    }
}

impl Report {
    /// Nothing was found yet.
    pub(super) fn new(fake: bool) -> Self {
        Self { fake, providers: Vec::new() }
    }

    fn counts(&self) -> Counts {
        Counts::of(self.providers.iter().flat_map(|tested| &tested.findings))
    }

    /// Whether all was well.
    pub(super) fn outcome(&self) -> Result<Outcome, Stop> {
        let counts = self.counts();
        let reached: Vec<bool> =
            self.providers.iter().filter_map(|tested| tested.reached).collect();
        if !self.fake && !reached.is_empty() && !reached.contains(&true) {
            return Err(Stop::Usage("nothing was sent".to_owned(), None));
        }
        let stopped = self.providers.iter().any(|tested| tested.stopped.is_some());
        if stopped && counts.failed == 0 {
            return Err(Stop::Usage("the run ended before its end".to_owned(), None));
        }
        // At a fake provider everything can be known; at a real one, something.
        let unknown = match self.fake {
            true => counts.could_not_tell > 0,
            false => counts.passed == 0,
        };
        Ok(match counts.failed {
            0 if !unknown => Outcome::Done,
            _ => Outcome::Found,
        })
    }
}
