//! What lies in the files, and what the store does with files that are not as they should be.
#![cfg(all(unix, feature = "file", feature = "seal"))]

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use rekindle_runtime::clock::VirtualClock;
use rekindle_runtime::store::{
    Acquired, Codec, EntryId, FileStore, InFlight, Key, Lease, Rate, Record, SealKey, Store,
    StoreErrorKind,
};
use rekindle_runtime::{Grant, Token};
use tempfile::TempDir;

const TOKEN: &str = "canary-0123456789";
const TTL: Duration = Duration::from_secs(60);

fn record() -> Record {
    let grant =
        Grant::new().with_access_token(Token::new(TOKEN)).with_refresh_token(Token::new(TOKEN));
    let mut record = Record::new(grant, UNIX_EPOCH);
    record.due = Some(UNIX_EPOCH + Duration::from_millis(1_763_712_000_123));
    record
}

fn key() -> Key {
    Key::new("spark", "Someone")
}

struct Place(TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    fn folder(&self) -> PathBuf {
        self.0.path().join("deep/grants")
    }

    fn file(&self) -> PathBuf {
        self.folder().join("spark@%53omeone.json")
    }

    fn open(&self) -> FileStore {
        FileStore::open(self.folder()).expect("a store")
    }

    async fn with_a_grant(&self) -> FileStore {
        let store = self.open();
        store.put(&key(), &record()).await.expect("put");
        store
    }

    /// Every file below, with its bytes.
    fn files(&self) -> Vec<(PathBuf, Vec<u8>)> {
        fn walk(folder: &Path, found: &mut Vec<(PathBuf, Vec<u8>)>) {
            for entry in fs::read_dir(folder).expect("a folder") {
                let path = entry.expect("an entry").path();
                if path.is_dir() {
                    walk(&path, found);
                } else {
                    let bytes = fs::read(&path).expect("a file");
                    found.push((path, bytes));
                }
            }
        }
        let mut found = Vec::new();
        walk(self.0.path(), &mut found);
        found
    }
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).expect("a file").permissions().mode() & 0o777
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("a mode");
}

async fn hold(store: &FileStore) -> Lease {
    match store.acquire(&key(), "me", TTL).await.expect("an answer") {
        Acquired::Held(lease) => lease,
        busy => panic!("{busy:?}"),
    }
}

fn entry(lease: &Lease, number: u64) -> InFlight {
    InFlight {
        id: EntryId::from_bits(1, number),
        generation: 1,
        fence: lease.fence,
        owner: "worker-3".into(),
        started_at: UNIX_EPOCH + Duration::from_millis(1_763_712_000_123),
        attempt: 1,
    }
}

/// Takes the lease and journals the entry of this number, in place of `replaces`.
async fn begun_after(
    store: &FileStore,
    replaces: Option<EntryId>,
    number: u64,
) -> (Lease, InFlight) {
    let lease = hold(store).await;
    let entry = entry(&lease, number);
    store.begin(&key(), &lease, &entry, replaces).await.expect("begin");
    (lease, entry)
}

async fn begun(store: &FileStore) -> (Lease, InFlight) {
    begun_after(store, None, 2).await
}

