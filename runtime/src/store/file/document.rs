//! The content of a file: JSON that a person can read.

use std::borrow::Cow;
use std::time::SystemTime;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use zeroize::Zeroizing;

use super::stamp::{Stamp, write_time};
use crate::store::codec::read_versioned;
use crate::store::{EntryId, Fence, InFlight, Key, StoreError, StoreErrorKind};

/// The version of the forms below. A reader refuses a later one by name.
const VERSION: u32 = 1;

/// What is kept of one grant. The tokens are in `record` alone: JSON as the codec wrote it.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) generation: u64,
    pub(super) due: Option<SystemTime>,
    pub(super) in_flight: Option<InFlight>,
    /// When the first request of what is in flight was journaled; `None` where an earlier version has written it.
    pub(super) begun: Option<Stamp>,
    /// The entry of the exchange that brought the record; `None` where signing in did.
    pub(super) committed: Option<EntryId>,
    pub(super) record: Zeroizing<String>,
}

#[derive(Serialize, Deserialize)]
struct Form<'a> {
    version: u32,
    #[serde(borrow)]
    provider: Cow<'a, str>,
    #[serde(borrow)]
    subject: Cow<'a, str>,
    generation: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    due: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    in_flight: Option<JournalEntry>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    committed_entry: Option<Cow<'a, str>>,
    #[serde(borrow)]
    record: &'a RawValue,
}

#[derive(Serialize, Deserialize)]
struct JournalEntry {
    #[serde(default)]
    id: Option<String>,
    generation: u64,
    fence: u64,
    owner: String,
    started_at: Timestamp,
    attempt: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    begun: Option<Stamp>,
}

/// A file of many grants.
#[derive(Serialize, Deserialize)]
struct Many<'a> {
    version: u32,
    #[serde(borrow)]
    grants: Vec<&'a RawValue>,
}

/// Which grant an entry of a file of many is, in any version.
#[derive(Deserialize)]
struct Named<'a> {
    #[serde(borrow)]
    provider: Cow<'a, str>,
    #[serde(borrow)]
    subject: Cow<'a, str>,
}

fn unreadable(hint: &str) -> StoreError {
    StoreError::new(StoreErrorKind::Unreadable).with_detail(hint)
}

fn read_id(text: &str) -> Result<EntryId, StoreError> {
    text.parse().map_err(|_| unreadable("an id in it is damaged"))
}

/// The entry of a grant in the JSON of one grant.
pub(super) fn read_one(bytes: &[u8]) -> Result<(Key, Entry), StoreError> {
    let form: Form<'_> = read_versioned(bytes, VERSION)?;
    let mut begun = None;
    let in_flight = match form.in_flight {
        Some(exchange) => {
            begun = exchange.begun;
            let fence = Fence(exchange.fence);
            Some(InFlight {
                id: exchange.id.map_or(Ok(EntryId::of_fence(fence)), |id| read_id(&id))?,
                generation: exchange.generation,
                fence,
                owner: exchange.owner.into(),
                started_at: exchange.started_at.into(),
                attempt: exchange.attempt,
            })
        }
        None => None,
    };
    let entry = Entry {
        generation: form.generation,
        due: form.due.map(SystemTime::from),
        in_flight,
        begun,
        committed: form.committed_entry.as_deref().map(read_id).transpose()?,
        record: Zeroizing::new(form.record.get().to_owned()),
    };
    Ok((Key::new(&form.provider, &form.subject), entry))
}

/// The JSON of one grant.
pub(super) fn write_one(key: &Key, entry: &Entry) -> Result<Zeroizing<Vec<u8>>, StoreError> {
    let journaled = |exchange: &InFlight| {
        Ok::<_, StoreError>(JournalEntry {
            id: Some(exchange.id.to_string()),
            generation: exchange.generation,
            fence: exchange.fence.0,
            owner: exchange.owner.to_string(),
            started_at: write_time(exchange.started_at)?,
            attempt: exchange.attempt,
            begun: entry.begun.clone(),
        })
    };
    let form = Form {
        version: VERSION,
        provider: key.provider().into(),
        subject: key.subject().into(),
        generation: entry.generation,
        due: entry.due.map(write_time).transpose()?,
        in_flight: entry.in_flight.as_ref().map(journaled).transpose()?,
        committed_entry: entry.committed.map(|id| id.to_string().into()),
        record: serde_json::from_str(&entry.record).map_err(|_| unreadable("it is damaged"))?,
    };
    let owner = entry.in_flight.as_ref().map_or(0, |exchange| exchange.owner.len());
    let room = entry.record.len() + 6 * (key.as_str().len() + owner) + 1024;
    pretty(&form, room)
}

/// JSON over several lines, in a buffer that never grows: no copy of a token is left behind.
fn pretty(form: &impl Serialize, room: usize) -> Result<Zeroizing<Vec<u8>>, StoreError> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(room));
    serde_json::to_writer_pretty(&mut *bytes, form)
        .map_err(|error| StoreError::caused(StoreErrorKind::Refused, error))?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// The JSON of each grant in a file of many, with whose it is.
pub(super) fn read_many(bytes: &[u8]) -> Result<Vec<(Key, &[u8])>, StoreError> {
    let many: Many<'_> = read_versioned(bytes, VERSION)?;
    let named = |form: &'_ &RawValue| {
        serde_json::from_str::<Named<'_>>(form.get())
            .map(|named| Key::new(&named.provider, &named.subject))
    };
    let mut grants = Vec::with_capacity(many.grants.len());
    for form in many.grants {
        let key = named(&form).map_err(|_| unreadable("a grant in it is damaged"))?;
        grants.push((key, form.get().as_bytes()));
    }
    Ok(grants)
}

/// The file of many grants of these.
pub(super) fn write_many(grants: &[&[u8]]) -> Result<Zeroizing<Vec<u8>>, StoreError> {
    let many = Many {
        version: VERSION,
        grants: grants
            .iter()
            .map(|bytes| serde_json::from_slice::<&RawValue>(bytes))
            .collect::<Result<_, _>>()
            .map_err(|_| unreadable("it is damaged"))?,
    };
    let room = grants.iter().map(|bytes| bytes.len() + 16).sum::<usize>() + 64;
    pretty(&many, room)
}
