"""Signs in at one of the token servers, as its people do, and prints the tokens.

Only what Python brings itself: sign_in.py OidcProvider|OauthToolkit|Synapse|SimpleJwt PORT
"""

import json
import sys
from base64 import b64encode
from http.cookiejar import CookieJar
from urllib.error import HTTPError
from urllib.parse import parse_qs, urlencode, urlsplit
from urllib.request import HTTPCookieProcessor, HTTPRedirectHandler, Request, build_opener

KIND, ORIGIN = sys.argv[1], f"http://127.0.0.1:{sys.argv[2]}"
CLIENT = ("rekindle", "synthetic-client-secret")
PASSWORD = "synthetic-password"
CALLBACK = "https://client.example/callback"


class ToTheCallback(HTTPRedirectHandler):
    """Follows what the server says, and stops where the client would take over."""

    def redirect_request(self, request, fp, code, msg, headers, newurl):
        if newurl.startswith(CALLBACK):
            return None
        return super().redirect_request(request, fp, code, msg, headers, newurl)


browser = build_opener(ToTheCallback, HTTPCookieProcessor(CookieJar()))


def post_json(path, **body):
    request = Request(ORIGIN + path, json.dumps(body).encode(), {"Content-Type": "application/json"})
    return json.load(browser.open(request))


def code(authorize, **more):
    """The code that the person's browser brings to the client."""
    query = {"response_type": "code", "client_id": CLIENT[0], "redirect_uri": CALLBACK, **more}
    try:
        answer = browser.open(f"{ORIGIN}{authorize}?{urlencode(query)}")
    except HTTPError as redirect:
        answer = redirect
    return parse_qs(urlsplit(answer.headers.get("Location", "")).query)["code"][0]


def exchange(token, code):
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
    basic = b64encode(":".join(CLIENT).encode()).decode()
    request = Request(ORIGIN + token, urlencode(form).encode(), {"Authorization": f"Basic {basic}"})
    return json.load(browser.open(request))


if KIND == "OidcProvider":
    answer = exchange("/token", code("/auth", scope="openid offline_access", prompt="consent"))
elif KIND == "OauthToolkit":
    login = {"username": "someone", "password": PASSWORD}
    browser.open(ORIGIN + "/login", urlencode(login).encode()).read()
    answer = exchange("/o/token/", code("/o/authorize/", scope="read"))
elif KIND == "SimpleJwt":
    answer = post_json("/api/token/", username="someone", password=PASSWORD)
    answer = {"access_token": answer["access"], "refresh_token": answer["refresh"]}
else:
    try:
        dummy = {"type": "m.login.dummy"}
        path = "/_matrix/client/v3/register"
        post_json(path, auth=dummy, username="someone", password=PASSWORD, inhibit_login=True)
    except HTTPError:
        pass  # Somebody has registered before.
    someone = {"type": "m.id.user", "user": "someone"}
    answer = post_json(
        "/_matrix/client/v3/login",
        type="m.login.password",
        identifier=someone,
        password=PASSWORD,
        refresh_token=True,
    )
print(json.dumps({name: answer[name] for name in ("access_token", "refresh_token")}))
