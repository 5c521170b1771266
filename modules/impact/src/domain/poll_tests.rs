use jiff::civil::date;
use proptest::prelude::*;

use super::super::form::IndicatorForm;
use super::*;

fn described(unit: &str) -> Description {
    let form = IndicatorForm {
        name: "Usagers".into(),
        measured: "Comptes actifs".into(),
        unit: unit.into(),
        direction: "more".into(),
        rhythm: "monthly".into(),
        level: "used".into(),
        ..IndicatorForm::default()
    };
    form.check(None, date(2026, 3, 1)).unwrap()
}

fn form() -> PollForm {
    PollForm {
        url: "https://stats.example/api".into(),
        value_pointer: "/usagers/actifs".into(),
        date_pointer: "/au".into(),
        rhythm: "daily".into(),
        ..PollForm::default()
    }
}

fn read(body: &str, form: &PollForm, unit: &str) -> Result<(String, Date), (&'static str, String)> {
    let described = described(unit);
    let settings = form.check(&described).unwrap();
    read_answer(body.as_bytes(), &settings, &described, date(2026, 3, 1))
        .map(|read| (read.value.to_string(), read.as_of))
        .map_err(|failure| (failure.code, failure.told))
}

#[test]
fn a_page_says_its_figure_and_its_day() {
    let body = r#"{"usagers": {"actifs": 1250}, "au": "2026-02-28"}"#;
    let read = read(body, &form(), "comptes");
    assert_eq!(read, Ok(("1250".to_owned(), date(2026, 2, 28))));
}

#[test]
fn an_instant_is_of_its_day_in_paris() {
    let body = r#"{"usagers": {"actifs": "1 250,5"}, "au": "2026-02-27T23:30:00Z"}"#;
    let read = read(body, &form(), "comptes");
    assert_eq!(read, Ok(("1250.5".to_owned(), date(2026, 2, 28))));
}

#[test]
fn a_factor_changes_the_unit_exactly() {
    for (number, factor, is) in [
        ("0.876543219", "100", "87.654322"),
        ("0.1", "0,001", "0.0001"),
        ("-2.5", "1000", "-2500"),
        ("12", "1000000", "12000000"),
        ("0.0000005", "1", "0.000001"),
        ("-0.0000005", "1", "-0.000001"),
        ("1e-3", "1", "0.001"),
    ] {
        let form = PollForm {
            value_pointer: String::new(),
            date_pointer: String::new(),
            factor: factor.into(),
            ..form()
        };
        let read = read(number, &form, "%").map(|(value, _)| value);
        assert_eq!(read.as_deref(), Ok(is), "{number} × {factor}");
    }
}

#[test]
fn each_failure_is_told_apart() {
    let with_unit = PollForm {
        unit_pointer: "/unite".into(),
        ..form()
    };
    let cases: [(&str, PollForm, &str, &str, &str); 12] = [
        ("<html>", form(), "comptes", "not-json", "expected value"),
        ("{}", form(), "comptes", "value-nothing", "/usagers/actifs"),
        (
            r#"{"usagers": {"actifs": null}}"#,
            form(),
            "comptes",
            "value-nothing",
            "/usagers",
        ),
        (
            r#"{"usagers": {"actifs": [1]}}"#,
            form(),
            "comptes",
            "not-a-number",
            "[1]",
        ),
        (
            r#"{"usagers": {"actifs": "beaucoup"}}"#,
            form(),
            "comptes",
            "not-a-number",
            "beaucoup",
        ),
        (
            r#"{"usagers": {"actifs": 1e300}}"#,
            form(),
            "comptes",
            "number-large",
            "",
        ),
        (
            r#"{"usagers": {"actifs": 1.005}}"#,
            form(),
            "€",
            "cents",
            "1.005",
        ),
        (
            r#"{"usagers": {"actifs": 1}}"#,
            form(),
            "comptes",
            "date-nothing",
            "/au",
        ),
        (
            r#"{"usagers": {"actifs": 1}, "au": "hier"}"#,
            form(),
            "comptes",
            "date-unreadable",
            "hier",
        ),
        (
            r#"{"usagers": {"actifs": 1}, "au": "2026-03-02"}"#,
            form(),
            "comptes",
            "date-future",
            "2026-03-02",
        ),
        (
            r#"{"usagers": {"actifs": 1}}"#,
            with_unit.clone(),
            "comptes",
            "unit-nothing",
            "/unite",
        ),
        (
            r#"{"usagers": {"actifs": 1}, "unite": "k€"}"#,
            with_unit,
            "€",
            "unit-differs",
            "k€",
        ),
    ];
    for (body, form, unit, code, told) in cases {
        let (is, said) = read(body, &form, unit).unwrap_err();
        assert_eq!(is, code, "{body}");
        assert!(said.contains(told), "{said}");
        assert!(PollFailure::code_of(is).is_some());
    }
}

