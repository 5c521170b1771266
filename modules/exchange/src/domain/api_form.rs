//! The form in which a producer presents an API.

use super::api::{ApiProfile, LegalNature, Proof, Sensitivity, TIMEOUT_MS_MAX, is_mail};
use super::mistake::{Mistake, Reader, is_web};

/// The form of an API, as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ApiForm {
    /// See [`ApiProfile`]; all as texts.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// A code.
    pub sensitivity: String,
    /// A code.
    pub legal_nature: String,
    /// The text.
    pub legal_text: String,
    /// Its address.
    pub legal_url: String,
    /// A number.
    pub per_minute: String,
    /// A number.
    pub per_day: String,
    /// In words.
    pub service_level: String,
    /// An address.
    pub test_url: String,
    /// An address of mail.
    pub contact: String,
    /// Addresses, one a line.
    pub upstreams: String,
    /// A path.
    pub health_path: String,
    /// A number.
    pub timeout_ms: String,
    /// A code.
    pub proof: String,
}

impl ApiForm {
    /// What a stored profile looks like in the form.
    pub fn of(profile: &ApiProfile) -> Self {
        Self {
            name: profile.name.clone(),
            description: profile.description.clone(),
            sensitivity: profile.sensitivity.code().into(),
            legal_nature: profile.legal_nature.code().into(),
            legal_text: profile.legal_text.clone(),
            legal_url: profile.legal_url.clone(),
            per_minute: profile.per_minute.to_string(),
            per_day: profile.per_day.to_string(),
            service_level: profile.service_level.clone(),
            test_url: profile.test_url.clone(),
            contact: profile.contact.clone(),
            upstreams: profile.upstreams.join("\n"),
            health_path: profile.health_path.clone(),
            timeout_ms: profile.timeout_ms.to_string(),
            proof: profile.proof.code().into(),
        }
    }

    /// What it says, or every mistake in it.
    pub fn check(&self) -> Result<ApiProfile, Vec<Mistake>> {
        let mut read = Reader::default();
        let name = read.text("name", &self.name, true, 120);
        let description = read.text("description", &self.description, true, 5_000);
        let sensitivity = one_of(
            &mut read,
            "sensitivity",
            Sensitivity::parse(&self.sensitivity),
        );
        let nature = one_of(
            &mut read,
            "legal_nature",
            LegalNature::parse(&self.legal_nature),
        );
        let proof = one_of(&mut read, "proof", Proof::parse(&self.proof));
        let upstreams = upstreams(&mut read, &self.upstreams);
        let contact = read.text("contact", &self.contact, true, 254);
        if !contact.is_empty() && !is_mail(&contact) {
            read.wrong("contact", "exchange-mistake-mail", &contact);
        }
        let health_path = read.text("health_path", &self.health_path, false, 200);
        let plain = |c: char| c.is_ascii_graphic() && !matches!(c, '#' | '\\');
        let is_path = health_path.starts_with('/') && health_path.chars().all(plain);
        if !health_path.is_empty() && !is_path {
            read.wrong("health_path", "exchange-mistake-path", &health_path);
        }
        let per_minute = read.number("per_minute", &self.per_minute, (1, 100_000));
        let per_day = read.number("per_day", &self.per_day, (1, 100_000_000));
        let timeout = (100, u64::from(TIMEOUT_MS_MAX));
        let timeout_ms = read.number("timeout_ms", &self.timeout_ms, timeout);
        let legal_text = read.text("legal_text", &self.legal_text, true, 1_000);
        let legal_url = read.address("legal_url", &self.legal_url);
        let service_level = read.text("service_level", &self.service_level, false, 1_000);
        let test_url = read.address("test_url", &self.test_url);
        let (Some(sensitivity), Some(legal_nature), Some(proof)) = (sensitivity, nature, proof)
        else {
            return Err(read.mistakes);
        };
        if !read.mistakes.is_empty() {
            return Err(read.mistakes);
        }
        Ok(ApiProfile {
            name,
            description,
            sensitivity,
            legal_nature,
            legal_text,
            legal_url,
            per_minute: u32::try_from(per_minute).unwrap_or(u32::MAX),
            per_day,
            service_level,
            test_url,
            contact,
            upstreams,
            health_path,
            timeout_ms: u32::try_from(timeout_ms).unwrap_or(TIMEOUT_MS_MAX),
            proof,
        })
    }
}

fn one_of<T>(read: &mut Reader, field: &'static str, one: Option<T>) -> Option<T> {
    if one.is_none() {
        read.wrong(field, "exchange-mistake-choice", "");
    }
    one
}

fn upstreams(read: &mut Reader, text: &str) -> Vec<String> {
    let list: Vec<String> = text
        .lines()
        .map(|line| line.trim().trim_end_matches('/').to_owned())
        .filter(|line| !line.is_empty())
        .collect();
    if list.is_empty() {
        read.wrong("upstreams", "exchange-mistake-missing", "");
    }
    if list.len() > 10 {
        read.wrong("upstreams", "exchange-mistake-count", 10);
    }
    let is_plain = |one: &&String| {
        is_web(one)
            && one.len() <= 300
            && url::Url::parse(one)
                .is_ok_and(|url| url.query().is_none() && url.fragment().is_none())
    };
    if let Some(wrong) = list.iter().find(|one| !is_plain(one)) {
        read.wrong("upstreams", "exchange-mistake-url", wrong);
    }
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_upstream_is_an_address_of_the_web() {
        for (text, fits) in [
            ("https://api.cnp.example/v1", true),
            ("http://10.0.0.1:8080\nhttps://b.example", true),
            ("ftp://x.example", false),
            ("https://user:secret@x.example", false),
            ("https://x.example/?a=b", false),
            ("x.example", false),
        ] {
            let mut read = Reader::default();
            upstreams(&mut read, text);
            assert_eq!(read.mistakes.is_empty(), fits, "{text}");
        }
    }
}
