//! What people write about themselves without being asked is taken out before anything is stored.

/// What stands where something was.
const MASKED: &str = "[masqué]";
/// From this many digits on a number names somebody: a telephone, an account, a social security number.
/// Dates, amounts and postal codes are shorter.
const DIGITS_MIN: usize = 9;
/// Characters of an account number (IBAN) from which it is one, country and key included.
const IBAN_CHARS_MIN: usize = 14;

/// A text without addresses, telephone numbers, social security numbers and account numbers. Gives
/// whether anything was taken out.
pub fn mask(text: &str) -> (String, bool) {
    let chars: Vec<char> = text.chars().collect();
    let mut kept = String::with_capacity(text.len());
    let mut masked = false;
    let mut at = 0;
    while at < chars.len() {
        let end = [address(&chars, at), account(&chars, at), digits(&chars, at)]
            .into_iter()
            .flatten()
            .max();
        match end {
            Some(end) => {
                kept.push_str(MASKED);
                masked = true;
                at = end;
            }
            None => {
                kept.push(chars[at]);
                at += 1;
            }
        }
    }
    (kept, masked)
}

/// Whether a word or a number begins here.
fn begins(chars: &[char], at: usize) -> bool {
    at == 0 || !chars[at - 1].is_alphanumeric()
}

fn is_address(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '+' | '\'' | '%')
}

/// The end of an e-mail address that begins here.
fn address(chars: &[char], at: usize) -> Option<usize> {
    if at > 0 && is_address(chars[at - 1]) {
        return None;
    }
    let run = |from: usize| {
        let rest = chars.get(from..).unwrap_or_default();
        from + rest.iter().take_while(|c| is_address(**c)).count()
    };
    let sign = run(at);
    if sign == at || chars.get(sign) != Some(&'@') {
        return None;
    }
    let end = run(sign + 1);
    (end > sign + 1).then_some(end)
}

fn is_gap(c: char) -> bool {
    c.is_whitespace() || matches!(c, '.' | '-' | '/' | '\u{2011}')
}

/// The end of a run of digits with single gaps that is long enough to name somebody.
fn digits(chars: &[char], at: usize) -> Option<usize> {
    let starts = chars[at].is_ascii_digit() || chars[at] == '+';
    if !starts || !begins(chars, at) {
        return None;
    }
    let (mut number, mut end, mut here) = (0, at, at + usize::from(chars[at] == '+'));
    while let Some(c) = chars.get(here) {
        if c.is_ascii_digit() {
            number += 1;
            end = here + 1;
        } else if !is_gap(*c) || end != here {
            // Two gaps in a row end it; so does anything else.
            break;
        }
        here += 1;
    }
    (number >= DIGITS_MIN).then(|| word_end(chars, end))
}

/// The end of the word in which a number ends: what is left of one would begin a new one.
fn word_end(chars: &[char], from: usize) -> usize {
    let rest = chars.get(from..).unwrap_or_default();
    from + rest.iter().take_while(|c| c.is_alphanumeric()).count()
}

/// The end of an account number: two letters, two digits, groups of letters and digits.
fn account(chars: &[char], at: usize) -> Option<usize> {
    let head = chars.get(at..at + 4)?;
    let is_head = head[..2].iter().all(char::is_ascii_alphabetic)
        && head[2..].iter().all(char::is_ascii_digit);
    if !is_head || !begins(chars, at) {
        return None;
    }
    let (mut number, mut end, mut here) = (0, at, at);
    while let Some(c) = chars.get(here) {
        // A word of small letters isn't part of it.
        if c.is_ascii_digit() || c.is_ascii_uppercase() || here < at + 2 {
            number += 1;
            end = here + 1;
        } else if !is_gap(*c) || end != here {
            break;
        }
        here += 1;
    }
    (number >= IBAN_CHARS_MIN).then(|| word_end(chars, end))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_names_somebody_is_taken_out() {
        for (text, shown) in [
            (
                "Écrivez à marie.d@site.example svp",
                "Écrivez à [masqué] svp",
            ),
            ("Tel 06 12 34 56 78.", "Tel [masqué]."),
            ("+33 6.12.34.56.78", "[masqué]"),
            (
                "Mon numéro 2 85 05 78 006 084 36 est refusé",
                "Mon numéro [masqué] est refusé",
            ),
            ("FR76 3000 6000 0112 3456 7890 189 !", "[masqué] !"),
            ("fr7630006000011234567890189", "[masqué]"),
        ] {
            assert_eq!(mask(text), (shown.to_owned(), true), "{text}");
        }
    }

    #[test]
    fn what_names_nobody_stays() {
        for text in [
            "",
            "Le 12/03/2026 à 14 h 30, page 3.",
            "75011 Paris, 1 234 567 €",
            "@ seul, a@, CERFA 15646*01",
            "Déposé le 03.03.2026  puis relancé 12 jours après",
        ] {
            assert_eq!(mask(text), (text.to_owned(), false), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_and_masking_is_done_once(text in any::<String>()) {
            let (once, _) = mask(&text);
            prop_assert_eq!(mask(&once), (once.clone(), false));
        }

        #[test]
        fn telephones_are_found_wherever_they_stand(before in "[a-zé ,]{0,20} ", gap in "[ .-]?", after in " [a-zé ,]{0,20}") {
            let number = ["06", "12", "34", "56", "78"].join(&gap);
            let (shown, masked) = mask(&format!("{before}{number}{after}"));
            prop_assert!(masked);
            prop_assert!(!shown.contains("34"));
        }
    }
}
