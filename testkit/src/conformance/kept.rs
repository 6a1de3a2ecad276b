//! Tokens as data: what the contract says of them, and what of them is kept.

use super::bench::{Bench, started_at};
use super::expiry::roles;
use super::subject::{Piece, Role};
use crate::answer;
use rekindle_contract::contract::{AccessUse, Credential, FactValue, RefreshUse};
use rekindle_runtime::{Expiry, Grant, Token};

/// What can be used once cannot be cloned; what can be used many times can.
pub fn token_uses(bench: &Bench<'_>) {
    let [access, refresh] = bench.subject.clonable();
    assert_eq!(access, bench.contract.access.use_ == AccessUse::Many, "the access token's clones");
    if let Some(declared) = &bench.contract.refresh {
        assert_eq!(refresh, declared.use_ == RefreshUse::Many, "the refresh token's clones");
    }
}

/// What the contract says about the provider and its tokens is there as data.
pub fn token_facts(bench: &Bench<'_>) {
    let members = bench.contract.facts().into_iter();
    let members = members.map(|(name, fact)| format!("{name}: {}", shown(&fact)));
    let expected = format!("Facts {{ {} }}", members.collect::<Vec<_>>().join(", "));
    assert_eq!(format!("{:?}", bench.subject.facts()), expected);
    assert_eq!(bench.subject.certificate(), bench.contract.shows_certificate());
    assert_eq!(bench.subject.name(), bench.contract.provider.name);
    assert_eq!(bench.subject.id(), bench.contract.provider.id);
}

/// A fact as the runtime's `Debug` shows it.
fn shown(fact: &FactValue) -> String {
    match fact {
        FactValue::Flag(flag) => flag.to_string(),
        FactValue::Duration(time) => format!("{time:?}"),
        FactValue::Statuses(statuses) => format!("{statuses:?}"),
        FactValue::Optional(None) => "None".to_owned(),
        FactValue::Optional(Some(fact)) => format!("Some({})", shown(fact)),
        FactValue::Number(number) => number.to_string(),
        FactValue::Struct(name, members) => {
            let members = members.iter().map(|(name, fact)| format!("{name}: {}", shown(fact)));
            format!("{name} {{ {} }}", members.collect::<Vec<_>>().join(", "))
        }
        FactValue::Variant(_, variant, held) if held.is_empty() => (*variant).to_owned(),
        FactValue::Variant(_, variant, held) => {
            let held: Vec<String> = held.iter().map(shown).collect();
            format!("{variant}({})", held.join(", "))
        }
    }
}

/// Tokens survive being kept: the same texts, the same ends, and the next exchange sends the same (R16).
pub fn grant_kept(bench: &Bench<'_>) {
    let tokens = bench.tokens(bench.success_text());
    let again = bench.exchange().1.finish_kept(answer(bench.status).body(bench.success_text()));
    let (grant, deviations) = again.expect("the answer brings tokens");
    assert_eq!(deviations, tokens.deviations);
    let seen = |token: &Token| (token.expose().to_owned(), token.expiry());
    assert_eq!(grant.access_token().map(seen), Some(seen(&tokens.access)));
    assert_eq!(grant.refresh_token().map(seen), tokens.refresh.as_ref().map(seen));
    let served = bench.subject.serve(grant.access_token().expect("there is one"));
    assert_eq!(seen(&served), seen(&tokens.access));

    let refresh = tokens.refresh.as_ref().map_or("", Token::expose);
    let next = bench.subject.restore(&grant).expect("the grant holds it");
    bench.assert_holds(&next, &bench.spends(tokens.access.expose(), refresh));

    let kept = bench.subject.keep(&bench.held());
    let started = bench.client().restart(&kept, started_at()).expect("the grant holds it");
    let (request, _) = started.expect("the request can be built");
    bench.assert_request(&request);
}

/// A grant that lacks a token which an exchange spends brings no credential.
pub fn grant_incomplete(bench: &Bench<'_>) {
    let access = Grant::new().with_access_token(Token::new(bench.new_access.as_str()));
    let refresh = Grant::new().with_refresh_token(Token::new(bench.new_refresh.as_str()));
    let lacking = match bench.contract.credential() {
        Credential::AccessToken => vec![refresh],
        Credential::RefreshToken => vec![access],
        Credential::Both => vec![access, refresh],
        Credential::Nothing => panic!("no grant lacks anything"),
    };
    for grant in lacking.iter().chain([&Grant::new()]) {
        assert!(bench.subject.restore(grant).is_none(), "{grant:?} brings no credential");
        assert!(bench.client().restart(grant, started_at()).is_none());
    }
}

/// A token has the end that was kept with it; where none was, its own.
pub fn token_kept(bench: &Bench<'_>) {
    let texts = [bench.new_access.as_str(), bench.new_refresh.as_str()];
    let spent = bench.texts(&bench.held()).map(|text| text.is_some());
    for (role, _) in roles(bench) {
        let text = texts[usize::from(role == Role::Refresh)];
        let piece = Piece { text: text.to_owned(), expiry: None };
        let own = bench.subject.expiry(role, &piece);
        let kept = Token::new(text);
        let ends = [
            (kept.clone(), own),
            (kept.clone().with_expiry(Expiry::Never), Expiry::Never),
            (kept.with_expiry(Expiry::At(started_at())), Expiry::At(started_at())),
        ];
        for (kept, end) in ends {
            if role == Role::Access {
                let served = bench.subject.serve(&kept);
                assert_eq!((served.expose(), served.expiry()), (text, end));
            }
            if spent[usize::from(role == Role::Refresh)] {
                let restored = bench.subject.restore(&grant_with(bench, role, kept));
                let restored = restored.expect("the grant holds it");
                let token = match role {
                    Role::Access => restored.access_token(),
                    Role::Refresh => restored.refresh_token(),
                };
                let token = token.expect("it is spent");
                assert_eq!((token.expose(), token.expiry()), (text, end));
            }
        }
    }
}

/// A whole grant with this token in it.
fn grant_with(bench: &Bench<'_>, role: Role, token: Token) -> Grant {
    let grant = Grant::new()
        .with_access_token(Token::new(bench.new_access.as_str()))
        .with_refresh_token(Token::new(bench.new_refresh.as_str()));
    match role {
        Role::Access => grant.with_access_token(token),
        Role::Refresh => grant.with_refresh_token(token),
    }
}
