//! Keys: plain enough to be the same name in a folder, in a bucket and in an address.

use object_store::path::Path;

use crate::error::FilesError;

/// Longest key, in bytes.
pub const KEY_BYTES_MAX: usize = 512;
/// Longest part between two slashes, in bytes: file systems stop at 255, and a file being written
/// has a longer name.
pub const SEGMENT_BYTES_MAX: usize = 200;

/// What is wrong with a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyMistake {
    /// Nothing, or nothing between two slashes.
    #[error("a part is empty; write parts between single slashes")]
    Empty,
    /// Too long.
    #[error("it is longer than 512 bytes, or a part of it than 200")]
    TooLong,
    /// Something else than what is allowed.
    #[error("only ASCII letters, digits, '-', '_', '=' and '.' may stand between slashes")]
    Character,
    /// `.`, `..` and hidden names.
    #[error("a part begins with a dot")]
    Dot,
}

/// Whether a key can name an object: parts between single slashes, each of ASCII letters, digits,
/// `-`, `_`, `=` and `.`, none beginning with a dot.
pub fn check_key(key: &str) -> Result<(), KeyMistake> {
    if key.len() > KEY_BYTES_MAX {
        return Err(KeyMistake::TooLong);
    }
    for part in key.split('/') {
        if part.is_empty() {
            return Err(KeyMistake::Empty);
        }
        if part.len() > SEGMENT_BYTES_MAX {
            return Err(KeyMistake::TooLong);
        }
        if part.starts_with('.') {
            return Err(KeyMistake::Dot);
        }
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_=.".contains(&byte);
        if !part.bytes().all(allowed) {
            return Err(KeyMistake::Character);
        }
    }
    Ok(())
}

/// The path of a checked key.
pub(crate) fn path(key: &str) -> Result<Path, FilesError> {
    check_key(key).map_err(|mistake| FilesError::Key {
        key: key.chars().take(100).collect(),
        mistake,
    })?;
    Ok(Path::from(key))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_climbs_or_hides_is_refused() {
        for (key, mistake) in [
            ("", KeyMistake::Empty),
            ("/etc/passwd", KeyMistake::Empty),
            ("a//b", KeyMistake::Empty),
            ("a/", KeyMistake::Empty),
            ("../a", KeyMistake::Dot),
            ("a/../b", KeyMistake::Dot),
            ("a/./b", KeyMistake::Dot),
            ("a/.hidden", KeyMistake::Dot),
            ("a\\b", KeyMistake::Character),
            ("a%2e", KeyMistake::Character),
            ("a#1", KeyMistake::Character),
            ("a b", KeyMistake::Character),
            ("a\0b", KeyMistake::Character),
            ("été", KeyMistake::Character),
        ] {
            assert_eq!(check_key(key), Err(mistake), "{key:?}");
        }
        assert_eq!(check_key(&"a".repeat(201)), Err(KeyMistake::TooLong));
        assert_eq!(check_key(&"a/".repeat(257)), Err(KeyMistake::TooLong));
        assert_eq!(check_key("tiles/2026-01/x_1=2.parquet"), Ok(()));
    }

    proptest! {
        /// A key that is accepted is the object's name to the letter, in every storage.
        #[test]
        fn an_accepted_key_is_kept_to_the_letter(key in "[-a-zA-Z0-9_=./%#~ é\\\\]{0,40}") {
            if check_key(&key).is_ok() {
                let path = Path::from(key.as_str());
                prop_assert_eq!(path.as_ref(), key.as_str());
            }
        }
    }
}
