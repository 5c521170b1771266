use jiff::ToSpan as _;
use jiff::civil::{Date, date};
use proptest::prelude::*;

use super::*;

const START: Date = date(2026, 1, 5);

fn running(kind: ReviewKind) -> Review {
    [ReviewAct::Begin, ReviewAct::Receive].into_iter().fold(
        Review::announce(kind, START, START).unwrap(),
        |review, act| review.after(act, START, START).unwrap(),
    )
}

#[test]
fn an_audit_has_no_clock_and_silence_never_ends_it() {
    let audit = running(ReviewKind::Article4);
    let later = date(2027, 1, 5);
    assert_eq!(audit.clock_state(later), Ok(None));
    assert_eq!(audit.due_on(), Ok(None));
    assert!(audit.after(ReviewAct::FallSilent, later, later).is_err());
    assert!(audit.after(ReviewAct::GiveOpinion, later, later).is_ok());
}

#[test]
fn nothing_is_dated_before_the_file_nor_in_the_future() {
    let review = running(ReviewKind::Article3);
    let before = START.yesterday().unwrap();
    assert_eq!(
        review.after(ReviewAct::GiveOpinion, before, START),
        Err(ReviewRefusal::Before {
            on: before,
            latest: START
        })
    );
    let tomorrow = START.tomorrow().unwrap();
    assert_eq!(
        review.after(ReviewAct::Ask, tomorrow, START),
        Err(ReviewRefusal::Future { on: tomorrow })
    );
    assert!(Review::announce(ReviewKind::Article3, tomorrow, START).is_err());
}

#[test]
fn a_receipt_told_too_late_starts_no_clock() {
    let begun = Review::announce(ReviewKind::Article3, START, START).unwrap();
    let begun = begun.after(ReviewAct::Begin, START, START).unwrap();
    let later = date(2026, 3, 5);
    assert!(matches!(
        begun.after(ReviewAct::Receive, START, later),
        Err(ReviewRefusal::Expired { .. })
    ));
    assert!(begun.after(ReviewAct::Receive, later, later).is_ok());
}

#[test]
fn the_sure_day_is_the_month_without_a_moved_day() {
    // Received on 28 January: a month later is a Saturday.
    let day = date(2026, 1, 28);
    let announced = Review::announce(ReviewKind::Article3, day, day).unwrap();
    let review = [ReviewAct::Begin, ReviewAct::Receive]
        .into_iter()
        .fold(announced, |review, act| {
            review.after(act, day, day).unwrap()
        });
    assert_eq!(review.due_on(), Ok(Some(date(2026, 3, 2))));
    assert_eq!(review.surely_due_on(), Ok(Some(date(2026, 2, 28))));
    // 5 February is a Thursday: nothing is moved, both are the same.
    assert_eq!(running(ReviewKind::Article3).surely_due_on(), Ok(None));
    assert_eq!(running(ReviewKind::Article4).surely_due_on(), Ok(None));
    let asked = review.after(ReviewAct::Ask, day, day).unwrap();
    assert_eq!(asked.surely_due_on(), Ok(None), "the clock stands still");
}

#[test]
fn the_consulted_have_25_days() {
    let due = running(ReviewKind::Article3).consultation_due_on();
    assert_eq!(due, Ok(Some(date(2026, 1, 30))));
    assert_eq!(
        running(ReviewKind::Article4).consultation_due_on(),
        Ok(None)
    );
}

#[test]
fn what_is_possible_follows_the_state() {
    let review = running(ReviewKind::Article3);
    assert_eq!(
        review.possible(),
        [ReviewAct::Ask, ReviewAct::GiveOpinion, ReviewAct::Withdraw]
    );
    let ended = review.after(ReviewAct::Withdraw, START, START).unwrap();
    assert_eq!(ended.possible(), []);
}

fn any_act() -> impl Strategy<Value = (ReviewAct, i64, i64)> {
    (prop::sample::select(ReviewAct::ALL), -3..25_i64, 0..25_i64)
}

proptest! {
    /// Whatever is tried in whatever order, with days told late, early and in the future.
    #[test]
    fn no_path_skips_a_step(
        kind in prop::sample::select(ReviewKind::ALL),
        acts in prop::collection::vec(any_act(), 0..60),
    ) {
        let mut review = Review::announce(kind, START, START).unwrap();
        let mut today = START;
        for (act, back, ahead) in acts {
            today = today.checked_add(ahead.days()).unwrap();
            let on = today.checked_sub(back.days()).unwrap();
            let clock = review.clock_state(today).unwrap();
            let Ok(next) = review.after(act, on, today) else { continue };
            prop_assert!(!review.state().is_ended(), "nothing after an end");
            prop_assert!(on <= today && on >= review.latest());
            let is_over = matches!(clock, Some(ClockState::Expired { .. }));
            prop_assert_eq!(is_over, act == ReviewAct::FallSilent);
            let from = review.state();
            match next.state() {
                ReviewState::Announced => prop_assert!(false, "announced once"),
                ReviewState::Preparing => prop_assert_eq!(from, ReviewState::Announced),
                ReviewState::Running => prop_assert!(
                    matches!(from, ReviewState::Preparing | ReviewState::Waiting)),
                ReviewState::Waiting | ReviewState::Given =>
                    prop_assert_eq!(from, ReviewState::Running),
                ReviewState::Tacit => prop_assert!(
                    from == ReviewState::Running && kind == ReviewKind::Article3),
                ReviewState::Withdrawn => {}
            }
            // An ended review was received complete, or was withdrawn.
            if matches!(next.state(), ReviewState::Given | ReviewState::Tacit) {
                prop_assert!(next.received_on().is_some());
            }
            // What is kept tells the same again.
            let again = Review::replay(kind, next.steps().iter().copied());
            prop_assert_eq!(again.as_ref(), Ok(&next));
            review = next;
        }
    }

    /// Days of waiting are given back: the last day is never earlier than without them.
    #[test]
    fn waiting_never_shortens_the_month(start in 0..2000_i64, asked in 0..28_i64, waited in 0..90_i64) {
        let received = START.checked_add(start.days()).unwrap();
        let begun = Review::announce(ReviewKind::Article3, received, received).unwrap();
        let review = begun.after(ReviewAct::Begin, received, received).unwrap();
        let review = review.after(ReviewAct::Receive, received, received).unwrap();
        let due = review.due_on().unwrap().unwrap();
        let asked = received.checked_add(asked.days()).unwrap();
        let informed = asked.checked_add(waited.days()).unwrap();
        let waiting = review.after(ReviewAct::Ask, asked, asked).unwrap();
        prop_assert_eq!(waiting.due_on(), Ok(None));
        let moved = waiting.after(ReviewAct::Inform, informed, informed).unwrap();
        let moved = moved.due_on().unwrap().unwrap();
        prop_assert!(moved >= received.checked_add(28.days()).unwrap() && moved >= informed);
        if waited == 0 {
            prop_assert_eq!(moved, due);
        }
    }
}
