//! As much DER as tells the two numbers of an RSA public key.

/// Modulus and exponent of an `RSAPublicKey` (RFC 8017 appendix A.1.1), big-endian without leading
/// zeros; `None` when it is anything else.
pub(crate) fn rsa_public(der: &[u8]) -> Option<(&[u8], &[u8])> {
    let (numbers, rest) = value(der, 0x30)?;
    let (n, numbers) = value(numbers, 0x02)?;
    let (e, numbers) = value(numbers, 0x02)?;
    (rest.is_empty() && numbers.is_empty()).then_some((unsigned(n)?, unsigned(e)?))
}

/// The content of the first value, which must have this tag, and what follows it.
fn value(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (found, rest) = der.split_first()?;
    let (length, rest) = rest.split_first()?;
    let (length, rest) = match length {
        0..=0x7f => (usize::from(*length), rest),
        0x81 | 0x82 => {
            let (bytes, rest) = rest.split_at_checked(usize::from(length & 0x0f))?;
            let sum = |sum: usize, byte: &u8| sum << 8 | usize::from(*byte);
            (bytes.iter().fold(0, sum), rest)
        }
        _ => return None,
    };
    (*found == tag).then(|| rest.split_at_checked(length))?
}

/// A number without the zero that keeps its first bit from being a sign.
fn unsigned(number: &[u8]) -> Option<&[u8]> {
    match number {
        [0, rest @ ..] => Some(rest),
        [first, ..] if *first < 0x80 => Some(number),
        _ => None,
    }
}
