//! Grants under a new key, and in another store: files, and real servers.
#![cfg(all(feature = "file", feature = "postgres", feature = "redis", feature = "seal"))]

use std::time::{Duration, UNIX_EPOCH};

use rekindle_runtime::store::postgres::PostgresStore;
use rekindle_runtime::store::redis::{RedisOptions, redis::Client};
use rekindle_runtime::store::{
    Acquired, Codec, EntryId, FileStore, InFlight, Key, Lease, Left, MemoryStore, Record, SealKey,
    SharedStore, Snapshot, Store, StoreErrorKind, move_all, reseal_all,
};
use rekindle_runtime::{Grant, Token};
use rekindle_servers::{Postgres, Redis};

const TTL: Duration = Duration::from_secs(60);

fn codec(byte: u8) -> Codec {
    Codec::sealed(SealKey::from_bytes([byte; 32]))
}

fn both() -> Codec {
    codec(2).and_opens(SealKey::from_bytes([1; 32]))
}

fn key(subject: &str) -> Key {
    Key::new("spark", subject)
}

fn record(text: &str) -> Record {
    let grant = Grant::new()
        .with_access_token(Token::new(format!("{text} access")))
        .with_refresh_token(Token::new(format!("{text} refresh")));
    let mut record = Record::new(grant, UNIX_EPOCH + TTL);
    record.due = Some(UNIX_EPOCH + TTL * 2);
    record
}

async fn found(store: &SharedStore, subject: &str) -> Option<Snapshot> {
    store.read(&key(subject)).await.expect("a record that opens")
}

async fn begin(store: &SharedStore, subject: &str) -> (Lease, InFlight) {
    let key = key(subject);
    let Acquired::Held(lease) = store.acquire(&key, "a test", TTL).await.expect("a lease") else {
        panic!("it is held");
    };
    let generation = found(store, subject).await.expect("a grant").record.generation;
    let entry = InFlight {
        id: EntryId::random(),
        generation,
        fence: lease.fence,
        owner: lease.owner.clone(),
        started_at: UNIX_EPOCH + TTL,
        attempt: 1,
    };
    store.begin(&key, &lease, &entry, None).await.expect("a journal");
    (lease, entry)
}

/// A place for grants, as handles with different keys see it.
struct Place {
    name: &'static str,
    with: Box<dyn AsyncWith>,
    // What it stands on goes with it.
    _on: Box<dyn std::any::Any>,
}

trait AsyncWith {
    fn with(&self, codec: Codec) -> std::pin::Pin<Box<dyn Future<Output = SharedStore> + '_>>;
}

impl<F: AsyncFn(Codec) -> SharedStore> AsyncWith for F {
    fn with(&self, codec: Codec) -> std::pin::Pin<Box<dyn Future<Output = SharedStore> + '_>> {
        Box::pin(self(codec))
    }
}

impl Place {
    async fn with(&self, codec: Codec) -> SharedStore {
        self.with.with(codec).await
    }
}

/// Files, one for each grant and one for all, and the servers that are installed.
fn places() -> Vec<Place> {
    let mut places = Vec::new();
    for (name, many) in [("files", false), ("one file", true)] {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("grants");
        let with = async move |codec| {
            let store = if many { FileStore::single(&path) } else { FileStore::open(&path) };
            SharedStore::new(store.expect("a store").with_codec(codec))
        };
        places.push(Place { name, with: Box::new(with), _on: Box::new(folder) });
    }
    if let Some(server) = Postgres::launch(&[]) {
        let url = server.url();
        let with = async move |codec| {
            let store = PostgresStore::without_tls(url.parse().expect("a configuration"));
            let store = store.expect("a store").with_codec(codec);
            store.migrate().await.expect("the schema");
            SharedStore::new(store)
        };
        places.push(Place { name: "PostgreSQL", with: Box::new(with), _on: Box::new(server) });
    }
    if let Some(server) = Redis::launch(&[]) {
        let client = Client::open(server.url()).expect("a client");
        let with = async move |codec| {
            let store = RedisOptions::new(client.clone()).codec(codec).open().await;
            SharedStore::new(store.expect("a store"))
        };
        places.push(Place { name: "Redis", with: Box::new(with), _on: Box::new(server) });
    }
    places
}

/// What was sealed with the old key is sealed with the new one, exchanges in flight included, and nothing else of it changes.
#[tokio::test]
async fn a_new_key_takes_over_while_grants_are_in_use() {
    for place in places() {
        let old = place.with(codec(1)).await;
        for subject in ["resting", "refreshing"] {
            old.put(&key(subject), &record(subject)).await.expect("put");
        }
        let (lease, entry) = begin(&old, "refreshing").await;
        let rotating = place.with(both()).await;
        rotating.put(&key("new"), &record("new")).await.expect("put");
        let before = found(&rotating, "refreshing").await.expect("a grant");

        let done = reseal_all(&rotating, "spark").await.expect(place.name);
        assert_eq!((done.resealed, done.unreadable.len()), (2, 0), "{}", place.name);
        let again = reseal_all(&rotating, "spark").await.expect(place.name);
        assert_eq!(again.resealed, 0, "{}", place.name);
        assert!(!rotating.reseal(&key("nobody")).await.expect(place.name));

        let new = place.with(codec(2)).await;
        for subject in ["resting", "new"] {
            let found = found(&new, subject).await.expect("a grant").record;
            let token = found.grant.refresh_token().map(|token| token.expose().to_owned());
            assert_eq!(token, Some(format!("{subject} refresh")), "{}", place.name);
            assert_eq!((found.generation, found.due), (1, Some(UNIX_EPOCH + TTL * 2)));
        }
        let after = found(&new, "refreshing").await.expect("a grant");
        assert_eq!(after.in_flight, before.in_flight, "{}", place.name);
        // The handle that knows the old key alone still ends its exchange; what it writes, it seals with that.
        old.commit(&key("refreshing"), &entry, &record("later")).await.expect("a commit");
        old.release(&key("refreshing"), &lease).await.expect("a release");
        assert_eq!(reseal_all(&rotating, "spark").await.expect("done").resealed, 1);
    }
}

