//! Recording a batch, and quoting a cart.

use super::accrual::Accruing;
use super::check::Checked;
use super::effect::Effect;
use super::look::Found;
use super::missed::write_missed;
use super::model::{NewPurchase, PaySource, PayWith, Quote, Receipt};
use super::payment::quoted;
use super::write::write;
use crate::accounts::PointType;
use crate::cart::Cart;
use crate::context::{Context, Program};
use crate::db::TryError;
use crate::hash::ArgumentsHash;
use crate::members::{self, Member, MemberKind, MemberRef};
use crate::operation::{Combined, ComesBy, GroupOf, Operation, Parts, decide};
use crate::plugins::{self, Missed, Occasion, ToAppraise};
use crate::{Actor, MemberId, ProgramId, PurchaseId, Result, Scope, Subject, Timestamp, text};
use std::collections::HashMap;
use std::time::{Duration, Instant};

/// How long a batch is decided. It is short of a request's time, and longer than any batch takes
/// whose plugins are quick.
const TIME_MAX: Duration = Duration::from_secs(3);

impl Combined for NewPurchase {
    type Answer = Receipt;

    const NAME: &'static str = "purchases";
    const GROUP: Option<GroupOf<Receipt>> = Some(Receipt::group);

    fn comes_by(&self) -> ComesBy<'_> {
        self.member.comes_by()
    }

    fn member(receipt: &Receipt) -> MemberId {
        receipt.member
    }

    fn also(&self) -> Vec<ComesBy<'_>> {
        let sources = self.pay_with.as_ref().map_or(&[][..], PayWith::sources);
        sources.iter().filter_map(PaySource::comes_by).collect()
    }

    async fn decide(
        context: &Context,
        program: ProgramId,
        requests: &[(Actor, Self)],
    ) -> Result<Vec<Result<Receipt>>> {
        let mut parts = Parts::of(requests);
        let attempt = |program| attempt(context, program, parts.take());
        decide(context, program, "recording purchases", attempt).await
    }
}

async fn attempt(
    context: &Context,
    program: Program,
    requests: &[(Actor, NewPurchase)],
) -> Result<Vec<Result<Receipt>>, TryError> {
    let checked: Vec<Result<Checked>> =
        requests.iter().map(|(_, purchase)| Checked::purchase(&program, purchase)).collect();
    let sound: Vec<&Checked> = checked.iter().flatten().collect();
    let (found, states, program) = Found::look(context, &program, &sound).await?;
    let mut operation = Operation::begin(context, program, states)?;
    let program = operation.program().clone();
    let (recorded, answers, missed) = (HashMap::new(), Vec::new(), Vec::new());
    let mut batch = Batch { context, found, recorded, answers, missed };
    let begun = Instant::now();
    for ((actor, _), purchase) in requests.iter().zip(&checked) {
        if !batch.answers.is_empty() && begun.elapsed() > TIME_MAX {
            break;
        }
        let answer = match purchase {
            Ok(purchase) => batch.answer(&mut operation, actor.subject(), purchase).await,
            Err(error) => Err(error.again()),
        };
        batch.answers.push(answer);
    }
    // Where nothing was recorded, nothing else is worth a write: what expired stays for the next
    // look.
    if batch.answers.iter().flatten().any(|receipt| receipt.is_new) {
        operation.commit().await?;
        plugins::judge(context, &program, &batch.missed).await;
    }
    Ok(batch.answers)
}

/// A batch that is being decided.
struct Batch<'a> {
    context: &'a Context,
    found: Found,
    /// What this batch records and the slot of its answer, by reference. What is refused does not
    /// hold its reference.
    recorded: HashMap<&'a str, (&'a Checked, usize)>,
    /// A slot per request.
    answers: Vec<Result<Receipt>>,
    /// Plugins that were not heard.
    missed: Vec<Missed>,
}

/// What a purchase has done, or would.
struct Done {
    receipt: Receipt,
    missed: Vec<Missed>,
}

