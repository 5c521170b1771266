use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use super::*;

fn at(days: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_hours(24 * days)
}

fn after(life: Life, acts: &[Act]) -> Life {
    acts.iter()
        .fold(life, |life, act| life.after(*act, at(1)).unwrap())
}

#[test]
fn a_request_is_approved_after_it_was_sent() {
    let begun = Life::begun();
    assert_eq!(
        begun.after(Act::Approve(at(9)), at(1)),
        Err(Impossible(Act::Approve(at(9))))
    );
    let approved = after(
        begun,
        &[
            Act::Submit,
            Act::AskChanges,
            Act::Submit,
            Act::Approve(at(9)),
        ],
    );
    assert!(approved.is_usable(at(8)) && !approved.is_usable(at(9)));
    assert_eq!(approved.granted.unwrap().version, 1);
}

#[test]
fn a_refused_extension_leaves_what_was_granted() {
    let granted = after(Life::begun(), &[Act::Submit, Act::Approve(at(9))]);
    let refused = after(granted, &[Act::Reopen, Act::Submit, Act::Refuse]);
    assert_eq!(refused.granted, granted.granted);
    let extended = after(refused, &[Act::Reopen, Act::Submit, Act::Approve(at(20))]);
    assert_eq!(extended.granted.unwrap().version, 2);
    assert_eq!(extended.kind, RequestKind::Extension);
}

#[test]
fn what_was_revoked_never_comes_back() {
    let acts = [
        Act::Submit,
        Act::Approve(at(9)),
        Act::Reopen,
        Act::Submit,
        Act::Revoke,
    ];
    let revoked = after(Life::begun(), &acts);
    assert_eq!(revoked.request, RequestState::Withdrawn);
    for act in [
        Act::Reopen,
        Act::Renew,
        Act::Resume,
        Act::Approve(at(9)),
        Act::Transfer,
    ] {
        assert!(revoked.after(act, at(1)).is_err(), "{act:?}");
    }
}

#[test]
fn an_extension_does_not_lift_a_suspension() {
    let acts = [
        Act::Submit,
        Act::Approve(at(9)),
        Act::Suspend,
        Act::Reopen,
        Act::Submit,
        Act::Approve(at(20)),
    ];
    let life = after(Life::begun(), &acts);
    assert_eq!(life.granted.unwrap().standing, Standing::Suspended);
    assert!(!life.is_usable(at(2)));
}

fn any_act() -> impl Strategy<Value = Act> {
    prop_oneof![
        Just(Act::Submit),
        Just(Act::Withdraw),
        Just(Act::Archive),
        Just(Act::Reopen),
        Just(Act::Renew),
        Just(Act::AskChanges),
        Just(Act::Refuse),
        (0..60_i64).prop_map(|days| Act::Approve(at(days))),
        Just(Act::Transfer),
        Just(Act::Suspend),
        Just(Act::Resume),
        Just(Act::Revoke),
        Just(Act::Expire),
    ]
}

proptest! {
    /// Whatever happens in whatever order, time passing between.
    #[test]
    fn no_path_skips_an_approval(acts in prop::collection::vec((any_act(), 0..5_i64), 0..60)) {
        let mut life = Life::begun();
        let (mut day, mut approvals, mut transfers, mut revoked) = (0, 0, 0, false);
        for (act, days) in acts {
            day += days;
            let Ok(next) = life.after(act, at(day)) else { continue };
            // Only an approval of what was submitted grants anything, and only to the future.
            if let Act::Approve(until) = act {
                prop_assert_eq!(life.request, RequestState::Submitted);
                prop_assert!(until > at(day));
                approvals += 1;
            } else {
                let (before, now) = (life.granted, next.granted);
                prop_assert!(before.is_some() || now.is_none());
                prop_assert_eq!(before.map(|one| one.valid_until), now.map(|one| one.valid_until));
                let rises = now.is_some_and(|one| one.standing == Standing::InForce)
                    && before.is_some_and(|one| one.standing != Standing::InForce);
                prop_assert!(!rises || act == Act::Resume);
            }
            transfers += u32::from(act == Act::Transfer);
            revoked |= act == Act::Revoke;
            prop_assert_eq!(next.granted.map_or(0, |one| one.version), approvals + transfers);
            prop_assert!(!next.is_usable(at(day)) || approvals > 0);
            prop_assert!(!revoked || !next.is_usable(at(day)));
            // Its author never decides.
            if act.is_authors() {
                prop_assert_eq!(life.granted, next.granted);
            }
            life = next;
        }
    }
}
