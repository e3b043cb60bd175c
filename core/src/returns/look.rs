//! All that a batch of returns has to know, in one look.

use super::bought::Bought;
use super::groups::of_share;
use super::model::{NewReturn, ReturnReceipt};
use super::rows::{
    AddedRow, BUYERS, BoughtRow, EarningRow, EditedRow, KnownRow, LineRow, OTHERS, OthersRow,
    PartRow, PaymentRow, REFERRALS, ReferralRow, RefundRow, ReturnKey, VoidedRow,
};
use crate::accounts::{
    Lots, Made, MadeQuestions, StateQuestions, States, Used, UsedQuestions, ask_made, ask_states,
    ask_used,
};
use crate::context::{Context, Program};
use crate::db::{Answers, Look, Question, TryError};
use crate::purchases::PurchaseRef;
use crate::{MemberId, PurchaseId, Result, Timestamp, TransactionId};
use std::collections::{HashMap, HashSet};

/// The purchases of a batch, and what is known of them.
pub(crate) struct Found {
    purchases: HashMap<PurchaseId, Bought>,
    by_reference: HashMap<String, PurchaseId>,
    /// Who brought a member, where that is completed, by the member who was brought.
    referrals: HashMap<MemberId, ReferralRow>,
    made: HashMap<TransactionId, Made>,
    /// What payments used of lots, less what was given back.
    pub(super) used: Used,
    voided: HashSet<TransactionId>,
}

const CALLED: &str = "
    SELECT b.id, b.member_id, b.reference, b.currency, b.total_minor, b.purchased_at,
        b.revision, b.points, b.transaction_id, b.is_counted, b.returned_at, b.paid_points,
        b.paid_minor, b.payment_id, b.accrual, b.accrual_of
    FROM {rows} AS k EACH purchases AS b
    WHERE b.program_id = $1 AND b.id = k.purchase_id
    UNION
    SELECT b.id, b.member_id, b.reference, b.currency, b.total_minor, b.purchased_at,
        b.revision, b.points, b.transaction_id, b.is_counted, b.returned_at, b.paid_points,
        b.paid_minor, b.payment_id, b.accrual, b.accrual_of
    FROM {rows} AS k EACH purchases AS b
    WHERE b.program_id = $1 AND b.reference = k.purchase_reference";
/// What those brought groups.
const SHARES: &str = "
    SELECT b.id, b.member_id, b.reference, b.currency, b.total_minor, b.purchased_at,
        b.revision, b.points, b.transaction_id, b.is_counted, b.returned_at, b.paid_points,
        b.paid_minor, b.payment_id, b.accrual, b.accrual_of
    FROM called AS k EACH purchases AS b
    WHERE b.program_id = $1 AND b.accrual_of = k.id";
const ALL: &str = "SELECT * FROM called UNION ALL SELECT * FROM shares";
/// With the member whose account it is: of a merged one the survivor.
const BOUGHT: &str = "
    SELECT k.id, COALESCE(m.merged_into, k.member_id) AS member_id, k.member_id AS buyer_id,
        k.reference, k.currency, k.total_minor, k.purchased_at, k.revision, k.points,
        k.transaction_id, k.is_counted, k.returned_at, k.paid_points, k.paid_minor, k.payment_id, k.accrual,
        k.accrual_of
    FROM called_all AS k EACH members AS m
    WHERE m.program_id = $1 AND m.id = k.member_id";
const LINES: &str = "
    SELECT l.purchase_id, l.seq, l.sku, l.category, l.quantity, l.amount_minor
    FROM bought AS k EACH purchase_lines AS l
    WHERE l.program_id = $1 AND l.purchase_id = k.id";
const ADDED: &str = "
    SELECT l.purchase_id, l.seq, l.edit_id, l.position, l.sku, l.category, l.quantity,
        l.amount_minor
    FROM bought AS k EACH edit_lines AS l
    WHERE l.program_id = $1 AND l.purchase_id = k.id";
const EDITED: &str = "
    SELECT i.purchase_id, i.id, i.edited_at, i.revision, i.added_minor, i.paid_points, i.paid_minor
    FROM bought AS k EACH edits AS i
    WHERE i.program_id = $1 AND i.purchase_id = k.id";
