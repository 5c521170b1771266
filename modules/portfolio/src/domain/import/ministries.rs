//! Ministries change names between editions; what they do goes on.

/// Acronyms of one line of succession, oldest first. Sources: the decrees on the composition of the
/// governments of 2016, 2017, 2020, 2022 and 2024, and the editions themselves.
const LINES: [&[&str]; 14] = [
    &["SPM", "PM"],
    &["MCC", "MC"],
    &["MINDEF", "MAR", "MINARM"],
    &["MENESR", "MEN", "MENJ", "MENJS", "MENESRI"],
    &["MESRI", "MESR", "MESRE"],
    &["MAEDI", "MEA", "MEAE"],
    &["MAAF", "MAA", "MASA", "MAASA"],
    &["MEEM", "MEDDE", "MTES", "MTE", "MTECT"],
    &["MEF", "MINEFI", "MEFR", "MEFSIN", "MACP"],
    &["MI", "MIOM", "MININT"],
    &["MJ", "MINJUST"],
    &["MCAS", "MSS", "MSAP", "MTSS"],
    &["MT", "MTEI", "MTPEI"],
    &["MCTRCT", "MCT", "MATD"],
];

/// The acronyms under which the same ministry has been known, this one included.
pub fn line_of(acronym: &str) -> &'static [&'static str] {
    let upper = acronym.trim().to_uppercase();
    LINES
        .into_iter()
        .find(|line| line.contains(&upper.as_str()))
        .unwrap_or(&[])
}

/// One key for a ministry through its names: a hint for matching, never a proof.
pub fn key(acronym: &str) -> String {
    let line = line_of(acronym);
    line.first().map_or_else(
        || acronym.trim().to_uppercase(),
        |first| (*first).to_owned(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ministry_keeps_its_key_through_its_names() {
        for (before, after) in [
            ("MCC", "MC"),
            ("MINDEF", "MAr"),
            ("MENESR", "MEN"),
            ("MEEM", "MTES"),
        ] {
            assert_eq!(key(before), key(after));
        }
        assert_ne!(key("MI"), key("MJ"));
        assert_eq!(key(" xyz "), "XYZ");
    }

    #[test]
    fn no_acronym_stands_in_two_lines() {
        let all: Vec<&str> = LINES.concat();
        let unique: std::collections::HashSet<_> = all.iter().collect();
        assert_eq!(all.len(), unique.len());
    }
}
