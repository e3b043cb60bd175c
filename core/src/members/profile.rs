//! Profiles: members, where they stand, what they can spend.

use super::look::ask_members;
use super::model::Member;
use crate::accounts::{Expiring, Lots, Standing, States, ask_expiring};
use crate::context::Context;
use crate::operation::look_at;
use crate::{MemberId, Points, ProgramId, Result, tiers};
use std::collections::BTreeMap;

/// Which parts of a profile are wanted besides the member, its standing and its points.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Wants {
    /// What expires, and when.
    pub expiring: bool,
}

/// A member, and where it stands at the program's now.
#[derive(Clone, Debug)]
pub struct Profile {
    pub member: Member,
    pub standing: Standing,
    pub balance: Balance,
}

/// What a member can spend.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Balance {
    /// What has expired does not count, whether or not that was written down.
    pub points: Points,
    /// Reserved by open holds, and not part of `points`.
    pub held: Points,
    /// What expires and when, the earliest first, if it was asked for; points that never expire are
    /// not listed.
    pub expiring: Vec<Expiring>,
}

pub(super) async fn profiles(
    context: &Context,
    program: ProgramId,
    members: &[MemberId],
    wants: Wants,
) -> Result<BTreeMap<MemberId, Profile>> {
    let program = context.program(program).await?;
    let (mut look, states) = look_at(context, &program, members.iter().copied(), Lots::IfDue);
    let found = ask_members(&mut look);
    let expiring = wants.expiring.then(|| ask_expiring(&mut look));
    let answers = context.show(look).await?;
    let now = answers.stamp()?.map_or(program.now, |stamp| stamp.now);
    let point_type = &program.definition.points().point_type;
    let mut states: States = states.read(&answers)?;
    let (mut profiles, mut brought) = (BTreeMap::new(), BTreeMap::new());
    for member in answers.rows(found)?.into_iter().map(Member::from) {
        let Some(mut state) = states.remove(&member.id) else { continue };
        state.bring_to(now)?;
        tiers::settle(program.definition.ladder(), &mut state.standing, now);
        let balance = Balance {
            points: state.balance(point_type),
            held: state.held(point_type),
            expiring: Vec::new(),
        };
        // Of whom something was over, the lots are known, and as they are now.
        if let Some(known) = state.expiring(point_type).filter(|_| wants.expiring) {
            brought.insert(member.id, known);
        }
        profiles.insert(member.id, Profile { member, standing: state.standing, balance });
    }
    let rows = expiring.map_or(Ok(Vec::new()), |question| answers.rows(question))?;
    let listed = rows.iter().filter_map(|row| row.of_type(point_type));
    let listed = listed.filter(|(member, _)| !brought.contains_key(member));
    let known = brought.iter().flat_map(|(id, lots)| lots.iter().map(|lot| (*id, *lot)));
    let mut listed: Vec<_> = listed.chain(known).collect();
    listed.sort_by_key(|(_, lot)| lot.at);
    for (member, lot) in listed {
        let Some(profile) = profiles.get_mut(&member) else { continue };
        match profile.balance.expiring.last_mut() {
            Some(last) if last.at == lot.at => last.points = last.points.plus(lot.points)?,
            _ => profile.balance.expiring.push(lot),
        }
    }
    Ok(profiles)
}
