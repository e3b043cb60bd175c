//! Recording a batch: look, appraise, then write under the members' locks. Plugins are asked before the transaction opens; if
//! a member changed meanwhile, the batch looks again, so that what is booked was appraised from what was true.

use super::model::{Checked, NewPurchase, Receipt};
use super::write::Write;
use crate::db::rows::{self, Field};
use crate::earning::{self, Appraisal, Facts, PluginProposal};
use crate::members::{self, Locked, Member, MemberRef, entity};
use crate::plugins::{self, Appraisers};
use crate::programs::Program;
use crate::{Actor, Code, Error, Loyalty, MemberId, Points, ProgramId, Result};
use crate::{referrals, tiers};
use sea_orm::{ColumnTrait, Condition, EntityTrait, FromQueryResult, QueryFilter};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// How often a batch is tried again when other writers were first.
const TRIES: usize = 8;

/// Records purchases of one program, in order; each answers for itself.
pub(super) async fn record_many(
    loyalty: &Loyalty,
    program: ProgramId,
    purchases: &[(Actor, NewPurchase)],
) -> Result<Vec<Result<Receipt>>> {
    for _ in 0..TRIES {
        let program = loyalty.programs().current(program).await?;
        match attempt(loyalty, &program, purchases).await {
            Err(error) if error.code() == Code::Unavailable => {
                tracing::debug!(detail = error.detail(), "a batch of purchases is tried again");
            }
            answers => return answers,
        }
    }
    Err(Error::new(Code::Unavailable, "the members are being changed by too many at once"))
}

async fn attempt(
    loyalty: &Loyalty,
    program: &Program,
    purchases: &[(Actor, NewPurchase)],
) -> Result<Vec<Result<Receipt>>> {
    let checked: Vec<Result<Checked>> = purchases
        .iter()
        .map(|(_, purchase)| purchase.check(&program.definition, program.now))
        .collect();
    let sound: Vec<&Checked> =
        checked.iter().filter_map(|purchase| purchase.as_ref().ok()).collect();
    let known = known(loyalty, program.id, &sound).await?;
    let new = first_of_each(&sound, &known);
    let found = Found::look(loyalty, program, &new).await?;
    let appraisers = plugins::appraisers(loyalty, program, &found.ids()).await?;
    let proposed = found.propose(program, &new, &appraisers).await;

    let mut write = Write::begin(loyalty, program, &found.to_lock(), &found.referrers).await?;
    if !appraisers.is_empty() && !found.is_still_true(write.locked()) {
        return Err(Error::new(Code::Unavailable, "a member changed while plugins were asked"));
    }
    let mut recorded: HashMap<&str, Result<Receipt>> = HashMap::new();
    for ((actor, _), purchase) in purchases.iter().zip(&checked) {
        let Ok(purchase) = purchase else { continue };
        let reference = purchase.reference.as_str();
        if known.contains_key(reference) || recorded.contains_key(reference) {
            continue;
        }
        let answer = match found.member(&purchase.member) {
            Some(member) => {
                let proposals = proposed.get(reference).map_or(&[][..], Vec::as_slice);
                write.purchase(actor.subject(), member, purchase, proposals).await
            }
            None => Err(members::not_found().at("member")),
        };
        recorded.insert(reference, answer);
    }
    write.commit().await?;

    let hashes: HashMap<&str, &str> =
        new.iter().map(|first| (first.reference.as_str(), first.arguments_hash.as_str())).collect();
    let answer = |purchase: Result<Checked>| {
        let purchase = purchase?;
        let reference = purchase.reference.as_str();
        match (known.get(reference), recorded.get(reference)) {
            (Some(known), _) => known.repeat(&purchase),
            (None, Some(_)) if hashes.get(reference) != Some(&purchase.arguments_hash.as_str()) => {
                Err(reused(&purchase))
            }
            (None, Some(Ok(receipt))) => Ok(receipt.clone()),
            (None, Some(Err(error))) => Err(error.again()),
            (None, None) => Err(Error::internal("a sound purchase was passed over")),
        }
    };
    Ok(checked
        .iter()
        .map(|purchase| answer(purchase.as_ref().cloned().map_err(Error::again)))
        .collect())
}

/// The purchases that this batch has to record: not recorded before, and the first under their reference.
fn first_of_each<'p>(
    purchases: &[&'p Checked],
    known: &HashMap<String, Known>,
) -> Vec<&'p Checked> {
    let mut seen = BTreeSet::new();
    let is_new = |purchase: &&&Checked| {
        !known.contains_key(&purchase.reference) && seen.insert(purchase.reference.clone())
    };
    purchases.iter().filter(is_new).copied().collect()
}

/// The appraisal of a purchase by a member as it stands.
pub(super) fn appraise(
    program: &Program,
    member: &Member,
    locked: &Locked,
    purchase: &Checked,
    proposals: &[PluginProposal],
) -> Result<Appraisal> {
    let currency = program.definition.currency.code();
    let facts =
        Facts::new(member, &locked.standing, currency, purchase.total_minor, &purchase.lines);
    earning::appraise(&program.definition, &facts, proposals)
}

/// Moves a member's statistics on by a purchase. Points and tier are credited and settled apart. Fails with `OVERFLOW`, and
/// then has changed nothing.
pub(super) fn advance(locked: &mut Locked, purchase: &Checked) -> Result<()> {
    let standing = &mut locked.standing;
    let spent = standing.spent_minor.checked_add(purchase.total_minor);
    standing.spent_minor = spent.ok_or_else(|| {
        Error::new(Code::Overflow, "the member's total spend exceeds 64 bits").at("total")
    })?;
    standing.purchases += 1;
    let at = purchase.purchased_at;
    standing.first_purchase_at = Some(standing.first_purchase_at.map_or(at, |first| first.min(at)));
    standing.last_purchase_at = Some(standing.last_purchase_at.map_or(at, |last| last.max(at)));
    Ok(())
}

