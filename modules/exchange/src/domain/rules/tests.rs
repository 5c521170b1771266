use proptest::prelude::*;

use super::*;

fn paris() -> TimeZone {
    TimeZone::get(kit_time::PARIS).unwrap()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn rule(kind: RuleKind, window: Window, limit: u64) -> Rule {
    Rule {
        name: "Règle".into(),
        kind,
        window,
        limit,
        calls_min: 20,
        hours: None,
        effect: Effect::Alert,
    }
}

fn hour(hour: &str, calls: u64, refused: u64) -> HourCount {
    HourCount {
        hour: at(hour),
        calls,
        refused,
    }
}

fn form() -> RuleForm {
    RuleForm {
        api: Uuid::from_u128(1).to_string(),
        name: "Trop d’appels".into(),
        kind: "volume".into(),
        window: "day".into(),
        limit: "1 000".into(),
        effect: "suspend".into(),
        ..RuleForm::default()
    }
}

#[test]
fn a_window_is_an_hour_of_the_clock_or_a_day_in_paris() {
    let hour = Window::Hour.bounds(at("2026-03-02T08:59:59.9Z"), &paris());
    assert_eq!(
        hour,
        (at("2026-03-02T08:00:00Z"), at("2026-03-02T09:00:00Z"))
    );
    // 23:30 in UTC is tomorrow in Paris.
    let day = Window::Day.bounds(at("2026-03-02T23:30:00Z"), &paris());
    assert_eq!(
        day,
        (at("2026-03-02T23:00:00Z"), at("2026-03-03T23:00:00Z"))
    );
    // The day on which clocks go forward has 23 hours.
    let short = Window::Day.bounds(at("2026-03-29T12:00:00Z"), &paris());
    assert_eq!(
        short,
        (at("2026-03-28T23:00:00Z"), at("2026-03-29T22:00:00Z"))
    );
}

#[test]
fn a_limit_is_passed_above_it_only() {
    let counts = [
        hour("2026-03-02T08:00:00Z", 60, 0),
        hour("2026-03-02T09:00:00Z", 40, 0),
    ];
    for (limit, is_over) in [(100, false), (99, true)] {
        let rule = rule(RuleKind::Volume, Window::Day, limit);
        let measured = rule.measure(&counts, 0, &paris());
        assert_eq!((measured.value, rule.is_over(&measured)), (100, is_over));
    }
    for (limit, is_over) in [(7, false), (6, true)] {
        let rule = rule(RuleKind::Enumeration, Window::Day, limit);
        let measured = rule.measure(&counts, 7, &paris());
        assert_eq!((measured.value, rule.is_over(&measured)), (7, is_over));
    }
}

#[test]
fn a_share_of_refusals_needs_enough_calls() {
    let rule = rule(RuleKind::Errors, Window::Hour, 50);
    for (calls, refused, is_over) in [
        (19, 19, false),
        (20, 10, false),
        (20, 11, true),
        (201, 101, true),
    ] {
        let counts = [hour("2026-03-02T08:00:00Z", calls, refused)];
        let measured = rule.measure(&counts, 0, &paris());
        assert_eq!(rule.is_over(&measured), is_over, "{refused} of {calls}");
    }
    assert_eq!(rule.measure(&[], 0, &paris()).value, 0);
}

#[test]
fn hours_are_those_of_paris_without_holidays() {
    let mut rule = rule(RuleKind::Hours, Window::Day, 0);
    let working = AllowedHours {
        from: 8,
        to: 19,
        days: [true, true, true, true, true, false, false],
        holidays: false,
    };
    for (hour, is_allowed) in [
        ("2026-03-02T07:00:00Z", true),  // Monday, 8:00
        ("2026-03-02T06:00:00Z", false), // 7:00
        ("2026-03-02T17:00:00Z", true),  // 18:00
        ("2026-03-02T18:00:00Z", false), // 19:00
        ("2026-07-06T06:00:00Z", true),  // summer: 8:00
        ("2026-03-07T10:00:00Z", false), // Saturday
        ("2026-05-01T10:00:00Z", false), // a holiday, on a Friday
    ] {
        assert_eq!(working.allow(at(hour), &paris()), is_allowed, "{hour}");
    }
    let holidays = AllowedHours {
        holidays: true,
        ..working
    };
    assert!(holidays.allow(at("2026-05-01T10:00:00Z"), &paris()));
    rule.hours = Some(working);
    let counts = [
        hour("2026-03-02T06:00:00Z", 3, 0),
        hour("2026-03-02T10:00:00Z", 50, 0),
        hour("2026-03-02T19:00:00Z", 4, 0),
    ];
    let measured = rule.measure(&counts, 0, &paris());
    assert_eq!((measured.calls, measured.value), (57, 7));
    assert!(rule.is_over(&measured));
}

#[test]
fn the_past_is_measured_window_by_window() {
    let (one, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
    let hours = [
        (one, hour("2026-03-02T08:00:00Z", 6, 0)),
        (one, hour("2026-03-02T09:00:00Z", 6, 0)),
        (one, hour("2026-03-03T08:00:00Z", 12, 0)),
        (other, hour("2026-03-03T08:00:00Z", 9, 0)),
    ];
    let daily = rule(RuleKind::Volume, Window::Day, 10);
    let fired = would_fire(&daily, &hours, &[], &paris());
    let days: Vec<_> = fired
        .iter()
        .map(|one| (one.accreditation, one.measured.value))
        .collect();
    assert_eq!(days, [(one, 12), (one, 12)]);
    assert!(fired[0].window.0 > fired[1].window.0, "the latest first");
    let hourly = rule(RuleKind::Volume, Window::Hour, 10);
    assert_eq!(would_fire(&hourly, &hours, &[], &paris()).len(), 1);
    let people: Vec<_> = (0..9)
        .map(|number| (one, at("2026-03-02T08:10:00Z"), format!("{}", number % 3)))
        .collect();
    let rule = rule(RuleKind::Enumeration, Window::Hour, 2);
    let fired = would_fire(&rule, &[], &people, &paris());
    assert_eq!((fired.len(), fired[0].measured.value), (1, 3));
}

#[test]
fn each_limit_names_its_field() {
    assert_eq!(form().check().unwrap().2.limit, 1_000);
    let fields = |form: RuleForm| {
        let mistakes = form.check().unwrap_err();
        mistakes
            .into_iter()
            .map(|one| one.field)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        fields(RuleForm::default()),
        ["api", "name", "kind", "window", "effect", "limit"]
    );
    let kind = |kind: &str, limit: &str| RuleForm {
        kind: kind.into(),
        limit: limit.into(),
        calls_min: "20".into(),
        ..form()
    };
    for (wrong, named) in [
        (kind("volume", "0"), "limit"),
        (kind("volume", "100000001"), "limit"),
        (kind("errors", "100"), "limit"),
        (kind("enumeration", "100001"), "limit"),
        (
            RuleForm {
                calls_min: String::new(),
                ..kind("errors", "50")
            },
            "calls_min",
        ),
        (
            RuleForm {
                name: "x".repeat(101),
                ..form()
            },
            "name",
        ),
        (
            RuleForm {
                operation: "zz".into(),
                ..form()
            },
            "operation",
        ),
    ] {
        assert_eq!(fields(wrong), [named]);
    }
    let hours = |from: &str, to: &str, day: &str| RuleForm {
        kind: "hours".into(),
        limit: "0".into(),
        from_hour: from.into(),
        to_hour: to.into(),
        days: vec![day.into()],
        ..form()
    };
    assert_eq!(fields(hours("24", "24", "1")), ["from_hour"]);
    assert_eq!(fields(hours("8", "25", "1")), ["to_hour"]);
    assert_eq!(fields(hours("19", "8", "1")), ["to_hour"]);
    assert_eq!(fields(hours("8", "19", "8")), ["days"]);
}

#[test]
fn a_form_says_what_its_rule_says() {
    let hours = RuleForm {
        kind: "hours".into(),
        limit: "0".into(),
        from_hour: "8".into(),
        to_hour: "19".into(),
        days: vec!["1".into(), "5".into()],
        holidays: true,
        operation: Uuid::from_u128(9).to_string(),
        ..form()
    };
    let errors = RuleForm {
        kind: "errors".into(),
        limit: "50".into(),
        calls_min: "20".into(),
        ..form()
    };
    for form in [hours, errors] {
        let (api, operation, rule) = form.check().unwrap();
        assert_eq!(RuleForm::of(api, operation, &rule), form);
    }
}

proptest! {
    #[test]
    fn windows_follow_one_another(seconds in 1_500_000_000_i64..2_500_000_000) {
        let at = Timestamp::from_second(seconds).unwrap();
        for window in [Window::Hour, Window::Day] {
            let (from, to) = window.bounds(at, &paris());
            prop_assert!(from <= at && at < to);
            prop_assert_eq!(window.bounds(to, &paris()).0, to);
            prop_assert_eq!(window.bounds(from, &paris()), (from, to));
            // Hours are counted whole: none is cut by a window.
            prop_assert_eq!(hour_of(from), from);
        }
    }

    #[test]
    fn more_calls_never_calm_a_volume(limit in 1_u64..1_000, calls in 0_u64..2_000, more in 0_u64..500) {
        let rule = rule(RuleKind::Volume, Window::Hour, limit);
        let over = |calls| {
            let measured = rule.measure(&[hour("2026-03-02T08:00:00Z", calls, 0)], 0, &paris());
            rule.is_over(&measured)
        };
        prop_assert!(!over(calls) || over(calls + more));
    }
}

#[test]
fn a_rule_stops_as_far_as_it_says() {
    let api = Uuid::from_u128(1);
    let of = |effect: &str| {
        let form = RuleForm {
            api: api.to_string(),
            name: "Volume".into(),
            kind: "volume".into(),
            window: "hour".into(),
            limit: "5".into(),
            effect: effect.into(),
            ..RuleForm::default()
        };
        form.check().unwrap().2
    };
    assert_eq!(of("alert").stops(api), None);
    assert_eq!(of("suspend").stops(api), Some(Reach::Producer));
    assert_eq!(of("suspend").stops(api).and_then(Reach::api), None);
    assert_eq!(of("suspend-api").stops(api).and_then(Reach::api), Some(api));
    // What was kept of a rule before there were stops of one API is read as it was.
    let kept = serde_json::to_string(&of("suspend")).unwrap();
    assert!(kept.contains(r#""effect":"suspend""#), "{kept}");
    let read: Rule = serde_json::from_str(&kept).unwrap();
    assert_eq!(read, of("suspend"));
}
