//! The six-monthly review: what the team tells, its levels, and what may follow what.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Level, Mistake, Reader, ReviewState};
use crate::WORDING;

/// Longest text of a preparation, in characters.
const TEXT_CHARS_MAX: usize = 4_000;
/// Most users: everybody on Earth.
const USERS_MAX: i64 = 10_000_000_000;

/// What happens to a review.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReviewAct {
    /// The team writes, or writes again.
    Prepare,
    /// The team hands it to the committee, complete.
    Submit,
    /// The committee gives it back.
    GiveBack,
    /// The committee decides.
    Decide,
}

impl ReviewAct {
    /// Every act.
    pub const ALL: [Self; 4] = [Self::Prepare, Self::Submit, Self::GiveBack, Self::Decide];

    /// The state after the act; nothing when it isn't possible. Nothing is decided but what was
    /// prepared and handed over, and nothing that was decided changes.
    pub fn after(self, state: ReviewState) -> Option<ReviewState> {
        match (state, self) {
            (ReviewState::Due | ReviewState::Preparing, Self::Prepare)
            | (ReviewState::Committee, Self::GiveBack) => Some(ReviewState::Preparing),
            (ReviewState::Preparing, Self::Submit) => Some(ReviewState::Committee),
            (ReviewState::Committee, Self::Decide) => Some(ReviewState::Decided),
            _ => None,
        }
    }
}

/// What the team says of a level.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LevelAnswer {
    /// Which.
    pub level: Level,
    /// Whether it is reached.
    pub is_reached: bool,
    /// The indicator of the product that shows it.
    pub indicator: Option<Uuid>,
    /// How it shows it.
    pub comment: String,
}

/// What a team prepared.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preparation {
    /// What was learnt.
    pub learnt: String,
    /// How many people use it.
    pub users: Option<i64>,
    /// Who they are.
    pub users_told: String,
    /// What was spent since the last review, in cents of euros.
    pub spent_cents: Option<i64>,
    /// What is planned for the next six months.
    pub plan: String,
    /// The five levels, in order.
    pub levels: Vec<LevelAnswer>,
}

/// The highest level that is reached.
pub fn reached(levels: &[LevelAnswer]) -> Option<Level> {
    let reached = levels.iter().filter(|one| one.is_reached);
    reached.map(|one| one.level).max()
}

/// Levels that are not reached though a higher one is: a question to the team, not a refusal.
pub fn questioned(levels: &[LevelAnswer]) -> Vec<Level> {
    let Some(highest) = reached(levels) else {
        return Vec::new();
    };
    let known: BTreeMap<Level, bool> = levels
        .iter()
        .map(|one| (one.level, one.is_reached))
        .collect();
    Level::ALL
        .iter()
        .copied()
        .filter(|level| *level < highest && !known.get(level).copied().unwrap_or(false))
        .collect()
}

/// What somebody sends of a level.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LevelForm {
    /// `yes`, `no` or nothing.
    pub reached: String,
    /// An indicator's id, or nothing.
    pub indicator: String,
    /// How it shows it.
    pub comment: String,
}

/// What somebody sends.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PreparationForm {
    /// What was learnt.
    pub learnt: String,
    /// A whole number.
    pub users: String,
    /// Who they are.
    pub users_told: String,
    /// Euros.
    pub spent: String,
    /// What is planned.
    pub plan: String,
    /// Of each level, by its code.
    pub levels: BTreeMap<String, LevelForm>,
}

impl PreparationForm {
    /// The form of what was prepared.
    pub fn of(prepared: &Preparation) -> Self {
        let euros = |cents: i64| format!("{},{:02}", cents / 100, cents % 100);
        let levels = prepared.levels.iter().map(|one| {
            let reached = if one.is_reached { "yes" } else { "no" };
            let form = LevelForm {
                reached: reached.to_owned(),
                indicator: one.indicator.map(|id| id.to_string()).unwrap_or_default(),
                comment: one.comment.clone(),
            };
            (one.level.code().to_owned(), form)
        });
        Self {
            learnt: prepared.learnt.clone(),
            users: prepared.users.map(|n| n.to_string()).unwrap_or_default(),
            users_told: prepared.users_told.clone(),
            spent: prepared.spent_cents.map(euros).unwrap_or_default(),
            plan: prepared.plan.clone(),
            levels: levels.collect(),
        }
    }

