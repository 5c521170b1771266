//! State start-ups, incubators and organisations, as the files of beta.gouv.fr describe them: YAML
//! between two lines of dashes, then Markdown.

use jiff::civil::Date;
use serde_json::Value;

use super::Rejected;
use crate::domain::Phase;

/// Largest file that is read, in bytes.
pub const FILE_BYTES_MAX: usize = 256 * 1024;

/// A start-up.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Startup {
    /// Its file's name without extension: its id at the source.
    pub slug: String,
    /// Its name.
    pub title: String,
    /// What it is for.
    pub mission: String,
    /// The ids of its sponsor organisations.
    pub sponsors: Vec<String>,
    /// The id of its incubator.
    pub incubator: String,
    /// Its phases: name, start, end.
    pub phases: Vec<(Phase, Date, Option<Date>)>,
    /// Its events: name, date, comment.
    pub events: Vec<(String, Date, String)>,
    /// Its page.
    pub link: String,
    /// Its source code.
    pub repository: String,
    /// Its statistics page.
    pub stats_url: String,
    /// Its budget page.
    pub budget_url: String,
    /// Its impact page.
    pub impact_url: String,
    /// What it says of its accessibility.
    pub accessibility: String,
    /// Who uses it.
    pub users: Vec<String>,
    /// What it is about.
    pub themes: Vec<String>,
    /// What it is made of.
    pub technologies: Vec<String>,
    /// The text below the front matter.
    pub description: String,
}

/// An incubator or an organisation.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Body {
    /// Its file's name without extension.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// Its acronym.
    pub acronym: String,
    /// Its type at the source.
    pub kind: String,
}

/// The front matter and the text of a file, with the line on which the front matter begins.
fn split(text: &str) -> Result<(&str, &str), Rejected> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let wrong = |reason| Rejected::new(1, "front-matter", "", reason);
    let rest = text
        .trim_start()
        .strip_prefix("---")
        .ok_or_else(|| wrong("no-front-matter"))?;
    let end = rest
        .match_indices("\n---")
        .map(|(at, _)| at)
        .find(|at| {
            rest[at + 4..]
                .chars()
                .next()
                .is_none_or(char::is_whitespace)
        })
        .ok_or_else(|| wrong("front-matter-without-end"))?;
    Ok((&rest[..end], rest[end + 4..].trim()))
}

fn yaml(text: &str) -> Result<Value, Rejected> {
    let value: Value = serde_saphyr::from_str(text).map_err(|error| {
        let line = error.location().map_or(1, |at| at.line());
        let message = error.to_string();
        let first = message.lines().next().unwrap_or_default();
        Rejected::new(line, "front-matter", first, "not-yaml")
    })?;
    if value.is_object() {
        Ok(value)
    } else {
        Err(Rejected::new(1, "front-matter", "", "not-a-mapping"))
    }
}

fn read_bytes(bytes: &[u8]) -> Result<&str, Rejected> {
    if bytes.len() > FILE_BYTES_MAX {
        return Err(Rejected::new(
            1,
            "file",
            &bytes.len().to_string(),
            "too-large",
        ));
    }
    std::str::from_utf8(bytes).map_err(|error| {
        let line = bytes[..error.valid_up_to()]
            .iter()
            .filter(|b| **b == b'\n')
            .count()
            + 1;
        Rejected::new(line as u64, "file", "", "not-utf-8")
    })
}

fn text(value: &Value, key: &str) -> String {
    match &value[key] {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        _ => String::new(),
    }
}

/// A link; `true` or a text that is none counts as not given.
fn link(value: &Value, key: &str) -> String {
    let text = text(value, key);
    let safe = text.starts_with("https://") || text.starts_with("http://") || text.starts_with('/');
    if safe { text } else { String::new() }
}

/// A list of texts; a single text is a list of one; entries may be mappings with an `id` or a
/// `name`.
fn list(value: &Value, key: &str) -> Vec<String> {
    let one = |value: &Value| match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Object(map) => ["id", "name", "label"]
            .iter()
            .find_map(|key| map.get(*key)?.as_str())
            .unwrap_or_default()
            .to_owned(),
        Value::Number(number) => number.to_string(),
        _ => String::new(),
    };
    let all = match &value[key] {
        Value::Array(values) => values.iter().map(one).collect(),
        value => vec![one(value)],
    };
    all.into_iter()
        .filter(|text: &String| !text.is_empty())
        .take(50)
        .collect()
}