#[tokio::test]
async fn files_are_their_owners_alone() {
    let place = Place::new();
    let store = place.with_a_grant().await;
    begun(&store).await;
    assert_eq!(mode(&place.folder()), 0o700);
    let files = place.files();
    assert_eq!(files.len(), 3, "a record, a lock, a guard");
    for (path, _) in files {
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
}

#[tokio::test]
async fn what_others_may_read_is_refused_with_a_hint() {
    let place = Place::new();
    let store = place.with_a_grant().await;
    for open in [0o640, 0o604, 0o660] {
        set_mode(&place.file(), open);
        let error = store.read(&key()).await.expect_err("a refusal");
        assert_eq!(error.kind(), StoreErrorKind::Refused);
        let text = error.to_string();
        assert!(text.contains("chmod 600") && text.contains("%53omeone.json"), "{text}");
        let put = store.put(&key(), &record()).await.expect_err("a refusal");
        assert_eq!(put.kind(), StoreErrorKind::Refused);
    }
    set_mode(&place.file(), 0o400);
    assert!(store.read(&key()).await.expect("an answer").is_some());
    set_mode(&place.folder(), 0o770);
    let error = FileStore::open(place.folder()).expect_err("a refusal");
    assert_eq!(error.kind(), StoreErrorKind::Refused);
    assert!(error.to_string().contains("chmod 700"), "{error}");
}

#[tokio::test]
async fn a_person_can_read_what_is_no_secret() {
    let place = Place::new();
    let store = place.open().with_codec(Codec::sealed(SealKey::from_bytes([1; 32])));
    let store = store.with_clock(Arc::new(VirtualClock::new(UNIX_EPOCH)));
    store.put(&key(), &record()).await.expect("put");
    begun(&store).await;
    let bytes = fs::read(place.file()).expect("a file");
    let mut json: serde_json::Value = serde_json::from_slice(&bytes).expect("JSON");
    assert!(json["record"].take().is_string());
    assert!(json["in_flight"]["begun"]["uptime"]["boot"].take().is_string());
    let expected = serde_json::json!({
        "version": 1, "provider": "spark", "subject": "Someone", "generation": 1,
        "due": "2025-11-21T08:00:00.123Z", "record": null,
        "in_flight": {
            "id": "00000000000000010000000000000002",
            "generation": 1, "fence": 1, "owner": "worker-3", "attempt": 1,
            "started_at": "2025-11-21T08:00:00.123Z",
            "begun": { "at": "1970-01-01T00:00:00Z", "uptime": { "boot": null, "millis": 1_000_000_000 } },
        },
    });
    assert_eq!(json, expected);
    let lock = fs::read_to_string(place.folder().join("spark@%53omeone.lock"));
    assert_eq!(lock.expect("a lock"), "{\"fence\":1}\n");
}

#[tokio::test]
async fn sealed_tokens_are_in_no_file() {
    let seen = |place: &Place| {
        let holds =
            |bytes: &[u8]| bytes.windows(TOKEN.len()).any(|found| found == TOKEN.as_bytes());
        place.files().iter().filter(|(_, bytes)| holds(bytes)).count()
    };
    for many in [false, true] {
        let place = Place::new();
        let open = || match many {
            true => FileStore::single(place.0.path().join("grants.json")).expect("a store"),
            false => place.open(),
        };
        let store = open().with_codec(Codec::sealed(SealKey::from_bytes([1; 32])));
        store.put(&key(), &record()).await.expect("put");
        let (lease, entry) = begun(&store).await;
        store.commit(&key(), &entry, &record()).await.expect("commit");
        store.release(&key(), &lease).await.expect("release");
        let read = store.read(&key()).await.expect("an answer").expect("a grant");
        assert_eq!(read.record.grant.refresh_token().map(Token::expose), Some(TOKEN));
        assert_eq!(seen(&place), 0);
        // The search does find it where it is.
        open().put(&key(), &record()).await.expect("put");
        assert_eq!(seen(&place), 1);
    }
}

#[tokio::test]
async fn another_key_is_told_and_signing_in_helps() {
    let place = Place::new();
    let codec = |byte| Codec::sealed(SealKey::from_bytes([byte; 32]));
    let first = place.open().with_codec(codec(1));
    first.put(&key(), &record()).await.expect("put");
    let second = place.open().with_codec(codec(2));
    let error = second.read(&key()).await.expect_err("an error");
    assert_eq!(error.kind(), StoreErrorKind::Unreadable);
    assert!(error.to_string().contains("sealed with another"), "{error}");
    assert!(first.read(&key()).await.expect("an answer").is_some(), "nothing was lost");
    assert_eq!(second.put(&key(), &record()).await.expect("put"), 2);
    assert!(second.read(&key()).await.expect("an answer").is_some());
}

#[tokio::test]
async fn what_cannot_be_read_is_left_alone() {
    let place = Place::new();
    let store = place.with_a_grant().await;
    let whole = fs::read(place.file()).expect("a file");
    let other = String::from_utf8_lossy(&whole).replace("Someone", "Another").into_bytes();
    let cases: [(&[u8], StoreErrorKind); 5] = [
        (b"", StoreErrorKind::Unreadable),
        (&whole[..whole.len() / 2], StoreErrorKind::Unreadable),
        (b"{\"version\":1,\"generation\":1}", StoreErrorKind::Unreadable),
        (b"{\"version\":2,\"anything\":[]}", StoreErrorKind::Newer),
        (&other, StoreErrorKind::Unreadable),
    ];
    let (lease, entry) = begun(&store).await;
    for (bytes, kind) in cases {
        fs::write(place.file(), bytes).expect("written");
        let errors = [
            store.read(&key()).await.map(drop),
            store.put(&key(), &record()).await.map(drop),
            store.remove(&key()).await,
            store.begin(&key(), &lease, &entry, None).await,
            store.commit(&key(), &entry, &record()).await,
            store.abandon(&key(), &entry).await,
        ];
        for error in errors {
            let error = error.expect_err("an error");
            assert_eq!(error.kind(), kind, "{error}");
            assert!(error.to_string().contains("%53omeone.json"), "{error}");
            assert!(!format!("{error:?}{error}").contains(TOKEN));
        }
        assert_eq!(fs::read(place.file()).expect("a file"), bytes);
        let due = store
            .due("spark", UNIX_EPOCH + 2 * Duration::from_millis(1_763_712_000_123), 0..9)
            .await;
        assert_eq!(
            due.expect("an answer").len(),
            usize::from(kind != StoreErrorKind::Newer && bytes == other)
        );
    }
}

#[tokio::test]
async fn a_later_entry_among_many_is_kept_and_harms_no_other() {
    let place = Place::new();
    let path = place.0.path().join("grants.json");
    let later = r#"{"version": 9, "provider": "p", "subject": "later", "tokens": [1.50]}"#;
    fs::write(&path, format!(r#"{{"version":1,"grants":[{later}]}}"#)).expect("written");
    set_mode(&path, 0o600);
    let store = FileStore::single(&path).expect("a store");
    store.put(&key(), &record()).await.expect("put");
    assert!(store.read(&key()).await.expect("an answer").is_some());
    let error = store.read(&Key::new("p", "later")).await.expect_err("an error");
    assert_eq!(error.kind(), StoreErrorKind::Newer);
    store.remove(&key()).await.expect("remove");
    assert!(fs::read_to_string(&path).expect("a file").contains(later));
}

/// A lock on a file that is gone excludes nobody: who holds it has lost the lease.
#[tokio::test]
async fn a_deleted_lock_file_gives_no_two_leases() {
    let place = Place::new();
    let (first, second) = (place.with_a_grant().await, place.open());
    let (lease, entry) = begun(&first).await;
    fs::remove_file(place.folder().join("spark@%53omeone.lock")).expect("removed");
    let (next, theirs) = begun_after(&second, Some(entry.id), 3).await;
    assert_ne!(lease.id, next.id);
    let late = [
        first.renew(&key(), &lease, TTL).await,
        first.begin(&key(), &lease, &entry, Some(theirs.id)).await,
    ];
    for error in late {
        assert_eq!(error.expect_err("it is lost").kind(), StoreErrorKind::LeaseLost);
    }
    let late = first.commit(&key(), &entry, &record()).await.expect_err("it is another's");
    assert_eq!(late.kind(), StoreErrorKind::Conflict);
    first.release(&key(), &lease).await.expect("nothing");
    second.renew(&key(), &next, TTL).await.expect("it is held");
    second.commit(&key(), &theirs, &record()).await.expect("commit");
}

/// Neither a name nor a line is left of a subject, whoever holds the lease.
#[tokio::test]
async fn a_removed_grant_leaves_no_file() {
    for many in [false, true] {
        let place = Place::new();
        let open = || match many {
            true => FileStore::single(place.0.path().join("grants.json")).expect("a store"),
            false => place.open(),
        };
        let store = open();
        store.put(&key(), &record()).await.expect("put");
        begun(&store).await;
        open().remove(&key()).await.expect("remove");
        for (path, bytes) in place.files() {
            let text = String::from_utf8_lossy(&bytes);
            let said = format!("{} {text}", path.display());
            assert!(!said.contains("omeone"), "{said}");
        }
    }
}

/// The clock of this machine's start goes on, whatever anybody sets the wall clock to; after a start, the wall clock is what there is.
#[tokio::test]
async fn in_flight_counts_by_the_machines_own_clock() {
    let place = Place::new();
    let clock = VirtualClock::new(UNIX_EPOCH + 100 * TTL);
    place.with_a_grant().await;
    let opened = |clock: &VirtualClock| place.open().with_clock(Arc::new(clock.clone()));
    begun(&opened(&clock)).await;
    let lasts = async |clock: &VirtualClock| {
        let known = opened(clock).read(&key()).await.expect("an answer");
        known.expect("a grant").in_flight_for
    };
    clock.advance(TTL);
    for wall in [0, 99, 500] {
        clock.set_wall(UNIX_EPOCH + wall * TTL);
        assert_eq!(lasts(&clock).await, TTL, "the wall clock shows {wall} minutes");
    }
    // Another start of the machine, a million seconds ago.
    let restarted = VirtualClock::new(UNIX_EPOCH + 100_000 * TTL);
    assert_eq!(lasts(&restarted).await, (100_000 - 100) * TTL);
    restarted.set_wall(UNIX_EPOCH);
    assert_eq!(lasts(&restarted).await, Duration::from_secs(1_000_000));
}

/// Rates are kept by the wall clock: one exchange that was begun while it was a year ahead holds up none for a year.
#[tokio::test]
async fn a_clock_that_leaps_holds_no_rate_up() {
    let place = Place::new();
    let clock = VirtualClock::new(UNIX_EPOCH + 1_000_000 * TTL);
    let rate = Rate::per(1, TTL);
    for (wall, wait) in [(1_000_000, 0), (2_000_000, 0), (1_000_000, 1), (1_000_000, 2)] {
        clock.set_wall(UNIX_EPOCH + wall * TTL);
        // A process of its own.
        let store = place.open().with_clock(Arc::new(clock.clone()));
        let found = store.reserve("spark", rate).await.expect("a turn");
        assert_eq!(found, wait * TTL, "the wall clock shows {wall} minutes");
    }
}

/// What an earlier version has written has neither ids nor a stamp: its fence and its start stand for them.
#[tokio::test]
async fn an_entry_of_an_earlier_version_can_be_replaced() {
    let place = Place::new();
    let clock = VirtualClock::new(UNIX_EPOCH + Duration::from_millis(1_763_712_000_123) + TTL);
    let store = place.with_a_grant().await.with_clock(Arc::new(clock));
    let (lease, _) = begun(&store).await;
    store.release(&key(), &lease).await.expect("release");
    let text = fs::read_to_string(place.file()).expect("a file");
    let mut json: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let flight = json["in_flight"].as_object_mut().expect("an entry");
    assert!(flight.remove("id").is_some() && flight.remove("begun").is_some());
    fs::write(place.file(), json.to_string()).expect("written");
    let known = store.read(&key()).await.expect("an answer").expect("a grant");
    assert_eq!(known.in_flight_for, TTL);
    let id = known.entry_id().expect("an id");
    assert_eq!(id.to_string(), format!("{:0>32}", 1));
    let (_, entry) = begun_after(&place.open(), Some(id), 2).await;
    store.commit(&key(), &entry, &record()).await.expect("commit");
}

#[tokio::test]
async fn the_last_generation_is_the_last() {
    for generation in [i64::MAX as u64, u64::MAX] {
        let place = Place::new();
        let store = place.with_a_grant().await;
        let text = fs::read_to_string(place.file()).expect("a file");
        let text = text.replacen("\"generation\": 1", &format!("\"generation\": {generation}"), 1);
        fs::write(place.file(), &text).expect("written");
        let lease = hold(&store).await;
        let entry = InFlight { generation, ..entry(&lease, 3) };
        let errors = [
            store.put(&key(), &record()).await.map(drop),
            store.begin(&key(), &lease, &entry, None).await,
        ];
        for error in errors {
            assert_eq!(error.expect_err("there is no next").kind(), StoreErrorKind::Refused);
        }
        assert_eq!(fs::read_to_string(place.file()).expect("a file"), text);
        store.remove(&key()).await.expect("remove");
        assert_eq!(store.put(&key(), &record()).await.expect("put"), 1);
    }
}

#[tokio::test]
async fn what_a_dead_writer_left_goes_and_links_are_not_followed() {
    let place = Place::new();
    let store = place.with_a_grant().await;
    let left = place.folder().join(".writing");
    fs::write(&left, TOKEN).expect("written");
    place.open();
    assert!(!left.exists());
    let precious = place.0.path().join("precious");
    fs::write(&precious, "mine").expect("written");
    symlink(&precious, &left).expect("a link");
    store.put(&key(), &record()).await.expect("put");
    assert_eq!(fs::read_to_string(&precious).expect("a file"), "mine");
    assert!(!place.file().is_symlink() && !left.exists());
}

#[tokio::test]
async fn fences_go_on_from_the_record_where_the_lock_is_new() {
    let place = Place::new();
    let store = place.with_a_grant().await;
    for _ in 0..4 {
        let lease = hold(&store).await;
        store.release(&key(), &lease).await.expect("release");
    }
    let (lease, _) = begun(&store).await;
    store.release(&key(), &lease).await.expect("release");
    let lock = place.folder().join("spark@%53omeone.lock");
    // As after a restore of the records alone.
    fs::remove_file(&lock).expect("removed");
    assert!(hold(&store).await.fence > lease.fence);
    fs::write(&lock, "?").expect("written");
    let damaged = place.open().acquire(&key(), "me", TTL).await;
    // The lock is held: what it counts is not looked at.
    assert_eq!(damaged.expect("an answer"), Acquired::Busy { at_most: None });
    drop(store);
    let error = place.open().acquire(&key(), "me", TTL).await.expect_err("an error");
    assert_eq!(error.kind(), StoreErrorKind::Unreadable);
}

#[tokio::test]
async fn a_dropped_handle_lets_its_leases_go() {
    let place = Place::new();
    let (first, second) = (place.with_a_grant().await, place.open());
    hold(&first).await;
    let copy = first.clone();
    drop(first);
    let busy = second.acquire(&key(), "me", TTL).await.expect("an answer");
    assert_eq!(busy, Acquired::Busy { at_most: None });
    drop(copy);
    hold(&second).await;
}

/// As when a disk is unmounted: that a grant cannot be seen does not mean that there is none.
#[tokio::test]
async fn a_folder_that_is_away_is_no_empty_one() {
    let place = Place::new();
    let store = place.with_a_grant().await;
    let (_, entry) = begun(&store).await;
    let away = place.0.path().join("away");
    fs::rename(place.folder(), &away).expect("the folder goes away");
    let error = store.read(&key()).await.expect_err("nothing can be read");
    assert_eq!(error.kind(), StoreErrorKind::Unavailable);
    let commit = store.commit(&key(), &entry, &record()).await;
    let error = commit.expect_err("nothing can be written");
    assert_eq!(error.kind(), StoreErrorKind::Unavailable);
    fs::rename(&away, place.folder()).expect("the folder comes back");
    let commit = store.commit(&key(), &entry, &record()).await;
    commit.expect("the grant is there again");
}

/// The paths that the store reads or locks.
fn opened(place: &Place) -> [PathBuf; 3] {
    let folder = place.folder();
    [place.file(), folder.join("spark@%53omeone.lock"), folder.join(".guard")]
}

/// What the store answers that needs the path.
async fn asked(store: &FileStore, path: &Path) -> Result<(), StoreErrorKind> {
    let answer = match path.extension() {
        Some(ending) if ending == "json" => store.read(&key()).await.map(drop),
        _ => store.acquire(&key(), "me", TTL).await.map(drop),
    };
    answer.map_err(|error| {
        assert!(!error.to_string().contains(TOKEN), "{error}");
        error.kind()
    })
}

#[tokio::test]
async fn no_link_is_followed() {
    for index in 0..3 {
        let place = Place::new();
        let store = place.with_a_grant().await;
        let path = &opened(&place)[index];
        assert_eq!(asked(&store, path).await, Ok(()));
        let elsewhere = place.0.path().join("elsewhere");
        fs::rename(path, &elsewhere).expect("moved");
        let before = fs::read(&elsewhere).expect("a file");
        symlink(&elsewhere, path).expect("a link");
        let other = place.folder();
        assert_eq!(
            asked(&FileStore::open(&other).map_or(store, |open| open), path).await,
            Err(StoreErrorKind::Refused)
        );
        assert_eq!(fs::read(&elsewhere).expect("a file"), before, "{}", path.display());
    }
}

/// A pipe, which would be waited for, and a folder.
#[tokio::test]
async fn what_is_no_file_is_no_record_and_nobody_waits_for_it() {
    for index in 0..3 {
        for kind in ["mkfifo", "mkdir"] {
            let place = Place::new();
            let store = place.with_a_grant().await;
            let path = &opened(&place)[index];
            let _ = fs::remove_file(path);
            let made = std::process::Command::new(kind).arg("-m600").arg(path).status();
            assert!(made.expect(kind).success());
            let kind = asked(&store, path).await;
            assert_eq!(kind, Err(StoreErrorKind::Refused), "{}", path.display());
            let due = store.due("spark", UNIX_EPOCH + TTL, 0..9).await.expect("the others");
            assert_eq!(due, []);
        }
    }
}

/// Only root can give a file away: elsewhere there is nothing to see.
#[tokio::test]
async fn what_belongs_to_another_user_is_refused() {
    let place = Place::new();
    let store = place.with_a_grant().await;
    for path in opened(&place) {
        asked(&store, &path).await.expect("an answer");
        if std::os::unix::fs::chown(&path, Some(65_534), None).is_err() {
            eprintln!("skipped: only root can give a file away");
            return;
        }
        let fresh = if path.ends_with(".guard") { store.clone() } else { place.open() };
        assert_eq!(asked(&fresh, &path).await, Err(StoreErrorKind::Refused), "{}", path.display());
        std::os::unix::fs::chown(&path, Some(0), None).expect("given back");
    }
    drop(store);
    std::os::unix::fs::chown(place.folder(), Some(65_534), None).expect("given away");
    let error = FileStore::open(place.folder()).expect_err("a refusal");
    assert!(error.kind() == StoreErrorKind::Refused && error.to_string().contains("65534"));
}

/// A lock on a file that is not there any more excludes nobody.
#[tokio::test]
async fn a_lock_file_that_was_removed_or_replaced_gives_no_second_lease() {
    for replaced in [false, true] {
        for same_handle in [false, true] {
            let place = Place::new();
            let store = place.with_a_grant().await;
            let lease = hold(&store).await;
            let lock = place.folder().join("spark@%53omeone.lock");
            fs::remove_file(&lock).expect("removed");
            if replaced {
                fs::write(&lock, "").expect("written");
                set_mode(&lock, 0o600);
            }
            let other = if same_handle { store.clone() } else { place.open() };
            let second = hold(&other).await;
            let entry = |lease: &Lease| InFlight {
                id: EntryId::from_bits(1, 2),
                generation: 1,
                fence: lease.fence,
                owner: "me".into(),
                started_at: UNIX_EPOCH,
                attempt: 1,
            };
            let lost = |error: rekindle_runtime::store::StoreError| error.kind();
            let begun = store.begin(&key(), &lease, &entry(&lease), None).await.map_err(lost);
            let renewed = store.renew(&key(), &lease, TTL).await.map_err(lost);
            assert_eq!(
                (begun, renewed),
                (Err(StoreErrorKind::LeaseLost), Err(StoreErrorKind::LeaseLost))
            );
            other.begin(&key(), &second, &entry(&second), None).await.expect("it has the lease");
        }
    }
}

/// The generation stands in clear beside the sealed record, and in it.
#[tokio::test]
async fn a_generation_that_was_changed_beside_the_seal_is_noticed() {
    let place = Place::new();
    let store = place.open().with_codec(Codec::sealed(SealKey::from_bytes([1; 32])));
    for _ in 0..2 {
        store.put(&key(), &record()).await.expect("put");
    }
    let text = fs::read_to_string(place.file()).expect("a file");
    fs::write(place.file(), text.replace("\"generation\": 2", "\"generation\": 1"))
        .expect("written");
    let error = store.read(&key()).await.expect_err("an error");
    assert_eq!(error.kind(), StoreErrorKind::Unreadable);
    assert!(error.to_string().contains("another generation"), "{error}");
    // Signing in anew goes on from there.
    store.put(&key(), &record()).await.expect("put");
    assert!(store.read(&key()).await.expect("an answer").is_some());
}

/// What was read once is remembered for files that are old enough, and never for longer than they stay as they are.
#[tokio::test]
async fn what_is_due_is_what_stands_in_the_files() {
    let place = Place::new();
    let (store, other) = (place.open(), place.open());
    let keys = ["a", "b", "c"].map(|subject| Key::new("spark", subject));
    let at = |seconds| UNIX_EPOCH + Duration::from_secs(seconds);
    let age = || {
        for entry in fs::read_dir(place.folder()).expect("a folder") {
            let file = fs::File::open(entry.expect("an entry").path()).expect("a file");
            file.set_modified(at(1_000_000)).expect("a time");
        }
    };
    let put = async |store: &FileStore, index: usize, seconds| {
        let mut record = record();
        record.due = Some(at(seconds));
        store.put(&keys[index], &record).await.expect("put");
    };
    let due = async || {
        let due = store.due("spark", at(50), 0..9).await.expect("an answer");
        due.iter().map(|key| key.subject().to_owned()).collect::<Vec<_>>().join(" ")
    };
    for (index, seconds) in [(0, 30), (1, 20), (2, 90)] {
        put(&store, index, seconds).await;
    }
    age();
    assert_eq!(due().await, "b a");
    // Remembered.
    assert_eq!(due().await, "b a");
    put(&other, 2, 10).await;
    assert_eq!(due().await, "c b a");
    age();
    other.remove(&keys[1]).await.expect("removed");
    assert_eq!(due().await, "c a");
    // By hand, in place, with the same length and the time of before.
    let path = place.folder().join("spark@a.json");
    let text = fs::read_to_string(&path).expect("a file");
    fs::write(&path, text.replace("1970-01-01T00:00:30", "1970-01-01T00:00:05")).expect("written");
    age();
    assert_eq!(due().await, "a c");
    put(&other, 0, 70).await;
    assert_eq!(due().await, "c");
    assert_eq!(store.due("other", at(50), 0..9).await.expect("an answer"), []);
}
