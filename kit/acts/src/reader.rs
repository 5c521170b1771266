//! Fields of a form, read one after the other.

use jiff::civil::Date;
use tabular::Cell;

use crate::{Mistake, MistakeKeys};

/// The largest amount: a thousand billion euros, in cents.
const CENTS_MAX: i64 = 100_000_000_000_000;

/// Fields read one after the other, their mistakes kept: a person is told all of them at once.
#[derive(Debug)]
pub struct Reader {
    keys: MistakeKeys,
    mistakes: Vec<Mistake>,
}

impl Reader {
    /// Nothing read yet; mistakes are told by these words.
    pub fn new(keys: MistakeKeys) -> Self {
        Self {
            keys,
            mistakes: Vec::new(),
        }
    }

    /// What was read, or the mistakes.
    pub fn done<T>(self, read: T) -> Result<T, Vec<Mistake>> {
        if self.mistakes.is_empty() {
            Ok(read)
        } else {
            Err(self.mistakes)
        }
    }

    /// Whether nothing was wrong so far.
    pub fn is_well(&self) -> bool {
        self.mistakes.is_empty()
    }

    /// Keeps a mistake of the module's own.
    pub fn wrong(&mut self, field: impl Into<String>, key: &'static str, value: impl ToString) {
        self.mistakes.push(Mistake::about(field, key, value));
    }

    /// A text without surrounding blanks, of at most `chars_max` characters.
    pub fn text(&mut self, field: &str, text: &str, chars_max: usize) -> String {
        let text = text.trim();
        if text.chars().count() > chars_max {
            self.wrong(field, self.keys.long, chars_max);
        }
        if text
            .chars()
            .any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
        {
            self.wrong(field, self.keys.control, "");
        }
        text.to_owned()
    }

    /// The same, which must say something.
    pub fn needed(&mut self, field: &str, text: &str, chars_max: usize) -> String {
        let text = self.text(field, text, chars_max);
        self.told(field, &text);
        text
    }

    /// A day of the calendar between 1990 and 2100, from day, month and year; none when all three are
    /// empty.
    pub fn day(&mut self, field: &str, [day, month, year]: &[String; 3]) -> Option<Date> {
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
            self.wrong(field, self.keys.date, format!("{day}/{month}/{year}"));
        }
        read
    }

    /// The same, which must be told; the first day of all when it isn't.
    pub fn needed_day(&mut self, field: &str, typed: &[String; 3]) -> Date {
        self.told(field, &typed.concat());
        self.day(field, typed).unwrap_or(Date::MIN)
    }

    /// One of the known codes.
    pub fn code<T: Copy>(
        &mut self,
        field: impl Into<String>,
        text: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let read = parse(text);
        if read.is_none() {
            self.wrong(field, self.keys.choice, text);
        }
        read
    }

    /// An amount in euros, in cents, of at least `cents_min`; none when the field is empty.
    pub fn euros(&mut self, field: &str, text: &str, cents_min: i64) -> Option<i64> {
        self.amount(field, text, 100, cents_min)
    }

    /// An amount in millions of euros, in cents; none when the field is empty.
    pub fn millions(&mut self, field: &str, text: &str) -> Option<i64> {
        self.amount(field, text, 100_000_000, 0)
    }

    /// An amount in euros of at least a cent, which must be told; nothing when it isn't.
    pub fn needed_euros(&mut self, field: &str, text: &str) -> i64 {
        self.told(field, text);
        self.euros(field, text, 1).unwrap_or(0)
    }

    /// Another currency is refused: nothing here converts.
    fn amount(&mut self, field: &str, text: &str, unit_cents: i64, cents_min: i64) -> Option<i64> {
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
            self.wrong(field, self.keys.currency, text);
            return None;
        }
        let read = tabular::amount_cents(&Cell::Text(text.to_owned()), unit_cents);
        match read {
            Some(cents) if (cents_min..=CENTS_MAX).contains(&cents) => Some(cents),
            _ => {
                self.wrong(field, self.keys.amount, text);
                None
            }
        }
    }

    /// A whole number from the first to the last of a range; none when the field is empty.
    pub fn whole(&mut self, field: &str, text: &str, (from, to): (i64, i64)) -> Option<i64> {
        let text = text.trim();
        if text.is_empty() {
            return None;
        }
        let read = text
            .parse()
            .ok()
            .filter(|number| (from..=to).contains(number));
        if read.is_none() {
            self.wrong(field, self.keys.whole, format!("{from}\u{a0}–\u{a0}{to}"));
        }
        read
    }

    fn told(&mut self, field: &str, text: &str) {
        if text.trim().is_empty() {
            self.wrong(field, self.keys.missing, "");
        }
    }
}

