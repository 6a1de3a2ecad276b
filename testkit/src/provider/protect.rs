//! What access tokens open.

use super::rules::Broken;
use super::state::worth;
use super::{Answered, Provider, Rule, TokenState, Verdict, answer, lifetime};
use http::header::{COOKIE, WWW_AUTHENTICATE};
use http::{HeaderValue, Request};
use jiff::Timestamp;
use rekindle_contract::contract::{AccessRefusal, AccessUse, OldAccessToken, SentAs};
use serde_json::{Value, json};

const NOT_SENT_SO: &str = "the token is not sent as the contract says";

/// No access token at all (RFC 9110 section 15.5.2).
const UNAUTHORIZED: u16 = 401;

/// The page that is read with an access token.
pub(super) const PROTECTED: &str = "protected";

impl Provider {
    /// Shows an access token to the provider, as a request to anything that it protects would.
    ///
    /// # Errors
    /// The rule by which it is refused. One that was never issued is refused whatever is enforced.
    pub fn use_access_token(&mut self, token: &str) -> Result<(), Rule> {
        if self.contract.request.operation.is_local() {
            return self.check_signed(token).map_err(|broken| broken.rule);
        }
        let now = self.clock.now();
        let Some(access) = self.state.access.get(token) else {
            return Err(Rule::AccessTokenUnknown);
        };
        let grant = self.state.grants.get(access.grant);
        let ended = grant.into_iter().flat_map(|grant| &grant.ended);
        if let Some(rule) = self.rules.first(ended.chain(&access.ended)) {
            return Err(rule);
        }
        if is_over(access.end, now) && self.rules.enforce(Rule::AccessTokenExpired) {
            return Err(Rule::AccessTokenExpired);
        }
        let once = self.contract.access.use_ == AccessUse::Once;
        if once && access.used && self.rules.enforce(Rule::AccessTokenSpent) {
            return Err(Rule::AccessTokenSpent);
        }
        let (grant, number) = (access.grant, access.number);
        if let Some(access) = self.state.access.get_mut(token) {
            access.used = true;
        }
        if self.contract.access.after_refresh == OldAccessToken::RevokedOnFirstUse {
            self.state.end_older_access(grant, number);
        }
        Ok(())
    }

    /// What a refresh token is worth now.
    pub fn refresh_token(&self, token: &str) -> TokenState {
        let Some(refresh) = self.state.refresh.get(token) else {
            return TokenState::Unknown;
        };
        let now = self.clock.now();
        let grant = self.state.grants.get(refresh.grant);
        let ended = grant.into_iter().flat_map(|grant| &grant.ended);
        let idle = lifetime::disuse(&self.contract, refresh.stirred);
        let on = |rule| self.rules.enforce(rule);
        worth(
            self.rules.first(ended.chain(&refresh.ended)).is_some(),
            refresh.spent.is_some() && on(Rule::RefreshTokenSpent),
            (is_over(refresh.end, now) && on(Rule::RefreshTokenExpired))
                || (is_over(idle, now) && on(Rule::RefreshTokenIdle)),
        )
    }

    /// What an access token is worth now.
    pub fn access_token(&self, token: &str) -> TokenState {
        if self.contract.request.operation.is_local() {
            return self.worth_of_signed(token);
        }
        let Some(access) = self.state.access.get(token) else {
            return TokenState::Unknown;
        };
        let grant = self.state.grants.get(access.grant);
        let ended = grant.into_iter().flat_map(|grant| &grant.ended);
        let once = self.contract.access.use_ == AccessUse::Once;
        let on = |rule| self.rules.enforce(rule);
        worth(
            self.rules.first(ended.chain(&access.ended)).is_some(),
            once && access.used && on(Rule::AccessTokenSpent),
            is_over(access.end, self.clock.now()) && on(Rule::AccessTokenExpired),
        )
    }

    /// When an access token really dies; `None` where it does not, or was never issued.
    pub fn access_token_ends(&self, token: &str) -> Option<Timestamp> {
        self.state.access.get(token)?.end
    }

    /// Answers a request to one of the provider's own pages, below `/-/`.
    pub(super) fn own_page(&mut self, page: &str, request: &Request<Vec<u8>>) -> Answered {
        match self.protected(page, request) {
            Ok(()) => {
                Answered { response: self.json(200, &self.opened()), verdict: Verdict::Accepted }
            }
            Err(Broken { rule, why }) => {
                let said = json!({ "refused": rule.name() });
                let (status, body) = match rule {
                    Rule::Path => (404, said),
                    Rule::Method => (405, said),
                    Rule::HeaderMissing
                    | Rule::HeaderValue
                    | Rule::QueryMissing
                    | Rule::QueryTwice => (UNAUTHORIZED, said),
                    _ => self.dead_token(said),
                };
                let mut response = self.json(status, &body);
                // A challenge goes with a status that is one (RFC 9110 section 15.5.2).
                if !matches!(rule, Rule::Path | Rule::Method) && status >= 400 {
                    let challenge = HeaderValue::from_static("Bearer error=\"invalid_token\"");
                    response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
                }
                let verdict = Verdict::Refused { rule, why };
                Answered { response, verdict }
            }
        }
    }

