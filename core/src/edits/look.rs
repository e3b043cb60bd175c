//! All that a batch of edits has to know, in one look: what a return of the purchases has to know,
//! and what a purchase by their members.

use super::model::{EditReceipt, NewEdit};
use super::rows::{EditLineRow, FirstRow, KnownRow, TakenRow};
use crate::accounts::{PointType, States, ask_gained, ask_late};
use crate::context::{Context, Program};
use crate::db::{TryError, row};
use crate::members::{Member, ask_members};
use crate::plugins::{Appraisers, ask_states_of_members};
use crate::referrals::{self, ReferralRow};
use crate::returns::{self, Bought, ask_bought, name_bought, of_share};
use crate::{AccountId, MemberId, Points, Result, Timestamp};
use std::collections::{BTreeMap, HashMap};

/// The purchases of a batch, and what is known of them.
pub(super) struct Found {
    pub(super) purchases: returns::Found,
    /// Referred member to referrer, where the referral is not completed.
    referrers: HashMap<MemberId, MemberId>,
    members: HashMap<MemberId, Member>,
    known: Vec<KnownRow>,
    added: Vec<EditLineRow>,
    taken: Vec<TakenRow>,
    first: Vec<FirstRow>,
    pub(super) appraisers: Appraisers,
}

row! {
    struct AccountKey {
        id: AccountId,
    }
}

const ACCOUNTS: &str = "SELECT r.id FROM {rows} AS r";
/// Whose purchases they are, as plugins are asked.
pub(crate) const NAMED: &str =
    "SELECT DISTINCT member_id AS id FROM bought WHERE accrual_of IS NULL";
/// Whom an edit may change: the members, the groups that got something, whose points have paid, and
/// whoever brought the members, whether that is completed or not.
const WHO: &str = "
    SELECT member_id AS id
    FROM bought
    UNION
    SELECT rewarded_id
    FROM referral
    UNION
    SELECT account_id
    FROM payers
    UNION
    SELECT referrer_id
    FROM pending";
const KNOWN: &str = "
    SELECT i.purchase_id, i.id, i.reference, i.arguments_hash, i.reason, i.edited_at,
        i.total_before_minor, i.total_minor, i.points, i.referral_points, i.transaction_id, i.is_whole,
        i.appraisal, i.balance_after, i.standing
    FROM bought AS k EACH edits AS i
    WHERE i.program_id = $1 AND i.purchase_id = k.id";
const ADDED: &str = "
    SELECT l.purchase_id, l.seq, l.edit_id, l.position, l.sku, l.category, l.quantity,
        l.amount_minor, l.points
    FROM bought AS k EACH edit_lines AS l
    WHERE l.program_id = $1 AND l.purchase_id = k.id";

const TAKEN: &str = "
    SELECT r.purchase_id, r.transaction_id, r.points, r.points_taken, r.points_expired
    FROM bought AS k EACH return_earnings AS r
    WHERE r.program_id = $1 AND r.purchase_id = k.id";

/// With what was cut of them when they were recorded.
const FIRST: &str = "
    SELECT k.id AS purchase_id, b.appraisal
    FROM bought AS k EACH purchases AS b
    WHERE b.program_id = $1 AND b.id = k.id";

impl Found {
    /// Looks for what `requests` need; returns the members' states and the program at its now as
    /// well.
    pub(super) async fn look(
        context: &Context,
        program: &Program,
        requests: &[&NewEdit],
    ) -> Result<(Self, States, Program), TryError> {
        let mut look = context.look(program.id);
        let used = name_bought(&mut look, requests.iter().map(|request| &request.purchase));
        look.table("named", NAMED);
        look.table("pending", referrals::PENDING);
        look.table("who", WHO);
        let bought = ask_bought(&mut look, used);
        let pending = look.ask::<ReferralRow>("SELECT * FROM pending");
        let members = ask_members(&mut look);
        let (known, added) = (look.ask::<KnownRow>(KNOWN), look.ask::<EditLineRow>(ADDED));
        let (taken, first) = (look.ask::<TakenRow>(TAKEN), look.ask::<FirstRow>(FIRST));
        let asked = ask_states_of_members(&mut look, program);
        let (answers, program) = context.ask(program, look).await?;

        let (purchases, mut states) = bought.read(&answers, program.now)?;
        let referrers = answers.rows(pending)?.into_iter();
        let referrers: HashMap<_, _> =
            referrers.map(|row| (row.referred_id, row.referrer_id)).collect();
        let mut dated = Vec::new();
        for request in requests {
            let Some(bought) = purchases.purchase(&request.purchase) else { continue };
            dated.push(Some(bought.row.purchased_at));
            // What it completes is given when it is edited, after what was edited before.
            if referrers.contains_key(&bought.row.member_id) {
                dated.push(request.edited_at);
                dated.extend(bought.edited_at().map(Some));
            }
        }
        look_about(context, &program, &dated, &mut states).await?;
        let members = answers.rows(members)?.into_iter().map(Member::from);
        let mut added = answers.rows(added)?;
        added.sort_by_key(|row| row.seq);
        let found = Self {
            purchases,
            referrers,
            members: members.map(|member| (member.id, member)).collect(),
            known: answers.rows(known)?,
            added,
            taken: answers.rows(taken)?,
            first: answers.rows(first)?,
            appraisers: Appraisers::of(&program, asked, &answers)?,
        };
        Ok((found, states, program))
    }

