//! What of a state is written.

use super::*;
use crate::ProgramId;
use crate::db::Writes;

#[test]
fn only_a_lot_that_lost_or_gained_something_is_written() {
    let mut state = MemberState::new(MemberId::new());
    state.earn(credit(10, Some(7))).unwrap();
    state.earn(credit(10, Some(9))).unwrap();
    let changed =
        |state: &MemberState| -> Vec<bool> { state.lots.iter().map(Lot::has_changed).collect() };
    assert_eq!(changed(&state), [true, true], "neither is in the database");
    for lot in &mut state.lots {
        lot.stored = Some(lot.as_stored());
    }
    assert_eq!(changed(&state), [false, false]);
    let parts = state.spend(&points_type(), Points::new(4)).unwrap();
    assert_eq!(changed(&state), [true, false]);
    let back = vec![(find(&state, &parts[0]), Points::new(4))];
    state.give_back(&points_type(), back).unwrap();
    assert_eq!(changed(&state), [false, false], "it is as it was");
}

#[test]
fn a_state_is_written_when_it_is_new_or_changed_or_touched() {
    let is_written = |before: &MemberState, after: &MemberState| {
        let mut writes = Writes::to(ProgramId::new());
        write(&mut writes, [(before, after)]);
        !writes.is_empty()
    };
    let new = MemberState::new(MemberId::new());
    assert!(is_written(&new, &new));
    let stored = MemberState { version: 1, ..new };
    assert!(!is_written(&stored, &stored));
    let mut touched = stored.clone();
    touched.touch();
    assert!(is_written(&stored, &touched), "for what changes under its version");
    let mut richer = stored.clone();
    richer.earn(credit(10, None)).unwrap();
    assert!(is_written(&stored, &richer));
}
