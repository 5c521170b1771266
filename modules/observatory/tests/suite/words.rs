//! What people read.

use observatory::domain::{Criterion, Declared, Help, Level, Satisfaction};

#[test]
fn both_languages_have_the_same_words() {
    let [(_, fr), (_, en)] = observatory::WORDS;
    let mut sources = String::new();
    for folder in ["src", "src/pages", "src/domain"] {
        for file in std::fs::read_dir(folder).unwrap() {
            sources.push_str(&std::fs::read_to_string(file.unwrap().path()).unwrap_or_default());
        }
    }
    for key in kit_acts::wording!("observatory").keys() {
        sources.push_str(&format!("{key:?} "));
    }
    let built = [
        "observatory-field-",
        "observatory-column-",
        "observatory-event-",
        "observatory-criterion-",
        "observatory-declared-",
        "observatory-about-",
        "observatory-value-hint-",
        "observatory-choice-",
        "observatory-level-",
        "observatory-satisfaction-",
        "observatory-ease-",
        "observatory-help-",
        "observatory-worth-",
        "observatory-goal-",
    ];
    let mistakes = kit_ui::locale_mistakes(fr, en, &sources, &built);
    assert_eq!(mistakes, Vec::<String>::new());
}

#[test]
fn every_code_has_its_words() {
    let [(_, fr), _] = observatory::WORDS;
    let keys = kit_ui::keys(fr);
    let mut wanted: Vec<String> = Vec::new();
    macro_rules! of {
        ($prefix:literal, $codes:ty) => {
            let all = <$codes>::ALL.iter();
            wanted.extend(all.map(|one| format!("observatory-{}-{}", $prefix, one.code())));
        };
    }
    of!("criterion", Criterion);
    of!("declared", Declared);
    of!("about", Declared);
    of!("value-hint", Declared);
    of!("event-procedure-declare", Declared);
    of!("level", Level);
    of!("satisfaction", Satisfaction);
    of!("help", Help);
    let with_goal = Criterion::ALL.iter().filter(|one| one.has_goal());
    wanted.extend(with_goal.map(|one| format!("observatory-goal-{}", one.code())));
    for declared in Declared::ALL {
        let codes = declared.choices().iter();
        wanted.extend(codes.map(|code| format!("observatory-choice-{}-{code}", declared.code())));
    }
    for what in ["ease", "worth"] {
        wanted.extend((1..=5).map(|number| format!("observatory-{what}-{number}")));
    }
    let missing: Vec<&String> = wanted.iter().filter(|key| !keys.contains(*key)).collect();
    assert_eq!(missing, Vec::<&String>::new());
}
