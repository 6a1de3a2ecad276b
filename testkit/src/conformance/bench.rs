//! One exchange that every check starts from: what the integrator gives, what is spent, what comes back.

use super::harness::Given;
use super::made::{
    self, ACCESS_LIFE, START, class, environment_url, put, put_expiry, quoted, remove, sign_in,
};
use super::subject::{At, Client, Failed, Pending, Piece, Spends, Subject, Tokens};
use super::values::{self, Values};
use super::wire::Wire;
use crate::provider::Provider;
use crate::{Clock, Document, answer, document, expect, form, head, xml};
use http::{Request, Response};
use rekindle_contract::contract::{
    Contract, Credential, CredentialAfter, ErrorClass, ErrorRule, Expect, Expiry as Declared,
    Outcome, Pointer, RefreshToken, RefreshWhen, Rotation, Slot, TokenPlace, json_document,
};
use rekindle_runtime::{Class, Error, Expiry, Fate, Grant, TransportError};
use serde_json::Value;
use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, SystemTime};

/// How long the new refresh token lives, where the answer says so, in seconds.
pub(super) const REFRESH_LIFE: u64 = 30 * 86_400;

/// The moment at which every exchange begins.
pub(super) fn started_at() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(START)
}

/// So many seconds.
pub(super) fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// The exchange that the checks of one client start from.
pub struct Bench<'a> {
    pub(super) subject: &'a dyn Subject,
    pub(super) contract: Contract,
    /// The environment, where there are some.
    pub(super) environment: Option<String>,
    /// The base URL of the exchange.
    pub(super) base_url: String,
    /// What is sent.
    pub(super) values: Values,
    /// The new access token; the one that is sent where no answer brings one.
    pub(super) new_access: String,
    /// The new refresh token.
    pub(super) new_refresh: String,
    /// The status of a success.
    pub(super) status: u16,
    /// The fields of a success; `None` where its body is the token itself.
    pub(super) fields: Option<Value>,
    /// The client under test, once something has asked for it: a key is read when it is made, and some checks take thousands of exchanges.
    client: OnceCell<Box<dyn Client>>,
}

/// What the client makes of one exchange.
pub(super) type Exchanged = Result<Tokens, Failed>;

impl<'a> Bench<'a> {
    /// The exchange of a contract.
    pub(super) fn new(subject: &'a dyn Subject) -> Self {
        let contract = subject.contract();
        let values = Values::canaries(&contract);
        let given = contract.examples.first().map(|example| &example.given);
        let first = contract.base.environments.first();
        let environment = given
            .and_then(|given| given.environment.clone())
            .or_else(|| first.map(|environment| environment.name.clone()));
        let base_url = environment_url(&contract, environment.as_deref(), &values.client)
            .or(given.and_then(|given| given.base_url.clone()))
            .unwrap_or_else(|| match contract.request.is_at_whole_url() {
                true => "https://provider.example/token".to_owned(),
                false => "https://provider.example".to_owned(),
            });
        let mut bench = Self {
            subject,
            environment,
            base_url: base_url.trim_end_matches('/').to_owned(),
            new_access: match contract.response.access_token.is_unchanged() {
                true => values.access.clone(),
                false => values::new_access_token(&contract),
            },
            new_refresh: values::new_refresh_token(&contract),
            status: contract.response.success.status.first().map_or(200, |range| range.first),
            values,
            fields: None,
            client: OnceCell::new(),
            contract,
        };
        bench.fields = bench.success_fields();
        bench
    }

    // --- what is there -----------------------------------------------------------------------------------------------

    /// The refresh token with its place in the answer, where answers may hold one.
    pub(super) fn replaceable(&self) -> Option<(&RefreshToken, &Pointer)> {
        Some((self.contract.refresh.as_ref()?, self.contract.response.refresh_token.as_ref()?))
    }

