//! What a contract says about its tokens, said twice: as the runtime's `Facts`, and in the words of documents.
//!
//! Tokens are taken apart without `..`, so that a new fact does not compile until both have been thought of.

use super::{
    AccessToken, AccessUse, Chosen, Contract, Credential, Expiry, Mint, MintLimit, OldAccessToken,
    Otherwise, RefreshToken, RefreshWhen, ReplayEnd, Reuse, Rotation, SignIn, Spent, Successor,
    ZeroExpiry,
};
use jiff::tz::Offset;
use std::time::Duration;

/// A value of the runtime's `Facts`, by the names of its types and variants: this crate knows no Rust code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FactValue {
    /// `true` or `false`.
    Flag(bool),
    /// A duration.
    Duration(Duration),
    /// A list of statuses.
    Statuses(Vec<u16>),
    /// There is one, or not.
    Optional(Option<Box<FactValue>>),
    /// A variant of an enum: the type's name, the variant's, and what it holds.
    Variant(&'static str, &'static str, Vec<FactValue>),
    /// A number.
    Number(u32),
    /// A struct: the type's name, and its members.
    Struct(&'static str, Vec<(&'static str, FactValue)>),
}

/// A variant of the runtime that is a word of the language.
macro_rules! variant {
    ($type:ident, $word:expr) => {
        FactValue::Variant($type::RUNTIME, $word.variant(), Vec::new())
    };
}

impl FactValue {
    fn unit(of: &'static str, variant: &'static str) -> Self {
        Self::Variant(of, variant, Vec::new())
    }

    fn holding(
        of: &'static str,
        variant: &'static str,
        values: impl IntoIterator<Item = Self>,
    ) -> Self {
        Self::Variant(of, variant, values.into_iter().collect())
    }

    fn optional(value: Option<Self>) -> Self {
        Self::Optional(value.map(Box::new))
    }

    /// Whether the runtime's `Facts::DEFAULT` says the same of the fact of this name: clients need not repeat it.
    pub fn is_default_of(&self, name: &str) -> bool {
        match self {
            Self::Flag(flag) => *flag == (name == "single_use"),
            Self::Optional(value) => value.is_none(),
            Self::Statuses(statuses) => statuses == &[401],
            Self::Variant(_, variant, held) => {
                held.is_empty()
                    && matches!(*variant, "AnyTime" | "Dead" | "Unknown" | "Untold")
                    && (name, *variant) != ("window", "Unknown")
            }
            Self::Duration(_) | Self::Number(_) | Self::Struct(..) => false,
        }
    }
}

impl Contract {
    /// The members of the runtime's `Facts`, in their order there.
    pub fn facts(&self) -> Vec<(&'static str, FactValue)> {
        let AccessToken {
            name: _, // The type's.
            use_,
            expires,
            first_lifetime,
            usual_lifetime,
            shown_lifetime: _, // For tests.
            after_refresh,
            most_alive: _,   // Below, or the mint's.
            sent_as: _,      // A method of the token.
            refused_with: _, // Its statuses are below, its fields beside the facts.
            doc: _,
        } = &self.access;
        let (rotation, refresh_expires, first_refresh, idle, spent, reuse) = match &self.refresh {
            None => (None, &Expiry::Undeclared, None, None, Spent::Dead, Reuse::Unknown),
            Some(RefreshToken {
                name: _, // The type's.
                use_: _, // In `single_use`, with what an access token beside it means.
                rotation,
                expires,
                first_lifetime,
                idle_limit,
                max_length: _, // Checked before it is sent.
                spent,
                reuse,
                doc: _,
            }) => (Some(*rotation), expires, *first_lifetime, *idle_limit, *spent, *reuse),
        };
        let duration = |time: Option<Duration>| FactValue::optional(time.map(FactValue::Duration));
        let rotation = rotation.map(|rotation| variant!(Rotation, rotation));
        vec![
            ("access_token_single_use", FactValue::Flag(*use_ == AccessUse::Once)),
            ("access_token_ends", expires.fact()),
            ("usual_lifetime", duration(*usual_lifetime)),
            (
                "access_token_refused",
                FactValue::Statuses(self.access.refusing_statuses().collect()),
            ),
            ("old_access_token", variant!(OldAccessToken, after_refresh)),
            ("window", self.request.when.fact()),
            ("single_use", FactValue::Flag(!self.is_replayable())),
            ("rotation", FactValue::optional(rotation)),
            ("spent", spent.fact()),
            ("reuse", variant!(Reuse, reuse)),
            ("refresh_token_ends", refresh_expires.fact()),
            ("idle_limit", duration(idle)),
            ("first_access_lifetime", duration(*first_lifetime)),
            ("first_refresh_lifetime", duration(first_refresh)),
            ("at_most_every", duration(self.request.at_most_every)),
            ("limit", FactValue::optional(self.request.limit.map(MintLimit::fact))),
            ("most_alive", FactValue::optional(self.most_alive_fact())),
            ("mint", FactValue::optional(self.mint_fact())),
            ("fallback", FactValue::optional(self.minting().and_then(|it| it.mint_fact()))),
        ]
    }

