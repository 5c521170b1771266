//! What a team declares of a procedure, with its evidence: what no visitor can say.

use jiff::ToSpan as _;
use jiff::civil::Date;
use serde::Serialize;

use super::Mistake;
use crate::WORDING;

/// Years for which an accessibility audit is young enough.
const AUDIT_YEARS: i64 = 3;
/// Longest validity of a security approval, in years from its day.
const APPROVAL_YEARS_MAX: i64 = 5;

kit_acts::coded! {
    /// What is declared.
    #[schema(as = ObservatoryDeclared)]
    Declared {
        /// The share of criteria of the general accessibility framework (RGAA) that are met, by an audit:
        /// in thousandths of a percent.
        Accessibility = "accessibility",
        /// The share of criteria of the eco-design framework (RGESN) that are met: in thousandths of a
        /// percent.
        EcoDesign = "eco-design",
        /// Whether its security is approved (homologation), and until when: 1 or 0.
        Security = "security",
        /// How many pieces of information are asked for that the State already holds.
        OnceOnly = "once-only",
        /// How people sign in: 0 by an account of its own, 1 with the State's sign-in, 2 with its stronger
        /// form, 3 without signing in.
        Authentication = "authentication",
        /// The share of the last three months in which it answered: in thousandths of a percent.
        Uptime = "uptime",
        /// The median time to answer, in thousandths of a second.
        ResponseTime = "response-time",
        /// Whether all of it is done online: 0 no, 1 in part, 2 wholly.
        Online = "online",
    }
}

/// How a value is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    /// Of ten points, in thousandths.
    Score,
    /// Of a hundred percent, in thousandths of a percent: shown with so many decimals.
    Share(usize),
    /// Seconds, in thousandths.
    Seconds,
    /// A number of things.
    Count,
    /// A place among the choices of what is declared.
    Choice(Declared),
}

impl Declared {
    /// How its value is written.
    pub const fn scale(self) -> Scale {
        match self {
            Self::Accessibility | Self::EcoDesign => Scale::Share(1),
            // Its goals lie a few hundredths of a percent from one another.
            Self::Uptime => Scale::Share(2),
            Self::ResponseTime => Scale::Seconds,
            Self::OnceOnly => Scale::Count,
            Self::Security | Self::Authentication | Self::Online => Scale::Choice(self),
        }
    }

    /// The choices of its value, in their order, when it is a choice: codes whose place is the value.
    pub const fn choices(self) -> &'static [&'static str] {
        match self {
            Self::Security => &["no", "yes"],
            Self::Authentication => &["own-account", "state", "state-strong", "none"],
            Self::Online => &["no", "in-part", "wholly"],
            _ => &[],
        }
    }
}

/// A declaration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Declaration {
    /// Of what.
    pub declared: Declared,
    /// The value, in the unit of [`Declared`].
    pub value: i64,
    /// On which day it was so: of the audit, the approval, the measure.
    pub as_of: Date,
    /// The last day on which it counts, of what grows old.
    pub valid_until: Option<Date>,
    /// Where it can be read: a declaration, a report, a decision.
    pub evidence: String,
}

impl Declaration {
    /// Whether it counts on a day.
    pub fn counts_on(&self, day: Date) -> bool {
        self.as_of <= day && self.valid_until.is_none_or(|until| day <= until)
    }
}

/// What somebody sends.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeclarationForm {
    /// A percentage, a number, seconds, or a code of [`Declared::choices`].
    pub value: String,
    /// Day, month, year.
    pub as_of: [String; 3],
    /// Day, month, year: of an approval.
    pub until: [String; 3],
    /// Where it can be read.
    pub evidence: String,
}

/// A decimal number in thousandths: `99,95` is 99,950. At most three decimals.
fn thousandths(text: &str) -> Option<i64> {
    let plain: String = text
        .trim()
        .trim_end_matches('%')
        .chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| if c == ',' { '.' } else { c })
        .collect();
    let (whole, decimals) = plain.split_once('.').unwrap_or((&plain, ""));
    let is_plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty()
        || whole.len() > 9
        || decimals.len() > 3
        || !is_plain(whole)
        || !is_plain(decimals)
    {
        return None;
    }
    let decimals: i64 = format!("{decimals:0<3}").parse().ok()?;
    Some(whole.parse::<i64>().ok()? * 1_000 + decimals)
}

