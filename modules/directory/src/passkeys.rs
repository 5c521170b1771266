//! Passkeys of own accounts: adding them, and signing in by them without typing an address.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::SignedDuration;
use kit_access::Actor;
use kit_journal::Change;
use kit_ui::Words;
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;
use webauthn::{ALGORITHMS, Assertion, CHALLENGE_BYTES, RelyingParty, count_went_back};

use crate::domain::Mistake;
use crate::sign_in::SignedIn;
use crate::store::passkeys::{self, Challenge, Passkey};
use crate::store::people;
use crate::visit::{Visit, hash_of};
use crate::{Directory, DirectoryError};

/// The cookie of the browser that asked for a challenge.
pub(crate) const PASSKEY_COOKIE: &str = "__Host-passkey";
/// How long a challenge waits.
pub(crate) const CHALLENGE_LIVES: SignedDuration = SignedDuration::from_mins(5);
/// Most passkeys of one account.
const PASSKEYS_MAX: i64 = 20;
/// Longest name of a passkey, in characters.
pub(crate) const PASSKEY_NAME_CHARS_MAX: usize = 60;
/// Longest answer of a browser, in bytes: each part has a limit of its own beside.
const ANSWER_BYTES_MAX: usize = 128 * 1024;

/// What a browser is asked, and the cookie that binds the answer to it.
#[derive(Debug, Clone)]
pub struct Ceremony {
    /// The cookie's value.
    pub cookie: String,
    /// The member `publicKey` of what the browser's function takes; bytes are in base64url.
    pub options: Value,
}

/// A sign-in by a passkey.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PasskeySignIn {
    /// A session began.
    Done(SignedIn),
    /// The passkey isn't one of an open account, or its answer doesn't hold.
    Refused,
    /// Its counter went back: there may be a copy. Nobody is signed in by it.
    Suspect,
}

/// What a browser answers (section 5.1, as the page's script writes it).
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    id: String,
    client_data: String,
    attestation_object: Option<String>,
    authenticator_data: Option<String>,
    signature: Option<String>,
    user_handle: Option<String>,
}

/// A passkey that a browser made.
#[derive(Debug, Clone, Copy)]
pub struct NewPasskey<'a> {
    /// How its owner calls it.
    pub name: &'a str,
    /// The browser's answer.
    pub answer: &'a str,
    /// The cookie of the challenge.
    pub cookie: &'a str,
}

fn read(answer: &str) -> Option<Answer> {
    if answer.len() > ANSWER_BYTES_MAX {
        return None;
    }
    serde_json::from_str(answer).ok()
}

fn bytes(text: Option<&str>) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text?).ok()
}

impl Directory {
    /// Whether browsers offer passkeys at the platform's address.
    pub(crate) fn offers_passkeys(&self) -> bool {
        self.party.is_some()
    }

    async fn challenge(
        &self,
        person: Option<Uuid>,
    ) -> Result<(String, [u8; CHALLENGE_BYTES]), DirectoryError> {
        let cookie = self.new_token();
        let challenge = self.source.random::<CHALLENGE_BYTES>();
        let kept = Challenge {
            bytes: challenge.to_vec(),
            person,
            expires: self.source.now() + CHALLENGE_LIVES,
        };
        passkeys::begin_challenge(&self.db, &hash_of(&cookie), &kept).await?;
        Ok((cookie, challenge))
    }

    /// The challenge of a cookie, which is thereby used up, well or badly; and who asked for it.
    async fn answered(
        &self,
        cookie: &str,
    ) -> Result<Option<([u8; CHALLENGE_BYTES], Option<Uuid>)>, DirectoryError> {
        let mut tx = self.db.begin().await?;
        let taken = passkeys::take_challenge(&mut tx, &hash_of(cookie)).await?;
        tx.commit().await?;
        let now = self.source.now();
        let taken = taken.filter(|challenge| challenge.expires > now);
        Ok(taken.and_then(|challenge| Some((challenge.bytes.try_into().ok()?, challenge.person))))
    }

    /// What a browser is asked to sign in by a passkey that it has; `None` where browsers offer none.
    pub async fn ask_passkey(&self) -> Result<Option<Ceremony>, DirectoryError> {
        let Some(party) = &self.party else {
            return Ok(None);
        };
        let (cookie, challenge) = self.challenge(None).await?;
        let options = json!({
            "challenge": URL_SAFE_NO_PAD.encode(challenge),
            "rpId": party.id(),
            "timeout": CHALLENGE_LIVES.as_millis(),
            "userVerification": "required",
            "allowCredentials": [],
        });
        Ok(Some(Ceremony { cookie, options }))
    }