    /// The refresh token in the answer of a success; `None` where it holds none.
    pub(super) fn answered_refresh(&self) -> Option<&str> {
        let (refresh, _) = self.replaceable()?;
        match refresh.rotation {
            Rotation::Never => None,
            Rotation::Echo => Some(&self.values.refresh),
            Rotation::Always | Rotation::Sometimes | Rotation::KeepsOld | Rotation::Unknown => {
                Some(&self.new_refresh)
            }
        }
    }

    /// Where answers hold the access token.
    pub(super) fn access_place(&self) -> String {
        let field = self.contract.response.access_token.field();
        field.expect("the answer has fields").to_string()
    }

    /// Where answers hold the refresh token.
    pub(super) fn refresh_place(&self) -> String {
        self.replaceable().expect("answers hold a refresh token").1.to_string()
    }

    /// Whether answers are forms.
    pub(super) fn is_form(&self) -> bool {
        matches!(self.contract.response.access_token, TokenPlace::Form(_))
    }

    /// Whether answers are XML.
    pub(super) fn is_xml(&self) -> bool {
        matches!(self.contract.response.access_token, TokenPlace::Xml(_))
    }

    /// Whether answers hold texts alone.
    pub(super) fn holds_texts(&self) -> bool {
        self.contract.response.access_token.holds_texts()
    }

    /// The body of an answer with these fields, whatever their types are: in JSON where it can be read.
    pub(super) fn written(&self, fields: &Value) -> String {
        if self.is_xml() { self.contract.written(fields).1 } else { fields.to_string() }
    }

    /// Whether this JSON value is what a client finds that is sent it. In XML every value is a text, without white space at its ends.
    pub(super) fn can_send(&self, json: &str) -> bool {
        let value = json_document(json.as_bytes());
        !self.is_xml()
            || match value {
                Some(Value::String(text)) => text.trim() == text,
                Some(Value::Null) => true,
                _ => false,
            }
    }

    /// The same of a value at a place. In a header or a cookie every value is a text, as a cookie can hold it.
    pub(super) fn can_send_at(&self, place: &str, json: &str) -> bool {
        let text = json_document(json.as_bytes());
        let carried = |text: &str| text.chars().all(rekindle_syntax::is_cookie_character);
        let in_head = || match &text {
            Some(Value::String(text)) => carried(text),
            Some(Value::Null) => true,
            _ => false,
        };
        if head::is_place(place) { in_head() } else { self.can_send(json) }
    }

    /// A place that nobody declared, beside the others: below the root where there is but one.
    pub(super) fn undeclared(&self, name: &str) -> String {
        let field = self.contract.response.access_token.field().filter(|_| self.is_xml());
        match field.map(|field| field.tokens.as_slice()) {
            None | Some([]) => format!("/{name}"),
            // The root itself holds the token.
            Some([root]) => format!("/{}@{name}", root.split('@').next().unwrap_or_default()),
            Some([root, ..]) => format!("/{root}/{name}"),
        }
    }

    /// The request as it must be on the wire, with what the client made for the one that it sent to the base URL: values that are what
    /// they should be.
    #[track_caller]
    pub(super) fn wire_of(&self, request: &Request<Vec<u8>>) -> Wire {
        let clock = Clock::standing(made::now());
        self.wire_at(request, &self.base_url, &self.values, clock)
    }

    /// The same for one with these values that went elsewhere, by a clock.
    #[track_caller]
    pub(super) fn wire_at(
        &self,
        request: &Request<Vec<u8>>,
        base_url: &str,
        values: &Values,
        clock: Clock,
    ) -> Wire {
        let made = self.wire_values(request, base_url, values, clock);
        let values = Values { made, ..values.clone() };
        Wire::new(&self.contract, &values.taking(&self.contract, base_url))
    }

