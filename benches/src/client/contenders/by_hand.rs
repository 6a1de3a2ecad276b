//! Clients as people write them by hand, over a library for HTTP.

use std::time::Duration;

use rekindle_benches::Error;
use rekindle_benches::rounds::Contender;

use super::{UREQ, blocking, runtime, waiting};
use crate::exchange::{self, Answer, CLIENT_ID, CLIENT_SECRET, HELD};

/// A form, Basic, and the answer as JSON.
pub fn reqwest(
    name: &str,
    client: reqwest::Client,
    url: &str,
) -> Result<Contender<'static>, Error> {
    let url = url.to_owned();
    Ok(waiting(name, runtime()?, HELD.to_owned(), async move |held: String| {
        let form = [("grant_type", "refresh_token"), ("refresh_token", &held)];
        let request = client.post(&url).basic_auth(CLIENT_ID, Some(CLIENT_SECRET)).form(&form);
        let answer: Answer = request.send().await?.error_for_status()?.json().await?;
        answer.next()
    }))
}

/// A client with what a careful hand sets, and Rekindle's transport too.
pub fn guarded() -> Result<reqwest::Client, Error> {
    let builder = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
    let timed = builder.timeout(Duration::from_secs(30)).connect_timeout(Duration::from_secs(15));
    Ok(timed.build()?)
}

/// The same over ureq, which blocks.
pub fn ureq(url: &str) -> Contender<'static> {
    let agent = ureq::Agent::new_with_defaults();
    let url = url.to_owned();
    blocking(UREQ, HELD.to_owned(), move |held: String| {
        let form = [("grant_type", "refresh_token"), ("refresh_token", &held)];
        let request = agent.post(&url).header("authorization", exchange::AUTHORIZATION);
        let answer: Answer = request.send_form(form)?.body_mut().read_json()?;
        answer.next()
    })
}
