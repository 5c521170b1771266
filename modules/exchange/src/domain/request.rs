//! What a request for accreditation says: one for several APIs of several producers. It asks only what
//! the chosen scopes need.

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::api::{Api, LegalNature, Operation, Scope, Sensitivity, codes, is_mail};
use super::behalf::CitizenCalls;
use super::mistake::{Mistake, Reader};

mod lists;

pub use lists::is_code;
use lists::{date, prefixes, purposes, sirets};

/// Months above which keeping data needs a reason.
pub const RETENTION_MONTHS_PLAIN: u64 = 36;
/// Longest time for which data is kept, in months: a century.
const RETENTION_MONTHS_MAX: u64 = 1_200;
/// Most APIs of one request.
const APIS_MAX: usize = 20;
/// Largest form, in bytes as JSON.
pub const FORM_BYTES_MAX: usize = 100_000;

codes! {
    /// The pages of the form, in order.
    Step {
        /// Which data.
        Data => "data",
        /// For what.
        Project => "project",
        /// By what right, for whom, for how long.
        Legal => "legal",
        /// How it is called.
        Technical => "technical",
        /// Whom to speak to.
        Contacts => "contacts",
        /// Read again and send.
        Check => "check",
    }
}

impl Step {
    /// The one after it; the last one comes after itself.
    #[must_use]
    pub fn next(self) -> Self {
        let at = Self::ALL.iter().position(|one| *one == self).unwrap_or(0);
        Self::ALL.get(at + 1).copied().unwrap_or(Self::Check)
    }

    /// The page on which a field is filled in.
    pub fn of_field(field: &str) -> Self {
        match field {
            "apis" | "scopes" => Self::Data,
            "title" | "description" | "purposes" | "expected_start" | "per_minute" | "per_day"
            | "mockup_url" => Self::Project,
            "legal_nature" | "legal_text" | "legal_url" | "recipients" | "retention_months"
            | "retention_reason" => Self::Legal,
            "modalities" | "addresses" | "editor" | "keys" | "keys_reason" => Self::Technical,
            _ => Self::Contacts,
        }
    }
}

codes! {
    /// How the person asked about is named.
    Modality {
        /// By its name, birth and the like.
        Parameters => "parameters",
        /// By the sign-in of the citizen.
        CitizenSession => "citizen-session",
        /// By an identifier that the requester has.
        Identifier => "identifier",
    }
}

codes! {
    /// Whom to speak to about what.
    ContactRole {
        /// About the procedure.
        Business => "business",
        /// About calls that fail.
        Technical => "technical",
        /// The data protection officer.
        Dpo => "dpo",
        /// Who answers for the processing.
        Controller => "controller",
    }
}

impl ContactRole {
    /// The fields of its name and address.
    pub fn fields(self) -> (&'static str, &'static str) {
        match self {
            Self::Business => ("business_name", "business_mail"),
            Self::Technical => ("technical_name", "technical_mail"),
            Self::Dpo => ("dpo_name", "dpo_mail"),
            Self::Controller => ("controller_name", "controller_mail"),
        }
    }
}

/// The form, as typed: a draft keeps it as it is, mistakes included.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RequestForm {
    /// The APIs, by id.
    pub apis: Vec<String>,
    /// The scopes, by code.
    pub scopes: Vec<String>,
    /// What it is called.
    pub title: String,
    /// What it is for.
    pub description: String,
    /// Purposes, one a line: a code, a colon, words; or words alone.
    pub purposes: String,
    /// Day, month and year.
    pub expected_start: [String; 3],
    /// Calls in a minute.
    pub per_minute: String,
    /// Calls in a day.
    pub per_day: String,
    /// Where the screens that will show the data are seen.
    pub mockup_url: String,
    /// A code.
    pub legal_nature: String,
    /// The text.
    pub legal_text: String,
    /// Its address.
    pub legal_url: String,
    /// SIRET numbers, one a line.
    pub recipients: String,
    /// Months.
    pub retention_months: String,
    /// Why so long.
    pub retention_reason: String,
    /// Codes.
    pub modalities: Vec<String>,
    /// Prefixes of addresses, one a line.
    pub addresses: String,
    /// The SIRET number of the editor.
    pub editor: String,
    /// Whether opaque keys are asked for.
    pub wants_keys: bool,
    /// Why.
    pub keys_reason: String,
    /// Name and address of each contact, in the order of [`ContactRole::ALL`].
    pub contacts: [[String; 2]; 4],
}

