//! Survivors with a reason: the table in `survivors.md`.

use crate::mutation::Mutation;
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
        let cells: Vec<&str> = row
            .trim_matches('|')
            .split('|')
            .map(|cell| cell.trim().trim_matches('`'))
            .collect();
        match cells.as_slice() {
            [provider, fact, change, why] if !why.is_empty() => Ok(Reason {
                provider: (*provider).to_owned(),
                fact: (*fact).to_owned(),
                change: (*change).to_owned(),
                why: (*why).to_owned(),
            }),
            _ => Err(format!(
                "survivors.md: four cells are wanted, the last one not empty: {row}"
            )),
        }
    })
    .collect()
}

impl Reason {
    /// Whether it is about this mutation.
    pub fn explains(&self, mutation: &Mutation) -> bool {
        let change = format!("{} → {}", mutation.before, mutation.after);
        matches(&self.provider, &mutation.provider)
            && matches(&self.fact, &mutation.fact)
            && matches(&self.change, &change)
    }
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
        let head = "| a | b | c | d |\n|---|---|---|---|\n";
        assert!(
            parse(&format!("{head}| * | `x` | * | because |"))
                .is_ok_and(|rows| rows[0].fact == "x")
        );
        assert!(parse(&format!("{head}| * | x | * | |")).is_err());
        assert!(parse(&format!("{head}| * | x | because |")).is_err());
    }
}
