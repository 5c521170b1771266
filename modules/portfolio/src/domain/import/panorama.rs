//! Editions of the panorama of the State's large digital projects, as they are really published.

use std::collections::HashMap;

use jiff::civil::Date;
use names::normalise;
use tabular::{Cell, Limits, Row, Sheet, TabularError};

use super::Rejected;
use crate::domain::{DURATION_YEAR_SECONDS, Phase};

/// Highest cost that is believed, in cents: 100 Md€.
pub const COST_CENTS_MAX: i64 = 10_000_000_000_000;
/// Longest duration that is believed, in years.
pub const DURATION_YEARS_MAX: f64 = 60.0;
/// Longest name, in characters.
const NAME_CHARS_MAX: usize = 300;
/// One million euros, in cents.
const MILLION_CENTS: i64 = 100_000_000;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Column {
    Name,
    MinistryAcronym,
    MinistryName,
    Interministerial,
    Description,
    Link,
    Start,
    End,
    Duration,
    Phase,
    Cost,
    Band,
    Area,
    Funding,
    AnnualProject,
    PublishedOn,
}

/// One row.
#[derive(Debug, Clone, PartialEq)]
pub struct PanoramaRow {
    /// Its line in the file.
    pub line: u64,
    /// The project's name, as written.
    pub name: String,
    /// The ministry's acronym.
    pub ministry_acronym: String,
    /// The ministry's full name.
    pub ministry_name: String,
    /// Whether it serves several ministries.
    pub interministerial: bool,
    /// What it is for.
    pub description: String,
    /// Its page.
    pub link: String,
    /// When it began.
    pub start_on: Option<Date>,
    /// Its planned duration, in seconds of years of 365 days: the editions' unit.
    pub duration_seconds: Option<i64>,
    /// Its phase.
    pub phase: Option<Phase>,
    /// Its estimated cost, in cents.
    pub cost_cents: Option<i64>,
    /// Its functional area.
    pub area: String,
    /// The budget programmes that pay for it.
    pub programmes: Vec<String>,
    /// When the edition was published.
    pub published_on: Date,
}

/// An edition.
#[derive(Debug, Clone, PartialEq)]
pub struct Edition {
    /// When it was published: the date that most of its rows carry.
    pub published_on: Date,
    /// Rows that hold something.
    pub read: usize,
    /// The good ones.
    pub rows: Vec<PanoramaRow>,
    /// What was wrong with the others.
    pub rejected: Vec<Rejected>,
}

/// An edition can't be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EditionError {
    /// The file is no table, or over a limit.
    #[error(transparent)]
    Table(#[from] TabularError),
    /// A column that must be there isn't.
    #[error("the column `{column}` is missing; the file has: {seen}")]
    MissingColumn {
        /// Its usual header.
        column: &'static str,
        /// The headers that were seen.
        seen: String,
    },
    /// No row says when the edition was published.
    #[error("no row says when the edition was published; give the date")]
    NoDate,
}

/// What a header says, from its normalised form. The order matters: the narrow ones first.
fn column_of(header: &str) -> Option<Column> {
    let normal = normalise(header);
    let has = |word: &str| normal.contains(word);
    let says = |word: &str| normal.split(' ').any(|one| one == word);
    // What the edition compares its figures with: the portfolio keeps its own baselines.
    if has("initial") || says("ecart") || says("derive") || has("glissement") {
        return None;
    }
    let rules = [
        (has("interministeriel"), Column::Interministerial),
        (
            has("publication") || has("date de l edition"),
            Column::PublishedOn,
        ),
        (has("performance") || normal == "pap", Column::AnnualProject),
        (has("financement") || has("programme"), Column::Funding),
        (has("description") || has("objectif"), Column::Description),
        (
            has("savoir plus") || normal.starts_with("lien") || normal == "url",
            Column::Link,
        ),
        (has("tranche") || has("fourchette"), Column::Band),
        (has("cout") || has("montant") || has("budget"), Column::Cost),
        (has("duree"), Column::Duration),
        (
            has("phase") || has("avancement") || says("statut") || says("etape"),
            Column::Phase,
        ),
        (has("zone") || has("domaine fonctionnel"), Column::Area),
        (
            has("debut") || has("demarrage") || has("lancement"),
            Column::Start,
        ),
        (
            says("fin") || says("echeance") || has("achevement"),
            Column::End,
        ),
        (
            has("ministere") && (has("complet") || has("libelle") || has("intitule")),
            Column::MinistryName,
        ),
        (
            has("ministere") || normal == "sigle",
            Column::MinistryAcronym,
        ),
        (
            says("nom") || has("intitule") || normal == "projet" || has("libelle"),
            Column::Name,
        ),
    ];
    rules
        .into_iter()
        .find(|(matches, _)| *matches)
        .map(|(_, column)| column)
}

