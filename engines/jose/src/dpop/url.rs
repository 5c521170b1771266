//! Addresses in the one form in which they can be compared, RFC 3986 section 6.2.

/// An address isn't one of HTTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the address isn't an absolute one of http or https")]
pub struct UrlError;

/// Most bytes of an address.
const URL_BYTES_MAX: usize = 4096;

/// `url` without query and fragment; scheme and host in lower case, the scheme's own port left out,
/// an empty path as `/`, escapes in upper case and resolved where they weren't needed (RFC 3986
/// sections 6.2.2 and 6.2.3, which RFC 9449 section 4.3 asks for). Segments `.` and `..` stay: no
/// client sends them, and what stays can only be refused.
pub fn normalised(url: &str) -> Result<String, UrlError> {
    let printable = url
        .bytes()
        .all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    if url.len() > URL_BYTES_MAX || !printable {
        return Err(UrlError);
    }
    let (scheme, rest) = url.split_once("://").ok_or(UrlError)?;
    let scheme = scheme.to_ascii_lowercase();
    let own_port = match scheme.as_str() {
        "https" => "443",
        "http" => "80",
        _ => return Err(UrlError),
    };
    let rest = rest.split(['?', '#']).next().unwrap_or_default();
    let (authority, path) = match rest.find('/') {
        Some(at) => rest.split_at(at),
        None => (rest, "/"),
    };
    let (host, port) = host_and_port(authority).ok_or(UrlError)?;
    let port = match port {
        Some(port) if !port.is_empty() && port != own_port => format!(":{port}"),
        _ => String::new(),
    };
    let path = unescaped(path).ok_or(UrlError)?;
    Ok(format!(
        "{scheme}://{}{port}{path}",
        host.to_ascii_lowercase()
    ))
}

/// The two parts of an authority; `None` with a user, an empty host, or a port of other than
/// digits.
fn host_and_port(authority: &str) -> Option<(&str, Option<&str>)> {
    // An IPv6 address stands in brackets and holds colons itself.
    let host_end = authority.find(']').map_or(0, |at| at + 1);
    let (host, port) = match authority.get(host_end..)?.find(':') {
        Some(at) => {
            let (host, port) = authority.split_at_checked(host_end + at)?;
            (host, Some(port.strip_prefix(':')?))
        }
        None => (authority, None),
    };
    let named = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~[]:".contains(&byte);
    let digits = port.is_none_or(|port| port.bytes().all(|byte| byte.is_ascii_digit()));
    (!host.is_empty() && host.bytes().all(named) && digits).then_some((host, port))
}

/// A path whose escapes stand only where they must, in upper case; `None` when one is broken.
fn unescaped(path: &str) -> Option<String> {
    let mut parts = path.split('%');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (digits, rest) = part.split_at_checked(2)?;
        if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        let byte = u8::from_str_radix(digits, 16).ok()?;
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            text.push('%');
            text.push_str(&digits.to_ascii_uppercase());
        }
        text.push_str(rest);
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_the_same_address_compares_equal() {
        for (url, expected) in [
            ("https://A.Example/Token", "https://a.example/Token"),
            (
                "HTTPS://a.example:443/token?x=1#y",
                "https://a.example/token",
            ),
            ("http://a.example:80", "http://a.example/"),
            ("http://a.example:443", "http://a.example:443/"),
            ("https://a.example?x=/y", "https://a.example/"),
            ("https://a.example:/", "https://a.example/"),
            ("https://[::1]:8443/a", "https://[::1]:8443/a"),
            (
                "https://a.example/%7euser/%2fa%c3%a9",
                "https://a.example/~user/%2Fa%C3%A9",
            ),
        ] {
            assert_eq!(normalised(url).as_deref(), Ok(expected), "{url}");
        }
        assert_ne!(
            normalised("https://a.example/a"),
            normalised("https://a.example/a/")
        );
        assert_ne!(
            normalised("https://a.example/a"),
            normalised("https://a.example/A")
        );
    }

    #[test]
    fn what_is_no_address_of_http_is_refused() {
        for wrong in [
            "",
            "/token",
            "a.example/token",
            "ftp://a.example/",
            "https://",
            "https:///x",
            "https://user@a.example/",
            "https://a.example:x/",
            "https://a.example/%zz",
            "https://a.example/%2",
            "https://a.example/ x",
            "https://a.example/é",
            "https://a.example\\@b.example/",
        ] {
            assert_eq!(normalised(wrong), Err(UrlError), "{wrong}");
        }
        assert!(normalised(&format!("https://a.example/{}", "a".repeat(5000))).is_err());
    }
}
