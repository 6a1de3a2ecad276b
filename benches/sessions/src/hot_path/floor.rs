//! What every implementation needs: a look at a shared token, and one at a clock.

use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use rekindle_bench_sessions::Error;
use rekindle_bench_sessions::clock::now;
use rekindle_bench_sessions::peer::{Peer, Start};

/// A token that others may replace while it is read.
pub struct Floor(ArcSwap<Token>);

struct Token {
    text: String,
    ends: Instant,
}

impl Peer for Floor {
    const NAME: &'static str = "floor: ArcSwap and a clock";
    const STORE: bool = false;
    const READS: bool = false;

    async fn open(_start: Start) -> Result<Self, Error> {
        let token = Token { text: "access-1".to_owned(), ends: now() + Duration::from_secs(3600) };
        Ok(Self(ArcSwap::from_pointee(token)))
    }

    async fn token<R: Send>(
        &self,
        look: impl FnOnce(Option<&str>) -> R + Send,
    ) -> Result<R, Error> {
        let token = self.0.load();
        if now() >= token.ends {
            return Err("the token has expired".into());
        }
        Ok(look(Some(&token.text)))
    }
}
