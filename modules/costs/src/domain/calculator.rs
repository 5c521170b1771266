//! The calculator's inputs as people type them. What isn't typed stands for an order of magnitude
//! that the page shows as one, to be replaced.

use ownership::{Answer, Comparison, Input, Inputs, Range, Swing, compare, swing};

use super::{Decimal, Mistake};

/// How an input is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Euros.
    Euros,
    /// A percentage.
    Percent,
    /// A whole number.
    Whole,
}

/// How an input is typed.
pub fn unit(input: Input) -> Unit {
    match input {
        Input::GrossSalary | Input::Workplace | Input::Recruitment | Input::DailyRate => {
            Unit::Euros
        }
        Input::Contributions
        | Input::SalaryGrowth
        | Input::Vat
        | Input::RateRevision
        | Input::Steering
        | Input::Discount => Unit::Percent,
        Input::DaysPerYear | Input::Years | Input::WorkedDays | Input::HandoverDays => Unit::Whole,
    }
}

/// An order of magnitude to begin with, as it is typed.
pub fn order_of_magnitude(input: Input) -> &'static str {
    match input {
        Input::DaysPerYear | Input::WorkedDays => "205",
        Input::Years => "3",
        Input::GrossSalary => "52000",
        Input::Contributions => "45",
        Input::Workplace => "9000",
        Input::Recruitment => "6000",
        Input::SalaryGrowth => "2",
        Input::DailyRate => "600",
        Input::Vat => "20",
        Input::RateRevision => "2,5",
        Input::Steering => "8",
        Input::HandoverDays => "15",
        Input::Discount => "0",
    }
}

/// How far each input is moved, in percent of itself, when nothing is typed.
pub const SPREAD: &str = "20";
/// The farthest, in percent.
pub const SPREAD_MAX: i64 = 90;

/// A value as it is typed, for a limit that is shown.
pub fn typed(input: Input, value: i64) -> String {
    let decimal = match unit(input) {
        Unit::Euros | Unit::Percent => Decimal(value.saturating_mul(10_000)),
        Unit::Whole => Decimal::whole(value),
    };
    decimal.to_string().replace('.', ",")
}

/// What was asked, and what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compared {
    /// The inputs.
    pub inputs: Inputs,
    /// Both ways.
    pub both: Comparison,
    /// How far inputs are moved, in percent.
    pub spread: i64,
    /// What moving each input alone does to the difference, the widest first: low, high, swing.
    pub swings: Vec<(Input, i64, i64, Swing)>,
}

impl Compared {
    /// Which way costs less.
    pub fn answer(&self) -> Answer {
        self.both.answer()
    }
}

/// Reads the inputs: a text for each by its name, empty when it wasn't typed.
pub fn read<'t>(text: impl Fn(&str) -> &'t str) -> Result<Compared, Vec<Mistake>> {
    let mut mistakes = Vec::new();
    let mut values = [0_i64; Input::ALL.len()];
    for (value, input) in values.iter_mut().zip(Input::ALL) {
        let told = match text(input.code()).trim() {
            "" => order_of_magnitude(input),
            told => told,
        };
        let bare = told.trim_end_matches(['%', '€']).trim();
        let parts = match unit(input) {
            Unit::Euros | Unit::Percent => 100,
            Unit::Whole => 1,
        };
        let (least, most) = input.limits();
        let read = Decimal::parse(bare)
            .and_then(|decimal| decimal.in_parts(parts))
            .filter(|value| (least..=most).contains(value));
        match read {
            Some(read) => *value = read,
            None => {
                let limits = format!("{} – {}", typed(input, least), typed(input, most));
                mistakes.push(Mistake::new(input.code(), "costs-mistake-input", limits));
            }
        }
    }
    let told = match text("spread").trim() {
        "" => SPREAD,
        told => told,
    };
    let spread = told.trim_end_matches('%').trim().parse::<i64>().ok();
    let spread = spread.filter(|spread| (1..=SPREAD_MAX).contains(spread));
    if spread.is_none() {
        let limits = format!("1 – {SPREAD_MAX}");
        mistakes.push(Mistake::new("spread", "costs-mistake-input", limits));
    }
    let (Some(spread), true) = (spread, mistakes.is_empty()) else {
        return Err(mistakes);
    };
    let sum = || vec![Mistake::new("days_per_year", "costs-mistake-sum", "")];
    let inputs = Inputs::new(|input| values[input as usize]).ok_or_else(sum)?;
    let both = compare(&inputs).ok_or_else(sum)?;
    let mut swings = Vec::new();
    for input in Input::ALL {
        let value = inputs.get(input);
        let (least, most) = input.limits();
        let by = (value * spread / 100).max(i64::from(value > 0));
        let range = Range {
            low: (value - by).max(least),
            high: (value + by).min(most),
            least,
            most,
        };
        let result = |moved| Some(compare(&inputs.with(input, moved)?)?.difference_cents());
        let swing = swing(value, range, result).ok_or_else(sum)?;
        swings.push((input, range.low, range.high, swing));
    }
    swings.sort_by_key(|(input, .., swing)| (std::cmp::Reverse(swing.width()), *input));
    Ok(Compared {
        inputs,
        both,
        spread,
        swings,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_typed_is_an_order_of_magnitude() {
        let compared = read(|_| "").unwrap();
        assert_eq!(compared.inputs.get(Input::DailyRate), 60_000);
        assert_eq!(compared.swings.len(), 14);
        assert!(compared.swings[0].3.width() >= compared.swings[13].3.width());
    }

    #[test]
    fn each_input_has_limits_that_are_named() {
        for input in Input::ALL {
            for wrong in ["-1", "x", "99999999999"] {
                let told = read(|name| if name == input.code() { wrong } else { "" });
                let told = told.unwrap_err();
                assert_eq!((told.len(), told[0].field.as_str()), (1, input.code()));
                assert!(told[0].value.contains('–'), "{}", told[0].value);
            }
        }
        let told = read(|name| if name == "spread" { "91" } else { "" }).unwrap_err();
        assert_eq!(
            (told[0].field.as_str(), told[0].value.as_str()),
            ("spread", "1 – 90")
        );
    }

    #[test]
    fn values_are_read_as_people_write_them() {
        let compared = read(|name| match name {
            "gross_salary" => "48 000,50 €",
            "contributions" => "42,5 %",
            _ => "",
        })
        .unwrap();
        assert_eq!(compared.inputs.get(Input::GrossSalary), 4_800_050);
        assert_eq!(compared.inputs.get(Input::Contributions), 4_250);
        assert_eq!(typed(Input::Contributions, 4_250), "42,5");
    }
}
