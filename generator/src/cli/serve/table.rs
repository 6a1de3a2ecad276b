//! What is needed to call the providers: for people with a shell, and for scripts.
//!
//! Its credentials are made up and meant to be used. The lines about exchanges show none.

use super::super::curl;
use crate::describe;
use crate::markdown::visible;
use rekindle_contract::contract::{AccessUse, Contract, Fault, Given, RefreshWhen};
use rekindle_contract::exchange::render;
use rekindle_testkit::serve::Serving;
use rekindle_testkit::{Fake, Held, Reference};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// All that is needed.
pub(super) struct Table {
    seed: u64,
    speed: f64,
    control: String,
    /// First those that can be called at once.
    providers: Vec<Row>,
}

struct Row {
    contract: Contract,
    base_url: String,
    client: BTreeMap<String, String>,
    held: Held,
    lines: Vec<Line>,
}

/// A line to be pasted.
struct Line {
    name: &'static str,
    words: String,
    curl: String,
}

impl Line {
    fn new(name: &'static str, words: impl Into<String>, curl: String) -> Self {
        let words = words.into();
        Self { name, words, curl }
    }
}

impl Table {
    /// Signs in to each provider, so that there is something to call it with.
    pub(super) fn of(fakes: &[Fake], serving: &Serving, seed: u64, speed: f64) -> Self {
        let control = serving.control_url().unwrap_or_default();
        let row = |fake: &Fake| Row::of(fake, &control);
        let mut providers: Vec<Row> = fakes.iter().map(row).collect();
        // For those that must be waited for time is moved, and others may be too late then.
        providers.sort_by_key(Row::waits);
        Self { seed, speed, control, providers }
    }

    /// Lines that are about no provider in particular.
    fn lines(&self) -> Vec<Line> {
        let advance = format!("{}/advance", self.control);
        let advance = curl::post(&advance, r#"{"by":"25h"}"#);
        vec![
            Line::new("overview", "what is played", format!("curl -i {}", self.control)),
            Line::new("advance", "let 25 hours pass", advance),
        ]
    }

    pub(super) fn for_people(&self) -> String {
        let mut text = String::new();
        for row in &self.providers {
            text += &row.for_people();
            text.push('\n');
        }
        text += &format!("control endpoint: {}, seed {}", self.control, self.seed);
        if self.speed != 1.0 {
            text += &format!(", time passes {} times as fast", self.speed);
        }
        text.push('\n');
        text += &pasted(&self.lines());
        let names: Vec<&str> = Fault::ALL.iter().map(|fault| fault.name()).collect();
        text += &format!("faults: {}\n\nCtrl-C ends it.\n", names.join(", "));
        text
    }

    pub(super) fn for_machines(&self) -> Value {
        let providers: Vec<Value> = self.providers.iter().map(Row::for_machines).collect();
        let faults: Vec<&str> = Fault::ALL.iter().map(|fault| fault.name()).collect();
        json!({
            "control": self.control,
            "seed": self.seed,
            "clock_speed": self.speed,
            "curl": by_name(&self.lines()),
            "faults": faults,
            "providers": providers,
        })
    }
}

impl Row {
    fn of(fake: &Fake, control: &str) -> Self {
        let mut provider = fake.provider();
        let mut row = Self {
            contract: provider.contract().clone(),
            base_url: provider.base_url().to_owned(),
            client: provider.client().clone(),
            held: provider.sign_in(),
            lines: Vec::new(),
        };
        let now = provider.clock().now();
        let ends = provider.access_token_ends(&row.held.access_token);
        let left = ends.map(|ends| ends.duration_since(now).as_secs());
        // What may be used once and is sent with a refresh is not shown before that.
        let once = row.contract.access.use_ == AccessUse::Once
            && row.contract.credential().holds_access_token();
        let shown = if once { provider.sign_in() } else { row.held.clone() };
        drop(provider);
        row.protected(&shown.access_token);
        if row.contract.request.operation.is_local() {
            return row;
        }
        row.wait(control, left);
        let contract = row.contract.clone();
        row.requests(fake, &contract, ["step_1", "step_2", "refresh"], row.exchange());
        if let Some(minting) = contract.minting() {
            let words =
                format!("{}, where no {} can", describe::exchange(&minting), row.exchange());
            row.requests(fake, &minting, ["else_step_1", "else_step_2", "else"], &words);
        }
        row.control(control);
        row
    }

    /// Whether requests may leave this parameter out: the lines do.
    fn is_optional(&self, parameter: &str) -> bool {
        self.contract.client.get(parameter).is_some_and(|parameter| parameter.optional)
    }

    fn exchange(&self) -> &'static str {
        describe::exchange(&self.contract)
    }

    fn push(&mut self, name: &'static str, words: &str, curl: String) {
        self.lines.push(Line::new(name, words, curl));
    }

    fn protected(&mut self, access_token: &str) {
        let curl = curl::protected(&self.contract, &self.base_url, access_token);
        self.push("protected", "show an access token to it", curl);
    }

