//! A URL that may be asked for.

use url::{Host, Url};

use crate::address::Forbidden;
use crate::allow::{AllowList, is_name, literal};
use crate::error::{EgressError, UrlMistake};

/// Most bytes of a URL, as written and as sent.
pub const URL_BYTES_MAX: usize = 2048;

/// A URL whose every part was checked but the addresses behind its name.
#[derive(Clone)]
pub(crate) struct Target {
    pub(crate) url: Url,
    /// The host as it is resolved and shown: lower case, no dot at the end.
    pub(crate) host: String,
    /// `scheme://host:port`: what fails or works as one.
    pub(crate) origin: String,
}

impl Target {
    /// Checks `text`, which may come from anybody.
    pub(crate) fn read(text: &str, allow: &AllowList, ports: &[u16]) -> Result<Self, EgressError> {
        let wrong = |reason| EgressError::Url { reason };
        let mut url = parse(text).map_err(wrong)?;
        let Some(host) = url.host() else {
            return Err(wrong(UrlMistake::Host));
        };
        let address = literal(&host);
        let host = match host {
            Host::Domain(name) => {
                let name = name.strip_suffix('.').unwrap_or(name).to_owned();
                if !is_name(&name) || name.parse::<std::net::IpAddr>().is_ok() {
                    return Err(wrong(UrlMistake::Host));
                }
                name
            }
            Host::Ipv4(address) => {
                let plain = address.to_string();
                if host_as_written(text).is_none_or(|written| written != plain) {
                    return Err(wrong(UrlMistake::OddAddress));
                }
                plain
            }
            Host::Ipv6(address) => format!("[{address}]"),
        };
        // A dot at the end would be sent in the header and looked for in the certificate.
        url.set_host(Some(&host))
            .map_err(|_| wrong(UrlMistake::Host))?;
        if url.as_str().len() > URL_BYTES_MAX {
            return Err(wrong(UrlMistake::Long));
        }
        let forbidden = |why| EgressError::Forbidden {
            host: host.clone(),
            why,
        };
        if let Some(address) = address {
            allow.judge_literal(address).map_err(forbidden)?;
        } else if url.scheme() == "http" && !allow.names(&host) {
            return Err(forbidden(Forbidden::Http));
        }
        let port = url.port_or_known_default().unwrap_or_default();
        let usual = if url.scheme() == "http" { 80 } else { 443 };
        if port != usual && port < 1024 && !ports.contains(&port) {
            return Err(wrong(UrlMistake::Port));
        }
        let origin = format!("{}://{host}:{port}", url.scheme());
        Ok(Self { url, host, origin })
    }
}

/// The parts that need no knowledge of what is allowed.
fn parse(text: &str) -> Result<Url, UrlMistake> {
    if text.len() > URL_BYTES_MAX {
        return Err(UrlMistake::Long);
    }
    // Readers of URLs drop or turn these, each in its own way: what one checks, another asks for.
    let odd = |c: char| c.is_control() || c.is_whitespace() || c == '\\';
    if text.chars().any(odd) {
        return Err(UrlMistake::Character);
    }
    let url = Url::parse(text).map_err(|_| UrlMistake::Syntax)?;
    if !matches!(url.scheme(), "https" | "http") {
        return Err(UrlMistake::Scheme);
    }
    // `https:a.example` is read as if it were whole.
    let authority = after_scheme(text).ok_or(UrlMistake::Syntax)?;
    // An empty one too: `https://@a.example` leaves no trace once read.
    let end = authority.find(['/', '?', '#']).unwrap_or(authority.len());
    if authority[..end].contains('@') || !url.username().is_empty() || url.password().is_some() {
        return Err(UrlMistake::Userinfo);
    }
    // And so is `https:///a.example`.
    if host_as_written(text).is_none_or(str::is_empty) {
        return Err(UrlMistake::Syntax);
    }
    if url.fragment().is_some() {
        return Err(UrlMistake::Fragment);
    }
    Ok(url)
}

