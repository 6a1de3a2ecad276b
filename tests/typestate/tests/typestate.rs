//! What a contract forbids does not compile. `TRYBUILD=overwrite cargo test -p rekindle-typestate` writes the expected messages
//! anew.

#[test]
fn what_the_contracts_forbid_does_not_compile() {
    trybuild::TestCases::new().compile_fail("cases/*.rs");
}
