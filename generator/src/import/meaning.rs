//! What a value of a request stands for: a credential, a setting of the client, or itself.
//!
//! Nothing is taken over that might be somebody's secret: a value stays as it is only where it is plainly a word of the protocol.

/// What a value stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Role {
    /// The refresh token.
    RefreshToken,
    /// The access token.
    AccessToken,
    /// The client's id.
    ClientId,
    /// The client's secret.
    ClientSecret,
    /// Something else that the integrator brings.
    Setting {
        /// Its name, in `snake_case`.
        name: String,
        /// Whether it is never shown.
        secret: bool,
    },
    /// Itself.
    Constant(String),
}

const REFRESH_TOKEN: &[&str] =
    &["refreshtoken", "refreshjwt", "refresh", "refreshtokenvalue", "oauthrefreshtoken"];
const ACCESS_TOKEN: &[&str] = &[
    "accesstoken",
    "accessjwt",
    "currentaccesstoken",
    "expiredaccesstoken",
    "exchangetoken",
    "fbexchangetoken",
];
const CLIENT_ID: &[&str] = &[
    "clientid",
    "appid",
    "applicationid",
    "clientkey",
    "appkey",
    "consumerkey",
    "clientidentifier",
];
const CLIENT_SECRET: &[&str] = &[
    "clientsecret",
    "appsecret",
    "applicationsecret",
    "consumersecret",
    "clientpassword",
    "appsecretkey",
    "clientsecretkey",
];

/// Words in a name that make its value a secret.
const SECRET: &[&str] = &[
    "secret",
    "token",
    "pass",
    "pwd",
    "pw",
    "key",
    "assertion",
    "code",
    "signature",
    "otp",
    "pin",
    "credential",
    "session",
    "sid",
    "ticket",
    "bearer",
    "cookie",
    "hash",
    "jwt",
    "auth",
    "sig",
    "hmac",
    "verifier",
    "nonce",
    "csrf",
    "xsrf",
    "private",
    "phrase",
    "answer",
];

/// Words for secrets that name nothing else: what a colon parts from them is one.
const PLAINLY_SECRET: &[&str] = &["secret", "pass", "passwd", "password", "pwd", "key", "apikey"];

/// Schemes of HTTP authentication behind which a credential stands, in whatever header.
const SCHEMES: &[&str] = &["apikey", "basic", "bearer", "digest", "negotiate", "token"];

/// Names of values that a client makes for one request.
const MADE_ANEW: &[&str] = &[
    "correlationid",
    "idempotencykey",
    "messageid",
    "nonce",
    "requestid",
    "salt",
    "state",
    "time",
    "timestamp",
    "traceid",
    "ts",
];

/// Names of members that say nothing of what they hold.
const NAMELESS: &[&str] =
    &["content", "data", "plain", "plaintext", "raw", "string", "text", "val", "value"];

/// Names that are no good as parameters: words of Rust, and of the places that placeholders have.
const TAKEN: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate",
    "do", "dyn", "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl",
    "in", "let", "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref",
    "return", "self", "static", "struct", "super", "trait", "true", "try", "type", "typeof",
    "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// The ends of names whose values are kinds of things.
const KINDS: &[&str] =
    &["action", "flow", "format", "grant", "hint", "kind", "method", "mode", "type"];
/// Words in capitals with which the names in placeholders end.
const NAMING: &[&str] = &[
    "CODE", "DOMAIN", "EMAIL", "HERE", "ID", "KEY", "NAME", "NUMBER", "SECRET", "URI", "URL",
    "USERNAME", "UUID", "VALUE",
];

