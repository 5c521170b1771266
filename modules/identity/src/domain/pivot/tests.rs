use jiff::civil::date;
use proptest::prelude::*;

use super::*;

const TODAY: Date = date(2026, 3, 1);

fn claims() -> Claims {
    Claims::new()
        .with("given_name", "Élodie Marie-Rose")
        .with("family_name", "D’Aubigné")
        .with("birthdate", "1962-08-24")
        .with("gender", "female")
        .with("birthplace", "75107")
        .with("birthcountry", "99100")
}

fn key(byte: u8) -> PairwiseKey {
    PairwiseKey::new(&[byte; 32]).unwrap()
}

fn hash(claims: &Claims) -> String {
    Pivot::read(claims, TODAY).unwrap().hash(&key(1))
}

fn mistakes(claim: &str, value: &str) -> Vec<PivotMistake> {
    Pivot::read(&claims().with(claim, value), TODAY)
        .err()
        .unwrap_or_default()
}

#[test]
fn the_way_of_writing_changes_nothing() {
    let usual = hash(&claims());
    for (claim, written) in [
        ("given_name", "ELODIE MARIE ROSE"),
        ("given_name", "E\u{301}lodie  Marie\u{2010}Rose "),
        ("given_name", "elodie\u{a0}marie rose"),
        ("family_name", "d'aubigne"),
        ("family_name", "D AUBIGNÉ"),
    ] {
        assert_eq!(hash(&claims().with(claim, written)), usual, "{written:?}");
    }
}

#[test]
fn each_fact_counts() {
    let usual = hash(&claims());
    for (claim, other) in [
        ("given_name", "Élodie"),
        ("given_name", "Marie-Rose Élodie"),
        ("family_name", "Daubigné"),
        ("birthdate", "1962-08-25"),
        ("gender", "male"),
        ("birthplace", "75108"),
    ] {
        assert_ne!(hash(&claims().with(claim, other)), usual, "{other}");
    }
    let abroad = claims()
        .with("birthplace", "")
        .with("birthcountry", "99109");
    assert_ne!(hash(&abroad), usual);
}

/// The form is pinned: another one would make everybody unknown.
#[test]
fn the_form_is_what_it_was() {
    let pivot = Pivot::read(&claims(), TODAY).unwrap();
    assert_eq!(
        pivot.canonical(),
        "17:elodie marie rose,9:d aubigne,10:1962-08-24,6:female,5:75107,5:99100,"
    );
    assert_eq!(framed(&["", "a,b"]), "0:,3:a,b,");
}

#[test]
fn nobody_without_the_key_makes_it() {
    let pivot = Pivot::read(&claims(), TODAY).unwrap();
    assert_ne!(pivot.hash(&key(1)), pivot.hash(&key(2)));
    assert_ne!(
        subject_hash(&key(1), "a", "bc"),
        subject_hash(&key(1), "ab", "c")
    );
    let text = pivot.canonical();
    assert_ne!(pivot.hash(&key(1)), key(1).subject(SUBJECT_CONTEXT, &text));
}

