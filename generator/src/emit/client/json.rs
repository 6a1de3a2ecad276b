//! JSON with places, as the code that writes it.

use super::values;
use proc_macro2::TokenStream;
use quote::quote;
use rekindle_contract::contract::{Contract, JsonTemplate, Template};

/// How JSON comes into being.
pub enum Written {
    /// It is always this text.
    Always(String),
    /// These statements write it to the end of `body`.
    By(Vec<TokenStream>),
}

/// How this JSON is written.
pub fn written(contract: &Contract, json: &JsonTemplate) -> Written {
    let mut pieces = Pieces { contract, statements: Vec::new(), constant: String::new() };
    pieces.value(json);
    if pieces.statements.is_empty() {
        return Written::Always(pieces.constant);
    }
    pieces.flush();
    Written::By(pieces.statements)
}

/// The pieces of a JSON body: bytes as they are, and texts that depend on a value.
struct Pieces<'a> {
    contract: &'a Contract,
    statements: Vec<TokenStream>,
    constant: String,
}

impl Pieces<'_> {
    fn value(&mut self, json: &JsonTemplate) {
        match json {
            JsonTemplate::Constant(constant) => self.constant.push_str(&constant.to_string()),
            JsonTemplate::Text(template) => self.text(template),
            JsonTemplate::List(items) => {
                self.constant.push('[');
                for (position, item) in items.iter().enumerate() {
                    self.separate(position);
                    self.value(item);
                }
                self.constant.push(']');
            }
            JsonTemplate::Object(members) => {
                self.constant.push('{');
                let mut is_first_known = true;
                for (position, (name, member)) in members.iter().enumerate() {
                    if let Some(parameter) = self.optional(member) {
                        self.flush();
                        let text = values::given_or_not(self.contract, parameter);
                        self.statements
                            .push(quote!(kit::json_member_if_given(body, #name, #text);));
                        is_first_known = false;
                        continue;
                    }
                    if is_first_known {
                        self.separate(position);
                    } else {
                        self.flush();
                        self.statements.push(quote!(kit::json_separator(body);));
                    }
                    self.constant.push_str(&json_text(name));
                    self.constant.push(':');
                    self.value(member);
                }
                self.constant.push('}');
            }
        }
    }

    fn text(&mut self, template: &Template) {
        if let Some(literal) = template.as_literal() {
            self.constant.push_str(&json_text(literal));
            return;
        }
        self.flush();
        let text = values::text(self.contract, template);
        self.statements.push(quote!(kit::json_string(body, #text);));
    }

    /// The optional parameter that a member consists of.
    fn optional<'j>(&self, member: &'j JsonTemplate) -> Option<&'j str> {
        match member {
            JsonTemplate::Text(template) => self.contract.optional_in(template),
            _ => None,
        }
    }

    fn separate(&mut self, position: usize) {
        if position > 0 {
            self.constant.push(',');
        }
    }

    fn flush(&mut self) {
        if !self.constant.is_empty() {
            self.statements.push(values::appended(&std::mem::take(&mut self.constant)));
        }
    }
}

fn json_text(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
