directory-nav = Directory
directory-nav-organisations = Organisations
directory-nav-people = People
directory-sign-in-title = Sign in
directory-sign-in-submit = Sign in
directory-sign-in-refused = The address or the password does not fit.
directory-email = E-mail address
directory-email-hint = For example: first.last@ministry.example
directory-password = Password
directory-password-new = New password
directory-password-hint = { $number } characters at least. A sentence that only you know does very well.
directory-password-changed = Your password is changed. Your open sessions were ended.
directory-forgotten = Choose a new password
directory-forgotten-lead = We send you a link that works for one hour.
directory-forgotten-submit = Send the link
directory-forgotten-sent = If this address has an account, a message has just been sent to it. Have a look at unwanted mail too.
directory-mail-reset-subject = Choose a new password
directory-mail-reset-text = Hello,

    To choose a new password, open this link within the hour:
    { $link }

    If you did not ask for this, ignore this message.
directory-choose-title = New password
directory-choose-submit = Save the password
directory-choose-expired = This link no longer works. Ask for a new one.
directory-account = My account
directory-account-lead = Your address, how you sign in, your sessions and your rights.
directory-own-grants = My rights
directory-role = Role
directory-place = Reach
directory-granted-by = Granted by
directory-granted-at = Granted on
directory-whole-state = The whole State
directory-no-grant = No particular right.
directory-organisations = Organisations
directory-organisations-lead = Ministries, their directorates, operators and local bodies.
directory-organisations-empty = No organisation matches. Widen the search.
directory-organisation = Organisation
directory-organisation-name = Name
directory-organisation-acronym = Acronym
directory-organisation-kind = Kind
directory-organisation-siret = SIRET
directory-organisation-siret-hint = 14 digits, blanks are accepted
directory-organisation-parent = Organisation above
directory-organisation-below = Organisations below
directory-organisation-add = Add an organisation
directory-organisation-edit = Change the organisation
directory-organisation-products = See its digital products
directory-no-parent = None
directory-all-kinds = All
directory-search = Search a name or an acronym
directory-filter = Filter
directory-save = Save
directory-people = People
directory-people-lead = People who have an account, and their rights.
directory-people-empty = Nobody yet.
directory-person-name = Name
directory-person-add = Add a person
directory-no-organisation = None
directory-account-state = State of the account
directory-account-open = Open
directory-account-closed = Closed
directory-account-close = Close the account
directory-account-open-again = Open the account again
directory-grants = Rights
directory-grant = Right
directory-grant-add = Grant a right
directory-grant-submit = Grant the right
directory-grant-withdraw = Withdraw the right
directory-mistake-name-missing = Give a name.
directory-mistake-name-long = The name is too long: 300 characters at most.
directory-mistake-name-taken = An organisation of the same kind has this name already.
directory-mistake-acronym-long = The acronym is too long: 40 characters at most.
directory-mistake-kind = Choose a kind from the list.
directory-mistake-siret-length = A SIRET has 14 digits.
directory-mistake-siret-check = This SIRET holds a mistake: its check digit does not fit.
directory-mistake-siret-taken = Another organisation has this SIRET already.
directory-mistake-parent = Choose an organisation from the list.
directory-mistake-ring = An organisation cannot be below itself, nor below one that depends on it.
directory-mistake-stale = Somebody changed this organisation in the meantime. Check, then save again.
directory-mistake-email = Give a full e-mail address, such as first.last@ministry.example.
directory-mistake-email-taken = This address has an account already.
directory-mistake-role = Choose a role from the list.
directory-mistake-password-short = Too short: 12 characters at least.
directory-mistake-password-long = Too long: 200 characters at most.
directory-mistake-password-easy = Too easy to guess: avoid your address and repetitions.
role-administrator = Administrator of the platform
role-portfolio-officer = Portfolio officer
role-digital-director = Ministry’s digital director
role-product-team = Product team
role-reader = Reader
role-instructor = Instructor
role-data-producer = Data producer
role-data-requester = Data requester
organisation-kind-ministry = Ministry
organisation-kind-directorate = Directorate
organisation-kind-operator = Operator
organisation-kind-local-body = Local body
organisation-kind-incubator = Incubator
organisation-kind-other = Other
directory-sign-in-again = A service asks you to sign in again.
directory-sign-in-email-lead = Write your work address: it tells where you prove who you are.
directory-sign-in-email-submit = Go on
directory-sign-in-by-password = Sign in with a password
directory-sign-in-pick = Choose where to prove who you are
directory-sign-in-pick-lead = Several identity providers know the addresses of your organisation. Choose yours.
directory-sign-in-elsewhere = You are being led to { $provider } to prove who you are.
directory-sign-in-elsewhere-go = Go on to { $provider }
directory-sign-in-wait = Too many failed attempts from this device or network. Try again after { $until }, use a passkey, or choose a new password by the link sent to your mailbox.
directory-sign-in-other-way = Too many failed attempts by strangers on this account: as your device is not known, use a passkey, or choose a new password by the link sent to your mailbox.
directory-sign-in-mfa = A second factor is needed to go on: sign in again.
directory-browser-unknown = Unknown browser
directory-mail-device-subject = Sign-in on a new device
directory-mail-device-text = Hello,

    A session has just begun with your account on a device that we did not know.

    When: { $when }
    Browser: { $browser }
    Network: { $network }

    If it was you, there is nothing to do.

    If it was not, open this link to end that session and choose a new password:
    { $link }
