//! One-time codes of an application (TOTP, RFC 6238): HMAC-SHA-1, six digits, thirty seconds, what
//! every application of the kind does.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::hmac;

use super::recovery::base32;

/// Bytes of a secret (RFC 4226 section 4, R6: 160 bits recommended).
pub const TOTP_SECRET_BYTES: usize = 20;
/// Seconds that a code lasts.
const STEP_SECONDS: i64 = 30;
/// Steps before and after the present one whose codes are taken: clocks differ, people type.
const WINDOW: i64 = 1;

fn code(secret: &[u8], step: i64) -> [u8; 6] {
    // SHA-1 is broken for signatures; HMAC doesn't need what was broken (RFC 6151's argument holds
    // for it), and applications know nothing else.
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret);
    let tag = hmac::sign(&key, &step.to_be_bytes());
    let tag = tag.as_ref();
    // Dynamic truncation (RFC 4226 section 5.3).
    let at = usize::from(tag[tag.len() - 1] & 0x0f);
    let number = tag[at..at + 4]
        .iter()
        .fold(0_u32, |number, byte| number << 8 | u32::from(*byte));
    let mut rest = (number & 0x7fff_ffff) % 1_000_000;
    let mut digits = [b'0'; 6];
    for digit in digits.iter_mut().rev() {
        *digit += (rest % 10) as u8;
        rest /= 10;
    }
    digits
}

/// The step whose code was typed, if it is one of the window and later than `last_step`, the last
/// that was used: a code is good once (RFC 6238 section 5.2). Blanks are passed over.
pub fn totp_step(secret: &[u8], typed: &str, last_step: i64, now_seconds: i64) -> Option<i64> {
    let typed: Vec<u8> = typed.bytes().filter(|byte| *byte != b' ').take(7).collect();
    let present = now_seconds.div_euclid(STEP_SECONDS);
    let mut found = None;
    // Each step is compared, found or not: the time taken tells nothing.
    for step in present - WINDOW..=present + WINDOW {
        let fits = verify_slices_are_equal(&code(secret, step), &typed).is_ok();
        if fits && step > last_step {
            found = Some(step);
        }
    }
    found
}

/// The secret as people type it into an application, in groups of four.
pub fn totp_secret_text(secret: &[u8]) -> String {
    let text = base32(secret);
    let groups: Vec<String> = text
        .as_bytes()
        .chunks(4)
        .map(|group| String::from_utf8_lossy(group).into_owned())
        .collect();
    groups.join(" ")
}

/// The address that an application reads (the "Key Uri Format" that all of them know).
pub fn totp_address(secret: &[u8], issuer: &str, account: &str) -> String {
    format!(
        "otpauth://totp/{issuer}:{account}?secret={}&issuer={issuer}&algorithm=SHA1&digits=6&period=30",
        base32(secret),
        issuer = encoded(issuer),
        account = encoded(account),
    )
}

fn encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SECRET: &[u8; 20] = b"12345678901234567890";

    /// RFC 6238 appendix B, cut to six digits.
    #[test]
    fn the_codes_are_those_of_the_standard() {
        for (seconds, wanted) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(code(SECRET, seconds / 30), wanted.as_bytes(), "{seconds}");
            let step = totp_step(SECRET, wanted, 0, seconds);
            assert_eq!(step, Some(seconds / 30));
        }
    }

    #[test]
    fn a_code_is_good_around_its_time_and_once() {
        let step = totp_step(SECRET, " 005 924", 0, 1_234_567_890);
        assert_eq!(step, Some(41_152_263));
        for (seconds, fits) in [(-61, false), (-30, true), (30, true), (61, false)] {
            let found = totp_step(SECRET, "005924", 0, 1_234_567_890 + seconds);
            assert_eq!(found.is_some(), fits, "{seconds}");
        }
        let again = totp_step(SECRET, "005924", 41_152_263, 1_234_567_890);
        assert_eq!(again, None, "a replay");
        for wrong in [
            "",
            "005925",
            "05924",
            "0005924",
            "0059240",
            "OO5924",
            "\u{661}05924",
        ] {
            assert_eq!(totp_step(SECRET, wrong, 0, 1_234_567_890), None, "{wrong}");
        }
    }

    #[test]
    fn an_application_reads_the_address() {
        assert_eq!(
            totp_address(SECRET, "Gouvernail", "ada@x.example"),
            "otpauth://totp/Gouvernail:ada%40x.example?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\
             &issuer=Gouvernail&algorithm=SHA1&digits=6&period=30"
        );
        assert_eq!(
            totp_secret_text(SECRET),
            "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ"
        );
    }

    proptest! {
        #[test]
        fn nothing_typed_makes_a_panic(secret in any::<[u8; 20]>(), typed in ".*", now in any::<i32>()) {
            let _ = totp_step(&secret, &typed, 0, i64::from(now));
        }

        #[test]
        fn a_code_never_works_twice(secret in any::<[u8; 20]>(), now in 0_i64..4_000_000_000) {
            let typed = code(&secret, now / 30);
            let typed = std::str::from_utf8(&typed).unwrap();
            let step = totp_step(&secret, typed, 0, now).unwrap();
            prop_assert_eq!(totp_step(&secret, typed, step, now), None);
        }
    }
}
