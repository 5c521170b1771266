//! Values as people write them in cells.

use jiff::ToSpan as _;
use jiff::civil::Date;

use crate::sheet::Cell;

/// Whether a cell says that there is no value: nothing, a dash, `NA` and its kin.
pub fn is_absent(cell: &Cell) -> bool {
    let Cell::Text(text) = cell else { return false };
    matches!(
        text.trim().to_lowercase().as_str(),
        "" | "-" | "–" | "—" | "na" | "n/a" | "n.a." | "nc" | "nd" | "null" | "#n/a"
    )
}

/// The text without blanks of any kind and without unit.
fn bare(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '\u{202f}' | '\u{a0}' | '\''))
        .collect()
}

/// A number as a plain decimal text (`-1234.5`): comma or point as the decimal mark, the other one
/// or blanks between groups of three digits. `None` when it isn't a number.
fn plain_decimal(text: &str) -> Option<String> {
    let text = bare(text).replace('\u{2212}', "-");
    let digits = text.strip_prefix(['-', '+']).unwrap_or(&text);
    let negative = text.starts_with('-');
    if digits.is_empty()
        || !digits
            .chars()
            .all(|c| c.is_ascii_digit() || c == ',' || c == '.')
    {
        return None;
    }
    let mark = match (digits.rfind(','), digits.rfind('.')) {
        // Both: the last one is the decimal mark.
        (Some(comma), Some(point)) => Some(comma.max(point)),
        // The same one several times stands between groups.
        (Some(at), None) | (None, Some(at)) => {
            let one = digits[..at].chars().all(|c| c.is_ascii_digit());
            one.then_some(at)
        }
        (None, None) => None,
    };
    let (whole, fraction) = match mark {
        Some(at) => (&digits[..at], &digits[at + 1..]),
        None => (digits, ""),
    };
    let groups: Vec<&str> = whole.split([',', '.']).collect();
    let grouped = groups.len() > 1
        && (groups[0].is_empty()
            || groups[0].len() > 3
            || groups[1..].iter().any(|group| group.len() != 3));
    if grouped || fraction.contains([',', '.']) {
        return None;
    }
    let whole: String = groups.concat();
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let sign = if negative { "-" } else { "" };
    Some(format!(
        "{sign}{}.{fraction}",
        if whole.is_empty() { "0" } else { &whole }
    ))
}

/// A number: comma or point as the decimal mark, blanks between groups.
pub fn number(cell: &Cell) -> Option<f64> {
    match cell {
        Cell::Number(number) => number.is_finite().then_some(*number),
        Cell::Date(_) => None,
        Cell::Text(text) => plain_decimal(text)?
            .parse()
            .ok()
            .filter(|number: &f64| number.is_finite()),
    }
}

/// An amount written in units of `unit_cents` cents (100,000,000 for M€), exactly: decimal texts
/// never pass through a float. `€`, `M€` and `k€` after the number are understood and take
/// precedence over the unit. `None` when it isn't an amount or overflows.
pub fn amount_cents(cell: &Cell, unit_cents: i64) -> Option<i64> {
    let text = match cell {
        // Nine decimals undo what binary floats add (52.300000000000004).
        Cell::Number(number) if number.is_finite() => format!("{number:.9}"),
        Cell::Number(_) | Cell::Date(_) => return None,
        Cell::Text(text) => text.clone(),
    };
    let text = bare(&text);
    let lower = text.to_lowercase();
    let (digits, unit_cents) = [
        ("md€", 100_000_000_000),
        ("m€", 100_000_000),
        ("meur", 100_000_000),
        ("k€", 100_000),
        ("eur", 100),
        ("€", 100),
    ]
    .into_iter()
    .find_map(|(unit, cents)| Some((lower.strip_suffix(unit)?.to_owned(), cents)))
    .unwrap_or((lower, unit_cents));
    let plain = plain_decimal(&digits)?;
    let (whole, fraction) = plain.split_once('.')?;
    let negative = whole.starts_with('-');
    let whole: i128 = whole.trim_start_matches('-').parse().ok()?;
    let fraction: String = fraction.chars().take(18).collect();
    let scale = 10_i128.checked_pow(u32::try_from(fraction.len()).ok()?)?;
    let part: i128 = if fraction.is_empty() {
        0
    } else {
        fraction.parse().ok()?
    };
    let exact = whole
        .checked_mul(scale)?
        .checked_add(part)?
        .checked_mul(i128::from(unit_cents))?;
    let cents = (exact + scale / 2).div_euclid(scale);
    i64::try_from(if negative { -cents } else { cents }).ok()
}

/// The date of an Excel serial number (1900 system, where day 60 is a 29 February that never was).
/// `None` outside 1900 to 2199.
pub fn serial_date(serial: f64) -> Option<Date> {
    if !serial.is_finite() || !(1.0..109_575.0).contains(&serial) {
        return None;
    }
    let days = serial.floor() as i64;
    let base = if days < 60 {
        jiff::civil::date(1899, 12, 31)
    } else {
        jiff::civil::date(1899, 12, 30)
    };
    base.checked_add(days.days()).ok()
}

