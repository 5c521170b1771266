//! Who relies on the credentials.

use aws_lc_rs::digest::{Digest, SHA256, digest};

/// The relying party: an origin, and the domain that names it to authenticators.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RelyingParty {
    id: String,
    origin: String,
}

impl RelyingParty {
    /// The relying party of an address such as `https://gouvernail.example`. `None` where browsers
    /// offer no credentials (section 4, "relying party identifier"): the address isn't one of
    /// HTTPS, but for `localhost`, or names a machine by its number.
    pub fn of_address(address: &str) -> Option<Self> {
        let (scheme, rest) = address.split_once("://")?;
        let authority = rest.split(['/', '?', '#']).next()?;
        let authority = authority.to_ascii_lowercase();
        let (host, port) = match authority.split_once(':') {
            None => (authority.as_str(), None),
            Some((host, port)) => (host, Some(port.parse::<u16>().ok()?)),
        };
        let is_local = host == "localhost" || host.ends_with(".localhost");
        if !(scheme == "https" || (scheme == "http" && is_local)) {
            return None;
        }
        let is_name = !host.is_empty()
            && host
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '.');
        // The last label of an address by number is a number (WHATWG URL, "ends in a number").
        let last = host.trim_end_matches('.').rsplit('.').next()?;
        let is_number = last.chars().all(|c| c.is_ascii_digit());
        if !is_name || is_number {
            return None;
        }
        let default = if scheme == "https" { 443 } else { 80 };
        // An origin is written without its scheme's own port.
        let origin = match port.filter(|port| *port != default) {
            Some(port) => format!("{scheme}://{host}:{port}"),
            None => format!("{scheme}://{host}"),
        };
        Some(Self {
            id: host.to_owned(),
            origin,
        })
    }

    /// Its domain: `rp.id`.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Its origin, as browsers write it.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The hash by which authenticators name it.
    pub(crate) fn hash(&self) -> Digest {
        digest(&SHA256, self.id.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_becomes_an_origin_and_a_domain() {
        for (address, id, origin) in [
            ("https://G.example", "g.example", "https://g.example"),
            ("https://g.example:443/x", "g.example", "https://g.example"),
            (
                "https://g.example:8443",
                "g.example",
                "https://g.example:8443",
            ),
            (
                "http://localhost:8460",
                "localhost",
                "http://localhost:8460",
            ),
        ] {
            let party = RelyingParty::of_address(address).unwrap();
            assert_eq!((party.id(), party.origin()), (id, origin), "{address}");
        }
        for address in [
            "http://g.example",
            "https://192.0.2.7",
            "https://[2001:db8::1]",
            "http://127.0.0.1:8460",
            "https://",
            "g.example",
            "https://g.example:x",
            "https://a b",
        ] {
            assert_eq!(RelyingParty::of_address(address), None, "{address}");
        }
    }
}