    /// How many access tokens of a grant live at a time. What a mint ends says [`mint_fact`](Self::mint_fact).
    fn most_alive_fact(&self) -> Option<FactValue> {
        let refreshes = !self.request.operation.mints();
        self.access.most_alive.filter(|_| refreshes).map(FactValue::Number)
    }

    /// What a mint does to earlier access tokens, and how many are taken.
    fn mint_fact(&self) -> Option<FactValue> {
        const ENDS: &str = "MintEnds";
        let Mint { limit } = self.mint?;
        let ends = match (self.access.most_alive, self.access.after_refresh) {
            (Some(most), _) => FactValue::holding(ENDS, "OldestOf", [FactValue::Number(most)]),
            // One whose answer is lost is never used, and so ends nothing.
            (None, OldAccessToken::Valid | OldAccessToken::RevokedOnFirstUse) => {
                FactValue::unit(ENDS, "Nothing")
            }
            (None, OldAccessToken::Revoked) => FactValue::unit(ENDS, "Previous"),
            (None, OldAccessToken::Unknown) => FactValue::unit(ENDS, "Unknown"),
        };
        let limit = FactValue::optional(limit.map(MintLimit::fact));
        Some(FactValue::Struct("Mint", vec![("ends", ends), ("limit", limit)]))
    }

    /// How the refusals that end a grant ask a person to sign in again, where the contract says so.
    pub fn signs_in_by(&self) -> Option<SignIn> {
        let ends = |class| class == super::ErrorClass::Reauthenticate;
        let mut rules = self.errors.iter().filter(|rule| ends(rule.class));
        rules.find_map(|rule| Some(rule.sign_in).filter(|how| *how != SignIn::Unspecified))
    }
}

impl AccessToken {
    /// How often it may be used, and how long: `once, 1 hour`.
    pub fn label(&self) -> String {
        // A lifetime that the page states decides; where the answer says one, what is usual tells more.
        let usual = self.usual_lifetime.filter(|_| !matches!(self.expires, Expiry::Constant(_)));
        let lifetime = usual.map_or_else(|| self.expires.label(), duration_words);
        match self.use_ {
            AccessUse::Once => format!("once, {lifetime}"),
            AccessUse::Many => lifetime,
        }
    }

