//! All that a batch of returns has to know, in one look.

use super::earned::{Earned, earned};
use super::model::{NewReturn, ReturnReceipt};
use super::plan::{LineState, Taken};
use super::rows::{
    BUYERS, BoughtRow, EarningRow, KnownRow, LineRow, OTHERS, OthersRow, PartRow, PaymentRow,
    REFERRALS, ReferralRow, ReturnKey, VoidedRow,
};
use crate::accounts::{Lots, Made, States, Used, ask_made, ask_states, ask_used};
use crate::context::{Context, Program};
use crate::db::TryError;
use crate::purchases::PurchaseRef;
use crate::{MemberId, Points, PurchaseId, Result, TransactionId, share};
use std::collections::{HashMap, HashSet};

/// The purchases of a batch, and what is known of them.
pub(super) struct Found {
    purchases: HashMap<PurchaseId, Bought>,
    by_reference: HashMap<String, PurchaseId>,
    /// Who brought a member, where that is completed, by the member who was brought.
    referrals: HashMap<MemberId, ReferralRow>,
    made: HashMap<TransactionId, Made>,
    /// What payments used of lots, less what was given back.
    pub(super) used: Used,
    voided: HashSet<TransactionId>,
}

/// A purchase with what came back of it.
pub(super) struct Bought {
    pub(super) row: BoughtRow,
    pub(super) lines: Vec<LineState>,
    /// What it earned, by transaction.
    pub(super) earned: Vec<Earned>,
    /// When the member's other purchases were that still stand.
    pub(super) others: OthersRow,
    returns: Vec<KnownRow>,
    parts: Vec<PartRow>,
    earnings: Vec<EarningRow>,
    payments: Vec<PaymentRow>,
}

const CALLED: &str = "
    SELECT b.id, b.member_id, b.reference, b.currency, b.total_minor, b.purchased_at, b.points,
        b.transaction_id, b.is_counted, b.returned_at, b.paid_points, b.paid_minor, b.payment_id
    FROM {rows} AS k EACH purchases AS b
    WHERE b.program_id = $1 AND b.id = k.purchase_id
    UNION
    SELECT b.id, b.member_id, b.reference, b.currency, b.total_minor, b.purchased_at, b.points,
        b.transaction_id, b.is_counted, b.returned_at, b.paid_points, b.paid_minor, b.payment_id
    FROM {rows} AS k EACH purchases AS b
    WHERE b.program_id = $1 AND b.reference = k.purchase_reference";
/// With the member whose account it is: of a merged one the survivor.
const BOUGHT: &str = "
    SELECT k.id, COALESCE(m.merged_into, k.member_id) AS member_id, k.member_id AS buyer_id,
        k.reference, k.currency, k.total_minor, k.purchased_at, k.points, k.transaction_id,
        k.is_counted, k.returned_at, k.paid_points, k.paid_minor, k.payment_id
    FROM called AS k EACH members AS m
    WHERE m.program_id = $1 AND m.id = k.member_id";
const LINES: &str = "
    SELECT l.purchase_id, l.seq, l.sku, l.quantity, l.amount_minor
    FROM bought AS k EACH purchase_lines AS l
    WHERE l.program_id = $1 AND l.purchase_id = k.id";
const RETURNS: &str = "
    SELECT r.purchase_id, r.id, r.reference, r.arguments_hash, r.amount_minor, r.points,
        r.points_taken, r.points_expired, r.referral_points_taken, r.is_whole, r.returned_at,
        r.balance_after, r.standing, r.transaction_id, r.refunded_points, r.paid_minor, r.refund_id
    FROM bought AS k EACH returns AS r
    WHERE r.program_id = $1 AND r.purchase_id = k.id";
const PARTS: &str = "
    SELECT r.purchase_id, r.return_id, r.seq, r.quantity, r.amount_minor, r.points
    FROM bought AS k EACH return_lines AS r
    WHERE r.program_id = $1 AND r.purchase_id = k.id";
