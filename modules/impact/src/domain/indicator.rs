//! An indicator: what is measured of a product, and what is promised.

use jiff::civil::Date;
use serde::Serialize;
use uuid::Uuid;

use super::{Figure, Met, Quantity, Rhythm};

/// What a figure tells of a product, in the order in which impact grows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// People can use it.
    Usable,
    /// People use it.
    Used,
    /// It helps those who use it.
    Useful,
    /// It changes what it was made for.
    Impactful,
    /// It does so at a fair cost.
    Efficient,
}

impl Level {
    /// Every level, in order.
    pub const ALL: [Self; 5] = [
        Self::Usable,
        Self::Used,
        Self::Useful,
        Self::Impactful,
        Self::Efficient,
    ];

    /// Its name in addresses, files and columns.
    pub fn code(self) -> &'static str {
        match self {
            Self::Usable => "usable",
            Self::Used => "used",
            Self::Useful => "useful",
            Self::Impactful => "impactful",
            Self::Efficient => "efficient",
        }
    }

    /// The level of a name.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.code() == code)
    }

    /// Its place, from 1.
    pub(crate) fn place(self) -> u8 {
        self as u8 + 1
    }
}

/// Where the figures of an indicator come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case", tag = "kind", content = "subject")]
pub enum Origin {
    /// People record them, one by one or by a file or a program of theirs.
    Hand,
    /// The platform counts sign-ins at a service.
    SignIns(Uuid),
    /// The platform counts the calls of an API that succeed.
    Calls(Uuid),
    /// The platform counts the pieces of information that an API spared people from giving again.
    PiecesSaved(Uuid),
    /// The platform counts the requests for an API's data that were decided.
    FilesDecided(Uuid),
    /// The platform counts how many days those decisions took, in mean.
    DecisionDays(Uuid),
    /// The platform counts the reviews that a procedure's users give.
    Reviews(Uuid),
    /// The platform counts how satisfied they say they are: the mean of good 10, medium 5 and bad 0.
    Satisfaction(Uuid),
}

impl Origin {
    /// Every kind, by name.
    pub const CODES: [&'static str; 8] = [
        "hand",
        "sign-ins",
        "calls",
        "pieces-saved",
        "files-decided",
        "decision-days",
        "reviews",
        "satisfaction",
    ];

    /// Its name in addresses, files and columns.
    pub fn code(self) -> &'static str {
        match self {
            Self::Hand => "hand",
            Self::SignIns(_) => "sign-ins",
            Self::Calls(_) => "calls",
            Self::PiecesSaved(_) => "pieces-saved",
            Self::FilesDecided(_) => "files-decided",
            Self::DecisionDays(_) => "decision-days",
            Self::Reviews(_) => "reviews",
            Self::Satisfaction(_) => "satisfaction",
        }
    }

    /// Of what the platform counts.
    pub fn subject(self) -> Option<Uuid> {
        match self {
            Self::Hand => None,
            Self::SignIns(subject)
            | Self::Calls(subject)
            | Self::PiecesSaved(subject)
            | Self::FilesDecided(subject)
            | Self::DecisionDays(subject)
            | Self::Reviews(subject)
            | Self::Satisfaction(subject) => Some(subject),
        }
    }

    /// From its name and subject.
    pub fn of(code: &str, subject: Option<Uuid>) -> Option<Self> {
        match (code, subject) {
            ("hand", _) => Some(Self::Hand),
            ("sign-ins", Some(subject)) => Some(Self::SignIns(subject)),
            ("calls", Some(subject)) => Some(Self::Calls(subject)),
            ("pieces-saved", Some(subject)) => Some(Self::PiecesSaved(subject)),
            ("files-decided", Some(subject)) => Some(Self::FilesDecided(subject)),
            ("decision-days", Some(subject)) => Some(Self::DecisionDays(subject)),
            ("reviews", Some(subject)) => Some(Self::Reviews(subject)),
            ("satisfaction", Some(subject)) => Some(Self::Satisfaction(subject)),
            _ => None,
        }
    }

    /// What its counts are divided by, where its figure is a mean.
    pub fn per(self) -> Option<Self> {
        match self {
            Self::DecisionDays(subject) => Some(Self::FilesDecided(subject)),
            Self::Satisfaction(subject) => Some(Self::Reviews(subject)),
            _ => None,
        }
    }

    /// Whether the platform measures it by itself.
    pub fn is_automatic(self) -> bool {
        self != Self::Hand
    }
}

/// What is promised. Every part may be missing; what is there fits together:
/// the date comes after the baseline's, the target lies on the better side of the baseline or on it,
/// the threshold between both.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Promise {
    /// Whether more is better.
    pub more_is_better: bool,
    /// The figure before, and its date.
    pub baseline: Option<(Quantity, Date)>,
    /// The promised figure.
    pub target: Option<Quantity>,
    /// The day on which it is due.
    pub due_on: Option<Date>,
    /// What counts as success once the date has passed; the target when none is told.
    pub threshold: Option<Quantity>,
}

/// What is said of an indicator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Description {
    /// Its name, at most 200 characters.
    pub name: String,
    /// What is measured, in a sentence or two.
    pub measured: String,
    /// The unit, at most 40 characters; `€` for euros.
    pub unit: String,
    /// How it is computed.
    pub formula: String,
    /// Where its figures come from, in words.
    pub source: String,
    /// How it is measured.
    pub method: String,
    /// Who answers for it.
    pub owner: String,
    /// How often it is measured.
    pub rhythm: Rhythm,
    /// What it tells.
    pub level: Level,
    /// Where the figures come from.
    pub origin: Origin,
    /// What is promised.
    #[serde(flatten)]
    pub promise: Promise,
}

/// The unit of amounts of money.
pub(crate) const EURO: &str = "€";

impl Description {
    /// Whether it is money: its figures are then whole cents.
    pub fn is_money(&self) -> bool {
        self.unit == EURO
    }

    /// By what lists sort within a product: the level, then the name.
    pub(crate) fn sort_key(&self, product_title: &str) -> String {
        let (product, name) = (
            names::normalise(product_title),
            names::normalise(&self.name),
        );
        format!("{product} {} {name}", self.level.place())
    }
}

/// An indicator with its latest figure.
#[derive(Debug, Clone, PartialEq)]
pub struct Indicator {
    /// Its id.
    pub id: Uuid,
    /// The product of which it tells.
    pub product_id: Uuid,
    /// The product that was named when it was added.
    pub told_product_id: Uuid,
    /// The product's name.
    pub product_title: String,
    /// The product's ministry, on which a grant lets somebody act.
    pub ministry_id: Option<Uuid>,
    /// What is said of it.
    pub description: Description,
    /// Whether it is in use; a retired one keeps its figures.
    pub in_use: bool,
    /// Grows with each change of what is said of it.
    pub version: i64,
    /// Observations and corrections recorded: the number of the last one.
    pub observations: i64,
    /// The latest figure.
    pub latest: Option<Figure>,
    /// What the latest figure reaches.
    pub met: Met,
    /// The last day up to which an automatic figure was made from counts.
    pub counted_until: Option<Date>,
}

impl Indicator {
    /// The last day of the first period whose automatic figure isn't made yet.
    pub fn figure_due_on(&self) -> Option<Date> {
        let rhythm = self.description.rhythm;
        let until = self.counted_until?;
        Some(rhythm.last(rhythm.number(until) + 1))
    }
}