    /// What a browser is asked to make a passkey; `None` where browsers make none.
    pub async fn ask_new_passkey(
        &self,
        person: Uuid,
        service: &str,
    ) -> Result<Option<Ceremony>, DirectoryError> {
        let Some(party) = &self.party else {
            return Ok(None);
        };
        let person = self.person_of(person).await?;
        let known = passkeys::of_person(&self.db, person.id).await?;
        let (cookie, challenge) = self.challenge(Some(person.id)).await?;
        let options = new_options(party, service, &person, &known, &challenge);
        Ok(Some(Ceremony { cookie, options }))
    }

    /// Adds a passkey. Gives the recovery codes that were made with it, none if the account had
    /// some.
    pub async fn add_passkey(
        &self,
        person: Uuid,
        new: NewPasskey<'_>,
        words: &Words,
    ) -> Result<Vec<String>, DirectoryError> {
        let mistake = |field, key| DirectoryError::Mistakes(vec![Mistake { field, key }]);
        let refused = || mistake("answer", "directory-passkey-refused");
        let party = self.party.as_ref().ok_or(DirectoryError::NotFound)?;
        let name = passkey_name(new.name)?;
        let person = self.person_of(person).await?;
        let challenge = self.answered(new.cookie).await?;
        let Some((challenge, _)) = challenge.filter(|(_, whose)| *whose == Some(person.id)) else {
            return Err(refused());
        };
        let answer = read(new.answer).ok_or_else(refused)?;
        let client_data = bytes(Some(&answer.client_data)).ok_or_else(refused)?;
        let object = bytes(answer.attestation_object.as_deref()).ok_or_else(refused)?;
        let made = webauthn::register(party, &challenge, &client_data, &object);
        let made = made.map_err(|error| {
            tracing::info!(
                error = &error as &dyn std::error::Error,
                "directory.passkey.refuse"
            );
            refused()
        })?;
        let passkey = Passkey {
            id: self.source.new_id(),
            credential_id: made.credential_id,
            person: person.id,
            name,
            public_key: made.public_key,
            sign_count: made.sign_count,
            is_synced: made.is_backup_eligible,
            created_at: self.source.now(),
            used_at: None,
            suspect_at: None,
        };
        let mut tx = self.db.begin().await?;
        if passkeys::count(&mut tx, person.id).await? >= PASSKEYS_MAX {
            return Err(mistake("answer", "directory-passkey-too-many"));
        }
        if !passkeys::insert(&mut tx, &passkey).await? {
            return Err(refused());
        }
        let codes = self.first_recovery_codes(&mut tx, person.id).await?;
        self.tell_factor(&mut tx, &person, "passkey-added", words)
            .await?;
        tx.commit().await?;
        Ok(codes)
    }

    /// The passkeys of a person.
    pub(crate) async fn passkeys(&self, person: Uuid) -> Result<Vec<Passkey>, DirectoryError> {
        Ok(passkeys::of_person(&self.db, person).await?)
    }

    /// One of them.
    pub(crate) async fn passkey(&self, person: Uuid, id: Uuid) -> Result<Passkey, DirectoryError> {
        let all = self.passkeys(person).await?;
        let found = all.into_iter().find(|passkey| passkey.id == id);
        found.ok_or(DirectoryError::NotFound)
    }