fn is_header(row: &[String]) -> bool {
    let columns: Vec<Column> = row.iter().filter_map(|header| column_of(header)).collect();
    columns.contains(&Column::Name)
        && [
            Column::Cost,
            Column::Phase,
            Column::Duration,
            Column::Start,
            Column::End,
            Column::MinistryAcronym,
        ]
        .iter()
        .filter(|column| columns.contains(column))
        .count()
            >= 2
}

/// Reads an edition. `published_on` serves rows that don't say when they were published.
pub fn parse(bytes: &[u8], published_on: Option<Date>) -> Result<Edition, EditionError> {
    let sheet = tabular::read(bytes, &Limits::default(), &is_header)?;
    let columns = columns(&sheet);
    for (column, usual) in [
        (Column::Name, "Nom du projet"),
        (Column::Phase, "Phase du projet en cours"),
        (Column::Cost, "Coût estimé"),
        (Column::Duration, "Durée prévisionnelle en année"),
    ] {
        // Two dates tell a duration as well.
        let told_by_dates = column == Column::Duration
            && columns.contains_key(&Column::Start)
            && columns.contains_key(&Column::End);
        if !columns.contains_key(&column) && !told_by_dates {
            let seen = sheet.headers.join(" | ").chars().take(500).collect();
            return Err(EditionError::MissingColumn {
                column: usual,
                seen,
            });
        }
    }
    let reader = Reader {
        sheet: &sheet,
        columns: &columns,
    };
    let edition_date = published_on
        .or_else(|| reader.usual_date())
        .ok_or(EditionError::NoDate)?;
    let mut rows: Vec<PanoramaRow> = Vec::with_capacity(sheet.rows.len());
    let mut rejected = Vec::new();
    let mut seen: HashMap<String, u64> = HashMap::new();
    for row in &sheet.rows {
        match reader.row(row, edition_date) {
            Ok(good) => match seen.insert(normalise(&good.name), good.line) {
                None => rows.push(good),
                Some(first) => {
                    seen.insert(normalise(&good.name), first);
                    let header = reader.header(Column::Name);
                    let reason = format!("duplicate-of-line-{first}");
                    rejected.push(Rejected::new(good.line, header, &good.name, &reason));
                }
            },
            Err(mistakes) => rejected.extend(mistakes),
        }
    }
    Ok(Edition {
        published_on: edition_date,
        read: sheet.rows.len(),
        rows,
        rejected,
    })
}

/// The first column of each kind.
fn columns(sheet: &Sheet) -> HashMap<Column, usize> {
    let mut columns = HashMap::new();
    for (at, header) in sheet.headers.iter().enumerate() {
        if let Some(column) = column_of(header) {
            columns.entry(column).or_insert(at);
        }
    }
    columns
}

struct Reader<'s> {
    sheet: &'s Sheet,
    columns: &'s HashMap<Column, usize>,
}