    /// What it says, as far as it goes; `indicators` are those of the product.
    pub fn read(&self, indicators: &[Uuid]) -> Result<Preparation, Vec<Mistake>> {
        let mut reader = WORDING.reader();
        let learnt = reader.text("learnt", &self.learnt, TEXT_CHARS_MAX);
        let users = whole(&mut reader, "users", &self.users);
        let users_told = reader.text("users_told", &self.users_told, TEXT_CHARS_MAX);
        let spent_cents = reader.euros("spent", &self.spent, 0);
        let plan = reader.text("plan", &self.plan, TEXT_CHARS_MAX);
        let mut levels = Vec::new();
        for level in Level::ALL {
            let none = LevelForm::default();
            let form = self.levels.get(level.code()).unwrap_or(&none);
            let of = |part: &str| format!("{part}-{}", level.code());
            let indicator = form.indicator.trim();
            let indicator = if indicator.is_empty() {
                None
            } else {
                let known = |text: &str| {
                    let id = text.parse::<Uuid>().ok();
                    id.filter(|id| indicators.contains(id))
                };
                reader.code(of("indicator"), indicator, known)
            };
            let comment = reader.text(&of("comment"), &form.comment, TEXT_CHARS_MAX);
            let is_reached = match form.reached.as_str() {
                "yes" => true,
                "no" | "" => false,
                other => {
                    reader.wrong(of("reached"), "startups-mistake-choice", other);
                    false
                }
            };
            if is_reached && indicator.is_none() && form.indicator.trim().is_empty() {
                reader.wrong(of("indicator"), "startups-mistake-indicator", "");
            }
            if !form.reached.is_empty() {
                levels.push(LevelAnswer {
                    level: *level,
                    is_reached,
                    indicator,
                    comment,
                });
            }
        }
        reader.done(Preparation {
            learnt,
            users,
            users_told,
            spent_cents,
            plan,
            levels,
        })
    }
}

/// A whole number as people write it.
fn whole(reader: &mut Reader, field: &str, text: &str) -> Option<i64> {
    let digits: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    if digits.is_empty() {
        return None;
    }
    let read = digits.parse::<i64>().ok();
    let read = read.filter(|number| (0..=USERS_MAX).contains(number));
    if read.is_none() {
        reader.wrong(field, "startups-mistake-whole", text.trim());
    }
    read
}

impl Preparation {
    /// What is missing before the committee can read it.
    pub fn lacks(&self) -> Vec<Mistake> {
        let mut reader = WORDING.reader();
        for (field, text) in [("learnt", &self.learnt), ("plan", &self.plan)] {
            if text.is_empty() {
                reader.wrong(field, "startups-mistake-missing", "");
            }
        }
        if self.users.is_none() {
            reader.wrong("users", "startups-mistake-missing", "");
        }
        if self.spent_cents.is_none() {
            reader.wrong("spent", "startups-mistake-missing", "");
        }
        for level in Level::ALL {
            if !self.levels.iter().any(|one| one.level == *level) {
                let field = format!("reached-{}", level.code());
                reader.wrong(field, "startups-mistake-missing", "");
            }
        }
        reader.done(()).err().unwrap_or_default()
    }

