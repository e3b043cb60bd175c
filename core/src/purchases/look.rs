//! All that a batch has to know, in one look.

use super::PaySource;
use super::check::Checked;
use super::model::{Accrued, Receipt};
use super::payers::{FoundPayers, Payer, PayersQuestions};
use super::sources::{PaidParts, ask_paid};
use crate::accounts::{Lots, States, ask_gained, ask_late, ask_states};
use crate::context::{Context, Program};
use crate::db::{TryError, row};
use crate::hash::ArgumentsHash;
use crate::members::{Member, MemberRef, Named, ask_named};
use crate::memberships::{Groups, ask_groups};
use crate::plugins::{Appraisers, ask_states_of_members};
use crate::{Error, MemberId, Points, PurchaseId, Result, Timestamp, TransactionId, referrals};
use serde_json::Value;
use std::collections::HashMap;

/// The members of a batch, and what is known of its references.
pub(super) struct Found {
    named: Named,
    /// Referred member to referrer, where the referral is not completed.
    referrers: HashMap<MemberId, MemberId>,
    known: HashMap<String, KnownRow>,
    /// What known purchases brought groups.
    shares: Vec<ShareRow>,
    /// Who has paid for known purchases.
    paid: PaidParts,
    /// Who may pay, where others than the buyers do.
    payers: FoundPayers,
    pub(super) groups: Groups,
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
        is_counted: bool,
    }
}

row! {
    /// What a purchase brought a group.
    pub(super) struct ShareRow {
        pub(super) id: PurchaseId,
        pub(super) accrual_of: PurchaseId,
        member_id: MemberId,
        balance_after: Points,
        transaction_id: Option<TransactionId>,
        appraisal: Value,
    }
}

const WHO: &str = "SELECT id FROM named UNION SELECT referrer_id FROM pending UNION \
     SELECT group_id FROM accruing";
/// The same with those whose points pay.
const WHO_AND_PAYERS: &str = "SELECT id FROM named UNION SELECT referrer_id FROM pending UNION \
     SELECT group_id FROM accruing UNION SELECT account_id FROM coded";
const PAID: &str = "
    SELECT id AS purchase_id, member_id, payment_id
    FROM known
    WHERE payment_id IS NOT NULL";
const KNOWN: &str = "
    SELECT b.id, COALESCE(m.merged_into, b.member_id) AS member_id, b.reference, b.arguments_hash, b.total_minor, b.purchased_at,
        b.points, b.referral_points, b.balance_after, b.appraisal, b.standing, b.transaction_id,
        b.paid_points, b.paid_minor, b.payment_id, b.is_counted
    FROM {rows} AS k EACH purchases AS b
    JOIN members AS m ON m.program_id = $1 AND m.id = b.member_id
    WHERE b.program_id = $1 AND b.reference = k.reference";
const SHARES: &str = "
    SELECT b.id, b.accrual_of, COALESCE(m.merged_into, b.member_id) AS member_id,
        b.balance_after, b.transaction_id, b.appraisal
    FROM known AS k EACH purchases AS b
    JOIN members AS m ON m.program_id = $1 AND m.id = b.member_id
    WHERE b.program_id = $1 AND b.accrual_of = k.id AND m.erased_at IS NULL";

