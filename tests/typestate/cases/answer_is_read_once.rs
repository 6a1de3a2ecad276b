//! An exchange has one outcome: an answer, or none.

use rekindle_clients::runtime::TransportError;
use rekindle_clients::runtime::http::Response;
use rekindle_clients::wetix::PendingRefresh;

fn both(pending: PendingRefresh, answer: Response<Vec<u8>>, error: TransportError) {
    drop(pending.finish(answer));
    drop(pending.fail(error));
}

fn main() {}
