//! The figures of a procedure and how good they are, by the published rules of the observatory of the
//! quality of online procedures (docs/observatory.md).

use std::ops::AddAssign;

use serde::{Deserialize, Serialize};

use super::answers::{Details, Help, Satisfaction};
use super::declaration::{Declaration, Declared, Scale};
use super::procedure::Procedure;
use jiff::civil::Date;

/// With fewer answers a figure is told, and judged by nobody.
pub const REVIEWS_MIN: i64 = 100;
/// The share of procedures that should reach each goal, in thousandths of a percent.
pub const GOAL_SHARE: i64 = 80_000;

kit_acts::coded! {
    /// What is told of a procedure.
    #[schema(as = ObservatoryCriterion)]
    Criterion {
        /// The mean of good 10, medium 5, bad 0: in thousandths of a point, of ten.
        Satisfaction = "satisfaction",
        /// How easy it is to understand: in thousandths of a point, of ten.
        Simplicity = "simplicity",
        /// The share of criteria of accessibility that are met: in thousandths of a percent.
        Accessibility = "accessibility",
        /// How many pieces of information are asked for that the State already holds.
        OnceOnly = "once-only",
        /// How people sign in: a place among [`Declared::choices`].
        Authentication = "authentication",
        /// The share of those who looked for help and reached somebody: in thousandths of a percent.
        HelpReached = "help-reached",
        /// How much that help was worth: in thousandths of a point, of ten.
        HelpUseful = "help-useful",
        /// The share of three months in which it answered: in thousandths of a percent.
        Uptime = "uptime",
        /// The median time to answer, in thousandths of a second.
        ResponseTime = "response-time",
        /// The share of criteria of eco-design that are met: in thousandths of a percent.
        EcoDesign = "eco-design",
        /// Whether its security is approved: 1 or 0.
        Security = "security",
        /// Whether all of it is done online: a place among [`Declared::choices`].
        Online = "online",
        /// How many people use it in a year.
        Users = "users",
    }
}

impl Criterion {
    /// How its value is written.
    pub const fn scale(self) -> Scale {
        match (self, self.declared()) {
            (_, Some(declared)) => declared.scale(),
            (Self::HelpReached, _) => Scale::Share(1),
            (Self::Users, _) => Scale::Count,
            _ => Scale::Score,
        }
    }

    /// What is declared, of what visitors can't say.
    pub const fn declared(self) -> Option<Declared> {
        match self {
            Self::Accessibility => Some(Declared::Accessibility),
            Self::OnceOnly => Some(Declared::OnceOnly),
            Self::Authentication => Some(Declared::Authentication),
            Self::Uptime => Some(Declared::Uptime),
            Self::ResponseTime => Some(Declared::ResponseTime),
            Self::EcoDesign => Some(Declared::EcoDesign),
            Self::Security => Some(Declared::Security),
            Self::Online => Some(Declared::Online),
            _ => None,
        }
    }

    /// Whether it has a goal. Eco-design, what is done online and use are shown only: their goals aren't
    /// published.
    pub const fn has_goal(self) -> bool {
        !matches!(self, Self::EcoDesign | Self::Online | Self::Users)
    }

    /// How good a value is.
    fn judge(self, value: i64) -> Level {
        let (green, yellow) = match self {
            Self::Satisfaction | Self::Simplicity | Self::HelpUseful => {
                (value >= 8_000, value >= 5_000)
            }
            Self::Accessibility => (value >= 100_000, value >= 50_000),
            Self::OnceOnly => (value <= 1, value <= 4),
            // Without signing in nothing is asked of the State's sign-in.
            Self::Authentication if value == 3 => return Level::Grey,
            Self::Authentication => (value >= 1, false),
            Self::HelpReached => (value >= 85_000, value >= 70_000),
            Self::Uptime => (value >= 99_900, value >= 98_500),
            Self::ResponseTime => (value < 400, value < 800),
            Self::Security => (value == 1, false),
            Self::EcoDesign | Self::Online | Self::Users => return Level::Shown,
        };
        match (green, yellow) {
            (true, _) => Level::Green,
            (false, true) => Level::Yellow,
            (false, false) => Level::Red,
        }
    }
}

