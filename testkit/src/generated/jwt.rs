//! Signed tokens: made, and taken apart.

use super::key::Key;
use super::make::uuid;
use super::{Fault, Filling, LEEWAY, decode, encode};
use jiff::Timestamp;
use rekindle_contract::contract::{
    ASSERTION, Contract, Generated, JsonTemplate, Jwt, Slot, Template, TextEncoding,
};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The access token that a client makes itself at `now`, and its end; `None` where the contract has none, or its key cannot be read.
pub(crate) fn make_token(
    contract: &Contract,
    client: &BTreeMap<String, String>,
    now: Timestamp,
) -> Option<(String, Timestamp)> {
    let jwt = access_token(contract)?;
    let jti = uuid();
    let token = make(contract, jwt, &filling(client, false), now, &jti)?;
    let ends = now.as_second().checked_add_unsigned(jwt.lives.as_secs())?;
    Some((token, Timestamp::from_second(ends).ok()?))
}

/// What is wrong with an access token that a client has made itself. `may_lack`: see [`Filling`].
pub(crate) fn judge_token(
    contract: &Contract,
    client: &BTreeMap<String, String>,
    may_lack: bool,
    token: &str,
    now: Timestamp,
) -> Result<(), Fault> {
    let Some(jwt) = access_token(contract) else {
        return Err(Fault::Wrong("clients make no such token".to_owned()));
    };
    judge(contract, jwt, token, &filling(client, may_lack), now).map(drop)
}

/// The access token of a local operation.
fn access_token(contract: &Contract) -> Option<&Jwt> {
    match contract.request.value(ASSERTION)? {
        Generated::Jwt(jwt) if contract.request.operation.is_local() => Some(jwt),
        _ => None,
    }
}

fn filling(client: &BTreeMap<String, String>, may_lack: bool) -> Filling<'_> {
    Filling {
        client,
        token_url: String::new(),
        access: None,
        refresh: None,
        values: BTreeMap::new(),
        may_lack,
    }
}

/// The token that a client signs at `now`; `None` where something for it is not known, or the key cannot be read.
pub(super) fn make(
    contract: &Contract,
    jwt: &Jwt,
    filling: &Filling<'_>,
    now: Timestamp,
    jti: &str,
) -> Option<String> {
    let (header, mut claims) = expected(contract, jwt, filling, None)?;
    let ends = now.as_second() + i64::try_from(jwt.lives.as_secs()).ok()?;
    claims.insert("iat".to_owned(), json!(now.as_second()));
    claims.insert("exp".to_owned(), json!(ends));
    if jwt.nbf {
        claims.insert("nbf".to_owned(), json!(now.as_second()));
    }
    if jwt.jti {
        claims.insert("jti".to_owned(), json!(jti));
    }
    let part = |part: Map<String, Value>| {
        encode(Value::Object(part).to_string().as_bytes(), TextEncoding::Base64Url)
    };
    let message = format!("{}.{}", part(header), part(claims));
    let signature = key(jwt, filling)?.sign(message.as_bytes())?;
    Some(format!("{message}.{}", encode(&signature, TextEncoding::Base64Url)))
}

fn key(jwt: &Jwt, filling: &Filling<'_>) -> Option<Key> {
    Key::read(jwt.alg, &filling.text(&jwt.key.text)?, jwt.key.encoding)
}

/// The header, and the claims that do not depend on when and how often the token is made. What the token may lack is expected where
/// those that were `found` hold it.
fn expected(
    contract: &Contract,
    jwt: &Jwt,
    filling: &Filling<'_>,
    found: Option<&Map<String, Value>>,
) -> Option<(Map<String, Value>, Map<String, Value>)> {
    let mut header = Map::new();
    header.insert("alg".to_owned(), json!(jwt.alg.name()));
    header.insert("typ".to_owned(), json!("JWT"));
    for (name, text) in &jwt.header {
        header.insert(name.clone(), json!(filling.text(text)?));
    }
    Some((header, Claims { contract, filling }.members(&jwt.claims, found)?))
}

/// What makes claims.
struct Claims<'a> {
    contract: &'a Contract,
    filling: &'a Filling<'a>,
}

impl Claims<'_> {
    fn members(
        &self,
        members: &[(String, JsonTemplate)],
        found: Option<&Map<String, Value>>,
    ) -> Option<Map<String, Value>> {
        let mut all = Map::new();
        for (name, template) in members {
            let beside = found.and_then(|found| found.get(name));
            if !self.is_absent(template, found.is_some() && beside.is_none()) {
                all.insert(name.clone(), self.value(template, beside)?);
            }
        }
        Some(all)
    }

    fn value(&self, template: &JsonTemplate, found: Option<&Value>) -> Option<Value> {
        Some(match template {
            JsonTemplate::Constant(value) => value.clone(),
            JsonTemplate::Text(text) => json!(self.filling.text(text)?),
            JsonTemplate::List(items) => {
                let beside = |at| found.and_then(|found| found.get(at));
                let items = items.iter().enumerate();
                items.map(|(at, item)| self.value(item, beside(at))).collect::<Option<_>>()?
            }
            JsonTemplate::Object(members) => {
                Value::Object(self.members(members, found.and_then(Value::as_object))?)
            }
        })
    }

    /// Whether a member is an optional parameter and nothing else, and was not given: where that cannot be known, it is `lacking`.
    fn is_absent(&self, template: &JsonTemplate, lacking: bool) -> bool {
        let JsonTemplate::Text(text) = template else { return false };
        let optional = self.contract.optional_in(text);
        optional.is_some_and(|name| {
            !self.filling.client.contains_key(name) || (lacking && self.filling.may_lack)
        })
    }
}