/// The line of a file on which `needle` first stands.
fn line_of(text: &str, needle: &str) -> u64 {
    let found = text.find(needle).filter(|_| !needle.is_empty());
    found.map_or(1, |at| text[..at].matches('\n').count() as u64 + 1)
}

/// Reads a start-up. What is wrong with a phase or an event refuses that part alone; what is wrong
/// with the whole refuses the file.
pub fn startup(slug: &str, bytes: &[u8]) -> Result<(Startup, Vec<Rejected>), Rejected> {
    let file = read_bytes(bytes)?;
    let (front, description) = split(file)?;
    let value = yaml(front)?;
    let mut rejected = Vec::new();
    let title = text(&value, "title");
    if names::normalise(&title).is_empty() {
        return Err(Rejected::new(1, "title", &title, "missing"));
    }
    let short = |id: String| id.rsplit('/').next().unwrap_or_default().to_owned();
    let startup = Startup {
        slug: slug.to_owned(),
        title: title.chars().take(300).collect(),
        mission: text(&value, "mission"),
        sponsors: list(&value, "sponsors").into_iter().map(short).collect(),
        incubator: short(text(&value, "incubator")),
        phases: phases(&value, file, &mut rejected),
        events: events(&value, file, &mut rejected),
        link: link(&value, "link"),
        repository: link(&value, "repository"),
        stats_url: link(&value, "stats_url"),
        budget_url: link(&value, "budget_url"),
        impact_url: link(&value, "impact_url"),
        accessibility: text(&value, "accessibility_status"),
        users: list(&value, "usertypes"),
        themes: list(&value, "thematiques"),
        technologies: list(&value, "techno"),
        description: description.to_owned(),
    };
    if startup.phases.is_empty() && rejected.is_empty() {
        rejected.push(Rejected::new(1, "phases", "", "missing"));
    }
    Ok((startup, rejected))
}

fn parse_date(value: &Value) -> Result<Option<Date>, String> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) if text.trim().is_empty() => Ok(None),
        Value::String(text) => {
            let cell = tabular::Cell::Text(text.clone());
            tabular::date(&cell).map(Some).ok_or_else(|| text.clone())
        }
        other => Err(other.to_string()),
    }
}

fn phases(
    value: &Value,
    file: &str,
    rejected: &mut Vec<Rejected>,
) -> Vec<(Phase, Date, Option<Date>)> {
    let mut phases: Vec<(Phase, Date, Option<Date>)> = Vec::new();
    for entry in value["phases"].as_array().into_iter().flatten().take(100) {
        let name = text(entry, "name");
        let mut wrong = |column: &str, value: &str, reason: &str| {
            rejected.push(Rejected::new(line_of(file, value), column, value, reason));
        };
        let Some(phase) = Phase::of_startup(&name) else {
            wrong("phases.name", &name, "unknown-phase");
            continue;
        };
        let start = match parse_date(&entry["start"]) {
            Ok(Some(date)) => date,
            Ok(None) => {
                wrong("phases.start", &name, "missing");
                continue;
            }
            Err(written) => {
                wrong("phases.start", &written, "not-a-date");
                continue;
            }
        };
        let end = match parse_date(&entry["end"]) {
            Ok(end) => end,
            Err(written) => {
                wrong("phases.end", &written, "not-a-date");
                None
            }
        };
        if end.is_some_and(|end| end < start) {
            wrong(
                "phases.end",
                &end.map(|end| end.to_string()).unwrap_or_default(),
                "end-before-start",
            );
            phases.push((phase, start, None));
            continue;
        }
        phases.push((phase, start, end));
    }
    phases.sort_by_key(|(_, start, _)| *start);
    // A phase without an end ends when the next one starts.
    for at in 1..phases.len() {
        let next = phases[at].1;
        phases[at - 1].2.get_or_insert(next);
    }
    phases
}

