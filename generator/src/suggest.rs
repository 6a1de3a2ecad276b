//! "Did you mean …?"

/// The candidate that `word` was most likely meant to be.
pub(crate) fn closest<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let lower = word.to_lowercase();
    candidates
        .into_iter()
        .map(|candidate| (strsim::jaro_winkler(&lower, &candidate.to_lowercase()), candidate))
        .filter(|(likeness, _)| *likeness > 0.84)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::closest;

    #[test]
    fn finds_slips_but_does_not_guess() {
        assert_eq!(closest("clinet.rs.j2", ["client.rs.j2", "lib.rs.j2"]), Some("client.rs.j2"));
        assert_eq!(closest("rk0101", ["RK0101", "RK0102"]), Some("RK0101"));
        assert_eq!(closest("banana", ["client.rs.j2", "lib.rs.j2"]), None);
    }
}
