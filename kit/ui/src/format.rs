//! Figures, dates and amounts as a reader expects them: French typography first.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::words::Locale;

/// Narrow no-break space: between groups of digits, and before `;`, `!` and `?`.
pub const NARROW: char = '\u{202f}';
/// No-break space: before `:`, `%` and `€`, and between a number and its unit.
pub const NO_BREAK: char = '\u{a0}';

const MONTHS_FR: [&str; 12] = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
];
const MONTHS_EN: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// A whole number: "1 234 567", "1,234,567".
pub fn count(locale: Locale, number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let separator = match locale {
        Locale::Fr => NARROW,
        Locale::En => ',',
    };
    let mut text = String::with_capacity(digits.len() * 2);
    if number < 0 {
        text.push('\u{2212}');
    }
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(separator);
        }
        text.push(digit);
    }
    text
}

/// A number with a fixed count of decimals: "1 234,5", "1,234.5".
pub fn decimal(locale: Locale, number: f64, decimals: usize) -> String {
    if !number.is_finite() {
        return "—".to_owned();
    }
    let plain = format!("{:.decimals$}", number.abs());
    let (whole, fraction) = plain.split_once('.').unwrap_or((plain.as_str(), ""));
    let negative = number < 0.0 && plain.chars().any(|c| c.is_ascii_digit() && c != '0');
    let whole = whole
        .parse()
        .map_or_else(|_| whole.to_owned(), |whole| count(locale, whole));
    let sign = if negative { "\u{2212}" } else { "" };
    let point = match locale {
        Locale::Fr => ',',
        Locale::En => '.',
    };
    if fraction.is_empty() {
        format!("{sign}{whole}")
    } else {
        format!("{sign}{whole}{point}{fraction}")
    }
}

/// An amount in full: "1 234 567 €", cents only when there are some.
pub fn euros(locale: Locale, cents: i64) -> String {
    let sign = if cents < 0 { "\u{2212}" } else { "" };
    let whole = count(locale, (cents.unsigned_abs() / 100).cast_signed());
    let rest = cents.unsigned_abs() % 100;
    match locale {
        Locale::Fr if rest == 0 => format!("{sign}{whole}{NO_BREAK}€"),
        Locale::Fr => format!("{sign}{whole},{rest:02}{NO_BREAK}€"),
        Locale::En if rest == 0 => format!("{sign}€{whole}"),
        Locale::En => format!("{sign}€{whole}.{rest:02}"),
    }
}

/// An amount in millions with one decimal: "12,3 M€", "€12.3m".
pub fn millions(locale: Locale, cents: i64) -> String {
    let number = millions_number(locale, cents);
    match locale {
        Locale::Fr => format!("{number}{NO_BREAK}M€"),
        Locale::En => format!("€{number}m"),
    }
}

/// The number of [`millions`], for a column whose header gives the unit.
pub fn millions_number(locale: Locale, cents: i64) -> String {
    decimal(locale, cents as f64 / 100_000_000.0, 1)
}

/// A rate as a percentage with one decimal: "24,3 %".
pub fn percent(locale: Locale, rate: f64) -> String {
    let number = decimal(locale, rate * 100.0, 1);
    match locale {
        Locale::Fr => format!("{number}{NO_BREAK}%"),
        Locale::En => format!("{number}%"),
    }
}

/// A rate of change as a percentage with its sign: "+24,3 %".
pub fn percent_signed(locale: Locale, rate: f64) -> String {
    let text = percent(locale, rate);
    if rate > 0.0 && text.chars().any(|c| c.is_ascii_digit() && c != '0') {
        format!("+{text}")
    } else {
        text
    }
}

/// A change in percentage points with its sign: "+1,2 pt", "+1.2 pts".
pub fn points_signed(locale: Locale, rate: f64) -> String {
    let number = decimal(locale, rate * 100.0, 1);
    let positive = rate > 0.0 && number.chars().any(|c| c.is_ascii_digit() && c != '0');
    let sign = if positive { "+" } else { "" };
    match locale {
        Locale::Fr => format!("{sign}{number}{NO_BREAK}pt"),
        Locale::En => format!("{sign}{number}{NO_BREAK}pts"),
    }
}

