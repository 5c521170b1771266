//! Fields that only the brigade reads.

use jiff::ToSpan as _;
use jiff::civil::Date;
use kit_acts::Reader;

/// Fields beside the usual ones.
pub(crate) trait BrigadeFields {
    /// Days in halves, typed as people do (`2`, `2,5`, `2.5`), in half days; none when empty.
    fn half_days(&mut self, field: &str, text: &str, days_max: u32) -> Option<u32>;

    /// The same, which must be more than nothing.
    fn some_half_days(&mut self, field: &str, text: &str, days_max: u32) -> u32;

    /// The first and the last day of a time, which don't come in the other order and lie at most
    /// three years apart.
    fn period(&mut self, from: &[String; 3], to: &[String; 3]) -> (Date, Date);

    /// Two days that don't come in the other order and lie at most three years apart.
    fn in_order(&mut self, first: Date, last: Date);

    /// An address of the web; may be empty.
    fn link(&mut self, field: &str, text: &str) -> String;

    /// An e-mail address, in lower case.
    fn email(&mut self, field: &str, text: &str) -> String;
}

impl BrigadeFields for Reader {
    fn half_days(&mut self, field: &str, text: &str, days_max: u32) -> Option<u32> {
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

    fn some_half_days(&mut self, field: &str, text: &str, days_max: u32) -> u32 {
        let read = self.half_days(field, text, days_max);
        match read {
            Some(0) => self.wrong(field, "brigade-mistake-days", days_max),
            None if text.trim().is_empty() => self.wrong(field, "brigade-mistake-missing", ""),
            _ => {}
        }
        read.unwrap_or(0)
    }

    fn period(&mut self, from: &[String; 3], to: &[String; 3]) -> (Date, Date) {
        let (first, last) = (self.needed_day("from", from), self.needed_day("to", to));
        if self.is_well() {
            self.in_order(first, last);
        }
        (first, last)
    }

    fn in_order(&mut self, first: Date, last: Date) {
        if last < first {
            self.wrong("to", "brigade-mistake-order", first);
        } else if last > first.saturating_add(3.years()) {
            self.wrong("to", "brigade-mistake-length", "3");
        }
    }

    fn link(&mut self, field: &str, text: &str) -> String {
        let link = self.text(field, text, 500);
        let is_web = |url: url::Url| matches!(url.scheme(), "http" | "https");
        if !link.is_empty() && !url::Url::parse(&link).is_ok_and(is_web) {
            self.wrong(field, "brigade-mistake-link", &link);
        }
        link
    }

    fn email(&mut self, field: &str, text: &str) -> String {
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