    /// What documents say about it, a sentence each, after what it is. `code` writes a pointer as the document writes code; `mint` is
    /// that of its contract.
    pub fn sentences(&self, of: &Contract, code: fn(&str) -> String) -> Vec<String> {
        let Self {
            name: _,
            use_,
            expires,
            first_lifetime,
            usual_lifetime,
            shown_lifetime: _,
            after_refresh,
            most_alive,
            sent_as: _,      // The method's documentation says it.
            refused_with: _, // A line of its own.
            doc: _,
        } = self;
        let usual =
            usual_lifetime.map(|usual| format!("It usually lives {}.", duration_words(usual)));
        let mut all = vec![expires.sentence(code)];
        all.extend(first_sentence(*first_lifetime));
        all.extend(usual);
        all.extend(said(use_.sentence()));
        let request = if of.mint.is_some() { "mint" } else { "refresh" };
        all.extend(match most_alive {
            Some(most) => Some(format!(
                "At most {most} live at a time: a {request} revokes the oldest of more."
            )),
            None if of.response.access_token.is_unchanged() => {
                Some("A refresh brings no other: this one lives on, with a new end.".to_owned())
            }
            None => said(&after_refresh.sentence().replace("refresh", request)),
        });
        all
    }
}

impl MintLimit {
    /// How many requests the provider takes: of the client where they `mint`, else of one grant.
    pub fn sentence(self, mints: bool) -> String {
        let Self { at_most, per } = self;
        let requests = match (mints, at_most) {
            (true, 1) => "request",
            (true, _) => "requests",
            (false, _) => "refreshes of a grant",
        };
        format!("The provider takes at most {at_most} {requests} in {}.", duration_words(per))
    }

    fn fact(self) -> FactValue {
        let Self { at_most, per } = self;
        let members =
            vec![("at_most", FactValue::Number(at_most)), ("per", FactValue::Duration(per))];
        FactValue::Struct("MintLimit", members)
    }
}

impl RefreshToken {
    /// How often it may be used, how long, and what becomes of it: `once, 30 days, replaced`.
    pub fn label(&self) -> String {
        let lifetime = match (&self.expires, self.idle_limit) {
            (Expiry::Undeclared, Some(limit)) => format!("{} unused", duration_words(limit)),
            (expires, _) => expires.label(),
        };
        format!("{}, {lifetime}, {}", self.use_.label(), self.rotation.label())
    }

    /// What documents say about it, a sentence each, after what it is. `code` writes a pointer as the document writes code.
    pub fn sentences(&self, code: fn(&str) -> String) -> Vec<String> {
        let Self {
            name: _,
            use_,
            rotation,
            expires,
            first_lifetime,
            idle_limit,
            max_length,
            spent,
            reuse,
            doc: _,
        } = self;
        let idle =
            idle_limit.map(|limit| format!("Unused, it dies after {}.", duration_words(limit)));
        let longest = max_length.map(|length| format!("It has at most {length} bytes."));
        let mut all = vec![expires.sentence(code)];
        all.extend(first_sentence(*first_lifetime));
        all.extend(idle);
        all.extend(longest);
        all.extend(said(use_.sentence()));
        all.extend(said(rotation.sentence()));
        all.extend(spent.sentence());
        all.extend(said(reuse.sentence()));
        all
    }
}

/// How long the token lives that signing in brought, where that differs.
fn first_sentence(lifetime: Option<Duration>) -> Option<String> {
    let words = duration_words(lifetime?);
    Some(format!("The first one, which signing in brings, lives {words}."))
}

/// A sentence, where there is one.
fn said(sentence: &str) -> Option<String> {
    (!sentence.is_empty()).then(|| sentence.to_owned())
}

impl Expiry {
    /// The runtime's word for how the end of a token is told.
    fn fact(&self) -> FactValue {
        if let Self::SinceSignIn(lifetime) = self {
            return FactValue::holding("Ends", "AfterSignIn", [FactValue::Duration(*lifetime)]);
        }
        FactValue::unit(
            "Ends",
            match self {
                Self::Seconds(_)
                | Self::Milliseconds(_)
                | Self::Duration(_)
                | Self::Constant(_) => "AfterLifetime",
                Self::UnixSeconds(_)
                | Self::UnixMilliseconds(_)
                | Self::Rfc3339(_)
                | Self::DateTime { .. }
                | Self::HttpDate(_)
                | Self::Jwt => "AtInstant",
                Self::Never => "Never",
                Self::Undeclared | Self::SinceSignIn(_) => "Untold",
            },
        )
    }

