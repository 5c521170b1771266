//! Impact on both databases.

#![allow(clippy::unwrap_used)] // a test fails by panicking

mod automatic;
mod gate;
mod indicators;
mod observations;
mod polls;
mod support;
mod web;

#[test]
fn both_languages_have_the_same_words() {
    let [(_, fr), (_, en)] = impact::WORDS;
    let mut sources = String::new();
    for folder in ["src", "src/api", "src/domain", "src/pages"] {
        for file in std::fs::read_dir(folder)
            .unwrap()
            .map(|file| file.unwrap().path())
        {
            sources.push_str(&std::fs::read_to_string(file).unwrap_or_default());
        }
    }
    let built = [
        "impact-standing-",
        "impact-level-",
        "impact-rhythm-",
        "impact-origin-",
        "impact-quality-",
        "impact-direction-",
        "impact-doubt-",
        "impact-history-",
        "impact-compare-",
        "impact-poll-",
        // The columns of the table of corrections.
        "impact-author",
        "impact-corrects",
    ];
    let mistakes = kit_ui::locale_mistakes(fr, en, &sources, &built);
    assert_eq!(mistakes, Vec::<String>::new());
}
