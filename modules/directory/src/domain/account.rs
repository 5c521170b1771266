//! Local accounts: e-mail addresses and passwords.

/// Longest address, in characters (RFC 5321's 254 octets).
pub const EMAIL_CHARS_MAX: usize = 254;
/// Shortest password, in characters: length is what makes a password strong (ANSSI, 2021: 12 and
/// more for an account with a limit on attempts).
pub const PASSWORD_CHARS_MIN: usize = 12;
/// Longest password, in characters: hashing must stay bounded.
pub const PASSWORD_CHARS_MAX: usize = 200;

/// Why a password is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasswordMistake {
    /// Shorter than [`PASSWORD_CHARS_MIN`].
    TooShort,
    /// Longer than [`PASSWORD_CHARS_MAX`].
    TooLong,
    /// It holds the address, or a single repeated character.
    TooEasy,
}

/// The address as it is compared: trimmed, in lower case; `None` when it can't be one.
pub fn email(text: &str) -> Option<String> {
    let email = text.trim().to_lowercase();
    let (local, domain) = email.rsplit_once('@')?;
    let plain = !email
        .chars()
        .any(|c| c.is_whitespace() || c.is_control() || ",;<>\"".contains(c));
    let well_formed = !local.is_empty()
        && domain.contains('.')
        && !domain.starts_with('.')
        && !domain.ends_with('.')
        && email.chars().count() <= EMAIL_CHARS_MAX;
    (plain && well_formed).then_some(email)
}

/// Judges a new password for the account of `email`.
pub fn check_password(password: &str, email: &str) -> Result<(), PasswordMistake> {
    let length = password.chars().count();
    if length < PASSWORD_CHARS_MIN {
        return Err(PasswordMistake::TooShort);
    }
    if length > PASSWORD_CHARS_MAX {
        return Err(PasswordMistake::TooLong);
    }
    let lower = password.to_lowercase();
    let local = email.split('@').next().unwrap_or_default();
    let repeated = lower
        .chars()
        .collect::<std::collections::HashSet<_>>()
        .len()
        < 4;
    if repeated || (local.chars().count() >= 5 && lower.contains(local)) {
        return Err(PasswordMistake::TooEasy);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_compared_in_one_form() {
        assert_eq!(
            email(" Ada.L@Ministere.example "),
            Some("ada.l@ministere.example".into())
        );
        for wrong in [
            "",
            "ada",
            "ada@",
            "@x.example",
            "a b@x.example",
            "a@x",
            "a@x.",
            "a@b.c,d",
        ] {
            assert_eq!(email(wrong), None, "{wrong}");
        }
        assert_eq!(email(&format!("{}@x.example", "a".repeat(250))), None);
    }

    #[test]
    fn a_password_is_long_and_not_obvious() {
        let judge = |password: &str| check_password(password, "adalovelace@x.example");
        assert_eq!(judge("correct cheval pile"), Ok(()));
        assert_eq!(judge("court"), Err(PasswordMistake::TooShort));
        assert_eq!(judge(&"x".repeat(201)), Err(PasswordMistake::TooLong));
        assert_eq!(judge("aaaaaaaaaaaaaaaa"), Err(PasswordMistake::TooEasy));
        assert_eq!(judge("AdaLovelace2026!"), Err(PasswordMistake::TooEasy));
    }
}
