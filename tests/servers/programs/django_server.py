"""django-oauth-toolkit and djangorestframework-simplejwt in one small site each.

Runs in a folder of its own, where the database goes: django_server.py toolkit|simplejwt PORT LIFE GRACE, of access tokens and of
spent refresh tokens in seconds.
"""

import sys
from datetime import timedelta

import django
from django.conf import settings

KIND, (PORT, LIFE, GRACE) = sys.argv[1], map(int, sys.argv[2:])
SECRET = "synthetic-client-secret"
PASSWORD = "synthetic-password"

settings.configure(
    SECRET_KEY="synthetic-key-of-a-site-that-lives-for-one-test",
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    USE_TZ=True,
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    # Threads wait for one another's writes, as they would at a larger database.
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": "database.sqlite3",
            "OPTIONS": {"timeout": 20, "transaction_mode": "IMMEDIATE"},
        }
    },
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
    ],
    # Of the password of the one user: nobody is kept waiting.
    PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions"]
    + (
        ["oauth2_provider"]
        if KIND == "toolkit"
        else ["rest_framework", "rest_framework_simplejwt.token_blacklist"]
    ),
    OAUTH2_PROVIDER={
        "REFRESH_TOKEN_GRACE_PERIOD_SECONDS": GRACE,
        "REFRESH_TOKEN_REUSE_PROTECTION": True,
        "ROTATE_REFRESH_TOKEN": True,
        "ACCESS_TOKEN_EXPIRE_SECONDS": LIFE,
        "SCOPES": {"read": "Read"},
        "PKCE_REQUIRED": False,
    },
    SIMPLE_JWT={
        "ACCESS_TOKEN_LIFETIME": timedelta(seconds=LIFE),
        "ROTATE_REFRESH_TOKENS": True,
        "BLACKLIST_AFTER_ROTATION": True,
    },
)
django.setup()

from django.contrib.auth import get_user_model  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.http import HttpResponse  # noqa: E402
from django.urls import include, path  # noqa: E402
from django.views.decorators.csrf import csrf_exempt  # noqa: E402

if KIND == "toolkit":
    from django.contrib.auth import authenticate, login

    @csrf_exempt
    def log_in(request):
        login(request, authenticate(request, **request.POST.dict()))
        return HttpResponse()

    urlpatterns = [path("login", log_in), path("o/", include("oauth2_provider.urls"))]
else:
    from rest_framework_simplejwt.views import TokenObtainPairView, TokenRefreshView

    urlpatterns = [
        path("api/token/", TokenObtainPairView.as_view()),
        path("api/token/refresh/", TokenRefreshView.as_view()),
    ]

call_command("migrate", verbosity=0)
if not get_user_model().objects.exists():
    user = get_user_model().objects.create_user("someone", password=PASSWORD)
    if KIND == "toolkit":
        from oauth2_provider.models import Application

        Application.objects.create(
            user=user,
            client_id="rekindle",
            client_secret=SECRET,
            client_type=Application.CLIENT_CONFIDENTIAL,
            authorization_grant_type=Application.GRANT_AUTHORIZATION_CODE,
            redirect_uris="https://client.example/callback",
            skip_authorization=True,
        )

server = ThreadedWSGIServer(("127.0.0.1", PORT), WSGIRequestHandler)
server.daemon_threads = True
server.set_app(get_wsgi_application())
server.serve_forever()
