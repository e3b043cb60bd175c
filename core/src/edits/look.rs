//! All that a batch of edits has to know, in one look: what a return of the purchases has to know,
//! and what a purchase by their members.

use super::model::NewEdit;
use super::rows::{EditLineRow, KnownRow};
use crate::accounts::{States, ask_gained, ask_late};
use crate::context::{Context, Program};
use crate::db::{TryError, row};
use crate::members::{Member, ask_members};
use crate::plugins::{Appraisers, ask_states_of_members};
use crate::purchases::PurchaseRef;
use crate::referrals::{self, ReferralRow};
use crate::returns::{self, Bought, ask_bought, name_bought};
use crate::{MemberId, PurchaseId, Result, Timestamp};
use std::collections::HashMap;

/// The purchases of a batch, and what is known of them.
pub(super) struct Found {
    pub(super) purchases: returns::Found,
    /// Referred member to referrer, where the referral is not completed.
    referrers: HashMap<MemberId, MemberId>,
    members: HashMap<MemberId, Member>,
    known: Vec<KnownRow>,
    added: Vec<EditLineRow>,
    pub(super) appraisers: Appraisers,
}

row! {
    /// How a purchase is named: by one of the two.
    struct NameKey {
        purchase_id: Option<PurchaseId>,
        purchase_reference: Option<String>,
    }
}

row! {
    struct DatedRow {
        purchased_at: Timestamp,
    }
}

const DATED: &str = "
    SELECT b.purchased_at
    FROM {rows} AS k EACH purchases AS b
    WHERE b.program_id = $1 AND b.id = k.purchase_id
    UNION ALL
    SELECT b.purchased_at
    FROM {rows} AS k EACH purchases AS b
    WHERE b.program_id = $1 AND b.reference = k.purchase_reference";
/// Whose purchases they are, as plugins are asked.
const NAMED: &str = "SELECT DISTINCT member_id AS id FROM bought";
/// Whom an edit may change: the members, whose points have paid, and whoever brought them, whether
/// that is completed or not.
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
        i.total_before_minor, i.total_minor, i.points, i.referral_points, i.transaction_id, i.appraisal,
        i.balance_after, i.standing
    FROM bought AS k EACH edits AS i
    WHERE i.program_id = $1 AND i.purchase_id = k.id";
const ADDED: &str = "
    SELECT l.purchase_id, l.seq, l.edit_id, l.position, l.sku, l.category, l.quantity,
        l.amount_minor, l.points
    FROM bought AS k EACH edit_lines AS l
    WHERE l.program_id = $1 AND l.purchase_id = k.id";

impl Found {
    /// Looks for what `requests` need; returns the members' states and the program at its now as
    /// well.
    pub(super) async fn look(
        context: &Context,
        program: &Program,
        requests: &[&NewEdit],
    ) -> Result<(Self, States, Program), TryError> {
        let dated = dated(context, program, requests).await?;
        let mut look = context.look(program.id);
        let used = name_bought(&mut look, requests.iter().map(|request| &request.purchase));
        look.table("named", NAMED);
        look.table("pending", referrals::PENDING);
        look.table("who", WHO);
        let bought = ask_bought(&mut look, used);
        let pending = look.ask::<ReferralRow>("SELECT * FROM pending");
        let members = ask_members(&mut look);
        let instants = dated.iter().copied().map(Some);
        let gained = program.definition.capped_periods(instants, program.now)?;
        let gained = gained.map(|periods| ask_gained(&mut look, periods));
        let since = program.definition.late_since(dated.into_iter());
        let late = since.map(|since| ask_late(&mut look, since, false));
        let (known, added) = (look.ask::<KnownRow>(KNOWN), look.ask::<EditLineRow>(ADDED));
        let asked = ask_states_of_members(&mut look, program);
        let (answers, program) = context.ask(program, look).await?;

        let (purchases, mut states) = bought.read(&answers, program.now)?;
        gained.map_or(Ok(()), |gained| gained.read(&answers, &mut states))?;
        late.map_or(Ok(()), |late| late.read(&answers, &mut states))?;
        let referrers = answers.rows(pending)?.into_iter();
        let members = answers.rows(members)?.into_iter().map(Member::from);
        let mut added = answers.rows(added)?;
        added.sort_by_key(|row| row.seq);
        let found = Self {
            purchases,
            referrers: referrers.map(|row| (row.referred_id, row.referrer_id)).collect(),
            members: members.map(|member| (member.id, member)).collect(),
            known: answers.rows(known)?,
            added,
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

    /// What edits have added to a purchase.
    pub(super) fn added(&self) -> &[EditLineRow] {
        &self.added
    }
}

/// When the purchases were made; nothing in a program that does not ask what happened about then.
async fn dated(
    context: &Context,
    program: &Program,
    requests: &[&NewEdit],
) -> Result<Vec<Timestamp>, TryError> {
    let definition = &program.definition;
    let asks = definition.capped_periods([None].into_iter(), program.now)?.is_some()
        || definition.late_since([program.now].into_iter()).is_some();
    if !asks {
        return Ok(Vec::new());
    }
    let keys: Vec<_> = requests.iter().map(|request| NameKey::of(&request.purchase)).collect();
    let mut look = context.look(program.id);
    let dated = look.ask_over::<_, DatedRow>(DATED, &keys);
    let answers = context.show(look).await?;
    Ok(answers.rows(dated)?.into_iter().map(|row| row.purchased_at).collect())
}

impl NameKey {
    fn of(purchase: &PurchaseRef) -> Self {
        match purchase {
            PurchaseRef::Id(id) => Self { purchase_id: Some(*id), purchase_reference: None },
            PurchaseRef::Reference(reference) => {
                Self { purchase_id: None, purchase_reference: Some(reference.clone()) }
            }
        }
    }
}
