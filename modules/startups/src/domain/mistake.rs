//! Mistakes in what a person filled in, and the reading of fields.

use jiff::civil::Date;
use tabular::Cell;

/// The largest amount: a thousand billion euros, in cents.
const CENTS_MAX: i64 = 100_000_000_000_000;

/// A mistake in one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// The field's name, as sent.
    pub field: String,
    /// The key of its words.
    pub key: &'static str,
    /// What the words name: the value that is wrong, or the limit.
    pub value: String,
}

impl Mistake {
    /// A mistake whose words name a value.
    pub fn about(field: impl Into<String>, key: &'static str, value: impl ToString) -> Self {
        Self {
            field: field.into(),
            key,
            value: value.to_string(),
        }
    }
}

/// Fields read one after the other, their mistakes kept.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    mistakes: Vec<Mistake>,
}

impl Reader {
    /// What was read, or the mistakes.
    pub(crate) fn done<T>(self, read: T) -> Result<T, Vec<Mistake>> {
        if self.mistakes.is_empty() {
            Ok(read)
        } else {
            Err(self.mistakes)
        }
    }

    /// Whether something was wrong by now.
    pub(crate) fn is_wrong(&self) -> bool {
        !self.mistakes.is_empty()
    }

    pub(crate) fn wrong(
        &mut self,
        field: impl Into<String>,
        key: &'static str,
        value: impl ToString,
    ) {
        self.mistakes.push(Mistake::about(field, key, value));
    }

    /// A text without surrounding blanks, of at most `chars_max` characters.
    pub(crate) fn text(&mut self, field: &str, text: &str, chars_max: usize) -> String {
        let text = text.trim();
        if text.chars().count() > chars_max {
            self.wrong(field, "startups-mistake-long", chars_max);
        }
        if text
            .chars()
            .any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
        {
            self.wrong(field, "startups-mistake-control", "");
        }
        text.to_owned()
    }

    /// The same, which must say something.
    pub(crate) fn needed(&mut self, field: &str, text: &str, chars_max: usize) -> String {
        let text = self.text(field, text, chars_max);
        if text.is_empty() {
            self.wrong(field, "startups-mistake-missing", "");
        }
        text
    }

    /// A day of the calendar between 1990 and 2100.
    pub(crate) fn day(&mut self, field: &str, [day, month, year]: &[String; 3]) -> Option<Date> {
        if [day, month, year].iter().all(|part| part.trim().is_empty()) {
            return None;
        }
        let number = |text: &str| text.trim().parse::<i16>().ok();
        let read = match (number(year), number(month), number(day)) {
            (Some(year), Some(month), Some(day)) => {
                match (i8::try_from(month), i8::try_from(day)) {
                    (Ok(month), Ok(day)) => Date::new(year, month, day).ok(),
                    _ => None,
                }
            }
            _ => None,
        };
        let read = read.filter(|date| (1990..=2100).contains(&date.year()));
        if read.is_none() {
            self.wrong(
                field,
                "startups-mistake-date",
                format!("{day}/{month}/{year}"),
            );
        }
        read
    }

    /// The same, which must be told.
    pub(crate) fn needed_day(&mut self, field: &str, typed: &[String; 3]) -> Date {
        if typed.iter().all(|part| part.trim().is_empty()) {
            self.wrong(field, "startups-mistake-missing", "");
        }
        self.day(field, typed).unwrap_or(Date::MIN)
    }

    /// One of the known codes.
    pub(crate) fn code<T: Copy>(
        &mut self,
        field: impl Into<String>,
        text: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let read = parse(text);
        if read.is_none() {
            self.wrong(field, "startups-mistake-choice", text);
        }
        read
    }

    /// An amount in euros, in cents; none when the field is empty. Another currency is
    /// refused: nothing here converts.
    pub(crate) fn amount(&mut self, field: &str, text: &str) -> Option<i64> {
        let text = text.trim();
        if text.is_empty() {
            return None;
        }
        let upper = text.to_uppercase();
        let foreign = upper.contains(['$', '£', '¥'])
            || ["USD", "GBP", "CHF", "JPY", "DOLLAR", "LIVRE"]
                .iter()
                .any(|name| upper.contains(name));
        if foreign {
            self.wrong(field, "startups-mistake-currency", text);
            return None;
        }
        let read = tabular::amount_cents(&Cell::Text(text.to_owned()), 100);
        match read {
            Some(cents) if (0..=CENTS_MAX).contains(&cents) => Some(cents),
            _ => {
                self.wrong(field, "startups-mistake-amount", text);
                None
            }
        }
    }
}