    pub(super) fn member(&self, id: MemberId) -> Option<&Member> {
        self.members.get(&id)
    }

    /// Who brought a member, if that is not completed.
    pub(super) fn referrer(&self, referred: MemberId) -> Option<MemberId> {
        self.referrers.get(&referred).copied()
    }

    /// Whom an edit of a purchase may change.
    pub(super) fn changed_by(&self, bought: &Bought) -> Vec<MemberId> {
        let mut members = self.purchases.members(bought);
        members.extend(self.referrer(bought.row.member_id));
        members
    }

    /// An earlier edit of the purchase with the reference.
    pub(super) fn known(&self, bought: &Bought, reference: &str) -> Option<&KnownRow> {
        let is_it =
            |known: &&KnownRow| known.purchase_id == bought.row.id && known.reference == reference;
        self.known.iter().find(is_it)
    }

    /// What a purchase had earned of what is gone, and nobody could take back: by type.
    pub(super) fn forgiven(&self, bought: &Bought) -> Result<BTreeMap<PointType, Points>> {
        if !bought.is_written_out {
            return Ok([(PointType::main(), bought.not_taken()?)].into());
        }
        let mut all: BTreeMap<PointType, Points> = BTreeMap::new();
        for row in self.taken.iter().filter(|row| row.purchase_id == bought.row.id) {
            let mut earned = bought.earned.iter();
            let earned = earned.find(|earned| earned.transaction == row.transaction_id);
            if let Some(earned) = earned {
                let sum = all.entry(earned.point_type.clone()).or_default();
                *sum = sum.plus(row.not_taken()?)?;
            }
        }
        Ok(all)
    }

    /// What caps of a period or of the wallet cut of a purchase when it was recorded: by type.
    pub(super) fn cut_first(&self, bought: &Bought) -> Result<BTreeMap<PointType, Points>> {
        let first = self.first.iter().find(|row| row.purchase_id == bought.row.id);
        first.map_or_else(|| Ok(BTreeMap::new()), FirstRow::cut_by_account)
    }

    /// The receipt of an earlier edit of a purchase.
    pub(super) fn receipt(&self, bought: &Bought, known: &KnownRow) -> Result<EditReceipt> {
        let mut receipt = known.receipt(bought, &self.added)?;
        let own = (!bought.row.is_for_group_alone()).then(|| known.accrued(bought));
        let reference = of_share(known.id);
        let of_groups = self.purchases.shares(bought.row.id).filter_map(|share| {
            let known = self.known(share, &reference)?;
            Some(known.accrued(share))
        });
        receipt.accruals = own.into_iter().chain(of_groups).collect::<Result<_>>()?;
        Ok(receipt)
    }
}

/// Looks for what happened about some instants, now where there is none, where the program asks for
/// that. It is after the look at the states: whatever happens meanwhile changes their versions.
pub(crate) async fn look_about(
    context: &Context,
    program: &Program,
    dated: &[Option<Timestamp>],
    states: &mut States,
) -> Result<(), TryError> {
    let definition = &program.definition;
    let periods = definition.capped_periods(dated.iter().copied(), program.now)?;
    let since = definition.late_since(dated.iter().copied().flatten());
    if periods.is_none() && since.is_none() {
        return Ok(());
    }
    let keys: Vec<_> = states.keys().map(|member| AccountKey { id: (*member).into() }).collect();
    let mut look = context.look(program.id);
    look.table_over("who", ACCOUNTS, &keys);
    let gained = periods.map(|periods| ask_gained(&mut look, periods));
    let late = since.map(|since| ask_late(&mut look, since, false));
    let answers = context.show(look).await?;
    gained.map_or(Ok(()), |gained| gained.read(&answers, states))?;
    Ok(late.map_or(Ok(()), |late| late.read(&answers, states))?)
}