fn after_scheme(text: &str) -> Option<&str> {
    let (scheme, rest) = text.split_once("://")?;
    let letters = scheme.bytes().all(|byte| byte.is_ascii_alphabetic());
    letters.then_some(rest)
}

/// What stands between `://` and the port, the path or the query.
fn host_as_written(text: &str) -> Option<&str> {
    let rest = after_scheme(text)?;
    let end = match rest.strip_prefix('[') {
        Some(six) => six.find(']').map_or(rest.len(), |at| at + 2),
        None => rest.find([':', '/', '?', '#']).unwrap_or(rest.len()),
    };
    rest.get(..end)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> Result<Target, EgressError> {
        let allowed = ["idp.intra.example", "127.0.0.1", "10.0.0.0/8", "fd00::/8"];
        let allowed: Vec<_> = allowed.iter().map(|one| one.parse().unwrap()).collect();
        Target::read(text, &AllowList::new(&allowed), &[444])
    }

    #[test]
    fn good_urls_are_read() {
        for (text, url, origin) in [
            (
                "https://a.example",
                "https://a.example/",
                "https://a.example:443",
            ),
            (
                "HTTPS://A.Example./b?c=d",
                "https://a.example/b?c=d",
                "https://a.example:443",
            ),
            (
                "https://a.example:8443/",
                "https://a.example:8443/",
                "https://a.example:8443",
            ),
            (
                "https://a.example:1024/",
                "https://a.example:1024/",
                "https://a.example:1024",
            ),
            (
                "https://a.example:444/",
                "https://a.example:444/",
                "https://a.example:444",
            ),
            (
                "https://a.example:443/",
                "https://a.example/",
                "https://a.example:443",
            ),
            (
                "https://é.example/é",
                "https://xn--9ca.example/%C3%A9",
                "https://xn--9ca.example:443",
            ),
            (
                "https://a.example/@b:c",
                "https://a.example/@b:c",
                "https://a.example:443",
            ),
            (
                "http://idp.intra.example",
                "http://idp.intra.example/",
                "http://idp.intra.example:80",
            ),
            (
                "http://127.0.0.1:4000/",
                "http://127.0.0.1:4000/",
                "http://127.0.0.1:4000",
            ),
            (
                "http://[fd00:0::1]/",
                "http://[fd00::1]/",
                "http://[fd00::1]:80",
            ),
            (
                "https://10.1.2.3/a",
                "https://10.1.2.3/a",
                "https://10.1.2.3:443",
            ),
        ] {
            let target = read(text).unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!(target.url.as_str(), url);
            assert_eq!(target.origin, origin);
        }
    }

    #[test]
    fn wrong_urls_are_told() {
        use UrlMistake as M;
        let long = format!("https://a.example/{}", "a".repeat(URL_BYTES_MAX));
        // Short as written, three times as long as sent.
        let grows = format!("https://a.example/{}", "é".repeat(900));
        for (text, reason) in [
            ("", M::Syntax),
            ("a.example", M::Syntax),
            ("//a.example/", M::Syntax),
            ("https:a.example", M::Syntax),
            ("https:/a.example", M::Syntax),
            ("https:a.example://b.example/", M::Syntax),
            ("https:///a.example", M::Syntax),
            ("https://", M::Syntax),
            ("https://a..example/", M::Host),
            ("https://.example/", M::Host),
            ("https://a.example../", M::Host),
            ("https://a%00b/", M::Syntax),
            ("https://a.example:65536/", M::Syntax),
            (long.as_str(), M::Long),
            (grows.as_str(), M::Long),
            (" https://a.example/", M::Character),
            ("https://a.exa\tmple/", M::Character),
            ("https://a.example/\r\nHost:b", M::Character),
            ("https://a.example\\@b.example/", M::Character),
            ("ftp://a.example/", M::Scheme),
            ("file:///etc/passwd", M::Scheme),
            ("gopher://a.example/", M::Scheme),
            ("data:text/plain,a", M::Scheme),
            ("https://a:b@a.example/", M::Userinfo),
            ("https://a@a.example/", M::Userinfo),
            ("https://@a.example/", M::Userinfo),
            ("https://:@a.example/", M::Userinfo),
            ("https://127.0.0.1:80@a.example/", M::Userinfo),
            ("https://a.example/#", M::Fragment),
            ("https://a.example/#b", M::Fragment),
            ("https://a.example:80/", M::Port),
            ("https://a.example:22/", M::Port),
            ("https://a.example:0/", M::Port),
            ("http://idp.intra.example:443/", M::Port),
            ("http://0x7f.1/", M::OddAddress),
            ("http://0x7f000001/", M::OddAddress),
            ("http://2130706433/", M::OddAddress),
            ("http://017700000001/", M::OddAddress),
            ("http://0177.0.0.1/", M::OddAddress),
            ("http://127.1/", M::OddAddress),
            ("http://127.0.0.1./", M::OddAddress),
            ("http://127.000.000.001/", M::OddAddress),
            ("http://%31%32%37.0.0.1/", M::OddAddress),
            ("http://１２７.0.0.1/", M::OddAddress),
            ("http://127。0。0。1/", M::OddAddress),
        ] {
            let error = read(text).err();
            assert_eq!(error, Some(EgressError::Url { reason }), "{text}");
        }
    }

    #[test]
    fn hosts_that_may_not_be_asked_are_told() {
        use Forbidden as F;
        for (text, why) in [
            ("http://a.example/", F::Http),
            ("http://localhost/", F::Http),
            ("https://8.8.8.8/", F::Literal),
            ("https://[2606:4700::1111]/", F::Literal),
            ("https://169.254.169.254/latest/meta-data", F::LinkLocal),
            ("http://192.168.0.1/", F::Private),
            ("https://127.0.0.2/", F::Loopback),
            ("https://[::1]/", F::Loopback),
            ("https://[::ffff:127.0.0.2]/", F::Loopback),
            ("https://[::ffff:7f00:2]/", F::Loopback),
            ("https://[64:ff9b::a9fe:a9fe]/", F::LinkLocal),
            ("https://[fe80::1]/", F::LinkLocal),
            ("https://0.0.0.0/", F::Unspecified),
            ("https://[::]/", F::Unspecified),
        ] {
            match read(text).err() {
                Some(EgressError::Forbidden { why: found, .. }) => assert_eq!(found, why, "{text}"),
                other => panic!("{text}: {other:?}"),
            }
        }
    }

    #[test]
    fn errors_repeat_no_query() {
        for text in [
            "https://192.168.0.1/p?token=secret",
            "https://a.example/?secret#b",
        ] {
            let error = read(text).err().unwrap();
            assert!(!format!("{error} {error:?}").contains("secret"));
        }
    }

    proptest! {
        /// Nothing makes it panic, and what passes is what a second reader reads.
        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,60}") {
            let _ = read(&text);
            for prefix in ["https://", "http://", "https:", "https://a.example", "https://[", "http://127"] {
                if let Ok(target) = read(&format!("{prefix}{text}")) {
                    let again = read(target.url.as_str());
                    prop_assert_eq!(again.map(|again| again.origin), Ok(target.origin));
                }
            }
        }

        /// A host that passes as a name is never read as an address by anybody.
        #[test]
        fn no_number_passes_as_a_name(text in "[0-9a-fx.:%\\[\\]]{1,24}") {
            if let Ok(target) = Target::read(&format!("https://{text}/"), &AllowList::default(), &[]) {
                prop_assert!(target.host.parse::<std::net::IpAddr>().is_err());
                prop_assert!(target.host.parse::<u32>().is_err());
            }
        }
    }
}
