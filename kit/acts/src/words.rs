//! What pages say in the same way: days, codes, columns, what happened, what is published.

use jiff::civil::Date;
use kit_http::{Cx, Fields};
use kit_ui::{Cell, Column, Field, Timeline, TimelineEvent, Tone, Words, format};
use uuid::Uuid;

use crate::{Event, Mistake, Publication, PublicationForm, Wording};

/// The most characters of a text in short.
const SHORT_CHARS_MAX: usize = 120;

/// A name, a colon in the reader's way, a value.
pub fn pair(words: &Words, name: &str, value: &str) -> String {
    format!("{name}{} {value}", words.text("colon"))
}

/// A mistake in words; a value that is a day is told as one.
pub fn mistake_text(words: &Words, mistake: &Mistake) -> String {
    let value = match mistake.value.parse::<Date>() {
        Ok(day) => format::date(words.locale, day),
        Err(_) => mistake.value.clone(),
    };
    words.text_with(mistake.key, &[("value", value.into())])
}

/// Codes with their words, for a choice.
pub fn named(words: &Words, prefix: &str, codes: &[&str]) -> Vec<(String, String)> {
    codes
        .iter()
        .map(|code| ((*code).to_owned(), words.text(&format!("{prefix}{code}"))))
        .collect()
}

/// A day's cell.
pub fn day(cx: &Cx, on: Option<Date>) -> Cell {
    on.map_or_else(Cell::unknown, |on| {
        Cell::text(format::date(cx.locale, on)).value(on)
    })
}

/// A day in words; a dash when there is none.
pub fn day_text(cx: &Cx, on: Option<Date>) -> String {
    on.map_or_else(|| "—".to_owned(), |on| format::date(cx.locale, on))
}

/// Money's cell, in euros.
pub fn euros(cx: &Cx, cents: i64) -> Cell {
    Cell::number(format::euros(cx.locale, cents), cents)
}

/// A text in short.
pub fn short(text: &str) -> String {
    if text.chars().count() <= SHORT_CHARS_MAX {
        return text.to_owned();
    }
    let kept: String = text.chars().take(SHORT_CHARS_MAX - 1).collect();
    format!("{kept}…")
}

/// The cursor of a list: a value and an id.
pub fn cursor(value: impl std::fmt::Display, id: Uuid) -> String {
    format!("{value}~{id}")
}

/// Where a list goes on; anything else begins at its first page.
pub fn place<T: std::str::FromStr>(text: &str, first: (T, Uuid)) -> (T, Uuid) {
    let read = text.split_once('~').and_then(|(value, id)| {
        let value = value.parse().ok()?;
        Some((value, id.parse().ok()?))
    });
    read.unwrap_or(first)
}

/// A query of an address from pairs of which some are empty.
pub fn address(base: &str, pairs: &[(&str, &str)]) -> String {
    let mut query = String::new();
    for (name, value) in pairs.iter().filter(|(_, value)| !value.is_empty()) {
        query.push(if query.is_empty() { '?' } else { '&' });
        let kept: String = value
            .chars()
            .filter(|c| c.is_alphanumeric() || matches!(c, '-' | '~' | '.'))
            .collect();
        query.push_str(&format!("{name}={kept}"));
    }
    format!("{base}{query}")
}

/// The three fields of a date, as sent.
pub fn three(fields: &Fields, name: &str) -> [String; 3] {
    ["day", "month", "year"].map(|part| fields.text(&format!("{name}-{part}")).to_owned())
}

/// What was filled in, else a usual value.
pub fn filled<'f>(fields: &'f Fields, name: &str, usual: &'f str) -> &'f str {
    if fields.has(name) {
        fields.text(name)
    } else {
        usual
    }
}

impl Wording {
    pub(crate) fn key(&self, rest: &str) -> String {
        format!("{}-{rest}", self.prefix)
    }

    /// The name of a field: `PREFIX-field-NAME`.
    pub fn label(&self, words: &Words, name: &str) -> String {
        words.text(&self.key(&format!("field-{name}")))
    }

    /// Codes with their words, after "any": `PREFIX-any`.
    pub fn any_of(&self, words: &Words, prefix: &str, codes: &[&str]) -> Vec<(String, String)> {
        let mut all = vec![(String::new(), words.text(&self.key("any")))];
        all.extend(named(words, prefix, codes));
        all
    }

    /// Columns of texts: `PREFIX-column-NAME`.
    pub fn columns(&self, words: &Words, names: &[&str]) -> Vec<Column> {
        names
            .iter()
            .map(|name| Column::text(words.text(&self.key(&format!("column-{name}")))))
            .collect()
    }

    /// A date's field: what was filled in, else a day.
    pub fn date_field(
        &self,
        words: &Words,
        fields: &Fields,
        name: &str,
        usual: Option<Date>,
    ) -> Field {
        let label = self.label(words, name);
        if fields.has(&format!("{name}-day")) {
            Field::date_typed(words, name, label, three(fields, name))
        } else {
            Field::date(words, name, label, usual)
        }
    }

