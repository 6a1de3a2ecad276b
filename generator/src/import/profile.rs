//! Whether the profile of RFC 6749 says what a request does.

use super::draft::{Draft, JWT_BEARER, REFRESH_TOKEN};
use serde_json::Value;

impl Draft {
    /// Whether the profile says the rest, and what then needs no saying.
    pub(super) fn settle_profile(&mut self) {
        let query = self.query.clone();
        let in_query = |name: &str| query.get(name).and_then(Value::as_str);
        let text = |name: &str| self.text(name).or(in_query(name));
        let has = |name: &str, reference: &str| text(name) == Some(reference);
        let grant = text("grant_type").map(str::to_owned);
        let (usual, holds): (&str, &[&str]) = match self.operation {
            None => (
                "refresh_token",
                if has("refresh_token", REFRESH_TOKEN) {
                    &["refresh_token"]
                } else {
                    return self.plain(Some("the refresh token is not the field `refresh_token`"));
                },
            ),
            Some("client_credentials") => ("client_credentials", &[]),
            Some("sign_in")
                if has("username", "${client.username}")
                    && has("password", "${client.password}") =>
            {
                ("password", &["username", "password"])
            }
            Some("assertion") if has("assertion", "${client.assertion}") => {
                (JWT_BEARER, &["assertion"])
            }
            _ => return self.plain(None),
        };
        let Some(grant) = grant else { return self.plain(Some("there is no `grant_type`")) };
        // The form of the profile would hold nothing: it is none then, and the client has to prove itself in one.
        let in_query_alone =
            holds.iter().chain(&["grant_type"]).all(|name| query.contains_key(*name));
        if in_query_alone && self.fields.is_empty() && self.may_prove_in_body() {
            return self.plain(Some(
                "its fields are in the query, and the form that it sends would hold none of them",
            ));
        }
        self.profile = true;
        let usual =
            Some("grant_type").filter(|_| grant == usual || query.contains_key("grant_type"));
        for name in holds.iter().copied().chain(usual) {
            self.fields.shift_remove(name);
            // What the query holds, the body of the profile does not.
            if query.contains_key(name) {
                self.fields.insert(name.to_owned(), Value::Null);
            }
        }
        let implied = if self.operation == Some("assertion") { "none" } else { "body" };
        self.auth = self.auth.take().filter(|auth| auth != implied);
        if self.json.is_some() {
            self.json = Some(Value::Object(std::mem::take(&mut self.fields)));
        }
    }

    /// Whether the client's id, and its secret perhaps, are fields of the body, or may be.
    fn may_prove_in_body(&self) -> bool {
        let methods = ["body", "public", super::TODO];
        self.auth.as_ref().is_some_and(|auth| {
            methods.into_iter().any(|method| auth == method || auth.get(method).is_some())
        })
    }

    /// Without a profile: all is said, and why where the request looks as if it had one.
    fn plain(&mut self, why: Option<&str>) {
        let has_grant = self.text("grant_type").is_some() || self.query.contains_key("grant_type");
        let looks = self.operation.is_none() && (has_grant || self.line.contains("oauth"));
        if let Some(why) = why.filter(|_| looks) {
            self.notes.push(format!("`profile: rfc6749` is not written, because {why}: what that profile says of answers and errors, the spec has to say itself."));
        }
        self.auth = self.auth.take().filter(|auth| auth != "none");
        if self.json == Some(Value::Null) {
            self.json = Some(Value::Object(std::mem::take(&mut self.fields)));
        }
    }
}