directory-alarm = It was not me
directory-alarm-lead = You end the session on the unknown device. We then send you a link to choose a new password.
directory-alarm-submit = End this session
directory-alarm-done = The session is ended and the device forgotten. A link to choose a new password is on its way to your mailbox: use it at once.
directory-alarm-over = This link no longer works. If in doubt, choose a new password: all your sessions will be ended.
directory-mail-factor-subject = Your account has changed
directory-mail-factor-text = Hello,

    { $what }

    If it was you, there is nothing to do. If not, choose a new password and check your account:
    { $link }
directory-factor-totp-added = A code application was added to your account.
directory-factor-totp-removed = The code application was removed from your account.
directory-factor-passkey-added = A passkey was added to your account.
directory-factor-passkey-removed = A passkey was removed from your account.
directory-factor-codes-renewed = Your recovery codes were replaced. The old ones no longer work.
directory-factor-reset = An administrator removed all second factors from your account and ended your sessions.
directory-mail-recovery-subject = A recovery code was used
directory-mail-recovery-text = Hello,

    A session has just begun with one of your recovery codes. Codes left: { $left }.

    To get new ones, or if it was not you:
    { $link }
directory-mail-verify-subject = Verify your address
directory-mail-verify-text = Hello,

    To confirm that this address is yours, open this link within 24 hours:
    { $link }

    If you did not ask for this, ignore this message.
directory-mail-change-subject = Change of address asked for
directory-mail-change-text = Hello,

    Somebody asked for another e-mail address for your account. The address only changes once the new one is verified.

    If it was not you, choose a new password at once: the request will be cancelled.
    { $link }
directory-mail-invitation-subject = Your account is open
directory-mail-invitation-text = Hello { $name },

    An account has just been opened for you. To choose your password, open this link within three days:
    { $link }

    After that, ask for a new link on the sign-in page.
