//! What an operator opens beyond the public Internet.

use std::net::IpAddr;
use std::str::FromStr;

use ipnet::IpNet;
use url::Host;

use crate::address::{Forbidden, forbidden};

/// One host or one network that an operator names: `idp.intra.example`, `10.2.0.0/16`,
/// `127.0.0.1`.
///
/// A host opens its private, shared, unique local or loopback addresses, and `http`. A network
/// opens its addresses, as numbers in a URL too, then with `http`. Nothing opens an unspecified
/// address or one of many machines; a link-local address or a tunnel is opened by its network
/// only, since the credentials of machines are there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Allowed {
    /// A name as URLs bear it: lower case, punycode, no dot at the end.
    Host(String),
    /// A network; one address is a network of full length.
    Network(IpNet),
}

/// Text that names neither a host nor a network.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is neither a host (idp.intra.example) nor a network (10.2.0.0/16)")]
pub struct AllowedError(pub String);

impl FromStr for Allowed {
    type Err = AllowedError;

    fn from_str(text: &str) -> Result<Self, AllowedError> {
        let fail = || AllowedError(text.to_owned());
        let text = text.trim();
        if let Ok(network) = text.parse::<IpNet>() {
            return Ok(Self::Network(network.trunc()));
        }
        if let Ok(address) = text.parse::<IpAddr>() {
            return Ok(Self::Network(address.to_canonical().into()));
        }
        // `Host` would read odd notations of an address, and accept what no host name holds.
        let name = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
        if !text.chars().all(name) {
            return Err(fail());
        }
        match Host::parse(text.strip_suffix('.').unwrap_or(text)) {
            Ok(Host::Domain(host)) if is_name(&host) => Ok(Self::Host(host)),
            _ => Err(fail()),
        }
    }
}

/// Whether `host` has the shape of a DNS name: labels of 1 to 63 characters, 253 in all.
pub(crate) fn is_name(host: &str) -> bool {
    host.len() <= 253 && host.split('.').all(|label| (1..=63).contains(&label.len()))
}

/// Everything that an operator opens.
#[derive(Debug, Clone, Default)]
pub(crate) struct AllowList {
    hosts: Vec<String>,
    networks: Vec<IpNet>,
}

impl AllowList {
    pub(crate) fn new(allowed: &[Allowed]) -> Self {
        let mut list = Self::default();
        for one in allowed {
            match one {
                Allowed::Host(host) => list.hosts.push(host.clone()),
                Allowed::Network(network) => list.networks.push(*network),
            }
        }
        list
    }

    pub(crate) fn names(&self, host: &str) -> bool {
        self.hosts.iter().any(|one| one == host)
    }

    fn holds(&self, address: IpAddr) -> bool {
        self.networks.iter().any(|net| net.contains(&address))
    }

    /// Whether a connection to `address` may be made for the name `host`.
    pub(crate) fn judge(&self, host: &str, address: IpAddr) -> Result<(), Forbidden> {
        let address = address.to_canonical();
        let Some(why) = forbidden(address) else {
            return Ok(());
        };
        let open = match why {
            Forbidden::Unspecified | Forbidden::Multicast => false,
            Forbidden::Private
            | Forbidden::Shared
            | Forbidden::UniqueLocal
            | Forbidden::Loopback => self.names(host) || self.holds(address),
            _ => self.holds(address),
        };
        if open { Ok(()) } else { Err(why) }
    }

    /// Whether a URL may bear `address` in place of a name: in a network that is open only.
    pub(crate) fn judge_literal(&self, address: IpAddr) -> Result<(), Forbidden> {
        let address = address.to_canonical();
        if !self.holds(address) {
            return Err(forbidden(address).unwrap_or(Forbidden::Literal));
        }
        self.judge("", address)
    }
}

/// The address that a URL's host is, if it is one.
pub(crate) fn literal(host: &Host<&str>) -> Option<IpAddr> {
    match host {
        Host::Ipv4(address) => Some(IpAddr::V4(*address)),
        Host::Ipv6(address) => Some(IpAddr::V6(*address)),
        Host::Domain(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(entries: &[&str]) -> AllowList {
        let allowed: Vec<Allowed> = entries.iter().map(|one| one.parse().unwrap()).collect();
        AllowList::new(&allowed)
    }

    #[test]
    fn hosts_and_networks_are_read() {
        let host = |text: &str| Allowed::Host(text.to_owned());
        assert_eq!("Idp.Intra.Example.".parse(), Ok(host("idp.intra.example")));
        assert_eq!("élysée.example".parse(), Ok(host("xn--lyse-9oad.example")));
        assert_eq!("localhost".parse(), Ok(host("localhost")));
        for (text, network) in [
            ("10.2.3.4/16", "10.2.0.0/16"),
            ("127.0.0.1", "127.0.0.1/32"),
            ("::ffff:127.0.0.1", "127.0.0.1/32"),
            ("fd00::1", "fd00::1/128"),
        ] {
            let network = Allowed::Network(network.parse().unwrap());
            assert_eq!(text.parse(), Ok(network), "{text}");
        }
        for text in [
            "",
            ".",
            "a..b",
            "https://a.example",
            "a.example/",
            "a.example:80",
            "10.0.0.0/33",
            "0x7f.1",
            "2130706433",
            "*.example",
            "a b",
            "[::1]",
        ] {
            assert!(text.parse::<Allowed>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_host_opens_private_networks_and_no_more() {
        let list = list(&["idp.intra.example"]);
        let judge = |host: &str, address: &str| list.judge(host, address.parse().unwrap());
        assert_eq!(judge("idp.intra.example", "10.0.0.1"), Ok(()));
        assert_eq!(judge("idp.intra.example", "::1"), Ok(()));
        assert_eq!(judge("idp.intra.example", "::ffff:10.0.0.1"), Ok(()));
        assert_eq!(
            judge("a.idp.intra.example", "10.0.0.1"),
            Err(Forbidden::Private)
        );
        let metadata = judge("idp.intra.example", "169.254.169.254");
        assert_eq!(metadata, Err(Forbidden::LinkLocal));
        assert_eq!(
            judge("idp.intra.example", "0.0.0.0"),
            Err(Forbidden::Unspecified)
        );
        assert_eq!(
            judge("idp.intra.example", "168.63.129.16"),
            Err(Forbidden::Cloud)
        );
    }

    #[test]
    fn a_network_opens_its_addresses_and_no_other() {
        let list = list(&["10.2.0.0/16", "0.0.0.0/0"]);
        let judge = |address: &str| list.judge("a.example", address.parse().unwrap());
        assert_eq!(judge("10.2.0.1"), Ok(()));
        assert_eq!(judge("::ffff:10.2.0.1"), Ok(()));
        // Nobody needs to reach these, whatever is opened.
        assert_eq!(judge("0.0.0.0"), Err(Forbidden::Unspecified));
        assert_eq!(judge("224.0.0.1"), Err(Forbidden::Multicast));
        assert_eq!(judge("fd00::1"), Err(Forbidden::UniqueLocal));
    }

    #[test]
    fn an_address_in_a_url_needs_its_network() {
        let list = list(&["127.0.0.1", "a.example"]);
        let judge = |address: &str| list.judge_literal(address.parse().unwrap());
        assert_eq!(judge("127.0.0.1"), Ok(()));
        assert_eq!(judge("::ffff:127.0.0.1"), Ok(()));
        assert_eq!(judge("127.0.0.2"), Err(Forbidden::Loopback));
        assert_eq!(judge("8.8.8.8"), Err(Forbidden::Literal));
    }
}
