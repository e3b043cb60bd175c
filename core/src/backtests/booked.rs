//! What a plugin has given a member.

use super::report::Given;
use crate::context::Context;
use crate::earning::AwardSource;
use crate::ledger::{Ledger, Which, Why};
use crate::messages::{MessageFilter, Messages};
use crate::operation::Cause;
use crate::page::{PAGE_MAX, PageRequest};
use crate::purchases;
use crate::{Actor, MemberId, Points, Result};

/// Points of events and of purchases, before caps cut them, messages, and events of its own.
pub(super) async fn booked(
    context: &Context,
    actor: &Actor,
    plugin: &str,
    member: MemberId,
) -> Result<Vec<Given>> {
    let mut given = awards(context, actor, plugin, member).await?;
    given.extend(proposals(context, actor, plugin, member).await?);
    given.extend(messages(context, actor, plugin, member).await?);
    Ok(given)
}

async fn awards(
    context: &Context,
    actor: &Actor,
    plugin: &str,
    member: MemberId,
) -> Result<Vec<Given>> {
    let (mut given, mut after) = (Vec::new(), None);
    loop {
        let page = PageRequest { first: PAGE_MAX, after };
        let found = Ledger { context }.of_member(actor, member, &Which::default(), page).await?;
        after = found.items.last().map(|transaction| transaction.id);
        for transaction in found.items {
            let at = transaction.effective_at;
            match &transaction.why {
                Some(Why::Cause(Cause::Award(award))) if award.plugin == plugin => {
                    let cut = Points::sum(award.cuts.iter().map(|cut| cut.points))?;
                    let points = transaction.points.plus(cut)?.get();
                    given.push(Given::award(at, &award.key, points));
                }
                Some(Why::Cause(Cause::Deduction(taken))) if taken.plugin == plugin => {
                    given.push(Given::deduction(at, &taken.key, taken.asked.get()));
                }
                _ => {}
            }
        }
        if !found.has_more {
            return Ok(given);
        }
    }
}

async fn proposals(
    context: &Context,
    actor: &Actor,
    plugin: &str,
    member: MemberId,
) -> Result<Vec<Given>> {
    let (mut given, mut after) = (Vec::new(), None);
    loop {
        let page = PageRequest { first: PAGE_MAX, after };
        let found = purchases::of_member(context, actor.program(), member, page).await?;
        after = found.items.last().map(|purchase| purchase.id);
        for purchase in found.items {
            for award in &purchase.appraisal.awards {
                if let AwardSource::Plugin { plugin: by, key, .. } = &award.source
                    && by == plugin
                {
                    let (at, points) = (purchase.purchased_at, award.points.get());
                    given.push(Given::proposal(at, &purchase.reference, key, points));
                }
            }
        }
        if !found.has_more {
            return Ok(given);
        }
    }
}

async fn messages(
    context: &Context,
    actor: &Actor,
    plugin: &str,
    member: MemberId,
) -> Result<Vec<Given>> {
    let filter = MessageFilter { member: Some(member), template: None };
    let (mut given, mut after) = (Vec::new(), None);
    loop {
        let page = PageRequest { first: PAGE_MAX, after };
        let found = Messages { context }.list(actor, &filter, page).await?;
        after = found.items.last().map(|message| message.id);
        let its = found.items.iter().filter(|message| message.plugin_id == plugin);
        given.extend(its.map(|message| {
            Given::message(message.occurred_at, &message.template, message.contact_id)
        }));
        if !found.has_more {
            return Ok(given);
        }
    }
}