#[test]
fn each_mistake_has_its_name() {
    use PivotMistake::*;
    for (claim, value, mistake) in [
        ("given_name", " ", Missing("given_name")),
        ("family_name", "", Missing("family_name")),
        ("family_name", "R2D2", NotAName("family_name")),
        ("family_name", "- '", NotAName("family_name")),
        ("given_name", "<b>", NotAName("given_name")),
        ("birthdate", "24/08/1962", Birthdate),
        ("birthdate", "1962-13-01", Birthdate),
        ("birthdate", "1962-02-30", Birthdate),
        ("birthdate", "1962-00-24", Birthdate),
        ("birthdate", "19620-8-24", Birthdate),
        ("birthdate", "２９６２-08", Birthdate),
        ("birthdate", "2026-03-02", BirthdateOutOfReach),
        ("birthdate", "1879-12-31", BirthdateOutOfReach),
        ("gender", "f", Gender),
        ("gender", "", Missing("gender")),
        ("birthplace", "", PlaceMissing),
        ("birthplace", "7510", Birthplace),
        ("birthplace", "2C004", Birthplace),
        ("birthplace", "00001", Birthplace),
        ("birthplace", "96001", Birthplace),
        ("birthplace", "97900", Birthplace),
        ("birthplace", "99100", Birthplace),
        ("birthplace", "É510", Birthplace),
        ("birthcountry", "99000", Birthcountry),
        ("birthcountry", "FR", Birthcountry),
        ("birthcountry", "99109", PlaceAbroad),
    ] {
        assert_eq!(mistakes(claim, value), [mistake], "{claim} {value:?}");
        assert_eq!(
            mistake.claim(),
            claim.replace("birthcountry", mistake.claim())
        );
    }
    assert_eq!(
        mistakes("given_name", &"x".repeat(251)),
        [TooLong("given_name")]
    );
    let nothing = Pivot::read(&Claims::new(), TODAY).unwrap_err();
    assert_eq!(nothing.len(), 5, "all are told at once");
    let odd = claims().with("birthplace", 75_107);
    assert_eq!(Pivot::read(&odd, TODAY).unwrap_err(), [Birthplace]);
}

#[test]
fn every_part_of_france_and_the_world_is_born_in() {
    for place in [
        "01001", "95680", "2A004", "2B033", "97105", "97411", "97608", "98735",
    ] {
        assert_eq!(mistakes("birthplace", place), [], "{place}");
    }
    for day in ["1962-08-00", "1962-00-00", "2024-02-29", "2026-03-01"] {
        assert_eq!(mistakes("birthdate", day), [], "{day}");
    }
    let abroad = claims()
        .with("birthplace", "")
        .with("birthcountry", "99216");
    assert!(Pivot::read(&abroad, TODAY).is_ok());
}

fn name_strategy() -> impl Strategy<Value = String> {
    "[A-Za-zÀÉÈÊËÎÏÔÛÜÇŒÆàéèêëîïôûüçœæñ]{1,12}([ '’-][A-Za-zéèï]{1,12}){0,3}"
}

proptest! {
    /// Whatever a provider sends, it is read or named, and nothing breaks.
    #[test]
    fn anything_is_read_or_named(texts in proptest::collection::vec(".{0,40}", 6)) {
        let names = ["given_name", "family_name", "birthdate", "gender", "birthplace",
            "birthcountry"];
        let claims = names.iter().zip(&texts).fold(Claims::new(), |claims, (name, text)| {
            claims.with(name, text.as_str())
        });
        if let Err(mistakes) = Pivot::read(&claims, TODAY) {
            prop_assert!(!mistakes.is_empty());
        }
    }

    /// Case, hyphens, kinds of apostrophes, and blanks never make another person.
    #[test]
    fn dress_never_makes_another_person(given in name_strategy(), family in name_strategy()) {
        let plain = claims().with("given_name", given.as_str()).with("family_name", family.as_str());
        let dressed = |text: &str| {
            let decomposed: String = text.to_uppercase().nfd().collect();
            format!("  {} ", decomposed.replace('-', "  ").replace('\'', "’"))
        };
        let other = plain.clone()
            .with("given_name", dressed(&given))
            .with("family_name", dressed(&family));
        prop_assert_eq!(hash(&plain), hash(&other));
        // Cleaning twice is as good as once.
        let once = cleaned(&given);
        prop_assert_eq!(cleaned(&once), once);
    }

    /// Where one part ends and the next begins can't be moved.
    #[test]
    fn parts_are_never_confused(
        one in proptest::collection::vec(".{0,6}", 1..4),
        other in proptest::collection::vec(".{0,6}", 1..4),
    ) {
        let texts = |parts: &[String]| framed(&parts.iter().map(String::as_str).collect::<Vec<_>>());
        prop_assert_eq!(texts(&one) == texts(&other), one == other);
    }
}
