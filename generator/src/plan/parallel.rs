//! Work spread over the cores, results in the order of what they were made of.

use std::num::NonZero;
use std::thread;

/// Below this many pieces of work a thread costs more than it saves.
const WORTH_A_THREAD: usize = 4;

/// Applies `work` to each item. The first error in the order of `items` wins, so that the outcome does not depend on time.
pub(super) fn map<T: Sync, R: Send, E: Send>(
    items: &[T],
    work: impl Fn(&T) -> Result<R, E> + Sync,
) -> Result<Vec<R>, E> {
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    let threads = cores.min(items.len() / WORTH_A_THREAD);
    if threads < 2 {
        return items.iter().map(work).collect();
    }
    let share = items.len().div_ceil(threads);
    let run = |share: &[T]| -> Result<Vec<R>, E> { share.iter().map(&work).collect() };
    thread::scope(|scope| {
        let workers: Vec<_> = items.chunks(share).map(|share| scope.spawn(|| run(share))).collect();
        let mut results = Vec::with_capacity(items.len());
        for worker in workers {
            match worker.join() {
                Ok(part) => results.extend(part?),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        Ok(results)
    })
}

#[cfg(test)]
mod tests {
    use super::map;

    #[test]
    fn order_is_kept_and_the_first_error_wins() {
        let items: Vec<u32> = (0..100).collect();
        assert_eq!(map(&items, |n| Ok::<_, u32>(n * 2)), Ok(items.iter().map(|n| n * 2).collect()));
        assert_eq!(map(&items, |n| if n % 30 == 29 { Err(*n) } else { Ok(*n) }), Err(29));
    }
}
