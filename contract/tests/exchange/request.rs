//! What is on the wire.

use super::{PLAIN, contract, given};
use rekindle_contract::contract::Slot;
use rekindle_contract::exchange::{RenderError, WireRequest, render};

fn header<'a>(request: &'a WireRequest, name: &str) -> Option<&'a str> {
    request.headers.iter().find(|(header, _)| header == name).map(|(_, value)| value.as_str())
}

#[test]
fn basic_is_form_encoded_first() {
    // Rule R5: the id `1PpG/Q 1`, and a secret that holds `+ / : %`.
    let credentials = [("client_id", "1PpG/Q 1"), ("client_secret", "a+b/c:d%e")];
    let form = contract(&format!("{PLAIN}refresh: {{ request: POST /token, auth: basic }}\n"));
    let request = render(&form, &given(&credentials)).unwrap();
    // base64("1PpG%2FQ+1:a%2Bb%2Fc%3Ad%25e")
    assert_eq!(
        header(&request, "authorization"),
        Some("Basic MVBwRyUyRlErMTphJTJCYiUyRmMlM0FkJTI1ZQ==")
    );
    let raw = contract(&format!(
        "{PLAIN}refresh: {{ request: POST /token, auth: {{ basic: {{ encoding: raw }} }} }}\n"
    ));
    let request = render(&raw, &given(&credentials)).unwrap();
    // base64("1PpG/Q 1:a+b/c:d%e")
    assert_eq!(header(&request, "authorization"), Some("Basic MVBwRy9RIDE6YStiL2M6ZCVl"));
}

#[test]
fn values_cannot_leave_their_place_in_the_url() {
    let contract = contract(&format!(
        "{PLAIN}client: {{ tenant: {{}} }}\nrefresh:\n  request: POST /v1/${{client.tenant}}/token?v=2&l=a%20b&t=${{client.tenant}}\n"
    ));
    let client = [("tenant", "a/b?c&d é"), ("client_id", "i"), ("client_secret", "s")];
    let request = render(&contract, &given(&client)).unwrap();
    let tenant = "a%2Fb%3Fc%26d%20%C3%A9";
    assert_eq!(
        request.url,
        format!("https://auth.example.com/base/v1/{tenant}/token?v=2&l=a%20b&t={tenant}")
    );
    let line_break = given(&[("tenant", "a\r\nb"), ("client_id", "i"), ("client_secret", "s")]);
    assert_eq!(
        render(&contract, &line_break),
        Err(RenderError::Refused(Slot::Client("tenant".to_owned())))
    );
    let nothing = given(&[("client_id", "i"), ("client_secret", "s")]);
    assert_eq!(
        render(&contract, &nothing),
        Err(RenderError::Missing(Slot::Client("tenant".to_owned())))
    );
}

#[test]
fn client_authentication_goes_where_it_is_declared() {
    let client = [("client_id", "i d"), ("client_secret", "s")];
    let form = contract(&format!("{PLAIN}refresh: {{ request: POST /token }}\n"));
    let request = render(&form, &given(&client)).unwrap();
    let expected = "grant_type=refresh_token&refresh_token=refresh-1&client_id=i+d&client_secret=s";
    assert_eq!(String::from_utf8(request.body).unwrap(), expected);
    let json = contract(&format!(
        "{PLAIN}refresh:\n  request: POST /token\n  auth: {{ body: {{ client_id: key }} }}\n  json: {{ b: true, t: \"${{refresh_token}}\" }}\n"
    ));
    let request = render(&json, &given(&client)).unwrap();
    assert_eq!(
        String::from_utf8(request.body).unwrap(),
        r#"{"b":true,"t":"refresh-1","key":"i d","client_secret":"s"}"#
    );
    let query = contract(&format!("{PLAIN}refresh: {{ request: POST /token?a=b, auth: query }}\n"));
    let request = render(&query, &given(&client)).unwrap();
    assert!(request.url.ends_with("/token?a=b&client_id=i%20d&client_secret=s"), "{}", request.url);
    let public = contract(&format!("{PLAIN}refresh: {{ request: POST /token, auth: public }}\n"));
    let request = render(&public, &given(&client[..1])).unwrap();
    assert!(request.body.ends_with(b"&client_id=i+d"));
}

#[test]
fn a_fixed_scope_holds_values() {
    let contract = contract(&format!(
        "{PLAIN}client: {{ scope: {{}} }}\nrefresh: {{ request: \"POST /t?x=${{client.scope}}\", scope: {{ fixed: \"${{client.scope}} offline\" }} }}\n"
    ));
    let client = [("scope", "read"), ("client_id", "i"), ("client_secret", "s")];
    let request = render(&contract, &given(&client)).unwrap();
    assert_eq!(request.url, "https://auth.example.com/base/t?x=read");
    let fields: Vec<(String, String)> =
        form_urlencoded::parse(&request.body).into_owned().collect();
    assert!(fields.contains(&("scope".to_owned(), "read offline".to_owned())), "{fields:?}");
}
