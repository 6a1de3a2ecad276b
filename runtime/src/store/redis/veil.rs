//! Records, out of sight of the server's slow log.

use zeroize::Zeroizing;

/// Redis and Valkey show so many bytes of an argument in their slow log, and no more (`SLOWLOG_ENTRY_MAX_STRING`). It has the
/// commands within a script too, so the veil is kept with the record.
const VEIL: [u8; 128] = [b' '; 128];

/// A record as it is sent and kept.
pub(super) fn veiled(record: &[u8]) -> Zeroizing<Vec<u8>> {
    let mut kept = Zeroizing::new(Vec::with_capacity(VEIL.len() + record.len()));
    kept.extend_from_slice(&VEIL);
    kept.extend_from_slice(record);
    kept
}

/// The record in what is kept; `None` where nothing like it was ever [`veiled`].
pub(super) fn unveiled(kept: &[u8]) -> Option<&[u8]> {
    kept.strip_prefix(&VEIL)
}