/// What the value of the field `name` stands for.
pub(super) fn role(name: &str, value: &str) -> Role {
    let hint = placeholder(value);
    let named = hint.or_else(|| names_token(name, value));
    by_name(name).or_else(|| by_name(named?)).unwrap_or_else(|| {
        let kind = squashed(name).ends_with("type");
        if is_stand_in(name, value) {
            return Role::Setting { name: parameter(name), secret: may_be_secret(name) };
        }
        if is_made_anew(name) && value.bytes().any(|byte| byte.is_ascii_digit()) {
            return Role::Setting { name: parameter(name), secret: may_be_secret(name) };
        }
        if kind && is_urn(value)
            || ["scope", "scopes"].contains(&squashed(name).as_str()) && is_scope(value)
            || !may_be_secret(name) && is_plain(value) && !holds_secret(value)
            || kind && is_plain(value)
        {
            return Role::Constant(value.to_owned());
        }
        let named = parameter(name);
        let secret = may_be_secret(name)
            || hint.is_some() && may_be_secret(value)
            || hint.is_none() && holds_secret(value);
        Role::Setting { name: named, secret }
    })
}

/// Whether what is called so is another value in each request: a sample of it is no constant.
fn is_made_anew(name: &str) -> bool {
    let name = squashed(name);
    let name = name.strip_prefix('x').filter(|rest| rest.len() > 6).unwrap_or(&name);
    MADE_ANEW.contains(&name)
}

/// What is to be said of a field or a header whose value is perhaps made anew for each request.
pub(super) fn made_anew(name: &str) -> Option<String> {
    is_made_anew(name).then(|| {
        let made = if squashed(name).starts_with('t') { "{ now: unix_seconds }" } else { "uuid" };
        format!(
            "`{name}` is perhaps another one in each request: `values` of `refresh` makes such ones, `{}: {made}`.",
            parameter(name)
        )
    })
}

/// A value in capitals that names what it stands for, `code=REFRESH_TOKEN`, where no kind of thing is called so.
fn names_token<'a>(name: &str, value: &'a str) -> Option<&'a str> {
    let in_capitals =
        value.contains('_') && value.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_');
    (in_capitals && !is_kind(name)).then_some(value)
}

/// Whether what is called so is a kind of thing.
fn is_kind(name: &str) -> bool {
    KINDS.iter().any(|kind| squashed(name).ends_with(kind))
}

/// Whether a value without the signs of a placeholder is one all the same: its own name, `region=region`, in capitals the end of that,
/// `corpid=ID`, or words in capitals that end like a name, `STORE_ID`.
fn is_stand_in(name: &str, value: &str) -> bool {
    let (own, word) = (squashed(name), squashed(value));
    let is_spelt = |byte: u8| byte.is_ascii_alphanumeric() || b"_- ".contains(&byte);
    let in_capitals = value.len() > 1
        && value.starts_with(|c: char| c.is_ascii_uppercase())
        && value.bytes().all(|byte| is_spelt(byte) && !byte.is_ascii_lowercase());
    // Kinds of things are called like them: `AuthFlow=REFRESH_TOKEN`, `type=API_KEY`.
    let last = value.rsplit(['_', '-', ' ']).next().unwrap_or_default();
    !word.is_empty() && own == word && value.bytes().all(is_spelt)
        || in_capitals && own.ends_with(&word)
        || in_capitals && last.len() < value.len() && !is_kind(name) && NAMING.contains(&last)
}

/// Whether a name says what its value is.
pub(super) fn is_known(name: &str) -> bool {
    by_name(name).is_some()
}

/// What a name says of its value.
fn by_name(name: &str) -> Option<Role> {
    let squashed = squashed(name);
    let squashed = squashed.strip_prefix('x').filter(|rest| rest.len() > 6).unwrap_or(&squashed);
    let among = |names: &[&str]| names.contains(&squashed);
    match () {
        () if among(REFRESH_TOKEN) => Some(Role::RefreshToken),
        () if among(ACCESS_TOKEN) => Some(Role::AccessToken),
        () if among(CLIENT_ID) => Some(Role::ClientId),
        () if among(CLIENT_SECRET) => Some(Role::ClientSecret),
        () => None,
    }
}

