//! How to read the answer.

use super::{OneOrMany, OutputSpec, PlaceSpec};
use serde::Deserialize;
use std::collections::BTreeMap;

/// How to read the answer. Fields are JSON pointers (RFC 6901): `/data/accessToken`, in XML too: `/credentials/access-token`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[cfg_attr(any(test, feature = "schema"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ResponseSpec {
    /// What success looks like: `2xx`, `200`, `[200, 201]`, or a mapping that also asks for a field. `2xx` unless said.
    pub success: Option<SuccessSpec>,
    /// The format of the body, errors included. `json` unless said.
    pub body: Option<BodyFormat>,
    /// Where the new access token is: a JSON pointer, or `whole_body` in a `text` answer. `""` is the whole answer (RFC 6901), where that
    /// is a text of JSON: `"eyJh…"`. Where answers differ, a list of pointers, of
    /// which the first one counts that leads to something: `[/access_token, /data/accessToken]`. It may also be in a header,
    /// `{ header: X-Auth-Token }`, or in a cookie that the answer sets, `{ cookie: session }`: then the body need not be
    /// readable, unless a refresh token is in it.
    ///
    /// `unchanged`: in no answer. The access token that was sent lives on, with the end that `tokens.access.expires` says anew: a constant,
    /// a field of the answer, or nothing. `success` must say which answers are one, as no token shows it; a body need not be there nor be
    /// readable, a 204 perhaps, but a page for people (`<html>`) is no success. The request holds `${access_token}`, alone
    /// (`operation: access_token`) or beside a refresh token; neither is spent, so a lost answer is no doubt:
    /// `{ success: 204, access_token: unchanged }`.
    pub access_token: Option<OneOrMany<PlaceSpec>>,
    /// Where the new refresh token is, if answers hold one, or any of several places: in the body, in a header or in a cookie. Absent,
    /// `null` and `""` all keep the old one.
    pub refresh_token: Option<OneOrMany<PlaceSpec>>,
    /// Where the token's type is. Compared without case; any but `Bearer` is an error unless `accepted` lists it.
    pub token_type: Option<TokenTypeSpec>,
    /// Where the granted scope is, or any of several places: a text, or a list of them. Absent means unchanged.
    pub scope: Option<OneOrMany<String>>,
    /// What else answers hold and is kept with the tokens, by name: `corp_id: /corpId` for a text,
    /// `instance_url: { field: /instance_url, type: url }` where there is more to say.
    #[serde(default)]
    pub outputs: BTreeMap<String, OutputSpec>,
}

/// What success looks like.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[cfg_attr(any(test, feature = "schema"), derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum SuccessSpec {
    /// A status, or any of several.
    Status(OneOrMany<StatusSpec>),
    /// A status and a field.
    Detailed(SuccessDetail),
}

/// A status, and a field with a given value.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[cfg_attr(any(test, feature = "schema"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SuccessDetail {
    /// The status, or any of several. `2xx` unless said.
    pub status: Option<OneOrMany<StatusSpec>>,
    /// The field that must hold one of the values of `equals`, or none of those of `not`: `/ok`. Without either it must only be
    /// there and not be `null`.
    pub field: String,
    /// The value, or any of several. Types count: `true` is not `"true"`, `0` is not `"0"`, save in forms, which hold texts alone;
    /// where answers come with either, list both: `[0, "0"]`.
    pub equals: Option<OneOrMany<Scalar>>,
    /// The value that the field must not have, or several of which it must have none. It must be there and not be `null`. In place
    /// of `equals`.
    pub not: Option<OneOrMany<Scalar>>,
}

/// A status: a number, or a class such as `4xx`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(any(test, feature = "schema"), derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum StatusSpec {
    /// One status: `401`.
    Code(#[cfg_attr(any(test, feature = "schema"), schemars(range(min = 100, max = 599)))] u64),
    /// A class of them: `4xx`.
    Class(StatusClass),
}

/// A class of statuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(any(test, feature = "schema"), derive(schemars::JsonSchema))]
pub enum StatusClass {
    /// 200 to 299.
    #[serde(rename = "2xx")]
    Success,
    /// 300 to 399.
    #[serde(rename = "3xx")]
    Redirection,
    /// 400 to 499.
    #[serde(rename = "4xx")]
    ClientError,
    /// 500 to 599.
    #[serde(rename = "5xx")]
    ServerError,
}

/// A JSON value that is not a container.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(any(test, feature = "schema"), derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum Scalar {
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// A text.
    Text(String),
}

/// The format of an answer's body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(any(test, feature = "schema"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum BodyFormat {
    /// JSON (RFC 8259).
    Json,
    /// Plain text: the whole body is the access token.
    Text,
    /// `application/x-www-form-urlencoded`: every field is a text at the top, `/access_token`. A body that is a JSON object is
    /// read as one: providers whose tokens come in forms may report errors in JSON.
    Form,
    /// XML. A field is the path of elements from the root on, by their names without prefixes: `/credentials/access-token` is the text of
    /// that element, without the white space around it, and `/credentials/access-token@expires` is its attribute. Of elements with
    /// the same name beside one another the first one counts; every value is a text. A document type (DTD) is refused, and so is an
    /// entity beyond the five of XML. An answer in JSON has no fields here. Clients need the feature `xml` of `rekindle-runtime`.
    Xml,
}

/// Where the token's type is: a pointer, or a pointer with the types accepted.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(any(test, feature = "schema"), derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum TokenTypeSpec {
    /// Where it is: `/token_type`. Only `Bearer` is accepted.
    Field(String),
    /// Where it is, and what is accepted.
    Detailed(TokenTypeDetail),
}

/// Where the token's type is, and what is accepted.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(any(test, feature = "schema"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct TokenTypeDetail {
    /// Where it is: `/token_type`.
    pub field: String,
    /// The types accepted, compared without case and without white space around them.
    pub accepted: Vec<String>,
}
