use jiff::civil::date;
use proptest::prelude::*;

use super::*;
use crate::domain::observation::{CorrectionForm, ObservationForm};
use crate::domain::{Observation, Quality};

const TODAY: Date = date(2026, 11, 26);

fn form() -> IndicatorForm {
    IndicatorForm {
        name: "Démarches terminées en ligne".into(),
        measured: "Part des demandes déposées sans papier".into(),
        unit: "%".into(),
        direction: "more".into(),
        rhythm: "monthly".into(),
        level: "used".into(),
        baseline: "42,5".into(),
        baseline_on: "01/01/2026".into(),
        target: "80".into(),
        due_on: "2027-12-31".into(),
        threshold: "70".into(),
        ..IndicatorForm::default()
    }
}

fn keys(form: &IndicatorForm) -> Vec<(String, &'static str)> {
    let refused = form.check(None, TODAY).unwrap_err();
    refused
        .into_iter()
        .map(|mistake| (mistake.field.clone().into_owned(), mistake.code()))
        .collect()
}

fn wrong(change: impl FnOnce(&mut IndicatorForm)) -> Vec<(String, &'static str)> {
    let mut form = form();
    change(&mut form);
    keys(&form)
}

fn only(field: &str, code: &'static str) -> Vec<(String, &'static str)> {
    vec![(field.to_owned(), code)]
}

#[test]
fn what_is_said_comes_back_in_the_form() {
    let described = form().check(None, TODAY).unwrap();
    assert_eq!(described.origin, Origin::Hand);
    let again = IndicatorForm::of(&described);
    assert_eq!(again.check(None, TODAY).unwrap(), described);
    assert_eq!(again.baseline, "42.5");
}

#[test]
fn a_date_before_the_baselines_is_refused() {
    let early = wrong(|form| form.due_on = "31/12/2025".into());
    assert_eq!(early, only("due_on", "due-before-baseline"));
    let same = wrong(|form| form.due_on = "01/01/2026".into());
    assert_eq!(same, only("due_on", "due-before-baseline"));
}

#[test]
fn a_target_on_the_wrong_side_of_the_baseline_is_refused() {
    let below = wrong(|form| {
        form.target = "40".into();
        form.threshold = String::new();
    });
    assert_eq!(below, only("target", "target-side"));
    let above = wrong(|form| {
        form.direction = "less".into();
        form.threshold = String::new();
    });
    assert_eq!(above, only("target", "target-side"));
    // To hold a level is a promise too.
    let mut held = form();
    held.target = "42,5".into();
    held.threshold = String::new();
    held.check(None, TODAY).unwrap();
}

#[test]
fn a_threshold_lies_between_baseline_and_target() {
    for threshold in ["42", "81"] {
        let outside = wrong(|form| form.threshold = threshold.into());
        assert_eq!(outside, only("threshold", "threshold-side"));
    }
}

#[test]
fn parts_that_need_each_other_are_named() {
    let dateless = wrong(|form| form.baseline_on = String::new());
    assert_eq!(dateless, only("baseline_on", "baseline-date"));
    let future = wrong(|form| form.baseline_on = "27/11/2026".into());
    assert_eq!(future, only("baseline_on", "date-future"));
    let targetless = wrong(|form| form.target = String::new());
    assert_eq!(targetless.len(), 2);
    let automatic = wrong(|form| form.origin = "sign-ins".into());
    assert_eq!(automatic, only("subject", "subject"));
    let money = wrong(|form| {
        form.unit = "EUR".into();
        form.baseline = "1,005".into();
    });
    assert_eq!(money, only("baseline", "cents"));
}

#[test]
fn a_unit_stays_once_there_are_figures() {
    let described = form().check(None, TODAY).unwrap();
    let mut changed = form();
    changed.unit = "dossiers".into();
    assert!(changed.check(Some((&described, false)), TODAY).is_ok());
    let refused = changed.check(Some((&described, true)), TODAY).unwrap_err();
    assert_eq!(
        (refused[0].code(), refused[0].value.as_str()),
        ("unit-fixed", "%")
    );
}

