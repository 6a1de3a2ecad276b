//! The verdict on an answer: the contract's refusals, then success, then the language's defaults (R20).

use super::super::names;
use proc_macro2::{Literal, TokenStream};
use quote::{ToTokens, quote};
use rekindle_contract::contract::{
    self as ir, BodyCondition, Contract, ErrorClass, ErrorRule, FieldMatch, FieldRefusal, Pointer,
    RefreshWhen, SignIn, StatusRange,
};

/// The body of `classify`.
pub fn classify(contract: &Contract) -> TokenStream {
    let mut arms = Arms::default();
    for rule in contract.errors.iter().filter(|rule| !rule.is_default()) {
        arms.push(&rule.status, condition(&rule.body), &verdict(rule));
    }
    let success = &contract.response.success;
    arms.push(&success.status, success.field.as_ref().map(field), &quote!(kit::Verdict::SUCCESS));
    let defaults = || contract.errors.iter().filter(|rule| rule.is_default());
    // What the language says is the same for all: the kit has it.
    if defaults().eq(&ErrorRule::defaults()) {
        let arms = arms.arms;
        return quote!(match status { #(#arms)* _ => kit::Verdict::undescribed(status), });
    }
    for rule in defaults() {
        arms.push(&rule.status, condition(&rule.body), &verdict(rule));
    }
    let arms = arms.arms;
    quote!(match status { #(#arms)* })
}

/// Whether the verdict depends on the body at all.
pub fn reads_body(contract: &Contract) -> bool {
    contract.response.success.field.is_some()
        || contract
            .errors
            .iter()
            .any(|rule| rule.body != BodyCondition::Any || rule.retry_after.is_some())
}

/// Arms of the `match`, each over the statuses that no earlier arm has taken for good.
#[derive(Default)]
struct Arms {
    arms: Vec<TokenStream>,
    taken: Vec<StatusRange>,
}

impl Arms {
    fn push(&mut self, status: &[StatusRange], guard: Option<TokenStream>, verdict: &TokenStream) {
        let left = subtract(status, &self.taken);
        if left.is_empty() {
            return;
        }
        // What is left of "everything" reads best as the arm for the rest, and also takes statuses beyond 599.
        let all = status.contains(&StatusRange::ALL);
        let pattern = if all { quote!(_) } else { pattern(&left) };
        let guard = guard.as_ref().map(|condition| quote!(if #condition));
        self.arms.push(quote!(#pattern #guard => #verdict,));
        if guard.is_none() {
            self.taken.extend(left);
        }
    }
}

/// The parts of `ranges` that lie in none of `taken`, sorted.
fn subtract(ranges: &[StatusRange], taken: &[StatusRange]) -> Vec<StatusRange> {
    let mut left: Vec<StatusRange> = Vec::new();
    for status in ranges.iter().flat_map(|range| range.first..=range.last) {
        if taken.iter().any(|range| range.contains(status)) {
            continue;
        }
        match left.last_mut() {
            Some(last) if last.last + 1 == status => last.last = status,
            _ => left.push(StatusRange::one(status)),
        }
    }
    left.sort();
    left.dedup();
    left
}

fn pattern(ranges: &[StatusRange]) -> TokenStream {
    let ranges = ranges.iter().map(|range| {
        let (first, last) =
            (Literal::u16_unsuffixed(range.first), Literal::u16_unsuffixed(range.last));
        if range.first == range.last { quote!(#first) } else { quote!(#first..=#last) }
    });
    quote!(#(#ranges)|*)
}

fn condition(body: &BodyCondition) -> Option<TokenStream> {
    match body {
        BodyCondition::Any => None,
        BodyCondition::Empty => Some(quote!(body.is_empty())),
        BodyCondition::Field(matched) => Some(field(matched)),
        BodyCondition::Text(texts) => {
            let tests = texts.iter().map(|text| quote!(body.has_text(#text)));
            Some(quote!(#(#tests)||*))
        }
    }
}

fn field(matched: &FieldMatch) -> TokenStream {
    let place = at(&matched.field);
    let mut tests = matched.equals.iter().map(|value| {
        let value = match value {
            ir::Literal::Bool(value) => quote!(#value),
            ir::Literal::Integer(value) => Literal::i64_suffixed(*value).into_token_stream(),
            ir::Literal::Text(value) => quote!(#value),
        };
        quote!(body.json()#place.is(#value))
    });
    let there = quote!(!body.json()#place.is_absent());
    match tests.next() {
        None => there,
        Some(first) if matched.negated => quote!(#there && !#first #(&& !#tests)*),
        Some(first) => quote!(#first #(|| #tests)*),
    }
}

/// `.at(&["data", "token"])`; nothing for the whole document.
pub fn at(pointer: &Pointer) -> TokenStream {
    let tokens = pointer.way();
    if !pointer.or.is_empty() {
        let places = places(pointer);
        return quote!(.first(#places));
    }
    if tokens.is_empty() { TokenStream::new() } else { quote!(.at(&[#(#tokens),*])) }
}

/// Each of the places that a pointer names.
pub fn places(pointer: &Pointer) -> TokenStream {
    let places = pointer.all().map(|place| {
        let tokens = place.way();
        quote!(&[#(#tokens),*])
    });
    quote!(&[#(#places),*])
}

fn verdict(rule: &ErrorRule) -> TokenStream {
    let (class, name) = (names::ident(rule.class.name()), &rule.name);
    let how = (rule.class == ErrorClass::Reauthenticate).then(|| sign_in(rule.sign_in));
    let how = how.into_iter();
    let or = rule.perhaps_gone.then(|| {
        let how = sign_in(rule.sign_in);
        quote!(.or_reauthenticate(#how))
    });
    let credential = rule.credential.map(|credential| {
        let credential = names::ident(credential.name());
        quote!(.#credential())
    });
    let wait = rule.retry_after.as_ref().map(|wait| {
        let (reader, place) = (names::ident(&format!("wait_in_{}", wait.name())), at(wait.field()));
        quote!(.retry_after(kit::#reader(body.json()#place)))
    });
    quote!(kit::Verdict::#class(#(#how,)* #name)#or #credential #wait)
}

/// By which fields of their bodies answers of other endpoints refuse a dead access token; `None` where none does.
pub fn refused_in_body(contract: &Contract) -> Option<TokenStream> {
    let refusals = contract.access.refusing_fields().map(|refusal| {
        let FieldRefusal { status, field: FieldMatch { field, equals, negated: _ } } = refusal;
        let statuses = status.iter().map(|range| {
            let [first, last] = [range.first, range.last].map(Literal::u16_unsuffixed);
            quote!(#first..=#last)
        });
        let values = equals.iter().map(|value| match value {
            ir::Literal::Bool(value) => quote!(kit::Literal::Bool(#value)),
            ir::Literal::Integer(value) => {
                let value = Literal::i64_unsuffixed(*value);
                quote!(kit::Literal::Integer(#value))
            }
            ir::Literal::Text(value) => quote!(kit::Literal::Text(#value)),
        });
        let field = &field.tokens;
        quote!(kit::facts::BodyRefusal {
            statuses: &[#(#statuses),*],
            field: &[#(#field),*],
            values: &[#(#values),*],
        })
    });
    let refusals: Vec<TokenStream> = refusals.collect();
    (!refusals.is_empty()).then(|| quote!(&[#(#refusals),*]))
}

/// `kit::SignIn::Otp`.
pub fn sign_in(how: SignIn) -> TokenStream {
    let name = names::ident(how.variant());
    quote!(kit::SignIn::#name)
}

/// How to sign in again once the access token is known to be dead: what the first refusal of that kind says. `None` where a client never
/// knows it.
pub fn sign_in_again(contract: &Contract) -> Option<TokenStream> {
    if contract.request.when != RefreshWhen::BeforeExpiry {
        return None;
    }
    let first = contract.errors.iter().find(|rule| rule.class == ErrorClass::Reauthenticate)?;
    (first.sign_in != SignIn::Unspecified).then(|| sign_in(first.sign_in))
}
