//! What somebody says of a procedure: first how it went, then, if they like, more.

use serde::Serialize;

use super::Mistake;
use super::masking::mask;
use crate::WORDING;

/// Longest comment, in characters.
pub const COMMENT_CHARS_MAX: usize = 2_000;

kit_acts::coded! {
    /// How it went.
    Satisfaction {
        /// Well: 10 points.
        Good = "good",
        /// So so: 5 points.
        Medium = "medium",
        /// Badly: no point.
        Bad = "bad",
    }
}

impl Satisfaction {
    /// Its points, of ten.
    pub const fn points(self) -> i64 {
        match self {
            Self::Good => 10,
            Self::Medium => 5,
            Self::Bad => 0,
        }
    }
}

kit_acts::coded! {
    /// Whether help was looked for.
    #[schema(as = ObservatoryHelp)]
    Help {
        /// It wasn't needed.
        No = "no",
        /// Somebody was reached.
        Reached = "reached",
        /// Nobody was reached.
        NotReached = "not-reached",
    }
}

/// What is said beside how it went. Every part may be missing.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Details {
    /// How easy it was to understand, from 1 to 5.
    pub ease: Option<i64>,
    /// Whether help was looked for.
    pub help: Option<Help>,
    /// How much it helped, from 1 to 5; only of help that was reached.
    pub help_ease: Option<i64>,
    /// In the person's own words, without what names somebody; may be empty.
    pub comment: String,
    /// Whether something was taken out of the comment.
    pub is_masked: bool,
}

/// A whole review.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answers {
    /// How it went.
    pub satisfaction: Satisfaction,
    /// The rest.
    pub details: Details,
}

/// What somebody sends beside how it went.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DetailsForm {
    /// 1 to 5.
    pub ease: String,
    /// A code of [`Help`].
    pub help: String,
    /// 1 to 5.
    pub help_ease: String,
    /// Own words.
    pub comment: String,
}

impl DetailsForm {
    /// What it says.
    pub fn read(&self) -> Result<Details, Vec<Mistake>> {
        let mut reader = WORDING.reader();
        let ease = reader.whole("ease", &self.ease, (1, 5));
        let help = match self.help.trim() {
            "" => None,
            code => reader.code("help", code, Help::parse),
        };
        // Who says that nobody was reached, and then ticks how much it helped, means the first.
        let help_ease = reader
            .whole("help_ease", &self.help_ease, (1, 5))
            .filter(|_| help == Some(Help::Reached));
        let comment = reader.text("comment", &self.comment, COMMENT_CHARS_MAX);
        let (comment, is_masked) = mask(&comment);
        reader.done(Details {
            ease,
            help,
            help_ease,
            comment,
            is_masked,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_within_their_scales() {
        let form = DetailsForm {
            ease: "4".into(),
            help: "reached".into(),
            help_ease: "2".into(),
            comment: " Rappelez-moi au 06 12 34 56 78 ".into(),
        };
        let read = form.read().unwrap();
        assert_eq!((read.ease, read.help_ease), (Some(4), Some(2)));
        assert_eq!(
            (read.comment.as_str(), read.is_masked),
            ("Rappelez-moi au [masqué]", true)
        );
        let alone = DetailsForm {
            help: "not-reached".into(),
            help_ease: "5".into(),
            ..DetailsForm::default()
        };
        assert_eq!(alone.read().unwrap().help_ease, None);
        assert_eq!(DetailsForm::default().read().unwrap(), Details::default());
    }

    #[test]
    fn a_mistake_names_its_field() {
        let form = DetailsForm {
            ease: "6".into(),
            help: "maybe".into(),
            help_ease: "0".into(),
            comment: "é".repeat(2_001),
        };
        let mistakes = form.read().unwrap_err();
        let fields: Vec<&str> = mistakes.iter().map(|one| one.field.as_str()).collect();
        assert_eq!(fields, ["ease", "help", "help_ease", "comment"]);
    }
}