    /// Whether anything was written.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// The reason that a committee gives, and its day.
pub(crate) fn read_reason(reason: &str) -> Result<String, Vec<Mistake>> {
    let mut reader = WORDING.reader();
    let reason = reader.needed("reason", reason, 2_000);
    reader.done(reason)
}

/// A day that is needed, not in the future.
pub(crate) fn past_day(reader: &mut Reader, field: &str, typed: &[String; 3], today: Date) -> Date {
    let on = reader.needed_day(field, typed);
    if on > today {
        reader.wrong(field, "startups-mistake-future", today);
    }
    on
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn levels(reached: &[(Level, bool)]) -> Vec<LevelAnswer> {
        let answer = |(level, is_reached): &(Level, bool)| LevelAnswer {
            level: *level,
            is_reached: *is_reached,
            indicator: None,
            comment: String::new(),
        };
        reached.iter().map(answer).collect()
    }

    #[test]
    fn impactful_without_used_is_questioned_and_kept() {
        let told = levels(&[
            (Level::Usable, true),
            (Level::Used, false),
            (Level::Useful, true),
            (Level::Impactful, true),
            (Level::Efficient, false),
        ]);
        assert_eq!(reached(&told), Some(Level::Impactful));
        assert_eq!(questioned(&told), [Level::Used]);
        assert!(questioned(&levels(&[(Level::Usable, true)])).is_empty());
    }

    #[test]
    fn a_level_that_is_reached_names_an_indicator_of_the_product() {
        let id = Uuid::from_u128(7);
        let with = |indicator: String| PreparationForm {
            levels: [(
                "used".to_owned(),
                LevelForm {
                    reached: "yes".into(),
                    indicator,
                    comment: String::new(),
                },
            )]
            .into(),
            ..PreparationForm::default()
        };
        let fields = |form: PreparationForm| -> Vec<String> {
            let read = form.read(&[id]).err().unwrap_or_default();
            read.into_iter().map(|one| one.field).collect()
        };
        assert_eq!(fields(with(String::new())), ["indicator-used"]);
        assert_eq!(
            fields(with(Uuid::from_u128(8).to_string())),
            ["indicator-used"]
        );
        assert!(fields(with(id.to_string())).is_empty());
    }

    #[test]
    fn numbers_and_amounts_are_read_as_people_write_them() {
        let form = |users: &str, spent: &str| PreparationForm {
            users: users.into(),
            spent: spent.into(),
            ..PreparationForm::default()
        };
        let read = form("12 500", "310 000,50 €").read(&[]).unwrap();
        assert_eq!(
            (read.users, read.spent_cents),
            (Some(12_500), Some(31_000_050))
        );
        for (users, spent, field) in [
            ("-3", "", "users"),
            ("beaucoup", "", "users"),
            ("1,5", "", "users"),
            ("", "12 000 USD", "spent"),
            ("", "-1", "spent"),
        ] {
            let mistakes = form(users, spent).read(&[]).unwrap_err();
            assert_eq!(mistakes[0].field, field);
        }
        let told = PreparationForm::of(&read);
        assert_eq!(told.read(&[]).unwrap(), read, "what was written comes back");
    }

    fn act() -> impl Strategy<Value = ReviewAct> {
        prop::sample::select(&ReviewAct::ALL[..])
    }

    proptest! {
        #[test]
        fn nothing_is_decided_unprepared_nor_twice(acts in prop::collection::vec(act(), 0..40)) {
            let mut state = ReviewState::Due;
            let (mut was_prepared, mut was_submitted, mut decisions) = (false, false, 0);
            for act in acts {
                let Some(next) = act.after(state) else { continue };
                match act {
                    ReviewAct::Prepare => was_prepared = true,
                    ReviewAct::Submit => {
                        prop_assert!(was_prepared);
                        was_submitted = true;
                    }
                    ReviewAct::GiveBack => was_submitted = false,
                    ReviewAct::Decide => {
                        prop_assert!(was_prepared && was_submitted);
                        decisions += 1;
                    }
                }
                state = next;
            }
            prop_assert!(decisions <= 1);
            prop_assert_eq!(decisions == 1, state == ReviewState::Decided);
        }

        #[test]
        fn what_is_questioned_stands_below_what_is_reached(
            told in prop::collection::vec(any::<bool>(), 5)
        ) {
            let all: Vec<(Level, bool)> = Level::ALL.iter().copied().zip(told).collect();
            let all = levels(&all);
            let highest = reached(&all);
            for level in questioned(&all) {
                prop_assert!(Some(level) < highest);
                prop_assert!(all.iter().any(|one| one.level == level && !one.is_reached));
            }
        }
    }
}
