//! What people read.

use startups::domain::{Check, Criterion, DecisionKind, Gap, Level, NationalResult, ReviewState};

#[test]
fn both_languages_have_the_same_words() {
    let [(_, fr), (_, en)] = startups::WORDS;
    let mut sources = String::new();
    for folder in ["src", "src/pages", "src/domain"] {
        for file in std::fs::read_dir(folder).unwrap() {
            sources.push_str(&std::fs::read_to_string(file.unwrap().path()).unwrap_or_default());
        }
    }
    for key in kit_acts::wording!("startups").keys() {
        sources.push_str(&format!("{key:?} "));
    }
    let built = [
        "startups-field-",
        "startups-column-",
        "startups-fact-",
        "startups-event-",
        "startups-state-",
        "startups-level-",
        "startups-decision-",
        "startups-phase-",
        "startups-criterion-",
        "startups-check-",
        "startups-national-",
        "startups-gap-",
        "startups-standing-",
        "startups-does-",
        "startups-yes",
        "startups-no",
    ];
    let mistakes = kit_ui::locale_mistakes(fr, en, &sources, &built);
    assert_eq!(mistakes, Vec::<String>::new());
}

#[test]
fn every_code_has_its_words() {
    let [(_, fr), _] = startups::WORDS;
    let keys = kit_ui::keys(fr);
    let mut wanted: Vec<String> = Vec::new();
    macro_rules! of {
        ($prefix:literal, $codes:ty) => {
            let all = <$codes>::ALL.iter();
            wanted.extend(all.map(|one| format!("startups-{}-{}", $prefix, one.code())));
        };
    }
    of!("state", ReviewState);
    of!("level", Level);
    of!("level-hint", Level);
    of!("decision", DecisionKind);
    of!("event-decision", DecisionKind);
    of!("criterion", Criterion);
    of!("criterion-hint", Criterion);
    of!("event-national-answer", Criterion);
    of!("check", Check);
    of!("event-national-check", Check);
    of!("national", NationalResult);
    of!("gap", Gap);
    of!("standing", ports::Standing);
    let missing: Vec<&String> = wanted.iter().filter(|key| !keys.contains(*key)).collect();
    assert_eq!(missing, Vec::<&String>::new());
}
