//! Reading holds.

use super::Holds;
use crate::accounts::PointType;
use crate::context::Context;
use crate::db::select::Select;
use crate::db::{id, limit, row};
use crate::facts::HoldOutcome;
use crate::hash::ArgumentsHash;
use crate::page::{Page, PageRequest};
use crate::{
    AccountId, Actor, Error, HoldId, MemberId, Points, ProgramId, Result, Scope, Timestamp,
    TransactionId,
};
use sea_orm::FromQueryResult;

/// Points that are or were reserved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hold {
    pub id: HoldId,
    pub member: MemberId,
    pub points: Points,
    pub point_type: PointType,
    /// How many of them were captured.
    pub captured: Points,
    /// For people.
    pub reason: String,
    pub held_at: Timestamp,
    /// When it is over, or was to be.
    pub expires_at: Timestamp,
    pub state: HoldState,
    /// By which the captured points were spent.
    pub transaction: Option<TransactionId>,
    /// Which of the group's people held them, if one did.
    pub by: Option<MemberId>,
}

/// Whether points are reserved, and what became of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HoldState {
    Open,
    Ended { outcome: HoldOutcome, at: Timestamp },
}

row! {
    #[derive(FromQueryResult)]
    pub(super) struct HoldRow {
        id: HoldId,
        account_id: AccountId,
        point_type: PointType,
        points: Points,
        captured: Points,
        reason: String,
        held_at: Timestamp,
        expires_at: Timestamp,
        outcome: Option<String>,
        ended_at: Option<Timestamp>,
        spend_id: Option<TransactionId>,
        by_id: Option<MemberId>,
    }
}

row! {
    /// A hold that an earlier request made.
    pub(super) struct Known {
        pub(super) id: HoldId,
        pub(super) arguments_hash: ArgumentsHash,
        pub(super) by_id: Option<MemberId>,
    }
}

const SELECT: &str = "
    SELECT h.id, h.account_id, h.point_type, h.points, h.captured, h.reason, h.held_at, h.expires_at, h.outcome,
        h.ended_at, h.spend_id, h.by_id
    FROM holds AS h
    WHERE h.program_id = $1";

impl Holds<'_> {
    /// A hold; none when it does not exist or the actor may not see it.
    pub async fn find(self, actor: &Actor, hold: HoldId) -> Result<Option<Hold>> {
        let found = find(self.context, actor.program(), hold).await?;
        let may_see = |found: &Hold| {
            actor.require_for(found.member, Scope::Read).is_ok()
                || actor.require(Scope::PointsSpend).is_ok()
        };
        Ok(found.filter(may_see))
    }

    /// A member's holds, newest first.
    pub async fn of_member(
        self,
        actor: &Actor,
        member: MemberId,
        page: PageRequest<HoldId>,
    ) -> Result<Page<Hold>> {
        actor.require_for(member, Scope::Read)?;
        let program = self.context.program(actor.program()).await?;
        let db = &self.context.db;
        let statement = Select::new(SELECT, [id(actor.program()), limit(page.first + 1)])
            .and("h.account_id = {}", Some(id(AccountId::from(member))))
            .and("h.id < {}", page.after.map(id))
            .ending(db.read(), " ORDER BY h.id DESC LIMIT $2");
        let found = HoldRow::find_by_statement(statement).all(db.read()).await?;
        Page::of(found, page.first).try_map(|row| row.hold(program.now))
    }
}

pub(super) async fn find(
    context: &Context,
    program: ProgramId,
    hold: HoldId,
) -> Result<Option<Hold>> {
    let now = context.program(program).await?.now;
    let db = &context.db;
    let statement = db.sql(&format!("{SELECT} AND h.id = $2"), [id(program), id(hold)]);
    let found = HoldRow::find_by_statement(statement).one(db.read()).await?;
    found.map(|row| row.hold(now)).transpose()
}

impl HoldState {
    pub fn outcome(self) -> Option<HoldOutcome> {
        match self {
            Self::Open => None,
            Self::Ended { outcome, .. } => Some(outcome),
        }
    }
}

impl HoldRow {
    /// As it is at `now`: whether its end was written down does not matter.
    pub(super) fn hold(self, now: Timestamp) -> Result<Hold> {
        let state = match (self.outcome.as_deref(), self.ended_at) {
            (None, _) if self.expires_at > now => HoldState::Open,
            (None, _) => HoldState::Ended { outcome: HoldOutcome::Expired, at: self.expires_at },
            (Some(outcome), Some(at)) => {
                let known = HoldOutcome::parse(outcome);
                let unknown = || Error::internal(format!("a hold cannot end as `{outcome}`"));
                HoldState::Ended { outcome: known.ok_or_else(unknown)?, at }
            }
            (Some(_), None) => return Err(Error::internal("a hold ended at no time")),
        };
        Ok(Hold {
            id: self.id,
            member: self.account_id.into(),
            points: self.points,
            point_type: self.point_type,
            captured: self.captured,
            reason: self.reason,
            held_at: self.held_at,
            expires_at: self.expires_at,
            state,
            transaction: self.spend_id,
            by: self.by_id,
        })
    }
}