kit_acts::coded! {
    /// How good a figure is.
    #[schema(as = ObservatoryLevel)]
    Level {
        /// The goal is reached.
        Green = "green",
        /// It is near.
        Yellow = "yellow",
        /// It is far.
        Red = "red",
        /// Too little is known to say.
        Grey = "grey",
        /// It has no goal.
        Shown = "shown",
    }
}

/// Answers, counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Tally {
    /// Reviews that say good.
    pub good: i64,
    /// Medium.
    pub medium: i64,
    /// Bad.
    pub bad: i64,
    /// Answers about how easy it is to understand.
    pub ease_number: i64,
    /// Their sum, each from 1 to 5.
    pub ease_sum: i64,
    /// Those who looked for help and reached somebody.
    pub help_reached: i64,
    /// Those who looked for help and reached nobody.
    pub help_not_reached: i64,
    /// Answers about how much help was worth.
    pub help_number: i64,
    /// Their sum, each from 1 to 5.
    pub help_sum: i64,
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.good += other.good;
        self.medium += other.medium;
        self.bad += other.bad;
        self.ease_number += other.ease_number;
        self.ease_sum += other.ease_sum;
        self.help_reached += other.help_reached;
        self.help_not_reached += other.help_not_reached;
        self.help_number += other.help_number;
        self.help_sum += other.help_sum;
    }
}

impl Tally {
    /// One review, before any details.
    pub fn of(satisfaction: Satisfaction) -> Self {
        let is = |wanted| i64::from(satisfaction == wanted);
        Self {
            good: is(Satisfaction::Good),
            medium: is(Satisfaction::Medium),
            bad: is(Satisfaction::Bad),
            ..Self::default()
        }
    }

    /// The details of one.
    pub fn of_details(details: &Details) -> Self {
        Self {
            ease_number: i64::from(details.ease.is_some()),
            ease_sum: details.ease.unwrap_or_default(),
            help_reached: i64::from(details.help == Some(Help::Reached)),
            help_not_reached: i64::from(details.help == Some(Help::NotReached)),
            help_number: i64::from(details.help_ease.is_some()),
            help_sum: details.help_ease.unwrap_or_default(),
            ..Self::default()
        }
    }

    /// Reviews.
    pub fn reviews(&self) -> i64 {
        self.good + self.medium + self.bad
    }

    /// Their points.
    pub fn points(&self) -> i64 {
        self.good * Satisfaction::Good.points() + self.medium * Satisfaction::Medium.points()
    }

    /// Satisfaction, in thousandths of a point.
    pub fn satisfaction(&self) -> Option<i64> {
        mean(self.points() * 1_000, self.reviews())
    }

    /// How easy it is to understand, in thousandths of a point: 1 is 0, 5 is 10.
    pub fn simplicity(&self) -> Option<i64> {
        mean((self.ease_sum - self.ease_number) * 2_500, self.ease_number)
    }

    /// Those who looked for help.
    pub fn help_looked_for(&self) -> i64 {
        self.help_reached + self.help_not_reached
    }

    /// The share of them who reached somebody, in thousandths of a percent.
    pub fn help_reached_share(&self) -> Option<i64> {
        mean(self.help_reached * 100_000, self.help_looked_for())
    }

    /// How much help was worth, in thousandths of a point.
    pub fn help_useful(&self) -> Option<i64> {
        mean((self.help_sum - self.help_number) * 2_500, self.help_number)
    }
}

/// A quotient of whole numbers that aren't negative, rounded to the nearest, halves up.
fn mean(sum: i64, number: i64) -> Option<i64> {
    (number > 0).then(|| (2 * sum + number) / (2 * number))
}

/// One figure of a procedure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figure {
    /// Of what.
    pub criterion: Criterion,
    /// The value, in the unit of [`Criterion`].
    pub value: Option<i64>,
    /// On how many answers it rests, of those that visitors give.
    pub answers: Option<i64>,
    /// How good it is.
    pub level: Level,
}

