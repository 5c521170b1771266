"""canaille, an independent identity provider, with one person and one client.

Reads from the environment where it listens and who the client is; prints its issuer.
"""

import os
import secrets
import sys
from wsgiref.simple_server import WSGIRequestHandler, make_server

from canaille import create_app
from joserfc import jwk

key = jwk.RSAKey.generate_key(2048, {"use": "sig", "alg": "RS256"}, auto_kid=True)


class Quiet(WSGIRequestHandler):
    def log_message(self, *_):
        pass


def answer(environ, start):
    return app.wsgi_app(environ, start)


server = make_server("127.0.0.1", 0, answer, handler_class=Quiet)
host = f"127.0.0.1:{server.server_port}"
app = create_app(
    {
        "SECRET_KEY": secrets.token_hex(32),
        "SERVER_NAME": host,
        "PREFERRED_URL_SCHEME": "http",
        "SESSION_COOKIE_SECURE": False,
        "CANAILLE": {"DATABASE": "memory", "CAPTCHA_ENABLED": False, "JAVASCRIPT": False},
        "CANAILLE_OIDC": {"ACTIVE_JWKS": [key.as_dict(private=True)]},
    }
)
with app.app_context():
    from canaille.app import models
    from canaille.backends import Backend

    Backend.instance.save(
        models.User(
            user_name="lea",
            formatted_name="Léa Blanc",
            family_name="Blanc",
            given_name="Léa",
            emails=["lea@canaille.example"],
            password=os.environ["PERSON_PASSWORD"],
        )
    )
    client = models.Client(
        client_id="gouvernail",
        client_secret=os.environ["CLIENT_SECRET"],
        client_name="Gouvernail",
        client_uri=os.environ["PLATFORM"],
        redirect_uris=[os.environ["REDIRECT_URI"]],
        post_logout_redirect_uris=[os.environ["SIGNED_OUT_URI"]],
        grant_types=["authorization_code"],
        response_types=["code"],
        scope=["openid", "profile", "email"],
        token_endpoint_auth_method="client_secret_basic",
        id_token_signed_response_alg="RS256",
    )
    Backend.instance.save(client)
    client.audience = [client]
    Backend.instance.save(client)
print(f"http://{host}", flush=True)
sys.stdout.flush()
server.serve_forever()
