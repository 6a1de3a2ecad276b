//! Signatures and keys of the standards, and keys in every form.

use super::*;
use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};

/// The key of RFC 7515 appendix A.2.
const RSA: &str = r#"{"kty":"RSA","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ","e":"AQAB","d":"Eq5xpGnNCivDflJsRQBXHx1hdR1k6Ulwe2JZD50LpXyWPEAeP88vLNO97IjlA7_GQ5sLKMgvfTeXZx9SE-7YwVol2NXOoAJe46sui395IW_GO-pWJ1O0BkTGoVEn2bKVRUCgu-GjBVaYLU6f3l9kJfFNS3E0QbVdxzubSu3Mkqzjkn439X0M_V51gfpRLI9JYanrC4D4qAdGcopV_0ZHHzQlBjudU2QvXt4ehNYTCBr6XCLQUShb1juUO1ZdiYoFaFQT5Tw8bGUl_x_jTj3ccPDVZFD9pIuhLhBOneufuBiB4cS98l2SR_RQyGWSeWjnczT0QU91p1DhOVRuOopznQ","p":"4BzEEOtIpmVdVEZNCqS7baC4crd0pqnRH_5IB3jw3bcxGn6QLvnEtfdUdiYrqBdss1l58BQ3KhooKeQTa9AB0Hw_Py5PJdTJNPY8cQn7ouZ2KKDcmnPGBY5t7yLc1QlQ5xHdwW1VhvKn-nXqhJTBgIPgtldC-KDV5z-y2XDwGUc","q":"uQPEfgmVtjL0Uyyx88GZFF1fOunH3-7cepKmtH4pxhtCoHqpWmT8YAmZxaewHgHAjLYsp1ZSe7zFYHj7C6ul7TjeLQeZD_YwD66t62wDmpe_HlB-TnBA-njbglfIsRLtXlnDzQkv5dTltRJ11BKBBypeeF6689rjcJIDEz9RWdc","dp":"BwKfV3Akq5_MFZDFZCnW-wzl-CCo83WoZvnLQwCTeDv8uzluRSnm71I3QCLdhrqE2e9YkxvuxdBfpT_PI7Yz-FOKnu1R6HsJeDCjn12Sk3vmAktV2zb34MCdy7cpdTh_YVr7tss2u6vneTwrA86rZtu5Mbr1C1XsmvkxHQAdYo0","dq":"h_96-mK1R_7glhsum81dZxjTnYynPbZpHziZjeeHcXYsXaaMwkOlODsWa7I9xXDoRwbKgB719rrmI2oKr6N3Do9U0ajaHF-NKJnwgjMd2w9cjz3_-kyNlxAr2v4IKhGNpmM5iIgOS1VZnOZ68m6_pbLBSp3nssTdlqvd0tIiTHU","qi":"IYd7DHOhrWvxkwPQsRM2tOgrjbcrfvtQJipd-DlcxyVuuM9sQLdgjVk2oy26F0EmpScGLq2MowX7fhd_QJQ3ydy5cY7YIBi87w93IKLEdfnbJtoOPLUW0ITrJReOgo1cq9SbsxYawBgfp_gh6A5603k2-ZQwVK0JKSHuLFkuQ3U"}"#;
/// The key of RFC 7515 appendix A.3.
const P256: &str = r#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0","d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"}"#;
/// The key of RFC 8037 appendix A.1.
const ED25519: &str = r#"{"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;

const PAYLOAD: &str = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";

fn signature(key: &str, algorithm: Algorithm, message: &str) -> String {
    let key = SigningKey::from(key);
    let signature = key.sign("key", algorithm, message.as_bytes()).unwrap();
    BASE64_URL_SAFE_NO_PAD.encode(signature)
}

#[test]
fn rfc_7515_appendix_a_2() {
    let message = format!("eyJhbGciOiJSUzI1NiJ9.{PAYLOAD}");
    let expected = "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";
    assert_eq!(signature(RSA, Algorithm::Rs256, &message), expected);
}

#[test]
fn rfc_8037_appendix_a_4() {
    let message = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
    let expected =
        "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
    assert_eq!(signature(ED25519, Algorithm::EdDsa, message), expected);
}

