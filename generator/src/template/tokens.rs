//! Tokens: the only thing that may fill a place of a Rust template.

use minijinja::value::{Object, ObjectRepr, Value};
use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::ToTokens;
use std::fmt;
use std::sync::Arc;

/// The width that documentation is wrapped to; with `/// ` and a level of indentation it stays below 100.
const WIDTH: usize = 90;

/// Rust tokens, printed. They can only be made from a token stream, so what they hold lexes as Rust and no text can
/// leave its literal.
///
/// ```
/// use rekindle::template::Tokens;
///
/// assert_eq!(Tokens::str("\"; evil(); //").as_str(), r#""\"; evil(); //""#);
/// assert_eq!(Tokens::ident("refresh_token").as_str(), "refresh_token");
/// assert_eq!(Tokens::ident("type").as_str(), "r#type");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Tokens(String);

impl Tokens {
    /// Whatever `quote` made.
    pub fn new(tokens: impl ToTokens) -> Self {
        Self(tokens.to_token_stream().to_string())
    }

    /// Documentation: one `#[doc = " …"]` a line. `text` is Markdown; see [`prose`](super::prose) for text of a spec.
    pub fn doc(text: &str) -> Self {
        Self(doc_attributes(text, "#"))
    }

    /// Documentation of the module or function that it stands in: one `#![doc = " …"]` a line.
    pub fn inner_doc(text: &str) -> Self {
        Self(doc_attributes(text, "#!"))
    }

    /// An identifier; a keyword becomes raw. Characters that no identifier may hold become `_`.
    pub fn ident(name: &str) -> Self {
        Self::new(identifier(name))
    }

    /// A string literal.
    pub fn str(text: &str) -> Self {
        Self::new(Literal::string(text))
    }

    /// The tokens as they will be printed.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tokens({})", self.0)
    }
}

impl Object for Tokens {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn is_true(self: &Arc<Self>) -> bool {
        !self.is_empty()
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<Tokens> for Value {
    fn from(tokens: Tokens) -> Self {
        Self::from_object(tokens)
    }
}

impl From<TokenStream> for Tokens {
    fn from(tokens: TokenStream) -> Self {
        Self::new(tokens)
    }
}

/// `name` as an identifier, whatever it holds.
fn identifier(name: &str) -> Ident {
    let mut clean: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    if !clean.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
        clean.insert(0, '_');
    }
    if let Ok(ident) = syn::parse_str::<Ident>(&clean) {
        return ident;
    }
    match clean.as_str() {
        "self" | "Self" | "super" | "crate" | "_" => {
            Ident::new(&format!("{clean}_"), Span::call_site())
        }
        keyword => Ident::new_raw(keyword, Span::call_site()),
    }
}

/// One attribute a line. `opening` is `#` or `#!`.
fn doc_attributes(text: &str, opening: &str) -> String {
    let mut attributes = String::new();
    for line in crate::markdown::wrap(text, WIDTH) {
        let line = if line.is_empty() { line } else { format!(" {line}") };
        // Each attribute on a line of its own: an error in the rendered text then points at the right one.
        attributes.push_str(&format!("{opening}[doc = {}]\n", Literal::string(&line)));
    }
    attributes
}

#[cfg(test)]
mod tests {
    use super::Tokens;

    #[test]
    fn identifiers_are_always_valid() {
        for name in [
            "", "_", "1st", "type", "self", "Self", "crate", "a-b", "ünï", "try", "gen", "a b; c",
            "\u{202e}",
        ] {
            let tokens = Tokens::ident(name);
            assert!(
                syn::parse_str::<syn::Ident>(tokens.as_str()).is_ok()
                    || tokens.as_str().starts_with("r#"),
                "{tokens:?}"
            );
        }
    }

    #[test]
    fn documentation_stays_in_its_attribute() {
        let doc = Tokens::doc("one */ \"quoted\"]\n\ntwo #[evil]\u{7}\r\u{202e}");
        let source = format!("{}struct S;", doc.as_str());
        let file = syn::parse_file(&source).expect("still one item");
        assert_eq!(file.items.len(), 1);
        assert!(
            !doc.as_str().contains('\u{7}')
                && !doc.as_str().contains('\r')
                && !doc.as_str().contains('\u{202e}')
        );
    }

    proptest::proptest! {
        /// Whatever a spec holds comes back out of the literal, and nothing else comes out.
        #[test]
        fn any_text_stays_in_its_literal(text in ".*|[\\\\\"'*/#{}\\r\\n\\t\\u{0}\\u{202e} a`]*") {
            let source = format!("{}const A: &str = {};", Tokens::doc(&text).as_str(), Tokens::str(&text).as_str());
            let formatted = crate::format::format(&source).expect("Rust");
            let file = syn::parse_file(&formatted).expect("Rust");
            let [syn::Item::Const(item)] = file.items.as_slice() else { panic!("{formatted}") };
            let syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(literal), .. }) = &*item.expr else { panic!("{formatted}") };
            assert_eq!(literal.value(), text);
            assert!(item.attrs.iter().all(|attribute| attribute.path().is_ident("doc")));
            assert_eq!(crate::format::format(&formatted).expect("Rust"), formatted);
        }

        /// Any name becomes one identifier.
        #[test]
        fn any_name_becomes_an_identifier(name in ".*") {
            let tokens: proc_macro2::TokenStream = Tokens::ident(&name).as_str().parse().expect("Rust");
            assert!(matches!(tokens.into_iter().collect::<Vec<_>>().as_slice(), [proc_macro2::TokenTree::Ident(_)]));
        }
    }
}
