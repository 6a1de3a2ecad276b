//! What the host of a URL says: whether it is anybody's, whose it is, and which of the provider's environments.

use super::Problem;
use super::meaning::{Piece, is_module, pieces, placeholder};
use rekindle_syntax::{Authority, HostProblem};
use serde_json::{Map, Value};

/// Second labels under which the registries of countries register names: `co.uk`, `com.br`.
const SECOND: &[&str] = &["ac", "co", "com", "edu", "go", "gob", "gov", "ne", "net", "or", "org"];

/// Labels that say what a host is for, and not whose it is.
const SERVICE: &[&str] = &[
    "account", "accounts", "api", "apis", "app", "auth", "connect", "id", "identity", "login",
    "oauth", "oauth2", "sandbox", "secure", "sso", "test", "token", "www",
];

/// Words of hosts that name an environment, and its name.
const ENVIRONMENTS: &[(&str, &str)] = &[
    ("sandbox", "sandbox"),
    ("test", "test"),
    ("testing", "test"),
    ("staging", "staging"),
    ("demo", "demo"),
    ("dev", "dev"),
];

/// Words of hosts that name a region. A number may stand behind one: `us2`.
const REGIONS: &[&str] = &[
    "africa", "america", "americas", "ap", "apac", "asia", "au", "br", "ca", "ch", "cn", "de",
    "emea", "es", "eu", "europe", "fr", "gb", "hk", "il", "india", "it", "jp", "kr", "latam", "me",
    "mx", "na", "nl", "nz", "sa", "se", "sg", "uae", "uk", "us", "usa", "za",
];

/// Words that follow the region in the name of one of its data centers: `us-east-1`.
const POINTS: &[&str] = &[
    "central",
    "east",
    "gov",
    "north",
    "northeast",
    "northwest",
    "south",
    "southeast",
    "southwest",
    "west",
];

/// The labels of the host in a base URL but for its public suffix: the last one is the name that somebody registered.
fn labels(base: &str) -> Vec<String> {
    let host = base.split_once("://").map_or(base, |(_, host)| host).replace("${client.", "${");
    let host = host.split([':', '/']).next().unwrap_or_default();
    let mut labels: Vec<String> = host.split('.').map(str::to_owned).collect();
    if labels.last().is_some_and(|top| top.starts_with('$')) {
        return labels;
    }
    let top = labels.pop().unwrap_or_default();
    if top.len() == 2
        && labels.len() > 1
        && SECOND.iter().any(|it| labels.last().is_some_and(|last| last == it))
    {
        labels.pop();
    }
    labels
}

/// The words of the name that somebody registered, and those behind it that name an environment: `gusto` and `demo` of `gusto-demo`.
fn registered(label: &str) -> (Vec<&str>, Vec<&str>) {
    let (first, rest) = label.split_once('-').unwrap_or((label, ""));
    let rest = rest.split('-').filter(|word| !word.is_empty());
    let (kinds, others): (Vec<&str>, Vec<&str>) = rest.partition(|word| kind(word).is_some());
    ([vec![first], others].concat(), kinds)
}

/// The name of the environment that a word names.
fn kind(word: &str) -> Option<&'static str> {
    ENVIRONMENTS.iter().find(|(known, _)| *known == word).map(|(_, name)| *name)
}

/// The name in a host that may be a provider's id: `cal` of `https://api.cal.com`. One that Rust has taken gets an addition.
pub(super) fn id(base: &str) -> Option<String> {
    let labels = labels(base);
    let own = labels.last().and_then(|label| module_of(&registered(label).0.join("-")));
    own.or_else(|| {
        let others = labels.iter().rev().filter(|it| !SERVICE.contains(&it.as_str()));
        others.filter_map(|label| module_of(label)).next()
    })
}

/// The id of what is called so, `acme_bank` of `Acme Bank`: its words in small letters. One that Rust has taken gets an addition.
pub(super) fn module_of(name: &str) -> Option<String> {
    let words: Vec<&str> = name.split([' ', '-', '_']).filter(|word| !word.is_empty()).collect();
    let id = words.join("_").to_lowercase();
    [format!("{id}_api"), id].into_iter().rev().find(|id| is_module(id))
}

/// The words of a host but for the name in it: whom it serves, and where.
fn words(base: &str) -> Vec<String> {
    let labels = labels(base);
    let Some((own, before)) = labels.split_last() else { return Vec::new() };
    let before = before.iter().flat_map(|label| label.split('-'));
    before.chain(registered(own).1).map(str::to_owned).collect()
}

/// The name of the environment that a base URL is the host of: its kind and its region, `production` where neither is said.
pub(super) fn environment(base: &str) -> String {
    let words = words(base);
    let kind = words.iter().find_map(|word| kind(word)).map(str::to_owned);
    let said: Vec<String> = kind.into_iter().chain(region(&words)).collect();
    if said.is_empty() { "production".to_owned() } else { said.join("_") }
}

