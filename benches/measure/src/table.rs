//! A table as Markdown writes it, aligned so that a terminal shows it well, too.

use std::fmt;

/// Rows under a head. The first and the last two columns read from the left, the figures between them from the right.
pub struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table with the names of its columns.
    pub fn new(head: &[&str]) -> Self {
        Self { rows: vec![head.iter().map(|&name| name.to_owned()).collect()] }
    }

    /// Adds a row.
    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let columns = self.rows.first().map_or(0, Vec::len);
        let widths: Vec<usize> = (0..columns)
            .map(|column| {
                let cells = self.rows.iter().filter_map(|row| row.get(column));
                cells.map(|cell| cell.chars().count()).max().unwrap_or(0).max(2)
            })
            .collect();
        let left = |column: usize| column == 0 || column + 2 >= columns;
        for (number, row) in self.rows.iter().enumerate() {
            for (column, (cell, &width)) in row.iter().zip(&widths).enumerate() {
                if left(column) {
                    write!(f, "| {cell:<width$} ")?;
                } else {
                    write!(f, "| {cell:>width$} ")?;
                }
            }
            writeln!(f, "|")?;
            if number == 0 {
                for (column, &width) in widths.iter().enumerate() {
                    let colon = if left(column) { "-" } else { ":" };
                    write!(f, "|-{}{colon}", "-".repeat(width))?;
                }
                writeln!(f, "|")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_read_from_the_right() {
        let mut table = Table::new(&["what", "ms", "goal", "verdict"]);
        table.row(["a", "12.5", "", ""].map(str::to_owned));
        let expected = "\
            | what |   ms | goal | verdict |\n\
            |------|-----:|------|---------|\n\
            | a    | 12.5 |      |         |\n";
        assert_eq!(table.to_string(), expected);
    }
}
