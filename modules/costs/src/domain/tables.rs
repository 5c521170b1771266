//! Tables of lines and of assumptions, as files and as the text of a form: one reading for both.

use tabular::{Cell, Limits, Row, Sheet, TabularError, is_absent};

use super::form::LineForm;
use super::{Assumption, Decimal, Drives, Kind, Line, Mistake, amount_cents};

/// Most lines of one version.
pub const LINES_MAX: usize = 500;
/// Most assumptions of one version.
pub const ASSUMPTIONS_MAX: usize = 50;
/// Longest label, name or source, in characters.
pub const TEXT_CHARS_MAX: usize = 200;
/// Longest unit, in characters.
pub const UNIT_CHARS_MAX: usize = 40;

/// A column: its code and the names by which files call it.
type Known = (&'static str, &'static [&'static str]);

/// The columns of lines.
pub const LINE_COLUMNS: [Known; 4] = [
    ("kind", &["nature", "kind", "type"]),
    ("year", &["annee", "year"]),
    ("label", &["libelle", "label", "description"]),
    (
        "amount",
        &[
            "montant",
            "montant eur",
            "montant en euros",
            "amount",
            "amount eur",
        ],
    ),
];
/// The columns of assumptions.
pub const ASSUMPTION_COLUMNS: [Known; 7] = [
    ("name", &["hypothese", "assumption", "name"]),
    ("value", &["valeur", "value"]),
    ("unit", &["unite", "unit"]),
    ("source", &["source"]),
    ("low", &["bas", "low", "minimum"]),
    ("high", &["haut", "high", "maximum"]),
    ("drives", &["porte sur", "drives"]),
];

fn column_of(known: &[Known], header: &str) -> Option<&'static str> {
    let header = names::normalise(header);
    known
        .iter()
        .find(|(_, names)| names.iter().any(|name| names::normalise(name) == header))
        .map(|(code, _)| *code)
}

/// What was read of a table, and each mistake with its line and column.
pub type Read<T> = (Vec<T>, Vec<Mistake>);

fn sheet(bytes: &[u8], known: &'static [Known], rows_max: usize) -> Result<Sheet, TabularError> {
    let limits = Limits {
        rows_max,
        cell_chars_max: 2_000,
        ..Limits::default()
    };
    let is_header = |texts: &[String]| {
        let found = texts.iter().filter(|text| column_of(known, text).is_some());
        found.count() >= 2
    };
    tabular::read(bytes, &limits, &is_header)
}

/// A row with its columns by code.
struct Named<'r> {
    row: &'r Row,
    columns: &'r [Option<&'static str>],
}

impl Named<'_> {
    fn cell(&self, code: &str) -> Option<&Cell> {
        let at = self.columns.iter().position(|one| *one == Some(code))?;
        self.row.cells.get(at).filter(|cell| !is_absent(cell))
    }

    fn wrong(&self, code: &str, key: &'static str, value: impl ToString) -> Mistake {
        Mistake::new(code, key, value).on_line(self.row.line)
    }

    fn text(&self, code: &str, chars_max: usize) -> Result<String, Mistake> {
        let text = self.cell(code).map(Cell::text).unwrap_or_default();
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if text.chars().count() > chars_max {
            return Err(self.wrong(code, "costs-mistake-long", chars_max));
        }
        if text.contains('\0') {
            return Err(self.wrong(code, "costs-mistake-control", ""));
        }
        Ok(text)
    }

    fn needed(&self, code: &str, chars_max: usize) -> Result<String, Mistake> {
        let text = self.text(code, chars_max)?;
        if text.is_empty() {
            return Err(self.wrong(code, "costs-mistake-missing", ""));
        }
        Ok(text)
    }

    fn told(&self, code: &str) -> Result<&Cell, Mistake> {
        self.cell(code)
            .ok_or_else(|| self.wrong(code, "costs-mistake-missing", ""))
    }

    fn decimal(&self, code: &str) -> Result<Decimal, Mistake> {
        let cell = self.told(code)?;
        Decimal::of_cell(cell).ok_or_else(|| self.wrong(code, "costs-mistake-number", cell.text()))
    }
}

/// Keeps what was read, or its mistake.
fn keep<T>(mistakes: &mut Vec<Mistake>, read: Result<T, Mistake>) -> Option<T> {
    read.map_err(|mistake| mistakes.push(mistake)).ok()
}

