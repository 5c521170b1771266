//! Costs on both databases.

#![allow(clippy::unwrap_used)] // a test fails by panicking

mod acts;
mod versions;
mod web;
mod world;

#[test]
fn both_languages_have_the_same_words() {
    let [(_, fr), (_, en)] = costs::WORDS;
    let mut sources = String::new();
    for folder in ["src", "src/domain", "src/pages"] {
        for file in std::fs::read_dir(folder).unwrap() {
            sources.push_str(&std::fs::read_to_string(file.unwrap().path()).unwrap_or_default());
        }
    }
    let built = [
        "costs-column-",
        "costs-kind-",
        "costs-drives-",
        "costs-count-",
        "costs-per-",
        "costs-input-",
        "costs-source-",
        "costs-part-",
        "costs-compare-",
    ];
    let mistakes = kit_ui::locale_mistakes(fr, en, &sources, &built);
    assert_eq!(mistakes, Vec::<String>::new());
}

#[test]
fn every_code_has_its_words() {
    let [(_, fr), _] = costs::WORDS;
    let keys = kit_ui::keys(fr);
    let kinds = costs::domain::Kind::ALL.map(|one| format!("costs-kind-{}", one.code()));
    let inputs = ownership::Input::ALL.iter().flat_map(|one| {
        let code = one.code().replace('_', "-");
        [
            format!("costs-input-{code}"),
            format!("costs-source-{code}"),
        ]
    });
    let parts = ownership::PARTS.map(|(name, _)| format!("costs-part-{name}"));
    for key in kinds.into_iter().chain(inputs).chain(parts) {
        assert!(keys.contains(&key), "{key}");
    }
}
