//! What is put is read, whatever it is.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::fixture::{
    Fixture, ISSUED_AT, LONG, begun, ensure, has, hold, invented, known, record, refused, text_of,
};
use super::harness::{Broken, Harness, Outcome};
use crate::error::SignIn;
use crate::expiry::Expiry;
use crate::grant::{Grant, Token};
use crate::output::Output;
use crate::store::{EntryId, Key, Record, Store, StoreErrorKind};

pub async fn holders_share_a_clock<H: Harness>(fixture: &Fixture<'_, H>) -> Outcome {
    let (here, there) = (fixture.open().await, fixture.open().await);
    let (first, second) = (here.now().await?, there.now().await?);
    ensure!(first.is_some() == second.is_some(), "one handle has a clock and another has none");
    if let (Some(first), Some(second)) = (first, second) {
        ensure!(first <= second, "the clock shows {second:?} after {first:?}");
    }
    Ok(())
}

pub async fn what_is_put_is_read<H: Harness>(fixture: &Fixture<'_, H>) -> Outcome {
    let (here, there) = (fixture.open().await, fixture.open().await);
    let unknown = here.read(&fixture.key("one")).await?;
    ensure!(unknown.is_none(), "a grant is there that was never put");
    let key = fixture.put(&here, "one").await?;
    has(&*here, &key, (1, "first"), None, "after a put").await?;
    has(&*there, &key, (1, "first"), None, "through another handle").await
}

pub async fn put_counts_generations<H: Harness>(fixture: &Fixture<'_, H>) -> Outcome {
    let (here, there) = (fixture.open().await, fixture.open().await);
    let key = fixture.put(&here, "one").await?;
    let mut second = record("second");
    second.generation = 99;
    let generation = there.put(&key, &second).await?;
    ensure!(generation == 2, "the second put is generation {generation}");
    has(&*here, &key, (2, "second"), None, "after the second put").await
}

pub async fn put_ends_the_journal<H: Harness>(fixture: &Fixture<'_, H>) -> Outcome {
    let store = fixture.open().await;
    let key = fixture.put(&store, "one").await?;
    begun(&*store, &key, 1, LONG).await?;
    store.put(&key, &record("second")).await?;
    has(&*store, &key, (2, "second"), None, "after signing in").await
}

pub async fn create_is_for_what_is_not_there<H: Harness>(fixture: &Fixture<'_, H>) -> Outcome {
    let (here, there) = (fixture.open().await, fixture.open().await);
    let key = fixture.key("one");
    let due = UNIX_EPOCH + Duration::from_millis(fastrand::u64(1..86_400_000));
    let mut empty = Record::new(Grant::new(), UNIX_EPOCH + ISSUED_AT);
    (empty.generation, empty.due) = (99, Some(due));
    empty.sign_in = Some(EntryId::random());
    here.create(&key, &empty).await?;
    let found = known(&*there, &key).await?.record;
    ensure!(found.generation == 1, "what is created has generation {}", found.generation);
    same(&empty, &found)?;
    ensure!(fixture.due(&there, due).await?.contains(&key), "what is created is not due");
    let (_, entry) = begun(&*here, &key, 1, LONG).await?;
    there.create(&key, &Record::new(Grant::new(), UNIX_EPOCH)).await?;
    let found = known(&*here, &key).await?;
    same(&empty, &found.record)?;
    ensure!(found.in_flight.as_ref() == Some(&entry), "a second create ends the journal");
    here.commit(&key, &entry, &record("first")).await?;
    there.create(&key, &empty).await?;
    has(&*here, &key, (2, "first"), None, "after create, commit and create").await
}

pub async fn remove_forgets<H: Harness>(fixture: &Fixture<'_, H>) -> Outcome {
    let store = fixture.open().await;
    let key = fixture.put(&store, "one").await?;
    begun(&*store, &key, 1, LONG).await?;
    store.remove(&key).await?;
    ensure!(store.read(&key).await?.is_none(), "a removed grant is read");
    store.remove(&key).await?;
    let again = store.put(&key, &record("again")).await?;
    ensure!(again == 1, "a removed grant comes back with generation {again}");
    has(&*store, &key, (1, "again"), None, "after remove and put").await
}

/// Subjects that trip up file names, SQL, patterns, and comparisons that fold case or accents.
fn odd_subjects() -> Vec<String> {
    let short = [
        "", " ", "a", "a ", "A", "a/b", "/", "//", ".", "..", "../../a", "a.", "~", "\0", "a\0b",
        "\n", "\r\n", "\u{7f}", "%2F", "%", "a%00", "'; --", "\\", "\"", "*", "?", "[a]", "{a}",
        ":", "@", "con", "NULL", "\u{e9}", "e\u{301}", "\u{df}", "ss", "\u{202e}",
    ];
    let long = |ends: &str| format!("{}{ends}", "x".repeat(1000));
    let mut subjects: Vec<String> = short.map(str::to_owned).into();
    subjects.extend([long(""), long("1"), long("2"), "\u{1F511}".repeat(1000)]);
    subjects.extend(["\u{1F511}", "\u{feff}a"].map(str::to_owned));
    subjects
}

