//! Reading memberships, as operators do.

use super::Memberships;
use super::model::{Accrual, Membership};
use crate::db::select::Select;
use crate::db::{id, limit};
use crate::page::{Page, PageRequest};
use crate::{Actor, MemberId, MembershipId, Result, Scope, Timestamp};
use sea_orm::{FromQueryResult, Statement};

/// A membership as it is read by itself.
#[derive(FromQueryResult)]
struct StoredRow {
    id: MembershipId,
    group_id: MemberId,
    person_id: MemberId,
    accrual: String,
    may_spend: i32,
    joined_at: Timestamp,
    left_at: Option<Timestamp>,
}

const SELECT: &str = "
    SELECT g.id, g.group_id, g.person_id, g.accrual, g.may_spend, g.joined_at, g.left_at
    FROM memberships AS g
    WHERE g.program_id = $1";
const OPEN: &str = " AND g.left_at IS NULL";

/// From which end memberships are asked for.
#[derive(Clone, Copy, Debug)]
pub enum Of {
    /// The groups of a person.
    Person(MemberId),
    /// The people of a group.
    Group(MemberId),
}

impl Memberships<'_> {
    /// A membership; none when it does not exist or the actor may not see it.
    pub async fn find(self, actor: &Actor, membership: MembershipId) -> Result<Option<Membership>> {
        if actor.require(Scope::MembersRead).is_err() {
            return Ok(None);
        }
        let db = &self.context.db;
        let text = format!("{SELECT} AND g.id = $2");
        let found = self.rows(db.sql(&text, [id(actor.program()), id(membership)])).await?;
        Ok(found.into_iter().next())
    }

    /// The memberships of a person or a group, newest first; without those that ended, unless they
    /// are asked for.
    pub async fn list(
        self,
        actor: &Actor,
        of: Of,
        ended: bool,
        page: PageRequest<MembershipId>,
    ) -> Result<Page<Membership>> {
        actor.require(Scope::MembersRead)?;
        let (condition, member) = match of {
            Of::Person(person) => ("g.person_id = {}", person),
            Of::Group(group) => ("g.group_id = {}", group),
        };
        let text = if ended { SELECT.to_owned() } else { format!("{SELECT}{OPEN}") };
        let statement = Select::new(text, [id(actor.program()), limit(page.first + 1)])
            .and(condition, Some(id(member)))
            .and("g.id < {}", page.after.map(id))
            .ending(self.context.db.read(), " ORDER BY g.id DESC LIMIT $2");
        Ok(Page::of(self.rows(statement).await?, page.first))
    }

    /// Those of a person that hold.
    pub(super) async fn open_of(self, actor: &Actor, person: MemberId) -> Result<Vec<Membership>> {
        let text = format!("{SELECT}{OPEN} AND g.person_id = $2 ORDER BY g.id");
        self.rows(self.context.db.sql(&text, [id(actor.program()), id(person)])).await
    }

    async fn rows(self, statement: Statement) -> Result<Vec<Membership>> {
        let found = StoredRow::find_by_statement(statement).all(self.context.db.read()).await?;
        found.into_iter().map(StoredRow::membership).collect()
    }
}

impl StoredRow {
    fn membership(self) -> Result<Membership> {
        Ok(Membership {
            id: self.id,
            group_id: self.group_id,
            person_id: self.person_id,
            accrual: Accrual::parse(&self.accrual)?,
            may_spend: self.may_spend != 0,
            joined_at: self.joined_at,
            left_at: self.left_at,
        })
    }
}
