//! The portfolio on both databases.

#![allow(clippy::unwrap_used)] // a test fails by panicking

mod editing;
mod imports;
mod products;
mod runs;
mod support;

#[test]
fn both_languages_have_the_same_words() {
    let [(_, fr), (_, en)] = portfolio::WORDS;
    let mut sources = String::new();
    for folder in ["src", "src/domain", "src/pages"] {
        for file in std::fs::read_dir(folder)
            .unwrap()
            .map(|file| file.unwrap().path())
        {
            sources.push_str(&std::fs::read_to_string(file).unwrap_or_default());
        }
    }
    let built = [
        "product-kind-",
        "phase-",
        "band-",
        "action-",
        "reason-",
        "portfolio-figure-",
        "portfolio-attribute-",
        "portfolio-basis-",
        "portfolio-trial-",
        "portfolio-running-",
        "portfolio-by-",
        "portfolio-waterfall-",
        "portfolio-groups-",
        "portfolio-rejected-",
        "portfolio-line-",
        "portfolio-near-",
        "portfolio-import-",
        "portfolio-field-",
        "portfolio-run-",
        "portfolio-refusal-",
    ];
    let mistakes = kit_ui::locale_mistakes(fr, en, &sources, &built);
    assert_eq!(mistakes, Vec::<String>::new());
}
