"""Calls the demo's data exchange through a client that was generated from an API's description.

    python3 docs/exchange_client.py keys     makes a key pair, prints its public half (a JWKS)
    python3 docs/exchange_client.py key      calls by the opaque key in $KEY
    python3 docs/exchange_client.py token    calls by an access token, which the service $CLIENT_ID
                                             asks for with its key pair (private_key_jwt)

The package `quotient` is the generated client, in the folder where this runs.
"""

import json
import os
import sys
import time
import uuid
from pathlib import Path

import httpx
from joserfc import jwt
from joserfc.jwk import ECKey

PLATFORM = os.environ.get("PLATFORM", "http://127.0.0.1:8460")
GATEWAY = os.environ.get("GATEWAY", "http://127.0.0.1:8461")
PRIVATE_KEY = Path("private-key.pem")


def make_keys():
    """The private half stays here, for its owner alone; the public one goes to the platform."""
    key = ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256"}, auto_kid=True)
    PRIVATE_KEY.touch(mode=0o600)
    PRIVATE_KEY.write_bytes(key.as_pem(private=True))
    print(json.dumps({"keys": [key.as_dict(private=False)]}))


def access_token():
    """A token of five minutes, for an assertion of one (RFC 7523)."""
    endpoint = f"{PLATFORM}/api/v2/token"
    service = os.environ["CLIENT_ID"]
    key = ECKey.import_key(PRIVATE_KEY.read_text())
    now = int(time.time())
    claims = {"iss": service, "sub": service, "aud": endpoint, "jti": str(uuid.uuid4())}
    assertion = jwt.encode(
        {"alg": "ES256", "kid": key.thumbprint()}, {**claims, "iat": now, "exp": now + 60}, key
    )
    asked = {
        "grant_type": "client_credentials",
        "resource": f"{PLATFORM}/exchange",
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": assertion,
    }
    answer = httpx.post(endpoint, data=asked)
    return answer.raise_for_status().json()["access_token"]


def call(token):
    """One call; prints what came back."""
    sys.path.insert(0, os.getcwd())
    from quotient import AuthenticatedClient
    from quotient.api.default import get_quotient_familial

    with AuthenticatedClient(base_url=GATEWAY, token=token) as client:
        answer = get_quotient_familial.sync(
            "1234567",
            client=client,
            context="cantine",
            object_="Dossier 12",
            recipient="99900030000015",
        )
    print(json.dumps(answer.to_dict(), ensure_ascii=False))


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["keys"]:
            make_keys()
        case ["key"]:
            call(os.environ["KEY"])
        case ["token"]:
            call(access_token())
        case _:
            sys.exit(__doc__)