/// A token whose first two parts are those of RFC 7515 appendix A.1 but for the order of members and the white space in them.
#[test]
fn a_token_signed_with_a_secret_is_what_it_should_be() {
    let secret =
        "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";
    let at = SystemTime::UNIX_EPOCH + Duration::from_secs(1_300_815_780);
    let jwt = Jwt::new(at, Duration::from_secs(3600)).header("kid", "a\"b");
    let jwt = jwt.claim("iss", "joe").claim_json("http://example.com/is_root", "true");
    let token = jwt.sign_with_secret("secret", secret, KeyEncoding::Base64).unwrap();
    let parts: Vec<&str> = token.split('.').collect();
    let text =
        |part: &str| String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap();
    assert_eq!(text(parts[0]), r#"{"alg":"HS256","typ":"JWT","kid":"a\"b"}"#);
    let claims =
        r#"{"iat":1300815780,"exp":1300819380,"iss":"joe","http://example.com/is_root":true}"#;
    assert_eq!(text(parts[1]), claims);
    let key = BASE64_URL_SAFE_NO_PAD.decode(secret).unwrap();
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, &key);
    // The key and the algorithm are those of the appendix: so is this signature.
    let appendix = ring::hmac::sign(
        &key,
        format!("eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.{PAYLOAD}").as_bytes(),
    );
    assert_eq!(
        BASE64_URL_SAFE_NO_PAD.encode(appendix),
        "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    );
    let message = format!("{}.{}", parts[0], parts[1]);
    let own = BASE64_URL_SAFE_NO_PAD.decode(parts[2]).unwrap();
    ring::hmac::verify(&key, message.as_bytes(), &own).unwrap();
}

/// Every form of the key of each kind signs what the public key verifies.
#[test]
fn keys_in_every_form() {
    use ring::signature::*;
    let forms = [
        (Algorithm::Rs256, &RSA_PKCS1_2048_8192_SHA256 as &dyn VerificationAlgorithm, "rsa"),
        (Algorithm::Rs384, &RSA_PKCS1_2048_8192_SHA384, "rsa"),
        (Algorithm::Rs512, &RSA_PKCS1_2048_8192_SHA512, "rsa"),
        (Algorithm::Ps256, &RSA_PSS_2048_8192_SHA256, "rsa"),
        (Algorithm::Ps384, &RSA_PSS_2048_8192_SHA384, "rsa"),
        (Algorithm::Ps512, &RSA_PSS_2048_8192_SHA512, "rsa"),
        (Algorithm::Es256, &ECDSA_P256_SHA256_FIXED, "p256"),
        (Algorithm::Es384, &ECDSA_P384_SHA384_FIXED, "p384"),
        (Algorithm::EdDsa, &ED25519, "ed25519"),
    ];
    for (algorithm, verification, kind) in forms {
        let (pem, others): (&str, &[&str]) = match kind {
            "rsa" => (include_str!("keys/rsa.pem"), &[include_str!("keys/rsa-pkcs1.pem")]),
            "p256" => (include_str!("keys/p256.pem"), &[include_str!("keys/p256-sec1.pem")]),
            "p384" => (include_str!("keys/p384.pem"), &[include_str!("keys/p384-sec1.pem")]),
            _ => (include_str!("keys/ed25519.pem"), &[]),
        };
        let public = match SigningKey::from(pem).pair("key", algorithm).unwrap() {
            key::Pair::Rsa(pair) => pair.public().as_ref().to_vec(),
            key::Pair::P256(pair) | key::Pair::P384(pair) => pair.public_key().as_ref().to_vec(),
            key::Pair::Ed25519(pair) => pair.public_key().as_ref().to_vec(),
        };
        let der = |pem: &str| {
            let lines = pem.lines().filter(|line| !line.starts_with('-'));
            BASE64_STANDARD.decode(lines.collect::<String>()).unwrap()
        };
        let mut texts = vec![pem.to_owned(), BASE64_STANDARD.encode(pem)];
        for pem in others.iter().chain([&pem]) {
            texts.push((*pem).to_owned());
            texts.push(BASE64_STANDARD.encode(der(pem)));
            texts.push(BASE64_URL_SAFE_NO_PAD.encode(der(pem)));
            texts.push(der(pem).iter().map(|byte| format!("{byte:02X}")).collect());
        }
        for text in texts {
            let signature = SigningKey::from(text.as_str()).sign("key", algorithm, b"message");
            let key = UnparsedPublicKey::new(verification, &public);
            key.verify(b"message", &signature.unwrap()).unwrap();
        }
    }
    // RFC 8037 appendix A.1 gives the seed of the JWK.
    let seed = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
    let message = "the same";
    assert_eq!(
        signature(seed, Algorithm::EdDsa, message),
        signature(super::tests::ED25519, Algorithm::EdDsa, message)
    );
}

#[test]
fn a_key_of_another_kind_is_refused_and_not_shown() {
    let canary = "canary-7f3a";
    for (text, algorithm) in [
        (RSA, Algorithm::Es256),
        (P256, Algorithm::Rs256),
        (ED25519, Algorithm::Es256),
        (P256, Algorithm::EdDsa),
        (P256, Algorithm::Es384),
        (include_str!("keys/p384.pem"), Algorithm::Es256),
        (include_str!("keys/p384-sec1.pem"), Algorithm::Rs512),
        (include_str!("keys/rsa.pem"), Algorithm::EdDsa),
        (include_str!("keys/p256.pem"), Algorithm::Ps256),
        (RSA, Algorithm::Hs256),
        (canary, Algorithm::Rs256),
        ("", Algorithm::Es256),
        ("{}", Algorithm::Rs256),
        ("{\"d\": 1}", Algorithm::EdDsa),
        ("-----BEGIN PRIVATE KEY-----\ncanary-7f3a\n-----END PRIVATE KEY-----", Algorithm::Es256),
        ("-----BEGIN PRIVATE KEY-----\r\nAAAA\r\n-----END PRIVATE KEY-----\r\n", Algorithm::Es256),
        ("00", Algorithm::Es256),
        ("é", Algorithm::EdDsa),
    ] {
        let key = SigningKey::from(text);
        let error = key.check("signing key", algorithm).unwrap_err();
        let shown = format!("{error} {error:?} {key:?}");
        assert!(shown.contains("signing key") && !shown.contains(canary), "{shown}");
    }
}

/// What one algorithm cannot read another may, whoever asks first.
#[test]
fn a_failure_is_that_of_one_algorithm() {
    let key = SigningKey::from(include_str!("keys/rsa.pem"));
    let clone = key.clone();
    assert!(key.check("key", Algorithm::Es256).is_err());
    assert!(clone.check("key", Algorithm::Rs256).is_ok());
    assert!(key.check("key", Algorithm::Es256).is_err());
    assert!(key.check("key", Algorithm::Ps256).is_ok());
}

/// A private key in PEM has a label that says so; other blocks may stand before it.
#[test]
fn another_block_of_pem_is_no_key() {
    let (p256, rsa) = (include_str!("keys/p256-sec1.pem"), include_str!("keys/rsa.pem"));
    let before = "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n";
    let key = SigningKey::from(format!("{before}{p256}"));
    assert!(key.check("key", Algorithm::Es256).is_ok());
    for text in [
        rsa.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY"),
        rsa.replace("PRIVATE KEY", "PUBLIC KEY"),
        rsa.replace("-----END", "-----"),
        rsa.replace("-----BEGIN ", ""),
    ] {
        assert!(SigningKey::from(text.as_str()).check("key", Algorithm::Rs256).is_err());
    }
}

/// A key that only a passphrase opens is told from one that is none: by either mark that there is, and in base64.
#[test]
fn a_key_under_a_passphrase_is_told_with_the_way_out() {
    let pkcs8 = include_str!("keys/rsa.pem").replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY");
    let label = "-----BEGIN RSA PRIVATE KEY-----\n";
    let marked = format!("{label}Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\n");
    let pkcs1 = include_str!("keys/rsa-pkcs1.pem").replace(label, &marked);
    for text in [&pkcs8, &pkcs1, &BASE64_STANDARD.encode(&pkcs8)] {
        let key = SigningKey::from(text.as_str());
        for algorithm in [Algorithm::Rs256, Algorithm::Es384, Algorithm::EdDsa] {
            let error = key.check("signing key", algorithm).unwrap_err().to_string();
            assert!(error.contains("signing key is under a passphrase"), "{error}");
            assert!(error.contains("openssl pkcs8 -in "), "{error}");
        }
    }
}

/// What is not given is no claim, and `nbf` is an instant of its own.
#[test]
fn claims_that_may_be_absent() {
    let at = SystemTime::UNIX_EPOCH + Duration::from_secs(1_300_815_780);
    let jwt = Jwt::new(at, Duration::from_secs(60)).claim_if_given("scope", None);
    let jwt = jwt.claim_if_given("sub", Some("user")).not_before(at);
    let token = jwt.sign_with_secret("secret", "secret", KeyEncoding::Text).unwrap();
    let claims = BASE64_URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
    let expected = r#"{"iat":1300815780,"exp":1300815840,"sub":"user","nbf":1300815780}"#;
    assert_eq!(String::from_utf8(claims).unwrap(), expected);
}

/// A claim is whatever JSON is put there, beside others.
#[test]
fn claims_of_many_parts() {
    let jwt = Jwt::new(SystemTime::UNIX_EPOCH, Duration::from_secs(60)).claim("iss", "joe");
    let jwt = jwt.claim_of("aud", |claim| claim.extend_from_slice(br#"["a","b"]"#));
    let token = jwt.sign_with_secret("secret", "secret", KeyEncoding::Text).unwrap();
    let claims = BASE64_URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
    let expected = r#"{"iat":0,"exp":60,"iss":"joe","aud":["a","b"]}"#;
    assert_eq!(String::from_utf8(claims).unwrap(), expected);
}

#[test]
fn the_token_url_has_no_query() {
    let mut request = Request::new(Vec::new());
    *request.uri_mut() = "https://a.example/token?v=2".parse().unwrap();
    assert_eq!(token_url(&request), "https://a.example/token");
}
