//! Profiles: members, where they stand, what they can spend.

use super::look::ask_members;
use super::model::Member;
use crate::accounts::{
    Expiring, ExpiringRow, Lots, MemberState, PointType, Standing, States, ask_expiring, ask_states,
};
use crate::context::Context;
use crate::db::row;
use crate::definition::Definition;
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
    /// By type of points, the program's main points first.
    pub wallets: Vec<(PointType, Balance)>,
}

/// What a member can spend of one type of points.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Balance {
    /// What has expired does not count, whether or not that was written down.
    pub points: Points,
    /// What can be spent on what costs these points: out of this wallet, and out of others that pay
    /// for it.
    pub spendable: Points,
    /// Reserved by open holds, and not part of `points`.
    pub held: Points,
    /// Earned, and not part of `points` before it can be spent.
    pub pending: Points,
    /// What expires and when, the earliest first, if it was asked for; points that never expire are
    /// not listed.
    pub expiring: Vec<Expiring>,
}

row! {
    struct CalledKey {
        id: MemberId,
    }
}

row! {
    /// Who is meant by an id.
    struct CalledRow {
        called_id: MemberId,
        id: MemberId,
    }
}

const CALLED: &str = "
    SELECT m.id AS called_id, COALESCE(m.merged_into, m.id) AS id
    FROM {rows} AS k EACH members AS m
    WHERE m.program_id = $1 AND m.id = k.id";

pub(super) async fn profiles(
    context: &Context,
    program: ProgramId,
    members: &[MemberId],
    wants: Wants,
) -> Result<BTreeMap<MemberId, Profile>> {
    let program = context.program(program).await?;
    let mut look = context.look(program.id);
    let keys: Vec<_> = members.iter().map(|member| CalledKey { id: *member }).collect();
    look.table_over("called", CALLED, &keys);
    look.table("who", "SELECT DISTINCT id FROM called");
    let states = ask_states(&mut look, Lots::IfDue);
    let called = look.ask::<CalledRow>("SELECT called_id, id FROM called");
    let found = ask_members(&mut look);
    let expiring = wants.expiring.then(|| ask_expiring(&mut look));
    let answers = context.show(look).await?;
    let now = answers.stamp()?.map_or(program.now, |stamp| stamp.now);
    let mut states: States = states.read(&answers)?;
    let (mut profiles, mut brought) = (BTreeMap::new(), Vec::new());
    for member in answers.rows(found)?.into_iter().map(Member::from) {
        let Some(mut state) = states.remove(&member.id) else { continue };
        state.bring_to(now)?;
        if state.has_tier() {
            tiers::settle(program.definition.ladder(), &mut state.standing, now);
        }
        // Of whom something was over, the lots are known, and as they are now.
        let known = state.expiring().filter(|_| wants.expiring);
        brought.extend(known.map(|known| (member.id, known)));
        let wallets = wallets(&program.definition, &state)?;
        profiles.insert(member.id, Profile { member, standing: state.standing, wallets });
    }
    let rows = expiring.map_or(Ok(Vec::new()), |question| answers.rows(question))?;
    let listed = rows.into_iter().map(ExpiringRow::of_member);
    let is_known = |id: &MemberId| brought.iter().any(|(known, _)| known == id);
    let mut listed: Vec<_> = listed.filter(|(member, ..)| !is_known(member)).collect();
    for (member, known) in brought {
        listed.extend(known.into_iter().map(|(point_type, lot)| (member, point_type, lot)));
    }
    listed.sort_by_key(|(_, _, lot)| lot.at);
    for (member, point_type, lot) in listed {
        let profile = profiles.get_mut(&member);
        let Some(balance) = profile.and_then(|profile| profile.wallet_mut(&point_type)) else {
            continue;
        };
        match balance.expiring.last_mut() {
            Some(last) if last.at == lot.at => last.points = last.points.plus(lot.points)?,
            _ => balance.expiring.push(lot),
        }
    }
    for CalledRow { called_id, id } in answers.rows(called)? {
        if called_id != id
            && let Some(survivor) = profiles.get(&id).cloned()
        {
            profiles.insert(called_id, survivor);
        }
    }
    Ok(profiles)
}

/// A wallet of every type that the program has, and of others that the member still has.
fn wallets(definition: &Definition, state: &MemberState) -> Result<Vec<(PointType, Balance)>> {
    let mut types: Vec<_> =
        definition.point_types().map(|policy| policy.point_type.clone()).collect();
    let others: Vec<_> = state.point_types().filter(|own| !types.contains(own)).cloned().collect();
    types.extend(others);
    let wallet = |point_type: PointType| {
        let balance = Balance {
            points: state.balance(&point_type),
            spendable: state.spendable(definition.spend_order(&point_type))?,
            held: state.held(&point_type),
            pending: state.pending(&point_type),
            expiring: Vec::new(),
        };
        Ok((point_type, balance))
    };
    types.into_iter().map(wallet).collect()
}

impl Profile {
    /// What the member can spend of the program's main points.
    pub fn balance(&self) -> Balance {
        let main = self.wallets.iter().find(|(point_type, _)| point_type.is_main());
        main.map(|(_, balance)| balance.clone()).unwrap_or_default()
    }

    fn wallet_mut(&mut self, point_type: &PointType) -> Option<&mut Balance> {
        let mut wallets = self.wallets.iter_mut();
        wallets.find(|(its, _)| its == point_type).map(|(_, balance)| balance)
    }
}
