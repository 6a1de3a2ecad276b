//! The base URL that answers tell: there, and nowhere else, the next refresh is heard.

use super::credential::Traded;
use super::request::{self, Target};
use super::rules::Broken;
use super::{Provider, Rule};
use http::Uri;

impl Provider {
    /// Where answers tell refreshes to go, if they tell that. It is below the base URL, so that whoever serves that one serves both.
    pub(super) fn told(&self) -> Option<String> {
        let name = self.contract.base.output.as_ref()?;
        Some(format!("{}/synthetic-{}", self.base_url, name.replace('_', "-")))
    }

    /// The base URL that the request at hand went to.
    pub(super) fn here(&self) -> String {
        self.told().filter(|_| self.at_told).unwrap_or_else(|| self.base_url.clone())
    }

    /// Whether `uri` is below the base URL that answers tell.
    pub(super) fn is_at_told(&self, uri: &Uri) -> bool {
        self.told().is_some_and(|told| request::target(&told, false, uri).path.is_some())
    }

    /// Where `uri` goes, seen from here.
    pub(super) fn target<'a>(&self, uri: &'a Uri) -> Target<'a> {
        match self.told().filter(|_| self.is_at_told(uri)) {
            Some(told) => request::target(&told, false, uri),
            None => request::target(&self.base_url, self.contract.request.is_at_whole_url(), uri),
        }
    }

    /// Something has become of the newest answer on its way: a client that finds the new token in it may not find the base URL.
    pub(crate) fn may_not_have_told(&mut self) {
        if self.told().is_some() {
            self.state.homeless.extend(self.state.newest.iter().cloned());
        }
    }

    /// Demands that a token which an answer has brought comes back where that answer has told. Where it did not bring one, as it may
    /// be lost, the one from before is heard there and here.
    pub(super) fn check_told(&self, traded: &Traded) -> Result<(), Broken> {
        let Some(told) = self.told() else { return Ok(()) };
        let refresh = traded.refresh.as_ref().and_then(|token| self.state.refresh.get(token));
        let access = traded.access.as_ref().and_then(|token| self.state.access.get(token));
        let sent = traded.refresh.as_ref().or(traded.access.as_ref());
        if sent.is_some_and(|token| self.state.homeless.contains(token)) {
            return Ok(());
        }
        let is_brought = match (refresh, access) {
            (Some(refresh), _) => refresh.parent.is_some(),
            (None, access) => access.is_some_and(|access| access.number > 1),
        };
        self.rules.demand(Rule::Origin, self.at_told || !is_brought, || {
            format!("the request does not go to {told}, where the answer said")
        })?;
        Ok(())
    }
}
