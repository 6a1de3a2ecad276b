//! A resource: a page that an access token opens, at a URL that no contract knows.

use super::behaviour::ends_here;
use super::bench::Bound;
use super::run::{Looked, Run};
use super::told::summary;
use super::{Check, Checked, Cost, Deviation, Kind, Verdict, local};
use http::header::{ACCEPT, CONTENT_TYPE, USER_AGENT};
use http::{Request, Response, Uri};
use rekindle_contract::contract::{
    AccessRefusal, AccessUse, Contract, OldAccessToken, RefreshWhen, SentAs, json_document,
};

type Answer = Response<Vec<u8>>;

/// The access token that a request shows to a resource, among its extensions: whoever prints requests knows what not to print.
#[derive(Clone)]
pub struct ShownToken(pub String);

/// What is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Resource {
    /// The token is accepted as the contract has it sent, and nothing else is.
    SentAs,
    /// A wrong token is refused in a declared way.
    RefusedWith,
    /// A refresh does to the earlier token what the contract says.
    AfterRefresh,
}

/// Every check of a contract at the resource at this URL.
pub(super) fn all(contract: &Contract, url: &Uri) -> Vec<Check> {
    let is_local = contract.request.operation.is_local();
    let cost = if is_local { Cost::Nothing } else { Cost::Refresh };
    let told = contract.access.after_refresh != OldAccessToken::Unknown;
    // Else it has died of itself before a refresh, or there is none.
    let lives = contract.request.when != RefreshWhen::AfterExpiry && !is_local;
    let applies = |resource| resource != Resource::AfterRefresh || told && lives;
    let uses_up =
        |resource| resource == Resource::SentAs && contract.access.use_ == AccessUse::Once;
    let check = |resource: Resource| Check {
        id: resource.id().to_owned(),
        title: match uses_up(resource) {
            true => format!("{} This uses the token up.", resource.title()),
            false => resource.title().to_owned(),
        },
        rules: resource.rules().to_vec(),
        cost,
        kind: Kind::Resource(resource, url.clone()),
    };
    ALL.into_iter().filter(|resource| applies(*resource)).map(check).collect()
}

/// Everything that is checked at a resource.
pub(super) const ALL: [Resource; 3] =
    [Resource::SentAs, Resource::RefusedWith, Resource::AfterRefresh];

impl Resource {
    pub(super) fn id(self) -> &'static str {
        match self {
            Self::SentAs => "resource-sent-as",
            Self::RefusedWith => "resource-refused-with",
            Self::AfterRefresh => "resource-after-refresh",
        }
    }

    pub(super) fn title(self) -> &'static str {
        match self {
            Self::SentAs => "The resource accepts an access token as the contract has it sent.",
            Self::RefusedWith => "The resource refuses a wrong access token in a declared way.",
            Self::AfterRefresh => {
                "A refresh does to the earlier access token what the contract says."
            }
        }
    }

    pub(super) fn rules(self) -> &'static [&'static str] {
        match self {
            Self::SentAs => &["R19"],
            Self::RefusedWith => &["R23"],
            Self::AfterRefresh => &["R16"],
        }
    }

    /// Sees what the resource does.
    pub(super) fn see(self, run: &mut Run<'_>, url: &Uri) -> Checked {
        let contract = run.bound.bench.client.contract().clone();
        let once = contract.access.use_ == AccessUse::Once;
        if once && contract.credential().holds_access_token() {
            let why = "an access token may be used once, and the next refresh needs it";
            return Err(Verdict::NotApplicable(why.to_owned()));
        }
        let looked = looked(run, &contract, url);
        if self == Self::SentAs {
            return sent_as(&contract, &looked?);
        }
        let looked = looked.map_err(|verdict| match verdict {
            Verdict::Fail(_) => {
                unknown("the resource accepts no token as the contract has it sent")
            }
            verdict => verdict,
        })?;
        match self {
            Self::SentAs => Ok(()),
            Self::RefusedWith => refused_with(&contract, &looked),
            Self::AfterRefresh if once => {
                let why = "an access token may be used once: none is shown twice";
                Err(Verdict::NotApplicable(why.to_owned()))
            }
            Self::AfterRefresh => after_refresh(&mut run.bound, &contract, url, &looked),
        }
    }
}

fn unknown(why: impl Into<String>) -> Verdict {
    Verdict::CouldNotTell(why.into())
}

/// What the resource answers; it is asked once.
fn looked(run: &mut Run<'_>, contract: &Contract, url: &Uri) -> Checked<Looked> {
    if let Some(looked) = &run.looked {
        return looked.clone();
    }
    let looked = token(run, contract).and_then(|token| look(&mut run.bound, contract, url, &token));
    run.looked = Some(looked.clone());
    looked
}

