//! A small client, of the shape that generated ones have.

use std::time::SystemTime;

use http::header::CONTENT_TYPE;
use http::{HeaderValue, Method, Request, Response, StatusCode};
use rekindle_runtime::request::header_value;
use rekindle_runtime::{
    BaseUrl, Document, Error, Expiry, Form, Json, Pending, PendingRefresh, Provider, RefreshError,
    Replay, Secret, SignIn, TransportError, Verdict, expiry,
};

const NAME: &str = "Example";

pub struct RefreshToken(pub Secret);

pub struct Tokens {
    pub access_token: Secret,
    pub refresh_token: RefreshToken,
    pub expiry: Expiry,
}

pub struct Client {
    pub base: BaseUrl,
    pub client_secret: Secret,
}

pub struct InFlight(Pending<RefreshToken>);

impl Client {
    pub fn new(base: &str, client_secret: &str) -> Self {
        let base = BaseUrl::parse_allowing_loopback(base).expect("a base URL");
        Self { base, client_secret: client_secret.into() }
    }

    fn request(&self, refresh_token: &RefreshToken) -> Result<Request<Vec<u8>>, Error> {
        refresh_token.0.check("refresh token")?;
        let mut form = Form::new();
        form.field("grant_type", "refresh_token").field("refresh_token", refresh_token.0.expose());
        let mut request = Request::new(form.finish());
        *request.method_mut() = Method::POST;
        *request.uri_mut() = self.base.join("/token")?;
        let secret = header_value("client secret", self.client_secret.expose())?;
        let headers = request.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
        headers.insert("x-client-secret", secret);
        Ok(request)
    }
}

impl Provider for Client {
    type Credential = RefreshToken;
    type Tokens = Tokens;
    type Pending = InFlight;
    const NAME: &'static str = NAME;

    fn start(
        &self,
        credential: RefreshToken,
        started_at: SystemTime,
    ) -> Result<(Request<Vec<u8>>, InFlight), RefreshError<RefreshToken>> {
        match self.request(&credential) {
            Ok(request) => {
                Ok((request, InFlight(Pending::new(NAME, credential, started_at, Replay::NEVER))))
            }
            Err(error) => Err(RefreshError::unspent(error.for_provider(NAME), credential)),
        }
    }
}

impl PendingRefresh for InFlight {
    type Credential = RefreshToken;
    type Tokens = Tokens;

    fn finish<B: AsRef<[u8]>>(
        self,
        response: Response<B>,
    ) -> Result<Tokens, RefreshError<RefreshToken>> {
        let (parts, body) = response.into_parts();
        let document = Document::parse(body.as_ref());
        let root = document.as_ref().map_or(Json::missing(), Document::root);
        if let Verdict::Failure(failure) = classify(parts.status, root) {
            return Err(self.0.refused(failure, &parts));
        }
        if let Err(error) = document {
            return Err(self.0.unusable(error, parts.status, None));
        }
        let replacement =
            root.at(&["refresh_token"]).as_str().map(|text| RefreshToken(text.into()));
        match read(root, self.0.started_at()) {
            Ok((access_token, expiry)) => Ok(Tokens {
                access_token,
                refresh_token: replacement.unwrap_or_else(|| self.0.into_credential()),
                expiry,
            }),
            Err(error) => Err(self.0.unusable(error, parts.status, replacement)),
        }
    }

    fn fail(self, error: TransportError) -> RefreshError<RefreshToken> {
        self.0.transport(error)
    }
}

fn read(root: Json<'_>, started_at: SystemTime) -> Result<(Secret, Expiry), Error> {
    let access_token = root.at(&["access_token"]).required_token("access token")?.into();
    let expiry = expiry::seconds(root.at(&["expires_in"]), started_at).expiry();
    Ok((access_token, expiry))
}

fn classify(status: StatusCode, body: Json<'_>) -> Verdict {
    match status.as_u16() {
        200 => Verdict::SUCCESS,
        400 if body.at(&["error"]).is("invalid_grant") => {
            Verdict::reauthenticate(SignIn::Password, "errors[0]: status 400, invalid_grant")
        }
        401 => Verdict::client_misconfigured("errors[1]: status 401"),
        429 => Verdict::rate_limited("default: status 429"),
        500..=599 => Verdict::transient("default: status 5xx"),
        _ => Verdict::contract_violation("default: unexpected status"),
    }
}