#[test]
fn the_second_person_is_shown_what_the_first_changed() {
    let (mut first, mut second) = (form(), form());
    first.target = "75".into();
    second.owner = "Service des usagers".into();
    assert_eq!(
        second.differences(&first),
        [("owner", ""), ("target", "75")]
    );
}

fn figure() -> ObservationForm {
    ObservationForm {
        value: "44,2".into(),
        as_of: "31/10/2026".into(),
        source: "Tableau de bord".into(),
        ..ObservationForm::default()
    }
}

fn refusal(change: impl FnOnce(&mut ObservationForm), unit: &str) -> Vec<(String, &'static str)> {
    let mut described = form().check(None, TODAY).unwrap();
    described.unit = unit.to_owned();
    let mut figure = figure();
    change(&mut figure);
    let refused = figure.check(&described, TODAY).unwrap_err();
    refused
        .into_iter()
        .map(|mistake| (mistake.field.clone().into_owned(), mistake.code()))
        .collect()
}

#[test]
fn an_observation_in_the_future_is_refused() {
    let future = refusal(|figure| figure.as_of = "27/11/2026".into(), "%");
    assert_eq!(future, only("as_of", "date-future"));
}

#[test]
fn a_unit_that_differs_is_refused() {
    let other = refusal(|figure| figure.unit = "dossiers".into(), "%");
    assert_eq!(other, only("unit", "unit-differs"));
    let described = Description {
        unit: EURO.into(),
        ..form().check(None, TODAY).unwrap()
    };
    let mut euros = figure();
    euros.unit = " Euros ".into();
    assert!(euros.check(&described, TODAY).is_ok());
    let fine = refusal(|figure| figure.value = "1,234".into(), EURO);
    assert_eq!(fine, only("value", "cents"));
}

#[test]
fn what_is_no_figure_is_refused() {
    for (value, code) in [
        ("NaN", "number"),
        ("", "number"),
        ("1,0000001", "number-fine"),
        ("9999999999999", "number-large"),
    ] {
        let refused = refusal(|figure| figure.value = value.into(), "%");
        assert_eq!(refused, only("value", code));
    }
    let many = refusal(
        |figure| {
            figure.source = String::new();
            figure.quality = "guessed".into();
            figure.standard_error = "-1".into();
            figure.as_of = "31/02/2026".into();
        },
        "%",
    );
    assert_eq!(many.len(), 4, "{many:?}");
}

#[test]
fn a_correction_changes_something_and_says_why() {
    let described = form().check(None, TODAY).unwrap();
    let before = Observation {
        number: 1,
        value: Quantity::whole(44),
        as_of: date(2026, 10, 31),
        source: "Tableau de bord".into(),
        quality: Quality::Measured,
        standard_error: None,
        corrects: None,
        reason: String::new(),
        author: String::new(),
        recorded_at: jiff::Timestamp::UNIX_EPOCH,
        counts: true,
    };
    let mut form = CorrectionForm {
        value: "44".into(),
        reason: "Une erreur de saisie".into(),
        ..CorrectionForm::default()
    };
    let code = |form: &CorrectionForm| form.check(&described, &before).unwrap_err()[0].code();
    assert_eq!(code(&form), "same");
    form.value = "45".into();
    assert!(form.check(&described, &before).is_ok());
    form.reason = "erreur".into();
    assert_eq!(code(&form), "reason");
}

proptest! {
    #[test]
    fn no_text_finds_a_panic(texts in prop::collection::vec(".{0,30}", 10)) {
        let form = IndicatorForm {
            name: texts[0].clone(), unit: texts[1].clone(), baseline: texts[2].clone(),
            baseline_on: texts[3].clone(), target: texts[4].clone(), due_on: texts[5].clone(),
            threshold: texts[6].clone(), subject: texts[7].clone(), origin: texts[8].clone(),
            measured: texts[9].clone(), ..form()
        };
        let _ = form.check(None, TODAY);
    }
}
