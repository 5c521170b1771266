//! How the people whom calls are about are known again when they ask who looked at their data: by the
//! facts of the civil register that stand behind the parameters of an operation.

use std::collections::BTreeSet;

use ports::CitizenIdentity;
use ports::exchange::Parameter;
use pseudonym::PseudonymKey;
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

use super::Mistake;
use super::api::codes;

codes! {
    /// A fact of the civil register (« identité pivot ») that a parameter of an operation is.
    Fact {
        /// The name at birth.
        FamilyName => "family-name",
        /// The given names: all in one value, one in each value, or the first alone.
        GivenNames => "given-names",
        /// The date of birth as `1962-08-24`.
        BirthDate => "birth-date",
        /// The date of birth as `24/08/1962`.
        BirthDateFrench => "birth-date-french",
        /// The year of birth, four digits.
        BirthYear => "birth-year",
        /// The month of birth, as `8` or `08`.
        BirthMonth => "birth-month",
        /// The day of birth, as `4` or `04`.
        BirthDay => "birth-day",
        /// The INSEE code of the commune of birth; nothing when it is abroad.
        Birthplace => "birthplace",
        /// The INSEE code of the country of birth.
        BirthCountry => "birth-country",
        /// `female` or `male`.
        Gender => "gender",
        /// `F` or `M`.
        GenderLetter => "gender-letter",
    }
}

/// The country code of France.
const FRANCE: &str = "99100";

/// One list of parameters by which an operation names or named people, and the fact that each is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubjectForm {
    /// The parameters, in their order.
    pub subject: Vec<Parameter>,
    /// As many facts; `None`: something else, such as a number of the producer's own.
    pub facts: Vec<Option<Fact>>,
}

impl SubjectForm {
    /// Whether a person can be known again by it: each parameter is a fact, and together they are
    /// enough that nobody is shown what is another's: names, the whole date of birth, its place.
    pub fn is_known_by_facts(&self) -> bool {
        let has = |fact: Fact| self.facts.contains(&Some(fact));
        let is_dated = has(Fact::BirthDate)
            || has(Fact::BirthDateFrench)
            || (has(Fact::BirthYear) && has(Fact::BirthMonth) && has(Fact::BirthDay));
        !self.subject.is_empty()
            && self.subject.len() == self.facts.len()
            && self.facts.iter().all(Option::is_some)
            && has(Fact::FamilyName)
            && has(Fact::GivenNames)
            && has(Fact::Birthplace)
            && is_dated
    }

    /// The facts of these parameters in a newer list: what a parameter is, it stays.
    pub fn carried_to(&self, subject: &[Parameter]) -> Vec<Option<Fact>> {
        let of = |parameter: &Parameter| {
            let at = self.subject.iter().position(|one| one == parameter)?;
            self.facts.get(at).copied().flatten()
        };
        subject.iter().map(of).collect()
    }

    /// The pseudonyms that calls about this person have, by each way in which callers write the same
    /// facts; none when the form isn't [known by facts](Self::is_known_by_facts), or when a birth
    /// abroad has no country in it.
    ///
    /// Ways, each one throughout a call: names as registered, without accents, also without hyphens
    /// and apostrophes; given names in one value, in one value each, the first alone; a month and a
    /// day with or without a leading zero; a place abroad, or France as the country, left out or told.
    pub fn pseudonyms(&self, key: &PseudonymKey, who: &CitizenIdentity) -> BTreeSet<[u8; 32]> {
        let is_abroad = who.birthplace.is_empty();
        let has_country = self.facts.contains(&Some(Fact::BirthCountry));
        if !self.is_known_by_facts() || (is_abroad && !has_country) {
            return BTreeSet::new();
        }
        let named = |way: Way| -> Vec<(&str, Vec<String>)> {
            let parameters = self.subject.iter().zip(self.facts.iter().flatten());
            parameters
                .map(|(parameter, fact)| (name(parameter), way.values(*fact, who)))
                .collect()
        };
        // Most ways write most people alike: each list is hashed once.
        let lists: BTreeSet<_> = ways().map(named).collect();
        lists
            .iter()
            .filter_map(|list| key.pseudonym(list))
            .collect()
    }
}

fn name(parameter: &Parameter) -> &str {
    match parameter {
        Parameter::Path(name) | Parameter::Query(name) | Parameter::Body(name) => name,
    }
}

