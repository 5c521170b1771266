//! Which IP addresses are somebody's on the public Internet, and which aren't.
//!
//! Sources: the IANA special-purpose registries of IPv4 and IPv6 addresses (RFC 6890 and its
//! updates), RFC 6052 (NAT64), RFC 7526 (6to4 is over).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{Ipv4Net, Ipv6Net};

/// Why an address, or the host that has it, is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Forbidden {
    /// `0.0.0.0/8`, `::`: no address at all, often this machine.
    #[error("an unspecified address")]
    Unspecified,
    /// `127.0.0.0/8`, `::1`.
    #[error("this machine")]
    Loopback,
    /// RFC 1918.
    #[error("an address of a private network")]
    Private,
    /// `169.254.0.0/16` and `fe80::/10`, where clouds keep the credentials of their machines.
    #[error("a link-local address")]
    LinkLocal,
    /// `100.64.0.0/10`, between a provider and its subscribers (RFC 6598).
    #[error("an address shared behind a provider")]
    Shared,
    /// `fc00::/7` (RFC 4193).
    #[error("a unique local address")]
    UniqueLocal,
    /// `224.0.0.0/4`, `ff00::/8`, and the broadcast.
    #[error("an address of many machines")]
    Multicast,
    /// Documentation, benchmarks, protocols, the future.
    #[error("a reserved address")]
    Reserved,
    /// 6to4, Teredo and local translations: they carry an IPv4 address past the checks.
    #[error("an address of a tunnel")]
    Tunnel,
    /// An address of services that a cloud offers to its own machines.
    #[error("an address of a cloud's own services")]
    Cloud,
    /// An IP address in place of a host name, in no network that an operator named.
    #[error("an IP address in place of a name")]
    Literal,
    /// `http` to a host that no operator named.
    #[error("only an allowed host is asked over http")]
    Http,
}

const fn four(a: u8, b: u8, c: u8, d: u8, length: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), length)
}

const fn six(a: u16, b: u16, length: u8) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::new(a, b, 0, 0, 0, 0, 0, 0), length)
}

/// What isn't public in IPv4.
const FOUR: [(Ipv4Net, Forbidden); 17] = [
    (four(0, 0, 0, 0, 8), Forbidden::Unspecified),
    (four(10, 0, 0, 0, 8), Forbidden::Private),
    (four(100, 64, 0, 0, 10), Forbidden::Shared),
    (four(127, 0, 0, 0, 8), Forbidden::Loopback),
    // Azure answers its machines here, on an address that is public by its number.
    (four(168, 63, 129, 16, 32), Forbidden::Cloud),
    (four(169, 254, 0, 0, 16), Forbidden::LinkLocal),
    (four(172, 16, 0, 0, 12), Forbidden::Private),
    (four(192, 0, 0, 0, 24), Forbidden::Reserved),
    (four(192, 0, 2, 0, 24), Forbidden::Reserved),
    (four(192, 88, 99, 0, 24), Forbidden::Tunnel),
    (four(192, 168, 0, 0, 16), Forbidden::Private),
    (four(198, 18, 0, 0, 15), Forbidden::Reserved),
    (four(198, 51, 100, 0, 24), Forbidden::Reserved),
    (four(203, 0, 113, 0, 24), Forbidden::Reserved),
    (four(224, 0, 0, 0, 4), Forbidden::Multicast),
    // Before the block that holds it.
    (four(255, 255, 255, 255, 32), Forbidden::Multicast),
    (four(240, 0, 0, 0, 4), Forbidden::Reserved),
];

/// What isn't public inside `2000::/3`, and what deserves its own name outside of it.
const SIX: [(Ipv6Net, Forbidden); 9] = [
    (six(0x64, 0xff9b, 32), Forbidden::Tunnel),
    (six(0xfc00, 0, 7), Forbidden::UniqueLocal),
    (six(0xfe80, 0, 10), Forbidden::LinkLocal),
    (six(0xff00, 0, 8), Forbidden::Multicast),
    (six(0x2001, 0, 32), Forbidden::Tunnel),
    (six(0x2001, 0, 23), Forbidden::Reserved),
    (six(0x2001, 0xdb8, 32), Forbidden::Reserved),
    (six(0x2002, 0, 16), Forbidden::Tunnel),
    (six(0x3fff, 0, 20), Forbidden::Reserved),
];

/// All that is handed out to networks today (RFC 4291).
const GLOBAL_UNICAST: Ipv6Net = six(0x2000, 0, 3);
/// The well-known prefix of translation to IPv4 (RFC 6052).
const NAT64: Ipv6Net = six(0x64, 0xff9b, 96);

/// Why nobody on the public Internet has this address; `None` when somebody may.
///
/// An IPv4 address inside an IPv6 one (mapped, NAT64) is judged as itself.
pub fn forbidden(address: IpAddr) -> Option<Forbidden> {
    match address.to_canonical() {
        IpAddr::V4(address) => forbidden_four(address),
        IpAddr::V6(address) => forbidden_six(address),
    }
}

fn forbidden_four(address: Ipv4Addr) -> Option<Forbidden> {
    let found = FOUR.iter().find(|(net, _)| net.contains(&address));
    found.map(|(_, why)| *why)
}

