"""Tries the whole API by what its description says: schemathesis, against a program of its own.

A demo State in a folder that goes away, on free ports; then for nobody, for an officer, and for a
service that signs people in, each operation of /openapi.json, with right and wrong values: no failure of ours, no answer that the
description doesn't tell, no wrong value taken. What is tried is the same at every run.

    GOUVERNAIL_BIN=target/debug/gouvernail python e2e/api/run.py
"""

import base64
import http.client
import os
import re
import shutil
import subprocess
import sys
import tempfile
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import page

HERE = Path(__file__).resolve().parent
EMAIL, PASSWORD = "camille.moreau@dinum.example", "demo gouvernail 2026"
# Bounds: of what is tried of each operation, and of a whole round, in seconds: three times what a slow
# machine needs, to end what hangs.
EXAMPLES_MAX = int(os.environ.get("GOUVERNAIL_API_EXAMPLES", "30"))
ROUND_SECONDS = 360


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


class Officer:
    """An officer's session, as a browser keeps it."""

    def __init__(self, address):
        self.address, self.kept = address, {}
        token = re.search(r'name="csrf_token" value="([^"]+)"', self.ask("GET", "/sign-in"))[1]
        form = {"csrf_token": token, "email": EMAIL, "password": PASSWORD}
        self.ask("POST", "/sign-in", urlencode(form))
        if "/sign-out" not in self.ask("GET", "/account"):
            sys.exit("the officer's session opens nothing")

    def ask(self, method, path, body=None):
        to = http.client.HTTPConnection(urlsplit(self.address).netloc)
        cookies = "; ".join(f"{name}={value}" for name, value in self.kept.items())
        headers = {"Cookie": cookies, "Content-Type": "application/x-www-form-urlencoded"}
        to.request(method, path, body, headers)
        answer = to.getresponse()
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                cookie, _, worth = value.split(";")[0].partition("=")
                self.kept[cookie] = worth
        return answer.read().decode()

    def bytes_of(self, path, signed_in):
        """What a page answers, to an officer or to anybody."""
        to = http.client.HTTPConnection(urlsplit(self.address).netloc)
        to.request("GET", path, headers={"Cookie": self.cookie()} if signed_in else {})
        answer = to.getresponse()
        return answer.getheader("content-type"), answer.read()

    def page(self, path, signed_in):
        return self.bytes_of(path, signed_in)[1].decode()

    def cookie(self):
        return f"__Host-session={self.kept['__Host-session']}"

    def service(self):
        """Registers a service for agents in the pages; gives its identifier and its secret."""
        form = Controls()
        form.feed(self.ask("GET", "/services/new"))
        form.filled += [
            ("name", "Essai de l’API"),
            ("purpose", "Essayer toute l’API."),
            ("redirect_uris", "https://essai.example/retour"),
            ("rules", "acts_for_itself"),
            ("rules", "introspects"),
        ]
        page = self.ask("POST", "/services", urlencode(form.filled))
        told = dict(re.findall(r"<dt>[^<]*\((client_\w+)\)</dt><dd>([^<]+)</dd>", page))
        if {"client_id", "client_secret"} - set(told):
            sys.exit("the service could not be registered")
        return told["client_id"], told["client_secret"]


class Controls(HTMLParser):
    """What a form sends when nobody changes it, but for empty texts."""

    def __init__(self):
        super().__init__()
        self.filled, self.chosen = [], None

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        name = given.get("name")
        if tag == "select":
            self.chosen = name
        elif tag == "option" and self.chosen and "selected" in given:
            self.filled.append((self.chosen, given.get("value") or ""))
        elif tag == "input" and name:
            ticks = given.get("type") in ("checkbox", "radio")
            if given.get("value") and (not ticks or "checked" in given):
                self.filled.append((name, given["value"]))

    def handle_endtag(self, tag):
        if tag == "select":
            self.chosen = None


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


# Where documents are, from a list to each of its things to its files; and who asks.
DOCUMENTS = [
    (False, "/steering/published", r"/steering/published/reviews/[0-9a-f-]+", r"[^\"]+/opinion\.pdf"),
    (False, "/start-ups/published", r"/start-ups/published/[0-9a-f-]{36}", r"[^\"]+/decision\.pdf"),
    (True, "/start-ups/reviews", r"/start-ups/reviews/[0-9a-f-]{36}", r"[^\"]+/review\.pdf"),
    (True, "/contracts", r"/contracts/[0-9a-f-]{36}", r"[^\"]+/contract\.pdf"),
    (True, "/steering/conferences", r"/steering/conferences/[0-9a-f-]{36}", r"[^\"]+/conference\.pdf"),
]


def documents_are_accessible(officer):
    """Whether every document of the demo State is PDF/UA, by an independent checker."""
    print("-- the documents", flush=True)
    passed = True
    for signed_in, listing, things, files in DOCUMENTS:
        found = set()
        for thing in links(officer.page(listing, signed_in), things):
            found |= links(officer.page(thing, signed_in), files)
        if not found:
            print(f"{listing} leads to no document")
            passed = False
        for path in sorted(found):
            kind, document = officer.bytes_of(path, signed_in)
            told = kind
            if kind == "application/pdf":
                report = page.validate_pdf_bytes(document, profile=page.ValidationProfile.PDF_UA_1)
                told = f"PDF/UA-1: {report.rules.passed} of {report.rules.total} rules {report.failures}"
                passed &= report.is_compliant
            else:
                passed = False
            print(f"{path}: {told}")
    return passed


def links(text, pattern):
    """Addresses of a page that are of a kind."""
    return set(re.findall(f'href="({pattern})"', text))


def main():
    folder = tempfile.mkdtemp(prefix="gouvernail-api-")
    server, address = start(folder)
    try:
        officer = Officer(address)
        service = base64.b64encode(":".join(officer.service()).encode()).decode()
        rounds = [
            round_of("nobody", address),
            round_of("an officer", address, f"--header=Cookie: {officer.cookie()}"),
            # A service proves who it is at the addresses of sign-in alone.
            round_of(
                "a service",
                address,
                "--include-tag=identity",
                f"--header=Authorization: Basic {service}",
            ),
            documents_are_accessible(officer),
        ]
    finally:
        server.terminate()
        server.wait()
        shutil.rmtree(folder, ignore_errors=True)
    print(f"# pass {sum(rounds)}\n# fail {rounds.count(False)}")
    sys.exit(not all(rounds))


if __name__ == "__main__":
    main()