    /// What an event is, in a few words: `PREFIX-event-KIND-ACT`.
    pub fn event_title(&self, words: &Words, event: &Event) -> String {
        words.text(&self.key(&format!("event-{}-{}", event.subject_kind, event.act)))
    }

    /// An event as a timeline shows it: what, by whom, why, and when it was recorded if that was on
    /// another day.
    pub fn event(&self, cx: &Cx, event: &Event, tone: Option<Tone>) -> TimelineEvent {
        let words = cx.words();
        let by = match event.by_id {
            Some(_) => event.by_name.clone(),
            None => words.text(&self.key("platform")),
        };
        let mut detail = words.text_with(&self.key("by"), &[("name", by.into())]);
        let recorded = kit_time::day_in_paris(event.at);
        if recorded != event.on {
            let args = [("date", format::date(cx.locale, recorded).into())];
            detail.push_str(&words.text_with(&self.key("recorded-on"), &args));
        }
        if !event.reason.is_empty() {
            detail = pair(&words, &detail, &event.reason);
        }
        TimelineEvent {
            when: format::date(cx.locale, event.on),
            datetime: event.on.to_string(),
            title: self.event_title(&words, event),
            detail,
            tone,
            href: None,
        }
    }

    /// Events in their order; `tone` says which acts are good or bad news.
    pub fn timeline(
        &self,
        cx: &Cx,
        events: &[Event],
        tone: impl Fn(&str) -> Option<Tone>,
    ) -> Timeline {
        let events = events.iter();
        Timeline {
            events: events
                .map(|one| self.event(cx, one, tone(&one.act)))
                .collect(),
            empty: cx.words().text(&self.key("nothing-happened")),
        }
    }

    /// When something is published, in words, with what is hidden.
    pub fn publication(&self, cx: &Cx, planned: &Publication, today: Date) -> String {
        let words = cx.words();
        let on = format::date(cx.locale, planned.on);
        let key = if planned.is_open(today) {
            "published-on"
        } else {
            "will-be-published-on"
        };
        let mut text = words.text_with(&self.key(key), &[("date", on.into())]);
        if !planned.reason.is_empty() {
            text = format!("{text} — {}", planned.reason);
        }
        if !planned.redactions.is_empty() {
            let reasons: Vec<&str> = planned
                .redactions
                .iter()
                .map(|r| r.reason.as_str())
                .collect();
            let args = [
                ("count", planned.redactions.len().into()),
                ("reasons", reasons.join(" ; ").into()),
            ];
            text = format!("{text} {}", words.text_with(&self.key("hidden"), &args));
        }
        text
    }

    /// The fields of a plan to publish: what was filled in, else what is planned.
    pub fn plan_fields(&self, cx: &Cx, fields: &Fields, planned: &PublicationForm) -> Vec<Field> {
        let words = cx.words();
        let on = if fields.has("on-day") {
            three(fields, "on")
        } else {
            planned.on.clone()
        };
        vec![
            Field::date_typed(&words, "on", self.label(&words, "publish_on"), on)
                .hint(words.text(&self.key("hint-publish_on"))),
            Field::lines(3, "reason", self.label(&words, "delay_reason"))
                .value(filled(fields, "reason", &planned.reason))
                .length_max(2_000),
            Field::lines(6, "redactions", self.label(&words, "redactions"))
                .hint(words.text(&self.key("hint-redactions")))
                .value(filled(fields, "redactions", &planned.redactions))
                .length_max(10_000),
        ]
    }
}

/// What a plan to publish says, as sent.
pub fn plan_form(fields: &Fields) -> PublicationForm {
    PublicationForm {
        on: three(fields, "on"),
        reason: fields.text("reason").to_owned(),
        redactions: fields.text("redactions").to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_goes_on_where_its_cursor_says() {
        let id = Uuid::from_u128(7);
        let first = (0_i64, Uuid::nil());
        assert_eq!(place(&cursor(12, id), first), (12, id));
        for text in [
            "",
            "12",
            "12~",
            "~x",
            "a~00000000-0000-0000-0000-000000000007",
        ] {
            assert_eq!(place(text, first), first, "{text}");
        }
    }

    #[test]
    fn an_address_keeps_no_markup_and_nothing_empty() {
        let pairs = [("state", ""), ("q", "a\"><&b"), ("after", "3~x.y-z")];
        assert_eq!(address("/a", &pairs), "/a?q=ab&after=3~x.y-z");
        assert_eq!(address("/a", &[("q", "")]), "/a");
    }

    #[test]
    fn a_text_is_short_by_characters() {
        assert_eq!(short(&"é".repeat(120)), "é".repeat(120));
        assert_eq!(short(&"é".repeat(121)), format!("{}…", "é".repeat(119)));
    }
}
