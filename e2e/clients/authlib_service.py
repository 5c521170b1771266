"""A service that signs a person in by Authlib, an independent relying party.

It says where to send the browser, reads the address with which the browser came back, and says what
it got. Settings come from the environment: ISSUER, CLIENT_ID, CLIENT_SECRET, REDIRECT_URI.
"""

import json
import os
import sys

import requests
from authlib.integrations.requests_client import OAuth2Session
from joserfc import jwt
from joserfc.jwk import KeySet

# The provider of the tests is on this machine, without TLS.
os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"


def main() -> None:
    issuer = os.environ["ISSUER"]
    known = requests.get(f"{issuer}/.well-known/openid-configuration", timeout=10).json()
    session = OAuth2Session(
        os.environ["CLIENT_ID"],
        os.environ["CLIENT_SECRET"],
        scope="openid profile email",
        redirect_uri=os.environ["REDIRECT_URI"],
        token_endpoint_auth_method="client_secret_basic",
        code_challenge_method="S256",
    )
    verifier = "v" * 64
    address, state = session.create_authorization_url(
        known["authorization_endpoint"], nonce="a nonce", code_verifier=verifier
    )
    print(json.dumps({"address": address}), flush=True)
    came_back = sys.stdin.readline().strip()
    token = session.fetch_token(
        known["token_endpoint"],
        authorization_response=came_back,
        state=state,
        code_verifier=verifier,
    )
    keys = KeySet.import_key_set(requests.get(known["jwks_uri"], timeout=10).json())
    claims = jwt.decode(token["id_token"], keys, algorithms=["ES256"]).claims
    jwt.JWTClaimsRegistry(
        iss={"essential": True, "value": issuer},
        aud={"essential": True, "value": os.environ["CLIENT_ID"]},
        nonce={"essential": True, "value": "a nonce"},
    ).validate(claims)
    person = session.get(known["userinfo_endpoint"]).json()
    renewed = session.refresh_token(known["token_endpoint"], token["refresh_token"])
    worth = session.introspect_token(
        known["introspection_endpoint"], token=renewed["access_token"]
    ).json()
    session.revoke_token(known["revocation_endpoint"], token=renewed["access_token"])
    after = session.introspect_token(
        known["introspection_endpoint"], token=renewed["access_token"]
    ).json()
    print(
        json.dumps(
            {
                "sub": claims["sub"],
                "person": person,
                "same": renewed["access_token"] != token["access_token"],
                "active": worth["active"],
                "after": after["active"],
            }
        ),
        flush=True,
    )


main()
