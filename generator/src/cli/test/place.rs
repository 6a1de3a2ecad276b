//! Where the providers are.

use super::super::Stop;
use super::super::args::Test;
use super::carrier::Carrier;
use super::control::{Control, NotFound};
use rekindle_contract::contract::Contract;
use rekindle_runtime::BaseUrl;
use rekindle_runtime::http::Uri;
use rekindle_syntax::is_loopback;
use std::collections::BTreeMap;

/// Where the control endpoint is at an origin.
const CONTROL: &str = "/-/control";

/// Where the providers are.
pub(super) struct Place {
    /// The control endpoint, where they are fake ones.
    pub(super) control: Option<Control>,
    /// Whether they are at this machine.
    pub(super) is_local: bool,
    urls: BTreeMap<String, String>,
    /// Where refreshes go instead, because an earlier answer told so, by the provider's id.
    told: BTreeMap<String, String>,
}

impl Place {
    /// Finds out where the providers are, and whether they are fake ones.
    pub(super) fn find(
        arguments: &Test,
        contracts: &[Contract],
        carrier: &Carrier,
    ) -> Result<Self, Stop> {
        // A URL that a contract takes whole may have a query.
        let before_query = arguments.base_url.split('?').next().unwrap_or_default();
        let given = BaseUrl::parse_allowing_loopback(before_query).map_err(|error| {
            let hint = "`https://…`, or `http://127.0.0.1:4747` for `rekindle serve`";
            Stop::Usage(format!("--base-url: {error}"), Some(hint.to_owned()))
        })?;
        let base = given.as_str().trim_end_matches('/').to_owned();
        let uri: Uri =
            base.parse().map_err(|_| Stop::Usage("--base-url is no URL".to_owned(), None))?;
        let control = control(arguments, &uri, carrier)?;
        let mut urls = BTreeMap::new();
        for contract in contracts {
            let id = &contract.provider.id;
            let base = match contract.request.is_at_whole_url() {
                true => &arguments.base_url,
                false => &base,
            };
            urls.insert(id.clone(), url(base, &uri, contracts, contract, control.as_ref())?);
        }
        let is_local = uri.host().is_some_and(is_loopback);
        Ok(Self { control, is_local, urls, told: BTreeMap::new() })
    }

    /// The same, with the base URLs that earlier answers told.
    pub(super) fn with_told(self, told: BTreeMap<String, String>) -> Self {
        Self { told, ..self }
    }

    /// Where refreshes of the provider with this id go at first, where that is not its base URL.
    pub(super) fn told(&self, id: &str) -> Option<&str> {
        self.told.get(id).map(String::as_str)
    }

    /// Where the provider with this id is.
    pub(super) fn base_url(&self, id: &str) -> String {
        self.urls.get(id).cloned().unwrap_or_default()
    }
}

fn control(arguments: &Test, base: &Uri, carrier: &Carrier) -> Result<Option<Control>, Stop> {
    let url = match arguments.control.as_str() {
        "none" => return Ok(None),
        "auto" => {
            let local = base.host().is_some_and(is_loopback);
            let origin = format!(
                "{}://{}{CONTROL}",
                base.scheme_str().unwrap_or("http"),
                base.authority().map_or("", |authority| authority.as_str())
            );
            if !local {
                return Ok(None);
            }
            return match Control::find(&origin, carrier) {
                Ok(control) => Ok(Some(control)),
                Err(NotFound::Nobody(_)) => {
                    let message = format!("nothing listens at {}", arguments.base_url);
                    let hint = "is `rekindle serve` running?".to_owned();
                    Err(Stop::Usage(message, Some(hint)))
                }
                // A real provider behind a tunnel has none, and need not.
                Err(NotFound::Other(_)) => Ok(None),
            };
        }
        url => url,
    };
    let uri: Option<Uri> = url.parse().ok();
    if !uri.is_some_and(|uri| uri.host().is_some_and(is_loopback)) {
        let message = "--control is no URL of this machine".to_owned();
        let hint = "`http://127.0.0.1:4747/-/control`, `auto` or `none`".to_owned();
        return Err(Stop::Usage(message, Some(hint)));
    }
    let found = Control::find(url, carrier);
    found.map(Some).map_err(|error| {
        let (NotFound::Nobody(why) | NotFound::Other(why)) = error;
        let hint = "`rekindle serve` prints where its control endpoint is".to_owned();
        Stop::Usage(format!("--control: {why}"), Some(hint))
    })
}

/// Where one provider is: a server of several has each below its id.
fn url(
    base: &str,
    uri: &Uri,
    contracts: &[Contract],
    contract: &Contract,
    control: Option<&Control>,
) -> Result<String, Stop> {
    let id = &contract.provider.id;
    let Some(control) = control else {
        if contracts.len() == 1 {
            return Ok(base.to_owned());
        }
        let message = "several contracts, and one base URL".to_owned();
        let hint =
            format!("name one with `--provider {id}`, or start `rekindle serve` for all of them");
        return Err(Stop::Usage(message, Some(hint)));
    };
    let Some(served) = control.base_url(id) else {
        let message = format!("the server does not play `{id}`");
        let hint = format!("it plays: {}", control.ids().join(", "));
        return Err(Stop::Usage(message, Some(hint)));
    };
    let is_root = uri.path().trim_end_matches('/').is_empty();
    if contracts.len() > 1 || is_root {
        return Ok(served.to_owned());
    }
    Ok(base.to_owned())
}