impl Reader<'_> {
    fn header(&self, column: Column) -> &str {
        self.columns
            .get(&column)
            .map_or("", |at| self.sheet.headers[*at].as_str())
    }

    fn cell<'r>(&self, row: &'r Row, column: Column) -> Option<&'r Cell> {
        let cell = row.cells.get(*self.columns.get(&column)?)?;
        let framing = matches!(cell, Cell::Text(text) if normalise(text) == "en cadrage");
        let absent = tabular::is_absent(cell) || (framing && column != Column::Phase);
        (!absent).then_some(cell)
    }

    fn text(&self, row: &Row, column: Column) -> String {
        self.cell(row, column).map(Cell::text).unwrap_or_default()
    }

    fn usual_date(&self) -> Option<Date> {
        let mut counts: HashMap<Date, usize> = HashMap::new();
        for row in &self.sheet.rows {
            if let Some(date) = self.cell(row, Column::PublishedOn).and_then(tabular::date) {
                *counts.entry(date).or_default() += 1;
            }
        }
        counts
            .into_iter()
            .max_by_key(|(date, count)| (*count, *date))
            .map(|(date, _)| date)
    }

    fn row(&self, row: &Row, edition_date: Date) -> Result<PanoramaRow, Vec<Rejected>> {
        let mut mistakes = Vec::new();
        let mut wrong = |column: Column, reason: &str| {
            let value = self.cell(row, column).map(Cell::text).unwrap_or_default();
            mistakes.push(Rejected::new(row.line, self.header(column), &value, reason));
        };
        let name = self
            .text(row, Column::Name)
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ");
        if normalise(&name).is_empty() {
            wrong(Column::Name, "missing");
        } else if name.chars().count() > NAME_CHARS_MAX {
            wrong(Column::Name, "too-long");
        }
        let mut date = |column| {
            let cell = self.cell(row, column)?;
            match tabular::date(cell) {
                None => {
                    wrong(column, "not-a-date");
                    None
                }
                Some(date) if !(1970..=2100).contains(&date.year()) => {
                    wrong(column, "date-out-of-range");
                    None
                }
                found => found,
            }
        };
        let (start_on, end_on) = (date(Column::Start), date(Column::End));
        let published_on = date(Column::PublishedOn);
        let cost_cents = self.cell(row, Column::Cost).and_then(|cell| {
            match tabular::amount_cents(cell, self.cost_unit_cents()) {
                None => wrong(Column::Cost, "not-an-amount"),
                Some(cents) if cents < 0 => wrong(Column::Cost, "negative"),
                Some(0) => wrong(Column::Cost, "zero"),
                Some(cents) if cents > COST_CENTS_MAX => wrong(Column::Cost, "too-large"),
                found => return found,
            }
            None
        });
        let told = match self
            .cell(row, Column::Duration)
            .map(|cell| self.years(cell))
        {
            None => None,
            Some(None) => {
                wrong(Column::Duration, "not-a-number");
                None
            }
            Some(years) => years.map(|years| (Column::Duration, years)),
        };
        let by_dates = || Some((Column::End, years_between(start_on?, end_on?)));
        let duration_seconds = told.or_else(by_dates).and_then(|(column, years)| {
            let reason = match years {
                _ if years < 0.0 && column == Column::End => "end-before-start",
                _ if years < 0.0 => "negative",
                _ if years < 1e-4 => "zero",
                _ if years > DURATION_YEARS_MAX => "too-large",
                _ => return Some((years * DURATION_YEAR_SECONDS).round() as i64),
            };
            wrong(column, reason);
            None
        });
        let phase_text = self.text(row, Column::Phase);
        let phase = Phase::of_panorama(&phase_text);
        if phase.is_none() && !phase_text.is_empty() {
            wrong(Column::Phase, "unknown-phase");
        }
        if !mistakes.is_empty() {
            return Err(mistakes);
        }
        Ok(PanoramaRow {
            line: row.line,
            name,
            ministry_acronym: self.text(row, Column::MinistryAcronym),
            ministry_name: self.text(row, Column::MinistryName),
            interministerial: normalise(&self.text(row, Column::Interministerial)) == "oui",
            description: self.text(row, Column::Description),
            link: web_link(&self.text(row, Column::Link)),
            start_on,
            duration_seconds,
            phase,
            cost_cents,
            area: self.text(row, Column::Area),
            programmes: programmes(&self.text(row, Column::Funding)),
            published_on: published_on.unwrap_or(edition_date),
        })
    }

    /// The unit of bare numbers: the header's, millions of euros when it names none.
    fn cost_unit_cents(&self) -> i64 {
        let header = self.header(Column::Cost).to_lowercase();
        if header.contains("k€") || header.contains("millier") {
            100_000
        } else if (header.contains("en €") || header.contains("(€)") || header.contains("euros"))
            && !header.contains('m')
        {
            100
        } else {
            MILLION_CENTS
        }
    }

    /// A duration in years: in the cell's own unit (`18 mois`), else in the header's.
    fn years(&self, cell: &Cell) -> Option<f64> {
        if let Cell::Text(text) = cell {
            let normal = normalise(text);
            for (unit, per_year) in [
                (" ans", 1.0),
                (" an", 1.0),
                (" annees", 1.0),
                (" annee", 1.0),
                (" mois", 12.0),
                (" jours", 365.0),
            ] {
                if normal.ends_with(unit) {
                    let digits = text.trim().trim_end_matches(|c: char| !c.is_ascii_digit());
                    let number = tabular::number(&Cell::Text(digits.to_owned()))?;
                    return Some(number / per_year);
                }
            }
        }
        Some(tabular::number(cell)? / self.durations_per_year())
    }

    /// How many of the header's units make a year.
    fn durations_per_year(&self) -> f64 {
        let header = normalise(self.header(Column::Duration));
        if header.contains("mois") {
            12.0
        } else if header.contains("jour") {
            365.0
        } else {
            1.0
        }
    }
}

