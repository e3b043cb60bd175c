//! A member's points through whatever happens to them in memory: earned, credited, spent, taken and
//! given back, expired.

mod written;

use super::*;
use crate::{Code, MemberId, Points, Timestamp, TransactionId};
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Step {
    Earn(i64, Option<i64>),
    Credit(i64, Option<i64>),
    Spend(i64),
    /// What was spent last goes back to where it came from.
    Return,
    /// Of the lot with this number.
    TakeBack(usize, i64),
    Expire(i64),
}

fn any_step() -> impl Strategy<Value = Step> {
    let expiry = || prop::option::of(0..100_i64);
    prop_oneof![
        (0..1000_i64, expiry()).prop_map(|(points, expiry)| Step::Earn(points, expiry)),
        (0..1000_i64, expiry()).prop_map(|(points, expiry)| Step::Credit(points, expiry)),
        (1..1500_i64).prop_map(Step::Spend),
        Just(Step::Return),
        (0..10_usize, 1..1500_i64).prop_map(|(lot, points)| Step::TakeBack(lot, points)),
        (0..120_i64).prop_map(Step::Expire),
    ]
}

fn points_type() -> PointType {
    PointType::named("POINTS")
}

fn at(instant: i64) -> Timestamp {
    Timestamp::from_microseconds(instant).unwrap()
}

fn credit(points: i64, expiry: Option<i64>) -> Credit {
    let (point_type, points, transaction) =
        (points_type(), Points::new(points), TransactionId::new());
    Credit { point_type, points, transaction, at: at(0), expires_at: expiry.map(at), slides: false }
}

fn sum<'p>(parts: impl IntoIterator<Item = &'p LotPart>) -> i64 {
    parts.into_iter().map(|part| part.points.get()).sum()
}

fn owed(state: &MemberState) -> i64 {
    state.wallets.get(&points_type()).map_or(0, |wallet| wallet.owed.get())
}

fn earned_of(state: &MemberState) -> i64 {
    state.standing.points_earned(&points_type()).get()
}

fn balance(state: &MemberState) -> i64 {
    state.balance(&points_type()).get()
}

/// What can be read of a state follows from its lots.
fn assert_sound(state: &MemberState) {
    let open = || state.lots.iter().filter(|lot| lot.remaining.is_positive());
    let owed = owed(state);
    assert_eq!(balance(state), open().map(|lot| lot.remaining.get()).sum::<i64>() - owed);
    assert!(owed == 0 || open().next().is_none(), "who owes has no open lot");
    assert!(state.lots.iter().all(|lot| (0..=lot.amount.get()).contains(&lot.remaining.get())));
    let first = open().filter_map(|lot| lot.expires_at).min();
    assert_eq!(state.next_expiry_at, first);
    for now in [0, 50, 99].map(at) {
        assert_eq!(state.is_due(now), first.is_some_and(|first| first <= now));
    }
}