/// A date in full: "3 mars 2026", "1er mars 2026", "3 March 2026".
pub fn date(locale: Locale, date: Date) -> String {
    let month = usize::try_from(date.month() - 1).unwrap_or(0);
    match locale {
        Locale::Fr => {
            let day = if date.day() == 1 {
                "1er".to_owned()
            } else {
                date.day().to_string()
            };
            format!("{day}{NO_BREAK}{} {}", MONTHS_FR[month], date.year())
        }
        Locale::En => format!(
            "{}{NO_BREAK}{} {}",
            date.day(),
            MONTHS_EN[month],
            date.year()
        ),
    }
}

/// A month: "mars 2026".
pub fn month(locale: Locale, date: Date) -> String {
    let at = usize::try_from(date.month() - 1).unwrap_or(0);
    let name = match locale {
        Locale::Fr => MONTHS_FR[at],
        Locale::En => MONTHS_EN[at],
    };
    format!("{name} {}", date.year())
}

/// An instant as read on a clock in Paris: "3 mars 2026 à 14 h 05".
pub fn instant(locale: Locale, at: Timestamp) -> String {
    let zone = TimeZone::get("Europe/Paris").unwrap_or(TimeZone::UTC);
    let local = zone.to_datetime(at);
    let day = date(locale, local.date());
    match locale {
        Locale::Fr => {
            format!(
                "{day} à {}{NO_BREAK}h{NO_BREAK}{:02}",
                local.hour(),
                local.minute()
            )
        }
        Locale::En => format!("{day} at {:02}:{:02}", local.hour(), local.minute()),
    }
}

/// A duration given in days, in the unit a reader would choose: "45 jours", "14 mois", "3,5 ans".
pub fn days(locale: Locale, days: i64) -> String {
    let months = (days as f64 / 30.436_875).round();
    let (number, unit) = match (days.abs(), locale) {
        (0..90, Locale::Fr) => (
            count(locale, days),
            if days.abs() < 2 { "jour" } else { "jours" },
        ),
        (0..90, Locale::En) => (count(locale, days), if days == 1 { "day" } else { "days" }),
        (90..730, Locale::Fr) => (decimal(locale, months, 0), "mois"),
        (90..730, Locale::En) => (decimal(locale, months, 0), "months"),
        (_, Locale::Fr) => (decimal(locale, days as f64 / 365.25, 1), "ans"),
        (_, Locale::En) => (decimal(locale, days as f64 / 365.25, 1), "years"),
    };
    format!("{number}{NO_BREAK}{unit}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date as civil;

    #[test]
    fn french_figures_are_set_as_the_imprimerie_nationale_sets_them() {
        let fr = Locale::Fr;
        assert_eq!(count(fr, 1_234_567), "1\u{202f}234\u{202f}567");
        assert_eq!(count(fr, -12), "\u{2212}12");
        assert_eq!(euros(fr, 123_456_700), "1\u{202f}234\u{202f}567\u{a0}€");
        assert_eq!(euros(fr, -150), "\u{2212}1,50\u{a0}€");
        assert_eq!(millions(fr, 1_230_000_000), "12,3\u{a0}M€");
        assert_eq!(percent(fr, 0.243), "24,3\u{a0}%");
        assert_eq!(percent_signed(fr, 0.243), "+24,3\u{a0}%");
        assert_eq!(percent_signed(fr, -0.000_01), "0,0\u{a0}%");
        assert_eq!(date(fr, civil(2026, 3, 3)), "3\u{a0}mars 2026");
        assert_eq!(date(fr, civil(2026, 3, 1)), "1er\u{a0}mars 2026");
        assert_eq!(days(fr, 1), "1\u{a0}jour");
        assert_eq!(days(fr, 420), "14\u{a0}mois");
        assert_eq!(days(fr, 1278), "3,5\u{a0}ans");
    }

    #[test]
    fn english_figures() {
        let en = Locale::En;
        assert_eq!(count(en, 1_234_567), "1,234,567");
        assert_eq!(millions(en, 1_230_000_000), "€12.3m");
        assert_eq!(percent_signed(en, 0.243), "+24.3%");
    }

    #[test]
    fn an_instant_is_told_in_paris() {
        let at: Timestamp = "2026-07-01T22:05:00Z".parse().unwrap();
        assert_eq!(
            instant(Locale::Fr, at),
            "2\u{a0}juillet 2026 à 0\u{a0}h\u{a0}05"
        );
    }

    #[test]
    fn what_is_no_number_is_no_figure() {
        assert_eq!(decimal(Locale::Fr, f64::NAN, 1), "—");
        assert_eq!(decimal(Locale::Fr, f64::INFINITY, 1), "—");
    }
}
