//! The « identité pivot » of a citizen: the six facts of the civil register by which a State knows
//! one person from another, as identity providers tell them.
//!
//! Codes are those of INSEE's official geographic code: a commune of birth has five characters
//! (`75107`, `2A004`, `97411`), a country five digits from `99`; France is `99100`.

use jiff::civil::Date;
use jose::claims::Claims;
use jose::pairwise::PairwiseKey;
use unicode_normalization::UnicodeNormalization as _;

/// The country code of France.
pub const FRANCE: &str = "99100";
/// Longest name, in characters: the register's longest are near 200.
const NAME_CHARS_MAX: usize = 250;
/// Nobody alive was born before.
const YEAR_MIN: i16 = 1_880;
/// The context of a pivot's key: a subject's is another, so that one never passes for the other.
const PIVOT_CONTEXT: &str = "gouvernail.citizen.pivot.v1";
/// The context of a provider's subject.
const SUBJECT_CONTEXT: &str = "gouvernail.citizen.subject.v1";

/// Whether a person is registered as a woman or a man.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gender {
    /// `female`.
    Female,
    /// `male`.
    Male,
}

impl Gender {
    /// Its value in tokens.
    pub fn code(self) -> &'static str {
        match self {
            Self::Female => "female",
            Self::Male => "male",
        }
    }
}

/// A pivot that holds no mistake. Names are as they are written, cleaned of repeated blanks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pivot {
    /// All given names, in the register's order, between single blanks.
    pub given_name: String,
    /// The name at birth.
    pub family_name: String,
    /// `YYYY-MM-DD`; a day or a month that the register doesn't know is `00`.
    pub birthdate: String,
    /// As registered.
    pub gender: Gender,
    /// The commune of birth; empty when it is abroad.
    pub birthplace: String,
    /// The country of birth.
    pub birthcountry: String,
}

/// What is wrong with a pivot: a name that operators look up, never a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PivotMistake {
    /// The claim isn't there, isn't a text, or is empty.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// Too long.
    #[error("{0} has more than 250 characters")]
    TooLong(&'static str),
    /// Something that no name holds.
    #[error("{0} holds something other than letters, blanks, hyphens, apostrophes and points")]
    NotAName(&'static str),
    /// Not a date of the calendar.
    #[error("birthdate isn't a date as 1962-08-24, where an unknown day or month is 00")]
    Birthdate,
    /// In the future, or before anybody alive was born.
    #[error("birthdate is in the future or before 1880")]
    BirthdateOutOfReach,
    /// Neither of the two.
    #[error("gender is neither female nor male")]
    Gender,
    /// Not a code of a commune.
    #[error("birthplace isn't the INSEE code of a commune, of five characters")]
    Birthplace,
    /// Not a code of a country.
    #[error("birthcountry isn't an INSEE code from 99001 to 99999")]
    Birthcountry,
    /// Born in France, in no commune.
    #[error("birthplace is empty though birthcountry is France")]
    PlaceMissing,
    /// Born abroad, in a French commune.
    #[error("birthplace names a French commune though birthcountry is another country")]
    PlaceAbroad,
}

impl PivotMistake {
    /// A stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Missing(_) => "missing",
            Self::TooLong(_) => "too-long",
            Self::NotAName(_) => "not-a-name",
            Self::Birthdate => "birthdate",
            Self::BirthdateOutOfReach => "birthdate-out-of-reach",
            Self::Gender => "gender",
            Self::Birthplace => "birthplace",
            Self::Birthcountry => "birthcountry",
            Self::PlaceMissing => "place-missing",
            Self::PlaceAbroad => "place-abroad",
        }
    }

    /// The claim that it is about.
    pub fn claim(self) -> &'static str {
        match self {
            Self::Missing(claim) | Self::TooLong(claim) | Self::NotAName(claim) => claim,
            Self::Birthdate | Self::BirthdateOutOfReach => "birthdate",
            Self::Gender => "gender",
            Self::Birthplace | Self::PlaceMissing | Self::PlaceAbroad => "birthplace",
            Self::Birthcountry => "birthcountry",
        }
    }
}

impl Pivot {
    /// Reads the pivot of a provider's claims; every mistake is told. `today` bounds the birth.
    pub fn read(claims: &Claims, today: Date) -> Result<Self, Vec<PivotMistake>> {
        let mut mistakes = Vec::new();
        let mut keep = |result: Result<String, PivotMistake>| {
            result.unwrap_or_else(|mistake| {
                mistakes.push(mistake);
                String::new()
            })
        };
        let given_name = keep(name(claims, "given_name"));
        let family_name = keep(name(claims, "family_name"));
        let birthdate = keep(birthdate(claims, today));
        let birthplace = keep(birthplace(claims));
        let birthcountry = keep(birthcountry(claims));
        let gender = match claims.text("gender") {
            Some("female") => Some(Gender::Female),
            Some("male") => Some(Gender::Male),
            Some("") | None => {
                mistakes.push(PivotMistake::Missing("gender"));
                None
            }
            Some(_) => {
                mistakes.push(PivotMistake::Gender);
                None
            }
        };
        let is_place_read = !mistakes.iter().any(|mistake| {
            mistake.claim().starts_with("birthp") || mistake.claim() == "birthcountry"
        });
        if is_place_read && (birthcountry == FRANCE) == birthplace.is_empty() {
            mistakes.push(if birthplace.is_empty() {
                PivotMistake::PlaceMissing
            } else {
                PivotMistake::PlaceAbroad
            });
        }
        match gender {
            Some(gender) if mistakes.is_empty() => Ok(Self {
                given_name,
                family_name,
                birthdate,
                gender,
                birthplace,
                birthcountry,
            }),
            _ => Err(mistakes),
        }
    }

