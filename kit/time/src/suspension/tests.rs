//! Courses of events of a legal clock.

use super::ClockEvent::{Restarted, Resumed, Suspended};
use super::*;
use crate::{Extension, LegalError, Territory, deadline};
use jiff::SignedDuration;
use jiff::civil::date;
use proptest::prelude::*;

const SILENCE: Computation = Computation::silence(Territory::National);
const MOVED: Computation = Computation::procedure(Territory::National);

fn clock(computation: Computation, period: Period, events: &[ClockEvent]) -> LegalClock {
    let start = date(2026, 1, 15);
    LegalClock::replay(start, period, computation, events.iter().copied()).unwrap()
}

#[test]
fn a_silence_runs_and_expires() {
    let clock = clock(SILENCE, Period::Months(2), &[]);
    let due = date(2026, 3, 15); // a Sunday
    let running = |remaining_days| ClockState::Running {
        due,
        remaining_days,
    };
    assert_eq!(clock.state(date(2026, 1, 15)), Ok(running(59)));
    assert_eq!(clock.state(due), Ok(running(0)));
    assert_eq!(
        clock.state(date(2026, 3, 16)),
        Ok(ClockState::Expired { on: due })
    );
    assert_eq!(clock.due(date(2026, 12, 1)), Ok(Some(due)));
    assert_eq!(clock.remaining(date(2026, 12, 1)), Ok(0));
}

#[test]
fn a_suspension_pushes_the_end_by_its_days() {
    // One month for a binding opinion, and a request for information.
    let (asked, answered) = (date(2026, 1, 26), date(2026, 2, 5));
    let clock = clock(
        SILENCE,
        Period::Months(1),
        &[Suspended(asked), Resumed(answered)],
    );
    // What was known before the request stays as it was.
    assert_eq!(clock.due(date(2026, 1, 25)), Ok(Some(date(2026, 2, 15))));
    let suspended = ClockState::Suspended {
        since: asked,
        remaining_days: 20,
    };
    assert_eq!(clock.state(asked), Ok(suspended));
    assert_eq!(clock.state(date(2026, 2, 4)), Ok(suspended));
    assert_eq!(clock.due(date(2026, 2, 4)), Ok(None));
    assert_eq!(clock.remaining(date(2026, 2, 4)), Ok(20));
    let running = ClockState::Running {
        due: date(2026, 2, 25),
        remaining_days: 20,
    };
    assert_eq!(clock.state(answered), Ok(running));
    assert_eq!(clock.events().count(), 2);
}

#[test]
fn an_incomplete_file_restarts_a_silence_that_accepts() {
    let (asked, received) = (date(2026, 2, 2), date(2026, 2, 28));
    let clock = clock(
        SILENCE,
        Period::Months(2),
        &[Suspended(asked), Restarted(received)],
    );
    assert_eq!(clock.due(received), Ok(Some(date(2026, 4, 28))));
    // A restart needs no suspension.
    let mut clock = clock;
    clock.record(Restarted(date(2026, 3, 31))).unwrap();
    assert_eq!(clock.due(date(2026, 4, 1)), Ok(Some(date(2026, 5, 31))));
}

#[test]
fn working_days_that_remained_are_kept() {
    // Ten working days from Thursday 15 January: Thursday 29. Suspended with seven left.
    let events = [Suspended(date(2026, 1, 20)), Resumed(date(2026, 4, 30))];
    let clock = clock(SILENCE, Period::WorkingDays(10), &events);
    assert_eq!(clock.due(date(2026, 1, 19)), Ok(Some(date(2026, 1, 29))));
    assert_eq!(clock.remaining(date(2026, 2, 1)), Ok(7));
    // 1 and 8 May are holidays: 4 to 7, then 11 to 13 May.
    assert_eq!(clock.due(date(2026, 5, 1)), Ok(Some(date(2026, 5, 13))));
}

#[test]
fn the_extension_applies_to_the_new_end() {
    // Sunday 15 March, extended to Monday 16; five days later is Friday 20.
    let (stop, go) = (date(2026, 3, 2), date(2026, 3, 7));
    let early = clock(MOVED, Period::Months(2), &[Suspended(stop), Resumed(go)]);
    assert_eq!(early.due(stop), Ok(None));
    assert_eq!(early.due(go), Ok(Some(date(2026, 3, 20))));
    // On the last day itself nothing remains: it ends on the day of the resumption.
    let (stop, go) = (date(2026, 3, 15), date(2026, 3, 25));
    let last = clock(MOVED, Period::Months(2), &[Suspended(stop), Resumed(go)]);
    assert_eq!(last.due(go), Ok(Some(go)));
    // Suspended on the Monday of the extension, on which nothing remains either.
    let (stop, go) = (date(2026, 3, 16), date(2026, 3, 25));
    let extended = clock(MOVED, Period::Months(2), &[Suspended(stop), Resumed(go)]);
    assert_eq!(extended.due(go), Ok(Some(go)));
}

#[test]
fn a_suspension_within_the_extension_keeps_what_remained_of_it() {
    // Saturday 14 March, extended to Monday 16; one day remained on Sunday.
    let events = [Suspended(date(2026, 3, 15)), Resumed(date(2026, 3, 25))];
    let clock = clock(MOVED, Period::Days(58), &events);
    assert_eq!(clock.due(date(2026, 3, 14)), Ok(Some(date(2026, 3, 16))));
    assert_eq!(clock.remaining(date(2026, 3, 20)), Ok(1));
    assert_eq!(clock.due(date(2026, 3, 25)), Ok(Some(date(2026, 3, 26))));
}

