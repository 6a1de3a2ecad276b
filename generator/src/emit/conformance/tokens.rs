//! Small pieces of Rust.

use super::super::names;
use crate::template::Tokens;
use minijinja::Value;
use proc_macro2::{Literal, TokenStream};
use quote::{ToTokens, quote};
use rekindle_contract::contract::{ErrorClass, SignIn};

/// Tokens as a value of the template engine: the only thing that a Rust template prints.
pub fn value(tokens: impl ToTokens) -> Value {
    Value::from(Tokens::new(tokens))
}

/// A literal of a text, raw where that reads better.
pub use super::super::sample::raw as text;

/// A whole number without a suffix, its digits in groups of three.
pub fn number(number: impl Into<u64>) -> Literal {
    let digits = number.into().to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position) % 3 == 0 && digits.len() > 4 {
            grouped.push('_');
        }
        grouped.push(digit);
    }
    grouped.parse().unwrap_or_else(|_| Literal::u64_unsuffixed(0))
}

/// A class of errors; one that says how long to wait says nothing of it here.
pub fn class(class: ErrorClass, sign_in: SignIn) -> TokenStream {
    let variant = names::ident(class.variant());
    let held = match class {
        ErrorClass::Reauthenticate => {
            let sign_in = self::sign_in(sign_in);
            quote!((#sign_in))
        }
        ErrorClass::RateLimited => quote!({ after: None }),
        _ => TokenStream::new(),
    };
    quote!(Class::#variant #held)
}

/// A way to sign in again.
pub fn sign_in(sign_in: SignIn) -> TokenStream {
    let variant = names::ident(sign_in.variant());
    quote!(SignIn::#variant)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_hold_any_text() {
        for sample in ["plain", "a\"b", "a\"#b", "\\", "a\nb", "\u{1}\"", "é\""] {
            let parsed: syn::LitStr =
                syn::parse2(text(sample).into_token_stream()).expect("a literal");
            assert_eq!(parsed.value(), sample);
        }
    }

    #[test]
    fn numbers_are_grouped() {
        assert_eq!(number(1234_u64).to_string(), "1234");
        assert_eq!(number(86_400_000_u64).to_string(), "86_400_000");
    }
}