/// An access token that is as good as new.
fn token(run: &mut Run<'_>, contract: &Contract) -> Checked<String> {
    if contract.request.operation.is_local() {
        let now = run.bound.now()?;
        return local::made(&run.bound, contract, now);
    }
    let brought = run.first()?.tokens(contract);
    brought
        .map(|held| held.access_token)
        .map_err(|_| unknown("the first refresh brought no tokens"))
}

fn look(bound: &mut Bound<'_>, contract: &Contract, url: &Uri, token: &str) -> Checked<Looked> {
    let good = show(bound, contract, url, Some(token))?;
    let bare = show(bound, contract, url, None)?;
    let status = good.status().as_u16();
    if !good.status().is_success() || is_refused(contract, &good) {
        let is_of_no_token = matches!(status, 400 | 403) && bare.status() == good.status();
        if status != 401 && !is_refused(contract, &good) && !is_of_no_token {
            return Err(unknown(format!(
                "the resource answers a good access token with {}, which says nothing of the token: give the URL of a page that the \
                 grant may read",
                summary(&good)
            )));
        }
        let place = place(&contract.access.carrier());
        let seen = format!("the access token is refused {place}: {}", summary(&good));
        let expected = format!("an access token that is as good as new, {place}: accepted");
        let hint = "the resource looks for the token elsewhere, or the token is not for this resource: look at its scope";
        return Err(Deviation::new(expected, seen)
            .about("tokens.access.sent_as")
            .hint(hint)
            .into());
    }
    if is_alike(contract, &good, &bare) {
        return Err(unknown(format!(
            "the resource answers with status {status} without a token as well: it needs none, or does not find it where the contract \
             has it sent (`tokens.access.sent_as`)"
        )));
    }
    let wrong = show(bound, contract, url, Some(&mangled(token)))?;
    Ok(Looked { good, wrong })
}

/// Reads the resource with a token, or without one.
fn show(
    bound: &mut Bound<'_>,
    contract: &Contract,
    url: &Uri,
    token: Option<&str>,
) -> Checked<Answer> {
    let carrier = contract.access.carrier();
    let address = url.to_string();
    // Some APIs refuse whoever does not say who asks.
    let request = Request::get(token.map_or(address.clone(), |token| carrier.url(&address, token)))
        .header(USER_AGENT, "rekindle")
        .header(ACCEPT, "*/*");
    let request = match token.and_then(|token| carrier.header(token)) {
        Some((name, value)) => request.header(name, value),
        None => request,
    };
    let request = request.body(Vec::new());
    let mut request = request.map_err(|_| unknown("no request can hold the access token"))?;
    if let Some(token) = token {
        request.extensions_mut().insert(ShownToken(token.to_owned()));
    }
    let answer = (bound.bench.carry)(request);
    let answer = answer.map_err(|lost| unknown(format!("the resource: {lost}")))?;
    let stumbles = answer.status().is_server_error() || answer.status() == 429;
    if stumbles && !is_refused(contract, &answer) {
        return Err(unknown(format!("the resource answers with {}", summary(&answer))));
    }
    Ok(answer)
}

/// Whether an answer refuses the token in a way that the contract declares.
fn is_refused(contract: &Contract, answer: &Answer) -> bool {
    let media_type = answer.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    contract.access.is_refused_by(answer.status().as_u16(), media_type, answer.body())
}

/// Whether two answers say the same of the token: both are a success or have the same status, and hold the same where refusals are told.
fn is_alike(contract: &Contract, one: &Answer, other: &Answer) -> bool {
    let [own, others] = [one, other].map(|answer| json_document(answer.body()));
    let mut fields = contract.access.refusing_fields().map(|refusal| &refusal.field.field);
    let are_successes = one.status().is_success() && other.status().is_success();
    (are_successes || one.status() == other.status())
        && fields.all(|field| {
            let [own, others] = [&own, &others].map(|json| field.find(json.as_ref()?));
            own == others
        })
}

/// A token of the same form that was never issued: of a JWT, another signature; of hex digits, others. The last character stays, as not
/// every one ends Base64.
fn mangled(token: &str) -> String {
    let (kept, changed) = token.split_at(token.rfind('.').map_or(0, |at| at + 1));
    let last = changed.char_indices().last().map_or(0, |(at, _)| at);
    let (changed, last) = changed.split_at(last);
    let turned = changed.chars().map(|character| match character {
        'f' | 'z' => 'a',
        'F' | 'Z' => 'A',
        '9' => '0',
        other if other.is_ascii_alphanumeric() => char::from(other as u8 + 1),
        other => other,
    });
    let mangled = format!("{kept}{}{last}", turned.collect::<String>());
    if mangled == token { mangled + "A" } else { mangled }
}

fn sent_as(contract: &Contract, looked: &Looked) -> Checked {
    if is_alike(contract, &looked.good, &looked.wrong) {
        let seen = format!("a mangled access token is accepted: {}", summary(&looked.wrong));
        let deviation = Deviation::new("a mangled access token: refused", seen);
        let hint = "the provider is laxer here than its contract says; clients need no change";
        return Err(Verdict::Note(deviation.about("tokens.access.sent_as").hint(hint)));
    }
    Ok(())
}

