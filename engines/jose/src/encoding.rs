//! base64url as JOSE wants it: without padding, and one text only for given bytes.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// The text of `bytes`, RFC 7515 section 2.
pub(crate) fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The bytes of `text`; `None` with padding, white space, characters of another alphabet, or bits
/// left over that aren't zero. The last would let one signature be written in several ways, and a
/// list of tokens already seen be passed by.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_canonical_text_is_read() {
        assert_eq!(decode("AQ").as_deref(), Some(&[1][..]));
        assert_eq!(decode("").as_deref(), Some(&[][..]));
        for wrong in ["AR", "AQ==", "AQ=", "A", "A Q", "AQ\n", "+/8", "é"] {
            assert_eq!(decode(wrong), None, "{wrong}");
        }
        assert_eq!(encode(&[0xfb, 0xff]), "-_8");
    }
}
