//! Mistakes in what a person filled in, and the reading of fields.

use jiff::ToSpan as _;
use jiff::civil::Date;

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

    /// Whether nothing was wrong so far.
    pub(crate) fn is_well(&self) -> bool {
        self.mistakes.is_empty()
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
            self.wrong(field, "brigade-mistake-long", chars_max);
        }
        if text
            .chars()
            .any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
        {
            self.wrong(field, "brigade-mistake-control", "");
        }
        text.to_owned()
    }

    /// The same, which must say something.
    pub(crate) fn needed(&mut self, field: &str, text: &str, chars_max: usize) -> String {
        let text = self.text(field, text, chars_max);
        if text.is_empty() {
            self.wrong(field, "brigade-mistake-missing", "");
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
                "brigade-mistake-date",
                format!("{day}/{month}/{year}"),
            );
        }
        read
    }

    /// The same, which must be told.
    pub(crate) fn needed_day(&mut self, field: &str, typed: &[String; 3]) -> Date {
        if typed.iter().all(|part| part.trim().is_empty()) {
            self.wrong(field, "brigade-mistake-missing", "");
        }
        self.day(field, typed).unwrap_or(Date::MIN)
    }

    /// One of the known codes.
    pub(crate) fn code<T: Copy>(
        &mut self,
        field: &str,
        text: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let read = parse(text);
        if read.is_none() {
            self.wrong(field, "brigade-mistake-choice", text);
        }
        read
    }

    /// Days in halves, typed as people do (`2`, `2,5`, `2.5`), in half days; none when empty.
    pub(crate) fn half_days(&mut self, field: &str, text: &str, days_max: u32) -> Option<u32> {
        let text = text.trim();
        if text.is_empty() {
            return None;
        }
        let (whole, half) = match text.split_once([',', '.']) {
            None => (text, Some(0)),
            Some((whole, "0" | "00")) => (whole, Some(0)),
            Some((whole, "5" | "50")) => (whole, Some(1)),
            Some((whole, _)) => (whole, None),
        };
        let days = whole.parse::<u32>().ok().filter(|days| *days <= days_max);
        let read = days
            .zip(half)
            .map(|(days, half)| days * 2 + half)
            .filter(|half_days| *half_days <= days_max * 2);
        if read.is_none() {
            self.wrong(field, "brigade-mistake-days", days_max);
        }
        read
    }

    /// The same, which must be more than nothing.
    pub(crate) fn some_half_days(&mut self, field: &str, text: &str, days_max: u32) -> u32 {
        let read = self.half_days(field, text, days_max);
        match read {
            Some(0) => self.wrong(field, "brigade-mistake-days", days_max),
            None if text.trim().is_empty() => self.wrong(field, "brigade-mistake-missing", ""),
            _ => {}
        }
        read.unwrap_or(0)
    }

    /// The first and the last day of a time, which don't come in the other order and lie at most
    /// three years apart.
    pub(crate) fn period(&mut self, from: &[String; 3], to: &[String; 3]) -> (Date, Date) {
        let (first, last) = (self.needed_day("from", from), self.needed_day("to", to));
        if self.mistakes.is_empty() {
            self.in_order(first, last);
        }
        (first, last)
    }

    /// Two days that don't come in the other order and lie at most three years apart.
    pub(crate) fn in_order(&mut self, first: Date, last: Date) {
        if last < first {
            self.wrong("to", "brigade-mistake-order", first);
        } else if last > first.saturating_add(3.years()) {
            self.wrong("to", "brigade-mistake-length", "3");
        }
    }

    /// An address of the web; may be empty.
    pub(crate) fn link(&mut self, field: &str, text: &str) -> String {
        let link = self.text(field, text, 500);
        let is_web = |url: url::Url| matches!(url.scheme(), "http" | "https");
        if !link.is_empty() && !url::Url::parse(&link).is_ok_and(is_web) {
            self.wrong(field, "brigade-mistake-link", &link);
        }
        link
    }

    /// An e-mail address, in lower case.
    pub(crate) fn email(&mut self, field: &str, text: &str) -> String {
        let email = self.needed(field, text, 254).to_lowercase();
        let is_plain = |part: &str| {
            !part.is_empty() && !part.contains(|c: char| c.is_whitespace() || "@<>,;\"".contains(c))
        };
        let reads = email
            .split_once('@')
            .is_some_and(|(who, host)| is_plain(who) && is_plain(host) && host.contains('.'));
        if !email.is_empty() && !reads {
            self.wrong(field, "brigade-mistake-email", &email);
        }
        email
    }
}