/// A name without case and separators: `Refresh-Token` is `refreshtoken`.
pub(super) fn squashed(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

/// Whether the value of what is called so is a secret.
pub(super) fn may_be_secret(name: &str) -> bool {
    let squashed = squashed(name);
    SECRET.iter().any(|word| squashed.contains(word))
}

/// Whether a text names a secret that it holds: `key=…`, `password:…`, `Basic …`.
fn holds_secret(text: &str) -> bool {
    let scheme = text.split_once(' ').map(|(scheme, _)| squashed(scheme));
    let is_scheme = scheme.is_some_and(|scheme| SCHEMES.contains(&scheme.as_str()));
    let names = text.match_indices(['=', ':']).any(|(at, sign)| {
        let name = text[..at].rsplit([' ', ';', ',', '&', ':', '=']).next().unwrap_or_default();
        let squashed = squashed(name);
        match sign {
            "=" => may_be_secret(name),
            _ => PLAINLY_SECRET.iter().any(|word| squashed.ends_with(word)),
        }
    });
    is_scheme || names
}

/// What the member `name` of an object is called that is called `owner` itself: where its name says nothing, as its owner or as the text
/// beside it has it, `{ name: api_key, value: … }`.
pub(super) fn called<'a>(
    name: &'a str,
    owner: &'a str,
    members: &'a serde_json::Map<String, serde_json::Value>,
) -> &'a str {
    let is_label = |name: &str| ["name", "field", "parameter"].contains(&squashed(name).as_str());
    let label = members.iter().find(|(name, _)| is_label(name)).and_then(|(_, text)| text.as_str());
    let owner = label.filter(|text| is_plain(text)).unwrap_or(owner);
    let says_nothing = NAMELESS.contains(&squashed(name).as_str());
    if says_nothing && may_be_secret(owner) { owner } else { name }
}

/// The name that stands in a placeholder, where a value is one: `$NAME`, `${NAME}`, `<NAME>`, `{NAME}`, `{{NAME}}`, `[NAME]`,
/// `%NAME%`, `YOUR_NAME`. The name is empty of `xxx`, `...` and the like, and of what may be somebody's own words as well: `:word`,
/// `my-word`, `yourword`.
pub(super) fn placeholder(value: &str) -> Option<&str> {
    let value = value.trim();
    let between = |open: &str, close: &str| value.strip_prefix(open)?.strip_suffix(close);
    let inner = between("${", "}")
        .or_else(|| between("{{", "}}"))
        .or_else(|| between("{", "}"))
        .or_else(|| between("<", ">"))
        .or_else(|| between("[", "]"))
        .or_else(|| between("%", "%"))
        .or_else(|| value.strip_prefix('$'));
    if let Some(name) = inner.and_then(placed) {
        return Some(name);
    }
    if value.strip_prefix(':').and_then(placed).is_some()
        || value.len() >= 3 && value.chars().all(|c| "xX.*\u{2026}".contains(c))
        || value == "\u{2026}"
    {
        return Some("");
    }
    let lower = value.to_ascii_lowercase();
    let of_reader = ["your_", "your-", "your "].iter().any(|start| lower.starts_with(start));
    let addressed = ["your", "my_", "my-", "insert", "the_", "the-", "example_", "example-"];
    let addressed = addressed.iter().any(|start| lower.starts_with(start));
    let name = placed(value).filter(|_| addressed)?;
    Some(if of_reader { name } else { "" })
}

/// The name between the signs of a placeholder.
fn placed(name: &str) -> Option<&str> {
    let name = name.trim();
    let letters = |c: char| c.is_ascii_alphanumeric() || "_- .".contains(c);
    let fits = !name.is_empty() && name.len() <= 40 && name.chars().all(letters) && is_name(name);
    fits.then_some(name)
}

/// Whether something is a name and no value: words of letters, with a few digits behind them at most.
fn is_name(text: &str) -> bool {
    let words = text.split(['_', '-', ' ', '.']).filter(|word| !word.is_empty());
    words.clone().count() <= 6 && words.clone().all(is_word)
}

/// A word of letters, with up to four digits behind it, whose letters do not change their case like those of base64 do.
fn is_word(word: &str) -> bool {
    let letters = word.trim_end_matches(|c: char| c.is_ascii_digit());
    let digits = word.len() - letters.len();
    let pairs = letters.as_bytes().windows(2);
    let climbs =
        pairs.filter(|pair| pair[0].is_ascii_lowercase() && pair[1].is_ascii_uppercase()).count();
    let falls = letters.as_bytes().windows(3);
    let falls = falls.filter(|three| {
        three[0].is_ascii_uppercase()
            && three[1].is_ascii_uppercase()
            && three[2].is_ascii_lowercase()
    });
    let vowels = letters.bytes().filter(|byte| b"aeiouyAEIOUY".contains(byte)).count();
    letters.bytes().all(|byte| byte.is_ascii_alphabetic())
        && letters.len() <= 18
        && digits <= 4
        && climbs <= 2
        && falls.count() <= 1
        && (letters.len() < 8 || vowels * 5 >= letters.len())
}

