//! What the earlier requests of an exchange brought for the later ones.

use std::sync::Arc;

use super::Result;
use crate::json::Json;
use crate::{BaseUrl, Class, Error, ErrorKind, Secret};

/// What the answers so far have brought for later requests, by the names of the step and the value: `challenge.nonce`. It is never
/// shown, and is wiped from memory.
#[derive(Debug, Default)]
pub struct Taken {
    base: Option<Arc<BaseUrl>>,
    values: Vec<(&'static str, Secret)>,
}

impl Taken {
    /// Nothing so far, of a provider with this base URL.
    pub(super) fn at(base: Option<Arc<BaseUrl>>) -> Self {
        Self { base, values: Vec::new() }
    }

    /// The value of this name; empty where none was taken, which no generated client asks for.
    pub(super) fn get(&self, name: &str) -> &str {
        let mut values = self.values.iter();
        values.find(|(found, _)| *found == name).map_or("", |(_, value)| value.expose())
    }

    /// Takes a text, as [`required_token`](Json::required_token) does.
    ///
    /// # Errors
    /// It is missing, or is no such text.
    pub fn text(&mut self, name: &'static str, place: Json<'_>) -> Result<()> {
        let text = place.required_token(short(name))?;
        self.values.push((name, text.into()));
        Ok(())
    }

    /// Takes a whole number.
    ///
    /// # Errors
    /// It is missing, or is none.
    pub fn integer(&mut self, name: &'static str, place: Json<'_>) -> Result<()> {
        if place.is_absent() {
            return Err(Error::missing(short(name)));
        }
        let number = place.as_i64();
        let number = number.ok_or_else(|| Error::wrong_type(short(name), place.type_name()))?;
        self.values.push((name, number.to_string().into()));
        Ok(())
    }

    /// Takes an address, which is where the base URL is, or at one of `hosts`.
    ///
    /// # Errors
    /// It is missing, is no text, or no request may go there.
    pub fn url(
        &mut self,
        name: &'static str,
        place: Json<'_>,
        hosts: &[&'static str],
    ) -> Result<()> {
        let address = place.required_text(short(name))?;
        let base = self.base.as_ref().map_or("", |base| base.as_str());
        if !rekindle_syntax::is_bounded_address(address, base, hosts) {
            let problem =
                "the answer sends the next request to an address that the contract does not allow";
            return Err(Error::new(Class::ContractViolation, ErrorKind::InvalidUrl { problem }));
        }
        self.values.push((name, address.into()));
        Ok(())
    }
}

/// The name without that of the step, which errors name themselves.
fn short(name: &'static str) -> &'static str {
    name.split_once('.').map_or(name, |(_, name)| name)
}