fn rows<T>(
    sheet: &Sheet,
    known: &'static [Known],
    read: impl Fn(&Named<'_>, &mut Vec<Mistake>) -> Option<T>,
) -> Read<T> {
    let columns: Vec<_> = sheet
        .headers
        .iter()
        .map(|header| column_of(known, header))
        .collect();
    let (mut told, mut mistakes) = (Vec::new(), Vec::new());
    for row in &sheet.rows {
        let named = Named {
            row,
            columns: &columns,
        };
        told.extend(read(&named, &mut mistakes));
    }
    (told, mistakes)
}

fn line(named: &Named<'_>, mistakes: &mut Vec<Mistake>) -> Option<Line> {
    let kind = named.told("kind").and_then(|cell| {
        let text = cell.text();
        Kind::parse(&text).ok_or_else(|| named.wrong("kind", "costs-mistake-kind", text))
    });
    let year = named.told("year").and_then(|cell| {
        let text = cell.text();
        let year = text.trim().parse::<i16>().ok();
        year.filter(|year| (1990..=2100).contains(year))
            .ok_or_else(|| named.wrong("year", "costs-mistake-year", text))
    });
    let cents = named
        .told("amount")
        .and_then(|cell| amount_cents(cell).map_err(|key| named.wrong("amount", key, cell.text())));
    let label = named.text("label", TEXT_CHARS_MAX);
    let kind = keep(mistakes, kind);
    let year = keep(mistakes, year);
    let label = keep(mistakes, label);
    let cents = keep(mistakes, cents);
    Some(Line {
        kind: kind?,
        year: year?,
        label: label?,
        cents: cents?,
    })
}

/// Reads a table of lines: columns nature, année, libellé, montant.
pub fn lines(bytes: &[u8]) -> Result<Read<Line>, TabularError> {
    let sheet = sheet(bytes, &LINE_COLUMNS, LINES_MAX)?;
    Ok(rows(&sheet, &LINE_COLUMNS, line))
}

/// The columns of a line that is typed in fields.
const TYPED: [Option<&str>; 4] = [Some("kind"), Some("year"), Some("label"), Some("amount")];

/// Lines that were typed in rows of fields, each with the number of its row, from 1; blank rows are left
/// out. A mistake is on the line of its row.
pub fn typed(rows: &[LineForm]) -> (Vec<Line>, Vec<u64>, Vec<Mistake>) {
    let (mut lines, mut places, mut mistakes) = (Vec::new(), Vec::new(), Vec::new());
    for (place, form) in (1..).zip(rows) {
        if form.is_blank() {
            continue;
        }
        let cells = [&form.kind, &form.year, &form.label, &form.amount];
        let row = Row {
            line: place,
            cells: cells.map(|text| Cell::Text(text.clone())).to_vec(),
        };
        let named = Named {
            row: &row,
            columns: &TYPED,
        };
        if let Some(line) = line(&named, &mut mistakes) {
            lines.push(line);
            places.push(place);
        }
    }
    (lines, places, mistakes)
}

fn drives(text: &str) -> Option<Drives> {
    match names::normalise(text).as_str() {
        "" | "rien" | "nothing" => Some(Drives::Nothing),
        "tout" | "everything" | "all" => Some(Drives::Everything),
        _ => Kind::parse(text).map(Drives::Kind),
    }
}

fn assumption(named: &Named<'_>, mistakes: &mut Vec<Mistake>) -> Option<Assumption> {
    let name = keep(mistakes, named.needed("name", TEXT_CHARS_MAX));
    let unit = keep(mistakes, named.text("unit", UNIT_CHARS_MAX));
    let source = keep(mistakes, named.needed("source", TEXT_CHARS_MAX));
    let value = keep(mistakes, named.decimal("value"));
    let end = |code: &str, mistakes: &mut Vec<Mistake>| match named.cell(code) {
        None => value,
        Some(_) => keep(mistakes, named.decimal(code)),
    };
    let (low, high) = (end("low", mistakes), end("high", mistakes));
    let text = named.cell("drives").map(Cell::text).unwrap_or_default();
    let told = drives(&text).ok_or_else(|| named.wrong("drives", "costs-mistake-drives", &text));
    let told = keep(mistakes, told);
    let value = value?;
    if value.0 == 0 {
        mistakes.push(named.wrong("value", "costs-mistake-zero", value));
        return None;
    }
    let (low, high) = (low?, high?);
    if low > value || high < value {
        let field = if low > value { "low" } else { "high" };
        mistakes.push(named.wrong(field, "costs-mistake-range", value));
        return None;
    }
    Some(Assumption {
        name: name?,
        value,
        unit: unit?,
        source: source?,
        low,
        high,
        drives: told?,
    })
}

/// Reads a table of assumptions: columns hypothèse, valeur, unité, source, bas, haut, porte sur.
pub fn assumptions(bytes: &[u8]) -> Result<Read<Assumption>, TabularError> {
    let sheet = sheet(bytes, &ASSUMPTION_COLUMNS, ASSUMPTIONS_MAX)?;
    Ok(rows(&sheet, &ASSUMPTION_COLUMNS, assumption))
}

/// One cell of a text with semicolons.
fn quoted(text: &str) -> String {
    if text.contains([';', '"', '\n']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

/// An amount as somebody types it.
pub(super) fn euros(cents: i64) -> String {
    match (cents / 100, cents % 100) {
        (whole, 0) => whole.to_string(),
        (whole, part) => format!("{whole},{part:02}"),
    }
}

fn comma(decimal: Decimal) -> String {
    decimal.to_string().replace('.', ",")
}

/// Lines as the text of a form, with their headers.
pub fn lines_text(lines: &[Line], name: impl Fn(Kind) -> String) -> String {
    let mut text = "nature;année;libellé;montant".to_owned();
    for line in lines {
        text.push_str(&format!(
            "\n{};{};{};{}",
            quoted(&name(line.kind)),
            line.year,
            quoted(&line.label),
            euros(line.cents)
        ));
    }
    text
}

/// Assumptions as the text of a form, with their headers.
pub fn assumptions_text(all: &[Assumption], name: impl Fn(Drives) -> String) -> String {
    let mut text = "hypothèse;valeur;unité;source;bas;haut;porte sur".to_owned();
    for one in all {
        text.push_str(&format!(
            "\n{};{};{};{};{};{};{}",
            quoted(&one.name),
            comma(one.value),
            quoted(&one.unit),
            quoted(&one.source),
            comma(one.low),
            comma(one.high),
            quoted(&name(one.drives))
        ));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "nature;année;libellé;montant\nHébergement;2027;Nuage;120 000,50 €\n\
                        build-agents;2026;Équipe;1,2 M€";

    #[test]
    fn lines_are_read_by_their_names() {
        let (lines, wrong) = lines(GOOD.as_bytes()).unwrap();
        assert_eq!(wrong, []);
        assert_eq!((lines[0].kind, lines[0].year), (Kind::Hosting, 2027));
        assert_eq!((lines[0].cents, lines[1].cents), (12_000_050, 120_000_000));
    }

    #[test]
    fn each_mistake_names_its_line_and_column() {
        let table =
            "nature;année;libellé;montant\nHébergement;2027;;12 USD\ncafé;27;x;12\n;2027;x;-1";
        let (lines, wrong) = lines(table.as_bytes()).unwrap();
        assert_eq!(lines, []);
        let told: Vec<_> = wrong
            .iter()
            .map(|one| (one.line, one.field.as_str(), one.code()))
            .collect();
        let expected = [
            (Some(2), "amount", "currency"),
            (Some(3), "kind", "kind"),
            (Some(3), "year", "year"),
            (Some(4), "kind", "missing"),
            (Some(4), "amount", "negative"),
        ];
        assert_eq!(told, expected);
    }

    #[test]
    fn assumptions_have_a_range_around_their_value() {
        let table = "hypothèse;valeur;unité;source;bas;haut;porte sur\n\
                     TJM;650;€/jour;Marché 2026;550;900;Construction prestataires\n\
                     Usagers;1000;;Mesure;;;\nX;5;;s;6;7;tout\nY;0;;s;;;\nZ;1;;;;;ailleurs";
        let (all, wrong) = assumptions(table.as_bytes()).unwrap();
        assert_eq!(all.len(), 2);
        assert_eq!(all[0].drives, Drives::Kind(Kind::BuildContractors));
        assert_eq!((all[1].low, all[1].drives), (all[1].value, Drives::Nothing));
        let told: Vec<_> = wrong.iter().map(|one| (one.line, one.code())).collect();
        let expected = [
            (Some(4), "range"),
            (Some(5), "zero"),
            (Some(6), "missing"),
            (Some(6), "drives"),
        ];
        assert_eq!(told, expected);
    }

    #[test]
    fn what_a_form_shows_is_read_back() {
        let (told, _) = lines(GOOD.as_bytes()).unwrap();
        let text = lines_text(&told, |kind| kind.code().to_owned());
        assert_eq!(lines(text.as_bytes()).unwrap().0, told);
        let one = Assumption {
            name: "Prix ; avec \"guillemets\"".into(),
            value: Decimal(1_500_000),
            unit: "€".into(),
            source: "Devis".into(),
            low: Decimal(1_000_000),
            high: Decimal(2_000_000),
            drives: Drives::Everything,
        };
        let text = assumptions_text(std::slice::from_ref(&one), |drives| {
            drives.code().to_owned()
        });
        assert_eq!(assumptions(text.as_bytes()).unwrap().0, [one]);
    }

    #[test]
    fn too_many_lines_are_refused() {
        let mut table = "nature;année;libellé;montant".to_owned();
        for _ in 0..=LINES_MAX {
            table.push_str("\nother;2026;x;1");
        }
        let refused = lines(table.as_bytes()).unwrap_err();
        assert_eq!(refused.code(), "too-many-rows");
    }
}