    /// Calls a passkey otherwise.
    pub(crate) async fn rename_passkey(
        &self,
        person: Uuid,
        id: Uuid,
        name: &str,
    ) -> Result<(), DirectoryError> {
        let name = passkey_name(name)?;
        let person = self.person_of(person).await?;
        let mut tx = self.db.begin().await?;
        if !passkeys::rename(&mut tx, id, person.id, &name).await? {
            return Err(DirectoryError::NotFound);
        }
        let change =
            Change::new("directory.passkey.rename", "person", person.id).of(person.organisation_id);
        let actor = Actor::person(person.id, &person.name, Vec::new());
        self.journal.append(&mut tx, &actor, change).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Takes a passkey away.
    pub async fn remove_passkey(
        &self,
        person: Uuid,
        id: Uuid,
        words: &Words,
    ) -> Result<(), DirectoryError> {
        let person = self.person_of(person).await?;
        let mut tx = self.db.begin().await?;
        if !passkeys::remove(&mut tx, id, person.id).await? {
            return Err(DirectoryError::NotFound);
        }
        self.drop_useless_codes(&mut tx, person.id).await?;
        self.tell_factor(&mut tx, &person, "passkey-removed", words)
            .await?;
        tx.commit().await?;
        Ok(())
    }

    /// Signs in by a passkey: what a browser has and what its user verified are two factors. Nothing
    /// is counted against anybody, since nothing can be guessed.
    pub async fn sign_in_by_passkey(
        &self,
        answer: &str,
        cookie: &str,
        visit: &Visit,
    ) -> Result<PasskeySignIn, DirectoryError> {
        let refused = Ok(PasskeySignIn::Refused);
        let (Some(party), Some((challenge, None))) = (&self.party, self.answered(cookie).await?)
        else {
            return refused;
        };
        let Some(answer) = read(answer) else {
            return refused;
        };
        let read = (
            bytes(Some(&answer.id)),
            bytes(Some(&answer.client_data)),
            bytes(answer.authenticator_data.as_deref()),
            bytes(answer.signature.as_deref()),
        );
        let (Some(id), Some(client_data), Some(data), Some(signature)) = read else {
            return refused;
        };
        let Some(passkey) = passkeys::by_credential(&self.db, &id).await? else {
            return refused;
        };
        // A passkey that is found without an address says whose it is (section 7.2, step 6).
        let handle = bytes(answer.user_handle.as_deref());
        if handle.as_deref() != Some(passkey.person.as_bytes()) {
            return refused;
        }
        let assertion = Assertion {
            client_data: &client_data,
            authenticator_data: &data,
            signature: &signature,
        };
        let told = match webauthn::assert(party, &challenge, &passkey.public_key, &assertion) {
            Ok(told) => told,
            Err(error) => {
                tracing::info!(
                    error = &error as &dyn std::error::Error,
                    "directory.passkey.refuse"
                );
                return refused;
            }
        };
        let now = self.source.now();
        let mut tx = self.db.begin().await?;
        let person = people::find(&mut tx, passkey.person).await?;
        let Some(person) = person.filter(|person| !person.disabled) else {
            return refused;
        };
        if count_went_back(passkey.sign_count, told.sign_count) {
            passkeys::suspect(&mut tx, passkey.id, now).await?;
            let change = Change::new("directory.passkey.suspect", "person", person.id)
                .of(person.organisation_id)
                .after(json!({ "passkey": passkey.id }));
            let actor = Actor::system("sign-in");
            self.journal.append(&mut tx, &actor, change).await?;
            tx.commit().await?;
            return Ok(PasskeySignIn::Suspect);
        }
        let counted = (told.sign_count, told.is_backup_eligible);
        if !passkeys::used(&mut tx, &passkey, counted, now).await? {
            return refused;
        }
        // RFC 8176: a key of hardware, or of software when it travels between devices. Without an
        // attestation this is the authenticator's own word, which no level rests on: both are two
        // factors, and neither is more.
        let methods = if told.is_backup_eligible {
            "swk user mfa"
        } else {
            "hwk user mfa"
        };
        let session = self.begin_session(&mut tx, &person, methods, None, visit);
        let session = session.await?;
        tx.commit().await?;
        Ok(PasskeySignIn::Done(session))
    }
}

fn passkey_name(name: &str) -> Result<String, DirectoryError> {
    let name = name.trim();
    let key = if name.is_empty() {
        "directory-mistake-passkey-name"
    } else if name.chars().count() > PASSKEY_NAME_CHARS_MAX {
        "directory-mistake-passkey-name-long"
    } else {
        return Ok(name.to_owned());
    };
    let field = "name";
    Err(DirectoryError::Mistakes(vec![Mistake { field, key }]))
}

fn new_options(
    party: &RelyingParty,
    service: &str,
    person: &people::Person,
    known: &[Passkey],
    challenge: &[u8],
) -> Value {
    let credential = |id: &[u8]| json!({ "type": "public-key", "id": URL_SAFE_NO_PAD.encode(id) });
    let offered = |algorithm: &i64| json!({ "type": "public-key", "alg": algorithm });
    json!({
        "rp": { "id": party.id(), "name": service },
        "user": {
            "id": URL_SAFE_NO_PAD.encode(person.id.as_bytes()),
            "name": person.email,
            "displayName": person.name,
        },
        "challenge": URL_SAFE_NO_PAD.encode(challenge),
        "pubKeyCredParams": ALGORITHMS.iter().map(offered).collect::<Vec<_>>(),
        "timeout": CHALLENGE_LIVES.as_millis(),
        "excludeCredentials": known
            .iter()
            .map(|passkey| credential(&passkey.credential_id))
            .collect::<Vec<_>>(),
        "authenticatorSelection": {
            "residentKey": "required",
            "requireResidentKey": true,
            "userVerification": "required",
        },
        "attestation": "none",
    })
}
