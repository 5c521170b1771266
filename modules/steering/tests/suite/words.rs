//! What people read.

use steering::AlertAct;
use steering::domain::{
    Answer, Axis, ConferenceAct, ConferenceKind, ConferenceState, Confidence, DecisionKind,
    EscalationStep, FileItem, Opinion, Party, Reoriented, ReviewAct, ReviewKind, ReviewState, Rule,
    Side, Status, WEIGHED,
};

#[test]
fn both_languages_have_the_same_words() {
    let [(_, fr), (_, en)] = steering::WORDS;
    let mut sources = String::new();
    for folder in ["src", "src/pages", "src/domain"] {
        for file in std::fs::read_dir(folder).unwrap() {
            sources.push_str(&std::fs::read_to_string(file.unwrap().path()).unwrap_or_default());
        }
    }
    for key in kit_acts::wording!("steering").keys() {
        sources.push_str(&format!("{key:?} "));
    }
    let built = [
        "steering-field-",
        "steering-column-",
        "steering-fact-",
        "steering-figure-",
        "steering-event-",
        "steering-act-",
        "steering-answer-",
        "steering-alert-act-",
        "steering-alert-field-",
        "steering-item-",
        "steering-kind-",
        "steering-state-",
        "steering-opinion-",
        "steering-axis-",
        "steering-score-",
        "steering-status-",
        "steering-step-",
        "steering-reoriented-",
        "steering-rule-",
        "steering-confidence-",
        "steering-decision-",
        "steering-effect-",
        "steering-morning-",
        "steering-review-of-",
        "steering-rate-",
        "steering-open-",
        "steering-overdue-",
        "steering-conference-kind-",
        "steering-conference-state-",
        "steering-conference-act-",
        "steering-conference-lead-",
        "steering-conference-of-",
        "steering-party-",
        "steering-weight-",
        "steering-source-",
        "steering-standing-",
        "steering-topic-",
        "steering-promises-",
        "steering-previous-",
        "steering-conference-decisions",
        "steering-conference-recommendations",
        "steering-origin-",
    ];
    let mistakes = kit_ui::locale_mistakes(fr, en, &sources, &built);
    assert_eq!(mistakes, Vec::<String>::new());
}

#[test]
fn every_code_has_its_words() {
    let [(_, fr), _] = steering::WORDS;
    let keys = kit_ui::keys(fr);
    let mut wanted: Vec<String> = Vec::new();
    macro_rules! of {
        ($prefix:literal, $codes:ty) => {
            let all = <$codes>::ALL.iter();
            wanted.extend(all.map(|one| format!("steering-{}-{}", $prefix, one.code())));
        };
    }
    of!("axis", Axis);
    of!("kind", ReviewKind);
    of!("state", ReviewState);
    of!("opinion", Opinion);
    of!("item", FileItem);
    of!("item-hint", FileItem);
    of!("status", Status);
    of!("answer", Answer);
    of!("step", EscalationStep);
    of!("reoriented", Reoriented);
    of!("rule", Rule);
    of!("confidence", Confidence);
    of!("side", Side);
    of!("rate", Side);
    of!("decision", DecisionKind);
    of!("alert-act", AlertAct);
    of!("alert-field", AlertAct);
    of!("conference-kind", ConferenceKind);
    of!("conference-state", ConferenceState);
    of!("conference-act", ConferenceAct);
    of!("conference-lead", ConferenceAct);
    of!("conference-of", ConferenceKind);
    of!("event-conference", ConferenceAct);
    of!("party", Party);
    of!("field-people", Party);
    wanted.extend(WEIGHED.iter().map(|code| format!("steering-weight-{code}")));
    of!("event-review", ReviewAct);
    of!("event-recommendation", Answer);
    of!("event-decision", DecisionKind);
    of!("event-alert", AlertAct);
    of!("event-alert-open", Rule);
    of!("event-recommendation-overdue", EscalationStep);
    of!("event-recommendation-reoriented", Reoriented);
    for side in Side::ALL {
        for confidence in Confidence::ALL {
            let (side, confidence) = (side.code(), confidence.code());
            wanted.push(format!("steering-event-product-rate-{side}-{confidence}"));
        }
    }
    let missing: Vec<&String> = wanted.iter().filter(|key| !keys.contains(*key)).collect();
    assert_eq!(missing, Vec::<&String>::new());
}
