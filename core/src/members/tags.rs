//! Tags: words that operators and plugins put on a member, such as `press` or `vip`. They are no history
//! and no money: conditions and plugins ask for them.

use super::Members;
use super::look::{ask_named, the_named};
use super::model::{Member, MemberRef};
use crate::accounts::{Lots, ask_states};
use crate::context::Program;
use crate::db::{Answers, Look, Question, TryError, row};
use crate::events::Reach;
use crate::facts::MemberTagged;
use crate::operation::{Operation, decide};
use crate::text::{self, invalid};
use crate::{Actor, Code, Error, MemberId, Result, Scope, Timestamp};
use perennial_contract::limits::{TAG_CHANGES, TAGS};
use perennial_contract::text::NO_SLUG;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Tags to be put on a member, and to be taken away.
#[derive(Clone, Debug)]
pub struct TagMember {
    pub member: MemberRef,
    pub add: BTreeSet<String>,
    pub remove: BTreeSet<String>,
}

row! {
    /// The tags of a member as a look reads them, and as they are written.
    pub(crate) struct TagsRow {
        id: MemberId,
        tags: Option<Value>,
    }
}

const OF_MEMBERS: &str = "
    SELECT m.id, m.tags
    FROM who AS k EACH members AS m
    WHERE m.program_id = $1 AND m.id = k.id";
const WRITE: &str = "
    UPDATE members
    SET tags = r.tags
    FROM {rows} AS r
    WHERE members.program_id = $1 AND members.id {in: SELECT k.id FROM {rows} AS k}
        AND members.id = r.id";

/// Tags that an operation changes, among those that a look found.
#[derive(Debug, Default)]
pub(crate) struct Tags {
    known: BTreeMap<MemberId, BTreeSet<String>>,
    changed: BTreeSet<MemberId>,
}

/// Asks for the tags of the members in `who`.
pub(crate) fn ask_tags(look: &mut Look) -> Question<TagsRow> {
    look.ask(OF_MEMBERS)
}

/// Tags as a row has them: nothing if there are none.
pub(super) fn tags_of(stored: Option<Value>) -> BTreeSet<String> {
    stored.and_then(|tags| serde_json::from_value(tags).ok()).unwrap_or_default()
}

impl Tags {
    pub(crate) fn of(question: Question<TagsRow>, answers: &Answers) -> Result<Self> {
        let rows = answers.rows(question)?.into_iter().map(|row| (row.id, tags_of(row.tags)));
        Ok(Self { known: rows.collect(), changed: BTreeSet::new() })
    }

    /// Adds as many as there is room for, the first of them, and removes; returns whether all fit.
    pub(crate) fn change_what_fits(
        &mut self,
        operation: &mut Operation<'_>,
        member: MemberId,
        (add, remove): (BTreeSet<String>, BTreeSet<String>),
        by: (Option<&str>, Timestamp),
    ) -> Result<bool> {
        let known = self.known.entry(member).or_default();
        let stay = known.difference(&remove).count();
        let new: Vec<_> = add.difference(known).cloned().collect();
        let fits = TAGS.saturating_sub(stay).min(new.len());
        let fit = new.iter().take(fits).cloned().collect();
        self.change(operation, member, (fit, remove), by)?;
        Ok(fits == new.len())
    }

    /// Adds and removes; records what has changed, if anything has. `plugin` caused it, and does not
    /// receive the event. Fails with `TOO_MANY`.
    pub(crate) fn change(
        &mut self,
        operation: &mut Operation<'_>,
        member: MemberId,
        (add, remove): (BTreeSet<String>, BTreeSet<String>),
        (plugin, at): (Option<&str>, Timestamp),
    ) -> Result<()> {
        let known = self.known.entry(member).or_default();
        let added: Vec<_> = add.difference(known).cloned().collect();
        let removed: Vec<_> = remove.intersection(known).cloned().collect();
        if added.is_empty() && removed.is_empty() {
            return Ok(());
        }
        if known.len() + added.len() - removed.len() > TAGS {
            let why = format!("a member has at most {TAGS} tags");
            return Err(Error::new(Code::TooMany, why).at("add"));
        }
        known.extend(added.iter().cloned());
        known.retain(|tag| !removed.contains(tag));
        self.changed.insert(member);
        let reach = plugin.map_or(Reach::All, |plugin| Reach::AllBut(plugin.to_owned()));
        operation.record_for(reach, member, at, MemberTagged { added, removed })
    }

    /// Adds what was changed to the operation.
    pub(crate) fn write(self, operation: &mut Operation<'_>) {
        for id in self.changed {
            let tags = self.known.get(&id).filter(|tags| !tags.is_empty());
            operation.run(WRITE, &TagsRow { id, tags: tags.map(|tags| json!(tags)) });
        }
    }

    /// Puts the tags of a merged member on the survivor too, as many as there is room for. The merged one
    /// keeps its own, for it may be one again.
    pub(crate) fn hand_over(
        mut self,
        operation: &mut Operation<'_>,
        from: MemberId,
        into: MemberId,
    ) -> Result<()> {
        let tags = self.known.get(&from).cloned().unwrap_or_default();
        let at = operation.program().now;
        self.change_what_fits(operation, into, (tags, BTreeSet::new()), (None, at))?;
        self.write(operation);
        Ok(())
    }
}

impl Members<'_> {
    /// Puts tags on a member and takes some away; what is there already, or is not, changes nothing. Fails
    /// with `MEMBER_NOT_FOUND`, `MEMBER_ERASED`, `INVALID_INPUT` or `TOO_MANY`.
    pub async fn tag(self, actor: &Actor, request: &TagMember) -> Result<Member> {
        actor.require(Scope::MembersWrite)?;
        request.check()?;
        let member = decide(self.context, actor.program(), "tagging a member", |program| {
            self.try_tag(program, actor, request)
        })
        .await?;
        self.get(actor, member).await
    }

    async fn try_tag(
        self,
        program: Program,
        actor: &Actor,
        request: &TagMember,
    ) -> Result<MemberId, TryError> {
        let mut look = self.context.look(program.id);
        let named = ask_named(&mut look, [&request.member]);
        look.table("who", "SELECT id FROM named");
        let states = ask_states(&mut look, Lots::IfDue);
        let tags = ask_tags(&mut look);
        let (answers, program) = self.context.ask(&program, look).await?;
        let member = the_named(&answers, named)?;
        let mut tags = Tags::of(tags, &answers)?;
        let mut operation = Operation::begin(self.context, program, states.read(&answers)?)?;
        operation.act_as(actor.subject());
        operation.state(member)?;
        let at = operation.program().now;
        let change = (request.add.clone(), request.remove.clone());
        tags.change(&mut operation, member, change, (None, at))?;
        tags.write(&mut operation);
        operation.commit().await?;
        Ok(member)
    }
}

impl TagMember {
    fn check(&self) -> Result<()> {
        self.member.check()?;
        for (field, tags) in [("add", &self.add), ("remove", &self.remove)] {
            if let Some(wrong) = tags.iter().find(|tag| !text::is_slug(tag)) {
                return Err(invalid(field, format!("`{wrong}`: {NO_SLUG}")));
            }
            if tags.len() > TAG_CHANGES {
                return Err(Error::new(Code::TooMany, format!("at most {TAG_CHANGES}")).at(field));
            }
        }
        match self.add.intersection(&self.remove).next() {
            Some(both) => Err(invalid("remove", format!("`{both}` is in `add` as well"))),
            None => Ok(()),
        }
    }
}
