//! From where a call comes.

use core::net::IpAddr;

use ipnet::IpNet;

/// Networks, such as those from which an accreditation may be used.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Networks(Vec<IpNet>);

impl Networks {
    /// Reads prefixes such as `192.0.2.0/24`, or single addresses; the first that is neither is the
    /// error.
    pub fn parse(texts: &[String]) -> Result<Self, String> {
        let read = |text: &String| {
            let one = text.parse::<IpAddr>().map(IpNet::from);
            one.or_else(|_| text.parse()).map_err(|_| text.clone())
        };
        texts.iter().map(read).collect::<Result<_, _>>().map(Self)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether an address is in one of them.
    pub fn hold(&self, address: IpAddr) -> bool {
        self.0.iter().any(|net| net.contains(&address))
    }
}

impl From<Vec<IpNet>> for Networks {
    fn from(nets: Vec<IpNet>) -> Self {
        Self(nets)
    }
}

/// Who calls: the machine that connected, or, when that is a proxy of ours, the last address of
/// `X-Forwarded-For`, which that proxy wrote. What others wrote in the header is never believed.
pub fn caller_of(connected: IpAddr, forwarded: Option<&str>, proxies: &Networks) -> IpAddr {
    let connected = connected.to_canonical();
    if !proxies.hold(connected) {
        return connected;
    }
    let last = forwarded.and_then(|list| list.rsplit(',').next());
    let told = last.and_then(|text| text.trim().parse::<IpAddr>().ok());
    told.map_or(connected, |address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_proxy_says_who_calls() {
        let proxies = Networks::parse(&["10.0.0.0/8".to_owned()]).unwrap();
        let at = |text: &str| text.parse::<IpAddr>().unwrap();
        let written = Some("203.0.113.9, 198.51.100.7");
        assert_eq!(
            caller_of(at("192.0.2.1"), written, &proxies),
            at("192.0.2.1")
        );
        assert_eq!(
            caller_of(at("10.1.1.1"), written, &proxies),
            at("198.51.100.7")
        );
        assert_eq!(
            caller_of(at("10.1.1.1"), Some("x"), &proxies),
            at("10.1.1.1")
        );
        assert_eq!(
            caller_of(at("::ffff:10.1.1.1"), written, &proxies),
            at("198.51.100.7")
        );
    }

    #[test]
    fn a_prefix_or_an_address() {
        let texts = ["192.0.2.0/24".to_owned(), "2001:db8::1".to_owned()];
        let networks = Networks::parse(&texts).unwrap();
        assert!(networks.hold("192.0.2.77".parse().unwrap()));
        assert!(networks.hold("2001:db8::1".parse().unwrap()));
        assert!(!networks.hold("2001:db8::2".parse().unwrap()));
        assert_eq!(
            Networks::parse(&["192.0.2.0/33".to_owned()]),
            Err("192.0.2.0/33".to_owned())
        );
    }
}
