//! What a success says.

use super::bench::{Bench, REFRESH_LIFE, seconds, started_at};
use super::errors::near_misses;
use super::made::{ACCESS_LIFE, put, quoted, remove};
use super::subject::Tokens;
use crate::{answer, nested};
use rekindle_contract::contract::{Expiry as Declared, FORM, Outcome, Pointer, TokenPlace};
use rekindle_runtime::{Deviation, Expiry, MAX_BODY};
use serde_json::Value;

/// Token types that are registered or seen, and names that begin or end like one.
const OTHER_TYPES: [&str; 7] = ["mac", "DPoP", "N_A", "BearerX", "Beare", "x", "not-declared"];

/// A success brings the tokens, their ends, and nothing to complain about.
pub fn success_as_declared(bench: &Bench<'_>) {
    let contract = &bench.contract;
    let tokens = bench.tokens(bench.success_text());
    assert_eq!(tokens.access.expose(), bench.new_access);
    assert_eq!(tokens.access.expiry(), bench.expected_end(&contract.access.expires, ACCESS_LIFE));
    if let Some(refresh) = &contract.refresh {
        let held = bench.values.refresh.as_str();
        assert_eq!(tokens.refresh_text(), bench.answered_refresh().unwrap_or(held));
        assert_eq!(tokens.refresh_expiry(), refresh_end(bench, &refresh.expires));
    }
    assert!(tokens.deviations.is_empty(), "{:?}", tokens.deviations);
}

/// The end of the refresh token after the usual success. One that is kept has the end that it had.
fn refresh_end(bench: &Bench<'_>, expires: &Declared) -> Expiry {
    let answered = bench.answered_refresh();
    let same = answered == Some(bench.values.refresh.as_str());
    match expires {
        Declared::Jwt if same || answered.is_none() => Expiry::At(started_at() + seconds(86_400)),
        Declared::Constant(_) if same => Expiry::Undeclared,
        Declared::Never | Declared::Undeclared => bench.expected_end(expires, REFRESH_LIFE),
        _ if answered.is_none() => Expiry::Undeclared,
        _ => bench.expected_end(expires, REFRESH_LIFE),
    }
}

/// Every status of a success is one, and no other is (R20).
pub fn success_status(bench: &Bench<'_>) {
    let body = bench.success_text();
    for status in 100..=599 {
        match bench.outcome(status, body.as_bytes()) {
            Outcome::Success => {
                let tokens = bench.finish(answer(status).body(body.as_str()));
                assert!(tokens.is_ok(), "status {status} is one of a success");
            }
            Outcome::Refused(rule) => bench.assert_refused(rule, status, &body),
        }
    }
}

/// A success says so in its body too; an answer that says anything else is an error (R22).
pub fn success_field(bench: &Bench<'_>) {
    let field = bench.contract.response.success.field.as_ref().expect("there is a field");
    let success = bench.fields.as_ref().expect("the answer has fields");
    let listed: Vec<Value> = field.equals.iter().map(Value::from).collect();
    let values = match (listed.is_empty(), field.negated) {
        (true, _) => vec![Value::Bool(true), Value::from("any")],
        (false, false) => listed.clone(),
        (false, true) => {
            let others = listed.iter().flat_map(near).chain([Value::from("any"), 7.into()]);
            others.filter(|other| !listed.contains(other)).collect()
        }
    };
    let with = |found: Value| {
        let mut body = success.clone();
        put(&mut body, &field.field, found);
        bench.written(&body)
    };
    for value in &values {
        let body = with(value.clone());
        if bench.outcome(bench.status, body.as_bytes()) == Outcome::Success {
            bench.tokens(bench.success().with(&field.field.to_string(), &value.to_string()));
        }
    }
    let others = values.iter().map(other_type).chain(values.iter().flat_map(near)).chain(listed);
    // In XML a number is its text, and an empty text is one.
    let is_other = |value: &Value| !bench.is_xml() || !field.accepts(&text_of(value));
    let others = others.filter(is_other);
    let mut without = success.clone();
    remove(&mut without, &field.field);
    let others = others.map(with).chain([with(Value::Null), bench.written(&without)]);
    bench.assert_refusals(others.map(|body| (bench.status, body)));
}

