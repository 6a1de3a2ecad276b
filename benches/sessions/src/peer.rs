//! What a table asks of every library that keeps a token fresh.

use std::path::PathBuf;

use crate::Error;

/// What a holder of tokens starts from.
#[derive(Clone, Debug)]
pub struct Start {
    /// Where the token server is: `http://127.0.0.1:PORT`. Every path and every method will do.
    pub url: String,
    /// A refresh token that is good; there is no access token yet.
    pub refresh_token: String,
    /// Whether the first write of what a refresh brought fails. Only for those with [`Peer::STORE`].
    pub first_write_fails: bool,
    /// A folder that outlives the process, with what an earlier one has left there. Peers keep no more than what was last written,
    /// and that is `refresh_token`.
    pub folder: Option<PathBuf>,
}

/// A library that keeps a token fresh, set up as its documentation says.
pub trait Peer: Send + Sync + Sized + 'static {
    /// What it is called in a table.
    const NAME: &'static str;

    /// Whether it writes what a refresh brought to a place that its user gives it.
    const STORE: bool;

    /// Whether it reads what the server answers; if not, its user does by hand.
    const READS: bool = true;

    /// Sets it up. It may, but need not ask for a token yet.
    fn open(start: Start) -> impl Future<Output = Result<Self, Error>> + Send;

    /// Gets a token that is valid now and lets `look` have a look at it; `None` where all went well, but there is no token.
    fn token<R: Send>(
        &self,
        look: impl FnOnce(Option<&str>) -> R + Send,
    ) -> impl Future<Output = Result<R, Error>> + Send;

    /// Whether it has sent the user to a browser in the meantime.
    fn asked_user(&self) -> bool {
        false
    }

    /// Whether it has said that a write failed, other than by an error for the caller.
    fn reported_write(&self) -> bool {
        false
    }

    /// Whether it knows that an exchange was begun whose answer was lost.
    fn is_in_doubt(&self) -> impl Future<Output = bool> + Send {
        async { false }
    }
}
