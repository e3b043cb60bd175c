//! The transaction of a batch of purchases: purchases, ledger, standings, tiers, referrals and events, all or nothing.

use super::model::{Checked, Receipt, TierStanding};
use super::record::{advance, appraise};
use crate::db::rows::{self, Field};
use crate::earning::{Appraisal, PluginProposal};
use crate::events::{self, NewEvent};
use crate::ledger::{self, Batch, Earning};
use crate::members::{self, Locked, Member};
use crate::programs::Program;
use crate::{
    Code, Error, Loyalty, MemberId, Points, ProgramId, PurchaseId, Result, Subject, Timestamp,
};
use crate::{referrals, tiers};
use sea_orm::DatabaseTransaction;
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// An open transaction and what it is going to write.
pub(super) struct Write<'a> {
    loyalty: &'a Loyalty,
    program: &'a Program,
    referrers: &'a BTreeMap<MemberId, MemberId>,
    tx: DatabaseTransaction,
    locked: BTreeMap<MemberId, Locked>,
    batch: Batch,
    purchases: Vec<PurchaseRow>,
    lines: Vec<LineRow>,
    events: Vec<NewEvent>,
    recorded_at: Timestamp,
}

impl<'a> Write<'a> {
    /// Opens the transaction, locks the members and expires what is due.
    pub(super) async fn begin(
        loyalty: &'a Loyalty,
        program: &'a Program,
        members: &[MemberId],
        referrers: &'a BTreeMap<MemberId, MemberId>,
    ) -> Result<Self> {
        let recorded_at = loyalty.now();
        let tx = loyalty.db().begin().await?;
        let mut locked = members::lock(&tx, program.id, members).await?;
        let mut batch = Batch::new(program.id, recorded_at, &Subject::System);
        let events = ledger::expire(&tx, &mut batch, program.id, &mut locked, program.now).await?;
        let (purchases, lines) = (Vec::new(), Vec::new());
        Ok(Self {
            loyalty,
            program,
            referrers,
            tx,
            locked,
            batch,
            purchases,
            lines,
            events,
            recorded_at,
        })
    }

    pub(super) fn locked(&self) -> &BTreeMap<MemberId, Locked> {
        &self.locked
    }

    /// Adds a purchase. One that is refused changes nothing of what is written.
    pub(super) async fn purchase(
        &mut self,
        actor: &Subject,
        member: &Member,
        purchase: &Checked,
        proposals: &[PluginProposal],
    ) -> Result<Receipt> {
        let before = self.locked.get(&member.id).ok_or_else(members::not_found)?;
        let appraisal = appraise(self.program, member, before, purchase, proposals)?;
        let expires_at = self.program.definition.expiry_of(purchase.purchased_at)?;
        let id = PurchaseId::new();
        // All that can be refused is tried on a copy, so that nothing is posted for a purchase that is.
        let mut trial = before.clone();
        trial.credit(appraisal.points)?;
        advance(&mut trial, purchase)?;
        let referral = self.referral(trial, before.standing.purchases == 0, id, purchase).await?;
        let mut after = before.clone();
        after.credit(appraisal.points)?;
        advance(&mut after, purchase)?;

        self.batch.act_as(actor);
        let at = purchase.purchased_at;
        self.events.push(NewEvent::of(
            &mut after,
            "purchase-recorded",
            at,
            self.told(id, purchase, &appraisal),
        ));
        let earned = self.earn(&mut after, &appraisal, id, purchase, expires_at);
        self.events.extend(earned);
        let referral_points = match referral {
            Some(referral) => self.pay_referral(&mut after, referral, purchase, expires_at)?,
            None => Points::ZERO,
        };
        self.events.extend(tiers::settle_locked(&self.program.definition.ladder, &mut after, at));
        let receipt = Receipt {
            purchase: id,
            member: member.id,
            reference: purchase.reference.clone(),
            total_minor: purchase.total_minor,
            purchased_at: at,
            points: appraisal.points,
            referral_points,
            balance: after.balance,
            standing: TierStanding::of(&self.program.definition, &after.standing),
            appraisal,
            is_new: true,
        };
        self.keep(&receipt, purchase)?;
        self.locked.insert(member.id, after);
        Ok(receipt)
    }

    /// Writes everything and commits.
    pub(super) async fn commit(self) -> Result<()> {
        if self.purchases.is_empty() {
            // Nothing was bought, so nothing else is worth a write: what expired stays for the next look.
            return Ok(());
        }
        let program = self.program.id;
        match rows::insert(&self.tx, "purchases", PURCHASE, &self.purchases).await {
            // Another writer recorded one of the references meanwhile; a second look finds it.
            Err(error) if error.is_duplicate() => {
                return Err(Error::new(Code::Unavailable, "recorded meanwhile").caused_by(error));
            }
            other => other?,
        }
        rows::insert(&self.tx, "purchase_lines", LINE, &self.lines).await?;
        self.batch.write(&self.tx).await?;
        members::store(&self.tx, program, self.locked.values()).await?;
        events::append(&self.tx, program, self.events, self.recorded_at).await?;
        self.tx.commit().await?;
        self.loyalty.wake();
        Ok(())
    }

    fn earn(
        &mut self,
        member: &mut Locked,
        appraisal: &Appraisal,
        id: PurchaseId,
        purchase: &Checked,
        expires_at: Option<Timestamp>,
    ) -> Option<NewEvent> {
        if !appraisal.points.is_positive() {
            return None;
        }
        let at = purchase.purchased_at;
        let explanation = json!({
            "purchase": id, "reference": purchase.reference, "revision": self.program.revision,
            "totalMinor": purchase.total_minor, "appraisal": appraisal,
        });
        let earning = Earning { points: appraisal.points, at, expires_at, explanation };
        let transaction = self.batch.earn(member, earning);
        let reasons: Vec<_> = appraisal.awards.iter().map(|award| award.reason.as_str()).collect();
        Some(ledger::earned(member, transaction, appraisal.points, &reasons.join(", "), at))
    }

