//! The clock of article 3, case by case: worked out from the decree (one month from the receipt of the
//! complete file, suspended by a request for information), from articles 640 to 642 of the Code de
//! procédure civile and from the civil calendar.

use jiff::civil::Date;
use kit_time::ClockState;

use super::*;

/// The receipt; what follows, `-` a request and `+` its answer; the last day, `stopped` with the days
/// that are left, or `refused`.
const CASES: &[(&str, &str, &str)] = &[
    // A plain month: from one day to the day of the same number (641, paragraph 2).
    ("2026-03-02", "", "2026-04-02"),
    // The day of receipt doesn't count, the last day does: a Friday.
    ("2026-03-03", "", "2026-04-03"),
    // From a month of 30 days to one of 31: the number of the day counts, not the days.
    ("2026-04-15", "", "2026-05-15"),
    // 15 August is the Assumption, and a Saturday: Monday 17.
    ("2026-07-15", "", "2026-08-17"),
    // From 31 to 31: a Monday.
    ("2026-07-31", "", "2026-08-31"),
    // September has no 31: its last day, a Wednesday.
    ("2026-08-31", "", "2026-09-30"),
    // November has no 31: the 30th, a Monday.
    ("2026-10-31", "", "2026-11-30"),
    // April has no 31: the 30th, a Thursday.
    ("2026-03-31", "", "2026-04-30"),
    // June has no 31: the 30th, a Tuesday.
    ("2026-05-31", "", "2026-06-30"),
    // February has no 31 and the year isn't a leap year: the 28th is a Saturday, hence Monday 2
    // March.
    ("2026-01-31", "", "2026-03-02"),
    // February has no 30: the 28th again, hence Monday 2 March.
    ("2026-01-30", "", "2026-03-02"),
    // February has no 29 in 2026: the 28th again, hence Monday 2 March.
    ("2026-01-29", "", "2026-03-02"),
    // The 28th exists, and is a Saturday: Monday 2 March.
    ("2026-01-28", "", "2026-03-02"),
    // 28 February 2025 is a Friday: no extension.
    ("2025-01-31", "", "2025-02-28"),
    // February 2025 has no 29: Friday 28.
    ("2025-01-29", "", "2025-02-28"),
    // A leap year: 29 February 2024, a Thursday.
    ("2024-01-31", "", "2024-02-29"),
    // A leap year has no 30 February either: the 29th.
    ("2024-01-30", "", "2024-02-29"),
    // The 29th exists in a leap year.
    ("2024-01-29", "", "2024-02-29"),
    // A leap year again: 29 February 2028 is a Tuesday.
    ("2028-01-31", "", "2028-02-29"),
    // From 29 February to 29 March, a Friday.
    ("2024-02-29", "", "2024-03-29"),
    // From 29 February to 29 March, a Wednesday.
    ("2028-02-29", "", "2028-03-29"),
    // 2100 is no leap year though four divides it: 28 February is a Sunday, hence Monday 1 March.
    ("2100-01-31", "", "2100-03-01"),
    // 2000 is a leap year though a hundred divides it: 29 February, a Tuesday.
    ("2000-01-31", "", "2000-02-29"),
    // From the last day of February to 28 March, not to the end of March: a Saturday, hence Monday
    // 30.
    ("2026-02-28", "", "2026-03-30"),
    // From the last day of February to 28 March, a Friday: not to the 31st.
    ("2025-02-28", "", "2025-03-28"),
    // 27 March 2026: two days before the clocks go forward.
    ("2026-02-27", "", "2026-03-27"),
    // Asked on Saturday 28 March, the end without extension: nothing is left. The clocks go forward
    // on the 29th; the answer's day is the last one.
    ("2026-02-28", "-2026-03-28 +2026-03-30", "2026-03-30"),
    // A suspension across the change of clocks counts three civil days.
    ("2026-03-20", "-2026-03-27 +2026-03-30", "2026-04-23"),
    // 25 October 2026, the clocks go back, and a Sunday: Monday 26.
    ("2026-09-25", "", "2026-10-26"),
    // A suspension across the end of summer time counts two civil days.
    ("2026-10-20", "-2026-10-24 +2026-10-26", "2026-11-23"),
    // Over the year's end: 31 January 2027 is a Sunday, hence Monday 1 February.
    ("2026-12-31", "", "2027-02-01"),
    // 1 January is a holiday, a Friday; then a weekend: Monday 4.
    ("2026-12-01", "", "2027-01-04"),
    // 1 January 2026 is a Thursday and a holiday: Friday 2.
    ("2025-12-01", "", "2026-01-02"),
    // Christmas 2025 is a Thursday: Friday 26, which is a working day outside Alsace-Moselle.
    ("2025-11-25", "", "2025-12-26"),
    // Christmas 2026 is a Friday: Monday 28.
    ("2026-11-25", "", "2026-12-28"),
    // 1 May 2026 is a Friday and a holiday: Monday 4.
    ("2026-04-01", "", "2026-05-04"),
    // 8 May 2026 is a Friday and a holiday: Monday 11.
    ("2026-04-08", "", "2026-05-11"),
    // Ascension 2026 is Thursday 14 May: Friday 15, bridge or not.
    ("2026-04-14", "", "2026-05-15"),
    // Whit Monday 2026 is 25 May: Tuesday 26.
    ("2026-04-25", "", "2026-05-26"),
    // Saturday 23 May 2026, then Sunday, then Whit Monday: Tuesday 26.
    ("2026-04-23", "", "2026-05-26"),
    // Easter Monday 2026 is 6 April: Tuesday 7.
    ("2026-03-06", "", "2026-04-07"),
    // Saturday 4 April, Easter Sunday, Easter Monday: Tuesday 7.
    ("2026-03-04", "", "2026-04-07"),
    // The suspension moves the end by three days onto Easter Monday: Tuesday 7.
    ("2026-03-03", "-2026-03-20 +2026-03-23", "2026-04-07"),
    // 14 July 2026 is a Tuesday: Wednesday 15.
    ("2026-06-14", "", "2026-07-15"),
    // All Saints 2025 is a Saturday: Monday 3.
    ("2025-10-01", "", "2025-11-03"),
    // All Saints 2026 is a Sunday, and moves nothing: Monday 2.
    ("2026-10-01", "", "2026-11-02"),
    // 11 November 2026 is a Wednesday: Thursday 12.
    ("2026-10-11", "", "2026-11-12"),
    // 15 August 2025 is a Friday: Monday 18.
    ("2025-07-15", "", "2025-08-18"),
    // In 2008 Ascension fell on 1 May, a Thursday: one holiday, Friday 2.
    ("2008-04-01", "", "2008-05-02"),
    // Christmas 2027 is a Saturday: Monday 27.
    ("2027-11-25", "", "2027-12-27"),
    // Received on a Saturday: it counts from there all the same, to 2 June.
    ("2026-05-02", "", "2026-06-02"),
    // Received on a holiday and a Sunday: to 1 December all the same.
    ("2026-11-01", "", "2026-12-01"),
    // While it waits there is no last day; 21 of the days are left.
    ("2026-03-02", "-2026-03-12", "stopped 21"),
    // Eight days of waiting: eight days later, from 2 to 10 April.
    ("2026-03-02", "-2026-03-12 +2026-03-20", "2026-04-10"),
    // Asked on the day of receipt: 31 days are left, as long as March.
    ("2026-03-02", "-2026-03-02 +2026-03-12", "2026-04-13"),
    // Asked on the day of receipt in February: 28 days are left, not a month afresh: 30 March, not
    // 2 April.
    ("2026-02-02", "-2026-02-02 +2026-03-02", "2026-03-30"),
    // Asked and given on one day: nothing moves.
    ("2026-03-02", "-2026-03-12 +2026-03-12", "2026-04-02"),
    // Asked on the last day: no day is left.
    ("2026-03-02", "-2026-04-02", "stopped 0"),
    // Asked on the last day: the day of the answer is the last one.
    ("2026-03-02", "-2026-04-02 +2026-04-20", "2026-04-20"),
    // Asked on the last day, answered on a Saturday: Monday 20.
    ("2026-03-02", "-2026-04-02 +2026-04-18", "2026-04-20"),
    // Asked on the day after the last one: silence has spoken.
    ("2026-03-02", "-2026-04-03", "refused"),
    // Asked on the 28th, the end before its extension: nothing is left, so the day of the answer.
    ("2026-01-31", "-2026-02-28 +2026-03-10", "2026-03-10"),
    // Asked within the extension, on Sunday 1 March: one day of it is left.
    ("2026-01-31", "-2026-03-01 +2026-03-10", "2026-03-11"),
    // Asked on the last day of the extension: the day of the answer.
    ("2026-01-31", "-2026-03-02 +2026-03-10", "2026-03-10"),
    // Two suspensions, of eight and six days: 16 April.
    (
        "2026-03-02",
        "-2026-03-12 +2026-03-20 -2026-04-01 +2026-04-07",
        "2026-04-16",
    ),
    // Three suspensions, of four, two and seven days: 15 April.
    (
        "2026-03-02",
        "-2026-03-05 +2026-03-09 -2026-03-16 +2026-03-18 -2026-03-25 +2026-04-01",
        "2026-04-15",
    ),
    // The answer comes on the day on which the month would have ended: 21 days from it.
    ("2026-03-02", "-2026-03-12 +2026-04-02", "2026-04-23"),
    // A second request on 1 May, a holiday and the day without extension: nothing is left, so the
    // day of the answer.
    (
        "2026-03-02",
        "-2026-03-12 +2026-04-10 -2026-05-01 +2026-05-04",
        "2026-05-04",
    ),
    // A second request within the extension of 1 May (a Friday) to Monday 4: two days are left.
    (
        "2026-03-02",
        "-2026-03-12 +2026-04-10 -2026-05-02 +2026-05-12",
        "2026-05-15",
    ),
    // A year of waiting is forgotten: 21 days from the answer: 2 April 2027.
    ("2026-03-02", "-2026-03-12 +2027-03-12", "2027-04-02"),
    // In a leap year 14 days are left on 15 February, whichever February: from the 29th, 14 March.
    ("2024-01-31", "-2024-02-15 +2024-02-29", "2024-03-14"),
    // In another year 13 days are left on 15 February: from the 28th, 13 March.
    ("2025-01-31", "-2025-02-15 +2025-02-28", "2025-03-13"),
    // Asked and answered on Ascension, the end without extension: Friday 15 as before.
    ("2026-04-14", "-2026-05-14 +2026-05-14", "2026-05-15"),
    // Asked before Christmas with eight days left: 12 January.
    ("2026-12-01", "-2026-12-24 +2027-01-04", "2027-01-12"),
    // A second request while the first one waits.
    ("2026-03-02", "-2026-03-12 -2026-03-13", "refused"),
    // An answer to no request.
    ("2026-03-02", "+2026-03-12", "refused"),
    // A request dated before the file.
    ("2026-03-02", "-2026-03-01", "refused"),
    // An answer dated before its request.
    ("2026-03-02", "-2026-03-12 +2026-03-11", "refused"),
    // A second request dated before the answer to the first.
    (
        "2026-03-02",
        "-2026-03-12 +2026-03-20 -2026-03-19",
        "refused",
    ),
    // A second request after the moved end, 10 April.
    (
        "2026-03-02",
        "-2026-03-12 +2026-03-20 -2026-04-11",
        "refused",
    ),
];

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn answer(received: Date, events: &str) -> Result<String, ReviewRefusal> {
    let mut review = Review::announce(ReviewKind::Article3, received, received)?
        .after(ReviewAct::Begin, received, received)?
        .after(ReviewAct::Receive, received, received)?;
    let mut today = received;
    for event in events.split_whitespace() {
        let (sign, on) = event.split_at(1);
        let act = if sign == "-" {
            ReviewAct::Ask
        } else {
            ReviewAct::Inform
        };
        today = today.max(day(on));
        review = review.after(act, day(on), today)?;
    }
    let due_on = review.due_on()?;
    Ok(match review.clock_state(today)?.unwrap() {
        ClockState::Suspended { remaining_days, .. } => {
            assert_eq!(due_on, None);
            format!("stopped {remaining_days}")
        }
        ClockState::Running { due, .. } => {
            assert_eq!(due_on, Some(due));
            due.to_string()
        }
        ClockState::Expired { .. } => unreachable!("read on the day of its last event"),
    })
}