#[test]
fn units_that_differ_since_the_poll_was_set_up_are_told() {
    let settings = form().check(&described("comptes")).unwrap();
    let failed = read_answer(b"{}", &settings, &described("%"), date(2026, 3, 1));
    assert_eq!(failed.unwrap_err().code, "indicator-unit");
}

#[test]
fn what_is_typed_wrong_names_its_field() {
    let wrong = |form: PollForm| {
        let mistakes = form.check(&described("%")).unwrap_err();
        let mistakes = mistakes.into_iter();
        mistakes
            .map(|one| (one.field.into_owned(), one.key))
            .collect::<Vec<_>>()
    };
    for pointer in ["usagers", "/a~2", "/a~"] {
        let form = PollForm {
            value_pointer: pointer.into(),
            ..form()
        };
        let told = vec![("value_pointer".to_owned(), "impact-mistake-poll-pointer")];
        assert_eq!(wrong(form), told, "{pointer}");
    }
    for factor in ["0", "x", "1e3"] {
        let form = PollForm {
            factor: factor.into(),
            ..form()
        };
        let told = vec![("factor".to_owned(), "impact-mistake-poll-factor")];
        assert_eq!(wrong(form), told, "{factor}");
    }
    let many = PollForm {
        url: String::new(),
        rhythm: "yearly".into(),
        ..form()
    };
    assert_eq!(wrong(many).len(), 2);
}

#[test]
fn a_page_that_fails_is_tried_sooner_and_never_too_often() {
    let now: Timestamp = "2026-03-01T08:00:00Z".parse().unwrap();
    let after =
        |rhythm: PollRhythm, failures| rhythm.next(now, failures).duration_since(now).as_hours();
    assert_eq!(after(PollRhythm::Monthly, 0), 720);
    assert_eq!(after(PollRhythm::Monthly, 1), 1);
    assert_eq!(after(PollRhythm::Monthly, 4), 8);
    assert_eq!(after(PollRhythm::Daily, 50), 24);
    assert_eq!(after(PollRhythm::Hourly, 3), 1);
}

proptest! {
    #[test]
    fn no_answer_finds_a_panic(body in ".{0,80}", pointer in "(/[a-z~01]{0,3}){0,3}") {
        let form = PollForm { value_pointer: pointer, ..form() };
        let described = described("comptes");
        if let Ok(settings) = form.check(&described) {
            let _ = read_answer(body.as_bytes(), &settings, &described, date(2026, 3, 1));
        }
    }

    #[test]
    fn a_number_comes_through_a_factor_of_one_as_it_is(millionths in -10_i64.pow(15)..10_i64.pow(15)) {
        let quantity = Quantity::of_millionths(millionths).unwrap();
        let scaled = scaled(&Value::String(quantity.to_string())).unwrap().unwrap();
        prop_assert_eq!(multiplied(scaled, Quantity::whole(1).unwrap()), Some(quantity));
    }

    #[test]
    fn periods_hold_their_day(days in 0_i64..40_000, at in 0..4_usize) {
        let day = date(1970, 1, 1).saturating_add(days.days());
        let (first, last) = PollRhythm::ALL[at].period(day);
        prop_assert!(first <= day && day <= last);
        prop_assert_eq!(PollRhythm::ALL[at].period(first), (first, last));
        prop_assert_eq!(PollRhythm::ALL[at].period(last), (first, last));
    }
}
