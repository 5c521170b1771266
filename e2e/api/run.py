"""Tries the whole API by what its description says: schemathesis, against a program of its own.

A demo State in a folder that goes away, on free ports; then for nobody and for an officer, each
operation of /openapi.json, with right and wrong values: no failure of ours, no answer that the
description doesn't tell, no wrong value taken. What is tried is the same at every run.

    GOUVERNAIL_BIN=target/debug/gouvernail python e2e/api/run.py
"""

import http.client
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import urlencode, urlsplit

HERE = Path(__file__).resolve().parent
EMAIL, PASSWORD = "camille.moreau@dinum.example", "demo gouvernail 2026"
# Bounds: of what is tried of each operation, and of a whole round, in seconds.
EXAMPLES_MAX = 30
ROUND_SECONDS = 120


def start(folder):
    """The program and its address."""
    program = os.environ.get("GOUVERNAIL_BIN", HERE.parents[1] / "target/debug/gouvernail")
    server = subprocess.Popen(
        [program, "demo", "--data", folder, "--listen", "127.0.0.1:0"],
        # The limit of an address is tried elsewhere (kit-http): here one address asks for all.
        env={**os.environ, "GOUVERNAIL_LIMITS__REQUESTS_PER_MINUTE": "1000000"},
        stdout=subprocess.PIPE,
        text=True,
    )
    for line in server.stdout:
        if found := re.search(r"listening on (http://\S+)", line):
            return server, found[1]
    raise SystemExit(f"the program ended ({server.wait()})")


def sign_in(address):
    """The cookie of an officer's session."""
    kept = {}

    def ask(method, path, body=None):
        to = http.client.HTTPConnection(urlsplit(address).netloc)
        cookies = "; ".join(f"{name}={value}" for name, value in kept.items())
        headers = {"Cookie": cookies, "Content-Type": "application/x-www-form-urlencoded"}
        to.request(method, path, body, headers)
        answer = to.getresponse()
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                cookie, _, worth = value.split(";")[0].partition("=")
                kept[cookie] = worth
        return answer.read().decode()

    token = re.search(r'name="csrf_token" value="([^"]+)"', ask("GET", "/sign-in"))[1]
    form = {"csrf_token": token, "email": EMAIL, "password": PASSWORD}
    ask("POST", "/sign-in", urlencode(form))
    session = kept.get("__Host-session") or sys.exit("the officer could not sign in")
    if "/sign-out" not in ask("GET", "/account"):
        sys.exit("the officer's session opens nothing")
    return f"__Host-session={session}"


def round_of(who, address, *arguments):
    """One round; whether all was right."""
    print(f"-- the API, asked by {who}", flush=True)
    command = [
        Path(sys.executable).with_name("schemathesis"),
        f"--config-file={HERE / 'schemathesis.toml'}",
        "--no-color",
        "run",
        f"{address}/openapi.json",
        "--checks=all",
        "--generation-deterministic",
        f"--max-examples={EXAMPLES_MAX}",
        "--continue-on-failure",
        *arguments,
    ]
    with tempfile.TemporaryDirectory() as folder:
        ran = subprocess.run(command, cwd=folder, timeout=ROUND_SECONDS)
    return ran.returncode == 0


def main():
    folder = tempfile.mkdtemp(prefix="gouvernail-api-")
    server, address = start(folder)
    try:
        session = sign_in(address)
        rounds = [
            round_of("nobody", address),
            round_of("an officer", address, f"--header=Cookie: {session}"),
        ]
    finally:
        server.terminate()
        server.wait()
        shutil.rmtree(folder, ignore_errors=True)
    print(f"# pass {sum(rounds)}\n# fail {rounds.count(False)}")
    sys.exit(not all(rounds))


if __name__ == "__main__":
    main()
