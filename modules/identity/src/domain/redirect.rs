//! Addresses to which a browser is sent back.

/// Longest address, in bytes.
const BYTES_MAX: usize = 2_000;

/// Why an address can't be registered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RedirectMistake {
    /// Not an absolute address.
    #[error("write an absolute address, such as https://service.example/callback")]
    NotAbsolute,
    /// Too long.
    #[error("at most 2000 characters")]
    TooLong,
    /// Not HTTPS, and not on this machine.
    #[error("https:// only; http:// is for 127.0.0.1, [::1] and localhost")]
    NotHttps,
    /// A fragment, which a browser never sends (RFC 6749, section 3.1.2).
    #[error("no #fragment")]
    Fragment,
    /// A name or a password before the host.
    #[error("no user or password in the address")]
    UserInfo,
    /// A star, which some take for any host.
    #[error("no *: an address is compared exactly")]
    Wildcard,
}

/// `scheme`, `authority` and the rest of an absolute address.
fn parts(address: &str) -> Option<(&str, &str, &str)> {
    let (scheme, rest) = address.split_once("://")?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, rest) = rest.split_at(end);
    (!scheme.is_empty() && !authority.is_empty()).then_some((scheme, authority, rest))
}

/// The host of an absolute address, without its port.
pub fn host_of(address: &str) -> Option<&str> {
    let (_, authority, _) = parts(address)?;
    let authority = authority
        .rsplit_once('@')
        .map_or(authority, |(_, host)| host);
    if let Some(rest) = authority.strip_prefix('[') {
        return rest.split_once(']').map(|(host, _)| host);
    }
    Some(
        authority
            .split_once(':')
            .map_or(authority, |(host, _)| host),
    )
}

/// Whether an address can be registered: HTTPS, or HTTP on the client's own machine (RFC 8252,
/// section 7.3). Comparison at use is exact, byte by byte (RFC 9700, section 2.1).
pub fn check_redirect(address: &str) -> Result<(), RedirectMistake> {
    if address.len() > BYTES_MAX {
        return Err(RedirectMistake::TooLong);
    }
    let plain = |c: char| c.is_ascii_graphic() && !matches!(c, '"' | '<' | '>' | '\\' | '^' | '`');
    let (scheme, authority, rest) = parts(address).ok_or(RedirectMistake::NotAbsolute)?;
    if !address.chars().all(plain) {
        return Err(RedirectMistake::NotAbsolute);
    }
    if authority.contains('@') {
        return Err(RedirectMistake::UserInfo);
    }
    if address.contains('*') {
        return Err(RedirectMistake::Wildcard);
    }
    if rest.contains('#') {
        return Err(RedirectMistake::Fragment);
    }
    let local = matches!(host_of(address), Some("127.0.0.1" | "::1" | "localhost"));
    match scheme {
        "https" => Ok(()),
        "http" if local => Ok(()),
        _ => Err(RedirectMistake::NotHttps),
    }
}

/// An address with parameters added to those that it has.
pub fn with_query(address: &str, parameters: &[(&str, &str)]) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    for (name, value) in parameters {
        query.append_pair(name, value);
    }
    let join = if address.contains('?') { '&' } else { '?' };
    format!("{address}{join}{}", query.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_exact_and_protected_addresses_are_registered() {
        for good in [
            "https://a.example/cb",
            "https://a.example/cb?x=1",
            "http://127.0.0.1:8080/cb",
            "http://[::1]/cb",
            "http://localhost:3000",
        ] {
            assert_eq!(check_redirect(good), Ok(()), "{good}");
        }
        for (bad, mistake) in [
            ("/cb", RedirectMistake::NotAbsolute),
            ("https:///cb", RedirectMistake::NotAbsolute),
            ("https://a.example/c b", RedirectMistake::NotAbsolute),
            ("https://a.example/\\cb", RedirectMistake::NotAbsolute),
            ("http://a.example/cb", RedirectMistake::NotHttps),
            ("http://localhost.evil.example/", RedirectMistake::NotHttps),
            ("javascript://a/%0Aalert(1)", RedirectMistake::NotHttps),
            ("https://a.example/cb#x", RedirectMistake::Fragment),
            ("https://a@b.example/cb", RedirectMistake::UserInfo),
            ("https://*.a.example/cb", RedirectMistake::Wildcard),
        ] {
            assert_eq!(check_redirect(bad), Err(mistake), "{bad}");
        }
        let long = format!("https://a.example/{}", "x".repeat(2_000));
        assert_eq!(check_redirect(&long), Err(RedirectMistake::TooLong));
    }

    #[test]
    fn parameters_join_those_that_are_there() {
        assert_eq!(
            with_query("https://a.example/cb?x=1", &[("state", "a b&c")]),
            "https://a.example/cb?x=1&state=a+b%26c"
        );
        assert_eq!(host_of("https://u:p@a.example:1/x"), Some("a.example"));
        assert_eq!(host_of("http://[::1]:8/x"), Some("::1"));
    }
}