    /// Where the provider takes no refresh yet: until it does. `left` is what is left of the access token's life, in seconds.
    fn wait(&mut self, control: &str, left: Option<i64>) {
        if let (Some(early), Some(left)) = (self.early(), left) {
            // A second more than it takes, as an end is rarely a whole one.
            let seconds = (left - early + 1).max(1);
            let json = format!(r#"{{"by":"{seconds}s"}}"#);
            let curl = curl::post(&format!("{control}/advance"), &json);
            self.push("wait", "wait until it takes a refresh", curl);
        }
    }

    /// The requests of an exchange, the steps before the last one first. What the steps give out now is in the lines: each of them can be
    /// pasted once.
    fn requests(
        &mut self,
        fake: &Fake,
        contract: &Contract,
        names: [&'static str; 3],
        words: &str,
    ) {
        let now = fake.provider().clock().now();
        let sent = self.client.iter().filter(|(name, _)| !self.is_optional(name));
        let sent: BTreeMap<String, String> =
            sent.map(|(name, value)| (name.clone(), value.clone())).collect();
        let at = Reference::new(contract.clone()).at(&self.base_url);
        let client = sent.iter().fold(at, |client, (name, value)| client.with_client(name, value));
        let mut carry = |request| Ok(fake.provider().handle(&request).response);
        let client = client.prepared(&self.held, now, &mut carry).unwrap_or(client);
        let given = Given {
            environment: None,
            base_url: Some(self.base_url.clone()),
            client: sent,
            access_token: Some(self.held.access_token.clone()),
            refresh_token: self.held.refresh_token.clone(),
            values: client.values(&self.held, now),
            at: now,
        };
        let [one, two, last] = names;
        for (name, step) in [one, two].into_iter().zip(&contract.steps) {
            if let Ok(request) = render(&contract.of_step(step), &given) {
                self.push(name, &format!("the step {} before it", step.id), curl::line(&request));
            }
        }
        // All that a request can need is given; where something is refused there is no line. Those behind it need what it is answered.
        if let Ok(request) = render(contract, &given) {
            self.push(last, words, curl::line(&request));
        }
    }

    fn control(&mut self, control: &str) {
        let url = format!("{control}/{}", self.contract.provider.id);
        let plan = curl::post(&format!("{url}/plan"), r#"{"fault":"reset_after"}"#);
        let lost = format!("let the answer of the next {} be lost", self.exchange());
        self.push("plan", &lost, plan);
        if !self.contract.request.operation.mints() {
            let sign_in = curl::post(&format!("{url}/sign-in"), "");
            self.push("sign_in", "sign in again", sign_in);
        }
    }

    /// How many seconds before the access token's end the provider takes a refresh, where it takes none before.
    fn early(&self) -> Option<i64> {
        match self.contract.request.when {
            RefreshWhen::NearExpiry(before) => Some(i64::try_from(before.as_secs()).ok()?),
            RefreshWhen::AfterExpiry => Some(0),
            RefreshWhen::AnyTime | RefreshWhen::BeforeExpiry | RefreshWhen::Unknown => None,
        }
    }

    fn waits(&self) -> bool {
        self.lines.iter().any(|line| line.name == "wait")
    }

    fn for_people(&self) -> String {
        let contract = &self.contract;
        let mut rows = vec![
            ("base URL".to_owned(), self.base_url.clone()),
            (self.exchange().to_owned(), describe::request(contract)),
        ];
        let client = self.client.iter();
        rows.extend(client.map(|(name, value)| {
            let optional = if self.is_optional(name) { ", optional" } else { "" };
            (format!("client {name}{optional}"), value.clone())
        }));
        rows.push(("access token".to_owned(), self.held.access_token.clone()));
        let refresh = self.held.refresh_token.iter();
        rows.extend(refresh.map(|token| ("refresh token".to_owned(), token.clone())));
        let width = rows.iter().map(|(name, _)| name.chars().count()).max();
        let width = width.unwrap_or_default();
        let rows: String = rows
            .iter()
            .map(|(name, value)| format!("  {name:width$}  {}\n", visible(value)))
            .collect();
        format!(
            "{}: {}, {}\n{rows}{}",
            contract.provider.id,
            visible(&contract.provider.name),
            contract.origin.file,
            pasted(&self.lines)
        )
    }

    fn for_machines(&self) -> Value {
        json!({
            "id": self.contract.provider.id,
            "name": self.contract.provider.name,
            "spec": self.contract.origin.file,
            "base_url": self.base_url,
            "method": self.contract.request.method,
            "path": self.contract.request.path.to_string(),
            "client": self.client,
            "access_token": self.held.access_token,
            "refresh_token": self.held.refresh_token,
            "curl": by_name(&self.lines),
        })
    }
}

fn pasted(lines: &[Line]) -> String {
    lines.iter().map(|line| format!("  # {}\n  {}\n", line.words, line.curl)).collect()
}

fn by_name(lines: &[Line]) -> Value {
    let member = |line: &Line| (line.name.to_owned(), Value::String(line.curl.clone()));
    Value::Object(lines.iter().map(member).collect::<Map<_, _>>())
}
