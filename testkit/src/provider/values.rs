//! What clients make anew for each request.

use super::request::{Reading, bind};
use super::rules::Broken;
use super::{Provider, Rule};
use crate::generated::{Fault, Filling, Judged, has_form, is_judged, judge, read_off};
use rekindle_contract::contract::{Contract, Generated, RefreshWhen, Slot};
use std::collections::BTreeMap;

impl Provider {
    /// Reads the places of what can be read off a value.
    pub(super) fn read_values(&self, reading: &mut Reading) {
        for (name, value) in &self.contract.request.values {
            let texts = reading.all(&Slot::Value(name.clone()));
            let mut read = texts.into_iter().map(|text| read_off(value, text));
            let read = read.find(|read| !read.is_empty());
            for (template, text) in read.into_iter().flatten() {
                reading.bound.extend(bind(template, &text, self).into_iter().flatten());
            }
        }
    }

    /// Whether a text may be this value by its form.
    pub(super) fn may_be_value(&self, name: &str, text: &str) -> bool {
        self.contract.request.value(name).is_some_and(|value| has_form(value, text))
    }

    /// Demands that the client's values are what they should be.
    pub(super) fn check_values(&mut self, reading: &Reading) -> Result<(), Broken> {
        let mut made = Vec::new();
        for (name, verdict) in self.judged(reading, true).1 {
            let once = match verdict {
                Ok(once) => once,
                Err(fault) => {
                    let (rule, why) = match fault {
                        Fault::Wrong(why) => (Rule::ValueWrong, why),
                        Fault::Stale(why) => (Rule::ValueStale, why),
                        Fault::Signature(why) => (Rule::SignatureWrong, why),
                        Fault::Claims(why) => (Rule::ClaimsWrong, why),
                    };
                    let slot = Slot::Value(name);
                    self.rules.demand(rule, false, || format!("`{slot}`: {why}"))?;
                    continue;
                }
            };
            if let Some(once) = once {
                let is_new = !self.state.made.contains(&once);
                self.rules.demand(Rule::ValueReused, is_new, || {
                    format!("`{}` came before", Slot::Value(name))
                })?;
                made.push(once);
            }
        }
        self.state.made.extend(made);
        Ok(())
    }

    /// The values in a request that is otherwise as declared; a complaint where one is not what it should be.
    #[cfg(feature = "conformance")]
    pub(crate) fn values_in(
        &self,
        request: &http::Request<Vec<u8>>,
    ) -> Result<BTreeMap<String, String>, String> {
        let target = self.target(request.uri());
        let path = target.path.unwrap_or_default();
        let contract = self.with_request_at_home(&self.contract);
        let read = super::request::read(&contract, &self.rules, self, path, request);
        // What else is wrong is for others to say.
        let Ok(mut reading) = read else { return Ok(BTreeMap::new()) };
        self.read_values(&mut reading);
        let (values, judged) = self.judged(&reading, false);
        for (name, verdict) in judged {
            verdict.map_err(|fault| format!("`{name}`: {fault:?}"))?;
        }
        Ok(values)
    }

    /// What steps gave out, by name: what the request holds, or else the newest.
    fn given_out(&self, reading: &Reading) -> BTreeMap<String, String> {
        let given = self.state.taken.iter().cloned();
        let sent = reading.bound.iter().filter_map(|(slot, text)| match slot {
            Slot::Taken(name) => Some((name.clone(), text.clone())),
            _ => None,
        });
        given.chain(sent).collect()
    }

    /// The values that a request holds, and what is thought of each.
    fn judged(&self, reading: &Reading, may_lack: bool) -> (BTreeMap<String, String>, Judged) {
        let text = |slot: &Slot| reading.all(slot).first().map(|text| (*text).to_owned());
        let path = self.contract.request.path.render(|slot| match slot {
            Slot::Client(name) => percent_encode(self.client.get(name).map_or("", String::as_str)),
            slot => percent_encode(&text(slot).unwrap_or_default()),
        });
        let mut filling = Filling {
            client: &self.client,
            token_url: format!("{}{path}", self.here()),
            access: text(&Slot::AccessToken),
            refresh: text(&Slot::RefreshToken),
            values: self.given_out(reading),
            may_lack,
        };
        let sent = |slot: &Slot| reading.all(slot);
        let judged = judge(&self.contract, &mut filling, &sent, self.clock.now());
        (filling.values, judged)
    }
}

/// A segment of a path: all but RFC 3986's unreserved characters are encoded.
fn percent_encode(text: &str) -> String {
    const KEPT: &percent_encoding::AsciiSet =
        &percent_encoding::NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
    percent_encoding::utf8_percent_encode(text, KEPT).to_string()
}

/// Whether a provider with this contract has anything to enforce by a rule about values.
pub(super) fn applies(rule: Rule, contract: &Contract) -> bool {
    let request = &contract.request;
    let sent = request.values.iter().filter(|(name, _)| request.sends(&Slot::Value(name.clone())));
    let mut sent = sent.map(|(_, value)| value);
    let is_jwt = |value: &Generated| matches!(value, Generated::Jwt(_));
    match rule {
        Rule::SignatureWrong | Rule::ClaimsWrong => sent.any(is_jwt),
        Rule::ValueStale => {
            sent.any(|value| is_jwt(value) || matches!(value, Generated::Now { .. }))
        }
        // Where a provider makes a client wait between two requests, a signed token has ended before it comes again.
        Rule::ValueReused => {
            let waits =
                matches!(request.when, RefreshWhen::AfterExpiry | RefreshWhen::NearExpiry(_));
            sent.any(|value| value.may_recur() && !(waits && is_jwt(value)))
        }
        _ => sent.any(|value| !is_jwt(value) && is_judged(contract, value)),
    }
}