    /// What is compared: names without case, accents, hyphens, apostrophes and repeated blanks,
    /// then the other facts. Each part stands behind its length, so that no two pivots give one
    /// text.
    fn canonical(&self) -> String {
        framed(&[
            &names::normalise(&self.given_name),
            &names::normalise(&self.family_name),
            &self.birthdate,
            self.gender.code(),
            &self.birthplace,
            &self.birthcountry,
        ])
    }

    /// The name by which the platform finds the person again: HMAC-SHA-256 under `key`, of which
    /// nobody without the key can try the dictionary of all names and dates.
    pub fn hash(&self, key: &PairwiseKey) -> String {
        key.subject(PIVOT_CONTEXT, &self.canonical())
    }
}

/// The name by which the platform finds again a provider's own name of a person.
pub fn subject_hash(key: &PairwiseKey, provider: &str, subject: &str) -> String {
    key.subject(SUBJECT_CONTEXT, &framed(&[provider, subject]))
}

/// Parts, each behind its length in bytes: `5:alpha,0:,`.
fn framed(parts: &[&str]) -> String {
    parts.iter().fold(String::new(), |mut text, part| {
        text.push_str(&format!("{}:{part},", part.len()));
        text
    })
}

/// A text of a name without repeated blanks, composed (Unicode NFC).
pub(crate) fn cleaned(text: &str) -> String {
    let composed: String = text.nfc().collect();
    composed.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn name(claims: &Claims, claim: &'static str) -> Result<String, PivotMistake> {
    let text = claims.text(claim).unwrap_or_default();
    // Counted before it is worked on: composing a text never makes it three times longer.
    if text.chars().count() > NAME_CHARS_MAX {
        return Err(PivotMistake::TooLong(claim));
    }
    let text = cleaned(text);
    if text.is_empty() {
        return Err(PivotMistake::Missing(claim));
    }
    let marks = [
        ' ', '-', '\u{2010}', '\u{2011}', '\'', '\u{2019}', '\u{2bc}', '.', '\u{b7}',
    ];
    let is_letter = |c: char| {
        c.is_alphabetic() || unicode_normalization::char::is_combining_mark(c) || marks.contains(&c)
    };
    let is_name = text.chars().all(is_letter) && !names::normalise(&text).is_empty();
    is_name.then_some(text).ok_or(PivotMistake::NotAName(claim))
}

fn birthdate(claims: &Claims, today: Date) -> Result<String, PivotMistake> {
    let text = claims.text("birthdate").unwrap_or_default();
    if text.is_empty() {
        return Err(PivotMistake::Missing("birthdate"));
    }
    let bytes = text.as_bytes();
    let shape = bytes.len() == 10
        && bytes.iter().enumerate().all(|(at, byte)| match at {
            4 | 7 => *byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    if !shape {
        return Err(PivotMistake::Birthdate);
    }
    let number = |from: usize, to: usize| text[from..to].parse::<i16>().unwrap_or_default();
    let (year, month, day) = (number(0, 4), number(5, 7), number(8, 10));
    // A month that isn't known leaves no known day.
    if month == 0 && day != 0 {
        return Err(PivotMistake::Birthdate);
    }
    let earliest = Date::new(year, month.max(1) as i8, day.max(1) as i8);
    let Ok(earliest) = earliest else {
        return Err(PivotMistake::Birthdate);
    };
    if year < YEAR_MIN || earliest > today {
        return Err(PivotMistake::BirthdateOutOfReach);
    }
    Ok(text.to_owned())
}

/// Departments that have two digits go to 95 with Corsica's 2A and 2B; overseas has three: 97x and
/// 98x. `99` is no place in France.
fn birthplace(claims: &Claims) -> Result<String, PivotMistake> {
    let text = match claims.get("birthplace") {
        None => "",
        Some(value) => value.as_str().ok_or(PivotMistake::Birthplace)?,
    };
    if text.is_empty() {
        return Ok(String::new());
    }
    let bytes = text.as_bytes();
    let is_shape = bytes.len() == 5
        && bytes[0].is_ascii_digit()
        && bytes[2..].iter().all(u8::is_ascii_digit)
        && (bytes[1].is_ascii_digit() || (bytes[0] == b'2' && matches!(bytes[1], b'A' | b'B')));
    if !is_shape {
        return Err(PivotMistake::Birthplace);
    }
    let is_known = match &text[..2] {
        "2A" | "2B" => true,
        "97" => matches!(bytes[2], b'1'..=b'8'),
        "98" => matches!(bytes[2], b'4' | b'6'..=b'9'),
        department => matches!(department.parse::<u8>(), Ok(1..=95)),
    };
    is_known
        .then(|| text.to_owned())
        .ok_or(PivotMistake::Birthplace)
}

fn birthcountry(claims: &Claims) -> Result<String, PivotMistake> {
    let text = claims.text("birthcountry").unwrap_or_default();
    if text.is_empty() {
        return Err(PivotMistake::Missing("birthcountry"));
    }
    let is_code = text.len() == 5
        && text.starts_with("99")
        && text != "99000"
        && text.bytes().all(|byte| byte.is_ascii_digit());
    is_code
        .then(|| text.to_owned())
        .ok_or(PivotMistake::Birthcountry)
}

#[cfg(test)]
mod tests;
