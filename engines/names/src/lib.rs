//! Names as people write them: one form to compare them by, and how near two of them are.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

/// The form by which names are compared: without accents, case, punctuation and repeated blanks.
///
/// `« FRANCE-CONNECT  (phase II) »` and `France connect phase ii` have the same form.
pub fn normalise(name: &str) -> String {
    let mut normal = String::with_capacity(name.len());
    for character in name.nfkd().filter(|c| !is_combining_mark(*c)) {
        match character {
            'œ' | 'Œ' => normal.push_str("oe"),
            'æ' | 'Æ' => normal.push_str("ae"),
            c if c.is_alphanumeric() => normal.extend(c.to_lowercase()),
            _ if normal.is_empty() || normal.ends_with(' ') => {}
            _ => normal.push(' '),
        }
    }
    normal.truncate(normal.trim_end().len());
    normal
}

/// The words of a normalised name that tell it apart: articles and single letters don't.
pub fn tokens(normalised: &str) -> impl Iterator<Item = &str> {
    const EMPTY: [&str; 14] = [
        "de", "du", "des", "la", "le", "les", "et", "en", "au", "aux", "un", "une", "pour", "sur",
    ];
    normalised
        .split(' ')
        .filter(|token| token.chars().count() > 1 && !EMPTY.contains(token))
}

/// How near two normalised names are: 0 (nothing in common) to 1 (the same).
///
/// The better of two measures: the share of the shorter name's words that the longer one holds
/// (weighted so that one common word among several does not suffice), and the share of letters that
/// stay when one is typed for the other (Damerau-Levenshtein), which sees through spelling.
pub fn similarity(a: &str, b: &str) -> f64 {
    if a == b {
        return 1.0;
    }
    let (first, second): (Vec<_>, Vec<_>) = (tokens(a).collect(), tokens(b).collect());
    let (short, long) = if first.len() <= second.len() {
        (&first, &second)
    } else {
        (&second, &first)
    };
    let common = short.iter().filter(|token| long.contains(token)).count();
    let letters: usize = short
        .iter()
        .filter(|t| long.contains(t))
        .map(|t| t.len())
        .sum();
    let contained = if short.is_empty() || letters < 4 {
        0.0
    } else {
        let share = common as f64 / short.len() as f64;
        let weight = common as f64 / long.len() as f64;
        share * (0.8 + 0.2 * weight)
    };
    let (a, b) = (a.replace(' ', ""), b.replace(' ', ""));
    // Short acronyms are near each other by chance.
    let spelt = if a.len().min(b.len()) < 6 {
        0.0
    } else {
        strsim::normalized_damerau_levenshtein(&a, &b)
    };
    contained.max(if spelt >= 0.88 { spelt } else { spelt * 0.8 })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_that_differ_in_dress_alone_have_one_form() {
        for name in [
            "FRANCE CONNECT",
            "France-Connect",
            " france  connect ",
            "Francé Connect.",
        ] {
            assert_eq!(normalise(name), "france connect");
        }
        assert_eq!(normalise("Cœur de l’État n° 2"), "coeur de l etat n 2");
        assert_eq!(normalise(" -- "), "");
    }

    #[test]
    fn a_phase_is_near_its_project_and_strangers_are_not() {
        let near = |a: &str, b: &str| similarity(&normalise(a), &normalise(b));
        assert!(near("FRANCE CONNECT", "FRANCE CONNECT PHASE II") >= 0.8);
        assert!(
            near(
                "Réseau Interministériel de l'Etat",
                "Reseau interministeriel Etat"
            ) >= 0.8
        );
        assert!(near("CHORUS", "PORTAIL") < 0.6);
        assert!(near("ONP", "OPN") < 0.6);
        assert!(
            near(
                "Système d'information de la paye",
                "Système d'information des RH"
            ) < 0.8
        );
    }

    proptest! {
        #[test]
        fn normalising_twice_changes_nothing(name in ".{0,60}") {
            let once = normalise(&name);
            prop_assert_eq!(normalise(&once), once);
        }

        #[test]
        fn nearness_is_symmetric_and_bounded(a in "[a-d ]{0,12}", b in "[a-d ]{0,12}") {
            let (a, b) = (normalise(&a), normalise(&b));
            let nearness = similarity(&a, &b);
            prop_assert!((0.0..=1.0).contains(&nearness));
            prop_assert!((nearness - similarity(&b, &a)).abs() < 1e-12);
        }
    }
}