    /// Completes the referral of a member who buys for the first time, if there is one and both can be paid.
    async fn referral(
        &self,
        mut referred: Locked,
        is_first: bool,
        id: PurchaseId,
        purchase: &Checked,
    ) -> Result<Option<Referral>> {
        let Some(terms) = self.program.definition.referral.filter(|_| is_first) else {
            return Ok(None);
        };
        let referrer =
            self.referrers.get(&referred.member).and_then(|referrer| self.locked.get(referrer));
        let Some(referrer) = referrer.cloned() else { return Ok(None) };
        referred.credit(terms.referred_points)?;
        referrer.clone().credit(terms.referrer_points)?;
        let at = purchase.purchased_at;
        let is_ours =
            referrals::complete(&self.tx, self.program.id, referred.member, id, at).await?;
        Ok(is_ours.then_some(Referral { referrer, terms, purchase: id }))
    }

    /// Pays both sides of a completed referral; answers the share of the referred member.
    fn pay_referral(
        &mut self,
        referred: &mut Locked,
        referral: Referral,
        purchase: &Checked,
        expires_at: Option<Timestamp>,
    ) -> Result<Points> {
        let Referral { mut referrer, terms, purchase: id } = referral;
        let at = purchase.purchased_at;
        let (referrer_id, referred_id) = (referrer.member, referred.member);
        let shares = [
            ("referrer", terms.referrer_points, referred_id, &mut referrer),
            ("referred", terms.referred_points, referrer_id, referred),
        ];
        for (role, points, other, member) in shares {
            member.credit(points)?;
            let explanation = json!({
                "referral": role, "with": other, "purchase": id, "revision": self.program.revision,
            });
            let transaction =
                self.batch.earn(member, Earning { points, at, expires_at, explanation });
            self.events.push(ledger::earned(member, transaction, points, "Referral", at));
            let data = json!({ "role": role, "points": points });
            self.events.push(NewEvent::of(member, "referral-completed", at, data));
        }
        self.events.extend(tiers::settle_locked(
            &self.program.definition.ladder,
            &mut referrer,
            at,
        ));
        self.locked.insert(referrer.member, referrer);
        Ok(terms.referred_points)
    }

    /// What the event `purchase-recorded` says.
    fn told(&self, id: PurchaseId, purchase: &Checked, appraisal: &Appraisal) -> Value {
        json!({
            "purchaseId": id,
            "reference": purchase.reference,
            "currency": self.program.definition.currency,
            "totalMinor": purchase.total_minor,
            "purchasedOn": purchase.purchased_at.date_in(&self.program.definition.zone),
            "points": appraisal.points,
            "lines": purchase.lines,
        })
    }

    fn keep(&mut self, receipt: &Receipt, purchase: &Checked) -> Result<()> {
        let answer = serde_json::to_value(receipt)
            .map_err(|error| Error::internal("a receipt that cannot be JSON").caused_by(error))?;
        self.purchases.push(PurchaseRow {
            program_id: self.program.id,
            id: receipt.purchase,
            member_id: receipt.member,
            reference: purchase.reference.clone(),
            arguments_hash: purchase.arguments_hash.clone(),
            currency: self.program.definition.currency.code(),
            total_minor: purchase.total_minor,
            purchased_at: purchase.purchased_at.microseconds(),
            recorded_at: self.recorded_at.microseconds(),
            revision: self.program.revision,
            answer,
        });
        self.lines.extend((1..).zip(&purchase.lines).map(|(seq, line)| LineRow {
            program_id: self.program.id,
            purchase_id: receipt.purchase,
            seq,
            sku: line.sku.clone(),
            category: line.category.clone(),
            quantity: line.quantity,
            amount_minor: line.amount_minor,
        }));
        Ok(())
    }
}

/// A referral that this purchase completes.
struct Referral {
    referrer: Locked,
    terms: referrals::ReferralTerms,
    purchase: PurchaseId,
}

#[derive(Serialize)]
struct PurchaseRow {
    #[serde(serialize_with = "rows::hex")]
    program_id: ProgramId,
    #[serde(serialize_with = "rows::hex")]
    id: PurchaseId,
    #[serde(serialize_with = "rows::hex")]
    member_id: MemberId,
    reference: String,
    arguments_hash: String,
    currency: &'static str,
    total_minor: i64,
    purchased_at: i64,
    recorded_at: i64,
    revision: u32,
    answer: Value,
}

const PURCHASE: &rows::Fields = &[
    ("program_id", Field::Id),
    ("id", Field::Id),
    ("member_id", Field::Id),
    ("reference", Field::Text),
    ("arguments_hash", Field::Text),
    ("currency", Field::Text),
    ("total_minor", Field::Int),
    ("purchased_at", Field::Int),
    ("recorded_at", Field::Int),
    ("revision", Field::Int),
    ("answer", Field::Json),
];

#[derive(Serialize)]
struct LineRow {
    #[serde(serialize_with = "rows::hex")]
    program_id: ProgramId,
    #[serde(serialize_with = "rows::hex")]
    purchase_id: PurchaseId,
    seq: i32,
    sku: String,
    category: Option<String>,
    quantity: u32,
    amount_minor: i64,
}

const LINE: &rows::Fields = &[
    ("program_id", Field::Id),
    ("purchase_id", Field::Id),
    ("seq", Field::Int),
    ("sku", Field::Text),
    ("category", Field::Text),
    ("quantity", Field::Int),
    ("amount_minor", Field::Int),
];
