//! All that a batch has to know, in one look.

use super::check::Checked;
use super::model::{Paid, Receipt};
use crate::accounts::{Lots, States, ask_states};
use crate::context::{Context, Program};
use crate::db::{TryError, row};
use crate::hash::ArgumentsHash;
use crate::members::{Member, MemberRef, NamedMembers, ask_named};
use crate::plugins::{Appraisers, ask_states_of_members};
use crate::{
    Code, Error, MemberId, Points, PurchaseId, Result, Timestamp, TransactionId, referrals,
};
use serde_json::Value;
use std::collections::HashMap;

/// The members of a batch, and what is known of its references.
pub(super) struct Found {
    members: NamedMembers,
    /// Referred member to referrer, where the referral is not completed.
    referrers: HashMap<MemberId, MemberId>,
    known: HashMap<String, KnownRow>,
    pub(super) appraisers: Appraisers,
}

row! {
    struct ReferenceKey {
        reference: String,
    }
}

row! {
    /// A purchase that an earlier request recorded.
    struct KnownRow {
        id: PurchaseId,
        member_id: MemberId,
        reference: String,
        arguments_hash: ArgumentsHash,
        total_minor: i64,
        purchased_at: Timestamp,
        points: Points,
        referral_points: Points,
        balance_after: Points,
        appraisal: Value,
        standing: Value,
        transaction_id: Option<TransactionId>,
        paid_points: Points,
        paid_minor: i64,
        payment_id: Option<TransactionId>,
    }
}

const WHO: &str = "SELECT id FROM named UNION SELECT referrer_id FROM pending";
const KNOWN: &str = "
    SELECT b.id, b.member_id, b.reference, b.arguments_hash, b.total_minor, b.purchased_at, b.points,
        b.referral_points, b.balance_after, b.appraisal, b.standing, b.transaction_id,
        b.paid_points, b.paid_minor, b.payment_id
    FROM {rows} AS k EACH purchases AS b
    WHERE b.program_id = $1 AND b.reference = k.reference";

impl Found {
    /// Looks for what `purchases` need; returns the members' states and the program at its now as
    /// well.
    pub(super) async fn look(
        context: &Context,
        program: &Program,
        purchases: &[&Checked],
    ) -> Result<(Self, States, Program), TryError> {
        let mut look = context.look(program.id);
        let members = ask_named(&mut look, purchases.iter().map(|one| &one.member));
        look.table("pending", referrals::PENDING);
        look.table("who", WHO);
        let pays = purchases.iter().any(|one| one.pay_with.is_some());
        let states = ask_states(&mut look, if pays { Lots::All } else { Lots::IfDue });
        let pending = look.ask("SELECT * FROM pending");
        let references: Vec<_> = purchases.iter().filter_map(|one| ReferenceKey::of(one)).collect();
        let known = look.ask_over::<_, KnownRow>(KNOWN, &references);
        let asked = ask_states_of_members(&mut look, program);
        let (answers, program) = context.ask(program, look).await?;

        let pending: Vec<referrals::ReferralRow> = answers.rows(pending)?;
        let found = Self {
            members: NamedMembers::read(&answers, members)?,
            referrers: pending.into_iter().map(|row| (row.referred_id, row.referrer_id)).collect(),
            known: answers
                .rows(known)?
                .into_iter()
                .map(|row| (row.reference.clone(), row))
                .collect(),
            appraisers: Appraisers::of(&program, asked, &answers)?,
        };
        Ok((found, states.read(&answers)?, program))
    }

    pub(super) fn member(&self, named: &MemberRef) -> Option<&Member> {
        self.members.find(named)
    }

    /// Who brought a member, if that is not completed.
    pub(super) fn referrer(&self, referred: MemberId) -> Option<MemberId> {
        self.referrers.get(&referred).copied()
    }

    /// The receipt of an earlier request with the reference, if there was one. Fails with
    /// `REFERENCE_REUSED` when it had other arguments.
    pub(super) fn known(&self, purchase: &Checked) -> Option<Result<Receipt>> {
        let known = self.known.get(purchase.reference())?;
        let repeats = self.repeats(purchase, known.member_id, &known.arguments_hash);
        Some(if repeats { known.receipt() } else { Err(reused(purchase)) })
    }

    /// Whether a purchase repeats what was recorded of a member, however the member is named.
    pub(super) fn repeats(
        &self,
        purchase: &Checked,
        member: MemberId,
        recorded: &ArgumentsHash,
    ) -> bool {
        self.member(&purchase.member).is_some_and(|named| named.id == member)
            && purchase
                .identity
                .as_ref()
                .is_some_and(|identity| identity.arguments_hash.repeats(recorded))
    }
}

pub(super) fn reused(purchase: &Checked) -> Error {
    let why = format!("`{}` was recorded with other data", purchase.reference());
    Error::new(Code::ReferenceReused, why).at("reference")
}

impl ReferenceKey {
    fn of(purchase: &Checked) -> Option<Self> {
        let identity = purchase.identity.as_ref()?;
        Some(Self { reference: identity.reference.clone() })
    }
}

impl KnownRow {
    fn receipt(&self) -> Result<Receipt> {
        let broken =
            |error: serde_json::Error| Error::internal("a stored receipt").caused_by(error);
        Ok(Receipt {
            purchase: self.id,
            member: self.member_id,
            reference: self.reference.clone(),
            total_minor: self.total_minor,
            purchased_at: self.purchased_at,
            points: self.points,
            referral_points: self.referral_points,
            balance: self.balance_after,
            standing: serde_json::from_value(self.standing.clone()).map_err(broken)?,
            appraisal: serde_json::from_value(self.appraisal.clone()).map_err(broken)?,
            paid: Paid::stored(self.paid_points, self.paid_minor, self.payment_id),
            transaction: self.transaction_id,
            is_new: false,
        })
    }
}
