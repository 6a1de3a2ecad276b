//! The methods of [`Store`](super::Store), listed once for the stores that pass them on.

/// Calls the macro `$with` with every method: its name, the parameters that it borrows, those that it takes by value, and what
/// it returns.
macro_rules! store_methods {
    ($with:ident) => {
        $with! {
            now Now () () Option<SystemTime>;
            read Read (key: Key) () Option<Snapshot>;
            put Put (key: Key, record: Record) () u64;
            create Create (key: Key, record: Record) () ();
            remove Remove (key: Key) () ();
            acquire Acquire (key: Key, owner: str) (ttl: Duration) Acquired;
            renew Renew (key: Key, lease: Lease) (ttl: Duration) ();
            release Release (key: Key, lease: Lease) () ();
            begin Begin (key: Key, lease: Lease, entry: InFlight) (replaces: Option<EntryId>) ();
            commit Commit (key: Key, entry: InFlight, record: Record) () ();
            abandon Abandon (key: Key, entry: InFlight) () ();
            due Due (provider: str) (until: SystemTime, places: Range<usize>) Vec<Key>;
            acquire_due AcquireDue (provider: str, owner: str) (until: SystemTime, ttl: Duration, at_most: usize) Vec<(Key, Lease)>;
            postpone Postpone (key: Key, lease: Lease) (until: SystemTime) ();
            backlog Backlog (provider: str) (until: SystemTime) Backlog;
            list List (provider: str) (from: Option<Cursor>, at_most: usize) Page;
            reseal Reseal (key: Key) () bool;
            reserve Reserve (provider: str) (rate: Rate) Duration;
        }
    };
}
pub(super) use store_methods;