/// The text of a value, as XML has it.
fn text_of(value: &Value) -> Value {
    if value.is_string() { value.clone() } else { Value::from(value.to_string()) }
}

/// The same in another type: `true` is not `"true"`.
fn other_type(found: &Value) -> Value {
    match found {
        Value::String(_) => Value::from(0),
        other => Value::from(other.to_string()),
    }
}

/// Values that are nearly this one.
fn near(found: &Value) -> Vec<Value> {
    let beside = match found {
        Value::Bool(value) => Some(u8::from(*value).into()),
        Value::String(_) => Some("".into()),
        _ => None,
    };
    near_misses(found).into_iter().chain(beside).collect()
}

/// Texts that are no tokens: no header can carry them (RFC 9110 section 5.5), or they could not be decoded.
pub(super) const NO_TOKENS: [&str; 7] = [
    r#"" ""#,
    r#""a\r\nx: b""#,
    "\"a\nb\"",
    r#""a\u0000""#,
    r#""a\u007f""#,
    r#"" a""#,
    r#""a\ud83d""#,
];

/// Without an access token there is no success: missing, `null`, empty, of another type or a text that no header can carry,
/// nothing is kept (R12, R19).
pub fn access_token_missing(bench: &Bench<'_>) {
    let (answer, access) = (bench.lossy(), bench.access_place());
    bench.assert_lost(answer.without(&access));
    let others = ["null", r#""""#, "0", "true", "{}", "[]", r#"["token"]"#];
    let others = others.iter().chain(&NO_TOKENS);
    for value in others.filter(|value| bench.can_send_at(&access, value)) {
        bench.assert_lost(answer.with(&access, value));
    }
    let place = bench.contract.response.access_token.field().expect("it is a field");
    for length in 1..place.tokens.len() {
        let parent = Pointer::new(place.tokens[..length].to_vec()).to_string();
        for value in ["null", r#""text""#, "[]", "7"] {
            bench.assert_lost(answer.with(&parent, value));
        }
    }
}

/// The access token of an answer is the new one.
fn assert_new(bench: &Bench<'_>, tokens: &Tokens) {
    assert_eq!(tokens.access.expose(), bench.new_access);
}

/// The name of the member that holds the access token.
fn access_name<'a>(bench: &'a Bench<'_>) -> &'a str {
    let place = bench.contract.response.access_token.field();
    place.and_then(|place| place.tokens.last()).expect("it is a member")
}

/// Members that nobody declared are ignored, whatever their values are and whether or not the grammar has them; of a member that is
/// there twice the last one counts (R18).
pub fn members_unknown(bench: &Bench<'_>) {
    let undeclared = bench.undeclared("not_declared");
    let more = bench.success().with(&undeclared, r#"{"access_token":[null]}"#);
    assert_new(bench, &bench.tokens(more));
    let deep = nested(10_000);
    let odd = [
        r#""\ud83d""#,
        "1e400",
        "123456789012345678901234567890",
        "\"raw\r\nline break\"",
        r#""\x""#,
        deep.as_str(),
    ];
    for value in odd {
        assert_new(bench, &bench.tokens(bench.success().with(&undeclared, value)));
    }
    let latin = bench.success().with(&undeclared, r#""caf@""#).text().into_bytes();
    let latin = latin.iter().map(|byte| if *byte == b'@' { 0xe9 } else { *byte });
    assert_new(bench, &bench.tokens(latin.collect::<Vec<_>>()));
    let (name, token) = (quoted(access_name(bench)), quoted(&bench.new_access));
    let twice = format!("\"first\",{name}:{token}");
    assert_new(bench, &bench.tokens(bench.success().with(&bench.access_place(), &twice)));
}

/// The fields of a form are decoded, of a field that is there twice the last one counts, and a JSON object is read as well (R18).
pub fn form_decoded(bench: &Bench<'_>) {
    let decoded = bench.success().with(&bench.access_place(), r#""a b+c&d=%é""#);
    assert_eq!(bench.tokens(decoded).access.expose(), "a b+c&d=%é");
    let twice = format!("{}=first&{}\r\n", access_name(bench), bench.success().text());
    assert_new(bench, &bench.tokens(twice));
    assert_new(bench, &bench.tokens(bench.success().with("/not_declared", "null")));
}

/// Elements and attributes are decoded, of elements with the same name beside one another the first one counts, and prefixes, comments
/// and white space around a text are none of it. What declares entities, or asks for one, is no answer, and neither is the same in JSON
/// (R18, R22).
pub fn xml_decoded(bench: &Bench<'_>) {
    let usual = bench.lossy();
    let text = usual.text();
    let access = bench.contract.response.access_token.field().expect("it is a field");
    let decoded = usual.with(&bench.access_place(), r#""a<b>&'\"c""#);
    assert_eq!(bench.tokens(decoded).access.expose(), "a<b>&'\"c");
    let (_, root) = text.split_once("?>").expect("it is declared");
    for odd in [root.to_owned(), format!("<?xml version='1.0'?>\r\n<!-- {text} -->\n{root}\n")] {
        assert_new(bench, &bench.tokens(odd));
    }
    let token = bench.new_access.as_str();
    if access.tokens.last().is_some_and(|last| !last.contains('@')) {
        let name = access_name(bench);
        let element = format!(">{token}</{name}>");
        let instead = |other: &str| text.replacen(&element, other, 1);
        let (first, rest) = token.split_at(1);
        let code = u32::from(first.chars().next().expect("a character"));
        for same in [
            format!(">\n\t{token}<!-- x --></{name}>"),
            format!("><![CDATA[{token}]]></{name}>"),
            format!(">&#{code};{rest}</{name}>"),
            format!(" not-declared='1' xmlns:x='urn:x'>&#x{code:x};{rest}</{name}>"),
            format!("{element}<{name}>second</{name}>"),
        ] {
            assert_new(bench, &bench.tokens(instead(&same)));
        }
        let bomb =
            format!("<!DOCTYPE x [<!ENTITY a '{token}'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;'>]>");
        let external = "<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/hostname'>]>";
        for (declared, asked) in [(bomb.as_str(), "b"), (external, "a"), ("", "a"), ("", "nbsp")] {
            let asked = instead(&format!(">&{asked};</{name}>"));
            bench.assert_lost(asked.replacen("?>", &format!("?>{declared}"), 1));
        }
        bench.assert_lost(text.replacen("?>", "?><!DOCTYPE x>", 1));
        bench.assert_lost(instead(&format!(">{token}</{name}x>")));
    }
    bench.assert_lost(format!("{text}{root}"));
    bench.assert_lost(bench.fields.as_ref().expect("it has fields").to_string());
}

/// What cannot be read is an error at a success, and never a panic (R18, R24).
pub fn body_unreadable(bench: &Bench<'_>) {
    let unnamed = |body: &str| match bench.outcome(bench.status, body.as_bytes()) {
        Outcome::Success => true,
        Outcome::Refused(rule) => rule.is_default(),
    };
    let bodies = ["", " ", "null", "7", "[]", "<html>OK</html>", "{}}", "{\"a\":}"];
    let mut bodies: Vec<_> = bodies.map(str::to_owned).into();
    bodies.extend(form_instead(bench));
    bodies.retain(|body| unnamed(body));
    if !bench.is_form() {
        // A form that was cut is one still.
        let mut cut = bench.lossy().text();
        cut.pop();
        bodies.push(cut);
    }
    bodies.push(nested(100_000));
    for body in bodies {
        bench.assert_lost(body);
    }
    bench.assert_lost(*b"{\"a\":\"\xff\"}");
}

/// The fields of a success as a form, which is none where answers are JSON; `None` where no form can hold them.
fn form_instead(bench: &Bench<'_>) -> Option<String> {
    let TokenPlace::Json(place) = &bench.contract.response.access_token else {
        return None;
    };
    if place.tokens.len() > 1 {
        return None;
    }
    let mut forms = bench.contract.clone();
    forms.response.access_token = TokenPlace::Form(place.clone());
    let (media_type, body) = forms.written(&forms.told(bench.fields.clone()?));
    (media_type == FORM).then_some(body)
}

/// The whole body is the token, without the white space around it; without one, as where it is a page, there is no success
/// (R12, R19).
pub fn body_is_the_token(bench: &Bench<'_>) {
    assert_new(bench, &bench.tokens(format!(" \r\n{}\n", bench.success_text())));
    if bench.fields.is_some() {
        let others =
            ["null", r#""""#, "7", "true", "[]", r#"["token"]"#, bench.new_access.as_str()];
        others.iter().chain(&NO_TOKENS).for_each(|other| bench.assert_lost(*other));
    }
    let none = [
        &b""[..],
        b" \r\n\t",
        b"\xff\xfe",
        b"<html>OK</html>",
        b"Try again later",
        b"a\r\nb",
        b"a\0b",
        b"{}",
    ];
    for body in none {
        bench.assert_lost(body);
    }
}

/// An answer of more than 1 MiB is not read (R18).
pub fn body_too_large(bench: &Bench<'_>) {
    let mut body = bench.success_text();
    let room = MAX_BODY - body.len();
    body.push_str(&" ".repeat(room));
    bench.tokens(body.as_str());
    body.push(' ');
    bench.assert_lost(body);
}

/// The token's type has no case and no white space around it, and a missing one is reported. Another one is an error where the spec says which it must be, and
/// reported where the profile does (R13).
pub fn token_type(bench: &Bench<'_>) {
    let declared = bench.contract.response.token_type.as_ref().expect("it has a place");
    let place = declared.field.to_string();
    for name in &declared.accepted {
        let spaced = format!("{name} ");
        for name in [name.clone(), name.to_ascii_lowercase(), name.to_ascii_uppercase(), spaced] {
            bench.tokens(bench.success().with(&place, &quoted(&name)));
        }
    }
    let is_known = |name: &&str| declared.accepts(name);
    let unknown = OTHER_TYPES.iter().filter(|name| !is_known(name)).map(|name| quoted(name));
    let answer = bench.lossy();
    for unknown in unknown.chain(["7".to_owned(), "[]".to_owned()]).filter(|it| bench.can_send(it))
    {
        let answer = answer.with(&place, &unknown);
        if declared.demanded {
            bench.assert_lost(answer);
        } else {
            let tokens = bench.tokens(answer);
            assert_new(bench, &tokens);
            assert!(tokens.deviations.contains(&Deviation::TokenTypeUnknown), "{unknown}");
        }
    }
    let tokens = bench.tokens(bench.success().without(&place));
    assert_eq!(tokens.deviations, [Deviation::TokenTypeMissing]);
}

/// A scope in the answer is the new one, be it a text or a list of them; without one it is unchanged. Anything else is reported, and
/// does not cost the tokens (R17).
pub fn scope(bench: &Bench<'_>) {
    let place = bench.contract.response.scope.as_ref().expect("it has a place").to_string();
    let tokens = bench.tokens(bench.success().with(&place, r#""read""#));
    assert_eq!(tokens.scope.as_deref(), Some("read"));
    for body in [bench.success().without(&place), bench.success().with(&place, "null")] {
        assert_eq!(bench.tokens(body).scope, None);
    }
    if !bench.holds_texts() {
        let tokens = bench.tokens(bench.success().with(&place, r#"["read","write"]"#));
        assert_eq!((tokens.scope.as_deref(), &*tokens.deviations), (Some("read write"), &[][..]));
        assert_eq!(bench.tokens(bench.success().with(&place, "[]")).scope, None);
    }
    let others = [r#"["read",1]"#, "7", "{}", "[[]]"].into_iter();
    for value in others.filter(|value| bench.can_send(value)) {
        let tokens = bench.tokens(bench.success().with(&place, value));
        assert_new(bench, &tokens);
        assert_eq!((tokens.scope, &*tokens.deviations), (None, &[Deviation::ScopeUnreadable][..]));
    }
}