const RETURNS: &str = "
    SELECT r.purchase_id, r.id, r.reference, r.arguments_hash, r.amount_minor, r.points,
        r.points_taken, r.points_expired, r.points_pending, r.referral_points_taken, r.is_whole,
        r.returned_at, r.balance_after, r.standing, r.transaction_id, r.refunded_points,
        r.paid_minor, r.refund_id, r.edit_id
    FROM bought AS k EACH returns AS r
    WHERE r.program_id = $1 AND r.purchase_id = k.id";
const PARTS: &str = "
    SELECT r.purchase_id, r.return_id, r.seq, r.quantity, r.amount_minor, r.points
    FROM bought AS k EACH return_lines AS r
    WHERE r.program_id = $1 AND r.purchase_id = k.id";
const EARNINGS: &str = "
    SELECT e.purchase_id, e.seq, e.transaction_id, e.point_type, e.points, e.edit_id,
        k.member_id
    FROM bought AS k EACH purchase_earnings AS e
    WHERE e.program_id = $1 AND e.purchase_id = k.id";
/// Whom something that comes back of the purchases in `bought` may change.
pub(crate) const CHANGED: &str = "
    SELECT member_id AS id
    FROM bought
    UNION
    SELECT rewarded_id
    FROM referral
    UNION
    SELECT account_id
    FROM payers";
/// What may be taken back: what the purchases earned, and what the referrals paid that they may
/// have completed.
const SOURCES: &str = "
    SELECT transaction_id AS id, member_id AS account_id
    FROM bought
    WHERE transaction_id IS NOT NULL
    UNION
    SELECT transaction_id, member_id
    FROM earnings
    UNION
    SELECT referrer_transaction_id, rewarded_id
    FROM referral
    WHERE referrer_transaction_id IS NOT NULL
    UNION
    SELECT referred_transaction_id, member_id
    FROM referral
    WHERE referred_transaction_id IS NOT NULL";
/// By which points have paid for the purchases, wallet by wallet.
const PAID_BY: &str = "
    SELECT id AS purchase_id, payment_id AS id, 0 AS seq, member_id, 0 AS points
    FROM bought
    WHERE payment_id IS NOT NULL
    UNION ALL
    SELECT k.id AS purchase_id, p.part_id AS id, p.seq, k.member_id, p.points
    FROM bought AS k EACH spend_parts AS p
    WHERE p.program_id = $1 AND p.transaction_id = k.payment_id";
/// With whose they were: the buyer's, a gift card's or a group's; of a merged one the survivor's. A gift
/// card is called by its own account, also when somebody has claimed it.
const PAYMENTS: &str = "
    SELECT k.purchase_id, COALESCE(m.merged_into, t.account_id) AS account_id, k.id, k.seq, k.points,
        m.kind,
        CASE WHEN m.kind = 'GIFT_CARD' THEN m.id ELSE COALESCE(m.merged_into, m.id) END AS payer_id,
        CASE WHEN COALESCE(m.merged_into, m.id) = k.member_id AND m.kind <> 'GIFT_CARD' THEN 1
            ELSE 0 END AS is_buyers
    FROM paid_by AS k EACH transactions AS t
    JOIN members AS m ON m.program_id = $1 AND m.id = t.account_id
    WHERE t.program_id = $1 AND t.id = k.id";
/// What was given back of each: as often as there are lots to which it went.
const GIVEN_BACK: &str = "
    SELECT k.purchase_id, k.id AS payment_id, r.transaction_id AS id
    FROM paid_by AS k EACH lot_returns AS r
    WHERE r.program_id = $1 AND r.used_by = k.id";
const REFUNDS: &str = "
    SELECT k.purchase_id, k.payment_id, t.id, t.explanation, e.amount AS points
    FROM given_back AS k EACH transactions AS t
    JOIN entries AS e ON e.program_id = $1 AND e.transaction_id = t.id
        AND e.account_id = t.account_id
    WHERE t.program_id = $1 AND t.id = k.id AND t.kind = 'REFUND'";
