//! `rekindle test` at token servers of other people: an honest contract passes, and a grant that must not burn does not.
#![cfg(all(feature = "test", unix))]

mod support;
mod test_support;

use rekindle_servers::{Lives, TokenServer, TokenServerKind};
use serde_json::{Value, json};
use std::path::Path;
use support::{Place, Run};
use test_support::{json_of, result_of, silent};

/// How long a spent refresh token is good where it is, in seconds: it is waited for.
const GRACE: u16 = 3;

/// A server, its contract, and a place for runs.
struct Real {
    id: &'static str,
    server: TokenServer,
    place: Place,
}

impl Real {
    fn launch(kind: TokenServerKind, id: &'static str) -> Option<Self> {
        let lives = Lives { grace: GRACE, ..Lives::default() };
        let server = TokenServer::launch_with(kind, lives)?;
        let place = Place::new(&format!("test-real-{id}"));
        Some(Self { id, server, place })
    }

    /// The honest contract.
    fn spec(&self) -> String {
        let specs = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/real/specs");
        let spec = std::fs::read_to_string(specs.join(format!("{}.yaml", self.id))).unwrap();
        spec.replace("good_for: 60s", &format!("good_for: {GRACE}s"))
    }

    /// A run with what is held already, or with a fresh grant.
    fn run(&self, fresh: bool, more: &[&str]) -> Run {
        let (id, secret) = TokenServer::CLIENT;
        let grant = fresh.then(|| self.server.grant());
        if let Some(refresh_token) = &grant {
            let client = json!({ "client_id": id, "client_secret": secret });
            let held = json!({ self.id: { "client": client, "refresh_token": refresh_token } });
            self.place.write("held.json", &held.to_string());
        }
        let url = format!("http://127.0.0.1:{}", self.server.port());
        let asked = ["test", "spec.yaml", "--base-url", &url, "--credentials", "held.json"];
        let run = self.place.run(&[&asked[..], &["--yes", "--format", "json"], more].concat());
        silent(&run, &[secret, grant.as_deref().unwrap_or(secret)]);
        run
    }

    /// The same, of which no check fails.
    #[track_caller]
    fn passes(&self, fresh: bool, more: &[&str]) -> Value {
        let run = self.run(fresh, more);
        assert_eq!(run.code, 0, "{run:#?}\n{}", self.server.log());
        let report = json_of(&run);
        assert_eq!(report["summary"]["failed"], 0, "{report:#}");
        assert!(report["summary"]["passed"].as_u64() >= Some(15), "{report:#}");
        report
    }

    /// The honest contract passes; of `told`, everything is known after a run with grants enough.
    #[track_caller]
    fn is_honest(&self, told: &[&str]) {
        self.place.write("spec.yaml", &self.spec());
        let careful = self.passes(true, &[]);
        assert_eq!(result_of(&careful, "field-extra")["result"], "could_not_tell");
        // What is held is the grant that the careful run has left.
        let alive = self.run(false, &["--only", "answer"]);
        assert_eq!(alive.code, 0, "{alive:#?}");

        let burnt = self.passes(true, &["--burn"]);
        for id in ["query-extra", "field-extra", "credential-elsewhere"] {
            let result = &result_of(&burnt, id)["result"];
            assert!(result == "pass" || result == "note", "{id}: {burnt:#}");
        }
        let command = self.server.sign_in_command();
        let full = self.passes(true, &["--sign-in", &command]);
        for report in [&burnt, &full] {
            for id in told {
                assert_eq!(result_of(report, id)["result"], "pass", "{id}: {report:#}");
            }
        }
        assert!(full["providers"][0]["stopped"].is_null(), "{full:#}");
        assert!(!full.to_string().contains("the grant is gone"), "{full:#}");
    }
}

#[test]
fn oidc_provider() {
    let Some(real) = Real::launch(TokenServerKind::OidcProvider, "oidc_provider") else { return };
    real.is_honest(&[
        "field-missing",
        "client-unknown",
        "reuse-kills",
        "refuses-spent-refresh-token",
    ]);
}

#[test]
fn oauth_toolkit() {
    let Some(real) = Real::launch(TokenServerKind::OauthToolkit, "oauth_toolkit") else { return };
    real.is_honest(&["field-missing", "client-unknown", "reuse-kills", "ends-replay"]);
}

#[test]
fn synapse() {
    let Some(real) = Real::launch(TokenServerKind::Synapse, "synapse") else { return };
    real.is_honest(&["field-missing", "replays-with-another", "ends-replay"]);
}

#[test]
fn simplejwt() {
    let Some(real) = Real::launch(TokenServerKind::SimpleJwt, "simplejwt") else { return };
    real.is_honest(&["field-missing", "field-value", "refuses-spent-refresh-token"]);

    // A page that promises more than the server does is found out.
    let promised = real.spec().replace("reuse: refused", "reuse: grant_revoked");
    real.place.write("spec.yaml", &promised);
    let run = real.run(true, &["--burn"]);
    assert_eq!(run.code, 1, "{run:#?}");
    let report = json_of(&run);
    assert_eq!(report["summary"]["failed"], 1, "{report:#}");
    assert_eq!(result_of(&report, "reuse-kills")["fact"], "tokens.refresh.reuse", "{report:#}");
}