/// The region among the words of a host, and what of it they say: `eu`, `us_east_1`.
fn region(words: &[String]) -> Option<String> {
    let at = words.iter().position(|word| is_region(word))?;
    let is_number = |word: &&String| word.len() <= 2 && word.bytes().all(|it| it.is_ascii_digit());
    let mut rest = words[at + 1..].iter().peekable();
    let mut region = vec![words[at].as_str()];
    while let Some(point) = rest.next_if(|word| POINTS.contains(&word.as_str())) {
        region.push(point);
    }
    region.extend(rest.next_if(|word| is_number(word)).map(String::as_str));
    Some(region.join("_"))
}

fn is_region(word: &str) -> bool {
    let (name, number) = word.split_at(word.trim_end_matches(|c: char| c.is_ascii_digit()).len());
    REGIONS.contains(&name) && number.len() <= 2
}

/// Puts a base URL beside others, under a name that none of them has: by its own words where the kind and the region do not tell them
/// apart.
pub(super) fn insert(environments: &mut Map<String, Value>, base: String) {
    if environments.values().any(|known| *known == base) {
        return;
    }
    let words = words(&base);
    let own = words.iter().filter(|word| !SERVICE.contains(&word.as_str()));
    let own = own.map(String::as_str).collect::<Vec<_>>().join("_");
    let all = words.join("_");
    let name = environment(&base);
    // `accounts.acme.com`, `accounts.acme.eu`.
    let is_other = |top: &&str| {
        let mut known = environments.values().filter_map(|it| self::top(it.as_str()?));
        top.len() == 2 && known.all(|known| known != *top)
    };
    let country = top(&base).filter(is_other).unwrap_or_default();
    let both = if country.is_empty() { String::new() } else { format!("{name}_{country}") };
    let numbered = (2..).map(|number| format!("{name}_{number}"));
    let mut names = [name.clone(), country.to_owned(), own, both, all]
        .into_iter()
        .filter(|it| is_module(it))
        .chain(numbered);
    if let Some(free) = names.find(|name| !environments.contains_key(name)) {
        environments.insert(free, base.into());
    }
}

/// Whether the name of the environment that a base URL is the host of is a guess: a label before the name says something more.
pub(super) fn is_guess(base: &str) -> bool {
    let labels = labels(base);
    let before = labels.split_last().map_or(&[][..], |(_, before)| before);
    // Such as `account-d`: a service, and which one of several.
    let mut words = before.iter().filter(|it| it.contains('-')).flat_map(|it| it.split('-'));
    environment(base) == "production"
        && is_named(base)
        && words.any(|word| !word.starts_with('$') && !SERVICE.contains(&word))
}

/// The last label of the host in a base URL, where that is a name.
fn top(base: &str) -> Option<&str> {
    let host = base.split_once("://").map_or(base, |(_, host)| host);
    let (_, top) = host.split([':', '/', '[']).next()?.rsplit_once('.')?;
    (top.len() > 1 && top.bytes().all(|it| it.is_ascii_alphabetic())).then_some(top)
}

/// Whether the host of a base URL is a name, and no address or name of this machine.
fn is_named(base: &str) -> bool {
    top(base).is_some()
}

/// A URL of the same registered domain that is nobody's: `https://synthetic.acme.io` for `https://our-team.acme.io/x`.
pub(super) fn synthetic(url: &str) -> String {
    let host = url.split_once("://").map_or(url, |(_, rest)| rest);
    let host = host.split(['/', '?', '#', ':', '\\']).next().unwrap_or_default();
    let labels: Vec<&str> = host.split('.').collect();
    let country = labels.last().is_some_and(|top| top.len() == 2)
        && labels.len() > 2
        && SECOND.contains(&labels[labels.len() - 2]);
    let own = labels.len().checked_sub(if country { 3 } else { 2 });
    let domain = own.and_then(|own| labels.get(own..)).unwrap_or_default();
    let is_domain = is_named(host) && !is_stand_in(host) && domain.iter().all(|it| is_label(it));
    match is_domain {
        true if domain.len() == labels.len() => format!("https://{host}").to_ascii_lowercase(),
        true => format!("https://synthetic.{}", domain.join(".")).to_ascii_lowercase(),
        false => "https://synthetic.example".to_owned(),
    }
}

/// Whether a label of a host is one word in capitals, and the others are not: `COMPANY` of `COMPANY.acme.io`.
pub(super) fn is_placed(label: &str, host: &str) -> bool {
    label.len() > 2
        && label.starts_with(|c: char| c.is_ascii_uppercase())
        && label.bytes().all(|it| it.is_ascii_uppercase() || b"_-".contains(&it))
        && host.bytes().any(|it| it.is_ascii_lowercase())
}

