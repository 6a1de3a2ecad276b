//! 100,000 random sequences: client × fake provider × hostile network, in virtual time.

use rekindle_sequences::seeds;
use rekindle_sequences::subject::SUBJECTS;

fn storm(id: &str) {
    let subject = SUBJECTS.into_iter().find(|subject| subject.id == id);
    seeds::storm(subject.unwrap_or_else(|| panic!("there is no client `{id}`")));
}

/// No credential is sent twice where the contract forbids it, no token is shown that is not durable, no grant is given up without a
/// terminal error (R21, R25, R32).
#[test]
fn random_sequences_at_blazex() {
    storm("blazex");
}

/// No credential is sent twice where the contract forbids it, no token is shown that is not durable, no grant is given up without a
/// terminal error (R21, R25, R32).
#[test]
fn random_sequences_at_seven_g() {
    storm("seven_g");
}

/// No credential is sent twice where the contract forbids it, no token is shown that is not durable, no grant is given up without a
/// terminal error (R21, R25, R32).
#[test]
fn random_sequences_at_transak() {
    storm("transak");
}

/// No credential is sent twice where the contract forbids it, no token is shown that is not durable, no grant is given up without a
/// terminal error (R21, R25, R32).
#[test]
fn random_sequences_at_wetix() {
    storm("wetix");
}

/// No credential is sent twice where the contract forbids it, no token is shown that is not durable, no grant is given up without a
/// terminal error (R21, R25, R32).
#[test]
fn random_sequences_at_xellar() {
    storm("xellar");
}

#[test]
fn each_of_them_is_a_client() {
    let contracts = concat!(env!("CARGO_MANIFEST_DIR"), "/../../generated/contracts");
    let files: Vec<String> = std::fs::read_dir(contracts)
        .expect("the contracts")
        .map(|entry| entry.expect("an entry").path())
        .filter_map(|path| Some(path.file_stem()?.to_string_lossy().into_owned()))
        .collect();
    let ids: Vec<&str> = SUBJECTS.iter().map(|subject| subject.id).collect();
    assert!(ids.iter().all(|id| files.iter().any(|file| file == id)), "{ids:?}");
}