/// Whether a value is plainly a constant of the protocol: a few short words.
pub(super) fn is_plain(value: &str) -> bool {
    of_words(value, |word| is_word(word) && is_cased(word))
}

/// Whether something is plainly the name of a field, a header or a member: words like those of [`is_plain`], and several in one
/// that capitals tell apart: `currentAccessToken`, `clientID`.
pub(super) fn is_field(name: &str) -> bool {
    let fits = |word: &str| is_word(word) && is_cased(word) || is_camel(word);
    // Such as `DPoP`: too short for letters by chance.
    let is_short = name.len() <= 4 && name.bytes().all(|byte| byte.is_ascii_alphabetic());
    !name.is_empty() && is_short || !name.contains(' ') && of_words(name, fits)
}

/// Whether something is plainly what a scope holds: names, however many.
fn is_scope(value: &str) -> bool {
    let fits = |word: &str| is_word(word) && is_cased(word) || is_camel(word);
    let mut names = value.split([' ', ',']).filter(|name| !name.is_empty()).peekable();
    let is_name = |name: &str| !name.contains('=') && of_words(name, fits);
    names.peek().is_some() && value.len() <= 1000 && names.all(is_name)
}

fn of_words(value: &str, fits: impl Fn(&str) -> bool) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || " ._-:/,;=+*".contains(c);
    let words = value.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    let numbered = words.clone().filter(|word| word.bytes().any(|byte| byte.is_ascii_digit()));
    // Signs that base64 has stand alone between words.
    let runs = ["__", "--", "_-", "-_"].iter().any(|run| value.contains(run));
    !value.is_empty()
        && value.len() <= 64
        && numbered.count() <= 3
        && !runs
        && value.chars().all(allowed)
        && value.trim() == value
        && placeholder(value).is_none()
        && digits <= 8
        // `application/vnd.api+json` has one; base64 has several.
        && value.matches('+').count() <= 1
        && words.clone().count() <= 10
        && words.clone().all(fits)
}

/// Whether a word is several, each but an abbreviation with one capital in front: `accessTokenExpiresIn`, `clientID`. Letters by
/// chance are not: their case changes too often.
fn is_camel(word: &str) -> bool {
    let letters = word.trim_end_matches(|c: char| c.is_ascii_digit());
    let bytes = letters.as_bytes();
    let capital = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_uppercase);
    let small = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_lowercase);
    let begins = |at: &usize| capital(*at) && (small(at - 1) || small(at + 1));
    let starts: Vec<usize> = std::iter::once(0).chain((1..bytes.len()).filter(begins)).collect();
    let ends = starts.iter().skip(1).copied().chain(std::iter::once(bytes.len()));
    let parts: Vec<&str> =
        starts.iter().zip(ends).filter_map(|(start, end)| letters.get(*start..end)).collect();
    let is_short =
        |part: &str| part.len() <= 4 && part.bytes().all(|byte| byte.is_ascii_uppercase());
    let is_part = |part: &str| {
        let rest = part.get(1..).unwrap_or_default();
        let is_said = part.len() < 5 || part.contains(['a', 'e', 'i', 'o', 'u', 'y']);
        let is_small = !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_lowercase());
        is_small && is_said && is_word(part)
    };
    word.len() - letters.len() <= 2
        && (2..=5).contains(&parts.len())
        && letters.len() >= 3 * parts.len()
        && parts.iter().filter(|part| is_short(part)).count() <= 1
        && parts.iter().all(|part| is_short(part) || is_part(part))
}