/// How a caller writes names.
#[derive(Debug, Clone, Copy)]
enum Spelling {
    Registered,
    WithoutAccents,
    LettersAlone,
}

/// How a caller gives given names.
#[derive(Debug, Clone, Copy)]
enum Names {
    InOne,
    OneEach,
    First,
}

/// How a caller gives what may be left out.
#[derive(Debug, Clone, Copy)]
enum LeftOut {
    Told,
    Absent,
    Empty,
}

/// One way to write the facts of a person.
#[derive(Debug, Clone, Copy)]
struct Way {
    spelling: Spelling,
    names: Names,
    is_padded: bool,
    left_out: LeftOut,
}

fn ways() -> impl Iterator<Item = Way> {
    use LeftOut::{Absent, Empty, Told};
    use Names::{First, InOne, OneEach};
    use Spelling::{LettersAlone, Registered, WithoutAccents};
    [Registered, WithoutAccents, LettersAlone]
        .into_iter()
        .flat_map(|spelling| [InOne, OneEach, First].map(|names| (spelling, names)))
        .flat_map(|(spelling, names)| [true, false].map(|padded| (spelling, names, padded)))
        .flat_map(|(spelling, names, is_padded)| {
            [Told, Absent, Empty].map(|left_out| Way {
                spelling,
                names,
                is_padded,
                left_out,
            })
        })
}

impl Way {
    fn values(self, fact: Fact, who: &CitizenIdentity) -> Vec<String> {
        let part = |from: usize, to: usize| who.birthdate.get(from..to).unwrap_or_default();
        let (year, month, day) = (part(0, 4), part(5, 7), part(8, 10));
        let digits = |text: &str| match (self.is_padded, text.strip_prefix('0')) {
            (false, Some(digit)) => digit.to_owned(),
            _ => text.to_owned(),
        };
        let one = |text: &str| vec![text.to_owned()];
        match fact {
            Fact::FamilyName => vec![self.spelled(&who.family_name)],
            Fact::GivenNames => self.given_names(&who.given_names),
            Fact::BirthDate => one(&who.birthdate),
            Fact::BirthDateFrench => vec![format!("{day}/{month}/{year}")],
            Fact::BirthYear => one(year),
            Fact::BirthMonth => vec![digits(month)],
            Fact::BirthDay => vec![digits(day)],
            Fact::Birthplace if who.birthplace.is_empty() => match self.left_out {
                LeftOut::Empty => one(""),
                LeftOut::Told | LeftOut::Absent => Vec::new(),
            },
            Fact::Birthplace => one(&who.birthplace),
            Fact::BirthCountry if who.birthcountry == FRANCE => match self.left_out {
                LeftOut::Told => one(FRANCE),
                LeftOut::Absent => Vec::new(),
                LeftOut::Empty => one(""),
            },
            Fact::BirthCountry => one(&who.birthcountry),
            Fact::Gender => one(&who.gender),
            Fact::GenderLetter => one(if who.gender == "female" { "f" } else { "m" }),
        }
    }

    fn given_names(self, registered: &str) -> Vec<String> {
        // Cut as registered: a hyphen that is left out doesn't make two names of one.
        let names: Vec<String> = registered
            .split_whitespace()
            .map(|one| self.spelled(one))
            .collect();
        match self.names {
            Names::InOne => vec![names.join(" ")],
            Names::OneEach => names,
            Names::First => names.into_iter().take(1).collect(),
        }
    }

    fn spelled(self, name: &str) -> String {
        let plain =
            |text: &str| -> String { text.nfd().filter(|c| !is_combining_mark(*c)).collect() };
        match self.spelling {
            Spelling::Registered => name.to_owned(),
            Spelling::WithoutAccents => plain(name),
            Spelling::LettersAlone => {
                let letter = |c: char| if c.is_alphanumeric() { c } else { ' ' };
                let text: String = plain(name).chars().map(letter).collect();
                text.split_whitespace().collect::<Vec<_>>().join(" ")
            }
        }
    }
}

/// Longest reason for which calls are shown later, in characters.
pub const HIDDEN_REASON_CHARS_MAX: usize = 500;
/// Longest time for which the person isn't shown a call, in days: one year.
pub const HIDDEN_DAYS_MAX: u32 = 365;