impl DeclarationForm {
    /// What it says of something, as of today.
    pub fn read(&self, declared: Declared, today: Date) -> Result<Declaration, Vec<Mistake>> {
        let mut reader = WORDING.reader();
        let text = reader.needed("value", &self.value, 40);
        let value = match declared {
            _ if text.is_empty() => None,
            _ if !declared.choices().is_empty() => {
                let place = |code: &str| declared.choices().iter().position(|one| *one == code);
                reader
                    .code("value", &text, place)
                    .and_then(|at| i64::try_from(at).ok())
            }
            Declared::OnceOnly => reader.whole("value", &text, (0, 1_000)),
            Declared::ResponseTime => {
                let read = thousandths(&text).filter(|ms| (0..=600_000).contains(ms));
                if read.is_none() {
                    reader.wrong("value", "observatory-mistake-seconds", &text);
                }
                read
            }
            _ => {
                let read = thousandths(&text).filter(|share| (0..=100_000).contains(share));
                if read.is_none() {
                    reader.wrong("value", "observatory-mistake-share", &text);
                }
                read
            }
        };
        let as_of = reader.needed_day("as_of", &self.as_of);
        if as_of > today {
            reader.wrong("as_of", "observatory-mistake-future", today);
        }
        let valid_until = match declared {
            Declared::Accessibility => Some(as_of.saturating_add(AUDIT_YEARS.years())),
            Declared::Security if value == Some(1) => {
                let until = reader.needed_day("until", &self.until);
                let longest = as_of.saturating_add(APPROVAL_YEARS_MAX.years());
                if until != Date::MIN && (until < as_of || until > longest) {
                    reader.wrong("until", "observatory-mistake-validity", longest);
                }
                Some(until)
            }
            _ => None,
        };
        let evidence = reader.needed("evidence", &self.evidence, 500);
        reader.done(Declaration {
            declared,
            value: value.unwrap_or_default(),
            as_of,
            valid_until,
            evidence,
        })
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    const TODAY: Date = date(2026, 3, 2);

    fn form(value: &str, until: &str) -> DeclarationForm {
        DeclarationForm {
            value: value.into(),
            as_of: kit_acts::typed(date(2026, 2, 1)),
            until: until
                .parse()
                .map_or_else(|_| Default::default(), kit_acts::typed),
            evidence: "https://site.example/accessibilite".into(),
        }
    }

    fn read(
        declared: Declared,
        value: &str,
        until: &str,
    ) -> Result<Declaration, Vec<(String, &'static str)>> {
        form(value, until)
            .read(declared, TODAY)
            .map_err(|all| all.into_iter().map(|one| (one.field, one.key)).collect())
    }

    #[test]
    fn values_are_read_in_their_unit() {
        let value = |declared, text: &str| read(declared, text, "").map(|one| one.value);
        assert_eq!(value(Declared::Uptime, "99,95 %"), Ok(99_950));
        assert_eq!(value(Declared::Accessibility, "100"), Ok(100_000));
        assert_eq!(value(Declared::ResponseTime, "0.38"), Ok(380));
        assert_eq!(value(Declared::OnceOnly, "3"), Ok(3));
        assert_eq!(value(Declared::Authentication, "state"), Ok(1));
        for (declared, wrong, key) in [
            (Declared::Uptime, "100,1", "observatory-mistake-share"),
            (Declared::EcoDesign, "-1", "observatory-mistake-share"),
            (Declared::ResponseTime, "601", "observatory-mistake-seconds"),
            (Declared::OnceOnly, "1001", "observatory-mistake-whole"),
            (Declared::Online, "perhaps", "observatory-mistake-choice"),
            (Declared::Uptime, "", "observatory-mistake-missing"),
        ] {
            assert_eq!(
                value(declared, wrong),
                Err(vec![("value".into(), key)]),
                "{wrong}"
            );
        }
    }

    #[test]
    fn an_audit_counts_for_three_years_and_an_approval_until_its_day() {
        let audit = read(Declared::Accessibility, "72,5", "").unwrap();
        assert_eq!(audit.valid_until, Some(date(2029, 2, 1)));
        assert!(audit.counts_on(date(2029, 2, 1)) && !audit.counts_on(date(2029, 2, 2)));
        assert!(!audit.counts_on(date(2026, 1, 31)));
        let approved = read(Declared::Security, "yes", "2028-02-01").unwrap();
        assert_eq!(approved.valid_until, Some(date(2028, 2, 1)));
        assert_eq!(
            read(Declared::Security, "no", "").unwrap().valid_until,
            None
        );
        let wrong = |until| read(Declared::Security, "yes", until).unwrap_err();
        assert_eq!(wrong(""), [("until".into(), "observatory-mistake-missing")]);
        assert_eq!(
            wrong("2031-02-02"),
            [("until".into(), "observatory-mistake-validity")]
        );
        assert_eq!(
            wrong("2026-01-31"),
            [("until".into(), "observatory-mistake-validity")]
        );
    }

    #[test]
    fn nothing_is_declared_ahead_or_without_evidence() {
        let mut later = form("1", "");
        later.as_of = kit_acts::typed(date(2026, 3, 3));
        later.evidence = " ".into();
        let mistakes = later.read(Declared::OnceOnly, TODAY).unwrap_err();
        let fields: Vec<&str> = mistakes.iter().map(|one| one.field.as_str()).collect();
        assert_eq!(fields, ["as_of", "evidence"]);
    }

    proptest! {
        #[test]
        fn any_number_is_read_or_refused(text in any::<String>(), share in 0..=100_000_i64) {
            let _ = thousandths(&text);
            let written = format!("{},{:03}", share / 1_000, share % 1_000);
            prop_assert_eq!(thousandths(&written), Some(share));
        }
    }
}
