//! The sessions of a pool that are in memory, and which of them are forgotten.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use super::grant_state::GrantState;
use super::provider::Renewable;
use super::shared::Shared;
use crate::store::Key;

/// So many sessions at least are kept before any is looked at.
const FEW: usize = 1024;

/// The sessions of a pool that are in memory.
pub(crate) struct Opened<P: Renewable>(RwLock<Sessions<P>>);

struct Sessions<P: Renewable> {
    by_key: HashMap<Key, Open<P>>,
    /// At how many those of unknown subjects are forgotten.
    crowded: usize,
}

struct Open<P: Renewable> {
    grant: Arc<GrantState<P>>,
    /// Whether it was asked for since unused ones were forgotten last.
    used: AtomicBool,
}

impl<P: Renewable> Open<P> {
    /// Whether nothing is lost when it is forgotten but what the store has as well: nobody holds it, and nothing is under way.
    fn is_at_rest(&self) -> bool {
        let held = Arc::strong_count(&self.grant) > 1;
        let inner = self.grant.inner();
        !held && inner.running().is_none() && inner.pending_write.is_none()
    }

    /// Whether no grant of this subject was ever found.
    fn is_unknown(&self) -> bool {
        self.grant.cached.load().generation == 0
    }
}

impl<P: Renewable> Opened<P> {
    pub fn new() -> Arc<Self> {
        Arc::new(Self(RwLock::new(Sessions { by_key: HashMap::new(), crowded: FEW })))
    }

    fn read(&self) -> RwLockReadGuard<'_, Sessions<P>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Sessions<P>> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// The session of a grant, if it is in memory.
    pub fn get(&self, key: &Key) -> Option<Arc<GrantState<P>>> {
        let sessions = self.read();
        sessions.by_key.get(key).map(|open| Arc::clone(&open.grant))
    }

    /// The session of a grant for one who asks for it.
    pub fn get_or_open(&self, shared: &Arc<Shared<P>>, key: Key) -> Arc<GrantState<P>> {
        if let Some(open) = self.read().by_key.get(&key) {
            open.used.store(true, Ordering::Relaxed);
            return Arc::clone(&open.grant);
        }
        let mut sessions = self.write();
        sessions.forget_unknown_if_crowded();
        let new = |key: &Key| Open {
            grant: GrantState::new(Arc::clone(shared), key.clone()),
            used: AtomicBool::new(true),
        };
        let open = sessions.by_key.entry(key).or_insert_with_key(new);
        Arc::clone(&open.grant)
    }

    pub fn forget(&self, key: &Key) {
        self.write().by_key.remove(key);
    }

    /// Forgets what is at rest and was not asked for since the last call. Returns how many.
    pub fn forget_unused(&self) -> usize {
        let mut sessions = self.write();
        let before = sessions.by_key.len();
        sessions.by_key.retain(|_, open| {
            let used = std::mem::take(open.used.get_mut());
            used || !open.is_at_rest()
        });
        let left = sessions.by_key.len();
        sessions.by_key.shrink_to(left.saturating_mul(2));
        before - left
    }

    pub fn len(&self) -> usize {
        self.read().by_key.len()
    }
}

impl<P: Renewable> Sessions<P> {
    /// Whoever asks for the tokens of subjects that never signed in, a million of them, takes no memory for ever. Each time that the number
    /// has doubled: so it costs no more than opening them did.
    fn forget_unknown_if_crowded(&mut self) {
        if self.by_key.len() < self.crowded {
            return;
        }
        self.by_key.retain(|_, open| !(open.is_unknown() && open.is_at_rest()));
        self.crowded = self.by_key.len().saturating_mul(2).max(FEW);
    }
}
