//! What people read.

use exchange::domain::openapi::DocumentProblem;
use exchange::domain::{
    ContactRole, ContestState, DIFFERENCE_KINDS, Effect, Fact, GatewaySign, Handled, LegalNature,
    Modality, Proof, RequestKind, RequestState, RuleKind, Sensitivity, Standing, Step, Window,
};

#[test]
fn both_languages_have_the_same_words() {
    let [(_, fr), (_, en)] = exchange::WORDS;
    let mut sources = String::new();
    for folder in ["src", "src/pages", "src/domain", "src/domain/request"] {
        for file in std::fs::read_dir(folder).unwrap() {
            sources.push_str(&std::fs::read_to_string(file.unwrap().path()).unwrap_or_default());
        }
    }
    let built = [
        "exchange-field-",
        "exchange-hint-",
        "exchange-column-",
        "exchange-done-",
        "exchange-act-",
        "exchange-step-",
        "exchange-document-",
        "exchange-difference-",
        "exchange-status-",
        "exchange-sensitivity-",
        "exchange-legal-",
        "exchange-proof-",
        "exchange-modality-",
        "exchange-contact-",
        "exchange-request-",
        "exchange-kind-",
        "exchange-standing-",
        "exchange-stop-",
        "exchange-side-",
        "exchange-place-",
        "exchange-rule-",
        "exchange-window-",
        "exchange-within-",
        "exchange-limit-",
        "exchange-effect-",
        "exchange-day-",
        "exchange-alerts-",
        "exchange-alert-as-",
        "exchange-handled-",
        "exchange-sign-",
        "exchange-type-",
        "exchange-fact-",
        "exchange-outcome-",
        "exchange-contest-",
        "exchange-answer-",
        "exchange-told-contest-",
        "exchange-citizen-calls-",
        "exchange-level-",
        "exchange-citizen-csv",
        "exchange-citizen-json",
    ];
    let mistakes = kit_ui::locale_mistakes(fr, en, &sources, &built);
    assert_eq!(mistakes, Vec::<String>::new());
}

#[test]
fn every_code_has_its_words() {
    let [(_, fr), _] = exchange::WORDS;
    let keys = kit_ui::keys(fr);
    let mut wanted: Vec<String> = Vec::new();
    let mut of = |prefix: &str, codes: Vec<&str>| {
        wanted.extend(codes.iter().map(|code| format!("exchange-{prefix}-{code}")));
    };
    of(
        "document",
        DocumentProblem::ALL.iter().map(|one| one.code()).collect(),
    );
    of("fact", Fact::ALL.iter().map(|one| one.code()).collect());
    of(
        "contest",
        ContestState::ALL.iter().map(|one| one.code()).collect(),
    );
    of("outcome", vec!["given", "unknown", "nothing"]);
    of("answer", vec!["founded", "unfounded"]);
    of("told-contest", vec!["founded", "unfounded"]);
    of(
        "difference",
        DIFFERENCE_KINDS.iter().map(|(kind, _)| *kind).collect(),
    );
    of(
        "sensitivity",
        Sensitivity::ALL.iter().map(|one| one.code()).collect(),
    );
    of(
        "legal",
        LegalNature::ALL.iter().map(|one| one.code()).collect(),
    );
    of("proof", Proof::ALL.iter().map(|one| one.code()).collect());
    of(
        "modality",
        Modality::ALL.iter().map(|one| one.code()).collect(),
    );
    of(
        "contact",
        ContactRole::ALL.iter().map(|one| one.code()).collect(),
    );
    of(
        "request",
        RequestState::ALL.iter().map(|one| one.code()).collect(),
    );
    of(
        "kind",
        RequestKind::ALL.iter().map(|one| one.code()).collect(),
    );
    of(
        "standing",
        Standing::ALL.iter().map(|one| one.code()).collect(),
    );
    let kinds: Vec<_> = RuleKind::ALL.iter().map(|one| one.code()).collect();
    for prefix in ["rule", "limit", "why"] {
        of(prefix, kinds.clone());
    }
    for prefix in ["window", "within"] {
        of(prefix, Window::ALL.iter().map(|one| one.code()).collect());
    }
    of("effect", Effect::ALL.iter().map(|one| one.code()).collect());
    let signs: Vec<_> = GatewaySign::ALL.iter().map(|one| one.code()).collect();
    for prefix in ["sign", "why"] {
        of(prefix, signs.clone());
    }
    for prefix in ["handled", "alert-as"] {
        of(prefix, Handled::ALL.iter().map(|one| one.code()).collect());
    }
    of("step", Step::ALL.iter().map(|one| one.code()).collect());
    of(
        "step-lead",
        Step::ALL.iter().map(|one| one.code()).collect(),
    );
    let missing: Vec<_> = wanted.iter().filter(|key| !keys.contains(*key)).collect();
    assert_eq!(missing, Vec::<&String>::new());
}
