//! Calendars that other programs read (iCalendar, RFC 5545): whole days, nothing but titles.

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _};
use uuid::Uuid;

use super::life::MissionState;

/// Most bytes of a line before it is folded (RFC 5545, 3.1).
const LINE_BYTES_MAX: usize = 75;

/// A mission in a calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalendarEntry {
    /// Its id.
    pub id: Uuid,
    /// Its title.
    pub title: String,
    /// Its first day.
    pub from: Date,
    /// Its last day.
    pub to: Date,
    /// Where it stands.
    pub state: MissionState,
    /// Its version, which grows with each change.
    pub version: i64,
    /// When it was changed last.
    pub changed_at: Timestamp,
}

/// A text as a value: RFC 5545, 3.3.11.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | ';' | ',' => {
                escaped.push('\\');
                escaped.push(c);
            }
            '\n' => escaped.push_str("\\n"),
            c if c.is_control() => {}
            c => escaped.push(c),
        }
    }
    escaped
}

/// Appends a line, folded before it has more than 75 bytes and never inside a character.
fn line(to: &mut String, text: &str) {
    let mut bytes = 0;
    for c in text.chars() {
        if bytes + c.len_utf8() > LINE_BYTES_MAX {
            to.push_str("\r\n ");
            bytes = 1;
        }
        to.push(c);
        bytes += c.len_utf8();
    }
    to.push_str("\r\n");
}

fn day(on: Date) -> String {
    on.strftime("%Y%m%d").to_string()
}

/// The calendar of some missions; `name` is its title, `host` makes the entries' ids unique.
pub fn calendar(name: &str, host: &str, entries: &[CalendarEntry]) -> String {
    let mut text = String::new();
    for fixed in [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Gouvernail//Brigade//FR",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
    ] {
        line(&mut text, fixed);
    }
    line(&mut text, &format!("X-WR-CALNAME:{}", escaped(name)));
    for one in entries {
        let status = match one.state {
            MissionState::Proposed => "TENTATIVE",
            MissionState::Cancelled => "CANCELLED",
            _ => "CONFIRMED",
        };
        // The end of a whole day is the next one.
        let end = one.to.saturating_add(1.day());
        let stamp = one.changed_at.strftime("%Y%m%dT%H%M%SZ");
        for of_entry in [
            "BEGIN:VEVENT".to_owned(),
            format!("UID:{}@{}", one.id, escaped(host)),
            format!("DTSTAMP:{stamp}"),
            format!("SEQUENCE:{}", one.version.max(0)),
            format!("DTSTART;VALUE=DATE:{}", day(one.from)),
            format!("DTEND;VALUE=DATE:{}", day(end)),
            format!("SUMMARY:{}", escaped(&one.title)),
            format!("STATUS:{status}"),
            "TRANSP:TRANSPARENT".to_owned(),
            "END:VEVENT".to_owned(),
        ] {
            line(&mut text, &of_entry);
        }
    }
    line(&mut text, "END:VCALENDAR");
    text
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    fn entry(title: &str) -> CalendarEntry {
        CalendarEntry {
            id: Uuid::from_u128(7),
            title: title.to_owned(),
            from: date(2026, 2, 27),
            to: date(2026, 2, 28),
            state: MissionState::Agreed,
            version: 3,
            changed_at: "2026-02-01T10:20:30Z".parse().unwrap(),
        }
    }

    /// What a calendar program reads: lines unfolded, a value unescaped.
    fn summary(text: &str) -> String {
        let unfolded = text.replace("\r\n ", "");
        let line = unfolded
            .lines()
            .find_map(|line| line.strip_prefix("SUMMARY:"))
            .unwrap();
        let mut read = String::new();
        let mut chars = line.chars();
        while let Some(c) = chars.next() {
            match c {
                '\\' => match chars.next().unwrap() {
                    'n' => read.push('\n'),
                    other => read.push(other),
                },
                c => read.push(c),
            }
        }
        read
    }

    #[test]
    fn a_mission_is_whole_days() {
        let text = calendar("Brigade", "g.example", &[entry("Audit")]);
        for line in [
            "DTSTART;VALUE=DATE:20260227\r\n",
            "DTEND;VALUE=DATE:20260301\r\n",
            "DTSTAMP:20260201T102030Z\r\n",
            "STATUS:CONFIRMED\r\n",
            "SEQUENCE:3\r\n",
        ] {
            assert!(text.contains(line), "{text}");
        }
        assert!(text.starts_with("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n"));
        assert!(text.ends_with("END:VEVENT\r\nEND:VCALENDAR\r\n"));
    }

    #[test]
    fn a_title_adds_no_line() {
        let text = calendar("B", "g.example", &[entry("A\r\nATTENDEE:x@y.example;,\\")]);
        assert!(!text.contains("\nATTENDEE"));
        assert!(text.contains("SUMMARY:A\\nATTENDEE:x@y.example\\;\\,\\\\\r\n"));
    }

    proptest! {
        #[test]
        fn lines_are_short_and_read_back(title in "[^\\p{Cc}]{0,300}") {
            let text = calendar("B", "g.example", &[entry(&title)]);
            for line in text.split("\r\n") {
                prop_assert!(line.len() <= 75);
            }
            prop_assert_eq!(summary(&text), title);
        }
    }
}