#[test]
fn the_clock_agrees_with_worked_cases() {
    assert!(CASES.len() >= 60);
    for (received, events, expected) in CASES {
        let told = answer(day(received), events).unwrap_or_else(|_| "refused".to_owned());
        assert_eq!(told, *expected, "received {received}, then {events}");
    }
}

/// The opinion can be given on the last day, and silence speaks on the day after.
#[test]
fn silence_speaks_on_the_day_after_the_last() {
    for (received, events, expected) in CASES {
        let Ok(due) = expected.parse::<Date>() else {
            continue;
        };
        let received = day(received);
        let begun = Review::announce(ReviewKind::Article3, received, received).unwrap();
        let steps = [ReviewAct::Begin, ReviewAct::Receive].map(|act| (act, received));
        let events = events.split_whitespace().map(|event| {
            let act = if event.starts_with('-') {
                ReviewAct::Ask
            } else {
                ReviewAct::Inform
            };
            (act, day(&event[1..]))
        });
        let running = steps
            .into_iter()
            .chain(events)
            .fold(begun, |review, (act, on)| {
                review.after(act, on, on).unwrap()
            });
        let after = due.tomorrow().unwrap();
        assert!(running.after(ReviewAct::GiveOpinion, due, due).is_ok());
        assert!(running.after(ReviewAct::FallSilent, due, due).is_err());
        // Nobody backdates an opinion once the time is over.
        assert_eq!(
            running.after(ReviewAct::GiveOpinion, due, after),
            Err(ReviewRefusal::Expired { on: due })
        );
        let tacit = running.after(ReviewAct::FallSilent, after, after).unwrap();
        assert_eq!(tacit.state(), ReviewState::Tacit);
        assert_eq!(
            Review::replay(ReviewKind::Article3, tacit.steps().iter().copied()).unwrap(),
            tacit
        );
    }
}