#[test]
fn impossible_events_are_named_and_change_nothing() {
    let start = date(2026, 1, 15);
    let mut clock = clock(SILENCE, Period::Months(2), &[]);
    let early = date(2026, 1, 14);
    let before = Err(ClockError::BeforeStart { on: early, start });
    assert_eq!(clock.record(Suspended(early)), before);
    assert_eq!(
        clock.due(early),
        Err(ClockError::BeforeStart { on: early, start })
    );
    let on = date(2026, 2, 1);
    assert_eq!(
        clock.record(Resumed(on)),
        Err(ClockError::NotSuspended { on })
    );
    let late = date(2026, 3, 16);
    let expired_on = date(2026, 3, 15);
    for event in [Suspended(late), Resumed(late), Restarted(late)] {
        let refusal = ClockError::AlreadyExpired {
            on: late,
            expired_on,
        };
        assert_eq!(clock.record(event), Err(refusal));
    }
    assert_eq!(clock.events().count(), 0);

    clock.record(Suspended(on)).unwrap();
    let second = ClockError::AlreadySuspended {
        on: late,
        since: on,
    };
    assert_eq!(clock.record(Suspended(late)), Err(second));
    let refusal = ClockError::OutOfOrder {
        on: start,
        last: on,
    };
    assert_eq!(clock.record(Resumed(start)), Err(refusal));
    // Suspended, a period cannot expire: its resumption can come at any time.
    clock.record(Resumed(date(2027, 2, 1))).unwrap();
    assert_eq!(
        clock.events().collect::<Vec<_>>(),
        [Suspended(on), Resumed(date(2027, 2, 1))]
    );
    let empty = LegalClock::new(start, Period::Days(0), SILENCE);
    assert_eq!(empty, Err(ClockError::Legal(LegalError::EmptyPeriod)));
}

fn after(day: Date, days: i64) -> Date {
    day.saturating_add(SignedDuration::from_hours(24 * days))
}

fn any_period() -> impl Strategy<Value = Period> {
    prop_oneof![
        (1..200_u32).prop_map(Period::Days),
        (1..30_u32).prop_map(Period::Weeks),
        (1..18_u32).prop_map(Period::Months),
        (0..6_u32, 1..40_u32).prop_map(|(months, days)| Period::MonthsAndDays { months, days }),
        (1..3_u32).prop_map(Period::Years),
        (1..100_u32).prop_map(Period::OpenDays),
        (1..100_u32).prop_map(Period::WorkingDays),
    ]
}

fn any_computation() -> impl Strategy<Value = Computation> {
    let territory = prop::sample::select(&Territory::ALL[..]);
    let extension = prop::sample::select(vec![Extension::None, Extension::NextWorkingDay]);
    (territory, extension, any::<bool>()).prop_map(|(territory, extension, franc)| Computation {
        territory,
        extension,
        franc,
    })
}

proptest! {
    #[test]
    fn k_days_of_suspension_push_the_end_by_k_days(
        start in 0..15_000_i64, share in 0.0..=1.0_f64, k in 0..500_i64,
        period in any_period(), territory in prop::sample::select(&Territory::ALL[..]),
    ) {
        let (silence, start) = (Computation::silence(territory), after(date(1985, 1, 1), start));
        let calendar = !matches!(period, Period::OpenDays(_) | Period::WorkingDays(_));
        let end = deadline(start, period, silence).unwrap();
        let length = start.duration_until(end).as_hours() / 24;
        let stop = after(start, (length as f64 * share) as i64);
        let go = after(stop, k);
        let events = [Suspended(stop), Resumed(go)];
        let clock = LegalClock::replay(start, period, silence, events).unwrap();
        let due = clock.due(go).unwrap().unwrap();
        if calendar {
            prop_assert_eq!(due, after(end, k));
        }
        prop_assert!(due >= end && due >= go);
        // With the extension, the same end is moved to the next working day, once.
        let procedure = Computation::procedure(territory);
        let moved = LegalClock::replay(start, period, procedure, events).unwrap();
        prop_assert_eq!(moved.due(go).unwrap(), Some(crate::next_working_day(due, territory).unwrap()));
    }

    #[test]
    fn any_course_of_events_keeps_its_promises(
        start in 0..15_000_i64, period in any_period(), computation in any_computation(),
        moves in prop::collection::vec((0..3_u8, -2..60_i64), 0..12),
    ) {
        let start = after(date(1985, 1, 1), start);
        let mut clock = LegalClock::new(start, period, computation).unwrap();
        let (mut kept, mut last) = (Vec::new(), start);
        for (kind, days) in moves {
            let on = after(last, days);
            let event = [Suspended, Resumed, Restarted][usize::from(kind)](on);
            let before = clock.clone();
            if clock.record(event).is_err() {
                prop_assert_eq!(&before, &clock);
                continue;
            }
            // The past is not rewritten, and what remained is neither lost nor gained.
            if on > last {
                let eve = after(on, -1);
                prop_assert_eq!(before.state(eve), clock.state(eve));
            }
            let remains = clock.remaining(on).unwrap();
            match event {
                Suspended(_) => prop_assert!(remains <= before.remaining(on).unwrap()),
                Resumed(_) => prop_assert!(remains >= before.remaining(on).unwrap()),
                Restarted(_) => prop_assert_eq!(
                    clock.due(on).unwrap(), Some(deadline(on, period, computation).unwrap())
                ),
            }
            prop_assert!(clock.due(on).unwrap().is_none_or(|due| due >= on));
            kept.push(event);
            last = on;
        }
        let again = LegalClock::replay(start, period, computation, kept).unwrap();
        prop_assert_eq!(clock, again);
    }
}
