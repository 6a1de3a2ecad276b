//! Places in the head of an answer: headers, and cookies that it sets (RFC 6265).

/// A place in the head of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Head<'a> {
    /// A header, and what stands before its value, compared without case: `("Authorization", "Bearer ")`.
    Header(&'a str, &'a str),
    /// The value of a cookie that the answer sets.
    Cookie(&'a str),
    /// How many seconds that cookie lives.
    MaxAge(&'a str),
    /// When that cookie dies, as HTTP writes it.
    Expires(&'a str),
}

/// What stands in a place of a head.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InHead<'a> {
    /// Nothing: no such header or cookie, or a cookie that the answer deletes.
    Nothing,
    /// A text.
    One(&'a str),
    /// A header that is there several times, with values that differ. None of them counts.
    Several,
}

impl<'a> Head<'a> {
    /// The header that holds it, in lower case.
    pub fn header(self) -> String {
        match self {
            Self::Header(name, _) => name.to_ascii_lowercase(),
            Self::Cookie(_) | Self::MaxAge(_) | Self::Expires(_) => "set-cookie".to_owned(),
        }
    }

    /// How people are told of it, and how it is told from the fields of a body: `header X-Auth-Token`, `cookie session`.
    pub fn label(self) -> String {
        match self {
            Self::Header(name, _) => format!("header {name}"),
            Self::Cookie(name) => format!("cookie {name}"),
            Self::MaxAge(name) => format!("cookie {name}; Max-Age"),
            Self::Expires(name) => format!("cookie {name}; Expires"),
        }
    }

    /// What stands there, by all values of [its header](Self::header), in their order.
    pub fn read<'h>(self, values: &[&'h str]) -> InHead<'h> {
        let cookie = |name| set_cookie(values, name);
        let one = |text: Option<&'h str>| text.map_or(InHead::Nothing, InHead::One);
        match self {
            Self::Header(_, prefix) => {
                let mut found = values.iter().filter_map(|value| behind(value.trim(), prefix));
                let first = found.next();
                match first {
                    Some(first) if found.any(|other| other != first) => InHead::Several,
                    first => one(first),
                }
            }
            Self::Cookie(name) => one(cookie(name).map(|cookie| cookie.value)),
            Self::MaxAge(name) => one(cookie(name).and_then(|cookie| cookie.max_age)),
            Self::Expires(name) => one(cookie(name).and_then(|cookie| cookie.expires)),
        }
    }
}

/// What follows a prefix.
fn behind<'h>(value: &'h str, prefix: &str) -> Option<&'h str> {
    let (first, rest) = value.split_at_checked(prefix.len())?;
    first.eq_ignore_ascii_case(prefix).then(|| rest.trim())
}

/// A cookie as an answer sets it.
struct SetCookie<'h> {
    name: &'h str,
    value: &'h str,
    max_age: Option<&'h str>,
    expires: Option<&'h str>,
    domain: &'h str,
    path: &'h str,
}

/// The cookie of this name that is left after all of them (RFC 6265 section 5.3): of those with the same domain and path the last one
/// counts, and one that is deleted is none.
fn set_cookie<'h>(values: &[&'h str], name: &str) -> Option<SetCookie<'h>> {
    let mut later: Vec<(&str, &str)> = Vec::new();
    let cookies = values.iter().rev().filter_map(|value| parse(value));
    for cookie in cookies.filter(|cookie| cookie.name == name) {
        let is_replaced = later.iter().any(|(domain, path)| {
            domain.eq_ignore_ascii_case(cookie.domain) && *path == cookie.path
        });
        if !is_replaced && !cookie.is_deleted() {
            return Some(cookie);
        }
        later.push((cookie.domain, cookie.path));
    }
    None
}

impl SetCookie<'_> {
    /// Whether it ends at once: `Max-Age` counts before `Expires`, and a server that deletes names a year before there were tokens.
    fn is_deleted(&self) -> bool {
        match (self.max_age, self.expires) {
            (Some(age), _) => age.starts_with('-') || age.bytes().all(|byte| byte == b'0'),
            (None, Some(date)) => year(date).is_some_and(|year| year < 2000),
            (None, None) => false,
        }
    }
}

/// The year of a date as cookies write it (RFC 6265 section 5.1.1): the second number beside the time of day, and one of two digits is
/// near 2000.
fn year(date: &str) -> Option<u16> {
    let words = date.split(|sign: char| !sign.is_ascii_alphanumeric() && sign != ':');
    let is_number =
        |word: &&str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit());
    let year = words.filter(is_number).nth(1)?;
    let number: u16 = year.parse().ok()?;
    match (year.len(), number) {
        (2, 70..) => Some(1900 + number),
        (2, _) => Some(2000 + number),
        (4, _) => Some(number),
        _ => None,
    }
}

