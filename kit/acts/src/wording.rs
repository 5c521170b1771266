//! Under which keys a module keeps the words that everybody needs.

use crate::Reader;

/// How the keys of a module's words begin. Made by [`wording!`](crate::wording).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wording {
    /// What stands before the first hyphen.
    pub prefix: &'static str,
    /// Its words about mistakes.
    pub mistakes: MistakeKeys,
}

/// The keys of words about mistakes. A module defines those that its forms can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MistakeKeys {
    /// A text is longer than `value` characters.
    pub long: &'static str,
    /// A text holds control characters.
    pub control: &'static str,
    /// Nothing was told.
    pub missing: &'static str,
    /// No day of the calendar.
    pub date: &'static str,
    /// None of the choices.
    pub choice: &'static str,
    /// Another currency.
    pub currency: &'static str,
    /// No amount, or none within the limits.
    pub amount: &'static str,
    /// No whole number within `value`.
    pub whole: &'static str,
    /// Published before what it tells had ended.
    pub before: &'static str,
    /// Published more than `value` days later.
    pub delay: &'static str,
    /// Published later than usual, and nobody says why.
    pub delay_reason: &'static str,
    /// What is open can't be closed again.
    pub open: &'static str,
    /// A line that isn't a passage and a reason.
    pub redaction: &'static str,
    /// More than `value` hidden passages.
    pub redactions: &'static str,
}

/// The other keys, behind the prefix, beside those of fields, columns and events.
const ASKED: [&str; 15] = [
    "any",
    "platform",
    "by",
    "recorded-on",
    "nothing-happened",
    "changed",
    "changed-by",
    "published-on",
    "will-be-published-on",
    "hidden",
    "hint-publish_on",
    "hint-redactions",
    "mail-subject",
    "mail-due",
    "mail-link",
];

impl Wording {
    /// Reads fields one after the other.
    pub fn reader(&self) -> Reader {
        Reader::new(self.mistakes)
    }

    /// Every key that is asked for here, for the test that finds words which nobody uses.
    pub fn keys(&self) -> Vec<String> {
        let of = &self.mistakes;
        [
            of.long,
            of.control,
            of.missing,
            of.date,
            of.choice,
            of.currency,
            of.amount,
            of.whole,
            of.before,
            of.delay,
            of.delay_reason,
            of.open,
            of.redaction,
            of.redactions,
        ]
        .map(str::to_owned)
        .into_iter()
        .chain(ASKED.map(|rest| self.key(rest)))
        .collect()
    }
}

/// The [`Wording`] of a module, from what its keys begin with.
#[macro_export]
macro_rules! wording {
    ($prefix:literal) => {
        $crate::Wording {
            prefix: $prefix,
            mistakes: $crate::MistakeKeys {
                long: concat!($prefix, "-mistake-long"),
                control: concat!($prefix, "-mistake-control"),
                missing: concat!($prefix, "-mistake-missing"),
                date: concat!($prefix, "-mistake-date"),
                choice: concat!($prefix, "-mistake-choice"),
                currency: concat!($prefix, "-mistake-currency"),
                amount: concat!($prefix, "-mistake-amount"),
                whole: concat!($prefix, "-mistake-whole"),
                before: concat!($prefix, "-mistake-before"),
                delay: concat!($prefix, "-mistake-delay"),
                delay_reason: concat!($prefix, "-mistake-delay-reason"),
                open: concat!($prefix, "-mistake-open"),
                redaction: concat!($prefix, "-mistake-redaction"),
                redactions: concat!($prefix, "-mistake-redactions"),
            },
        }
    };
}
