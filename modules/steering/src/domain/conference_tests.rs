//! No path skips a step.

use jiff::civil::date;
use proptest::prelude::*;

use super::*;

const DAY: Date = date(2026, 6, 16);

fn by(person: u128, on: Date) -> Adoption {
    Adoption {
        on,
        by: Some(Uuid::from_u128(person)),
        name: "Quelqu’un".into(),
    }
}

#[test]
fn nothing_is_held_before_its_day_or_before_its_files() {
    let planned = ConferenceLife::planned(DAY);
    let one = by(1, DAY);
    assert_eq!(
        planned.after(ConferenceAct::Hold, &one, (1, 0)),
        Err(ConferenceRefusal::State)
    );
    assert_eq!(
        planned.after(ConferenceAct::Prepare, &one, (0, 0)),
        Err(ConferenceRefusal::Empty)
    );
    let prepared = planned.after(ConferenceAct::Prepare, &one, (1, 1)).unwrap();
    let eve = by(1, date(2026, 6, 15));
    assert_eq!(
        prepared.after(ConferenceAct::Hold, &eve, (1, 1)),
        Err(ConferenceRefusal::Early(DAY))
    );
    assert!(prepared.after(ConferenceAct::Hold, &one, (1, 1)).is_ok());
}

#[test]
fn minutes_are_adopted_by_two_sides_and_two_people() {
    let one = by(1, DAY);
    let held = ConferenceLife {
        state: ConferenceState::Held,
        frozen_on: Some(DAY),
        ..ConferenceLife::planned(DAY)
    };
    let adopt = |life: &ConferenceLife, act, person| life.after(act, &by(person, DAY), (2, 0));
    let directorate = ConferenceAct::AdoptDirectorate;
    let ministry = ConferenceAct::AdoptMinistry;
    assert_eq!(
        held.after(directorate, &one, (2, 1)),
        Err(ConferenceRefusal::Unwritten(1))
    );
    let half = adopt(&held, directorate, 1).unwrap();
    assert_eq!(half.state, ConferenceState::Held);
    assert_eq!(
        adopt(&half, directorate, 2),
        Err(ConferenceRefusal::State),
        "one side, once"
    );
    assert_eq!(
        adopt(&half, ministry, 1),
        Err(ConferenceRefusal::SamePerson)
    );
    let closed = adopt(&half, ministry, 2).unwrap();
    assert_eq!(closed.state, ConferenceState::Closed);
    assert!(closed.rewritten().is_err());
    let again = half.rewritten().unwrap();
    assert_eq!(again.directorate, None, "nobody adopted what was changed");
}

fn form() -> ConferenceForm {
    ConferenceForm {
        kind: "ordinary".into(),
        day: typed(DAY),
        hour: "14 h 30".into(),
        place: "Hôtel du ministère".into(),
        people: [
            "Anne, cheffe".into(),
            "Béa, directrice".into(),
            String::new(),
        ],
        ..ConferenceForm::default()
    }
}

fn mistaken(form: &ConferenceForm, stands: Option<(Date, &str)>) -> Vec<String> {
    let read = form.read(stands, date(2026, 3, 2));
    let mistakes = read.err().unwrap_or_default();
    mistakes.into_iter().map(|one| one.field).collect()
}

#[test]
fn a_conference_in_the_past_or_at_no_hour_is_refused() {
    assert!(mistaken(&form(), None).is_empty());
    let past = ConferenceForm {
        day: typed(date(2026, 3, 1)),
        ..form()
    };
    assert_eq!(mistaken(&past, None), ["day"]);
    // What stands may stay, even when its day has come.
    assert!(mistaken(&past, Some((date(2026, 3, 1), "14:30"))).is_empty());
    for hour in ["", "25:00", "14", "14:61", "midi"] {
        let wrong = ConferenceForm {
            hour: hour.into(),
            ..form()
        };
        assert_eq!(mistaken(&wrong, None), ["hour"], "{hour}");
    }
    // Clocks go from two to three in the last night of March.
    let night = ConferenceForm {
        day: typed(date(2026, 3, 29)),
        hour: "2:30".into(),
        ..form()
    };
    assert_eq!(mistaken(&night, None), ["hour"]);
}

#[test]
fn another_one_and_another_day_have_a_reason() {
    let another = ConferenceForm {
        kind: "extraordinary".into(),
        ..form()
    };
    assert_eq!(mistaken(&another, None), ["reason"]);
    assert_eq!(mistaken(&form(), Some((DAY, "10:00"))), ["reason"]);
    assert!(mistaken(&form(), Some((DAY, "14:30"))).is_empty());
}

fn any_act() -> impl Strategy<Value = (ConferenceAct, u128, i8)> {
    (
        prop::sample::select(ConferenceAct::ALL),
        1..4_u128,
        1..30_i8,
    )
}

proptest! {
    #[test]
    fn no_path_skips_a_step(acts in prop::collection::vec(any_act(), 0..60)) {
        let mut life = ConferenceLife::planned(DAY);
        let mut seen = vec![life.state];
        for (act, person, on) in acts {
            let by = by(person, date(2026, 6, on));
            let Ok(next) = life.after(act, &by, (1, 0)) else { continue };
            prop_assert_ne!(life.state, ConferenceState::Cancelled, "nothing after a cancellation");
            if next.state == ConferenceState::Held && life.state != ConferenceState::Held {
                prop_assert_eq!(life.state, ConferenceState::Prepared);
                prop_assert!(by.on >= DAY && next.frozen_on.is_some());
            }
            if next.state == ConferenceState::Closed && life.state != ConferenceState::Closed {
                prop_assert!(seen.contains(&ConferenceState::Prepared));
                prop_assert!(seen.contains(&ConferenceState::Held));
                let (one, two) = (next.directorate.clone().unwrap(), next.ministry.clone().unwrap());
                prop_assert_ne!(one.by, two.by);
            }
            if life.state == ConferenceState::Closed {
                prop_assert_eq!(&next, &life, "an addition changes nothing");
            }
            seen.push(next.state);
            life = next;
        }
    }
}