    /// What the client made for a request: each value is what it should be.
    #[track_caller]
    pub(super) fn wire_values(
        &self,
        request: &Request<Vec<u8>>,
        base_url: &str,
        values: &Values,
        clock: Clock,
    ) -> BTreeMap<String, String> {
        if self.contract.request.values.is_empty() {
            return BTreeMap::new();
        }
        let provider = Provider::new(self.contract.clone()).at(base_url).with_clock(clock);
        let client = values.client.iter();
        let provider = client.fold(provider, |it, (name, value)| it.with_client(name, value));
        let taken = super::behind_steps::samples(&self.contract, base_url);
        let provider = provider.having_given(&taken);
        let absent =
            self.contract.client.iter().filter(|(name, parameter)| {
                parameter.optional && !values.client.contains_key(*name)
            });
        let provider = absent.fold(provider, |it, (name, _)| it.without_client(name));
        let made = provider.values_in(request);
        made.unwrap_or_else(|why| panic!("the client made a wrong value: {why}"))
    }

    // --- the client --------------------------------------------------------------------------------------------------

    /// Where the client is.
    pub(super) fn place(&self) -> At<'_> {
        match &self.environment {
            Some(environment) => At::Environment(environment),
            None => At::Url(&self.base_url),
        }
    }

    /// Where the client is asked for a parameter: at its place, or in an environment that alone needs it.
    pub(super) fn place_of(&self, name: &str) -> At<'_> {
        let slot = Slot::Client(name.to_owned());
        let mut environments = self.contract.base.environments.iter();
        let needs = environments.find(|it| it.url.slots().any(|used| *used == slot));
        match needs.filter(|_| self.contract.is_of_environment(name)) {
            Some(environment) => At::Environment(&environment.name),
            None => self.place(),
        }
    }

    /// The values of an integrator.
    pub(super) fn given(&self) -> Given {
        Given::new(self.values.client.clone())
    }

    /// The client at its place with other values.
    pub(super) fn built(&self, given: &Given) -> Result<Box<dyn Client>, Error> {
        self.subject.client(self.place(), given)
    }

    /// The client with this value of a parameter, made where it is asked for that.
    pub(super) fn built_with(&self, name: &str, value: &str) -> Result<Box<dyn Client>, Error> {
        self.subject.client(self.place_of(name), &self.given().with(name, value))
    }

    /// The client under test.
    pub(super) fn client(&self) -> &dyn Client {
        let made = || self.built(&self.given()).expect("the settings can be used");
        &**self.client.get_or_init(made)
    }

    // --- what is spent -----------------------------------------------------------------------------------------------

    /// These two tokens.
    pub(super) fn spends(&self, access: &str, refresh: &str) -> Spends {
        let piece = |text: &str| Piece { text: text.to_owned(), expiry: None };
        Spends { access: piece(access), refresh: piece(refresh) }
    }

    /// The tokens that are held, the access token with this end.
    pub(super) fn ending(&self, end: Expiry) -> Spends {
        let mut spends = self.spends(&self.values.access, &self.values.refresh);
        spends.access.expiry = Some(end);
        spends
    }

    /// The tokens that are held, at a moment at which the provider accepts them.
    pub(super) fn held(&self) -> Spends {
        match self.contract.request.when {
            RefreshWhen::NearExpiry(_) | RefreshWhen::AfterExpiry => {
                self.ending(Expiry::At(started_at() - seconds(86_400)))
            }
            _ => self.spends(&self.values.access, &self.values.refresh),
        }
    }

    /// The tokens that are held, each that is spent in turn replaced by `text`, and what it is called.
    pub(super) fn spoiled(&self, text: &str) -> Vec<(Spends, String)> {
        let Values { access, refresh, .. } = &self.values;
        let named = |spends, name: &str| (spends, name.replace('_', " "));
        let access_name = &self.contract.access.name;
        let refresh_name = self.contract.refresh.as_ref().map_or("", |token| &token.name);
        match self.contract.credential() {
            Credential::AccessToken => vec![named(self.spends(text, refresh), access_name)],
            Credential::Nothing => Vec::new(),
            Credential::RefreshToken => vec![named(self.spends(access, text), refresh_name)],
            Credential::Both => vec![
                named(self.spends(text, refresh), access_name),
                named(self.spends(access, text), refresh_name),
            ],
        }
    }

    /// The texts that are spent of these tokens: the access token's, the refresh token's.
    pub(super) fn texts<'s>(&self, spends: &'s Spends) -> [Option<&'s str>; 2] {
        let credential = self.contract.credential();
        let access = (credential.holds_access_token()).then_some(spends.access.text.as_str());
        let refresh = (credential.holds_refresh_token()).then_some(spends.refresh.text.as_str());
        [access, refresh]
    }

    // --- exchanges ---------------------------------------------------------------------------------------------------

    /// An exchange under way that spends these tokens.
    #[track_caller]
    pub(super) fn exchange_of(
        &self,
        spends: &Spends,
        at: SystemTime,
    ) -> (Request<Vec<u8>>, Box<dyn Pending>) {
        self.client().start(spends, at).expect("the request can be built")
    }

    /// An exchange under way.
    #[track_caller]
    pub(super) fn exchange(&self) -> (Request<Vec<u8>>, Box<dyn Pending>) {
        self.exchange_of(&self.held(), started_at())
    }

    /// What the client makes of an answer.
    #[track_caller]
    pub(super) fn finish(&self, answer: Response<Vec<u8>>) -> Exchanged {
        self.exchange().1.finish(answer)
    }

    /// What the client makes of a success with this body.
    #[track_caller]
    pub(super) fn succeed(&self, body: impl Into<Vec<u8>>) -> Exchanged {
        self.finish(answer(self.status).body(body))
    }

    /// The tokens of a success with this body.
    #[track_caller]
    pub(super) fn tokens(&self, body: impl Into<Vec<u8>>) -> Tokens {
        self.succeed(body).expect("the answer brings tokens")
    }

    // --- answers -----------------------------------------------------------------------------------------------------

    /// The fields of a success, as the contract describes it.
    #[track_caller]
    pub(super) fn success(&self) -> Document {
        let fields = self.fields.as_ref().expect("the answer has fields");
        let (_, written) = self.contract.written(fields);
        let body = match self.contract.response.access_token {
            TokenPlace::Form(_) => form(&written),
            TokenPlace::Xml(_) => xml(&self.contract.without_head(fields).to_string()),
            TokenPlace::Json(_) | TokenPlace::WholeBody | TokenPlace::Unchanged => {
                document(&written)
            }
        };
        self.contract.heads().iter().fold(body, |body, place| {
            let label = place.label();
            fields.get(&label).map_or(body.clone(), |value| body.with(&label, &value.to_string()))
        })
    }

    /// What an answer means by the contract, whatever is in its head.
    pub(super) fn outcome(&self, status: u16, body: &[u8]) -> Outcome<'_> {
        self.contract.classify(status, head::body(body))
    }

    /// The body of a success.
    pub(super) fn success_text(&self) -> String {
        if self.fields.is_some() { self.success().text() } else { self.new_access.clone() }
    }

    /// A success without a new refresh token: what is lost with it is lost. A mint salvages none anyway.
    pub(super) fn lossy(&self) -> Document {
        match self.answered_refresh() {
            _ if self.contract.mint.is_some() => self.success(),
            Some(token) if token != self.values.refresh => {
                self.success().without(&self.refresh_place())
            }
            _ => self.success(),
        }
    }

    /// A success with a refresh token, where answers may hold one.
    pub(super) fn whole(&self) -> Document {
        match self.replaceable() {
            Some((_, place)) if self.answered_refresh().is_none() => {
                self.success().with(&place.to_string(), &quoted(&self.values.refresh))
            }
            _ => self.success(),
        }
    }

    fn success_fields(&self) -> Option<Value> {
        let response = &self.contract.response;
        let access = response.access_token.field();
        if access.is_none() && !response.access_token.is_unchanged() {
            return None;
        }
        let mut body =
            self.documented_fields().unwrap_or_else(|| Value::Object(serde_json::Map::new()));
        if let Some(access) = access {
            put(&mut body, access, Value::from(self.new_access.as_str()));
        }
        if let Some((refresh, place)) = self.replaceable() {
            match self.answered_refresh() {
                Some(token) => {
                    put(&mut body, place, Value::from(token));
                    put_expiry(&mut body, &refresh.expires, REFRESH_LIFE);
                }
                None => remove(&mut body, place),
            }
        }
        put_expiry(&mut body, &self.contract.access.expires, ACCESS_LIFE);
        if let Some(token_type) = &response.token_type {
            let accepted = token_type.accepted.first().map_or("Bearer", String::as_str);
            put(&mut body, &token_type.field, Value::from(accepted));
        }
        for (name, output) in &response.outputs {
            put(&mut body, &output.field, output.sample(name));
        }
        if let Some(scope) = &response.scope {
            put(&mut body, scope, Value::from("read write"));
        }
        self.contract.succeed(&mut body);
        Some(self.contract.told(body))
    }

    /// The first documented answer that brings tokens.
    fn documented_fields(&self) -> Option<Value> {
        let examples = self.contract.examples.iter();
        let mut successes =
            examples.filter(|example| matches!(example.expect, Expect::Tokens { .. }));
        successes.find_map(|example| self.contract.fields_of(example))
    }

    // --- what must hold ----------------------------------------------------------------------------------------------

    /// The end of a token that lives `life` seconds where the answer or the token says so.
    pub(super) fn expected_end(&self, declared: &Declared, life: u64) -> Expiry {
        match declared {
            Declared::Never => Expiry::Never,
            // When the person signed in is not known here.
            Declared::Undeclared | Declared::SinceSignIn(_) => Expiry::Undeclared,
            Declared::Constant(lifetime) => Expiry::At(started_at() + *lifetime),
            _ => Expiry::At(started_at() + seconds(life)),
        }
    }

    /// What became of the credential, in a word. One that comes back must be the one that was sent.
    #[track_caller]
    pub(super) fn fate(&self, error: Failed) -> &'static str {
        let (word, returned) = match error.fate {
            Fate::Unspent(credential) => ("unspent", credential),
            Fate::Spent { replacement: None } => return "spent",
            Fate::Spent { replacement: Some(_) } => return "replaced",
            Fate::InDoubt(doubtful) => ("in doubt", doubtful.accept_risk()),
        };
        self.assert_holds(&returned, &self.held());
        word
    }

    /// A grant holds the texts that are spent of these tokens.
    #[track_caller]
    pub(super) fn assert_holds(&self, grant: &Grant, spends: &Spends) {
        let texts = [grant.access_token(), grant.refresh_token()]
            .map(|token| token.map(rekindle_runtime::Token::expose));
        assert_eq!(texts, self.texts(spends), "the texts in the credential");
    }

    /// What becomes of the credential when it was sent and no answer says what became of it.
    pub(super) fn fate_after_sending(&self) -> &'static str {
        if self.contract.is_replayable() { "unspent" } else { "in doubt" }
    }

    /// The class of a failure after the request has left.
    pub(super) fn class_after_sending(&self) -> Class {
        if self.contract.is_replayable() { Class::Transient } else { Class::InDoubt }
    }

    /// What becomes of the credential when an answer is an error by this rule.
    pub(super) fn fate_by(&self, rule: &ErrorRule) -> &'static str {
        let implied = match rule.class {
            ErrorClass::Reauthenticate => CredentialAfter::Spent,
            ErrorClass::ClientMisconfigured | ErrorClass::RateLimited => CredentialAfter::Unspent,
            ErrorClass::ContractViolation | ErrorClass::Transient | ErrorClass::InDoubt => {
                CredentialAfter::Unknown
            }
        };
        match rule.credential.unwrap_or(implied) {
            CredentialAfter::Spent => "spent",
            CredentialAfter::Unspent => "unspent",
            CredentialAfter::Unknown => self.fate_after_sending(),
        }
    }

    /// An answer is an error by `rule`: of its class, with its fate.
    #[track_caller]
    pub(super) fn assert_refused(&self, rule: &ErrorRule, status: u16, body: &str) {
        let Err(error) = self.finish(answer(status).body(body)) else {
            panic!("status {status}, body {body:?}: it brings tokens, and is {}", rule.name)
        };
        assert_eq!(error.error.rule(), Some(&*rule.name), "status {status}, body {body:?}");
        assert_eq!(error.class(), class(rule), "status {status}, body {body:?}");
        assert_eq!(error.error.status().map(|found| found.as_u16()), Some(status));
        let perhaps_gone = rule.perhaps_gone.then(|| sign_in(rule.sign_in));
        assert_eq!(error.error.perhaps_gone(), perhaps_gone, "status {status}, body {body:?}");
        let fate = self.fate(error);
        let expected = self.fate_by(rule);
        assert_eq!(fate, expected, "status {status}, body {body:?}: the credential");
    }

    /// Each answer that is an error is one by its rule; those that the contract takes for a success are left out.
    #[track_caller]
    pub(super) fn assert_refusals(&self, answers: impl IntoIterator<Item = (u16, String)>) {
        let answers: BTreeSet<_> = answers.into_iter().collect();
        for (status, body) in answers {
            if let Outcome::Refused(rule) = self.outcome(status, body.as_bytes()) {
                self.assert_refused(rule, status, &body);
            }
        }
    }

    /// A success that cannot be used breaks the contract: there are no tokens, and this became of the credential.
    #[track_caller]
    pub(super) fn assert_unusable(&self, body: impl Into<Vec<u8>>, became: &str) {
        let body = body.into();
        let shown = String::from_utf8_lossy(&body[..body.len().min(200)]).into_owned();
        let Err(error) = self.succeed(body) else {
            panic!("the answer should not be usable: {shown}")
        };
        assert_eq!(error.class(), Class::ContractViolation, "{shown}");
        assert_eq!(self.fate(error), became, "the credential: {shown}");
    }

    /// Nothing of an answer that cannot be used is kept.
    #[track_caller]
    pub(super) fn assert_lost(&self, body: impl Into<Vec<u8>>) {
        self.assert_unusable(body, self.fate_after_sending());
    }

    /// No client is made with this value of a parameter, and the error is that of settings.
    #[track_caller]
    pub(super) fn assert_setting_refused(&self, name: &str, value: &str) {
        self.assert_not_built(self.place_of(name), &self.given().with(name, value));
    }

    /// No client is made here.
    #[track_caller]
    pub(super) fn assert_not_built(&self, at: At<'_>, given: &Given) {
        let Err(error) = self.subject.client(at, given) else {
            panic!("the settings should be refused: {at:?}, {given:?}")
        };
        assert_eq!(error.class(), Class::ClientMisconfigured, "{at:?}, {given:?}");
    }

    /// No request is made of these tokens, and they come back.
    #[track_caller]
    pub(super) fn assert_unsendable(&self, spends: &Spends) {
        let Err(error) = self.client().start(spends, started_at()) else {
            panic!("the credential should not be sendable")
        };
        assert_eq!(error.class(), Class::ClientMisconfigured);
        let Fate::Unspent(returned) = error.fate else {
            panic!("it was not sent, so it is unspent")
        };
        self.assert_holds(&returned, spends);
    }

    /// The request of a client that was made here goes there.
    #[track_caller]
    pub(super) fn assert_url(&self, at: At<'_>, base_url: &str) {
        let client = self.subject.client(at, &self.given()).expect("the settings can be used");
        self.assert_goes_to(&*client, base_url);
    }

    /// The request of a client goes there.
    #[track_caller]
    pub(super) fn assert_goes_to(&self, client: &dyn Client, base_url: &str) {
        let (request, _) =
            client.start(&self.held(), started_at()).expect("the request can be built");
        let clock = Clock::standing(made::now());
        let wire = self.wire_at(&request, base_url, &self.values, clock);
        expect(&request).url(&format!("{base_url}{}", wire.target()));
    }

    /// A request to the base URL is the one that must be on the wire.
    #[track_caller]
    pub(super) fn assert_request(&self, request: &Request<Vec<u8>>) {
        let wire = self.wire_of(request);
        expect(request).url(&format!("{}{}", self.base_url, wire.target()));
        wire.assert(request);
    }

    /// No answer came, in this way.
    pub(super) fn lost(&self, lost: TransportError) -> Failed {
        self.exchange().1.fail(lost)
    }
}