fn events(value: &Value, file: &str, rejected: &mut Vec<Rejected>) -> Vec<(String, Date, String)> {
    let mut events = Vec::new();
    for entry in value["events"].as_array().into_iter().flatten().take(200) {
        match parse_date(&entry["date"]) {
            Ok(Some(date)) => events.push((text(entry, "name"), date, text(entry, "comment"))),
            Ok(None) => rejected.push(Rejected::new(1, "events.date", "", "missing")),
            Err(written) => rejected.push(Rejected::new(
                line_of(file, &written),
                "events.date",
                &written,
                "not-a-date",
            )),
        }
    }
    events
}

/// Reads an incubator (`title`) or an organisation (`name`).
pub fn body(slug: &str, bytes: &[u8]) -> Result<Body, Rejected> {
    let (front, _) = split(read_bytes(bytes)?)?;
    let value = yaml(front)?;
    let name = [text(&value, "name"), text(&value, "title")]
        .into_iter()
        .find(|name| !name.is_empty())
        .ok_or_else(|| Rejected::new(1, "name", "", "missing"))?;
    Ok(Body {
        slug: slug.to_owned(),
        name,
        acronym: text(&value, "acronym"),
        kind: text(&value, "type"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    const FILE: &str = "---\ntitle: Essai\nmission: Essayer\nsponsors:\n  - /organisations/anct\n\
        incubator: anct\nphases:\n  - name: investigation\n    start: 2021-06-01\n\
        \x20   end: ''\n  - name: construction\n    start: 2021-11-01\n  - name: rumeur\n\
        \x20   start: 2022-01-01\nevents:\n  - name: comite\n    date: 2022-13-01\nstats: false\n\
        stats_url: true\nlink: ''\nusertypes:\n  - agent\n---\nTexte --- libre\n";

    #[test]
    fn a_start_up_is_read_and_each_fault_is_placed() {
        let (startup, rejected) = startup("essai", FILE.as_bytes()).unwrap();
        assert_eq!(startup.sponsors, ["anct"]);
        assert_eq!(
            startup.phases,
            [
                (
                    Phase::Investigation,
                    date(2021, 6, 1),
                    Some(date(2021, 11, 1))
                ),
                (Phase::Construction, date(2021, 11, 1), None),
            ]
        );
        assert_eq!(
            (startup.stats_url.as_str(), startup.description.as_str()),
            ("", "Texte --- libre")
        );
        let faults: Vec<_> = rejected
            .iter()
            .map(|r| (r.line, r.column.as_str(), r.reason.as_str()))
            .collect();
        assert_eq!(
            faults,
            [
                (13, "phases.name", "unknown-phase"),
                (17, "events.date", "not-a-date")
            ]
        );
    }

    #[test]
    fn windows_line_ends_change_nothing() {
        let (startup, _) = startup("essai", FILE.replace('\n', "\r\n").as_bytes()).unwrap();
        assert_eq!(startup.phases.len(), 2);
    }

    #[test]
    fn what_cannot_be_read_says_why() {
        let reason = |file: &[u8]| startup("x", file).unwrap_err().reason;
        assert_eq!(reason(b"title: x"), "no-front-matter");
        assert_eq!(reason(b"---\ntitle: x\n"), "front-matter-without-end");
        assert_eq!(reason(b"---\ntitle: [\n---\n"), "not-yaml");
        assert_eq!(reason(b"---\n- a\n---\n"), "not-a-mapping");
        assert_eq!(reason(b"---\nmission: x\n---\n"), "missing");
        assert_eq!(reason(b"---\ntitle: \xff\n---\n"), "not-utf-8");
        assert_eq!(reason(&vec![b'-'; FILE_BYTES_MAX + 1]), "too-large");
    }

    #[test]
    fn an_organisation_is_read() {
        let body = body(
            "acoss",
            b"---\nname: Agence centrale\nacronym: ACOSS\ntype: x\n---",
        )
        .unwrap();
        assert_eq!(
            (body.name.as_str(), body.acronym.as_str()),
            ("Agence centrale", "ACOSS")
        );
    }
}
