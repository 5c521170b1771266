//! The browser in which something is done.

use std::net::IpAddr;

use kit_http::{Cx, HeaderMap, SESSION_COOKIE, cookies};
use kit_ui::Words;
use ports::{DEVICE_COOKIE, SeenBrowser};
use sha2::{Digest as _, Sha256};

use crate::domain::Browser;

/// A browser, its network, and the cookies that it brought. [`Visit::default`] is no browser: nobody
/// is told by mail about what happens in it.
#[derive(Debug, Clone, Default)]
pub struct Visit {
    /// Families of browser and system, as they are kept and shown.
    pub(crate) browser: String,
    /// The network, as it is kept and shown.
    pub(crate) network: String,
    /// The session cookie's value.
    pub(crate) session: Option<String>,
    /// The device cookie's value.
    pub(crate) device: Option<String>,
    /// The words of its reader.
    pub(crate) words: Option<Words>,
}

impl Visit {
    /// The browser of a `User-Agent` at an address.
    pub fn new(user_agent: &str, client: IpAddr, words: Words) -> Self {
        Self {
            browser: Browser::of_user_agent(user_agent).name(),
            network: network_of(client),
            session: None,
            device: None,
            words: Some(words),
        }
    }

    /// With a session cookie.
    #[must_use]
    pub fn session(mut self, cookie: Option<&str>) -> Self {
        self.session = cookie.map(str::to_owned);
        self
    }

    /// With a device cookie; one that can't be ours is passed over.
    #[must_use]
    pub fn device(mut self, cookie: Option<&str>) -> Self {
        let is_ours = |cookie: &&str| {
            cookie.len() == 64 && cookie.bytes().all(|byte| byte.is_ascii_hexdigit())
        };
        self.device = cookie.filter(is_ours).map(str::to_owned);
        self
    }

    /// The browser that another module saw.
    pub(crate) fn seen(browser: &SeenBrowser<'_>) -> Self {
        Self::new(browser.user_agent, browser.client, browser.words.clone())
            .session(browser.session)
            .device(browser.device)
    }

    /// The browser of a request.
    pub(crate) fn of(cx: &Cx, headers: &HeaderMap) -> Self {
        let user_agent = headers
            .get("user-agent")
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        Self::new(user_agent, cx.client, cx.words())
            .session(cookies::read(headers, SESSION_COOKIE))
            .device(cookies::read(headers, DEVICE_COOKIE))
    }

    pub(crate) fn device_hash(&self) -> Option<[u8; 32]> {
        self.device.as_deref().map(hash_of)
    }
}

/// The hash under which a token is kept.
pub(crate) fn hash_of(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

/// The network of an address: 256 addresses of version 4, a site's /48 of version 6. It tells a
/// person whether it is the office's or the home's; one address would tell more than is needed
/// (the data that a purpose needs and no more: GDPR, article 5.1.c), and it goes with its session.
fn network_of(address: IpAddr) -> String {
    match address {
        IpAddr::V4(v4) => {
            let [a, b, c, _] = v4.octets();
            format!("{a}.{b}.{c}.0/24")
        }
        IpAddr::V6(v6) => match v6.to_ipv4_mapped() {
            Some(v4) => network_of(IpAddr::V4(v4)),
            None => {
                let [a, b, c, ..] = v6.segments();
                format!("{a:x}:{b:x}:{c:x}::/48")
            }
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_is_kept_not_an_address() {
        for (address, network) in [
            ("192.0.2.77", "192.0.2.0/24"),
            ("::ffff:192.0.2.77", "192.0.2.0/24"),
            ("2001:db8:1:2::7", "2001:db8:1::/48"),
        ] {
            assert_eq!(network_of(address.parse().unwrap()), network);
        }
    }

    #[test]
    fn a_device_cookie_is_one_of_ours_or_none() {
        let visit = Visit::default();
        let ours = "0a".repeat(32);
        assert!(visit.clone().device(Some(&ours)).device.is_some());
        for other in ["", "x", &"0".repeat(63), &"é".repeat(32)] {
            assert!(visit.clone().device(Some(other)).device.is_none());
        }
    }
}
