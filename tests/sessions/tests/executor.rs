//! Sessions on an executor that is not `tokio`: whatever they need of one, they take from what they are given.

use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, SystemTime};

use http::{Request, Response};
use rekindle_clients::xellar;
use rekindle_runtime::clock::{Clock, Sleep, VirtualClock};
use rekindle_runtime::session::{Executor, Session, Sessions, Task};
use rekindle_runtime::store::MemoryStore;
use rekindle_runtime::{Grant, Sent, Token, Transport, TransportError, TransportErrorKind};

/// Polls all tasks, one after the other, as often as it is told to.
#[derive(Clone, Default)]
struct Rounds(Arc<Mutex<Vec<Task>>>);

impl Executor for Rounds {
    fn spawn(&self, task: Task) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(task);
    }
}

impl Rounds {
    /// Polls `future` and then all tasks, in turn, until the future ends.
    fn run<T>(&self, future: impl Future<Output = T>) -> T {
        let mut future = pin!(future);
        let mut context = Context::from_waker(Waker::noop());
        for _ in 0..1000 {
            if let Poll::Ready(ended) = future.as_mut().poll(&mut context) {
                return ended;
            }
            let tasks = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
            for mut task in tasks {
                if task.as_mut().poll(&mut context).is_pending() {
                    self.spawn(task);
                }
            }
        }
        panic!("it does not end");
    }
}

/// Is never reached.
struct Unreachable;

impl Transport for Unreachable {
    async fn send(&self, _: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, TransportError> {
        Err(TransportError::bare(TransportErrorKind::Connect, Sent::No))
    }
}

/// A clock that leaves nothing to chance.
struct Certain(VirtualClock);

impl Clock for Certain {
    fn monotonic(&self) -> Duration {
        self.0.monotonic()
    }
    fn wall(&self) -> SystemTime {
        self.0.wall()
    }
    fn sleep(&self, duration: Duration) -> Sleep {
        self.0.sleep(duration)
    }
    fn random(&self) -> u64 {
        0
    }
}

fn client() -> xellar::Client {
    let settings = xellar::Settings { client_secret: "secret".into() };
    xellar::Client::new("https://provider.example", settings).expect("a client")
}

#[test]
fn an_executor_of_ones_own_needs_no_runtime() {
    let rounds = Rounds::default();
    let clock = VirtualClock::new(SystemTime::UNIX_EPOCH);
    let session = Session::builder(client(), Unreachable)
        .clock(Certain(clock.clone()))
        .executor(rounds.clone())
        .open();
    let session = rounds.run(session).expect("a session");
    let grant = Grant::new().with_refresh_token(Token::new("from signing in"));
    rounds.run(session.sign_in(grant)).expect("a sign-in");
    let refused = rounds.run(session.access_token()).expect_err("no provider");
    assert!(refused.exchange().is_some(), "{refused:?}");
    // By the same chance, a wait is as long each time.
    let wait = rounds.run(session.status()).expect("a status").next_try;
    assert_eq!(wait, Some(Duration::from_secs(1)));

    let sessions = Sessions::start_on(clock, rounds.clone());
    let pool = sessions.provider(client(), Unreachable).store(MemoryStore::new()).start();
    let session = pool.expect("a pool").session("someone");
    let missing = rounds.run(session.access_token()).expect_err("no grant");
    assert!(missing.exchange().is_none(), "{missing:?}");
}
