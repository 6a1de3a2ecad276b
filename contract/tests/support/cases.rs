//! Ways to break the base specs in `meaning/`.

use serde::Deserialize;

pub const BASE: &str = include_str!("../meaning/base.yaml");
pub const MINT: &str = include_str!("../meaning/mint.yaml");
pub const LOCAL: &str = include_str!("../meaning/local.yaml");
pub const UNCHANGED: &str = include_str!("../meaning/unchanged.yaml");
const CASES: &str = include_str!("../meaning/cases.yaml");

/// One way to break a base.
#[derive(Deserialize)]
pub struct Case {
    /// Whether the base is the one that spends no token.
    #[serde(default)]
    mint: bool,
    /// Whether it is the one of a token that the client makes itself.
    #[serde(default)]
    local: bool,
    /// Whether it is the one whose answers bring no token.
    #[serde(default)]
    unchanged: bool,
    /// The code that must be reported, and no other.
    pub code: String,
    /// Texts of the base and what stands in their place.
    #[serde(default)]
    pub change: Vec<(String, String)>,
    /// The text of the base where it is to end.
    pub cut: Option<String>,
    /// Lines to put at the end.
    #[serde(default)]
    pub add: String,
}

impl Case {
    /// The spec that it breaks.
    pub fn base(&self) -> &'static str {
        match (self.mint, self.local) {
            (true, _) => MINT,
            (false, true) => LOCAL,
            (false, false) if self.unchanged => UNCHANGED,
            (false, false) => BASE,
        }
    }

    /// The broken spec.
    pub fn spec(&self) -> String {
        let mut spec = self.base().to_owned();
        for (from, to) in &self.change {
            assert!(spec.contains(from.as_str()), "{}: the base does not hold {from:?}", self.code);
            spec = spec.replacen(from.as_str(), to, 1);
        }
        if let Some(cut) = &self.cut {
            spec.truncate(spec.find(cut.as_str()).unwrap());
        }
        spec + &self.add
    }

    /// The case in one line.
    pub fn title(&self) -> String {
        let change = |(from, to): &(String, String)| format!("{} => {}", line(from), line(to));
        let mut all: Vec<String> = self.change.iter().map(change).collect();
        all.extend(self.cut.iter().map(|cut| format!("nothing from {cut} on")));
        all.extend((!self.add.is_empty()).then(|| format!("+ {}", line(&self.add))));
        all.join(" ; ")
    }
}

fn line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

pub fn cases() -> Vec<Case> {
    serde_yaml::from_str(CASES).unwrap()
}