/// A member as a purchase of so many points would leave it.
pub(super) fn foresee(
    program: &Program,
    before: &Locked,
    purchase: &Checked,
    points: Points,
) -> Result<Locked> {
    let mut after = before.clone();
    after.credit(points)?;
    advance(&mut after, purchase)?;
    tiers::settle(&program.definition.ladder, &mut after.standing, purchase.purchased_at);
    Ok(after)
}

/// A purchase that an earlier request recorded.
#[derive(FromQueryResult)]
struct Known {
    reference: String,
    arguments_hash: String,
    answer: Value,
}

impl Known {
    fn repeat(&self, purchase: &Checked) -> Result<Receipt> {
        if self.arguments_hash != purchase.arguments_hash {
            return Err(reused(purchase));
        }
        serde_json::from_value(self.answer.clone())
            .map_err(|error| Error::internal("a stored receipt").caused_by(error))
    }
}

fn reused(purchase: &Checked) -> Error {
    let why = format!("`{}` was recorded with other data", purchase.reference);
    Error::new(Code::ReferenceReused, why).at("reference")
}

async fn known(
    loyalty: &Loyalty,
    program: ProgramId,
    purchases: &[&Checked],
) -> Result<HashMap<String, Known>> {
    const FIELDS: &rows::Fields = &[("program_id", Field::Id), ("reference", Field::Text)];
    const SELECT: &str = "SELECT p.reference, p.arguments_hash, p.answer FROM {rows} AS r \
         JOIN purchases p ON p.program_id = r.program_id AND p.reference = r.reference";
    let key = |purchase: &&Checked| json!({ "program_id": rows::hex_text(program), "reference": purchase.reference });
    let keys: Vec<_> = purchases.iter().map(key).collect();
    let known: Vec<Known> = rows::query(loyalty.db().read(), SELECT, FIELDS, &keys).await?;
    Ok(known.into_iter().map(|known| (known.reference.clone(), known)).collect())
}

/// The members of a batch as they were before its transaction opened.
struct Found {
    members: BTreeMap<MemberId, Member>,
    by_external_id: HashMap<String, MemberId>,
    standings: BTreeMap<MemberId, Locked>,
    /// Referred member to referrer, where the referral is not completed.
    referrers: BTreeMap<MemberId, MemberId>,
}

impl Found {
    async fn look(loyalty: &Loyalty, program: &Program, purchases: &[&Checked]) -> Result<Self> {
        let (mut ids, mut external_ids) = (BTreeSet::new(), BTreeSet::new());
        for purchase in purchases {
            match &purchase.member {
                MemberRef::Id(id) => {
                    ids.insert(*id);
                }
                MemberRef::ExternalId(external_id) => {
                    external_ids.insert(external_id.as_str());
                }
            }
        }
        let db = loyalty.db().read();
        let named = Condition::any()
            .add(entity::members::Column::Id.is_in(ids))
            .add(entity::members::Column::ExternalId.is_in(external_ids));
        let models = entity::members::Entity::find()
            .filter(entity::members::Column::ProgramId.eq(program.id))
            .filter(named)
            .all(db)
            .await?;
        let members: Vec<Member> =
            models.into_iter().map(entity::members::Model::into_member).collect::<Result<_>>()?;
        let ids: Vec<_> = members.iter().map(|member| member.id).collect();
        Ok(Self {
            standings: members::read(db, program.id, &ids).await?,
            referrers: referrals::pending(db, program.id, &ids).await?,
            by_external_id: members
                .iter()
                .map(|member| (member.external_id.clone(), member.id))
                .collect(),
            members: members.into_iter().map(|member| (member.id, member)).collect(),
        })
    }

    fn ids(&self) -> Vec<MemberId> {
        self.members.keys().copied().collect()
    }

    fn to_lock(&self) -> Vec<MemberId> {
        let all: BTreeSet<_> =
            self.members.keys().chain(self.referrers.values()).copied().collect();
        all.into_iter().collect()
    }

    fn member(&self, named: &MemberRef) -> Option<&Member> {
        match named {
            MemberRef::Id(id) => self.members.get(id),
            MemberRef::ExternalId(external_id) => {
                self.by_external_id.get(external_id).and_then(|id| self.members.get(id))
            }
        }
    }

    /// Asks plugins about each purchase in order, each as if the ones before it had been booked.
    async fn propose<'p>(
        &self,
        program: &Program,
        purchases: &[&'p Checked],
        appraisers: &Appraisers<'_>,
    ) -> HashMap<&'p str, Vec<PluginProposal>> {
        let mut proposed = HashMap::new();
        if appraisers.is_empty() {
            return proposed;
        }
        let mut standings = self.standings.clone();
        for purchase in purchases {
            let Some(member) = self.member(&purchase.member) else { continue };
            let Some(locked) = standings.get_mut(&member.id) else { continue };
            let proposals = appraisers.propose(program, member, locked, purchase).await;
            let appraisal = appraise(program, member, locked, purchase, &proposals);
            let after = appraisal.and_then(|done| foresee(program, locked, purchase, done.points));
            // One that cannot be booked leaves the member as it was; the booking says why.
            if let Ok(after) = after {
                *locked = after;
            }
            proposed.insert(purchase.reference.as_str(), proposals);
        }
        proposed
    }

    fn is_still_true(&self, locked: &BTreeMap<MemberId, Locked>) -> bool {
        let same = |(id, before): (&MemberId, &Locked)| {
            locked
                .get(id)
                .is_some_and(|now| now.standing == before.standing && now.balance == before.balance)
        };
        self.standings.iter().all(same)
    }
}
