//! Where a provider is, and where an operation is at it.

use std::sync::Arc;
use std::time::SystemTime;

use http::{HeaderValue, Method, Request, Uri};

use super::contract::{Checked, Contract, Given, NextBaseUrl, Operation, Setup};
use super::credential::{Credential, Slot};
use super::output::is_allowed;
use super::taken::Taken;
use crate::url::whole;
use crate::{BaseUrl, Deviation, Error, Grant};

/// Where a provider is: a documented environment, or a base URL of the integrator's.
/// Every environment is one, and so is the text of a URL: `Client::new("https://auth.example.com", settings)`.
pub struct Place<C: Contract>(At<C>);

enum At<C: Contract> {
    Documented(C::Environment),
    Url(String),
    Loopback(String),
}

impl<C: Contract> Place<C> {
    /// One of the hosts that the provider documents.
    pub fn documented(environment: C::Environment) -> Self {
        Self(At::Documented(environment))
    }

    /// A base URL: `https`, no query.
    pub fn url(url: impl Into<String>) -> Self {
        Self(At::Url(url.into()))
    }

    /// A base URL on this machine itself (`127.0.0.1`, `[::1]`, `localhost`), which may be plain `http`, and nothing else.
    pub fn loopback(url: impl Into<String>) -> Self {
        Self(At::Loopback(url.into()))
    }

    /// Where requests go; `is_whole` where the URL that the integrator brings is all of it.
    pub(super) fn target(self, is_whole: bool, setup: &Setup<C>) -> Result<Target, Error> {
        Ok(match self.0 {
            At::Url(url) if is_whole => Target::whole(&url, false)?,
            At::Loopback(url) if is_whole => Target::whole(&url, true)?,
            At::Documented(environment) => {
                C::check_environment(&environment)?;
                Target::Below(BaseUrl::parse(&C::base_url(environment, setup))?)
            }
            At::Url(url) => Target::Below(BaseUrl::parse(&url)?),
            At::Loopback(url) => Target::Below(BaseUrl::parse_allowing_loopback(&url)?),
        })
    }
}

/// Where the requests of a client go.
pub(super) enum Target {
    /// Each to its path below this.
    Below(BaseUrl),
    /// All to this; where it is, without its query.
    Whole(Uri, BaseUrl),
}

impl Target {
    fn whole(url: &str, loopback: bool) -> Result<Self, Error> {
        let (uri, place) = whole(url, loopback)?;
        Ok(Self::Whole(uri, place))
    }
}

impl<C: Contract> From<&str> for Place<C> {
    fn from(url: &str) -> Self {
        Self::url(url)
    }
}

impl<C: Contract> From<String> for Place<C> {
    fn from(url: String) -> Self {
        Self::url(url)
    }
}

/// The environment of a provider whose documentation names no host: there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Undocumented {}

/// A request of an exchange, by how many are before it.
#[derive(Clone, Copy)]
pub(super) enum Nth {
    /// One before the credential is sent.
    Step(&'static str),
    /// The one that spends the credential.
    Spending,
    /// One behind it, which spends nothing.
    Then(&'static str),
}

impl Nth {
    pub(super) fn of<O: Operation>(number: usize) -> Self {
        let behind = number.checked_sub(O::STEPS.len() + 1);
        match (O::STEPS.get(number), behind.and_then(|behind| O::THEN.get(behind))) {
            (Some(step), _) => Self::Step(step),
            (None, Some(then)) => Self::Then(then),
            (None, None) => Self::Spending,
        }
    }
}

/// One operation of a provider at its place, with an integrator's settings: what a client is made of. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Endpoint<O: Operation> {
    uri: Uri,
    /// What stands before each path; `None` where there is none.
    pub(super) base: Option<Arc<BaseUrl>>,
    /// Where the integrator chose to be, whatever answers have told since: what outputs with `hosts` may lead to as well.
    pub(super) chosen: Option<Arc<BaseUrl>>,
    pub(super) setup: Arc<Setup<O::Contract>>,
    #[cfg(feature = "random")]
    pub(super) random: super::random::Random,
}

impl<O: Operation> Endpoint<O> {
    /// Checks what the integrator gave.
    ///
    /// # Errors
    /// A setting is empty or not of its kind; the base URL is not `https`.
    pub fn new(
        at: impl Into<Place<O::Contract>>,
        settings: <O::Contract as Contract>::Settings,
        options: <O::Contract as Contract>::Options,
    ) -> Result<Self, Error> {
        let setup = Arc::new(Given { settings, options });
        let made = || {
            O::Contract::check(&setup)?;
            Self::at(&at.into().target(O::WHOLE_URL, &setup)?, &setup)
        };
        made().map_err(|error: Error| error.for_provider(O::Contract::NAME))
    }

