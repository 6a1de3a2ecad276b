//! All codes, and the page of each.

use super::{Code, files, meaning, shape};

/// Every code there is, sorted.
pub fn all() -> impl Iterator<Item = &'static Code> {
    [shape::ALL, meaning::ALL, files::ALL].into_iter().flatten()
}

/// The page about a problem, by its code in any case (`RK0101`, `rk0101`) or by its name (`unknown_key`).
pub fn explain(code_or_name: &str) -> Option<&'static str> {
    let wanted = code_or_name.trim();
    all()
        .find(|code| code.id.eq_ignore_ascii_case(wanted) || code.name.eq_ignore_ascii_case(wanted))
        .map(|code| code.page)
}