const VOIDED: &str = "
    SELECT v.voided_id
    FROM sources AS k EACH voids AS v
    WHERE v.program_id = $1 AND v.voided_id = k.id";

/// The questions about the purchases of a batch.
pub(crate) struct BoughtQuestions {
    states: StateQuestions,
    made: MadeQuestions,
    used: UsedQuestions,
    bought: Question<BoughtRow>,
    lines: Question<LineRow>,
    added: Question<AddedRow>,
    edited: Question<EditedRow>,
    parts: Question<PartRow>,
    returns: Question<KnownRow>,
    others: Question<OthersRow>,
    referrals: Question<ReferralRow>,
    voided: Question<VoidedRow>,
    payments: Question<PaymentRow>,
    refunds: Question<RefundRow>,
    earnings: Question<EarningRow>,
}

/// Names purchases in `bought`, in `referral` whoever brought their members, and in `payers` whose
/// points have paid for them; the caller names in `who` the members of all three.
pub(crate) fn name_bought<'r>(
    look: &mut Look,
    purchases: impl IntoIterator<Item = &'r PurchaseRef>,
) -> UsedQuestions {
    let keys: Vec<_> = purchases.into_iter().map(ReturnKey::of).collect();
    look.table_over("called", CALLED, &keys);
    look.table("shares", SHARES);
    look.table("called_all", ALL);
    look.table("bought", BOUGHT);
    look.table("buyers", BUYERS);
    look.table("earnings", EARNINGS);
    look.table("referral", REFERRALS);
    look.table("paid_by", PAID_BY);
    look.table("payments", PAYMENTS);
    look.table("given_back", GIVEN_BACK);
    look.table("spent", "SELECT id, account_id FROM payments");
    ask_used(look)
}

/// Asks for the purchases in `bought`, with all that follows when something of them comes back to
/// the members in `who`.
pub(crate) fn ask_bought(look: &mut Look, used: UsedQuestions) -> BoughtQuestions {
    look.table("sources", SOURCES);
    let states = ask_states(look, Lots::All);
    let made = ask_made(look);
    BoughtQuestions {
        states,
        made,
        used,
        bought: look.ask("SELECT * FROM bought"),
        lines: look.ask(LINES),
        added: look.ask(ADDED),
        edited: look.ask(EDITED),
        parts: look.ask(PARTS),
        returns: look.ask(RETURNS),
        others: look.ask(OTHERS),
        referrals: look.ask("SELECT * FROM referral"),
        voided: look.ask(VOIDED),
        payments: look.ask(
            "SELECT purchase_id, id, seq, points, account_id, payer_id, kind, is_buyers FROM payments",
        ),
        refunds: look.ask(REFUNDS),
        earnings: look.ask(
            "SELECT purchase_id, seq, transaction_id, point_type, points, edit_id FROM earnings",
        ),
    }
}

impl BoughtQuestions {
    /// The answer, with the members' states.
    pub(crate) fn read(self, answers: &Answers, now: Timestamp) -> Result<(Found, States)> {
        let rows = answers.rows(self.bought)?.into_iter();
        let mut purchases: HashMap<_, _> = rows.map(|row| (row.id, Bought::of(row))).collect();
        for row in answers.rows(self.lines)? {
            purchases.entry(row.purchase_id).and_modify(|bought| bought.lines.push(row.state()));
        }
        for row in answers.rows(self.added)? {
            purchases.entry(row.purchase_id).and_modify(|bought| bought.added.push(row));
        }
        for row in answers.rows(self.edited)? {
            purchases.entry(row.purchase_id).and_modify(|bought| bought.edits.push(row));
        }
        for row in answers.rows(self.returns)? {
            purchases.entry(row.purchase_id).and_modify(|bought| bought.returns.push(row));
        }
        for row in answers.rows(self.parts)? {
            purchases.entry(row.purchase_id).and_modify(|bought| bought.parts.push(row));
        }
        for row in answers.rows(self.earnings)? {
            purchases.entry(row.purchase_id).and_modify(|bought| bought.earnings.push(row));
        }
        for row in answers.rows(self.others)? {
            purchases.entry(row.purchase_id).and_modify(|bought| bought.others.add(&row));
        }
        for row in answers.rows(self.payments)? {
            purchases.entry(row.purchase_id).and_modify(|bought| bought.payments.push(row));
        }
        for row in answers.rows(self.refunds)? {
            purchases.entry(row.purchase_id).and_modify(|bought| bought.refunds.push(row));
        }
        purchases.values_mut().try_for_each(Bought::put_together)?;
        let states = self.states.read(answers)?;
        let referrals = answers.rows(self.referrals)?.into_iter();
        let found = Found {
            by_reference: purchases
                .values()
                .map(|bought| (bought.row.reference.clone(), bought.row.id))
                .collect(),
            purchases,
            referrals: referrals.map(|row| (row.referred_id, row)).collect(),
            made: self.made.read(answers, now, &states)?,
            used: self.used.read(answers)?,
            voided: answers.rows(self.voided)?.into_iter().map(|row| row.voided_id).collect(),
        };
        Ok((found, states))
    }
}

