//! Lists and dates, as people type them.

use ipnet::IpNet;
use jiff::civil::Date;

use super::super::mistake::Reader;
use super::Purpose;

/// Most lines of a list.
const LINES_MAX: usize = 50;

/// The lines of a list, without blanks around, without empty ones, at most [`LINES_MAX`].
fn lines<'t>(read: &mut Reader, field: &'static str, text: &'t str) -> Vec<&'t str> {
    let list: Vec<&str> = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    if list.len() > LINES_MAX {
        read.wrong(field, "exchange-mistake-count", LINES_MAX);
        return Vec::new();
    }
    list
}

pub(super) fn sirets(read: &mut Reader, field: &'static str, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for line in lines(read, field, text) {
        match siret::digits(line) {
            Some(number) if !found.contains(&number) => found.push(number),
            Some(_) => {}
            None => read.wrong(field, "exchange-mistake-siret", line),
        }
    }
    found
}

pub(super) fn prefixes(read: &mut Reader, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for line in lines(read, "addresses", text) {
        // One address is a network of one.
        let length = match (line.contains('/'), line.contains(':')) {
            (true, _) => "",
            (false, true) => "/128",
            (false, false) => "/32",
        };
        let net = format!("{line}{length}").parse::<IpNet>();
        match net {
            // A whole internet is no limit: leaving the list empty says it honestly.
            Ok(net) if net.prefix_len() >= 8 => {
                let text = net.trunc().to_string();
                if !found.contains(&text) {
                    found.push(text);
                }
            }
            _ => read.wrong("addresses", "exchange-mistake-prefix-ip", line),
        }
    }
    found
}

/// Purposes; one without a code gets one made of its words.
pub(super) fn purposes(read: &mut Reader, text: &str) -> Vec<Purpose> {
    let mut found: Vec<Purpose> = Vec::new();
    for line in lines(read, "purposes", text) {
        let (code, words) = match line.split_once(':') {
            Some((code, words)) if is_code(code.trim()) => (code.trim().to_owned(), words.trim()),
            _ => (made_code(line), line),
        };
        if words.is_empty() || words.chars().count() > 200 || !is_code(&code) {
            read.wrong("purposes", "exchange-mistake-purpose", line);
        } else if found.iter().any(|one| one.code == code) {
            read.wrong("purposes", "exchange-mistake-purpose-twice", &code);
        } else {
            found.push(Purpose {
                code,
                words: words.to_owned(),
            });
        }
    }
    if found.is_empty() {
        read.wrong("purposes", "exchange-mistake-missing", "");
    }
    found
}

/// Whether a text can be the code of a purpose.
pub fn is_code(text: &str) -> bool {
    (2..=50).contains(&text.len())
        && text
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && !text.ends_with('-')
}

fn made_code(words: &str) -> String {
    let mut code = String::new();
    for word in names::normalise(words).split_whitespace() {
        let word: String = word.chars().filter(char::is_ascii_alphanumeric).collect();
        if !word.is_empty() && code.len() + word.len() < 50 {
            if !code.is_empty() {
                code.push('-');
            }
            code.push_str(&word);
        }
    }
    code
}

pub(super) fn date(
    read: &mut Reader,
    field: &'static str,
    [day, month, year]: &[String; 3],
) -> Option<Date> {
    let date = (|| {
        let year = year
            .trim()
            .parse()
            .ok()
            .filter(|year| (2000..2200).contains(year))?;
        Date::new(year, month.trim().parse().ok()?, day.trim().parse().ok()?).ok()
    })();
    if date.is_none() {
        read.wrong(field, "exchange-mistake-date", "");
    }
    date
}
