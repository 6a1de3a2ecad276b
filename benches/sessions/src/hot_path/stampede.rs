//! Many tasks at the instant at which the token has expired: how many requests they make, and how long they wait.

use std::sync::Arc;
use std::time::Duration;

use rekindle_bench_measure::rounds::median;
use rekindle_bench_measure::table::Table;
use rekindle_bench_sessions::Error;
use rekindle_bench_sessions::clock::now;
use rekindle_bench_sessions::peer::Peer;
use rekindle_bench_sessions::server::Server;
use tokio::sync::watch;
use tokio::task::JoinSet;

/// How many tasks come at once.
const TASKS: usize = 10_000;
/// How long the provider takes to answer: not much, over a network.
const ANSWER: Duration = Duration::from_millis(50);
/// How often it happens.
const TIMES: usize = 9;

/// What one of them made of it.
pub struct Stampede {
    name: &'static str,
    /// The most requests there were.
    pub requests: u32,
    /// The most callers that got no token.
    pub without: usize,
    /// Seconds that a caller alone waits.
    alone: f64,
    half: f64,
    most: f64,
    /// Seconds that one in a hundred waits longer than a caller alone.
    pub beyond: f64,
    /// Seconds until all of them have run, from the instant.
    pub all: f64,
}

impl Stampede {
    /// Lets it happen several times.
    pub async fn of<P: Peer>() -> Result<Self, Error> {
        let (mut alone, mut half, mut most) = (vec![], vec![], vec![]);
        let (mut beyond, mut all) = (vec![], vec![]);
        let (mut requests, mut without) = (0, 0);
        for _ in 0..TIMES {
            let exchange = once::<P>(1).await?.wait(0.5);
            let crowd = once::<P>(TASKS).await?;
            alone.push(exchange);
            half.push(crowd.wait(0.5));
            most.push(crowd.wait(0.99));
            beyond.push(crowd.wait(0.99) - exchange);
            all.push(crowd.all);
            requests = requests.max(crowd.requests);
            without = without.max(crowd.without);
        }
        Ok(Self {
            name: P::NAME,
            requests,
            without,
            alone: median(alone),
            half: median(half),
            most: median(most),
            beyond: median(beyond),
            all: median(all),
        })
    }
}

/// All of them.
pub fn table(stampedes: &[Stampede]) -> Table {
    let mut table = Table::new(&[
        "10,000 tasks, no valid token",
        "requests, at most",
        "one exchange",
        "half have waited",
        "99 % have waited",
        "beyond one exchange",
        "all have run after",
        "without a token",
    ]);
    let milliseconds = |seconds: f64| format!("{:.1} ms", seconds * 1e3);
    for stampede in stampedes {
        table.row([
            stampede.name.to_owned(),
            stampede.requests.to_string(),
            milliseconds(stampede.alone),
            milliseconds(stampede.half),
            milliseconds(stampede.most),
            milliseconds(stampede.beyond),
            milliseconds(stampede.all),
            stampede.without.to_string(),
        ]);
    }
    table
}

/// What some tasks went through.
struct Crowd {
    /// Seconds from the call to the token, ascending.
    waits: Vec<f64>,
    /// Seconds from the instant until the last one has run.
    all: f64,
    requests: u32,
    without: usize,
}

impl Crowd {
    fn wait(&self, share: f64) -> f64 {
        let place = (self.waits.len() as f64 * share) as usize;
        self.waits.get(place).or(self.waits.last()).copied().unwrap_or(f64::NAN)
    }
}

/// Sets a peer up that has no token yet, and has so many tasks ask for one at once.
async fn once<P: Peer>(tasks: usize) -> Result<Crowd, Error> {
    let server = Server::start()?;
    server.answer_after(ANSWER);
    let peer = Arc::new(P::open(server.start_of_a_peer()).await?);
    let instant = watch::Sender::new(false);
    let mut running = JoinSet::new();
    for _ in 0..tasks {
        running.spawn(wait(Arc::clone(&peer), instant.subscribe()));
    }
    let start = now();
    instant.send_replace(true);
    let answers = running.join_all().await;
    let all = (now() - start).as_secs_f64();
    let mut waits: Vec<f64> = answers.iter().flatten().map(Duration::as_secs_f64).collect();
    waits.sort_by(f64::total_cmp);
    Ok(Crowd { without: tasks - waits.len(), waits, all, requests: server.grant().requests() })
}

async fn wait<P: Peer>(peer: Arc<P>, mut instant: watch::Receiver<bool>) -> Option<Duration> {
    instant.wait_for(|&now| now).await.ok()?;
    let start = now();
    let token = peer.token(|token| token.is_some()).await;
    token.ok()?.then(|| now() - start)
}
