//! What a value stands for that has no signs of a placeholder, and what is told where that is a guess.

use super::places::holds as holds_all;
use rekindle::import::{Settings, curl};

fn imported(line: &str) -> String {
    let text = curl(line, &Settings::default())
        .unwrap_or_else(|problem| panic!("{line}\n{problem:?}"))
        .text;
    holds_all(line, &text);
    text.replace("\n#  ", "")
}

/// Where a field stands in a request: `N=V` in a form and in a query, and the same in JSON and in a header.
const PLACES: &[&str] = &[
    "curl https://a.example/t -u i:s -d 'N=V'",
    "curl 'https://a.example/t?N=V' -u i:s -X POST",
    "curl https://a.example/t -u i:s --json '{\"N\":\"V\"}'",
    "curl https://a.example/t -u i:s -d a=b -H 'N: V'",
];

fn in_each_place(name: &str, value: &str) -> Vec<String> {
    let line = |place: &&str| place.replace('N', name).replace('V', value);
    PLACES.iter().map(line).map(|line| imported(&line)).collect()
}

/// A value that is spelt like its own name, or in capitals like the end of a name, stands for what somebody brings.
#[test]
fn a_value_that_is_called_like_its_name_is_none() {
    for (name, value) in [
        ("region", "REGION"),
        ("region", "region"),
        ("store", "STORE"),
        ("shopDomain", "SHOP_DOMAIN"),
        ("shopDomain", "shop_domain"),
        ("shopDomain", "shop-domain"),
        ("shop_domain", "shopDomain"),
        ("corpid", "ID"),
        ("corpid", "CORP_ID"),
        ("shop", "STORE_ID"),
        ("shop", "SHOP_NAME"),
        ("shop", "PUT SHOP HERE"),
    ] {
        for text in in_each_place(name, value) {
            assert!(text.contains("${client."), "{name}, {value}\n{text}");
            assert!(!text.contains(&format!("{name}: {value}")), "{name}, {value}\n{text}");
        }
    }
    let text =
        imported("curl 'https://a.example/cgi-bin/gettoken?corpid=ID&corpsecret=SECRET' -X GET");
    for words in ["corpid: \"${client.corpid}\"", "corpsecret: \"${client.corpsecret}\""] {
        assert!(text.contains(words), "{text}");
    }
}

/// A word of the protocol stays, be it in capitals.
#[test]
fn a_word_of_the_protocol_is_no_placeholder() {
    for (name, value) in [
        ("flow", "REFRESH_TOKEN"),
        ("login_type", "API_KEY"),
        ("mode", "WEB"),
        ("region", "EU"),
        ("lang", "en"),
        ("X-Edition", "E2"),
        ("response_mode", "web"),
    ] {
        for text in in_each_place(name, value) {
            assert!(text.contains(&format!("{name}: {value}")), "{name}, {value}\n{text}");
        }
    }
}

/// Where a token of the client itself is a guess, a comment says so; a token that is traded is no setting.
#[test]
fn a_guessed_operation_is_told() {
    let exchange = "curl 'https://a.example/oauth/access_token?grant_type=fb_exchange_token&client_id={app-id}&client_secret={app-secret}&fb_exchange_token={token}'";
    let text = imported(exchange);
    for words in [
        "The source trades the token `fb_exchange_token`; assumed: it is the access token itself, `operation: access_token`",
        "fb_exchange_token: \"${access_token}\"",
    ] {
        assert!(text.contains(words), "{text}");
    }
    let subject = |kind: &str| {
        imported(&format!(
            "curl https://a.example/t -u i:s -d grant_type=urn:ietf:params:oauth:grant-type:token-exchange -d subject_token=abc \
             -d subject_token_type=urn:ietf:params:oauth:token-type:{kind}"
        ))
    };
    let text = subject("access_token");
    assert!(text.contains("trades the token `subject_token`; assumed"), "{text}");
    assert!(text.contains("subject_token: \"${access_token}\""), "{text}");
    let text = subject("refresh_token");
    assert!(text.contains("subject_token: \"${refresh_token}\""), "{text}");
    assert!(!text.contains("operation"), "{text}");
    for kind in ["id_token", "jwt", "saml2"] {
        let text = subject(kind);
        for words in [
            "grant_type=urn:ietf:params:oauth:grant-type:token-exchange and no token that is known; assumed: `operation: client_credentials`",
            "`subject_token` stands for a setting of the client: it is none where each exchange sends another.",
        ] {
            assert!(text.contains(words), "{kind}\n{text}");
        }
    }
    for (grant, is_guess) in [
        ("client_credentials", false),
        ("account_credentials", true),
        ("GRANT_TYPE", true),
        ("<grant>", true),
    ] {
        let text = imported(&format!("curl https://a.example/t -u i:s -d 'grant_type={grant}'"));
        let is_told = text.contains("assumed: `operation: client_credentials`");
        assert_eq!(is_told, is_guess, "{grant}\n{text}");
    }
    let sent = "curl https://a.example/t -u i:s -d access_token=x";
    assert!(!imported(sent).contains("assumed"));
}

/// A header that the page writes as an expression is the header that it makes.
#[test]
fn a_header_that_is_an_expression_is_read() {
    let body = "grant_type=refresh_token&refresh_token=x";
    for basic in [
        "\"Basic \" + base64encode(client_id + \":\" + client_secret)",
        "\"Basic\" + \" \" + base64(id:secret)",
        "'Basic ' . base64_encode($id . ':' . $secret)",
        "\"basic \" & Base64(id & \":\" & secret)",
        "`Basic ${btoa(id + ':' + secret)}`",
        "Basic base64(client_id:client_secret)",
    ] {
        let text = imported(&format!(
            "POST /t HTTP/1.1\nHost: a.example\nauthorization: {basic}\n\n{body}"
        ));
        assert!(text.contains("auth: { basic: { encoding: raw } }"), "{basic}\n{text}");
        assert!(!text.contains("api_key"), "{basic}\n{text}");
        let bare =
            imported(&format!("POST /token HTTP/1.1\nHost: a.example\nauthorization: {basic}"));
        assert!(bare.contains("auth: { basic: { encoding: raw } }"), "{basic}\n{bare}");
    }
    for bearer in ["\"Bearer \" + access_token", "`Bearer ${token}`", "'Bearer ' + ACCESS_TOKEN"] {
        let text =
            imported(&format!("POST /t HTTP/1.1\nHost: a.example\nAuthorization: {bearer}\n\na=b"));
        assert!(text.contains("Authorization: \"Bearer ${access_token}\""), "{bearer}\n{text}");
    }
}
