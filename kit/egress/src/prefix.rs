//! Addresses that may be asked, by how they begin.

use std::str::FromStr;

use url::Url;

/// An address and all below it: `https://idp.intra.example/` is a whole host,
/// `https://idp.intra.example/oidc` one folder of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prefix(Url);

/// A text is no prefix.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not the beginning of addresses, such as https://idp.intra.example/oidc")]
pub struct PrefixError(pub String);

impl FromStr for Prefix {
    type Err = PrefixError;

    fn from_str(text: &str) -> Result<Self, PrefixError> {
        let fail = || PrefixError(text.to_owned());
        let url = Url::parse(text.trim()).map_err(|_| fail())?;
        let is_plain = matches!(url.scheme(), "https" | "http")
            && url.host_str().is_some()
            && url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none()
            && url.fragment().is_none();
        if is_plain { Ok(Self(url)) } else { Err(fail()) }
    }
}

impl Prefix {
    /// Its host, as URLs bear it.
    pub fn host(&self) -> &str {
        self.0.host_str().unwrap_or_default()
    }

    /// Whether `text` is this address or below it. Steps up (`..`, also when encoded) are taken
    /// before the comparison, and what a server could read as one afterwards is refused.
    pub fn holds(&self, text: &str) -> bool {
        let Ok(url) = Url::parse(text) else {
            return false;
        };
        let same = url.scheme() == self.0.scheme()
            && url.host_str() == self.0.host_str()
            && url.port_or_known_default() == self.0.port_or_known_default()
            && url.username().is_empty()
            && url.password().is_none();
        let path = url.path();
        let lower = path.to_ascii_lowercase();
        // An encoded slash or backslash is one path to some servers, another to others.
        let is_odd = ["%2f", "%5c", "%00", "\\", ";"]
            .iter()
            .any(|odd| lower.contains(odd));
        let base = self.0.path().trim_end_matches('/');
        let below = path
            .strip_prefix(base)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        same && below && !is_odd
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn prefix(text: &str) -> Prefix {
        text.parse().unwrap()
    }

    #[test]
    fn a_prefix_has_no_other_reach() {
        let folder = prefix("https://idp.intra.example/oidc");
        for held in [
            "https://idp.intra.example/oidc",
            "https://idp.intra.example/oidc/token?x=1",
            "https://IDP.intra.example:443/oidc/./keys",
            "https://idp.intra.example/other/../oidc/keys",
        ] {
            assert!(folder.holds(held), "{held}");
        }
        for other in [
            "http://idp.intra.example/oidc/token",
            "https://idp.intra.example:8443/oidc/token",
            "https://idp.intra.example.evil.example/oidc/token",
            "https://evil.example/https://idp.intra.example/oidc",
            "https://me@idp.intra.example/oidc/token",
            "https://idp.intra.example/oidcx",
            "https://idp.intra.example/oidc/../admin",
            "https://idp.intra.example/oidc/%2e%2e/admin",
            "https://idp.intra.example/oidc/..%2fadmin",
            "https://idp.intra.example/oidc/..%5Cadmin",
            "https://idp.intra.example/oidc/..;/admin",
            "https://idp.intra.example/",
            "https://10.0.0.1/oidc/token",
            "file:///oidc/token",
            "no address",
        ] {
            assert!(!folder.holds(other), "{other}");
        }
        assert!(prefix("https://idp.intra.example").holds("https://idp.intra.example/any"));
    }

    #[test]
    fn what_is_no_prefix_is_refused() {
        for wrong in [
            "idp.intra.example",
            "ftp://idp.intra.example/",
            "https://me:pw@idp.intra.example/",
            "https://idp.intra.example/?a",
            "https://idp.intra.example/#a",
            "",
        ] {
            assert!(wrong.parse::<Prefix>().is_err(), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn nothing_held_leaves_the_folder(path in "[a-z./%2fF5cC;\\\\]{0,24}") {
            let folder = prefix("https://idp.intra.example/oidc");
            let text = format!("https://idp.intra.example/oidc/{path}");
            if folder.holds(&text) {
                let read = Url::parse(&text).unwrap();
                prop_assert!(read.path() == "/oidc" || read.path().starts_with("/oidc/"));
            }
        }
    }
}