const EARNINGS: &str = "
    SELECT e.purchase_id, e.seq, e.transaction_id, e.point_type, e.points, k.member_id
    FROM bought AS k EACH purchase_earnings AS e
    WHERE e.program_id = $1 AND e.purchase_id = k.id";
const WHO: &str = "
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
const PAYMENTS: &str = "
    SELECT id AS purchase_id, member_id AS account_id, payment_id AS id, 0 AS seq
    FROM bought
    WHERE payment_id IS NOT NULL
    UNION ALL
    SELECT k.id AS purchase_id, k.member_id AS account_id, p.part_id AS id, p.seq
    FROM bought AS k EACH spend_parts AS p
    WHERE p.program_id = $1 AND p.transaction_id = k.payment_id";
const VOIDED: &str = "
    SELECT v.voided_id
    FROM sources AS k EACH voids AS v
    WHERE v.program_id = $1 AND v.voided_id = k.id";

impl Found {
    /// Looks for what `requests` need; returns the members' states and the program at its now as
    /// well.
    pub(super) async fn look<'r>(
        context: &Context,
        program: &Program,
        requests: impl IntoIterator<Item = &'r NewReturn>,
    ) -> Result<(Self, States, Program), TryError> {
        let mut look = context.look(program.id);
        let keys: Vec<_> = requests.into_iter().map(ReturnKey::of).collect();
        look.table_over("called", CALLED, &keys);
        look.table("bought", BOUGHT);
        look.table("buyers", BUYERS);
        look.table("earnings", EARNINGS);
        look.table("referral", REFERRALS);
        look.table("payments", PAYMENTS);
        look.table("spent", "SELECT id, account_id FROM payments");
        let used = ask_used(&mut look);
        look.table("who", WHO);
        look.table("sources", SOURCES);
        let states = ask_states(&mut look, Lots::All);
        let made = ask_made(&mut look);
        let bought = look.ask::<BoughtRow>("SELECT * FROM bought");
        let (lines, parts) = (look.ask::<LineRow>(LINES), look.ask::<PartRow>(PARTS));
        let (returns, others) = (look.ask::<KnownRow>(RETURNS), look.ask::<OthersRow>(OTHERS));
        let referrals = look.ask::<ReferralRow>("SELECT * FROM referral");
        let voided = look.ask::<VoidedRow>(VOIDED);
        let payments = look.ask::<PaymentRow>("SELECT purchase_id, id, seq FROM payments");
        let earnings = look.ask::<EarningRow>(
            "SELECT purchase_id, seq, transaction_id, point_type, points FROM earnings",
        );
        let (answers, program) = context.ask(program, look).await?;

        let rows = answers.rows(bought)?.into_iter();
        let mut purchases: HashMap<_, _> = rows.map(|row| (row.id, Bought::of(row))).collect();
        for row in answers.rows(lines)? {
            purchases.entry(row.purchase_id).and_modify(|bought| bought.lines.push(row.state()));
        }
        for row in answers.rows(returns)? {
            purchases.entry(row.purchase_id).and_modify(|bought| bought.returns.push(row));
        }
        for row in answers.rows(parts)? {
            purchases.entry(row.purchase_id).and_modify(|bought| bought.parts.push(row));
        }
        for row in answers.rows(earnings)? {
            purchases.entry(row.purchase_id).and_modify(|bought| bought.earnings.push(row));
        }
        for row in answers.rows(others)? {
            purchases.entry(row.purchase_id).and_modify(|bought| bought.others.add(&row));
        }
        for row in answers.rows(payments)? {
            purchases.entry(row.purchase_id).and_modify(|bought| bought.payments.push(row));
        }
        purchases.values_mut().try_for_each(Bought::put_together)?;
        let states = states.read(&answers)?;
        let referrals = answers.rows(referrals)?.into_iter();
        let found = Self {
            by_reference: purchases
                .values()
                .map(|bought| (bought.row.reference.clone(), bought.row.id))
                .collect(),
            purchases,
            referrals: referrals.map(|row| (row.referred_id, row)).collect(),
            made: made.read(&answers, program.now, &states)?,
            used: used.read(&answers)?,
            voided: answers.rows(voided)?.into_iter().map(|row| row.voided_id).collect(),
        };
        Ok((found, states, program))
    }

    pub(super) fn purchase(&self, named: &PurchaseRef) -> Option<&Bought> {
        let id = match named {
            PurchaseRef::Id(id) => id,
            PurchaseRef::Reference(reference) => self.by_reference.get(reference)?,
        };
        self.purchases.get(id)
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
    pub(super) fn members(&self, bought: &Bought) -> Vec<MemberId> {
        let member = bought.row.member_id;
        let rewarded = self.referral(bought.row.buyer_id).map(|referral| referral.rewarded_id);
        let used = bought.payments().filter_map(|payment| self.used.get(&payment));
        let payers = used.flatten().map(|used| used.account.into());
        [member].into_iter().chain(rewarded).chain(payers).collect()
    }

    /// The lot that a transaction made, if there is one and the transaction was not made good.
    pub(super) fn made(&self, transaction: Option<TransactionId>) -> Option<&Made> {
        let transaction = transaction.filter(|id| !self.voided.contains(id))?;
        self.made.get(&transaction)
    }
}