    /// The operation where the requests of its client go.
    pub(super) fn at(target: &Target, setup: &Arc<Setup<O::Contract>>) -> Result<Self, Error> {
        const {
            let alone = O::STEPS.is_empty() && O::THEN.is_empty();
            assert!(!O::WHOLE_URL || alone, "steps are below a base URL");
        }
        let (uri, place) = match target {
            Target::Whole(uri, place) => (uri.clone(), place),
            Target::Below(base) => (base.join(&O::path(setup))?, base),
        };
        let chosen = Some(Arc::new(place.clone()));
        let base = chosen.clone().filter(|_| matches!(target, Target::Below(_)));
        Ok(Self {
            uri,
            chosen,
            base,
            setup: Arc::clone(setup),
            #[cfg(feature = "random")]
            random: super::random::Random::default(),
        })
    }

    /// The same operation where an answer has told that it is.
    ///
    /// # Errors
    /// The contract does not allow that address: [`ErrorKind::InvalidUrl`](crate::ErrorKind::InvalidUrl).
    pub fn moved_to(&self, url: &str) -> Result<Self, Error> {
        let moved = || {
            let hosts = O::NEXT_BASE_URL.map_or([].as_slice(), |next| next.hosts);
            if !is_allowed(url, self.chosen.as_deref(), hosts) {
                let problem = "the contract does not allow the base URL that an answer told";
                return Err(Error::invalid_url(problem));
            }
            // It is plain `http` only where the one that was chosen is.
            let base = BaseUrl::parse_allowing_loopback(url)?;
            let uri = base.join(&O::path(&self.setup))?;
            Ok(Self { uri, base: Some(Arc::new(base)), ..self.clone() })
        };
        moved().map_err(|error: Error| error.for_provider(O::Contract::NAME))
    }

    /// The same operation where the answers so far have told that it is; `None` where they told nothing of that.
    ///
    /// # Errors
    /// The contract does not allow the address that is kept: it is where it was chosen to be.
    pub fn for_grant(&self, grant: &Grant) -> Result<Option<Self>, Deviation> {
        let Some(NextBaseUrl { output, .. }) = O::NEXT_BASE_URL else { return Ok(None) };
        let Some(url) = grant.output(output) else { return Ok(None) };
        self.moved_to(url.expose()).map(Some).map_err(|_| Deviation::OutputElsewhere(output))
    }

    /// The request with this number of an exchange that started then, whose earlier answers brought what is `taken`.
    pub(super) fn request(
        &self,
        number: usize,
        spends: &O::Credential,
        started_at: SystemTime,
        taken: &Taken,
    ) -> Result<Request<Vec<u8>>, Error> {
        let nth = Nth::of::<O>(number);
        if !matches!(nth, Nth::Then(_)) {
            let (access, refresh) = spends.parts();
            access.check()?;
            refresh.check()?;
        }
        let checked = Checked {
            spends,
            started_at,
            taken,
            #[cfg(feature = "random")]
            random: &self.random,
        };
        let mut request = self.blank();
        match (&self.base, nth) {
            (Some(base), Nth::Step(step) | Nth::Then(step)) => {
                *request.method_mut() = Method::POST;
                *request.uri_mut() = base.join("")?;
                O::step(step, &self.setup, &checked, &mut request)?;
            }
            _ => O::request(&self.setup, &checked, &mut request)?,
        }
        Ok(request)
    }

    /// The same with random numbers from `source`, each of 64 bits.
    #[cfg(feature = "random")]
    #[must_use]
    pub fn with_random(self, source: impl Fn() -> u64 + Send + Sync + 'static) -> Self {
        Self { random: super::random::Random::of(source), ..self }
    }

    /// A request to which the contract adds what it says.
    fn blank(&self) -> Request<Vec<u8>> {
        let mut request = Request::new(Vec::new());
        *request.method_mut() = O::METHOD;
        *request.uri_mut() = self.uri.clone();
        let accept = HeaderValue::from_static("application/json");
        request.headers_mut().insert(http::header::ACCEPT, accept);
        request
    }
}