/// A day as three fields show it: day, month, year.
pub fn typed(on: Date) -> [String; 3] {
    [
        on.day().to_string(),
        on.month().to_string(),
        on.year().to_string(),
    ]
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    const WORDING: crate::Wording = crate::wording!("test");

    fn wrong<T: std::fmt::Debug>(read: impl FnOnce(&mut Reader) -> T) -> Vec<&'static str> {
        let mut reader = WORDING.reader();
        let value = read(&mut reader);
        let mistakes = reader.done(value).err().unwrap_or_default();
        mistakes.iter().map(|one| one.key).collect()
    }

    #[test]
    fn a_text_has_a_length_and_no_control_characters() {
        assert!(wrong(|r| r.needed("a", " un\nmot ", 6)).is_empty());
        assert_eq!(wrong(|r| r.needed("a", "un mot", 5)), ["test-mistake-long"]);
        assert_eq!(wrong(|r| r.text("a", "\u{7}", 5)), ["test-mistake-control"]);
        assert_eq!(wrong(|r| r.needed("a", " \n", 5)), ["test-mistake-missing"]);
    }

    #[test]
    fn a_day_is_of_the_calendar() {
        let three = |text: &str| {
            let mut parts = text.split('/').map(str::to_owned);
            std::array::from_fn(|_| parts.next().unwrap_or_default())
        };
        let read = |text: &str| wrong(|r| r.day("on", &three(text)));
        assert!(read("29/2/2028").is_empty());
        assert!(read("").is_empty());
        for text in [
            "29/2/2026",
            "1/1/1989",
            "1/1/2101",
            "1/13/2026",
            "un/1/2026",
            "1/1/",
        ] {
            assert_eq!(read(text), ["test-mistake-date"], "{text}");
        }
        assert_eq!(
            wrong(|r| r.needed_day("on", &three(""))),
            ["test-mistake-missing"]
        );
        let on = date(2026, 3, 2);
        assert_eq!(WORDING.reader().day("on", &typed(on)), Some(on));
    }

    #[test]
    fn an_amount_is_in_euros_within_limits() {
        let euros = |text: &str, cents_min| WORDING.reader().euros("a", text, cents_min);
        assert_eq!(euros("1 234,50", 1), Some(123_450));
        assert_eq!(euros("0", 0), Some(0));
        assert_eq!(euros("0", 1), None);
        assert_eq!(WORDING.reader().millions("a", "9"), Some(900_000_000));
        let read = |text: &str| wrong(|r| r.euros("a", text, 1));
        assert_eq!(read("12 $"), ["test-mistake-currency"]);
        assert_eq!(read("12 livres"), ["test-mistake-currency"]);
        assert_eq!(read("beaucoup"), ["test-mistake-amount"]);
        assert_eq!(read("1000000000001"), ["test-mistake-amount"]);
        assert_eq!(wrong(|r| r.needed_euros("a", "")), ["test-mistake-missing"]);
    }

    #[test]
    fn a_whole_number_is_within_its_range() {
        let read = |text: &str| WORDING.reader().whole("a", text, (1, 24));
        assert_eq!([read(" 24 "), read(""), read("0")], [Some(24), None, None]);
        assert_eq!(
            wrong(|r| r.whole("a", "2,5", (1, 24))),
            ["test-mistake-whole"]
        );
    }

    #[test]
    fn a_code_is_one_of_the_known() {
        let parse = |text: &str| (text == "yes").then_some(true);
        assert!(wrong(|r| r.code("a", "yes", parse)).is_empty());
        assert_eq!(wrong(|r| r.code("a", "no", parse)), ["test-mistake-choice"]);
    }
}
