//! Creating members, many in one transaction.

use super::entity::{contacts, members};
use super::model::{Member, NewContact, NewMember};
use super::standing;
use crate::events::{self, NewEvent};
use crate::hash::arguments_hash;
use crate::programs::Program;
use crate::referrals;
use crate::{Actor, Code, ContactId, Error, Id, Loyalty, MemberId, Result, db};
use data_encoding::BASE32_NOPAD;
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use serde_json::json;
use std::collections::{BTreeMap, HashMap};

/// The most members that one call creates.
pub(super) const BATCH_MAX: usize = 1000;
/// How often a batch is tried again when another writer created one of its members meanwhile.
const TRIES: usize = 5;
/// Contacts per statement, well below the databases' limits on parameters.
const CONTACTS_CHUNK: usize = 500;

/// A created member, or the one that an earlier call with the same arguments created.
#[derive(Clone, Debug)]
pub struct Enrolled {
    pub member: Member,
    pub is_new: bool,
}

pub(super) async fn create_many(
    loyalty: &Loyalty,
    actor: &Actor,
    new: &[NewMember],
) -> Result<Vec<Result<Enrolled>>> {
    if new.len() > BATCH_MAX {
        return Err(Error::new(
            Code::TooMany,
            format!("at most {BATCH_MAX} members in one request"),
        ));
    }
    let program = loyalty.programs().current(actor.program()).await?;
    for _ in 0..TRIES {
        match attempt(loyalty, &program, new).await {
            Err(error) if error.code() == Code::Unavailable => {}
            answers => return answers,
        }
    }
    Err(Error::new(Code::Unavailable, "other writers keep creating the same members"))
}

async fn attempt(
    loyalty: &Loyalty,
    program: &Program,
    new: &[NewMember],
) -> Result<Vec<Result<Enrolled>>> {
    let known = known(loyalty, program, new).await?;
    let mut answers = Vec::with_capacity(new.len());
    let mut created: Vec<Creation> = Vec::new();
    let mut in_batch: HashMap<&str, usize> = HashMap::new();
    for member in new {
        let answer =
            match (known.get(&member.external_id), in_batch.get(member.external_id.as_str())) {
                (Some(existing), _) => repeat(existing, member),
                (None, Some(index)) => repeat(&created[*index].model, member),
                (None, None) => match Creation::new(loyalty, program, member).await {
                    Ok(creation) => {
                        in_batch.insert(&member.external_id, created.len());
                        let member = creation.model.clone().into_member()?;
                        created.push(creation);
                        Ok(Enrolled { member, is_new: true })
                    }
                    Err(error) => Err(error),
                },
            };
        answers.push(answer);
    }
    if !created.is_empty() {
        write(loyalty, program, created).await?;
    }
    Ok(answers)
}

async fn known(
    loyalty: &Loyalty,
    program: &Program,
    new: &[NewMember],
) -> Result<BTreeMap<String, members::Model>> {
    let external_ids = new.iter().map(|member| member.external_id.as_str());
    let models = members::Entity::find()
        .filter(members::Column::ProgramId.eq(program.id))
        .filter(members::Column::ExternalId.is_in(external_ids))
        .all(loyalty.db().read())
        .await?;
    Ok(models.into_iter().map(|model| (model.external_id.clone(), model)).collect())
}

fn repeat(existing: &members::Model, new: &NewMember) -> Result<Enrolled> {
    if existing.arguments_hash != arguments_hash(new) {
        let taken = format!("`{}` is the external id of another member", new.external_id);
        return Err(Error::new(Code::ExternalIdTaken, taken).at("externalId"));
    }
    Ok(Enrolled { member: existing.clone().into_member()?, is_new: false })
}

struct Creation {
    model: members::Model,
    contacts: Vec<contacts::Model>,
    referrer: Option<MemberId>,
}

impl Creation {
    async fn new(loyalty: &Loyalty, program: &Program, new: &NewMember) -> Result<Self> {
        new.check()?;
        let referrer = match &new.referral_code {
            Some(code) => Some(referrals::referrer(loyalty, program.id, code).await?),
            None => None,
        };
        let id = MemberId::new();
        let locale = new.locale.clone().unwrap_or_else(|| program.definition.locale.clone());
        let contact = |(position, contact): (i32, &NewContact)| contacts::Model {
            program_id: program.id,
            id: ContactId::new(),
            member_id: id,
            position,
            name: contact.name.clone(),
            email: contact.email.clone(),
            role: contact.role.clone(),
            locale: contact.locale.clone().unwrap_or_else(|| locale.clone()),
        };
        Ok(Self {
            contacts: (0..).zip(&new.contacts).map(contact).collect(),
            model: members::Model {
                program_id: program.id,
                id,
                external_id: new.external_id.clone(),
                kind: new.kind.as_str().to_owned(),
                name: new.name.clone(),
                email: new.email.clone(),
                locale,
                country: new.country.clone(),
                referral_code: referral_code(id),
                arguments_hash: arguments_hash(new),
                joined_at: program.now,
            },
            referrer,
        })
    }
}

/// Eight letters and digits from the random half of the id: short enough to read out, too many to guess.
fn referral_code(id: MemberId) -> String {
    BASE32_NOPAD.encode(&id.uuid().as_bytes()[11..])
}

async fn write(loyalty: &Loyalty, program: &Program, created: Vec<Creation>) -> Result<()> {
    let tx = loyalty.db().begin().await?;
    let ids: Vec<_> = created.iter().map(|creation| creation.model.id).collect();
    let (mut contact_rows, mut member_rows, mut pairs) = (Vec::new(), Vec::new(), Vec::new());
    for creation in created {
        pairs.extend(creation.referrer.map(|referrer| (referrer, creation.model.id)));
        contact_rows.extend(creation.contacts.into_iter().map(IntoActiveModel::into_active_model));
        member_rows.push(creation.model.into_active_model());
    }
    let inserted = members::Entity::insert_many(member_rows).exec_without_returning(&tx).await;
    match inserted {
        // Another writer was first; a second look finds its member.
        Err(error) if db::is_duplicate(&error) => {
            return Err(Error::new(Code::Unavailable, "created meanwhile").caused_by(error));
        }
        other => other?,
    };
    while !contact_rows.is_empty() {
        let chunk = contact_rows.split_off(contact_rows.len().saturating_sub(CONTACTS_CHUNK));
        contacts::Entity::insert_many(chunk).exec_without_returning(&tx).await?;
    }
    standing::open(&tx, program.id, &ids).await?;
    referrals::open(&tx, program.id, &pairs).await?;
    let mut locked = standing::lock(&tx, program.id, &ids).await?;
    let joined =
        |member: &mut super::Locked| NewEvent::of(member, "member-joined", program.now, json!({}));
    let joined: Vec<_> = locked.values_mut().map(joined).collect();
    standing::store(&tx, program.id, locked.values()).await?;
    events::append(&tx, program.id, joined, loyalty.now()).await?;
    tx.commit().await?;
    loyalty.wake();
    Ok(())
}