directory-second-title = Second factor
directory-second-lead = Your password is right. Now show that it is you.
directory-second-hint = The 6 digits of your application, or a recovery code
directory-second-submit = Continue
directory-second-refused = This code does not fit, or has been used before. Wait for the next one, or take a recovery code.
directory-second-over = This sign-in has expired. Begin again.
directory-second-wait = Too many failed attempts: try again after { $until }, or use a passkey.
directory-second-other-way = Too many failed attempts by strangers on this account: use a passkey, or choose a new password by the link sent to your mailbox.
directory-code = Code
directory-code-hint = 6 digits
directory-recovery-code = Recovery code
directory-recovery-hint = 16 letters and digits, hyphens are optional
directory-passkeys = Passkeys
directory-passkeys-lead = A passkey replaces the password: your telephone, your computer or a security key knows you.
directory-passkeys-own = My passkeys
directory-passkeys-empty = No passkey yet.
directory-passkeys-no-domain = Browsers take no passkey at this address: it needs a domain name in https.
directory-passkey-name = Name
directory-passkey-name-hint = To know it again, for example: office telephone
directory-passkey-kind = Kind
directory-passkey-added = Added on
directory-passkey-used = Last used
directory-never = Never
directory-passkey-synced = Synchronised between your devices
directory-passkey-bound = Bound to one device
directory-passkey-suspect = Perhaps copied
directory-passkey-suspect-text = On { $when }, the counter of this passkey went back: there may be a copy of it. Remove it and add another one.
directory-passkey-add = Add a passkey
directory-passkey-remove = Remove this passkey
directory-passkey-remove-lead = You can no longer sign in with it. Delete it from the device that holds it too.
directory-passkey-sign-in = Sign in with a passkey
directory-passkey-without = A passkey needs JavaScript and a recent browser. Without them, use your password.
directory-passkey-without-add = Adding a passkey needs JavaScript and a recent browser. Without them, you can add a code application.
directory-passkey-failed = Your browser gave no passkey. Try again, or use your password.
directory-passkey-failed-add = Your browser made no passkey. Try again, or check that this device does not have one for this account already.
directory-passkey-unknown = This passkey was not recognised. Try again, or use your password.
directory-passkey-copied = This passkey may have been copied: it is refused. Sign in with your password and replace it.
directory-passkey-refused = This passkey could not be added. Try again.
directory-passkey-too-many = You have 20 passkeys already. Remove one first.
directory-passkey-count = { $count ->
    [one] { $number } passkey
   *[other] { $number } passkeys
}
directory-mistake-passkey-name = Give this passkey a name.
directory-mistake-passkey-name-long = The name is too long: 60 characters at most.
directory-totp = Code application
directory-totp-add = Add a code application
directory-totp-lead = An application on your telephone gives a code of 6 digits, asked for after the password.
directory-totp-how = First install an application for one-time codes (the TOTP standard), for example FreeOTP or Aegis.
directory-totp-begin = Begin
directory-totp-scan = Store the key
directory-totp-scan-lead = Aim at this picture with the application, or type the key into it. This page is good for a quarter of an hour.
directory-totp-picture = Picture for the code application. The key is also written below.
directory-totp-secret = Key to type
directory-totp-address = On this telephone
directory-totp-open = Open in the application
directory-totp-try = Try a code
directory-totp-confirm = Turn codes on
directory-totp-refused = This code does not fit. Check the telephone’s clock, then type the code that it shows now.
directory-totp-on = A code is asked for at each sign-in by password.
directory-totp-remove = Remove the code application
directory-totp-remove-lead = Your password will be enough again, if you have no passkey.
directory-recovery-codes = Recovery codes
directory-recovery-lead = To sign in when you no longer have your telephone or your key. Each code is good once.
directory-recovery-none = Recovery codes are made with the first second factor.
directory-recovery-left = { $count ->
    [0] You have no code left.
    [one] You have { $number } code left.
   *[other] You have { $number } codes left.
}
directory-recovery-count = { $count ->
    [one] { $number } code
   *[other] { $number } codes
}
directory-recovery-used-up = No code left
directory-recovery-renew = Make new codes
directory-recovery-renew-lead = Ten new codes replace the old ones, which will no longer work.
directory-recovery-shown = Each of these codes replaces your second factor once.
directory-recovery-once = Write these codes down or print them now: they are never shown again.
directory-recovery-kept = I have written the codes down
directory-email-verified-at = Verified on { $when }
directory-email-state = Verification
directory-email-unverified = Not verified
directory-email-verify = Verification of the address
directory-email-verify-send = Send the verification message
directory-email-verify-sent = A message is on its way to your address. Open the link in it within 24 hours.
directory-email-verify-enough = Your address is verified already, or several messages have just been sent: have a look at unwanted mail, or wait a few hours.
directory-email-verify-lead = Confirm that { $email } is the address of your account.
directory-email-verify-submit = Confirm this address
directory-email-verify-over = This link no longer works. Ask for a new one from your account.
directory-email-verified-now = This address is verified. It is the one of your account.
directory-email-change = Change my address
directory-email-change-lead = We send a link to the new address, and a warning to the present one.
directory-email-change-submit = Send the link
directory-email-change-sent = If the new address is free, a link has just been sent to it. Your account keeps its present address until you open it.
directory-email-new = New e-mail address
directory-mistake-email-same = This is the address of your account already.
directory-mistake-email-wait = Several links have just been sent. Use one of them, or wait 24 hours.
directory-proofs = How you sign in
directory-proof = Means
directory-factor-on = In place
directory-factor-state = State
directory-factor-off = Not yet
directory-sessions = My sessions
directory-session = Session
directory-session-this = This session
directory-session-device = Device
directory-session-network = Network
directory-session-since = Proved on
directory-session-seen = Seen on
directory-session-proof = Proof
directory-session-end = End this session
directory-session-end-lead = The device will be signed out of the platform and of the services opened with it.
directory-session-end-this = This is the session that you are using: you will be signed out of the platform and of the services opened with it.
directory-session-end-others = End my other sessions
directory-proof-password = Password
directory-proof-code = Password and code
directory-proof-recovery = Password and recovery code
directory-proof-passkey = Passkey
directory-prove-again = To change this, first show that it is you: your last sign-in was more than a quarter of an hour ago, or without a second factor.
directory-prove-again-go = Sign in again
directory-factors-reset = Remove the second factors
directory-factors-reset-lead = For a person who has lost everything and whose identity you have checked. Their sessions will be ended and they will get a message.
directory-factor-password-changed = The password of your account was changed and your sessions were ended.
directory-factor-password-known = Somebody knows your password: several wrong codes were typed after it on an unknown device.
