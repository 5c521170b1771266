//! What people read.

use brigade::domain::{
    AXES, Employer, MissionAct, MissionState, RequestAct, RequestOrigin, RequestState, SkillLevel,
};

#[test]
fn both_languages_have_the_same_words() {
    let [(_, fr), (_, en)] = brigade::WORDS;
    let mut sources = String::new();
    for folder in ["src", "src/pages", "src/domain"] {
        for file in std::fs::read_dir(folder).unwrap() {
            sources.push_str(&std::fs::read_to_string(file.unwrap().path()).unwrap_or_default());
        }
    }
    for key in kit_acts::wording!("brigade").keys() {
        sources.push_str(&format!("{key:?} "));
    }
    let built = [
        "brigade-field-",
        "brigade-column-",
        "brigade-event-",
        "brigade-act-",
        "brigade-mission-act-",
        "brigade-mission-state-",
        "brigade-request-state-",
        "brigade-origin-",
        "brigade-level-",
        "brigade-employer-",
        "brigade-status-",
        "brigade-axis-",
        "brigade-half-days-",
    ];
    let mistakes = kit_ui::locale_mistakes(fr, en, &sources, &built);
    assert_eq!(mistakes, Vec::<String>::new());
}

#[test]
fn every_code_has_its_words() {
    let [(_, fr), _] = brigade::WORDS;
    let keys = kit_ui::keys(fr);
    let mut wanted: Vec<String> = Vec::new();
    macro_rules! of {
        ($prefix:literal, $codes:ty) => {
            let all = <$codes>::ALL.iter();
            wanted.extend(all.map(|one| format!("brigade-{}-{}", $prefix, one.code())));
        };
    }
    of!("origin", RequestOrigin);
    of!("request-state", RequestState);
    of!("mission-state", MissionState);
    of!("event-request", RequestAct);
    of!("event-mission", MissionAct);
    of!("level", SkillLevel);
    of!("employer", Employer);
    wanted.extend(AXES.map(|axis| format!("brigade-axis-{axis}")));
    for act in ["accept", "decline", "put-off", "close", "withdraw"] {
        wanted.push(format!("brigade-act-{act}"));
    }
    for act in ["agree", "start", "close", "cancel"] {
        wanted.push(format!("brigade-mission-act-{act}"));
    }
    for act in [
        "propose",
        "attach",
        "recommend",
        "propose-extension",
        "agree-extension",
        "refuse-extension",
    ] {
        wanted.push(format!("brigade-event-mission-{act}"));
    }
    let missing: Vec<&String> = wanted.iter().filter(|key| !keys.contains(*key)).collect();
    assert_eq!(missing, Vec::<&String>::new());
}