impl Bought {
    fn of(row: BoughtRow) -> Self {
        let others = OthersRow { purchase_id: row.id, first_at: None, last_at: None };
        Self {
            row,
            lines: Vec::new(),
            earned: Vec::new(),
            others,
            returns: Vec::new(),
            parts: Vec::new(),
            earnings: Vec::new(),
            payments: Vec::new(),
        }
    }

    /// Orders the lines, gives those shares for which none were kept, and takes out what came back.
    fn put_together(&mut self) -> Result<()> {
        if self.lines.is_empty() {
            self.lines.push(LineState::whole(self.row.total_minor));
        }
        self.lines.sort_by_key(|line| line.position);
        self.payments.sort_by_key(|payment| payment.seq);
        self.earned = earned(&self.row, std::mem::take(&mut self.earnings));
        let measures = self.measures();
        for earned in &self.earned {
            let shares = share::shares(earned.points, &measures)?;
            self.lines.iter_mut().zip(shares).for_each(|(line, share)| line.points.push(share));
        }
        for part in &self.parts {
            if let Some(line) = self.lines.iter_mut().find(|line| line.position == part.seq) {
                line.returned.quantity += part.quantity;
                line.returned.amount_minor += part.amount_minor;
            }
        }
        Ok(())
    }

    /// An earlier return of the purchase with the reference.
    pub(super) fn known(&self, reference: &str) -> Option<&KnownRow> {
        self.returns.iter().find(|known| known.reference == reference)
    }

    /// What shares are measured by: amounts, or quantities where nothing costs anything.
    fn measures(&self) -> Vec<i64> {
        let is_free = self.row.total_minor == 0;
        let measure = |line: &LineState| if is_free { line.quantity } else { line.amount_minor };
        self.lines.iter().map(measure).collect()
    }

    /// By which points have paid for it, in the order in which they were spent.
    pub(super) fn payments(&self) -> impl DoubleEndedIterator<Item = TransactionId> {
        self.payments.iter().map(|payment| payment.id)
    }

    /// What points pay of so much that came back of it, in the order in which it comes back.
    pub(super) fn paid_of(&self, returned_minor: i64) -> Result<(Points, i64)> {
        let (row, total) = (&self.row, self.row.total_minor);
        let points = share::up_to(row.paid_points, returned_minor, total)?;
        let minor = share::up_to(Points::new(row.paid_minor), returned_minor, total)?;
        Ok((points, minor.get()))
    }

    pub(super) fn receipt(&self, known: &KnownRow) -> Result<ReturnReceipt> {
        known.receipt(&self.row, self.parts.iter().filter(|part| part.return_id == known.id))
    }
}

impl LineState {
    /// A purchase without lines, as one.
    fn whole(total_minor: i64) -> Self {
        Self {
            position: 0,
            sku: String::new(),
            quantity: 1,
            amount_minor: total_minor,
            points: Vec::new(),
            returned: Taken::default(),
        }
    }
}