/// What is wrong with a token that arrives at `now`; else its `jti`, where it has one.
pub(super) fn judge(
    contract: &Contract,
    jwt: &Jwt,
    token: &str,
    filling: &Filling<'_>,
    now: Timestamp,
) -> Result<Option<String>, Fault> {
    let parts: Vec<&str> = token.split('.').collect();
    let [head, body, signature] = parts.as_slice() else {
        return Err(Fault::Signature("it is no signed token of three parts".to_owned()));
    };
    let (Some(found), Some(mut claims)) = (object(head), object(body)) else {
        return Err(Fault::Signature("its header or its claims are no JSON object".to_owned()));
    };
    let Some((header, expected)) = expected(contract, jwt, filling, Some(&claims)) else {
        return Err(Fault::Claims("what it should say cannot be told from the request".to_owned()));
    };
    same("header", &header, &found)?;
    let message = &token[..head.len() + 1 + body.len()];
    let key = key(jwt, filling);
    let is_signed = key.zip(decode(signature, TextEncoding::Base64Url));
    if !is_signed.is_some_and(|(key, signature)| key.verify(message.as_bytes(), &signature)) {
        let why = format!("it is not signed by {} with the registered key", jwt.alg);
        return Err(Fault::Signature(why));
    }
    let mut second = |name: &str| {
        let number = claims.remove(name).and_then(|value| value.as_i64());
        number.ok_or_else(|| Fault::Claims(format!("its `{name}` is no number of seconds")))
    };
    let (issued, ends) = (second("iat")?, second("exp")?);
    if jwt.nbf && second("nbf")? != issued {
        return Err(Fault::Claims("its `nbf` is not its `iat`".to_owned()));
    }
    let jti = claims.remove("jti");
    same("claims", &expected, &claims)?;
    let lives = ends.checked_sub(issued).and_then(|lives| u64::try_from(lives).ok());
    if lives != Some(jwt.lives.as_secs()) {
        let declared = jwt.lives.as_secs();
        return Err(Fault::Claims(format!("it does not live for {declared} seconds")));
    }
    let at = |second| Timestamp::from_second(second).unwrap_or(Timestamp::MIN);
    let ahead = at(issued).duration_since(now);
    // What arrives with a request was made for it; an access token may be as old as it lives.
    let is_near = ahead <= LEEWAY && (contract.request.operation.is_local() || ahead >= -LEEWAY);
    if !is_near || at(ends) <= now {
        let why =
            format!("it was issued at {} and ended at {}, and it is {now}", at(issued), at(ends));
        return Err(Fault::Stale(why));
    }
    match (jti, jwt.jti) {
        (None, false) => Ok(None),
        (Some(Value::String(jti)), true) if !jti.is_empty() => Ok(Some(jti)),
        (_, true) => Err(Fault::Claims("it has no `jti`".to_owned())),
        (Some(_), false) => Err(Fault::Claims("it has a `jti`, and none is declared".to_owned())),
    }
}

/// The texts of a token that hold other values of the client, which may stand nowhere else: each with its template.
pub(super) fn read_off<'a>(jwt: &'a Jwt, token: &str) -> Vec<(&'a Template, String)> {
    let mut parts = token.split('.').map(|part| object(part).unwrap_or_default());
    let (header, claims) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let mut read = Vec::new();
    let header = |(name, text): &'a (String, Template)| Some((text, header.get(name)?));
    let mut texts: Vec<_> = jwt.header.iter().filter_map(header).collect();
    let mut left: Vec<(&JsonTemplate, &Value)> = jwt
        .claims
        .iter()
        .filter_map(|(name, template)| Some((template, claims.get(name)?)))
        .collect();
    while let Some((template, value)) = left.pop() {
        match template {
            JsonTemplate::Constant(_) => {}
            JsonTemplate::Text(text) => texts.push((text, value)),
            JsonTemplate::List(items) => {
                left.extend(
                    items.iter().enumerate().filter_map(|(at, it)| Some((it, value.get(at)?))),
                );
            }
            JsonTemplate::Object(members) => {
                left.extend(members.iter().filter_map(|(name, it)| Some((it, value.get(name)?))));
            }
        }
    }
    for (template, value) in texts {
        let holds_value = template.slots().any(|slot| matches!(slot, Slot::Value(_)));
        read.extend(value.as_str().filter(|_| holds_value).map(|text| (template, text.to_owned())));
    }
    read
}

/// The header or the claims of a token.
fn object(part: &str) -> Option<Map<String, Value>> {
    serde_json::from_slice(&decode(part, TextEncoding::Base64Url)?).ok()
}

/// Demands that two objects are the same. What they say is not shown: it may be a credential.
fn same(
    what: &str,
    expected: &Map<String, Value>,
    found: &Map<String, Value>,
) -> Result<(), Fault> {
    let wrong = expected.iter().find(|(name, value)| found.get(*name) != Some(*value));
    if let Some((name, _)) = wrong {
        return Err(Fault::Claims(format!("`{name}` of its {what} is not as declared")));
    }
    if found.len() > expected.len() {
        return Err(Fault::Claims(format!("its {what} say more than what is declared")));
    }
    Ok(())
}
