//! The same work done by agents or by contractors. Every input is the asker's: none is a constant.
//!
//! Agents of year `y` (from 0), for `d` days of work a year by agents who work `p` days:
//! - salaries: gross × (1 + growth)^y × d / p;
//! - contributions: salaries × rate;
//! - workplace: workplace × d / p;
//! - recruitment and training, in the first year: recruitment × d / p.
//!
//! Contractors of year `y`:
//! - services: daily rate × (1 + revision)^y × d;
//! - value added tax: services × rate;
//! - steering of the contract by agents: services × rate;
//! - handing over, in the last year: daily rate of that year × days of it, with its tax.
//!
//! `d / p` isn't rounded to whole people: it is a share of working time.

use crate::{FINE, ONE_BP, discounted, grown, rounded};

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Input {
    /// Days of work that are needed in a year.
    DaysPerYear,
    /// Years.
    Years,
    /// Gross salary of an agent in a year, in cents.
    GrossSalary,
    /// The employer's contributions, of the gross salary, in basis points.
    Contributions,
    /// Workplace, equipment and support of an agent in a year, in cents.
    Workplace,
    /// Recruiting and training an agent, once, in cents.
    Recruitment,
    /// Days that an agent works in a year, leave and training taken off.
    WorkedDays,
    /// Growth of salaries a year, in basis points.
    SalaryGrowth,
    /// Daily rate of a contractor without tax, in cents.
    DailyRate,
    /// Value added tax, in basis points.
    Vat,
    /// Revision of the daily rate a year, in basis points.
    RateRevision,
    /// What agents spend to steer the contract, of its price without tax, in basis points.
    Steering,
    /// Days of the contractor to hand over at the end.
    HandoverDays,
    /// Discount rate a year, in basis points.
    Discount,
}

impl Input {
    /// Every input, in the order of the form.
    pub const ALL: [Self; 14] = [
        Self::DaysPerYear,
        Self::Years,
        Self::GrossSalary,
        Self::Contributions,
        Self::Workplace,
        Self::Recruitment,
        Self::WorkedDays,
        Self::SalaryGrowth,
        Self::DailyRate,
        Self::Vat,
        Self::RateRevision,
        Self::Steering,
        Self::HandoverDays,
        Self::Discount,
    ];

    /// Its name in addresses and files.
    pub fn code(self) -> &'static str {
        match self {
            Self::DaysPerYear => "days_per_year",
            Self::Years => "years",
            Self::GrossSalary => "gross_salary",
            Self::Contributions => "contributions",
            Self::Workplace => "workplace",
            Self::Recruitment => "recruitment",
            Self::WorkedDays => "worked_days",
            Self::SalaryGrowth => "salary_growth",
            Self::DailyRate => "daily_rate",
            Self::Vat => "vat",
            Self::RateRevision => "rate_revision",
            Self::Steering => "steering",
            Self::HandoverDays => "handover_days",
            Self::Discount => "discount",
        }
    }

    /// The least and the most that make sense.
    pub fn limits(self) -> (i64, i64) {
        match self {
            Self::DaysPerYear => (1, 100_000),
            Self::Years => (1, 20),
            Self::GrossSalary => (1_000_000, 50_000_000),
            Self::Contributions => (0, 15_000),
            Self::Workplace | Self::Recruitment => (0, 10_000_000),
            Self::WorkedDays => (100, 260),
            Self::SalaryGrowth | Self::RateRevision | Self::Discount => (0, 2_000),
            Self::DailyRate => (10_000, 500_000),
            Self::Vat => (0, 3_000),
            Self::Steering => (0, 5_000),
            Self::HandoverDays => (0, 1_000),
        }
    }
}

/// A value for each input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Inputs([i64; 14]);

impl Inputs {
    /// From one value for each; `None` when one is beyond its limits.
    pub fn new(value: impl Fn(Input) -> i64) -> Option<Self> {
        let values = Input::ALL.map(value);
        let is_within = |(input, value): (&Input, &i64)| {
            let (least, most) = input.limits();
            (least..=most).contains(value)
        };
        let all = Input::ALL.iter().zip(&values).all(is_within);
        all.then_some(Self(values))
    }

    /// The value of an input.
    pub fn get(&self, input: Input) -> i64 {
        self.0[input as usize]
    }

    /// The same with another value; `None` when it is beyond its limits.
    pub fn with(&self, input: Input, value: i64) -> Option<Self> {
        Self::new(|one| if one == input { value } else { self.get(one) })
    }
}

/// The parts of both ways: of agents, of contractors.
pub const PARTS: [(&str, bool); 8] = [
    ("salaries", true),
    ("contributions", true),
    ("workplace", true),
    ("recruitment", true),
    ("services", false),
    ("vat", false),
    ("steering", false),
    ("handover", false),
];