/// Whether the letters of a word change their case like those of a word: `Bearer`, `offlineAccess`, `READ`.
fn is_cased(word: &str) -> bool {
    let capitals = word.bytes().filter(u8::is_ascii_uppercase).count();
    let small = word.bytes().any(|byte| byte.is_ascii_lowercase());
    !small || capitals <= 1 || capitals == 2 && word.starts_with(|c: char| c.is_ascii_uppercase())
}

/// A name of the protocol's, registered with IANA.
fn is_urn(value: &str) -> bool {
    value
        .strip_prefix("urn:")
        .is_some_and(|rest| rest.len() <= 80 && rest.split([':', '-']).all(is_word))
}

/// Whether a provider may have this id: it names a file and a module.
pub(super) fn is_module(id: &str) -> bool {
    let of_word = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    id.starts_with(|c: char| c.is_ascii_lowercase())
        && id.len() <= 40
        && id.split('_').all(|word| !word.is_empty() && word.bytes().all(of_word))
        && !TAKEN.contains(&id)
}

/// Whether a name is one that Rust or generated code has already.
pub(super) fn is_taken(id: &str) -> bool {
    TAKEN.contains(&id)
}

/// A name for a parameter of `client`.
pub(super) fn parameter(name: &str) -> String {
    let mut snake = String::new();
    let mut before = '_';
    for c in name.chars() {
        match c {
            c if c.is_ascii_uppercase() && before.is_ascii_lowercase() => {
                snake.push('_');
                snake.push(c.to_ascii_lowercase());
            }
            c if c.is_ascii_alphanumeric() => snake.push(c.to_ascii_lowercase()),
            _ if snake.ends_with('_') => {}
            _ => snake.push('_'),
        }
        before = c;
    }
    let mut snake = snake.trim_matches('_');
    for start in ["your_", "my_", "the_", "insert_", "example_", "x_"] {
        snake = snake.strip_prefix(start).unwrap_or(snake);
    }
    let is_fit =
        snake.len() <= 40 && snake.starts_with(|c: char| c.is_ascii_lowercase()) && is_name(snake);
    match snake {
        _ if !is_fit => "setting".to_owned(),
        "client" | "environment" | "refresh_token" | "access_token" => format!("{snake}_setting"),
        snake if TAKEN.contains(&snake) => format!("{snake}_value"),
        snake => snake.to_owned(),
    }
}

