"""django-oauth-toolkit and djangorestframework-simplejwt in one small site each.

Runs in a folder of its own, where the database goes: django_server.py toolkit|simplejwt PORT
"""

import sys

import django
from django.conf import settings

KIND, PORT = sys.argv[1], int(sys.argv[2])
SECRET = "synthetic-client-secret"

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
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes"]
    + (
        ["oauth2_provider"]
        if KIND == "toolkit"
        else ["rest_framework", "rest_framework_simplejwt.token_blacklist"]
    ),
    OAUTH2_PROVIDER={
        "REFRESH_TOKEN_GRACE_PERIOD_SECONDS": 60,
        "REFRESH_TOKEN_REUSE_PROTECTION": True,
        "ROTATE_REFRESH_TOKEN": True,
        "ACCESS_TOKEN_EXPIRE_SECONDS": 3600,
        "SCOPES": {"read": "Read"},
    },
    SIMPLE_JWT={"ROTATE_REFRESH_TOKENS": True, "BLACKLIST_AFTER_ROTATION": True},
)
django.setup()

from django.contrib.auth import get_user_model  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.http import JsonResponse  # noqa: E402
from django.urls import include, path  # noqa: E402
from django.views.decorators.csrf import csrf_exempt  # noqa: E402


def toolkit_grant(user):
    """What the authorisation code flow would leave behind."""
    from datetime import timedelta
    from uuid import uuid4

    from django.utils import timezone
    from oauth2_provider.models import AccessToken, Application, RefreshToken

    application = Application.objects.get()
    access = AccessToken.objects.create(
        user=user,
        application=application,
        token=uuid4().hex,
        scope="read",
        expires=timezone.now() + timedelta(hours=1),
    )
    token = RefreshToken.objects.create(
        user=user, application=application, token=uuid4().hex, access_token=access, token_family=uuid4()
    )
    return token.token


def simplejwt_grant(user):
    from rest_framework_simplejwt.tokens import RefreshToken

    return str(RefreshToken.for_user(user))


@csrf_exempt
def grant(_request):
    issue = toolkit_grant if KIND == "toolkit" else simplejwt_grant
    return JsonResponse({"refresh_token": issue(get_user_model().objects.get())})


urlpatterns = [path("grant", grant)]
if KIND == "toolkit":
    urlpatterns.append(path("o/", include("oauth2_provider.urls")))
else:
    from rest_framework_simplejwt.views import TokenRefreshView

    urlpatterns.append(path("api/token/refresh/", TokenRefreshView.as_view()))

call_command("migrate", verbosity=0)
if not get_user_model().objects.exists():
    user = get_user_model().objects.create_user("someone")
    if KIND == "toolkit":
        from oauth2_provider.models import Application

        Application.objects.create(
            user=user,
            client_id="rekindle",
            client_secret=SECRET,
            client_type=Application.CLIENT_CONFIDENTIAL,
            authorization_grant_type=Application.GRANT_AUTHORIZATION_CODE,
            redirect_uris="https://client.example/callback",
        )

server = ThreadedWSGIServer(("127.0.0.1", PORT), WSGIRequestHandler)
server.daemon_threads = True
server.set_app(get_wsgi_application())
server.serve_forever()
