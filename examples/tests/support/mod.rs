//! A fake WeTix on a port of this machine, as `rekindle serve` plays it, and the example programs run against it.
#![allow(dead_code, reason = "each test file uses its own part")]

mod program;

#[allow(unused_imports, reason = "each test file uses its own part")]
pub use program::{Ended, Running};

use std::process::Command;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use rekindle_contract::contract::{Contract, Fault, Trouble};
use rekindle_testkit::provider::{Provider, Verdict};
use rekindle_testkit::serve::{Exchange, Options, Serving};
use rekindle_testkit::{Clock, Fake, assert_silent};

/// A test that waits longer than this for something has failed.
pub const PATIENCE: Duration = Duration::from_secs(60);
/// How long access tokens live here: less than refresh tokens do, which is 30 days.
const LIFE: Duration = Duration::from_secs(60 * 60);

/// A fake WeTix.
pub struct Wetix {
    fake: Fake,
    serving: Serving,
    exchanges: Receiver<Exchange>,
}

impl Wetix {
    /// Where an answer is late, it is so by this much.
    pub fn start(late: Duration) -> Self {
        let contract = include_str!("../../../generated/contracts/wetix.json");
        let mut contract: Contract = serde_json::from_str(contract).expect("a contract");
        contract.access.usual_lifetime = Some(LIFE);
        let clock = Clock::running(1.0);
        let fake = Fake::new(Provider::new(contract).with_clock(clock));
        let (tell, exchanges) = channel();
        let options = Options {
            late,
            observer: Some(Box::new(move |exchange| drop(tell.send(exchange.clone())))),
            ..Options::default()
        };
        let serving = Serving::start(vec![fake.clone()], options).expect("a port");
        Self { fake, serving, exchanges }
    }

    /// One of the programs, with nothing in its environment but where WeTix is: the rest is as `rekindle serve` has it.
    pub fn program(&self, path: &str) -> Command {
        let mut command = Command::new(path);
        command.env_clear();
        command.env("WETIX_URL", self.serving.url("wetix").expect("its URL"));
        command
    }

    /// Signs a person in: the first refresh token.
    pub fn sign_in(&self) -> String {
        self.fake.provider().sign_in().refresh_text().to_owned()
    }

    /// Lets every access token die at the provider, before its time for those who hold it.
    pub fn expire(&self) {
        self.fake.clock().advance(LIFE * 2);
    }

    /// Ends every grant.
    pub fn revoke(&self) {
        self.fake.provider().revoke_all();
    }

    /// The next refresh takes place, and its answer is late.
    pub fn hold_next_answer(&self) {
        self.fake.plan([Some(Trouble::Fault(Fault::LateAnswer))]);
    }

    /// Waits until an answer is being held.
    pub fn wait_for_held(&self) {
        loop {
            let exchange = self.exchanges.recv_timeout(PATIENCE);
            if exchange.expect("a refresh").trouble.is_some() {
                return;
            }
        }
    }

    /// How many refreshes brought new tokens.
    pub fn refreshes(&self) -> usize {
        let arrived = self.fake.arrived();
        let issued = arrived.iter().filter(|arrived| arrived.verdict == Some(Verdict::Issued));
        issued.count()
    }

    /// No text shows a token that has ever been sent.
    #[track_caller]
    pub fn assert_silent<'a>(&self, texts: impl IntoIterator<Item = &'a str>) {
        let mut tokens = Vec::new();
        for arrived in self.fake.arrived() {
            let header = arrived.request.headers().get("authorization");
            let header = header.and_then(|value| value.to_str().ok());
            tokens.extend(header.and_then(|value| Some(value.split_once(' ')?.1.to_owned())));
            let body: serde_json::Value =
                serde_json::from_slice(arrived.request.body()).unwrap_or_default();
            tokens.extend(body["refresh_token"].as_str().map(str::to_owned));
        }
        assert!(tokens.len() > 1, "nothing was sent");
        tokens.push("synthetic-client-secret".to_owned());
        let secrets: Vec<&str> = tokens.iter().map(String::as_str).collect();
        for text in texts {
            assert_silent(&secrets, text);
        }
    }
}

impl Drop for Wetix {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let exchanges: Vec<Exchange> = self.exchanges.try_iter().collect();
            for exchange in exchanges {
                eprintln!("{exchange}");
            }
        }
    }
}
