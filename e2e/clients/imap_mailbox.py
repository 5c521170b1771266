"""A mail program that opens a mailbox with a token, by Python's imaplib.

Arguments: port, mechanism (OAUTHBEARER of RFC 7628, or XOAUTH2), address, token.
"""

import imaplib
import json
import sys


def main() -> None:
    port, mechanism, user, token = sys.argv[1:]
    if mechanism == "OAUTHBEARER":
        shown = f"n,a={user},\x01host=127.0.0.1\x01port={port}\x01auth=Bearer {token}\x01\x01"
    else:
        shown = f"user={user}\x01auth=Bearer {token}\x01\x01"
    # When the server refuses it says why first, and waits for an answer without content.
    answers = iter([shown.encode(), b"\x01"])
    told: list[str] = []

    def answer(challenge: bytes) -> bytes:
        if challenge:
            told.append(challenge.decode())
        return next(answers)

    with imaplib.IMAP4("127.0.0.1", int(port), timeout=20) as mail:
        try:
            mail.authenticate(mechanism, answer)
        except imaplib.IMAP4.error as error:
            print(json.dumps({"opened": False, "why": str(error), "told": told}))
            return
        state, _ = mail.select("INBOX")
        mail.append("INBOX", None, None, b"Subject: essai\r\n\r\nBonjour.\r\n")
        _, found = mail.search(None, "ALL")
        print(json.dumps({"opened": state == "OK", "letters": len(found[0].split())}))


main()