/// Every figure of a procedure on a day: `recent` are the answers of the quarter that ends, `year` those
/// of twelve months, `declared` the latest declaration of each kind by then.
pub fn figures(
    procedure: &Procedure,
    recent: &Tally,
    year: &Tally,
    declared: &[Declaration],
    on: Date,
) -> Vec<Figure> {
    let measured = |criterion: Criterion, value: Option<i64>, answers: i64| Figure {
        criterion,
        value,
        answers: Some(answers),
        level: match value {
            Some(value) if answers >= REVIEWS_MIN => criterion.judge(value),
            _ => Level::Grey,
        },
    };
    let told = |criterion: Criterion, what: Declared| {
        let found = declared.iter().find(|one| one.declared == what);
        Figure {
            criterion,
            value: found.map(|one| one.value),
            answers: None,
            level: match found {
                None => Level::Grey,
                // An audit or an approval that grew old is as good as none.
                Some(one) if !one.counts_on(on) => Level::Red,
                Some(one) => criterion.judge(one.value),
            },
        }
    };
    let figure = |criterion: &Criterion| match (*criterion, criterion.declared()) {
        (one, Some(what)) => told(one, what),
        (Criterion::Satisfaction, _) => measured(
            Criterion::Satisfaction,
            recent.satisfaction(),
            recent.reviews(),
        ),
        (Criterion::Simplicity, _) => measured(
            Criterion::Simplicity,
            recent.simplicity(),
            recent.ease_number,
        ),
        (Criterion::HelpReached, _) => measured(
            Criterion::HelpReached,
            year.help_reached_share(),
            year.help_looked_for(),
        ),
        (Criterion::HelpUseful, _) => {
            measured(Criterion::HelpUseful, year.help_useful(), year.help_number)
        }
        (one, _) => Figure {
            criterion: one,
            value: procedure.users,
            answers: None,
            level: Level::Shown,
        },
    };
    Criterion::ALL.iter().map(figure).collect()
}