const MONTHS: [(&str, i8); 12] = [
    ("janvier", 1),
    ("fevrier", 2),
    ("mars", 3),
    ("avril", 4),
    ("mai", 5),
    ("juin", 6),
    ("juillet", 7),
    ("aout", 8),
    ("septembre", 9),
    ("octobre", 10),
    ("novembre", 11),
    ("decembre", 12),
];

/// A date: ISO (`2013-07-01`, also with a time after it), `01/07/2013` (day first, `-` and `.` as
/// well), `1er juillet 2013`, `juillet 2013` (its first day), or an Excel serial number.
pub fn date(cell: &Cell) -> Option<Date> {
    let text = match cell {
        Cell::Date(date) => return Some(*date),
        Cell::Number(number) => return serial_date(*number),
        Cell::Text(text) => text.trim(),
    };
    if let Some(date) = text.get(..10).and_then(|start| start.parse::<Date>().ok()) {
        let rest = &text[10..];
        return (rest.is_empty() || rest.starts_with(['T', ' '])).then_some(date);
    }
    let parts: Vec<&str> = text.split(['/', '-', '.']).map(str::trim).collect();
    if let [day, month, year] = parts[..]
        && let (Ok(day), Ok(month), Ok(year)) = (day.parse(), month.parse(), year.parse::<i16>())
    {
        // Two digits are a year of this century up to 69, of the last one from 70 on.
        let year = match (parts[2].len(), year) {
            (2, 0..70) => year + 2000,
            (2, _) => year + 1900,
            (4, _) => year,
            _ => return None,
        };
        return Date::new(year, month, day).ok();
    }
    if let Some(date) = in_words(text) {
        return Some(date);
    }
    number(cell)
        .filter(|_| text.len() >= 5)
        .and_then(serial_date)
}

fn in_words(text: &str) -> Option<Date> {
    let normal = names::normalise(text);
    let words: Vec<&str> = normal.split(' ').collect();
    let (day, month, year) = match words[..] {
        [day, month, year] => (day.trim_end_matches("er").parse().ok()?, month, year),
        [month, year] => (1, month, year),
        _ => return None,
    };
    let (_, month) = MONTHS.iter().find(|(name, _)| *name == month)?;
    Date::new(year.parse().ok()?, *month, day).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date as civil;

    fn text(text: &str) -> Cell {
        Cell::Text(text.into())
    }

    #[test]
    fn amounts_are_exact_however_they_are_written() {
        let millions = |written: &str| amount_cents(&text(written), 100_000_000);
        for written in [
            "26.3",
            "26,3",
            " 26,30 ",
            "26,3 M€",
            "26 300 k€",
            "26 300 000 €",
            "26.300.000 €",
        ] {
            assert_eq!(millions(written), Some(2_630_000_000), "{written}");
        }
        assert_eq!(millions("1 234,5"), Some(123_450_000_000));
        assert_eq!(millions("1.234,5"), Some(123_450_000_000));
        assert_eq!(millions("-0,01"), Some(-1_000_000));
        assert_eq!(
            amount_cents(&Cell::Number(52.300_000_000_000_004), 100_000_000),
            Some(5_230_000_000)
        );
        for wrong in [
            "",
            "abc",
            "1,2,3,",
            "12.34.5",
            ",",
            "1e9",
            "En cadrage",
            "∞",
        ] {
            assert_eq!(millions(wrong), None, "{wrong}");
        }
        assert_eq!(millions("99999999999999999999"), None);
        assert_eq!(amount_cents(&Cell::Number(f64::NAN), 100), None);
    }

    #[test]
    fn dates_come_in_many_forms() {
        let first = Some(civil(2013, 7, 1));
        for written in [
            "2013-07-01",
            "2013-07-01T00:00:00",
            "01/07/2013",
            "1/7/2013",
            "01-07-2013",
            "01.07.2013",
            "1er juillet 2013",
            "1 Juillet 2013",
            "juillet 2013",
            "41456",
            "01/07/13",
        ] {
            assert_eq!(date(&text(written)), first, "{written}");
        }
        assert_eq!(date(&Cell::Number(41_456.0)), first);
        assert_eq!(date(&text("1er août 2013")), Some(civil(2013, 8, 1)));
        for wrong in [
            "",
            "31/02/2013",
            "07/31/2013",
            "2013",
            "NA",
            "hier",
            "1/2/3",
            "2013-07-01x",
        ] {
            assert_eq!(date(&text(wrong)), None, "{wrong}");
        }
        assert_eq!(serial_date(59.0), Some(civil(1900, 2, 28)));
        assert_eq!(serial_date(61.0), Some(civil(1900, 3, 1)));
        assert_eq!(serial_date(1e12), None);
    }

    #[test]
    fn absence_has_many_names() {
        for absent in ["", "NA", " n/a ", "-", "—"] {
            assert!(is_absent(&text(absent)), "{absent}");
        }
        assert!(!is_absent(&text("0")));
        assert!(!is_absent(&Cell::Number(0.0)));
    }
}