/// A record that no key opens is named, and hides none of the others.
#[tokio::test]
async fn what_no_key_opens_is_named_and_stays() {
    for place in places() {
        let foreign = place.with(codec(9)).await;
        foreign.put(&key("foreign"), &record("foreign")).await.expect("put");
        let old = place.with(codec(1)).await;
        old.put(&key("own"), &record("own")).await.expect("put");
        let done = reseal_all(&place.with(both()).await, "spark").await.expect("done");
        assert_eq!((done.resealed, done.unreadable), (1, vec![key("foreign")]), "{}", place.name);
        assert!(found(&foreign, "foreign").await.is_some());
    }
}

/// From each store to the next: what is in doubt or in use stays, what is there already is not written over.
#[tokio::test]
async fn grants_move_from_store_to_store() {
    let places = places();
    for (from, to) in places.iter().zip(places.iter().skip(1)) {
        let (from_name, to_name) = (from.name, to.name);
        let (from, to) = (from.with(codec(1)).await, to.with(codec(2)).await);
        let subjects = ["moved", "half moved", "in doubt", "in use", "different"];
        for subject in subjects {
            from.put(&key(subject), &record(subject)).await.expect("put");
        }
        from.put(&Key::new("other", "moved"), &record("other")).await.expect("put");
        // A call before this one ended between its two writes.
        to.put(&key("half moved"), &record("half moved")).await.expect("put");
        to.put(&key("different"), &record("of another sign-in")).await.expect("put");
        let (lease, _) = begin(&from, "in doubt").await;
        from.release(&key("in doubt"), &lease).await.expect("a release");
        let held = from.acquire(&key("in use"), "a test", TTL).await.expect("a lease");
        let Acquired::Held(lease) = held else { panic!("it is held") };

        let mut done = move_all(&from, &to, "spark").await.expect(from_name);
        done.left.sort_by(|(one, _), (other, _)| one.cmp(other));
        let left =
            [("different", Left::Different), ("in doubt", Left::InDoubt), ("in use", Left::InUse)];
        assert_eq!(done.left, left.map(|(subject, why)| (key(subject), why)));
        assert_eq!(done.moved, 2, "{from_name} to {to_name}");
        for subject in ["moved", "half moved"] {
            assert!(found(&from, subject).await.is_none(), "{subject} stayed in {from_name}");
            let found = found(&to, subject).await.expect("a grant").record;
            let token = found.grant.access_token().map(|token| token.expose().to_owned());
            assert_eq!(token, Some(format!("{subject} access")));
            assert_eq!(
                (found.due, found.issued_at),
                (Some(UNIX_EPOCH + TTL * 2), UNIX_EPOCH + TTL)
            );
        }
        let other = from.read(&Key::new("other", "moved")).await.expect("a record that opens");
        assert!(other.is_some());

        from.release(&key("in use"), &lease).await.expect("a release");
        assert_eq!(move_all(&from, &to, "spark").await.expect("done").moved, 1);
        for subject in subjects {
            from.remove(&key(subject)).await.expect("removed");
            to.remove(&key(subject)).await.expect("removed");
        }
    }
}

/// Two handles on one place are not two stores, and what cannot be read keeps nobody else.
#[tokio::test]
async fn a_store_is_not_moved_onto_itself() {
    for place in places() {
        let (one, other) = (place.with(codec(1)).await, place.with(codec(1)).await);
        one.put(&key("a"), &record("a")).await.expect("put");
        let done = move_all(&one, &other, "spark").await.expect(place.name);
        assert_eq!((done.moved, done.left), (0, vec![(key("a"), Left::InUse)]), "{}", place.name);
        let foreign = place.with(codec(9)).await;
        foreign.put(&key("b"), &record("b")).await.expect("put");
        one.put(&key("c"), &record("c")).await.expect("put");
        let elsewhere = MemoryStore::new();
        let done = move_all(&one, &elsewhere, "spark").await.expect(place.name);
        assert_eq!((done.moved, done.left), (2, vec![(key("b"), Left::Unreadable)]));
        assert!(found(&foreign, "b").await.is_some());
    }
}

/// Where no key is set nothing is sealed, and what is plain is not sealed by somebody who finds it so.
#[tokio::test]
async fn a_plain_store_has_nothing_to_do() {
    let store = MemoryStore::new();
    store.put(&key("one"), &record("one")).await.expect("put");
    assert_eq!(reseal_all(&store, "spark").await.expect("done").resealed, 0);
    let folder = tempfile::tempdir().expect("a folder");
    let plain = FileStore::open(folder.path().join("grants")).expect("a store");
    plain.put(&key("one"), &record("one")).await.expect("put");
    assert_eq!(reseal_all(&plain, "spark").await.expect("done").resealed, 0);
    let sealed = plain.clone().with_codec(codec(1));
    let error = sealed.reseal(&key("one")).await.expect_err("plain, where a key is set");
    assert_eq!(error.kind(), StoreErrorKind::Unreadable);
    sealed.put(&key("two"), &record("two")).await.expect("put");
    assert_eq!(reseal_all(&plain, "spark").await.expect("done").unreadable, [key("two")]);
}