/// A text in parts: what stands for itself, and the names in placeholders.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// As it is.
    Text(&'a str),
    /// A placeholder, with the name in it.
    Place(&'a str),
}

/// The placeholders inside of a text: `https://{tenant}.example.com`, `Bearer $TOKEN`, `/<id>/token`.
pub(super) fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let (mut start, mut at) = (0, 0);
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let width = rest.chars().next().map_or(1, char::len_utf8);
        let end = match rest.as_bytes().first() {
            Some(b'{' | b'<' | b'[') => {
                rest.find(['}', '>', ']']).map(|end| match rest.get(end..end + 2) {
                    Some("}}") => end + 2,
                    _ => end + 1,
                })
            }
            Some(b'$') if rest.starts_with("${") => rest.find('}').map(|end| end + 1),
            Some(b'$' | b':') => {
                let name = |c: char| c.is_ascii_alphanumeric() || c == '_';
                let starts = rest
                    .get(1..)
                    .is_some_and(|name| name.starts_with(|c: char| c.is_ascii_alphabetic()));
                let end = rest
                    .char_indices()
                    .skip(1)
                    .find(|(_, c)| !name(*c))
                    .map_or(rest.len(), |(end, _)| end);
                starts.then_some(end)
            }
            _ => None,
        };
        let place = end.and_then(|end| {
            let whole = rest.get(..end)?;
            Some((end, whole.strip_prefix(':').map_or_else(|| placeholder(whole), placed)?))
        });
        match place {
            Some((end, name)) => {
                pieces.extend(text.get(start..at).filter(|text| !text.is_empty()).map(Piece::Text));
                pieces.push(Piece::Place(name));
                at += end;
                start = at;
            }
            None => at += width,
        }
    }
    pieces.extend(text.get(start..).filter(|text| !text.is_empty()).map(Piece::Text));
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_the_protocol_stay_and_nothing_else_does() {
        for plain in [
            "refresh_token",
            "account_credentials",
            "2025-09-03",
            "offline",
            "read:jira-work",
            "v2",
            "enterprise",
            "oauth2",
        ] {
            assert!(is_plain(plain), "{plain}");
        }
        for other in [
            "",
            "6f18f26a-3e95-4d95-a6e5-3d5c6e5c9e5a",
            "sk_live_4eC39HqLyjWDarjtT1zdp7dc",
            "eyJhbGciOiJIUzI1NiJ9",
            "$TOKEN",
            "ghr_1B4a2e77838347a7E420ce178F2E7c6912E169246c34",
            "YOUR_TOKEN",
            "xxxx",
            "1234567890",
            "a@b.example",
        ] {
            assert!(!is_plain(other), "{other}");
        }
    }

    #[test]
    fn names_in_any_case_are_names_and_letters_by_chance_are_none() {
        for name in [
            "clientID",
            "userID",
            "clientSecretKey",
            "currentAccessToken",
            "X-ClientID",
            "accessTokenExpiresIn",
            "expiresInSeconds",
            "newRefreshToken",
            "grant_type",
            "OAuthToken",
            "callbackURLPath",
            "DPoP",
        ] {
            assert!(is_field(name), "{name}");
        }
        for other in [
            "",
            "client id",
            "IDToken4eC39",
            "AbCdEfGhIj",
            "hQzKxTWbNm",
            "sk_live_aBcDeFgHiJkLmNoP",
            "LyjWDarjtTzdpdc",
            "eyJhbGciOiJSUzI",
        ] {
            assert!(!is_field(other), "{other}");
        }
    }

    #[test]
    fn placeholders_as_pages_write_them() {
        for text in [
            "$CLIENT_ID",
            "${CLIENT_ID}",
            "<CLIENT_ID>",
            "{CLIENT_ID}",
            "{{CLIENT_ID}}",
            "[CLIENT_ID]",
            "%CLIENT_ID%",
        ] {
            assert_eq!(placeholder(text), Some("CLIENT_ID"), "{text}");
        }
        for text in
            [":word", "my-winter-coat", "MY_WORD", "the-word", "insert-word-here", "yourword"]
        {
            assert_eq!(placeholder(text), Some(""), "{text}");
        }
        assert_eq!(placeholder("YOUR_CLIENT_ID").map(parameter).as_deref(), Some("client_id"));
        assert_eq!(placeholder("..."), Some(""));
        assert_eq!(placeholder("xxxxxxxx"), Some(""));
        assert_eq!(placeholder("<4eC39HqLyjWDarjtT1zdp7dc>"), None);
        assert_eq!(parameter("X-Api-Key"), "api_key");
        assert_eq!(parameter("accountId"), "account_id");
        assert_eq!(parameter("type"), "type_value");
    }

    #[test]
    fn roles() {
        assert_eq!(role("refreshToken", "abc"), Role::RefreshToken);
        assert_eq!(role("token", "<REFRESH_TOKEN>"), Role::RefreshToken);
        assert_eq!(role("app_id", "1"), Role::ClientId);
        assert_eq!(
            role("grant_type", "account_credentials"),
            Role::Constant("account_credentials".to_owned())
        );
        assert_eq!(
            role("api_key", "word"),
            Role::Setting { name: "api_key".to_owned(), secret: true }
        );
        assert_eq!(
            role("account_id", "12345678"),
            Role::Setting { name: "account_id".to_owned(), secret: false }
        );
    }

    #[test]
    fn pieces_of_urls_and_headers() {
        use Piece::{Place, Text};
        assert_eq!(
            pieces("https://{shop}.example.com/<id>/t"),
            [Text("https://"), Place("shop"), Text(".example.com/"), Place("id"), Text("/t")]
        );
        assert_eq!(pieces("Bearer $TOKEN"), [Text("Bearer "), Place("TOKEN")]);
        assert_eq!(
            pieces("https://${h}:8443/:id"),
            [Text("https://"), Place("h"), Text(":8443/"), Place("id")]
        );
        assert_eq!(pieces("a{b"), [Text("a{b")]);
    }
}