/// The share of figures that reach their goal, in thousandths of a percent; greys are left out. None when
/// all are grey.
pub fn share_at_goal(green: i64, yellow: i64, red: i64) -> Option<i64> {
    mean(green * 100_000, green + yellow + red)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    const ON: Date = date(2026, 3, 31);

    fn declaration(declared: Declared, value: i64, valid_until: Option<Date>) -> Declaration {
        Declaration {
            declared,
            value,
            as_of: date(2026, 1, 1),
            valid_until,
            evidence: String::new(),
        }
    }

    fn level(criterion: Criterion, tally: Tally, declared: &[Declaration]) -> (Option<i64>, Level) {
        let all = figures(&Procedure::default(), &tally, &tally, declared, ON);
        let found = all.iter().find(|one| one.criterion == criterion).unwrap();
        (found.value, found.level)
    }

    #[test]
    fn satisfaction_is_the_mean_of_ten_five_and_nothing() {
        let of = |good, medium, bad| {
            let tally = Tally {
                good,
                medium,
                bad,
                ..Tally::default()
            };
            level(Criterion::Satisfaction, tally, &[])
        };
        assert_eq!(of(70, 20, 10), (Some(8_000), Level::Green));
        assert_eq!(of(69, 21, 10), (Some(7_950), Level::Yellow));
        assert_eq!(of(50, 0, 50), (Some(5_000), Level::Yellow));
        assert_eq!(of(49, 1, 50), (Some(4_950), Level::Red));
        assert_eq!(of(99, 0, 0), (Some(10_000), Level::Grey));
        assert_eq!(of(0, 0, 0), (None, Level::Grey));
    }

    #[test]
    fn scales_of_five_become_scores_of_ten() {
        let easy = Tally {
            ease_number: 100,
            ease_sum: 420,
            ..Tally::default()
        };
        assert_eq!(
            level(Criterion::Simplicity, easy, &[]),
            (Some(8_000), Level::Green)
        );
        let hard = Tally {
            ease_number: 100,
            ease_sum: 100,
            ..Tally::default()
        };
        assert_eq!(
            level(Criterion::Simplicity, hard, &[]),
            (Some(0), Level::Red)
        );
        let help = Tally {
            help_reached: 70,
            help_not_reached: 30,
            help_number: 100,
            help_sum: 300,
            ..Tally::default()
        };
        assert_eq!(
            level(Criterion::HelpReached, help, &[]),
            (Some(70_000), Level::Yellow)
        );
        assert_eq!(
            level(Criterion::HelpUseful, help, &[]),
            (Some(5_000), Level::Yellow)
        );
    }

    #[test]
    fn declarations_are_judged_by_their_goals() {
        use Criterion as C;
        use Declared as D;
        for (criterion, declared, value, expected) in [
            (C::Accessibility, D::Accessibility, 100_000, Level::Green),
            (C::Accessibility, D::Accessibility, 99_999, Level::Yellow),
            (C::Accessibility, D::Accessibility, 49_999, Level::Red),
            (C::OnceOnly, D::OnceOnly, 1, Level::Green),
            (C::OnceOnly, D::OnceOnly, 4, Level::Yellow),
            (C::OnceOnly, D::OnceOnly, 5, Level::Red),
            (C::Authentication, D::Authentication, 0, Level::Red),
            (C::Authentication, D::Authentication, 2, Level::Green),
            (C::Authentication, D::Authentication, 3, Level::Grey),
            (C::Uptime, D::Uptime, 99_900, Level::Green),
            (C::Uptime, D::Uptime, 98_500, Level::Yellow),
            (C::Uptime, D::Uptime, 98_499, Level::Red),
            (C::ResponseTime, D::ResponseTime, 399, Level::Green),
            (C::ResponseTime, D::ResponseTime, 400, Level::Yellow),
            (C::ResponseTime, D::ResponseTime, 800, Level::Red),
            (C::EcoDesign, D::EcoDesign, 30_000, Level::Shown),
            (C::Security, D::Security, 0, Level::Red),
        ] {
            let one = [declaration(declared, value, None)];
            assert_eq!(
                level(criterion, Tally::default(), &one),
                (Some(value), expected)
            );
        }
    }

    #[test]
    fn what_grew_old_is_as_good_as_none() {
        for (until, expected) in [(ON, Level::Green), (date(2026, 3, 30), Level::Red)] {
            let one = [declaration(Declared::Accessibility, 100_000, Some(until))];
            assert_eq!(
                level(Criterion::Accessibility, Tally::default(), &one).1,
                expected
            );
        }
        assert_eq!(
            level(Criterion::Security, Tally::default(), &[]).1,
            Level::Grey
        );
    }

    #[test]
    fn greys_are_left_out_of_the_share_at_goal() {
        assert_eq!(share_at_goal(4, 1, 0), Some(80_000));
        assert_eq!(share_at_goal(0, 0, 3), Some(0));
        assert_eq!(share_at_goal(0, 0, 0), None);
    }

    proptest! {
        #[test]
        fn a_score_lies_between_nothing_and_ten(
            good in 0..1_000_000_i64, medium in 0..1_000_000_i64, bad in 0..1_000_000_i64,
        ) {
            let tally = Tally { good, medium, bad, ..Tally::default() };
            if let Some(score) = tally.satisfaction() {
                prop_assert!((0..=10_000).contains(&score));
                let exact = (10 * good + 5 * medium) as f64 * 1e3 / tally.reviews() as f64;
                prop_assert!((score as f64 - exact).abs() <= 0.5 + 1e-6);
            }
        }

        #[test]
        fn tallies_add_up_in_any_order(reviews in prop::collection::vec((0..3_usize, 0..=5_i64, 0..4_usize), 0..60)) {
            let all: Vec<Tally> = reviews.iter().map(|(how, ease, help)| {
                let mut one = Tally::of(Satisfaction::ALL[*how]);
                one += Tally::of_details(&Details {
                    ease: (*ease > 0).then_some(*ease),
                    help: Help::ALL.get(*help).copied(),
                    ..Details::default()
                });
                one
            }).collect();
            let (mut forth, mut back) = (Tally::default(), Tally::default());
            for one in &all { forth += *one; }
            for one in all.iter().rev() { back += *one; }
            prop_assert_eq!(forth, back);
            prop_assert_eq!(forth.reviews(), reviews.len() as i64);
        }
    }
}