/// An API that can be asked for, whole.
#[derive(Debug, Clone, PartialEq)]
pub struct Offer {
    /// The API.
    pub api: Api,
    /// Its producer's name.
    pub producer_name: String,
    /// Its operations.
    pub operations: Vec<Operation>,
    /// Its scopes.
    pub scopes: Vec<Scope>,
}

/// Which questions the chosen scopes make necessary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Needs {
    /// Data about people is asked for: retention, recipients, the officer and the controller.
    pub personal: bool,
    /// Somebody is named in calls: how.
    pub naming: bool,
    /// Data that is protected more is asked for.
    pub special: bool,
}

/// What the chosen scopes make necessary.
pub fn needs(form: &RequestForm, offers: &[Offer]) -> Needs {
    let mut needs = Needs::default();
    for offer in offers {
        let chosen = |scope: &&Scope| form.scopes.contains(&scope.code);
        for scope in offer.scopes.iter().filter(chosen) {
            needs.personal |= offer.api.profile.sensitivity != Sensitivity::Open;
            needs.special |= offer.api.profile.sensitivity == Sensitivity::Special;
            needs.naming |= offer.operations.iter().any(|operation| {
                let names = !operation.subject.is_empty()
                    || operation.citizen_calls != CitizenCalls::Closed;
                names && scope.fields.iter().any(|(of, _)| *of == operation.id)
            });
        }
    }
    needs
}

/// A purpose: what calls name, and what people read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Purpose {
    /// Small letters, digits and hyphens.
    pub code: String,
    /// What it is.
    pub words: String,
}

/// Somebody to speak to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// About what.
    pub role: ContactRole,
    /// Its name.
    pub name: String,
    /// Its address.
    pub mail: String,
}

/// The scopes asked for of one API.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// The API.
    pub api: Uuid,
    /// Its scopes, by code, sorted.
    pub scopes: Vec<String>,
}

/// What a request says, checked. A version holds it for ever.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// What it is called.
    pub title: String,
    /// What it is for.
    pub description: String,
    /// The purposes.
    pub purposes: Vec<Purpose>,
    /// When it is to begin.
    pub expected_start: Date,
    /// Calls in a minute.
    pub per_minute: u32,
    /// Calls in a day.
    pub per_day: u64,
    /// Where the screens are seen; may be empty.
    pub mockup_url: String,
    /// The nature of the legal basis.
    pub legal_nature: LegalNature,
    /// Its text.
    pub legal_text: String,
    /// Its address; may be empty.
    pub legal_url: String,
    /// SIRET numbers of those for whom the data is; empty: the requester alone.
    pub recipients: Vec<String>,
    /// For how long the data is kept, in months; none: it is about nobody.
    pub retention_months: Option<u32>,
    /// Why so long; may be empty.
    pub retention_reason: String,
    /// How the person is named.
    pub modalities: Vec<Modality>,
    /// Prefixes of addresses; empty: from anywhere.
    pub addresses: Vec<String>,
    /// The SIRET number of the editor.
    pub editor: Option<String>,
    /// Why opaque keys are asked for; none: they aren't.
    pub keys_reason: Option<String>,
    /// Whom to speak to.
    pub contacts: Vec<Contact>,
    /// What is asked for.
    pub asked: Vec<Asked>,
}

impl RequestForm {
    /// Begins a request for an API, with what its producer proposes.
    pub fn begun(offer: Option<&Offer>) -> Self {
        let mut form = Self::default();
        if let Some(offer) = offer {
            form.apis.push(offer.api.id.to_string());
            form.propose(std::slice::from_ref(offer));
        }
        form
    }

