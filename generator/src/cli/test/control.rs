//! A fake provider behind its control endpoint: time, people and the network, over HTTP.

use super::carrier::Carrier;
use super::secrets::Secrets;
use jiff::Timestamp;
use rekindle_contract::contract::{Contract, Trouble};
use rekindle_runtime::TransportError;
use rekindle_runtime::http::Request;
use rekindle_runtime::http::header::CONTENT_TYPE;
use rekindle_runtime::transport::TransportErrorKind;
use rekindle_testkit::Held;
use rekindle_testkit::provider::Rule;
use rekindle_testkit::sequence::{Unable, World};
use serde_json::{Value, json};
use std::error::Error;
use std::io;
use std::time::Duration;

/// A control endpoint, and what it said of itself.
pub(super) struct Control {
    url: String,
    overview: Value,
}

/// Why there is no control endpoint.
pub(super) enum NotFound {
    /// No connection can be made.
    Nobody(String),
    /// There is something else.
    Other(String),
}

impl NotFound {
    fn of(error: &TransportError) -> Self {
        let words = error.to_string();
        if error.kind() != TransportErrorKind::Connect || was_closed(error) {
            return Self::Other(words);
        }
        Self::Nobody(words)
    }
}

/// Whether something had taken the connection that could not be made: it has closed it at once.
fn was_closed(error: &TransportError) -> bool {
    use io::ErrorKind::{
        BrokenPipe, ConnectionAborted, ConnectionReset, InvalidInput, NotConnected,
    };
    // Options of a connection that is closed already are invalid, as some systems say.
    let of_closed = [BrokenPipe, ConnectionAborted, ConnectionReset, InvalidInput, NotConnected];
    let causes = std::iter::successors(Some(error as &dyn Error), |error| (*error).source());
    let mut kinds =
        causes.filter_map(|error| error.downcast_ref::<io::Error>()).map(io::Error::kind);
    kinds.any(|kind| of_closed.contains(&kind))
}

impl Control {
    /// Looks for a control endpoint at this URL.
    pub(super) fn find(url: &str, carrier: &Carrier) -> Result<Self, NotFound> {
        let request = Request::get(url).body(Vec::new());
        let request = request.map_err(|_| NotFound::Other("it is no URL".to_owned()))?;
        let answer = carrier.fetch(request).map_err(|error| NotFound::of(&error))?;
        let json: Option<Value> = serde_json::from_slice(answer.body()).ok();
        let overview = json.filter(|json| answer.status() == 200 && json["providers"].is_object());
        let overview = overview.ok_or_else(|| {
            NotFound::Other("what answers there is no control endpoint".to_owned())
        })?;
        Ok(Self { url: url.trim_end_matches('/').to_owned(), overview })
    }

    /// Where the provider with this id is.
    pub(super) fn base_url(&self, id: &str) -> Option<&str> {
        self.overview["providers"][id]["base_url"].as_str()
    }

    /// The registered client of the provider with this id.
    pub(super) fn client(&self, id: &str) -> Option<Vec<(String, String)>> {
        let client = self.overview["providers"][id]["client"].as_object()?;
        let text =
            |(name, value): (&String, &Value)| Some((name.clone(), value.as_str()?.to_owned()));
        Some(client.iter().filter_map(text).collect())
    }

    /// The providers that it knows.
    pub(super) fn ids(&self) -> Vec<&str> {
        let providers = self.overview["providers"].as_object();
        providers.map_or_else(Vec::new, |all| all.keys().map(String::as_str).collect())
    }
}

/// A fake provider as a world.
pub(super) struct Remote<'a> {
    control: &'a Control,
    carrier: &'a Carrier,
    contract: &'a Contract,
    base_url: &'a str,
    secrets: &'a Secrets,
}

impl<'a> Remote<'a> {
    pub(super) fn new(
        control: &'a Control,
        carrier: &'a Carrier,
        contract: &'a Contract,
        base_url: &'a str,
        secrets: &'a Secrets,
    ) -> Self {
        Self { control, carrier, contract, base_url, secrets }
    }

    fn post(&self, what: &str, body: &Value) -> Result<Value, Unable> {
        let id = &self.contract.provider.id;
        self.call("POST", &format!("{}/{id}/{what}", self.control.url), body.to_string())
    }

