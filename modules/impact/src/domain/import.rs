//! A table of figures: one row a figure, one column a part of it.

use jiff::civil::Date;
use tabular::{Cell, Limits, Sheet, TabularError, is_absent};

use super::observation::{NewObservation, ObservationForm};
use super::{Description, Mistake, Quantity};

/// Most figures of one file.
pub const ROWS_MAX: usize = 5_000;

/// The columns, by their names in files: French and English.
const COLUMNS: [(&str, &[&str]); 6] = [
    ("as_of", &["date", "as of", "as_of", "au"]),
    ("value", &["valeur", "value"]),
    ("unit", &["unite", "unit"]),
    ("source", &["source"]),
    ("quality", &["qualite", "quality"]),
    (
        "standard_error",
        &["erreur type", "standard error", "standard_error"],
    ),
];

/// A cell that was refused: where it stands, what it holds, why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The line in the file, from 1.
    pub line: u64,
    /// The column's header.
    pub column: String,
    /// What the cell holds.
    pub value: String,
    /// Why.
    pub mistake: Mistake,
}

/// A row that was read, with its line in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The line in the file, from 1.
    pub line: u64,
    /// The figure.
    pub observation: NewObservation,
}

fn column_of(header: &str) -> Option<&'static str> {
    let header = names::normalise(header);
    COLUMNS
        .into_iter()
        .find(|(_, known)| known.iter().any(|one| names::normalise(one) == header))
        .map(|(column, _)| column)
}

fn is_header(texts: &[String]) -> bool {
    let known: Vec<_> = texts.iter().filter_map(|text| column_of(text)).collect();
    known.contains(&"as_of") && known.contains(&"value")
}

/// The qualities as files write them.
fn quality_code(text: &str) -> String {
    match names::normalise(text).as_str() {
        "mesure" | "mesuree" | "measured" => "measured".to_owned(),
        "estime" | "estimee" | "estimated" => "estimated".to_owned(),
        "declare" | "declaree" | "declared" => "declared".to_owned(),
        _ => text.trim().to_owned(),
    }
}

/// A quantity's cell as a text that is read exactly.
fn number_text(cell: &Cell) -> String {
    match cell {
        Cell::Number(_) => {
            Quantity::of_cell(cell).map_or_else(|_| cell.text(), |number| number.to_string())
        }
        _ => cell.text(),
    }
}

fn day_text(cell: &Cell) -> String {
    tabular::date(cell).map_or_else(|| cell.text(), |day| day.to_string())
}

fn sheet_of(bytes: &[u8]) -> Result<Sheet, TabularError> {
    let limits = Limits {
        rows_max: ROWS_MAX,
        ..Limits::default()
    };
    tabular::read(bytes, &limits, &is_header)
}

/// Reads a table of figures of an indicator. What can't be read is told cell by cell; a figure of a
/// date and a source that stands twice in the file is refused at its second place.
pub fn read(
    bytes: &[u8],
    described: &Description,
    source: &str,
    today: Date,
) -> Result<(Vec<Told>, Vec<Refused>), TabularError> {
    let sheet = sheet_of(bytes)?;
    let columns: Vec<Option<&'static str>> = sheet
        .headers
        .iter()
        .map(|header| column_of(header))
        .collect();
    let (mut told, mut refused) = (Vec::<Told>::new(), Vec::new());
    let mut seen = std::collections::HashSet::new();
    for row in &sheet.rows {
        let cell = |name: &str| {
            let at = columns.iter().position(|column| *column == Some(name));
            at.and_then(|at| row.cells.get(at))
                .filter(|cell| !is_absent(cell))
        };
        let text = |name: &str| cell(name).map(Cell::text).unwrap_or_default();
        let form = ObservationForm {
            value: cell("value").map(number_text).unwrap_or_default(),
            unit: text("unit"),
            as_of: cell("as_of").map(day_text).unwrap_or_default(),
            source: match text("source") {
                own if own.is_empty() => source.to_owned(),
                own => own,
            },
            quality: quality_code(&text("quality")),
            standard_error: cell("standard_error").map(number_text).unwrap_or_default(),
        };
        let line = row.line;
        let mistakes = match form.check(described, today) {
            Ok(observation) => {
                if seen.insert((observation.figure.as_of, observation.source.clone())) {
                    told.push(Told { line, observation });
                    continue;
                }
                vec![Mistake::new("as_of", "impact-mistake-twice-in-file")]
            }
            Err(mistakes) => mistakes,
        };
        refused.extend(mistakes.into_iter().map(|mistake| {
            let at = columns
                .iter()
                .position(|column| *column == Some(mistake.field.as_ref()));
            let header = at.and_then(|at| sheet.headers.get(at)).cloned();
            Refused {
                line,
                column: header.unwrap_or_else(|| mistake.field.clone().into_owned()),
                value: text(&mistake.field),
                mistake,
            }
        }));
    }
    Ok((told, refused))
}
