//! Finding what an id identifies, for whoever may see it.

use super::GlobalId;
use crate::context::RequestContext;
use crate::edits::PurchaseEdit;
use crate::plugins::plugin::Plugin;
use crate::programs::Audience;
use crate::returns::Return;
use crate::rewards::{Redemption, Reward};
use crate::tiers::{Benefit, Tier};
use async_graphql::Context;
use perennial_core::programs::Program;
use perennial_core::purchases::{self, PurchaseRef};
use perennial_core::{
    Code, ProgramId, Result, Scope, ServiceCenterId, cards, directory, events, holds, ledger,
    members, memberships, messages, records, tokens,
};

/// What an id can identify. Each schema shows it as its own `Node`.
#[derive(Debug)]
pub(crate) enum Found {
    Member(members::Member),
    Membership(memberships::Membership),
    Card(cards::Card),
    Contact(members::Contact),
    Hold(holds::Hold),
    Approval(ledger::Approval),
    Purchase(purchases::Purchase),
    Return(Return),
    Edit(PurchaseEdit),
    Transaction(ledger::Transaction),
    Message(messages::Message),
    Record(records::Record),
    Redemption(Redemption),
    Event(events::Event),
    Token(tokens::Token),
    Program(Program),
    Tier(Tier),
    Benefit(Benefit),
    Reward(Reward),
    Plugin(Plugin),
    ServiceCenter(ProgramId, directory::ServiceCenter),
}

/// The object with an id, if the caller may see it. What is public of a program is seen by anyone
/// if `is_public`, otherwise by the program's own operators.
pub(super) async fn find(
    ctx: &Context<'_>,
    id: GlobalId,
    is_public: bool,
) -> Result<Option<Found>> {
    match id {
        GlobalId::Program(program) => {
            let found = program_of(ctx, program, is_public).await?;
            let may_read = is_public || ctx.caller()?.1.require(Scope::Read).is_ok();
            Ok(found.filter(|_| may_read).map(Found::Program))
        }
        GlobalId::Tier(..) | GlobalId::Benefit(..) | GlobalId::Reward(..) => {
            defined(ctx, &id, is_public).await
        }
        GlobalId::ServiceCenter(program, center) => {
            service_center(ctx, program, center, is_public).await
        }
        _ => private(ctx, id).await,
    }
}

/// What belongs to members and to operators, looked up in the program of the token.
async fn private(ctx: &Context<'_>, id: GlobalId) -> Result<Option<Found>> {
    let (loyalty, actor) = ctx.caller()?;
    Ok(match id {
        GlobalId::Member(id) => loyalty.members().find(actor, id).await?.map(Found::Member),
        GlobalId::Membership(id) => {
            loyalty.memberships().find(actor, id).await?.map(Found::Membership)
        }
        GlobalId::Card(id) => loyalty.cards().find(actor, id).await?.map(Found::Card),
        GlobalId::Contact(id) => {
            loyalty.members().find_contact(actor, id).await?.map(Found::Contact)
        }
        GlobalId::Hold(id) => loyalty.holds().find(actor, id).await?.map(Found::Hold),
        GlobalId::Approval(id) => loyalty.ledger().approval(actor, id).await?.map(Found::Approval),
        GlobalId::Purchase(id) => {
            let found = loyalty.purchases().find(actor, &PurchaseRef::Id(id)).await?;
            found.map(Found::Purchase)
        }
        GlobalId::Return(id) => {
            let purchase = loyalty.purchases().of_return(actor, id).await?;
            purchase.and_then(|purchase| Return::find(&purchase, id)).map(Found::Return)
        }
        GlobalId::Edit(id) => {
            let purchase = loyalty.purchases().of_edit(actor, id).await?;
            purchase.and_then(|purchase| PurchaseEdit::find(&purchase, id)).map(Found::Edit)
        }
        GlobalId::Transaction(id) => {
            let found = match loyalty.ledger().find(actor, id).await? {
                Some(found) => Some(found),
                None => loyalty.memberships().transaction(actor, id).await?,
            };
            found.map(Found::Transaction)
        }
        GlobalId::Message(id) => loyalty.messages().find(actor, id).await?.map(Found::Message),
        GlobalId::Record(id) => loyalty.records().find(actor, id).await?.map(Found::Record),
        GlobalId::Redemption(id) => {
            let found = loyalty.rewards().find(actor, id).await?;
            let audience = Audience::of_session(ctx)?;
            found.map(|found| Found::Redemption(Redemption::new(&audience, found)))
        }
        GlobalId::Event(member, id) => {
            loyalty.events().find(actor, member, id).await?.map(Found::Event)
        }
        GlobalId::Token(id) => loyalty.tokens().find(actor, id).await?.map(Found::Token),
        GlobalId::Plugin(program, key) if program == actor.program() => {
            if actor.require(Scope::Read).is_err() {
                return Ok(None);
            }
            Plugin::find(loyalty, actor, &key).await?.map(Found::Plugin)
        }
        _ => None,
    })
}

/// What the current revision of a program defines.
async fn defined(ctx: &Context<'_>, id: &GlobalId, is_public: bool) -> Result<Option<Found>> {
    let (GlobalId::Tier(program, _)
    | GlobalId::Benefit(program, ..)
    | GlobalId::Reward(program, _)) = id
    else {
        return Ok(None);
    };
    let Some(program) = program_of(ctx, *program, is_public).await? else { return Ok(None) };
    let audience = Audience::new(ctx, &program);
    Ok(match id {
        GlobalId::Tier(_, key) => Tier::find(&audience, key).map(Found::Tier),
        GlobalId::Benefit(_, tier, key) => {
            Tier::find(&audience, tier).and_then(|tier| tier.benefit(key)).map(Found::Benefit)
        }
        GlobalId::Reward(_, key) => Reward::find(&audience, key).map(Found::Reward),
        _ => None,
    })
}

/// A program in its current revision: any if what is public of it is asked for, otherwise the
/// token's.
async fn program_of(
    ctx: &Context<'_>,
    program: ProgramId,
    is_public: bool,
) -> Result<Option<Program>> {
    if !is_public && ctx.caller()?.1.program() != program {
        return Ok(None);
    }
    match ctx.loyalty().programs().current(program).await {
        Ok(program) => Ok(Some(program)),
        Err(error) if error.code() == Code::ProgramNotFound => Ok(None),
        Err(error) => Err(error),
    }
}

async fn service_center(
    ctx: &Context<'_>,
    program: ProgramId,
    center: ServiceCenterId,
    is_public: bool,
) -> Result<Option<Found>> {
    if !is_public {
        let (_, actor) = ctx.caller()?;
        let may_search = actor.require_any(&[Scope::Read, Scope::DirectoryWrite]).is_ok();
        if actor.program() != program || !may_search {
            return Ok(None);
        }
    }
    let found = ctx.loyalty().directory().find(program, center).await?;
    Ok(found.map(|center| Found::ServiceCenter(program, center)))
}