impl Found {
    /// Looks for what `purchases` need; returns the members' states and the program at its now as
    /// well.
    pub(super) async fn look(
        context: &Context,
        program: &Program,
        purchases: &[&Checked],
    ) -> Result<(Self, States, Program), TryError> {
        let mut look = context.look(program.id);
        let sources = || purchases.iter().flat_map(|one| one.sources());
        let groups = sources().filter_map(PaySource::group);
        let members = ask_named(&mut look, purchases.iter().map(|one| &one.member).chain(groups));
        look.table("pending", referrals::PENDING);
        let is_dated = purchases.iter().any(|one| one.purchased_at.is_some());
        let groups = ask_groups(&mut look, is_dated);
        let others_pay = sources().next().is_some();
        let payers = others_pay.then(|| PayersQuestions::ask(&mut look, program.id, sources()));
        look.table("who", if others_pay { WHO_AND_PAYERS } else { WHO });
        let pays = purchases.iter().any(|one| one.pay_with.is_some());
        let states = ask_states(&mut look, if pays { Lots::All } else { Lots::IfDue });
        let instants = purchases.iter().map(|one| one.purchased_at);
        let gained = program.definition.capped_periods(instants, program.now)?;
        let gained = gained.map(|periods| ask_gained(&mut look, periods));
        let dated = purchases.iter().filter_map(|one| one.purchased_at);
        let since = program.definition.late_since(dated);
        let late = since.map(|since| ask_late(&mut look, since, !pays));
        let pending = look.ask("SELECT * FROM pending");
        let references: Vec<_> = purchases.iter().filter_map(|one| ReferenceKey::of(one)).collect();
        look.table_over("known", KNOWN, &references);
        let known = look.ask::<KnownRow>("SELECT * FROM known");
        let shares = look.ask::<ShareRow>(SHARES);
        let paid = pays.then(|| {
            look.table("paid", PAID);
            ask_paid(&mut look)
        });
        let asked = ask_states_of_members(&mut look, program);
        let (answers, program) = context.ask(program, look).await?;

        let pending: Vec<referrals::ReferralRow> = answers.rows(pending)?;
        let found = Self {
            named: members.read(&answers)?,
            referrers: pending.into_iter().map(|row| (row.referred_id, row.referrer_id)).collect(),
            known: answers
                .rows(known)?
                .into_iter()
                .map(|row| (row.reference.clone(), row))
                .collect(),
            shares: answers.rows(shares)?,
            paid: paid.map(|paid| paid.read(&answers)).transpose()?.unwrap_or_default(),
            payers: payers.map(|payers| payers.read(&answers)).transpose()?.unwrap_or_default(),
            groups: groups.read(&answers)?,
            appraisers: Appraisers::of(&program, asked, &answers)?,
        };
        let mut states = states.read(&answers)?;
        gained.map_or(Ok(()), |gained| gained.read(&answers, &mut states))?;
        late.map_or(Ok(()), |late| late.read(&answers, &mut states))?;
        Ok((found, states, program))
    }

    pub(super) fn member(&self, named: &MemberRef) -> Option<&Member> {
        self.named.get(named)
    }

    /// Who pays for a purchase of a member with points.
    pub(super) fn payers(&self, purchase: &Checked, buyer: MemberId) -> Result<Vec<Payer>> {
        self.payers.of(purchase.pay_with.as_ref(), &self.named, buyer)
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
        Some(if repeats {
            known.receipt(self)
        } else {
            Err(ArgumentsHash::reused(purchase.reference()))
        })
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

impl ReferenceKey {
    fn of(purchase: &Checked) -> Option<Self> {
        let identity = purchase.identity.as_ref()?;
        Some(Self { reference: identity.reference.clone() })
    }
}

impl KnownRow {
    fn receipt(&self, found: &Found) -> Result<Receipt> {
        let (paid, by) = ((self.paid_points, self.paid_minor), self.payment_id);
        let own = self.is_counted.then(|| self.own()).into_iter();
        let shares = found.shares.iter().filter(|share| share.accrual_of == self.id);
        let accruals = own.chain(shares.map(ShareRow::accrued));
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
            paid: found.paid.paid(self.id, paid, by)?,
            transaction: self.transaction_id,
            accruals: accruals.collect::<Result<_>>()?,
            is_new: false,
        })
    }

    /// What the member itself got.
    fn own(&self) -> Result<Accrued> {
        let appraisal = serde_json::from_value(self.appraisal.clone()).map_err(broken)?;
        Ok(Accrued::new(self.member_id, &appraisal, self.balance_after, self.transaction_id))
    }
}

impl ShareRow {
    pub(super) fn accrued(&self) -> Result<Accrued> {
        let appraisal = serde_json::from_value(self.appraisal.clone()).map_err(broken)?;
        Ok(Accrued::new(self.member_id, &appraisal, self.balance_after, self.transaction_id))
    }
}

pub(super) fn broken(error: serde_json::Error) -> Error {
    Error::internal("a stored receipt").caused_by(error)
}