fn forbidden_six(address: Ipv6Addr) -> Option<Forbidden> {
    if address.is_loopback() {
        return Some(Forbidden::Loopback);
    }
    if address.is_unspecified() {
        return Some(Forbidden::Unspecified);
    }
    if NAT64.contains(&address) {
        let [.., a, b, c, d] = address.octets();
        return forbidden_four(Ipv4Addr::new(a, b, c, d));
    }
    if let Some((_, why)) = SIX.iter().find(|(net, _)| net.contains(&address)) {
        return Some(*why);
    }
    (!GLOBAL_UNICAST.contains(&address)).then_some(Forbidden::Reserved)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn why(address: &str) -> Option<Forbidden> {
        forbidden(address.parse().unwrap())
    }

    #[test]
    fn addresses_of_nobody_are_refused() {
        use Forbidden as F;
        for (address, expected) in [
            ("0.0.0.0", F::Unspecified),
            ("0.255.255.255", F::Unspecified),
            ("10.0.0.0", F::Private),
            ("10.255.255.255", F::Private),
            ("100.64.0.0", F::Shared),
            ("100.100.100.200", F::Shared),
            ("100.127.255.255", F::Shared),
            ("127.0.0.1", F::Loopback),
            ("127.255.255.254", F::Loopback),
            ("168.63.129.16", F::Cloud),
            ("169.254.169.254", F::LinkLocal),
            ("172.16.0.1", F::Private),
            ("172.31.255.255", F::Private),
            ("192.0.0.192", F::Reserved),
            ("192.0.2.1", F::Reserved),
            ("192.88.99.1", F::Tunnel),
            ("192.168.1.1", F::Private),
            ("198.18.0.1", F::Reserved),
            ("198.19.255.255", F::Reserved),
            ("198.51.100.7", F::Reserved),
            ("203.0.113.7", F::Reserved),
            ("224.0.0.1", F::Multicast),
            ("239.255.255.250", F::Multicast),
            ("240.0.0.1", F::Reserved),
            ("255.255.255.255", F::Multicast),
            ("::", F::Unspecified),
            ("::1", F::Loopback),
            ("::127.0.0.1", F::Reserved),
            ("::ffff:127.0.0.1", F::Loopback),
            ("::ffff:169.254.169.254", F::LinkLocal),
            ("::ffff:0:127.0.0.1", F::Reserved),
            ("64:ff9b::10.0.0.1", F::Private),
            ("64:ff9b::169.254.169.254", F::LinkLocal),
            ("64:ff9b:1::8.8.8.8", F::Tunnel),
            ("100::1", F::Reserved),
            ("2001::1", F::Tunnel),
            ("2001:0:4136:e378:8000:63bf:3fff:fdd2", F::Tunnel),
            ("2001:2::1", F::Reserved),
            ("2001:10::1", F::Reserved),
            ("2001:20::1", F::Reserved),
            ("2001:db8::1", F::Reserved),
            ("2002:7f00:1::1", F::Tunnel),
            ("2002:808:808::1", F::Tunnel),
            ("3fff::1", F::Reserved),
            ("4000::1", F::Reserved),
            ("5f00::1", F::Reserved),
            ("fc00::1", F::UniqueLocal),
            ("fd00:ec2::254", F::UniqueLocal),
            ("fe80::1", F::LinkLocal),
            ("fec0::1", F::Reserved),
            ("ff02::1", F::Multicast),
        ] {
            assert_eq!(why(address), Some(expected), "{address}");
        }
    }

    #[test]
    fn addresses_of_somebody_pass() {
        for address in [
            "1.1.1.1",
            "8.8.8.8",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "128.0.0.0",
            "169.253.255.255",
            "172.15.255.255",
            "172.32.0.0",
            "192.0.1.0",
            "192.167.255.255",
            "198.17.255.255",
            "198.20.0.0",
            "223.255.255.255",
            "::ffff:8.8.8.8",
            "64:ff9b::8.8.8.8",
            "2001:4860:4860::8888",
            "2001:200::1",
            "2606:4700::1111",
            "2a01:e0a::1",
        ] {
            assert_eq!(why(address), None, "{address}");
        }
    }

    proptest! {
        /// Every address of every refused network is refused, in each of its disguises.
        #[test]
        fn no_address_of_a_refused_network_passes(at in 0..FOUR.len(), any: u32) {
            let (net, _) = FOUR[at];
            let address = Ipv4Addr::from(u32::from(net.network()) | (any & u32::from(net.hostmask())));
            prop_assert!(forbidden(address.into()).is_some());
            prop_assert!(forbidden(address.to_ipv6_mapped().into()).is_some());
            prop_assert!(forbidden(address.to_ipv6_compatible().into()).is_some());
            let bits = u128::from(u32::from(address));
            let nat64 = Ipv6Addr::from((0x64_ff9b_u128 << 96) | bits);
            prop_assert!(forbidden(nat64.into()).is_some());
            let six_to_four = Ipv6Addr::from((0x2002_u128 << 112) | (bits << 80));
            prop_assert!(forbidden(six_to_four.into()).is_some());
        }

        /// The same for IPv6; NAT64's own prefix alone is judged by what it carries.
        #[test]
        fn no_address_of_a_refused_six_network_passes(at in 0..SIX.len(), any: u128) {
            let (net, _) = SIX[at];
            let bits = u128::from(net.network()) | (any & u128::from(net.hostmask()));
            let address = Ipv6Addr::from(bits);
            prop_assume!(!NAT64.contains(&address));
            prop_assert!(forbidden(address.into()).is_some());
        }

        /// Nothing outside of global unicast passes but mapped and translated IPv4.
        #[test]
        fn what_is_not_handed_out_is_refused(any: u128) {
            let address = Ipv6Addr::from(any);
            prop_assume!(address.to_ipv4_mapped().is_none() && !NAT64.contains(&address));
            if !GLOBAL_UNICAST.contains(&address) {
                prop_assert!(forbidden(address.into()).is_some());
            }
        }
    }
}
