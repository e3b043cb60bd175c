//! Recording a batch of edits, and quoting one.

use super::booking::Booking;
use super::effect::{Effect, is_whole};
use super::look::Found;
use super::model::{EditReceipt, NewEdit};
use super::order::Order;
use super::plan::difference;
use super::write::write;
use crate::cart::{CheckedCart, Line};
use crate::context::{Context, Program};
use crate::db::TryError;
use crate::hash::ArgumentsHash;
use crate::members;
use crate::operation::{Combined, ComesBy, Operation, Parts, Turns, decide};
use crate::plugins::{Occasion, ToAppraise};
use crate::returns::{Bought, no_purchase, of_share};
use crate::{Actor, EditId, MemberId, ProgramId, Result, Timestamp, text};
use serde::Serialize;
use std::time::{Duration, Instant};

/// How long a batch is decided: plugins are asked.
const TIME_MAX: Duration = Duration::from_secs(3);

#[derive(Serialize)]
struct Arguments<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    edited_at: Option<Timestamp>,
    total_minor: i64,
    lines: &'a [Line],
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
}

impl Combined for NewEdit {
    type Answer = EditReceipt;

    const NAME: &'static str = "edits";

    fn comes_by(&self) -> ComesBy<'_> {
        self.purchase.comes_by()
    }

    fn member(receipt: &EditReceipt) -> MemberId {
        receipt.member
    }

    async fn decide(
        context: &Context,
        program: ProgramId,
        requests: &[(Actor, Self)],
    ) -> Result<Vec<Result<EditReceipt>>> {
        let mut parts = Parts::of(requests);
        let attempt = |program| attempt(context, program, parts.take());
        decide(context, program, "recording edits", attempt).await
    }
}

async fn attempt(
    context: &Context,
    program: Program,
    requests: &[(Actor, NewEdit)],
) -> Result<Vec<Result<EditReceipt>>, TryError> {
    let asked: Vec<_> = requests.iter().map(|(_, request)| request).collect();
    let (found, states, program) = Found::look(context, &program, &asked).await?;
    let mut operation = Operation::begin(context, program, states)?;
    let mut turns = Turns::of(requests.len());
    let begun = Instant::now();
    for (actor, request) in requests {
        let bought = found.purchases.purchase(&request.purchase);
        let members = bought.map_or_else(Vec::new, |bought| found.changed_by(bought));
        let is_late = turns.have_begun() && begun.elapsed() > TIME_MAX;
        if is_late || !turns.has_one_for(&members) {
            break;
        }
        operation.act_as(actor.subject());
        turns.answer(members, found.answer(context, &mut operation, request).await);
    }
    turns.commit(operation).await
}

/// What an edit would do now: the same as recording it, without the commit.
pub(super) async fn quote(
    context: &Context,
    actor: &Actor,
    request: &NewEdit,
) -> Result<EditReceipt> {
    decide(context, actor.program(), "quoting an edit", async move |program| {
        request.check()?;
        let (found, states, program) = Found::look(context, &program, &[request]).await?;
        let mut operation = Operation::begin(context, program, states)?;
        let bought = found.purchases.purchase(&request.purchase).ok_or_else(no_purchase)?;
        Ok(found.apply(context, &mut operation, request, bought).await?)
    })
    .await
}

impl Found {
    /// The receipt, and whether this very request made it.
    async fn answer(
        &self,
        context: &Context,
        operation: &mut Operation<'_>,
        request: &NewEdit,
    ) -> Result<(EditReceipt, bool)> {
        text::identifier("reference", &request.reference)?;
        request.check()?;
        let bought = self.purchases.purchase(&request.purchase).ok_or_else(no_purchase)?;
        if let Some(known) = self.known(bought, &request.reference) {
            let cart = request.cart.check(operation.program().definition.currency)?;
            if request.hash(&cart).repeats(&known.arguments_hash) {
                return Ok((self.receipt(bought, known)?, false));
            }
            return Err(ArgumentsHash::reused(&request.reference));
        }
        Ok((self.apply(context, operation, request, bought).await?, true))
    }

