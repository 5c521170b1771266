//! What people read.

use contracts::domain::{
    Act, ApplicationAct, ApplicationState, CheckState, Consequence, Doctrine, Expertise, Kind,
    Outcome, Side, State, TrancheState,
};

#[test]
fn both_languages_have_the_same_words() {
    let [(_, fr), (_, en)] = contracts::WORDS;
    let mut sources = String::new();
    for folder in ["src", "src/pages", "src/domain"] {
        for file in std::fs::read_dir(folder).unwrap() {
            sources.push_str(&std::fs::read_to_string(file.unwrap().path()).unwrap_or_default());
        }
    }
    for key in kit_acts::wording!("contracts").keys() {
        sources.push_str(&format!("{key:?} "));
    }
    let built = [
        "contracts-field-",
        "contracts-column-",
        "contracts-fact-",
        "contracts-told-fact-",
        "contracts-event-",
        "contracts-act-",
        "contracts-apply-act-",
        "contracts-application-",
        "contracts-kind-",
        "contracts-state-",
        "contracts-side-",
        "contracts-expertise-",
        "contracts-doctrine-",
        "contracts-check-",
        "contracts-consequence-",
        "contracts-outcome-",
        "contracts-tranche-",
        "contracts-unmet-",
        "contracts-usual-",
        "contracts-section-",
    ];
    let mistakes = kit_ui::locale_mistakes(fr, en, &sources, &built);
    assert_eq!(mistakes, Vec::<String>::new());
}

#[test]
fn every_code_has_its_words() {
    let [(_, fr), _] = contracts::WORDS;
    let keys = kit_ui::keys(fr);
    let mut wanted: Vec<String> = Vec::new();
    macro_rules! of {
        ($prefix:literal, $codes:ty) => {
            let all = <$codes>::ALL.iter();
            wanted.extend(all.map(|one| format!("contracts-{}-{}", $prefix, one.code())));
        };
    }
    of!("kind", Kind);
    of!("state", State);
    of!("side", Side);
    of!("expertise", Expertise);
    of!("doctrine", Doctrine);
    of!("usual-clause", Doctrine);
    of!("check", CheckState);
    of!("event-contract-clause", CheckState);
    of!("consequence", Consequence);
    of!("outcome", Outcome);
    of!("event-contract-review", Outcome);
    of!("tranche", TrancheState);
    of!("application", ApplicationState);
    of!("apply-act", ApplicationAct);
    of!("event-application", ApplicationAct);
    for act in Act::ALL
        .iter()
        .filter(|act| !matches!(act, Act::Sign | Act::Begin))
    {
        wanted.push(format!("contracts-act-{}", act.code()));
        wanted.push(format!("contracts-event-contract-{}", act.code()));
    }
    let missing: Vec<&String> = wanted.iter().filter(|key| !keys.contains(*key)).collect();
    assert_eq!(missing, Vec::<&String>::new());
}