pub async fn odd_keys_are_kept_apart<H: Harness>(fixture: &Fixture<'_, H>) -> Outcome {
    let (here, there) = (fixture.open().await, fixture.open().await);
    let due = UNIX_EPOCH + Duration::from_millis(fastrand::u64(1..86_400_000));
    let keys: Vec<Key> = odd_subjects().iter().map(|subject| fixture.key(subject)).collect();
    for (number, key) in keys.iter().enumerate() {
        let mut record = record(&number.to_string());
        record.due = Some(due);
        let generation = here.put(key, &record).await?;
        ensure!(generation == 1, "{key:?} is taken for another grant");
    }
    for (number, key) in keys.iter().enumerate() {
        let text = number.to_string();
        has(&*there, key, (1, &text), None, &format!("for {key:?}")).await?;
        hold(&*there, key, LONG).await?;
    }
    let found = fixture.due(&here, due).await?;
    for key in &keys {
        let times = found.iter().filter(|found| *found == key).count();
        ensure!(times == 1, "{key:?} is due {times} times instead of once");
        here.remove(key).await?;
    }
    for key in &keys {
        ensure!(there.read(key).await?.is_none(), "{key:?} is not removed");
    }
    Ok(())
}

/// Every character of one and two bytes, and with those of three and four every byte that UTF-8 has.
pub(super) fn every_character() -> String {
    let short = 0..0x800;
    let long = (0x800..=0x10_ffff).step_by(0x3f);
    short.chain(long).filter_map(char::from_u32).collect()
}

pub async fn every_character_of_a_token_is_kept<H: Harness>(fixture: &Fixture<'_, H>) -> Outcome {
    keeps(fixture, &every_character()).await
}

pub async fn long_tokens_are_kept<H: Harness>(fixture: &Fixture<'_, H>) -> Outcome {
    keeps(fixture, &"0123456789abcdef".repeat(100 * 1024 / 16)).await
}

/// Whether tokens of this text survive `put` and `commit`.
async fn keeps<H: Harness>(fixture: &Fixture<'_, H>, text: &str) -> Result<(), Broken> {
    let (here, there) = (fixture.open().await, fixture.open().await);
    let key = fixture.key("one");
    here.put(&key, &record(text)).await?;
    has(&*there, &key, (1, text), None, "after a put").await?;
    let (_, entry) = begun(&*here, &key, 1, LONG).await?;
    let next = format!("{text} next");
    here.commit(&key, &entry, &record(&next)).await?;
    has(&*there, &key, (2, &next), None, "after a commit").await
}

pub async fn every_part_of_a_record_is_kept<H: Harness>(fixture: &Fixture<'_, H>) -> Outcome {
    let store = fixture.open().await;
    let at = UNIX_EPOCH + ISSUED_AT;
    let token = |expiry| Some(Token::new("").with_expiry(expiry));
    let never = || token(Expiry::Never);
    let grants = [
        (None, None),
        (token(Expiry::Undeclared), None),
        (None, never()),
        (token(Expiry::At(UNIX_EPOCH)), token(Expiry::At(at + 400_000 * LONG))),
    ];
    for (number, (access, refresh)) in grants.into_iter().enumerate() {
        let mut grant = Grant::new();
        grant = access.into_iter().fold(grant, Grant::with_access_token);
        grant = refresh.into_iter().fold(grant, Grant::with_refresh_token);
        if number > 1 {
            grant = grant.with_output("place", Output::new("\u{1F511}\"\n"));
            grant = grant.with_output("id_token", Output::secret("i".repeat(number)));
        }
        let mut whole = Record::new(grant, at);
        whole.ended = (number % 2 == 1).then_some(SignIn::Otp);
        whole.due = (number > 1).then_some(at);
        whole.sign_in = (number > 1).then(EntryId::random);
        whole.predecessor = (number > 1).then(|| Token::new("p".repeat(number)));
        let key = fixture.key(&number.to_string());
        store.put(&key, &whole).await?;
        same(&whole, &known(&*store, &key).await?.record)?;
        // The same parts again through a commit, which replaces what was there before.
        store.put(&key, &record("first")).await?;
        let (_, entry) = begun(&*store, &key, 2, LONG).await?;
        store.commit(&key, &entry, &whole).await?;
        same(&whole, &known(&*store, &key).await?.record)?;
    }
    Ok(())
}

fn same(put: &Record, read: &Record) -> Result<(), Broken> {
    let token = |token: Option<&Token>| token.map(|token| (token.expose().len(), token.expiry()));
    let outputs = |grant: &Grant| {
        let outputs = grant.outputs();
        let seen = |(name, output): (&str, &Output)| {
            (name.to_owned(), output.expose().len(), output.is_secret())
        };
        outputs.map(seen).collect::<Vec<_>>()
    };
    let parts = |record: &Record| {
        (
            token(record.grant.access_token()),
            token(record.grant.refresh_token()),
            outputs(&record.grant),
            record.sign_in,
            record.issued_at,
            record.ended,
            record.due,
            token(record.predecessor.as_ref()),
        )
    };
    let (put, read) = (parts(put), parts(read));
    ensure!(put == read, "a record comes back as {read:?} instead of {put:?}");
    Ok(())
}