/// For how long the person isn't shown a call, and why; nobody is left without a reason.
pub fn check_hidden(days: &str, reason: &str) -> Result<(u32, String), Vec<Mistake>> {
    let reason = reason.trim();
    let days = match days.trim() {
        "" => Some(0),
        text => text.parse().ok().filter(|days| *days <= HIDDEN_DAYS_MAX),
    };
    let mut mistakes = Vec::new();
    if days.is_none() {
        let limit = format!("0 – {HIDDEN_DAYS_MAX}");
        mistakes.push(Mistake::about(
            "hidden_days",
            "exchange-mistake-number",
            &limit,
        ));
    }
    if reason.chars().count() > HIDDEN_REASON_CHARS_MAX {
        let limit = HIDDEN_REASON_CHARS_MAX.to_string();
        mistakes.push(Mistake::about(
            "hidden_reason",
            "exchange-mistake-long",
            &limit,
        ));
    }
    if days.is_some_and(|days| days > 0) && reason.is_empty() {
        mistakes.push(Mistake::about(
            "hidden_reason",
            "exchange-mistake-missing",
            "",
        ));
    }
    match days {
        Some(days) if mistakes.is_empty() => Ok((days, reason.to_owned())),
        _ => Err(mistakes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn key() -> PseudonymKey {
        PseudonymKey::parse(&"0b".repeat(32)).unwrap()
    }

    fn who() -> CitizenIdentity {
        CitizenIdentity {
            citizen: uuid::Uuid::from_u128(1),
            level: 2,
            given_names: "Élodie Anne-Marie".into(),
            family_name: "L’Hôte".into(),
            birthdate: "1962-08-04".into(),
            gender: "female".into(),
            birthplace: "75107".into(),
            birthcountry: FRANCE.into(),
        }
    }

    fn form(facts: &[(&str, Option<Fact>)]) -> SubjectForm {
        SubjectForm {
            subject: facts
                .iter()
                .map(|(name, _)| Parameter::Query((*name).into()))
                .collect(),
            facts: facts.iter().map(|(_, fact)| *fact).collect(),
        }
    }

    fn whole() -> SubjectForm {
        form(&[
            ("nom", Some(Fact::FamilyName)),
            ("prenoms[]", Some(Fact::GivenNames)),
            ("annee", Some(Fact::BirthYear)),
            ("mois", Some(Fact::BirthMonth)),
            ("jour", Some(Fact::BirthDay)),
            ("commune", Some(Fact::Birthplace)),
            ("pays", Some(Fact::BirthCountry)),
            ("sexe", Some(Fact::GenderLetter)),
        ])
    }

    /// A call's pseudonym, as a gateway makes it.
    fn called(form: &SubjectForm, values: &[&[&str]]) -> [u8; 32] {
        let parameters: Vec<(&str, Vec<String>)> = form
            .subject
            .iter()
            .zip(values)
            .map(|(one, values)| (name(one), values.iter().map(|v| (*v).to_owned()).collect()))
            .collect();
        key().pseudonym(&parameters).unwrap()
    }

    #[test]
    fn a_person_is_known_again_however_callers_write_the_same_facts() {
        let form = whole();
        let mine = form.pseudonyms(&key(), &who());
        let calls: [&[&[&str]]; 4] = [
            &[
                &["L’Hôte"],
                &["Élodie", "Anne-Marie"],
                &["1962"],
                &["08"],
                &["04"],
                &["75107"],
                &["99100"],
                &["F"],
            ],
            &[
                &["L’HOTE"],
                &["ELODIE ANNE-MARIE"],
                &["1962"],
                &["8"],
                &["4"],
                &["75107"],
                &[],
                &["f"],
            ],
            &[
                &["L HOTE"],
                &["ELODIE", "ANNE MARIE"],
                &["1962"],
                &["8"],
                &["4"],
                &["75107"],
                &[""],
                &["F"],
            ],
            &[
                &["l’hôte"],
                &["élodie"],
                &["1962"],
                &["08"],
                &["04"],
                &["75107"],
                &["99100"],
                &["F"],
            ],
        ];
        for call in calls {
            assert!(mine.contains(&called(&form, call)), "{call:?}");
        }
        let others: [&[&[&str]]; 3] = [
            &[
                &["Lhôte"],
                &["Élodie"],
                &["1962"],
                &["08"],
                &["04"],
                &["75107"],
                &["99100"],
                &["F"],
            ],
            &[
                &["L’Hôte"],
                &["Élodie"],
                &["1962"],
                &["08"],
                &["05"],
                &["75107"],
                &["99100"],
                &["F"],
            ],
            &[
                &["L’Hôte"],
                &["Élodie"],
                &["1962"],
                &["08"],
                &["04"],
                &["75107"],
                &["99100"],
                &["M"],
            ],
        ];
        for call in others {
            assert!(!mine.contains(&called(&form, call)), "{call:?}");
        }
    }

    #[test]
    fn a_birth_abroad_needs_its_country() {
        let abroad = CitizenIdentity {
            birthplace: String::new(),
            birthcountry: "99109".into(),
            ..who()
        };
        let mine = whole().pseudonyms(&key(), &abroad);
        let call: &[&[&str]] = &[
            &["L’Hôte"],
            &["Élodie"],
            &["1962"],
            &["08"],
            &["04"],
            &[],
            &["99109"],
            &["F"],
        ];
        assert!(mine.contains(&called(&whole(), call)));
        let without = form(&[
            ("nom", Some(Fact::FamilyName)),
            ("prenoms", Some(Fact::GivenNames)),
            ("naissance", Some(Fact::BirthDateFrench)),
            ("commune", Some(Fact::Birthplace)),
        ]);
        assert!(without.pseudonyms(&key(), &abroad).is_empty());
        let born = called(
            &without,
            &[
                &["l’hote"],
                &["elodie anne-marie"],
                &["04/08/1962"],
                &["75107"],
            ],
        );
        assert!(without.pseudonyms(&key(), &who()).contains(&born));
    }

    #[test]
    fn too_few_facts_show_nobody_anything() {
        let facts = [
            ("nom", Some(Fact::FamilyName)),
            ("prenoms", Some(Fact::GivenNames)),
            ("naissance", Some(Fact::BirthDate)),
            ("commune", Some(Fact::Birthplace)),
        ];
        assert!(form(&facts).is_known_by_facts());
        for missing in 0..facts.len() {
            let mut fewer = facts.to_vec();
            fewer.remove(missing);
            assert!(!form(&fewer).is_known_by_facts(), "without {missing}");
            assert!(form(&fewer).pseudonyms(&key(), &who()).is_empty());
        }
        let mut numbered = facts.to_vec();
        numbered.push(("numeroAllocataire", None));
        assert!(!form(&numbered).is_known_by_facts());
        assert!(!form(&[]).is_known_by_facts());
    }

    #[test]
    fn what_a_parameter_is_it_stays() {
        let former = form(&[("nom", Some(Fact::FamilyName)), ("numero", None)]);
        let subject = ["numero", "nom", "sexe"].map(|name| Parameter::Query(name.into()));
        let facts = former.carried_to(&subject);
        assert_eq!(facts, [None, Some(Fact::FamilyName), None]);
    }

    #[test]
    fn calls_are_shown_later_for_a_reason_and_a_year_at_most() {
        assert_eq!(check_hidden("", " "), Ok((0, String::new())));
        assert_eq!(check_hidden(" 90", "Un acte "), Ok((90, "Un acte".into())));
        let fields = |days: &str, reason: &str| -> Vec<&str> {
            let mistakes = check_hidden(days, reason).unwrap_err();
            mistakes.iter().map(|one| one.field).collect()
        };
        assert_eq!(fields("366", "x"), ["hidden_days"]);
        assert_eq!(fields("-1", "x"), ["hidden_days"]);
        assert_eq!(fields("1", ""), ["hidden_reason"]);
        assert_eq!(fields("1", &"x".repeat(501)), ["hidden_reason"]);
    }

    proptest! {
        /// Whatever the register holds, two people of different days of birth share no pseudonym.
        #[test]
        fn two_people_share_nothing(family in "\\PC{1,12}", given in "\\PC{1,12}", day in 10..28u8) {
            let one = CitizenIdentity {
                family_name: family,
                given_names: given,
                birthdate: format!("1990-05-{day}"),
                ..who()
            };
            let other = CitizenIdentity { birthdate: format!("1990-06-{day}"), ..one.clone() };
            let (mine, theirs) = (whole().pseudonyms(&key(), &one), whole().pseudonyms(&key(), &other));
            prop_assert!(mine.is_disjoint(&theirs));
            prop_assert!(mine.len() <= 54);
        }
    }
}
