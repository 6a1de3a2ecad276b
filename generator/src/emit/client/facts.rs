//! The contract's token semantics as data.

use super::super::names;
use proc_macro2::{Literal, TokenStream};
use quote::quote;
use rekindle_contract::contract::{Contract, FactValue};
use std::time::Duration;

/// `kit::Facts { …, ..kit::Facts::DEFAULT }`: what differs from what holds where a contract says nothing.
pub fn facts(contract: &Contract) -> TokenStream {
    let said = contract.facts().into_iter().filter(|(name, fact)| !fact.is_default_of(name));
    let members = said.map(|(name, fact)| {
        let (name, value) = (names::ident(name), value(&fact));
        quote!(#name: #value,)
    });
    quote!(kit::Facts { #(#members)* ..kit::Facts::DEFAULT })
}

fn value(fact: &FactValue) -> TokenStream {
    match fact {
        FactValue::Flag(flag) => quote!(#flag),
        FactValue::Duration(time) => duration(*time),
        FactValue::Statuses(statuses) => {
            let statuses = statuses.iter().map(|status| Literal::u16_unsuffixed(*status));
            quote!(&[#(#statuses),*])
        }
        FactValue::Optional(None) => quote!(None),
        FactValue::Optional(Some(fact)) => {
            let value = value(fact);
            quote!(Some(#value))
        }
        FactValue::Number(number) => {
            let number = grouped(u64::from(*number));
            quote!(#number)
        }
        FactValue::Struct(of, members) => {
            let of = names::ident(of);
            let members = members.iter().map(|(name, fact)| {
                let (name, value) = (names::ident(name), value(fact));
                quote!(#name: #value)
            });
            quote!(kit::facts::#of { #(#members),* })
        }
        FactValue::Variant(of, variant, held) => {
            let (of, variant) = (names::ident(of), names::ident(variant));
            let values = held.iter().map(value);
            let held = (!held.is_empty()).then(|| quote!((#(#values),*)));
            quote!(kit::facts::#of::#variant #held)
        }
    }
}

/// `Duration::from_secs(60)`.
pub fn duration(duration: Duration) -> TokenStream {
    if duration.subsec_nanos() == 0 {
        let seconds = grouped(duration.as_secs());
        quote!(kit::Duration::from_secs(#seconds))
    } else {
        let milliseconds = grouped(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX));
        quote!(kit::Duration::from_millis(#milliseconds))
    }
}

/// `604_800`: a number in groups of three digits, as people write long ones.
pub fn grouped(number: u64) -> Literal {
    let digits = number.to_string();
    let mut text = String::new();
    for (position, digit) in digits.chars().enumerate() {
        let left = digits.len() - position;
        if digits.len() > 4 && position > 0 && left.is_multiple_of(3) {
            text.push('_');
        }
        text.push(digit);
    }
    text.parse().unwrap_or_else(|_| Literal::u64_unsuffixed(number))
}