    /// The form that says what a content says: what a renewal begins with.
    pub fn of(content: &Content) -> Self {
        let codes = |list: &[Modality]| list.iter().map(|one| one.code().to_owned()).collect();
        let mut contacts: [[String; 2]; 4] = Default::default();
        for (place, role) in contacts.iter_mut().zip(ContactRole::ALL) {
            if let Some(contact) = content.contacts.iter().find(|one| one.role == *role) {
                *place = [contact.name.clone(), contact.mail.clone()];
            }
        }
        let purpose = |one: &Purpose| format!("{} : {}", one.code, one.words);
        let purposes: Vec<String> = content.purposes.iter().map(purpose).collect();
        let start = content.expected_start;
        let months = content.retention_months.map(|months| months.to_string());
        Self {
            apis: content
                .asked
                .iter()
                .map(|one| one.api.to_string())
                .collect(),
            scopes: content
                .asked
                .iter()
                .flat_map(|one| one.scopes.clone())
                .collect(),
            title: content.title.clone(),
            description: content.description.clone(),
            purposes: purposes.join("\n"),
            expected_start: [
                start.day().to_string(),
                start.month().to_string(),
                start.year().to_string(),
            ],
            per_minute: content.per_minute.to_string(),
            per_day: content.per_day.to_string(),
            mockup_url: content.mockup_url.clone(),
            legal_nature: content.legal_nature.code().to_owned(),
            legal_text: content.legal_text.clone(),
            legal_url: content.legal_url.clone(),
            recipients: content.recipients.join("\n"),
            retention_months: months.unwrap_or_default(),
            retention_reason: content.retention_reason.clone(),
            modalities: codes(&content.modalities),
            addresses: content.addresses.join("\n"),
            editor: content.editor.clone().unwrap_or_default(),
            wants_keys: content.keys_reason.is_some(),
            keys_reason: content.keys_reason.clone().unwrap_or_default(),
            contacts,
        }
    }

    /// Fills in the legal basis that the chosen APIs offer, where nothing is filled in yet.
    pub fn propose(&mut self, offers: &[Offer]) {
        let chosen: Vec<&Offer> = offers
            .iter()
            .filter(|offer| self.apis.contains(&offer.api.id.to_string()))
            .collect();
        let Some(first) = chosen.first() else { return };
        if self.legal_nature.is_empty() {
            self.legal_nature = first.api.profile.legal_nature.code().to_owned();
        }
        if self.legal_text.trim().is_empty() {
            let mut texts: Vec<&str> = chosen
                .iter()
                .map(|offer| offer.api.profile.legal_text.as_str())
                .collect();
            texts.dedup();
            self.legal_text = texts.join("\n");
            self.legal_url.clone_from(&first.api.profile.legal_url);
        }
    }

    /// What it says, or every mistake in it. `offers` are the APIs that may be asked for.
    pub fn check(&self, offers: &[Offer]) -> Result<Content, Vec<Mistake>> {
        let mut read = Reader::default();
        let asked = self.asked(&mut read, offers);
        let needs = needs(self, offers);
        let chosen = || {
            offers
                .iter()
                .filter(|offer| asked.iter().any(|one| one.api == offer.api.id))
        };
        let minute_max = chosen().map(|offer| offer.api.profile.per_minute).min();
        let day_max = chosen().map(|offer| offer.api.profile.per_day).min();
        let title = read.text("title", &self.title, true, 150);
        let description = read.text("description", &self.description, true, 5_000);
        let purposes = purposes(&mut read, &self.purposes);
        let expected_start = date(&mut read, "expected_start", &self.expected_start);
        let minute_max = u64::from(minute_max.unwrap_or(100_000));
        let per_minute = read.number("per_minute", &self.per_minute, (1, minute_max));
        let per_day = read.number(
            "per_day",
            &self.per_day,
            (1, day_max.unwrap_or(100_000_000)),
        );
        let mockup_url = read.address("mockup_url", &self.mockup_url);
        let legal_nature = LegalNature::parse(&self.legal_nature);
        if legal_nature.is_none() {
            read.wrong("legal_nature", "exchange-mistake-choice", "");
        }
        let legal_text = read.text("legal_text", &self.legal_text, true, 2_000);
        let legal_url = read.address("legal_url", &self.legal_url);
        let recipients = sirets(&mut read, "recipients", &self.recipients);
        let (retention_months, retention_reason) = self.retention(&mut read, needs);
        let modalities = self.modalities(&mut read, needs);
        let addresses = prefixes(&mut read, &self.addresses);
        let editor = match self.editor.trim() {
            "" => None,
            text => {
                let found = siret::digits(text);
                if found.is_none() {
                    read.wrong("editor", "exchange-mistake-siret", text);
                }
                found
            }
        };
        let keys_reason = self
            .wants_keys
            .then(|| read.text("keys_reason", &self.keys_reason, true, 2_000));
        let contacts = self.checked_contacts(&mut read, needs);
        let (Some(expected_start), Some(legal_nature)) = (expected_start, legal_nature) else {
            return Err(read.mistakes);
        };
        if !read.mistakes.is_empty() {
            return Err(read.mistakes);
        }
        Ok(Content {
            title,
            description,
            purposes,
            expected_start,
            per_minute: u32::try_from(per_minute).unwrap_or(u32::MAX),
            per_day,
            mockup_url,
            legal_nature,
            legal_text,
            legal_url,
            recipients,
            retention_months,
            retention_reason,
            modalities,
            addresses,
            editor,
            keys_reason,
            contacts,
            asked,
        })
    }