    /// Asks the plugins about the order, applies the edit as the operation has left the member
    /// so far, and writes it down; if it fails, nothing has changed.
    async fn apply(
        &self,
        context: &Context,
        operation: &mut Operation<'_>,
        request: &NewEdit,
        bought: &Bought,
    ) -> Result<EditReceipt> {
        let row = &bought.row;
        // Whatever of the order is left, nothing of it can be changed for nobody.
        operation.state(row.member_id)?;
        let currency = operation.program().definition.currency;
        let cart = request.cart.check(currency)?;
        cart.check_currency(currency)?;
        let at = bought.edited_at_last(operation.program(), request.edited_at)?;
        let id = EditId::new();
        let first = bought.last_seq() + 1;
        let difference = difference(&bought.lines, &cart, (id, first), currency)?;
        let lines = &difference.lines;
        let is_whole = is_whole(operation.program(), (bought, lines), cart.total_minor);
        let own = Booking {
            id,
            edit: id,
            reference: request.reference.clone(),
            found: &self.purchases,
            bought,
            difference,
            forgiven: self.forgiven(bought)?,
            cut_first: self.cut_first(bought)?,
            is_whole,
            at,
        };
        let effect = Effect {
            reason: request.reason.as_deref(),
            member: self.member(row.member_id).ok_or_else(members::not_found)?,
            referrer: self.referrer(row.member_id),
            groups: self.at_groups(operation, &own)?,
            own,
        };
        let order = match effect.earns(operation) {
            true => Some(self.order(context, operation, &effect).await?),
            false => None,
        };
        operation.whole(&self.changed_by(bought), |operation| {
            let mut applied = effect.apply(operation, order.as_ref())?;
            if let Some(order) = &order {
                applied.receipt.appraisal.missing.clone_from(&order.missing);
            }
            write(operation, &request.hash(&cart), &effect, &applied)?;
            for run in order.iter().flat_map(|order| &order.runs) {
                run.write(operation, (row.member_id, Occasion::Purchase(row.id)));
            }
            Ok(applied.receipt)
        })
    }

    /// The order as it is now and as it was, with what plugins say of it.
    async fn order(
        &self,
        context: &Context,
        operation: &Operation<'_>,
        effect: &Effect<'_>,
    ) -> Result<Order> {
        let (row, program) = (&effect.own.bought.row, operation.program());
        let state = operation.state(row.member_id)?;
        let mut order = Order::of(operation, &effect.own)?;
        let (mut missing, mut runs) = (Vec::new(), Vec::new());
        for seen in order.all() {
            let asked =
                ToAppraise { reference: &row.reference, at: row.purchased_at, cart: &seen.cart };
            let proposed = self.appraisers.propose(context, program, effect.member, state, asked);
            let proposed = proposed.await?;
            missing.extend(proposed.missing());
            seen.proposals = proposed.proposals;
            runs.extend(proposed.recorded);
        }
        order.runs = runs;
        order.leave_out(missing);
        Ok(order)
    }

    /// The same edit at the groups that the order accrues to, wherever its member belongs by now. One
    /// that was erased gets nothing any more, and has nothing to give back.
    fn at_groups(&self, operation: &Operation<'_>, own: &Booking<'_>) -> Result<Vec<Booking<'_>>> {
        let shares = self.purchases.shares(own.bought.row.id);
        let there = shares.filter(|share| !operation.is_erased(share.row.member_id));
        there.map(|share| self.at_group(own, share)).collect()
    }

    fn at_group<'f>(&'f self, own: &Booking<'_>, share: &'f Bought) -> Result<Booking<'f>> {
        let (id, first) = (EditId::new(), share.last_seq() + 1);
        Ok(Booking {
            id,
            edit: own.id,
            reference: of_share(own.id),
            found: &self.purchases,
            bought: share,
            difference: own.difference.follow(&share.lines, (id, first))?,
            forgiven: self.forgiven(share)?,
            cut_first: self.cut_first(share)?,
            is_whole: own.is_whole,
            at: own.at,
        })
    }
}

impl NewEdit {
    fn check(&self) -> Result<()> {
        self.purchase.check()?;
        self.reason.as_deref().map_or(Ok(()), |reason| text::name("reason", reason))
    }

    fn hash(&self, cart: &CheckedCart) -> ArgumentsHash {
        ArgumentsHash::of(&Arguments {
            edited_at: self.edited_at,
            total_minor: cart.total_minor,
            lines: &cart.lines,
            reason: self.reason.as_deref(),
        })
    }
}

impl Bought {
    /// When an edit of it was made: not before the last one, or it would undo that.
    fn edited_at_last(&self, program: &Program, at: Option<Timestamp>) -> Result<Timestamp> {
        let instant = self.instant(program, "editedAt", at)?;
        match self.edited_at() {
            Some(last) if instant < last && at.is_some() => {
                let why = format!(
                    "{instant} is before the last edit, {last}: send the order as it is now"
                );
                Err(text::invalid("editedAt", why))
            }
            // Another node's clock may be ahead.
            last => Ok(last.map_or(instant, |last| instant.max(last))),
        }
    }
}
