//! Resources that tokens are for (RFC 8707).

use super::error::{ErrorCode, OAuthError};
use super::request::Params;

/// Most resources of one request.
const RESOURCES_MAX: usize = 5;
/// Longest address of one, in bytes.
const RESOURCE_BYTES_MAX: usize = 2_000;

/// Addresses of resources, each once. None means that nothing was asked for: such a token is for
/// userinfo and for services that have no address as a resource.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Resources(Vec<String>);

/// [`ErrorCode::InvalidTarget`].
fn invalid(description: impl Into<String>) -> OAuthError {
    OAuthError::new(ErrorCode::InvalidTarget, description)
}

impl Resources {
    /// One address a line, as stored.
    pub fn parse(lines: &str) -> Self {
        Self(lines.lines().map(str::to_owned).collect())
    }

    /// These addresses.
    pub fn of<'a>(addresses: impl IntoIterator<Item = &'a str>) -> Self {
        let mut all: Vec<String> = Vec::new();
        for address in addresses {
            if !all.iter().any(|known| known == address) {
                all.push(address.to_owned());
            }
        }
        Self(all)
    }

    /// The values of a parameter of a request: at most five, each an absolute address without
    /// fragment (RFC 8707, section 2), at most 2000 bytes.
    pub fn asked(params: &Params, name: &str) -> Result<Self, OAuthError> {
        let all = Self::of(params.all(name));
        if all.0.len() > RESOURCES_MAX {
            return Err(invalid(format!("at most {RESOURCES_MAX} of {name}")));
        }
        for address in &all.0 {
            if address.len() > RESOURCE_BYTES_MAX {
                let told = format!("{name} has more than {RESOURCE_BYTES_MAX} bytes");
                return Err(invalid(told));
            }
            let absolute = address
                .split_once("://")
                .is_some_and(|(scheme, rest)| !scheme.is_empty() && !rest.is_empty());
            if name == "resource" && (!absolute || address.contains('#')) {
                let told = "resource must be an absolute address without fragment";
                return Err(invalid(told));
            }
        }
        Ok(all)
    }

    /// These, if each of them is one of `allowed`; compared exactly.
    pub fn within(self, allowed: &[&str]) -> Result<Self, OAuthError> {
        if self.0.iter().all(|one| allowed.contains(&one.as_str())) {
            return Ok(self);
        }
        Err(invalid(
            "this client isn't registered for one of these resources; addresses are compared exactly",
        ))
    }

    /// What a token is for, of what was granted: these, or all of `granted` when none is named.
    pub fn narrowed(self, granted: &Self) -> Result<Self, OAuthError> {
        if self.is_empty() {
            return Ok(granted.clone());
        }
        let granted: Vec<&str> = granted.iter().collect();
        self.within(&granted)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether one is among them, compared exactly.
    pub fn has(&self, address: &str) -> bool {
        self.0.iter().any(|one| one == address)
    }

    /// One by one.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// Whether a service sees a token for these. One that has an address as a resource sees what is
    /// for that address and nothing else; one that has none sees what is for no resource.
    pub fn are_seen_by(&self, own: Option<&str>) -> bool {
        match own {
            Some(own) => self.has(own),
            None => self.is_empty(),
        }
    }
}

impl std::fmt::Display for Resources {
    /// One a line.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.join("\n"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(query: &str) -> Result<Resources, OAuthError> {
        Resources::asked(&Params::parse(query.as_bytes()), "resource")
    }

    #[test]
    fn several_are_read_once_each_within_limits() {
        let two = asked(
            "resource=https://a.example&resource=https://b.example&resource=https://a.example",
        );
        assert_eq!(
            two.unwrap().to_string(),
            "https://a.example\nhttps://b.example"
        );
        assert!(asked("").unwrap().is_empty());
        let many: Vec<_> = (0..6)
            .map(|n| format!("resource=https://a{n}.example"))
            .collect();
        let long = format!("resource=https://a.example/{}", "x".repeat(2_000));
        for wrong in [
            "resource=a.example",
            "resource=/relative",
            "resource=https://a.example%23x",
            &many.join("&"),
            &long,
        ] {
            assert_eq!(
                asked(wrong).unwrap_err().code,
                ErrorCode::InvalidTarget,
                "{wrong}"
            );
        }
    }

    #[test]
    fn a_token_is_for_what_was_granted_at_most() {
        let granted = Resources::parse("https://a.example\nhttps://b.example");
        let none = Resources::default();
        assert_eq!(none.clone().narrowed(&granted).unwrap(), granted);
        let one = Resources::parse("https://b.example");
        assert_eq!(one.clone().narrowed(&granted).unwrap(), one);
        assert!(
            Resources::parse("https://c.example")
                .narrowed(&granted)
                .is_err()
        );
        assert!(
            Resources::parse("https://a.example/")
                .narrowed(&granted)
                .is_err(),
            "exactly"
        );
        assert!(one.narrowed(&none).is_err(), "nothing was granted");
    }

    #[test]
    fn a_resource_sees_what_is_for_it() {
        let for_a = Resources::parse("https://a.example");
        assert!(for_a.are_seen_by(Some("https://a.example")));
        assert!(!for_a.are_seen_by(Some("https://b.example")));
        assert!(!for_a.are_seen_by(None));
        assert!(Resources::default().are_seen_by(None));
        assert!(!Resources::default().are_seen_by(Some("https://a.example")));
    }
}