impl Found {
    /// Looks for what `requests` need; returns the members' states and the program at its now as
    /// well.
    pub(super) async fn look<'r>(
        context: &Context,
        program: &Program,
        requests: impl IntoIterator<Item = &'r NewReturn>,
    ) -> Result<(Self, States, Program), TryError> {
        let mut look = context.look(program.id);
        let purchases = requests.into_iter().map(|request| &request.purchase);
        let used = name_bought(&mut look, purchases);
        look.table("who", CHANGED);
        let bought = ask_bought(&mut look, used);
        let (answers, program) = context.ask(program, look).await?;
        let (found, states) = bought.read(&answers, program.now)?;
        Ok((found, states, program))
    }

    pub(crate) fn purchase(&self, named: &PurchaseRef) -> Option<&Bought> {
        let id = match named {
            PurchaseRef::Id(id) => id,
            PurchaseRef::Reference(reference) => self.by_reference.get(reference)?,
        };
        self.purchases.get(id).filter(|bought| bought.row.accrual_of.is_none())
    }

    /// What a purchase brought groups.
    pub(crate) fn shares(&self, of: PurchaseId) -> impl Iterator<Item = &Bought> {
        self.purchases.values().filter(move |bought| bought.row.accrual_of == Some(of))
    }

    /// Who brought a member, where that is completed, and nobody has made good what it paid.
    pub(super) fn referral(&self, referred: MemberId) -> Option<&ReferralRow> {
        let is_voided = |transaction: &Option<TransactionId>| {
            transaction.is_some_and(|id| self.voided.contains(&id))
        };
        let paid = |row: &ReferralRow| [row.referrer_transaction_id, row.referred_transaction_id];
        self.referrals.get(&referred).filter(|row| !paid(row).iter().any(is_voided))
    }

    /// Whom a return of a purchase may change.
    pub(crate) fn members(&self, bought: &Bought) -> Vec<MemberId> {
        let member = bought.row.member_id;
        let rewarded = self.referral(bought.row.buyer_id).map(|referral| referral.rewarded_id);
        let used = bought.payments().filter_map(|payment| self.used.get(&payment));
        let payers = used.flatten().map(|used| used.account.into());
        let groups = self.shares(bought.row.id).map(|share| share.row.member_id);
        [member].into_iter().chain(rewarded).chain(payers).chain(groups).collect()
    }

    /// The receipt of an earlier return of a purchase.
    pub(super) fn receipt(&self, bought: &Bought, known: &KnownRow) -> Result<ReturnReceipt> {
        let mut receipt = bought.receipt(known)?;
        let own = bought.row.is_counted.then(|| receipt.own());
        let of_group = |share: &Bought| {
            let taken = share.known(&of_share(known.id))?;
            Some(taken.of_account(share.row.member_id))
        };
        let of_groups = self.shares(bought.row.id).filter_map(of_group);
        receipt.accruals = own.into_iter().chain(of_groups).collect();
        Ok(receipt)
    }

    /// The lot that a transaction made, if there is one and the transaction was not made good.
    pub(crate) fn made(&self, transaction: Option<TransactionId>) -> Option<&Made> {
        let transaction = transaction.filter(|id| !self.voided.contains(id))?;
        self.made.get(&transaction)
    }
}