/// A part of the cost of one way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartCost {
    /// Its name: one of [`PARTS`].
    pub name: &'static str,
    /// Whether it is one of the agents' way.
    pub is_of_agents: bool,
    /// Discounted, by year.
    pub by_year_cents: Vec<i64>,
    /// The sum of the years.
    pub cents: i64,
}

/// Which way costs less.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Answer {
    /// Agents.
    Agents,
    /// Contractors.
    Contractors,
    /// Both cost the same to the cent.
    Equal,
}

impl Answer {
    /// Its name in files and addresses.
    pub fn code(self) -> &'static str {
        match self {
            Self::Agents => "agents",
            Self::Contractors => "contractors",
            Self::Equal => "equal",
        }
    }
}

/// Both ways side by side. Parts add up to the totals exactly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// The parts, in the order of [`PARTS`].
    pub parts: Vec<PartCost>,
    /// What agents cost.
    pub agents_cents: i64,
    /// What contractors cost.
    pub contractors_cents: i64,
    /// A day of work of an agent, over all years, rounded.
    pub agents_day_cents: i64,
    /// A day of work of a contractor, tax and steering included, over all years, rounded.
    pub contractors_day_cents: i64,
}

impl Comparison {
    /// What contractors cost more; below zero when they cost less.
    pub fn difference_cents(&self) -> i64 {
        self.contractors_cents - self.agents_cents
    }

    /// Which way costs less.
    pub fn answer(&self) -> Answer {
        match self.difference_cents().signum() {
            1 => Answer::Agents,
            0 => Answer::Equal,
            _ => Answer::Contractors,
        }
    }

    /// What contractors cost as a share of what agents cost, in basis points, rounded.
    pub fn ratio_bp(&self) -> Option<i64> {
        if self.agents_cents <= 0 {
            return None;
        }
        let contractors = i128::from(self.contractors_cents) * ONE_BP;
        rounded(contractors, i128::from(self.agents_cents))
    }
}

