//! Work spread over the cores, results in the order of what they were made of.

use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// Applies `work` to each item, on as many threads as there are cores. Whoever is free takes the next item, so that a few
/// large ones do not keep a core waiting.
pub fn map<'a, T: Sync, R: Send>(items: &'a [T], work: impl Fn(&'a T) -> R + Sync) -> Vec<R> {
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    let threads = cores.min(items.len());
    if threads < 2 {
        return items.iter().map(work).collect();
    }
    let next = AtomicUsize::new(0);
    let run = || {
        let mut results = Vec::with_capacity(items.len().div_ceil(threads));
        loop {
            let position = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(position) else { return results };
            results.push((position, work(item)));
        }
    };
    let mut results = thread::scope(|scope| {
        // Where the system has no thread to give, fewer do the same work.
        let helper = |_| thread::Builder::new().spawn_scoped(scope, run).ok();
        let helpers: Vec<_> = (1..threads).filter_map(helper).collect();
        let mut results = run();
        for helper in helpers {
            match helper.join() {
                Ok(part) => results.extend(part),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        results
    });
    results.sort_unstable_by_key(|(position, _)| *position);
    results.into_iter().map(|(_, result)| result).collect()
}

/// The same for work that may fail. The first error in the order of `items` wins, so that the outcome does not depend on time.
pub fn try_map<'a, T: Sync, R: Send, E: Send>(
    items: &'a [T],
    work: impl Fn(&'a T) -> Result<R, E> + Sync,
) -> Result<Vec<R>, E> {
    map(items, work).into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::try_map;

    #[test]
    fn order_is_kept_and_the_first_error_wins() {
        let items: Vec<u32> = (0..100).collect();
        let twice = items.iter().map(|n| n * 2).collect();
        assert_eq!(try_map(&items, |n| Ok::<_, u32>(n * 2)), Ok(twice));
        assert_eq!(try_map(&items, |n| if n % 30 == 29 { Err(*n) } else { Ok(*n) }), Err(29));
    }
}