    /// The usual answer of the contract to an access token that is not, or no longer, good: its status, and its body, in which more is
    /// `said`.
    fn dead_token(&self, said: Value) -> (u16, Value) {
        match self.contract.access.refused_with.first() {
            None => (UNAUTHORIZED, said),
            Some(AccessRefusal::Status(status)) => (*status, said),
            Some(AccessRefusal::Field(refusal)) => {
                let mut statuses = refusal.status.iter().flat_map(|range| range.first..=range.last);
                // No body comes with the others (RFC 9110 sections 15.2, 15.3.5, 15.3.6 and 15.4.5).
                let status =
                    statuses.find(|status| *status >= 200 && !matches!(status, 204 | 205 | 304));
                let mut body = said;
                refusal.field.field.put(&mut body, refusal.field.value());
                (status.unwrap_or(UNAUTHORIZED), body)
            }
        }
    }

    fn protected(&mut self, page: &str, request: &Request<Vec<u8>>) -> Result<(), Broken> {
        if page != PROTECTED {
            return Err(Broken::new(Rule::Path, "there is no such page"));
        }
        if request.method() != http::Method::GET {
            return Err(Broken::new(Rule::Method, "this page is read with GET"));
        }
        let token = self.shown(request)?;
        if self.contract.request.operation.is_local() {
            return self.check_signed(&token);
        }
        let refused =
            |rule| Broken::new(rule, format!("the access token is dead: {}", death(rule)));
        self.use_access_token(&token).map_err(|rule| match rule {
            Rule::AccessTokenUnknown => Broken::new(rule, "the access token was never issued here"),
            rule => refused(rule),
        })
    }

    /// The token that a request shows, in the place that the contract declares.
    fn shown(&self, request: &Request<Vec<u8>>) -> Result<String, Broken> {
        match self.contract.access.carrier() {
            SentAs::Header { name, scheme } => self.in_header(&name, scheme.as_deref(), request),
            SentAs::Cookie(name) => {
                let lines = request.headers().get_all(COOKIE).iter();
                let lines = lines.map(|line| line.to_str().unwrap_or_default());
                let pairs = lines.flat_map(|line| line.split(';')).map(str::trim_ascii);
                let pairs = pairs.filter_map(|pair| pair.split_once('='));
                let found = pairs.filter(|(found, _)| *found == name);
                let found = found.map(|(_, token)| token.to_owned()).collect();
                let [missing, other] = [Rule::HeaderMissing, Rule::HeaderValue];
                only(found, missing, other, &format!("the cookie `{name}`"))
            }
            SentAs::Query(name) => {
                let query = request.uri().query().unwrap_or_default();
                let pairs = form_urlencoded::parse(query.as_bytes());
                let found = pairs.filter(|(found, _)| *found == name);
                let found = found.map(|(_, token)| token.into_owned()).collect();
                let what = format!("the parameter `{name}` of the query");
                only(found, Rule::QueryMissing, Rule::QueryTwice, &what)
            }
        }
    }

    fn in_header(
        &self,
        header: &str,
        scheme: Option<&str>,
        request: &Request<Vec<u8>>,
    ) -> Result<String, Broken> {
        let Some(value) = request.headers().get(header) else {
            let why = format!("{NOT_SENT_SO}: the header `{header}` is missing");
            return Err(Broken::new(Rule::HeaderMissing, why));
        };
        let text = std::str::from_utf8(value.as_bytes()).unwrap_or_default();
        let token = match scheme {
            None => Some(text),
            Some(scheme) => text
                .split_once(' ')
                .filter(|(found, _)| found.eq_ignore_ascii_case(scheme))
                .map(|(_, token)| token),
        };
        let Some(token) = token.map(|token| token.trim_ascii().to_owned()) else {
            let scheme = scheme.unwrap_or_default();
            let why =
                format!("{NOT_SENT_SO}: the header `{header}` is not `{scheme}` and the token");
            return Err(Broken::new(Rule::HeaderValue, why));
        };
        let mut words = token.split_ascii_whitespace();
        if words.any(|word| word != token && self.state.access.contains_key(word)) {
            let why = format!("{NOT_SENT_SO}: the header `{header}` holds more than the token");
            return Err(Broken::new(Rule::HeaderValue, why));
        }
        Ok(token)
    }

    /// The page that a good access token opens, which nobody may take for a refusal.
    fn opened(&self) -> Value {
        let page = json!({ "ok": true });
        let mut refusals = self.contract.access.refusing_fields();
        if refusals.any(|refusal| refusal.field.matches(Some(&page))) { json!({}) } else { page }
    }

    fn json(&self, status: u16, body: &serde_json::Value) -> http::Response<Vec<u8>> {
        answer::plain(status, "application/json", body.to_string(), self.clock.now())
    }
}

/// The only token of those that stand in a place of the request.
fn only(found: Vec<String>, missing: Rule, twice: Rule, place: &str) -> Result<String, Broken> {
    match <[String; 1]>::try_from(found) {
        Ok([token]) => Ok(token),
        Err(found) if found.is_empty() => {
            Err(Broken::new(missing, format!("{NOT_SENT_SO}: {place} is missing")))
        }
        Err(_) => Err(Broken::new(twice, format!("{NOT_SENT_SO}: {place} is there twice"))),
    }
}

/// What ended an access token by this rule.
pub(super) fn death(rule: Rule) -> &'static str {
    match rule {
        Rule::GrantRevoked => "its grant was revoked",
        Rule::ReuseRevokes => "a spent refresh token of its grant came back",
        Rule::OldAccessTokenRevoked => "a refresh brought a newer one",
        Rule::AccessTokenExpired => "its life is over",
        Rule::AccessTokenSpent => "it may be used once, and was used before",
        _ => "it was revoked",
    }
}

/// Ends are exclusive: at its end a token is dead.
fn is_over(end: Option<Timestamp>, now: Timestamp) -> bool {
    end.is_some_and(|end| now >= end)
}