    fn call(&self, method: &str, url: &str, body: String) -> Result<Value, Unable> {
        let unable = |why: &str| Unable(format!("the control endpoint fails: {why}"));
        let request = Request::builder()
            .method(method)
            .uri(url)
            .header("content-type", "application/json")
            .body(body.into_bytes())
            .map_err(|_| unable("its URL is none"))?;
        let answer = self.carrier.fetch(request);
        let answer = answer.map_err(|error| unable(&error.to_string()))?;
        let json: Option<Value> = serde_json::from_slice(answer.body()).ok();
        match json {
            Some(json) if answer.status().is_success() => Ok(json),
            Some(json) => Err(unable(json["error"].as_str().unwrap_or("it refuses"))),
            None => Err(unable("its answer is no JSON")),
        }
    }
}

impl World for Remote<'_> {
    fn now(&mut self) -> Result<Timestamp, Unable> {
        let overview = self.call("GET", &self.control.url, String::new())?;
        let now = overview["now"].as_str().and_then(|now| now.parse().ok());
        now.ok_or_else(|| Unable("the control endpoint does not say what time it is".to_owned()))
    }

    fn sign_in(&mut self) -> Result<Held, Unable> {
        // Some ends are told in whole seconds: right after one there is the most time before the next.
        let now = self.now()?;
        let rest = Duration::from_nanos(now.subsec_nanosecond().unsigned_abs().into());
        if !rest.is_zero() {
            self.wait(Duration::from_secs(1).saturating_sub(rest))?;
        }
        let held = self.post("sign-in", &json!({}))?;
        let held: Held = serde_json::from_value(held)
            .map_err(|_| Unable("the control endpoint signs nobody in".to_owned()))?;
        self.secrets.learn_held(&held);
        Ok(held)
    }

    fn wait(&mut self, by: Duration) -> Result<(), Unable> {
        let by = match by.subsec_nanos() {
            0 => format!("{}s", by.as_secs()),
            nanos => format!("{}s {nanos}ns", by.as_secs()),
        };
        let url = format!("{}/advance", self.control.url);
        self.call("POST", &url, json!({ "by": by }).to_string()).map(|_| ())
    }

    fn plan(&mut self, trouble: Option<Trouble>) -> Result<(), Unable> {
        self.post("calm", &json!({}))?;
        if let Some(trouble) = trouble {
            self.post("plan", &json!({ "troubles": [trouble] }))?;
        }
        Ok(())
    }

    fn revoke(&mut self, held: &Held) -> Result<(), Unable> {
        self.post("revoke", &json!({ "token": held.access_token })).map(|_| ())
    }

    fn use_access_token(&mut self, token: &str) -> Result<Option<Rule>, Unable> {
        let carrier = self.contract.access.carrier();
        let unable = |why: &str| Unable(format!("the access token cannot be shown: {why}"));
        let page = format!("{}/-/protected", self.base_url);
        let mut request = Request::get(carrier.url(&page, token));
        if let Some((name, value)) = carrier.header(token) {
            request = request.header(name, value);
        }
        let request = request.body(Vec::new()).map_err(|_| unable("no request can hold it"))?;
        let answer = self.carrier.fetch(request);
        let answer = answer.map_err(|error| unable(&error.to_string()))?;
        let media_type = answer.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        let status = answer.status();
        let refused =
            self.contract.access.is_refused_by(status.as_u16(), media_type, answer.body());
        if status.is_success() && !refused {
            return Ok(None);
        }
        let json: Option<Value> = serde_json::from_slice(answer.body()).ok();
        let rule = json.and_then(|json| Rule::named(json["refused"].as_str()?));
        rule.map(Some).ok_or_else(|| unable("nothing there looks at it"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What closes each connection at once does listen.
    #[test]
    fn nobody_is_where_nothing_takes_a_connection() {
        let table = [
            (io::ErrorKind::ConnectionRefused, true),
            (io::ErrorKind::HostUnreachable, true),
            (io::ErrorKind::ConnectionReset, false),
            (io::ErrorKind::ConnectionAborted, false),
            (io::ErrorKind::NotConnected, false),
        ];
        for (kind, nobody) in table {
            let connect = TransportErrorKind::Connect;
            let error = TransportError::not_sent(connect, io::Error::from(kind));
            let found = matches!(NotFound::of(&error), NotFound::Nobody(_));
            assert_eq!(found, nobody, "{kind}");
        }
    }
}
