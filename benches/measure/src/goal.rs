//! What is wanted of a figure. A goal is printed and judged; none stops a run.

/// The two columns of a figure that has a goal.
pub struct Judged {
    /// What is wanted: `≤ 1.02`.
    pub goal: String,
    /// `met`, or `missed` and by how much.
    pub verdict: String,
}

/// At most `limit`.
pub fn at_most(value: f64, limit: f64, unit: &str) -> Judged {
    judge(format!("≤ {limit}{unit}"), value <= limit, value / limit)
}

/// At least `limit`.
pub fn at_least(value: f64, limit: f64, unit: &str) -> Judged {
    judge(format!("≥ {limit}{unit}"), value >= limit, limit / value)
}

/// Less than another figure of the same run.
pub fn below(value: f64, other: f64, whose: &str) -> Judged {
    judge(format!("below {whose}"), value < other, value / other)
}

/// Both of two.
pub fn both(one: Judged, other: Judged) -> Judged {
    let verdict = match (one.is_met(), other.is_met()) {
        (true, _) => other.verdict,
        (false, true) => one.verdict,
        (false, false) => format!("{}; {}", one.verdict, other.verdict),
    };
    Judged { goal: format!("{}, {}", one.goal, other.goal), verdict }
}

/// A figure that is there to compare with.
pub fn none() -> Judged {
    Judged { goal: String::new(), verdict: String::new() }
}

impl Judged {
    fn is_met(&self) -> bool {
        self.verdict == "met"
    }
}

fn judge(goal: String, met: bool, factor: f64) -> Judged {
    let verdict = if met { "met".to_owned() } else { format!("missed, × {factor:.2}") };
    Judged { goal, verdict }
}