/// Does a step and checks what it returns; the lots out of which it took, with what.
fn apply(state: &mut MemberState, step: &Step, spent: &mut Vec<LotPart>) {
    let before = state.clone();
    let (had, earned) = (balance(state), earned_of(state));
    match *step {
        Step::Earn(points, expiry) => {
            let is_earned = state.earn(credit(points, expiry)).is_ok();
            assert_eq!(is_earned, points > 0);
            assert_eq!(balance(state), had + points);
            assert_eq!(earned_of(state), earned + points);
        }
        Step::Credit(points, expiry) => {
            assert_eq!(state.credit(credit(points, expiry)).is_ok(), points > 0);
            assert_eq!(balance(state), had + points);
            assert_eq!(earned_of(state), earned, "it does not count");
        }
        Step::Spend(points) => match state.spend(&points_type(), Points::new(points)) {
            Ok(parts) => {
                assert_eq!((sum(&parts), balance(state)), (points, had - points));
                *spent = parts;
            }
            Err(error) => {
                assert!(error.code() == Code::InsufficientPoints && points > had, "{error:?}");
                assert_eq!(*state, before);
            }
        },
        Step::Return => {
            let parts = std::mem::take(spent);
            let lots = || parts.iter().map(|part| (part, find(&before, part)));
            let back = lots().map(|(part, lot)| (lot, part.points)).collect();
            let paid = sum(&state.give_back(&points_type(), back).unwrap());
            assert_eq!(balance(state), had + sum(&parts));
            assert_eq!(owed(state), owed(&before) - paid);
            for (part, lot) in lots().filter(|_| owed(&before) == 0) {
                let again = find(state, part).remaining.get();
                assert_eq!(again, lot.remaining.get() + part.points.get(), "to its own lot");
            }
        }
        Step::TakeBack(number, points) => {
            let Some(lot) = state.lots.get(number).cloned() else { return };
            let points = Points::new(points);
            let may_owe = MayOwe::UpTo(Points::new(500));
            let taken = state.take_back(&points_type(), points, lot.id, may_owe).unwrap();
            assert_eq!(sum(&taken.parts), points.get().min(had.max(0)), "what there is");
            assert_eq!(owed(state), owed(&before) + taken.owed.get());
            assert!(owed(state) <= 500, "as far as the policy goes");
            assert_eq!(taken.points.get(), sum(&taken.parts) + taken.owed.get());
            assert_eq!(taken.points.plus(taken.short).unwrap(), points);
            assert_eq!(balance(state), had - taken.points.get());
            let first = taken.parts.first().filter(|_| lot.remaining.is_positive());
            assert!(first.is_none_or(|part| part.lot == lot.id), "out of the lot first");
        }
        Step::Expire(now) => {
            let is_over = |lot: &&Lot| lot.expires_at.is_some_and(|expiry| expiry <= at(now));
            let due: i64 = before.lots.iter().filter(is_over).map(|lot| lot.remaining.get()).sum();
            let next = || state.expire_first(at(now), None).unwrap();
            let expired: Vec<_> = std::iter::from_fn(next).collect();
            assert_eq!(sum(expired.iter().flat_map(|one| &one.parts)), due);
            assert_eq!(balance(state), had - due);
            assert!(!state.is_due(at(now)));
            assert!(state.expire_first(at(now), None).unwrap().is_none(), "once");
        }
    }
}

fn find(state: &MemberState, part: &LotPart) -> Lot {
    state.lots.iter().find(|lot| lot.id == part.lot).unwrap().clone()
}

proptest! {
    #[test]
    fn a_balance_is_what_its_lots_hold_whatever_happens(
        steps in prop::collection::vec(any_step(), 1..40),
    ) {
        let mut state = MemberState::new(MemberId::new());
        let mut spent = Vec::new();
        for step in &steps {
            apply(&mut state, step, &mut spent);
            assert_sound(&state);
        }
    }
}

#[test]
fn a_balance_can_be_spent_to_the_last_point_and_no_further() {
    let mut state = MemberState::new(MemberId::new());
    state.earn(credit(10, None)).unwrap();
    let refused = state.spend(&points_type(), Points::new(11)).unwrap_err();
    assert_eq!(refused.code(), Code::InsufficientPoints);
    assert_eq!(state.spend(&points_type(), Points::new(10)).unwrap().len(), 1);
    assert_eq!(balance(&state), 0);
}

#[test]
fn what_does_not_fit_changes_nothing() {
    let mut state = MemberState::new(MemberId::new());
    state.earn(credit(Points::MAX.get(), Some(7))).unwrap();
    let before = state.clone();
    assert_eq!(state.earn(credit(1, Some(3))).unwrap_err().code(), Code::Overflow);
    assert_eq!(state.credit(credit(1, Some(3))).unwrap_err().code(), Code::Overflow);
    assert_eq!(state, before);
    state.uncount(&points_type(), Points::new(5)).unwrap();
    assert_eq!(earned_of(&state), Points::MAX.get() - 5);
}

#[test]
fn points_are_not_taken_from_lots_that_nobody_looked_at() {
    let mut state = MemberState::new(MemberId::new());
    state.earn(credit(10, None)).unwrap();
    state.knows_lots = false;
    assert_eq!(state.spend(&points_type(), Points::new(1)).unwrap_err().code(), Code::Internal);
    assert_eq!(balance(&state), 10);
}

#[test]
fn events_of_a_member_are_numbered_without_gaps() {
    let mut state = MemberState::new(MemberId::new());
    assert_eq!([(); 3].map(|()| state.next_event_seq()), [1, 2, 3]);
    state.event_seq = 41;
    assert_eq!(state.next_event_seq(), 42);
}