    fn asked(&self, read: &mut Reader, offers: &[Offer]) -> Vec<Asked> {
        let mut asked: Vec<Asked> = Vec::new();
        if self.apis.is_empty() {
            read.wrong("apis", "exchange-mistake-no-api", "");
        }
        if self.apis.len() > APIS_MAX {
            read.wrong("apis", "exchange-mistake-count", APIS_MAX);
        }
        let ids: BTreeSet<&String> = self.apis.iter().collect();
        for id in ids {
            let Some(offer) = offers.iter().find(|offer| offer.api.id.to_string() == *id) else {
                read.wrong("apis", "exchange-mistake-api-closed", "");
                continue;
            };
            let mut scopes: Vec<String> = offer
                .scopes
                .iter()
                .map(|scope| scope.code.clone())
                .filter(|code| self.scopes.contains(code))
                .collect();
            scopes.sort();
            if scopes.is_empty() {
                read.wrong(
                    "scopes",
                    "exchange-mistake-api-without-scope",
                    &offer.api.profile.name,
                );
            }
            asked.push(Asked {
                api: offer.api.id,
                scopes,
            });
        }
        let is_known = |code: &&String| asked.iter().any(|one| one.scopes.contains(code));
        if let Some(code) = self.scopes.iter().find(|code| !is_known(code)) {
            read.wrong("scopes", "exchange-mistake-scope-unknown", code);
        }
        asked
    }

    fn retention(&self, read: &mut Reader, needs: Needs) -> (Option<u32>, String) {
        if !needs.personal {
            return (None, String::new());
        }
        let months = read.number(
            "retention_months",
            &self.retention_months,
            (0, RETENTION_MONTHS_MAX),
        );
        let is_long = months > RETENTION_MONTHS_PLAIN;
        let reason = read.text("retention_reason", &self.retention_reason, is_long, 2_000);
        (u32::try_from(months).ok(), reason)
    }

    fn modalities(&self, read: &mut Reader, needs: Needs) -> Vec<Modality> {
        if !needs.naming {
            return Vec::new();
        }
        let chosen: Vec<Modality> = Modality::ALL
            .iter()
            .copied()
            .filter(|one| self.modalities.iter().any(|code| code == one.code()))
            .collect();
        if chosen.is_empty() {
            read.wrong("modalities", "exchange-mistake-missing", "");
        }
        chosen
    }

    fn checked_contacts(&self, read: &mut Reader, needs: Needs) -> Vec<Contact> {
        let mut contacts = Vec::new();
        for (role, [name, mail]) in ContactRole::ALL.iter().zip(&self.contacts) {
            let of_people = matches!(role, ContactRole::Dpo | ContactRole::Controller);
            if of_people && !needs.personal {
                continue;
            }
            let (name_field, mail_field) = role.fields();
            let name = read.text(name_field, name, true, 150);
            let mail = read.text(mail_field, mail, true, 254);
            if !mail.is_empty() && !is_mail(&mail) {
                read.wrong(mail_field, "exchange-mistake-mail", &mail);
            }
            contacts.push(Contact {
                role: *role,
                name,
                mail,
            });
        }
        contacts
    }
}

#[cfg(test)]
pub(crate) mod tests;