pub async fn due_is_in_order_and_paged<H: Harness>(fixture: &Fixture<'_, H>) -> Outcome {
    let store = fixture.open().await;
    // Earlier than what a shared store may hold besides.
    let first = UNIX_EPOCH + Duration::from_millis(fastrand::u64(1..86_400_000));
    let at = |number: u64| first + Duration::from_millis(number);
    for number in [3, 1, 4, 2] {
        let mut record = record("due");
        record.due = Some(at(number));
        store.put(&fixture.key(&number.to_string()), &record).await?;
    }
    fixture.put(&store, "never due").await?;
    let all = fixture.due(&store, at(3)).await?;
    let expected = ["1", "2", "3"].map(|subject| fixture.key(subject));
    ensure!(all == expected, "due are {all:?} instead of {expected:?}");
    let before = fixture.due(&store, at(0)).await?;
    ensure!(before.is_empty(), "{before:?} are due before their time");
    for (places, expected) in
        [(0..0, &[][..]), (0..1, &["1"]), (1..3, &["2", "3"]), (3..9, &["4"]), (4..9, &[])]
    {
        let asked = format!("{places:?}");
        let found = store.due(&fixture.provider, at(4), places).await?;
        let expected: Vec<_> = expected.iter().map(|subject| fixture.key(subject)).collect();
        ensure!(found == expected, "at the places {asked} are {found:?} instead of {expected:?}");
    }
    Ok(())
}

pub async fn due_is_of_one_provider<H: Harness>(fixture: &Fixture<'_, H>) -> Outcome {
    let store = fixture.open().await;
    let mut record = record("due");
    let due = UNIX_EPOCH + Duration::from_secs(1);
    record.due = Some(due);
    let (own, other) = (fixture.key("one"), fixture.key_elsewhere("one"));
    store.put(&own, &record).await?;
    store.put(&other, &record).await?;
    let found = fixture.due(&store, due).await?;
    ensure!(found == [own], "of one provider, {found:?} are due");
    Ok(())
}

pub async fn due_follows_the_record<H: Harness>(fixture: &Fixture<'_, H>) -> Outcome {
    let store = fixture.open().await;
    let early = UNIX_EPOCH + Duration::from_millis(fastrand::u64(1..86_400_000));
    let late = early + Duration::from_millis(5);
    let with = |due: Option<SystemTime>| {
        let mut record = record("due");
        record.due = due;
        record
    };
    let key = fixture.key("one");
    let is_due = async |until: SystemTime, expected: bool, when: &str| {
        let found = fixture.due(&store, until).await?.contains(&key);
        ensure!(found == expected, "due is {found} {when}");
        Ok(())
    };
    store.put(&key, &with(Some(early))).await?;
    is_due(early, true, "after a put").await?;
    store.put(&key, &with(Some(late))).await?;
    is_due(early, false, "after it was put off").await?;
    let (_, entry) = begun(&*store, &key, 2, LONG).await?;
    is_due(late, true, "while an exchange is in flight").await?;
    store.commit(&key, &entry, &with(Some(early))).await?;
    is_due(early, true, "after a commit").await?;
    store.put(&key, &with(None)).await?;
    is_due(late, false, "though never due").await?;
    store.put(&key, &with(Some(early))).await?;
    store.remove(&key).await?;
    is_due(late, false, "though removed").await
}

/// The largest numbers: an error is fine where none can be right, a panic is not, and nothing may change.
pub async fn extremes_are_no_panic<H: Harness>(fixture: &Fixture<'_, H>) -> Outcome {
    let store = fixture.open().await;
    let key = fixture.put(&store, "one").await?;
    let lease = hold(&*store, &key, LONG).await?;
    let _ = store.renew(&key, &lease, Duration::MAX).await;
    let _ = store.acquire(&fixture.key("two"), "", Duration::MAX).await;
    let mut entry = super::fixture::entry(&lease, u64::MAX);
    let begun = store.begin(&key, &lease, &entry, None).await;
    refused(begun, StoreErrorKind::Conflict, "begin of the last generation")?;
    let spent = store.commit(&key, &entry, &record("no")).await;
    refused(spent, StoreErrorKind::Conflict, "commit of the last generation")?;
    let stranger = invented(u64::MAX);
    entry.generation = 1;
    let begun = store.begin(&key, &stranger, &entry, None).await;
    refused(begun, StoreErrorKind::LeaseLost, "begin under a lease never given")?;
    store.release(&key, &stranger).await?;
    entry.attempt = u32::MAX;
    store.begin(&key, &lease, &entry, None).await?;
    let known = known(&*store, &key).await?;
    ensure!(text_of(&known.record) == Some("first"), "the tokens changed");
    ensure!(known.in_flight == Some(entry), "the journal is not what was begun");
    Ok(())
}