    /// How long a token lives, for the cell of a table.
    pub fn label(&self) -> String {
        match self {
            Self::Constant(lifetime) => duration_words(*lifetime),
            Self::SinceSignIn(lifetime) => {
                format!("{} from signing in", duration_words(*lifetime))
            }
            Self::Jwt => "until its `exp`".to_owned(),
            Self::Never => "for ever".to_owned(),
            Self::Undeclared => "lifetime not documented".to_owned(),
            told if told.is_told_lifetime() => "as long as the answer says".to_owned(),
            _ => "until the answer's instant".to_owned(),
        }
    }

    /// When a token dies. `code` writes a pointer as the document writes code.
    fn sentence(&self, code: fn(&str) -> String) -> String {
        let Some(told) = self.told() else {
            return match self {
                Self::Constant(lifetime) => format!("It lives {}.", duration_words(*lifetime)),
                Self::SinceSignIn(lifetime) => format!(
                    "It dies {} after signing in, and so does each that replaces it: no refresh puts that off.",
                    duration_words(*lifetime)
                ),
                Self::Jwt => "It is a JWT and dies at its `exp`.".to_owned(),
                Self::Never => "It never expires.".to_owned(),
                _ => "Nobody says when it dies: it may be refused at any time.".to_owned(),
            };
        };
        let fields: Vec<String> = told.field.all().map(|field| code(&field.to_string())).collect();
        let fields = format!("the answer's {}", fields.join(", else "));
        let said = match self {
            Self::Milliseconds(_) => format!("Its lifetime is {fields}, in milliseconds."),
            Self::Duration(_) => format!("Its lifetime is {fields}, as `1h`, `1:00:00` or `PT1H`."),
            Self::UnixSeconds(_) => format!("It dies at {fields}, in seconds since 1970."),
            Self::UnixMilliseconds(_) => {
                format!("It dies at {fields}, in milliseconds since 1970.")
            }
            Self::Rfc3339(_) => format!("It dies at {fields}, an RFC 3339 instant."),
            Self::DateTime { told: _, zone } => {
                let zone = Offset::from_seconds(*zone).ok().filter(|zone| *zone != Offset::UTC);
                let zone = zone.map(|zone| zone.to_string()).unwrap_or_default();
                format!("It dies at {fields}, a date and a time at UTC{zone}.")
            }
            Self::HttpDate(_) => format!("It dies at {fields}, a date as HTTP has it."),
            _ => format!("Its lifetime is {fields}, in seconds."),
        };
        let zero = told.zero.map(|zero| match zero {
            ZeroExpiry::Never => " A zero there means that it never expires.",
            ZeroExpiry::Undeclared => " A zero there says nothing.",
        });
        let otherwise = told.otherwise.map(|otherwise| match otherwise {
            Otherwise::Never => " Where the answer does not say it, it never expires.".to_owned(),
            Otherwise::After(lifetime) => {
                format!(" Where the answer does not say it, it lives {}.", duration_words(lifetime))
            }
        });
        let chosen = told.chosen.as_ref().map(|chosen| chosen.sentence(code));
        let chosen = chosen.unwrap_or_default();
        said + zero.unwrap_or_default() + &otherwise.unwrap_or_default() + &chosen
    }
}

impl Chosen {
    fn sentence(&self, code: fn(&str) -> String) -> String {
        let bound = |word: &str, bound: Option<Duration>| {
            bound.map_or_else(String::new, |bound| format!(", {word} {}", duration_words(bound)))
        };
        let bounds = bound("at least", self.at_least) + &bound("at most", self.at_most);
        format!(" The request may choose it by {}, in seconds{bounds}.", code(&self.parameter))
    }
}

