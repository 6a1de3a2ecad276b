//! What one peer made of one hazard, and whether that is what is wanted.

use std::fmt;

use rekindle_bench_sessions::Error;
use rekindle_bench_sessions::peer::Peer;
use rekindle_bench_sessions::server::Server;

/// What is seen when all is over.
#[derive(Debug, PartialEq)]
pub struct Cell {
    words: String,
    /// Whether it is what is wanted; `None` where the hazard does not exist.
    met: Option<bool>,
}

impl Cell {
    /// Looks at the grant after the peer was asked for a token once more. It is wanted alive.
    pub fn after<T>(server: &Server, last: &Result<T, Error>) -> Self {
        let revoked = server.grant().is_revoked();
        let words = match (revoked, last) {
            (true, _) => "**revoked**",
            (false, Ok(_)) => "alive",
            (false, Err(_)) => "**lost**",
        };
        Self::said(words, !revoked && last.is_ok())
    }

    /// Something else, and whether it is what is wanted.
    pub fn said(words: impl Into<String>, met: bool) -> Self {
        Self { words: words.into(), met: Some(met) }
    }

    /// There is nothing to see, and why.
    pub fn not_applicable(why: &str) -> Self {
        Self { words: why.to_owned(), met: None }
    }

    /// The same with something else that was seen.
    pub fn and(mut self, note: &str) -> Self {
        self.words += ", ";
        self.words += note;
        self
    }

    /// The same, where this is wanted, too.
    pub fn wanting(mut self, also: bool) -> Self {
        self.met = self.met.map(|met| met && also);
        self
    }

    /// What is said of it beside its goal.
    pub fn verdict(&self) -> &'static str {
        match self.met {
            Some(true) => "met",
            Some(false) => "missed",
            None => "",
        }
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words)
    }
}

/// Asks for a token, as long as a caller would wait, and fails where all went well but there is none.
pub async fn ask<P: Peer>(peer: &P) -> Result<String, Error> {
    let asked = peer.token(|token| token.map(str::to_owned));
    let token = tokio::time::timeout(PATIENCE, asked).await??;
    token.filter(|token| !token.is_empty()).ok_or_else(|| "no token".into())
}

/// Longer than any peer takes that comes to an end.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(30);

/// `1 request`, `64 requests`.
pub fn requests(count: u32) -> String {
    match count {
        1 => "1 request".to_owned(),
        count => format!("{count} requests"),
    }
}