impl<'a> Batch<'a> {
    async fn answer(
        &mut self,
        operation: &mut Operation<'_>,
        actor: &Subject,
        purchase: &'a Checked,
    ) -> Result<Receipt> {
        if let Some(known) = self.found.known(purchase) {
            return known;
        }
        if let Some((first, slot)) = self.recorded.get(purchase.reference())
            && let (Some(first), Ok(receipt)) = (&first.identity, &self.answers[*slot])
        {
            if self.found.repeats(purchase, receipt.member, &first.arguments_hash) {
                return Ok(Receipt { is_new: false, ..receipt.clone() });
            }
            return Err(ArgumentsHash::reused(purchase.reference()));
        }
        operation.act_as(actor);
        let at = purchase.at(operation.program())?;
        let Done { receipt, missed } =
            self.found.apply(self.context, operation, purchase, at).await?;
        self.missed.extend(missed);
        self.recorded.insert(purchase.reference(), (purchase, self.answers.len()));
        Ok(receipt)
    }
}

impl Found {
    /// Asks the plugins and applies the purchase as the operation has left the member so far, and
    /// writes it down unless it is a cart; if it fails, nothing has changed.
    async fn apply(
        &self,
        context: &Context,
        operation: &mut Operation<'_>,
        purchase: &Checked,
        at: Timestamp,
    ) -> Result<Done> {
        let member = self.member(&purchase.member);
        let member = member.ok_or_else(|| members::not_found().at("member"))?;
        if member.kind == MemberKind::GiftCard {
            let why =
                "is a gift card, which buys nothing: name the buyer, and the card in `payWith`";
            return Err(text::invalid("member", why));
        }
        let payers = self.payers(purchase, member.id)?;
        let asked = ToAppraise { reference: purchase.reference(), at, cart: &purchase.cart };
        let program = operation.program();
        let state = operation.state(member.id)?;
        let proposed = self.appraisers.propose(context, program, member, state, asked).await?;
        let referrer = self.referrer(member.id);
        let accruing = Accruing::of(operation, &self.groups, member.id, at);
        let id = PurchaseId::new();
        let effect = Effect { id, member, referrer, purchase, payers, at, accruing };
        operation.whole(&effect.members(), |operation| {
            let mut applied = effect.apply(operation, &proposed.proposals)?;
            // Nothing is missing where nothing follows.
            let missed = if applied.shares.is_empty() { Vec::new() } else { proposed.missed };
            applied.receipt.appraisal.missing = missed.iter().map(Missed::shown).collect();
            if let Some(identity) = &purchase.identity {
                write(operation, identity, (purchase, accruing), &applied)?;
                write_missed(operation, (id, member.id), &missed)?;
                for recorded in &proposed.recorded {
                    recorded.write(operation, (member.id, Occasion::Purchase(id)));
                }
            }
            Ok(Done { receipt: applied.receipt, missed })
        })
    }
}

/// What a cart would earn a member now: the same as recording it, without the commit.
pub(super) async fn quote(
    context: &Context,
    actor: &Actor,
    member: &MemberRef,
    cart: &Cart,
    pay_with: Option<PayWith>,
) -> Result<Quote> {
    may_quote(actor, member)?;
    pay_with.as_ref().map_or(Ok(()), |pay_with| pay_with.check_for(actor))?;
    let pay_with = &pay_with;
    decide(context, actor.program(), "quoting a cart", async move |program| {
        let checked = Checked::cart(&program, member, cart, pay_with.as_ref())?;
        let (found, states, program) = Found::look(context, &program, &[&checked]).await?;
        let mut operation = Operation::begin(context, program, states)?;
        let now = checked.at(operation.program())?;
        let terms = operation.program().definition.points().payment;
        let spendable = |member: &Member| operation.spendable(member.id, &PointType::main());
        let spendable = found.member(&checked.member).map(spendable).transpose()?;
        let Done { receipt, .. } = found.apply(context, &mut operation, &checked, now).await?;
        Ok(Quote {
            points: receipt.points,
            accruals: receipt.accruals,
            payment: quoted(
                terms,
                checked.cart.total_minor,
                spendable.unwrap_or_default(),
                receipt.paid,
            ),
            standing: receipt.standing,
            appraisal: receipt.appraisal,
        })
    })
    .await
}

fn may_quote(actor: &Actor, member: &MemberRef) -> Result<()> {
    match member {
        MemberRef::Id(id) if *actor.subject() == Subject::Member(*id) => Ok(()),
        _ => actor.require_any(&[Scope::Read, Scope::PurchasesWrite]),
    }
}