/// Whether it is how long a cookie lives (RFC 6265 section 5.2.2); anything else counts as not there.
fn is_age(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// A value of `Set-Cookie` (RFC 6265 section 5.2). Names of attributes have no case, of one that is there twice the last one counts that
/// says something.
fn parse(text: &str) -> Option<SetCookie<'_>> {
    let mut parts = text.split(';');
    let (name, value) = parts.next()?.split_once('=')?;
    let value = value.trim();
    let quoted = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    let mut cookie = SetCookie {
        name: name.trim(),
        value: quoted.unwrap_or(value),
        max_age: None,
        expires: None,
        domain: "",
        path: "",
    };
    for attribute in parts {
        let (name, value) = attribute.split_once('=').unwrap_or((attribute, ""));
        let value = value.trim();
        match name.trim().to_ascii_lowercase().as_str() {
            "max-age" if is_age(value) => cookie.max_age = Some(value),
            "expires" if !value.is_empty() => cookie.expires = Some(value),
            "domain" => cookie.domain = value.trim_start_matches('.'),
            "path" => cookie.path = value,
            _ => {}
        }
    }
    Some(cookie)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_counts_once() {
        let token = Head::Header("X-Auth-Token", "");
        assert_eq!(
            (token.header().as_str(), token.label().as_str()),
            ("x-auth-token", "header X-Auth-Token")
        );
        assert_eq!(token.read(&[]), InHead::Nothing);
        assert_eq!(token.read(&[" a "]), InHead::One("a"));
        assert_eq!(token.read(&["a", "a"]), InHead::One("a"));
        assert_eq!(token.read(&["a", "b"]), InHead::Several);
        assert_eq!(token.read(&[""]), InHead::One(""));
    }

    #[test]
    fn a_prefix_has_no_case_and_must_be_there() {
        let token = Head::Header("Authorization", "Bearer ");
        assert_eq!(token.read(&["bearer  a"]), InHead::One("a"));
        for other in ["a", "Bearer", "", "Bearerx a", "Bear\u{e9}r a"] {
            assert_eq!(token.read(&[other]), InHead::Nothing, "{other}");
        }
        assert_eq!(token.read(&["Basic x", "Bearer a"]), InHead::One("a"));
    }

    /// R12: what a provider deletes is no token.
    #[test]
    fn the_cookie_that_is_left_counts() {
        let table: [(&[&str], InHead<'_>); 19] = [
            (&["s=a"], InHead::One("a")),
            (&["s=a; Path=/; HttpOnly"], InHead::One("a")),
            (&["t=a", "S=b"], InHead::Nothing),
            (&[" s = \"a b\" ;Secure"], InHead::One("a b")),
            (&["s="], InHead::One("")),
            (&["s"], InHead::Nothing),
            (&["s=a=="], InHead::One("a==")),
            (&["s=a", "s=b"], InHead::One("b")),
            (&["s=a; Max-Age=0"], InHead::Nothing),
            (&["s=a; max-age=-1; Expires=Wed, 21 Oct 2099 07:28:00 GMT"], InHead::Nothing),
            (&["s=a; Expires=Thu, 01 Jan 1970 00:00:00 GMT"], InHead::Nothing),
            (&["s=a; Max-Age=9; Expires=Thu, 01-Jan-1970 00:00:00 GMT"], InHead::One("a")),
            (&["s=a; Max-Age=soon; Expires=Thu, 01-Jan-1970 00:00:00 GMT"], InHead::Nothing),
            (&["s=a; Max-Age=0; Max-Age="], InHead::Nothing),
            (&["s=a; Max-Age=0; Max-Age=-"], InHead::Nothing),
            (&["s=a; Max-Age=000"], InHead::Nothing),
            (&["s=a; Max-Age=-; Max-Age=soon; Max-Age=1.5"], InHead::One("a")),
            (&["s=a", "s=; Max-Age=0"], InHead::Nothing),
            (&["s=a; Path=/", "s=; Max-Age=0; Path=/old"], InHead::One("a")),
        ];
        for (values, expected) in table {
            assert_eq!(Head::Cookie("s").read(values), expected, "{values:?}");
        }
    }

    /// R12: whatever the year is by which a server says that a cookie is gone.
    #[test]
    fn a_date_long_past_deletes() {
        for (date, is_gone) in [
            ("Thu, 01 Jan 1970 00:00:00 GMT", true),
            ("Thu, 01-Jan-1970 00:00:01 GMT", true),
            ("Thu, 01-Jan-70 00:00:00 GMT", true),
            ("Thu Jan  1 00:00:00 1970", true),
            ("Wed, 31 Dec 1969 23:59:59 GMT", true),
            ("Tue, 01 Jan 1980 00:00:00 GMT", true),
            ("Fri, 31-Dec-99 23:59:59 GMT", true),
            ("Mon, 01 Jan 0001 00:00:00 GMT", true),
            ("Sat, 01 Jan 2000 00:00:00 GMT", false),
            ("Wed, 21 Oct 2099 07:28:00 GMT", false),
            ("Wed, 21-Oct-37 07:28:00 GMT", false),
            ("Wed, 21-Oct-69 07:28:00 GMT", false),
            ("Wed, 19 Oct 2070 19:70:19 GMT", false),
            ("soon", false),
            ("1970", false),
            ("21 Oct 197", false),
            ("21 Oct 99999999999999999999", false),
        ] {
            let cookie = format!("s=a; Expires={date}");
            let expected = if is_gone { InHead::Nothing } else { InHead::One("a") };
            assert_eq!(Head::Cookie("s").read(&[&cookie]), expected, "{date}");
        }
    }

    #[test]
    fn a_cookie_says_when_it_dies() {
        let both = ["s=a; Max-Age=60; Expires=Wed, 21 Oct 2099 07:28:00 GMT"];
        assert_eq!(Head::MaxAge("s").read(&both), InHead::One("60"));
        assert_eq!(Head::Expires("s").read(&both), InHead::One("Wed, 21 Oct 2099 07:28:00 GMT"));
        for place in [Head::MaxAge("s"), Head::Expires("s"), Head::MaxAge("t")] {
            assert_eq!(place.read(&["s=a; Max-Age="]), InHead::Nothing);
        }
        assert_eq!(Head::Expires("s").label(), "cookie s; Expires");
    }
}