fn refused_with(contract: &Contract, looked: &Looked) -> Checked {
    let wrong = &looked.wrong;
    if is_alike(contract, &looked.good, wrong) {
        return Err(unknown("the resource accepts a mangled access token"));
    }
    if is_refused(contract, wrong) {
        return Ok(());
    }
    let seen = format!("a mangled access token is refused otherwise: {}", summary(wrong));
    let expected = format!("a mangled access token: refused with {}", declared(contract));
    let hint = "a session refreshes early on a declared answer alone: add this one, unless the page says that a dead token gets another";
    let deviation = Deviation::new(expected, seen).about("tokens.access.refused_with").hint(hint);
    let status = wrong.status().as_u16();
    let mut fields = contract.access.refusing_fields();
    // The field may hold another code for a token that has died than for one that never lived.
    Err(match fields.any(|refusal| refusal.status.iter().any(|range| range.contains(status))) {
        true => Verdict::Note(deviation),
        false => deviation.into(),
    })
}

fn after_refresh(
    bound: &mut Bound<'_>,
    contract: &Contract,
    url: &Uri,
    looked: &Looked,
) -> Checked {
    if let Some(why) = ends_here(contract) {
        return Err(Verdict::NotApplicable(why.to_owned()));
    }
    let held = bound.ready()?;
    let old = held.access_token.clone();
    let accepts = |bound: &mut Bound<'_>, token: &str| {
        let answer = show(bound, contract, url, Some(token))?;
        Ok::<_, Verdict>(is_alike(contract, &looked.good, &answer))
    };
    if !accepts(bound, &old)? {
        return Err(unknown("the earlier access token is refused before the refresh as well"));
    }
    let new = bound.renew(&held)?.access_token;
    if new == old {
        return Err(unknown("the refresh brought the same access token again"));
    }
    let lives = accepts(bound, &old)?;
    let now = bound.now()?;
    let wrong = |expected: &str, seen: &str| -> Checked {
        Err(Deviation::new(expected, seen).about("tokens.access.after_refresh").into())
    };
    match contract.access.after_refresh {
        OldAccessToken::Valid | OldAccessToken::RevokedOnFirstUse if !lives => {
            if held.access_expires.has_passed(now) {
                return Err(unknown("the earlier access token has just died of itself"));
            }
            wrong(
                "the earlier access token, after the refresh: accepted",
                "the earlier access token is refused after the refresh",
            )
        }
        OldAccessToken::Revoked if lives => wrong(
            "the earlier access token, after the refresh: refused",
            "the earlier access token is accepted after the refresh",
        ),
        OldAccessToken::RevokedOnFirstUse => {
            if !accepts(bound, &new)? {
                return Err(unknown("the new access token is not accepted"));
            }
            match accepts(bound, &old)? {
                false => Ok(()),
                true => wrong(
                    "the earlier access token, once the new one was used: refused",
                    "the earlier access token is accepted although the new one was used",
                ),
            }
        }
        OldAccessToken::Valid | OldAccessToken::Revoked | OldAccessToken::Unknown => Ok(()),
    }
}

/// How a request carries the token, in words.
fn place(carrier: &SentAs) -> String {
    match carrier {
        SentAs::Header { name, scheme: Some(scheme) } => format!("as `{name}: {scheme} …`"),
        SentAs::Header { name, scheme: None } => format!("as `{name}: …`"),
        SentAs::Cookie(name) => format!("in the cookie `{name}`"),
        SentAs::Query(name) => format!("in the query's parameter `{name}`"),
    }
}

/// How the contract says that a dead token is refused, in words.
fn declared(contract: &Contract) -> String {
    let ways = contract.access.refused_with.iter().map(|refusal| match refusal {
        AccessRefusal::Status(status) => format!("status {status}"),
        AccessRefusal::Field(refusal) => {
            format!("a field `{}` that says so", refusal.field.field)
        }
    });
    ways.collect::<Vec<_>>().join(" or ")
}

#[cfg(test)]
mod tests {
    use super::mangled;

    #[test]
    fn a_mangled_token_has_the_form_of_the_token() {
        for (token, expected) in [
            ("eyJh.eyJz.Az9_-Q", "eyJh.eyJz.Ba0_-Q"),
            ("gho_Zz9x", "hip_Aa0x"),
            ("00ffaa99", "11aabb09"),
            ("DEADBEEF", "EFBECFFF"),
            ("6f18f26a-3e95-4d95-a6e5-3d5c6e5c9e5f", "7a29a37b-4f06-5e06-b7f6-4e6d7f6d0f6f"),
            ("A", "AA"),
            ("--", "--A"),
            ("a.", "a.A"),
            ("", "A"),
            ("añ", "bñ"),
        ] {
            assert_eq!(mangled(token), expected, "{token}");
            assert_ne!(expected, token);
        }
    }
}
