//! Paths of requests, read strictly: what two programs could read in two ways is refused.

use std::borrow::Cow;

/// Most bytes of a path.
pub const PATH_BYTES_MAX: usize = 2_048;

/// Why a path is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PathMistake {
    /// Over [`PATH_BYTES_MAX`].
    #[error("the path has more than {PATH_BYTES_MAX} bytes")]
    TooLong,
    /// A character that doesn't stand in paths, or a broken escape (RFC 3986 section 3.3).
    #[error("the path holds a character or an escape that isn't allowed in paths")]
    Character,
    /// An escape that hides a separator, a control character or a character of other than UTF-8.
    #[error("the path holds an escaped slash, backslash or control character, or isn't UTF-8")]
    Hidden,
    /// A segment `.`, `..` or none.
    #[error("the path holds an empty segment or one of points")]
    Segment,
}

/// The segments of a path, each as it is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segments<'a> {
    /// As they are meant, in their order; borrowed where that is how they came.
    pub meant: Vec<Cow<'a, str>>,
    below: &'a str,
}

impl<'a> Segments<'a> {
    /// The path below the two segments that name an API, as it came, from its slash on.
    pub fn below(&self) -> &'a str {
        self.below
    }
}

/// Segments of most paths.
const SEGMENTS: usize = 8;

/// Reads a path: `/a/b%20c` gives `a` and `b c`.
pub fn segments(path: &str) -> Result<Segments<'_>, PathMistake> {
    if path.len() > PATH_BYTES_MAX {
        return Err(PathMistake::TooLong);
    }
    let rest = path.strip_prefix('/').ok_or(PathMistake::Segment)?;
    let mut meant = Vec::with_capacity(SEGMENTS);
    for raw in rest.split('/') {
        meant.push(segment(raw)?);
    }
    let third = path.match_indices('/').nth(2);
    let below = third.and_then(|(at, _)| path.get(at..)).unwrap_or_default();
    Ok(Segments { meant, below })
}

/// Whether a byte stands for itself in a segment (RFC 3986 section 3.3).
fn stands(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@".contains(&byte)
}

fn segment(raw: &str) -> Result<Cow<'_, str>, PathMistake> {
    let meant = if raw.bytes().all(stands) {
        Cow::Borrowed(raw)
    } else {
        Cow::Owned(decoded(raw)?)
    };
    if matches!(&*meant, "" | "." | "..") {
        return Err(PathMistake::Segment);
    }
    Ok(meant)
}

fn decoded(raw: &str) -> Result<String, PathMistake> {
    let mut bytes = Vec::with_capacity(raw.len());
    let mut rest = raw.bytes();
    while let Some(byte) = rest.next() {
        if stands(byte) {
            bytes.push(byte);
        } else if byte == b'%' {
            let mut digit = || rest.next().and_then(|digit| char::from(digit).to_digit(16));
            let (Some(high), Some(low)) = (digit(), digit()) else {
                return Err(PathMistake::Character);
            };
            let meant = (high * 16 + low) as u8;
            if meant < 0x20 || meant == 0x7F || b"/\\%".contains(&meant) {
                return Err(PathMistake::Hidden);
            }
            bytes.push(meant);
        } else {
            return Err(PathMistake::Character);
        }
    }
    String::from_utf8(bytes).map_err(|_| PathMistake::Hidden)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_are_read() {
        let read = segments("/caf/quotient-familial/v1/foyers/a%20b%C3%A9").unwrap();
        assert_eq!(
            read.meant,
            ["caf", "quotient-familial", "v1", "foyers", "a bé"]
        );
        assert_eq!(read.below(), "/v1/foyers/a%20b%C3%A9");
        assert_eq!(segments("/caf/quotient-familial").unwrap().below(), "");
    }

    #[test]
    fn path_traversal_and_encoded_slashes_are_refused() {
        for (path, mistake) in [
            ("/a/../b", PathMistake::Segment),
            ("/a/./b", PathMistake::Segment),
            ("/a/%2e%2e/b", PathMistake::Segment),
            ("/a/%2E./b", PathMistake::Segment),
            ("/a//b", PathMistake::Segment),
            ("/a/", PathMistake::Segment),
            ("/", PathMistake::Segment),
            ("", PathMistake::Segment),
            ("a", PathMistake::Segment),
            ("/a%2fb", PathMistake::Hidden),
            ("/a%5Cb", PathMistake::Hidden),
            ("/a%00", PathMistake::Hidden),
            ("/a%0d%0aX:%20y", PathMistake::Hidden),
            ("/a%252fb", PathMistake::Hidden),
            ("/a%ff", PathMistake::Hidden),
            ("/a%c0%af", PathMistake::Hidden),
            ("/a%2", PathMistake::Character),
            ("/a%zz", PathMistake::Character),
            ("/a\\b", PathMistake::Character),
            ("/a b", PathMistake::Character),
            ("/aé", PathMistake::Character),
        ] {
            assert_eq!(segments(path), Err(mistake), "{path}");
        }
        assert_eq!(
            segments(&format!("/{}", "a".repeat(3_000))),
            Err(PathMistake::TooLong)
        );
    }
}
