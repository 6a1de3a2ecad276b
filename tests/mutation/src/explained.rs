//! Survivors with a reason: the table in `survivors.md`.

use crate::mutant::{Mutant, State};
use crate::pattern::matches;

/// A row of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// Which provider's, as a pattern.
    pub provider: String,
    /// The fact, as a pattern.
    pub fact: String,
    /// `before → after`, as a pattern.
    pub change: String,
    /// Whether it is only about mutants whose client is the right one to the letter.
    pub identical: bool,
    /// Why no client could tell.
    pub why: String,
}

/// The committed table.
pub fn committed() -> Result<Vec<Reason>, String> {
    parse(include_str!("../survivors.md"))
}

/// The rows of a Markdown table, the first two lines of which are its head.
fn parse(text: &str) -> Result<Vec<Reason>, String> {
    let rows = text.lines().filter(|line| line.starts_with('|')).skip(2);
    rows.map(|row| {
        let cells: Vec<&str> =
            row.trim_matches('|').split('|').map(|cell| cell.trim().trim_matches('`')).collect();
        match cells.as_slice() {
            [provider, fact, change, code, why] if known(code) && !why.is_empty() => Ok(Reason {
                provider: (*provider).to_owned(),
                fact: (*fact).to_owned(),
                change: (*change).to_owned(),
                identical: *code == "identical",
                why: (*why).to_owned(),
            }),
            _ => Err(format!("survivors.md: not a row of five cells: {row}")),
        }
    })
    .collect()
}

impl Reason {
    /// Whether it is about this mutant.
    pub fn explains(&self, mutant: &Mutant) -> bool {
        let mutation = &mutant.mutation;
        let change = format!("{} → {}", mutation.before, mutation.after);
        matches(&self.provider, &mutation.provider)
            && matches(&self.fact, &mutation.fact)
            && matches(&self.change, &change)
            && (!self.identical || mutant.state == State::Identical)
    }
}

/// What the cell about the client's code may hold.
fn known(code: &str) -> bool {
    matches!(code, "identical" | "any")
}

#[cfg(test)]
mod tests {
    use super::{committed, parse};

    #[test]
    fn the_committed_table_is_read() {
        assert!(
            committed().is_ok_and(|reasons| reasons.iter().all(|reason| reason.why.len() > 20))
        );
    }

    #[test]
    fn a_row_without_a_reason_is_refused() {
        let head = "| a | b | c | d | e |\n|---|---|---|---|---|\n";
        assert!(
            parse(&format!("{head}| * | `x` | * | any | because |"))
                .is_ok_and(|rows| rows[0].fact == "x")
        );
        assert!(parse(&format!("{head}| * | x | * | any | |")).is_err());
        assert!(parse(&format!("{head}| * | x | * | some | because |")).is_err());
    }
}