/// From one date to another, in years of 365 days.
fn years_between(start: Date, end: Date) -> f64 {
    let days = start.until(end).map_or(0, |span| span.get_days());
    f64::from(days) / 365.0
}

/// Only links that a browser may follow safely are kept.
fn web_link(text: &str) -> String {
    let link = text.split_whitespace().next().unwrap_or_default();
    let safe = link.starts_with("https://") || link.starts_with("http://");
    if safe { link.to_owned() } else { String::new() }
}

fn programmes(text: &str) -> Vec<String> {
    text.split(['\n', ';'])
        .map(|part| part.split_whitespace().collect::<Vec<_>>().join(" "))
        .filter(|part| !part.is_empty())
        .take(20)
        .collect()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn read(csv: &str) -> Edition {
        parse(csv.as_bytes(), Some(date(2018, 6, 1))).unwrap()
    }

    #[test]
    fn an_end_tells_a_duration() {
        let edition = read(
            "Projet;Ministère;Statut;Coût initial (M€);Coût actuel (M€);Date de début;\
             Fin prévisionnelle;Économies attendues\n\
             A;MI;Déploiement;10;12,5;01/01/2015;31/12/2016;3\n\
             B;MI;Déploiement;10;12,5;01/01/2015;NA;3\n\
             C;MI;Déploiement;10;12,5;01/01/2015;31/12/2014;3\n",
        );
        let [a, b] = &edition.rows[..] else {
            panic!("{edition:?}")
        };
        assert_eq!((a.name.as_str(), a.cost_cents), ("A", Some(1_250_000_000)));
        assert_eq!(a.duration_seconds, Some(730 * 86_400));
        assert_eq!(b.duration_seconds, None);
        let refused = &edition.rejected[0];
        let told = (
            refused.line,
            refused.column.as_str(),
            refused.reason.as_str(),
        );
        assert_eq!(told, (4, "Fin prévisionnelle", "end-before-start"));
    }

    #[test]
    fn a_duration_names_its_unit() {
        let edition = read(
            "Nom du projet,Phase,Coût estimé,Durée\n\
             A,Déploiement,1,18 mois\nB,Déploiement,1,\"1,5 an\"\nC,Déploiement,1,1.5\n",
        );
        let all = edition.rows.iter().map(|row| row.duration_seconds);
        assert_eq!(all.collect::<Vec<_>>(), [Some(47_304_000); 3]);
    }
}