impl RefreshWhen {
    fn fact(self) -> FactValue {
        const WINDOW: &str = "RefreshWindow";
        match self {
            Self::NearExpiry(lead) => {
                FactValue::holding(WINDOW, "NearExpiry", [FactValue::Duration(lead)])
            }
            Self::AnyTime => FactValue::unit(WINDOW, "AnyTime"),
            Self::BeforeExpiry => FactValue::unit(WINDOW, "BeforeExpiry"),
            Self::AfterExpiry => FactValue::unit(WINDOW, "AfterExpiry"),
            Self::Unknown => FactValue::unit(WINDOW, "Unknown"),
        }
    }

    /// When the provider accepts a refresh; `None` where that is at any time.
    pub fn sentence(self) -> Option<String> {
        let when = match self {
            Self::AnyTime | Self::Unknown => return None,
            Self::NearExpiry(lead) => {
                format!("from {} before the access token's expiry", duration_words(lead))
            }
            Self::BeforeExpiry => "only while the access token has not expired".to_owned(),
            Self::AfterExpiry => "only once the access token has expired".to_owned(),
        };
        Some(format!("The provider accepts a refresh {when}."))
    }
}

impl Spent {
    fn fact(self) -> FactValue {
        const SPENT: &str = "Spent";
        match self {
            Self::Dead | Self::Unknown => FactValue::unit(SPENT, "Dead"),
            Self::Good { until, answer: _, generations: _ } => match until {
                ReplayEnd::After(window) => {
                    FactValue::holding(SPENT, "GoodFor", [FactValue::Duration(window)])
                }
                ReplayEnd::Used(successor) => {
                    FactValue::holding(SPENT, "GoodUntil", [variant!(Successor, successor)])
                }
                ReplayEnd::First(window, successor) => {
                    let both = [FactValue::Duration(window), variant!(Successor, successor)];
                    FactValue::holding(SPENT, "GoodForUntil", both)
                }
            },
        }
    }

    /// What a spent refresh token is still good for, where it is good for anything.
    pub fn sentence(self) -> Option<String> {
        match self {
            Self::Dead | Self::Unknown => None,
            Self::Good { until, answer, generations } => {
                let brings = match answer.sentence() {
                    "" => String::new(),
                    sentence => format!(" {sentence}"),
                };
                let which = match generations {
                    None => "A spent one".to_owned(),
                    Some(1) => "The last spent one".to_owned(),
                    Some(most) => format!("Each of the last {most} spent ones"),
                };
                Some(format!("{which} may be sent again {}.{brings}", until.words()))
            }
        }
    }
}

impl ReplayEnd {
    /// In words: `for 30 seconds`, `until the new access token is first used, for 8 hours at most`.
    pub fn words(self) -> String {
        let used = |successor: Successor| format!("until {} is first used", successor.label());
        match self {
            Self::After(window) => format!("for {}", duration_words(window)),
            Self::Used(successor) => used(successor),
            Self::First(window, successor) => {
                format!("{}, for {} at most", used(successor), duration_words(window))
            }
        }
    }
}

impl Credential {
    /// What an exchange takes.
    pub const fn label(self) -> &'static str {
        match self {
            Self::RefreshToken => "refresh token",
            Self::AccessToken => "access token",
            Self::Both => "access and refresh token",
            Self::Nothing => "no token",
        }
    }
}

/// `90 s` → `1 minute 30 seconds`.
pub fn duration_words(duration: Duration) -> String {
    const UNITS: [(u64, &str); 4] =
        [(86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second")];
    let mut rest = duration.as_secs();
    let mut words = Vec::new();
    for (size, unit) in UNITS {
        let count = rest / size;
        rest %= size;
        if count > 0 {
            words.push(format!("{count} {unit}{}", if count == 1 { "" } else { "s" }));
        }
    }
    if duration.subsec_millis() > 0 || words.is_empty() {
        words.push(format!("{} ms", duration.subsec_millis()));
    }
    words.join(" ")
}