/// Compares both ways. `None` when an amount leaves 64 bits.
pub fn compare(inputs: &Inputs) -> Option<Comparison> {
    let get = |input| inputs.get(input);
    let wide = |input| i128::from(inputs.get(input));
    let years = u32::try_from(get(Input::Years)).ok()?;
    let (days, worked) = (wide(Input::DaysPerYear), wide(Input::WorkedDays));
    let share = |cents: i128| rounded(cents.checked_mul(days)?, worked);
    let mut by_year: [Vec<i64>; 8] = Default::default();
    for year in 0..years {
        let (is_first, is_last) = (year == 0, year + 1 == years);
        let gross = grown(
            wide(Input::GrossSalary) * FINE,
            get(Input::SalaryGrowth),
            year,
        )?;
        let salaries = rounded(gross.checked_mul(days)?, worked * FINE)?;
        let of = |cents: i64, rate: Input| rounded(i128::from(cents) * wide(rate), ONE_BP);
        let rate = grown(
            wide(Input::DailyRate) * FINE,
            get(Input::RateRevision),
            year,
        )?;
        let services = rounded(rate.checked_mul(days)?, FINE)?;
        let handover = if is_last {
            let price = rounded(rate.checked_mul(wide(Input::HandoverDays))?, FINE)?;
            price.checked_add(of(price, Input::Vat)?)?
        } else {
            0
        };
        let of_year = [
            salaries,
            of(salaries, Input::Contributions)?,
            share(wide(Input::Workplace))?,
            if is_first {
                share(wide(Input::Recruitment))?
            } else {
                0
            },
            services,
            of(services, Input::Vat)?,
            of(services, Input::Steering)?,
            handover,
        ];
        for (years, cents) in by_year.iter_mut().zip(of_year) {
            years.push(discounted(cents, get(Input::Discount), year)?);
        }
    }
    let mut parts = Vec::with_capacity(PARTS.len());
    for ((name, is_of_agents), years) in PARTS.into_iter().zip(by_year) {
        let cents = years
            .iter()
            .try_fold(0_i64, |sum, one| sum.checked_add(*one))?;
        parts.push(PartCost {
            name,
            is_of_agents,
            by_year_cents: years,
            cents,
        });
    }
    let total = |of_agents: bool| {
        let own = parts.iter().filter(|part| part.is_of_agents == of_agents);
        own.map(|part| part.cents).try_fold(0_i64, i64::checked_add)
    };
    let (agents, contractors) = (total(true)?, total(false)?);
    let all_days = days * i128::from(years);
    Some(Comparison {
        agents_day_cents: rounded(i128::from(agents), all_days)?,
        contractors_day_cents: rounded(i128::from(contractors), all_days)?,
        agents_cents: agents,
        contractors_cents: contractors,
        parts,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// 205 days a year of an agent who works 205, one year, no growth: one agent, one contractor.
    fn plain() -> Inputs {
        Inputs::new(|input| match input {
            Input::DaysPerYear | Input::WorkedDays => 205,
            Input::Years => 1,
            Input::GrossSalary => 5_000_000,
            Input::Contributions => 5_000,
            Input::Workplace => 800_000,
            Input::Recruitment => 300_000,
            Input::DailyRate => 60_000,
            Input::Vat => 2_000,
            Input::Steering => 500,
            Input::HandoverDays => 10,
            Input::SalaryGrowth | Input::RateRevision | Input::Discount => 0,
        })
        .unwrap()
    }

    #[test]
    fn one_agent_and_one_contractor_worked_by_hand() {
        let both = compare(&plain()).unwrap();
        // 50 000 + 25 000 + 8 000 + 3 000 €.
        assert_eq!(both.agents_cents, 8_600_000);
        // 205 × 600 = 123 000; tax 24 600; steering 6 150; handing over 6 000 + 1 200.
        assert_eq!(both.contractors_cents, 16_095_000);
        assert_eq!(both.answer(), Answer::Agents);
        assert_eq!(both.ratio_bp(), Some(18_715));
        assert_eq!(both.agents_day_cents, 41_951);
    }

    #[test]
    fn the_daily_rate_at_which_the_answer_flips() {
        let base = plain();
        let range = crate::Range {
            low: 40_000,
            high: 90_000,
            least: 10_000,
            most: 500_000,
        };
        let result = |rate| {
            let moved = base.with(Input::DailyRate, rate)?;
            Some(compare(&moved)?.difference_cents())
        };
        let swing = crate::swing(60_000, range, result).unwrap();
        let flip = swing.flips_at.unwrap();
        assert!(result(flip).unwrap() <= 0 && result(flip + 1).unwrap() > 0);
        assert_eq!(flip, 32_059);
    }

    #[test]
    fn what_is_beyond_its_limits_is_refused() {
        for input in Input::ALL {
            let (least, most) = input.limits();
            assert!(plain().with(input, least).is_some() && plain().with(input, most).is_some());
            assert_eq!(plain().with(input, least - 1), None, "{input:?}");
            assert_eq!(plain().with(input, most + 1), None, "{input:?}");
        }
        let most = Inputs::new(|input| input.limits().1).unwrap();
        assert!(compare(&most).is_some(), "the largest inputs fit");
    }

    fn any_inputs() -> impl Strategy<Value = Inputs> {
        let ranges: Vec<_> = Input::ALL
            .into_iter()
            .map(|input| input.limits().0..=input.limits().1)
            .collect();
        ranges.prop_map(|values| Inputs::new(|input| values[input as usize]).unwrap())
    }

    const COSTS: [(Input, bool); 11] = [
        (Input::GrossSalary, true),
        (Input::Contributions, true),
        (Input::Workplace, true),
        (Input::Recruitment, true),
        (Input::SalaryGrowth, true),
        (Input::DailyRate, false),
        (Input::Vat, false),
        (Input::RateRevision, false),
        (Input::Steering, false),
        (Input::HandoverDays, false),
        (Input::DaysPerYear, false),
    ];

    proptest! {
        #[test]
        fn parts_add_up_exactly(inputs in any_inputs()) {
            let both = compare(&inputs).unwrap();
            let sum = |agents: bool| both.parts.iter().filter(|part| part.is_of_agents == agents)
                .map(|part| part.by_year_cents.iter().sum::<i64>()).sum::<i64>();
            prop_assert_eq!(sum(true), both.agents_cents);
            prop_assert_eq!(sum(false), both.contractors_cents);
        }

        #[test]
        fn dearer_inputs_never_lower_their_side(inputs in any_inputs(), at in 0..11_usize, by in 1_i64..5_000) {
            let (input, of_agents) = COSTS[at];
            if let Some(dearer) = inputs.with(input, inputs.get(input) + by) {
                let (before, after) = (compare(&inputs).unwrap(), compare(&dearer).unwrap());
                if of_agents {
                    prop_assert!(after.agents_cents >= before.agents_cents);
                    prop_assert_eq!(after.contractors_cents, before.contractors_cents);
                } else {
                    prop_assert!(after.contractors_cents >= before.contractors_cents);
                }
            }
        }

        #[test]
        fn discounting_never_raises_a_cost(inputs in any_inputs()) {
            let plain = compare(&inputs.with(Input::Discount, 0).unwrap()).unwrap();
            let both = compare(&inputs).unwrap();
            prop_assert!(both.agents_cents <= plain.agents_cents);
            prop_assert!(both.contractors_cents <= plain.contractors_cents);
        }
    }
}