/// Whether a host is nobody's and stands for another: a domain of RFC 2606 section 3, or one word in capitals as in `http://SERVER_URL`.
pub(super) fn is_stand_in(host: &str) -> bool {
    let host = host.split(':').next().unwrap_or_default();
    let lower = host.to_ascii_lowercase();
    let reserved = ["example.com", "example.net", "example.org"];
    let is_reserved =
        |name: &str| lower.strip_suffix(name).is_some_and(|it| it.is_empty() || it.ends_with('.'));
    let is_capital =
        |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || b"_-".contains(&byte);
    reserved.into_iter().any(is_reserved)
        || host.len() > 2
            && host.starts_with(|c: char| c.is_ascii_uppercase())
            && host.bytes().all(is_capital)
}

/// A label of a public host. One that begins with many digits, or is long and mixed, is somebody's own.
pub(super) fn is_label(label: &str) -> bool {
    let digits = label.bytes().filter(u8::is_ascii_digit).count();
    let (label, port) = label.split_once(':').unwrap_or((label, "0"));
    let port_is_one = port.len() <= 5 && port.bytes().all(|byte| byte.is_ascii_digit());
    let letters = label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    // An address of this machine.
    let address =
        !label.is_empty() && label.len() <= 3 && label.bytes().all(|byte| byte.is_ascii_digit());
    let plain = label.to_ascii_lowercase().split('-').all(|word| {
        let word = word.trim_matches(|c: char| c.is_ascii_digit());
        word.len() <= 20 && word.bytes().all(|byte| byte.is_ascii_alphabetic())
    });
    letters
        && port_is_one
        && placeholder(label).is_none()
        && (address || plain && digits <= 9 && label.len() <= 40)
}

/// An address in brackets (RFC 3986 section 3.2.2), and a port perhaps.
pub(super) fn is_ipv6(host: &str) -> bool {
    let (address, port) = host.rsplit_once(']').unwrap_or((host, ""));
    let address = address.strip_prefix('[').unwrap_or_default();
    let port = port.strip_prefix(':').unwrap_or(port);
    address.parse::<std::net::Ipv6Addr>().is_ok()
        && (port.is_empty() || port.parse::<u16>().is_ok())
}

/// Refuses a scheme that stands in the place of a host.
pub(super) fn refuse_odd_scheme(host: &str, path: &str) -> Result<(), Problem> {
    let scheme = host.to_ascii_lowercase();
    if ["http", "https"].contains(&scheme.trim_end_matches(':')) && !path.is_empty() {
        let message = match path.starts_with("//") && scheme.ends_with(':') {
            true => "the URL has two schemes",
            false => "the URL has a scheme without `://` behind it",
        };
        return Err(Problem::new(
            message,
            "write it with one: https://id.acme.example/oauth/token",
        ));
    }
    Ok(())
}

/// Refuses what stands in the place of a host and is none: it would be taken for somebody's own part of one.
pub(super) fn refuse_no_host(host: &str) -> Result<(), Problem> {
    let all = pieces(host);
    let texts = all.iter().filter_map(|piece| match piece {
        Piece::Text(text) => Some(*text),
        Piece::Place(_) => None,
    });
    if texts.clone().any(|text| !text.is_ascii()) {
        return Err(Problem::new(
            "the host of the URL has letters beyond ASCII",
            "write it as DNS has it, each such label in its form that begins with `xn--`",
        ));
    }
    let is_sign = |byte: u8| !byte.is_ascii_alphanumeric() && !b"-_:".contains(&byte);
    let mut labels = texts.flat_map(|text| text.split('.'));
    match labels.any(|label| label.bytes().any(is_sign) && placeholder(label).is_none()) {
        true => Err(no_host("the host of the URL holds signs that no host has")),
        false => Ok(()),
    }
}

/// Refuses a host that would be none, whatever stands in the place of its references.
pub(super) fn refuse_unfit(host: &str) -> Result<(), Problem> {
    let filled = host.split("${").map(|part| match part.split_once('}') {
        Some((_, rest)) => format!("x{rest}"),
        None => part.to_owned(),
    });
    match Authority::read(&filled.collect::<String>()) {
        Ok(_) => Ok(()),
        Err(why @ (HostProblem::Host | HostProblem::Label)) => Err(no_host(why.words())),
        Err(why) => Err(no_host(&format!("the URL {}", why.words()))),
    }
}

/// Whether a placeholder stands for the port of a host: whoever brings that brings the host. An error where it is another word.
pub(super) fn is_port_open(host: &str) -> Result<bool, Problem> {
    let Some((name, port)) = host.rsplit_once(':') else { return Ok(false) };
    let is_number = port.bytes().all(|byte| byte.is_ascii_digit());
    // Such as `:tenant.acme.io`.
    if is_number || name.is_empty() || name.ends_with('.') || port.contains('.') {
        return Ok(false);
    }
    let is_open = placeholder(port).is_some()
        || port.eq_ignore_ascii_case("port")
        || port.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_');
    match is_open {
        true => Ok(true),
        false => Err(no_host(&format!("the URL {}", HostProblem::Port.words()))),
    }
}

fn no_host(message: &str) -> Problem {
    Problem::new(
        message,
        "write the host alone, `id.acme.example`, and what differs between clients as a placeholder, `{tenant}.acme.example`",
    )
}
