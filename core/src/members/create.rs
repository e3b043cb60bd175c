//! Creating members, many at once.

use super::entity::members;
use super::model::{Member, MemberKind, NewContact, NewMember};
use crate::accounts::MemberState;
use crate::context::{Context, Program};
use crate::db::{TryError, row};
use crate::facts::MemberJoined;
use crate::hash::ArgumentsHash;
use crate::operation::{Operation, decide};
use crate::referrals::ReferralRow;
use crate::{Actor, Code, ContactId, Error, Id, MemberId, Result, Timestamp, text};
use data_encoding::BASE32_NOPAD;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// The most members that one call creates.
const BATCH_MAX: usize = 1000;

/// A created member, or the one that an earlier call with the same arguments created.
#[derive(Clone, Debug)]
pub struct Enrolled {
    pub member: Member,
    pub is_new: bool,
}

row! {
    struct CodeKey {
        code: String,
    }
}

row! {
    struct ReferrerRow {
        id: MemberId,
        referral_code: String,
    }
}

row! {
    struct Email {
        email: String,
    }
}

row! {
    struct MemberRow in "members" {
        id: MemberId,
        external_id: String,
        kind: &'static str,
        name: String,
        email: Option<String>,
        /// The address as it is compared.
        email_key: Option<String>,
        /// The same, if nobody else may have it.
        unique_email: Option<String>,
        locale: String,
        country: Option<String>,
        referral_code: String,
        arguments_hash: ArgumentsHash,
        joined_at: Timestamp,
    }
}

row! {
    struct ContactRow in "contacts" {
        id: ContactId,
        member_id: MemberId,
        position: i32,
        name: String,
        email: Option<String>,
        role: String,
        locale: String,
    }
}

const REFERRERS: &str = "
    SELECT COALESCE(m.merged_into, m.id) AS id, m.referral_code
    FROM {rows} AS k EACH members AS m
    WHERE m.program_id = $1 AND m.referral_code = k.code";

/// Those that somebody has, whether or not the program asked for unique ones then.
const TAKEN_EMAILS: &str = "
    SELECT DISTINCT k.email
    FROM {rows} AS k EACH members AS m
    WHERE m.program_id = $1 AND m.email_key = k.email";

pub(super) async fn create_many(
    context: &Context,
    actor: &Actor,
    new: &[NewMember],
) -> Result<Vec<Result<Enrolled>>> {
    if new.len() > BATCH_MAX {
        let why = format!("at most {BATCH_MAX} members in one request");
        return Err(Error::new(Code::TooMany, why));
    }
    decide(context, actor.program(), "creating members", |program| {
        attempt(context, program, actor, new)
    })
    .await
}

async fn attempt(
    context: &Context,
    program: Program,
    actor: &Actor,
    new: &[NewMember],
) -> Result<Vec<Result<Enrolled>>, TryError> {
    let known = known(context, &program, new).await?;
    let mut look = context.look(program.id);
    let codes = new.iter().filter_map(|member| member.referral_code.as_deref()).map(normal);
    let codes = codes.filter(|code| text::is_identifier(code));
    let codes: Vec<_> = codes.map(|code| CodeKey { code }).collect();
    let referrers = look.ask_over::<_, ReferrerRow>(REFERRERS, &codes);
    let emails = new.iter().filter_map(|member| own_email(&program, member));
    let emails: Vec<_> = emails.map(|email| Email { email }).collect();
    let taken = look.ask_over::<_, Email>(TAKEN_EMAILS, &emails);
    let (answers, program) = context.ask(&program, look).await?;
    let mut taken: HashSet<_> = answers.rows(taken)?.into_iter().map(|row| row.email).collect();
    let referrers: HashMap<String, MemberId> =
        answers.rows(referrers)?.into_iter().map(|row| (row.referral_code, row.id)).collect();

    let mut operation = Operation::begin(context, program, BTreeMap::new())?;
    operation.act_as(actor.subject());
    let mut created: HashMap<&str, (&NewMember, Member)> = HashMap::new();
    let mut results = Vec::with_capacity(new.len());
    for member in new {
        let external_id = member.external_id.as_str();
        results.push(match (known.get(external_id), created.get(external_id)) {
            (Some(known), _) => repeat(&known.arguments_hash.clone().into(), member)
                .and_then(|()| known.clone().into_member())
                .map(|member| Enrolled { member, is_new: false }),
            (None, Some((first, made))) => repeat(&ArgumentsHash::of(first), member)
                .map(|()| Enrolled { member: made.clone(), is_new: false }),
            (None, None) => create(&mut operation, member, &referrers, &mut taken).map(|made| {
                created.insert(external_id, (member, made.clone()));
                Enrolled { member: made, is_new: true }
            }),
        });
    }
    operation.commit().await?;
    Ok(results)
}

async fn known(
    context: &Context,
    program: &Program,
    new: &[NewMember],
) -> Result<BTreeMap<String, members::Model>> {
    let external_ids = new.iter().map(|member| member.external_id.as_str());
    let external_ids = external_ids.filter(|external_id| text::is_identifier(external_id));
    let models = members::Entity::find()
        .filter(members::Column::ProgramId.eq(program.id))
        .filter(members::Column::ExternalId.is_in(external_ids))
        .all(context.db.read())
        .await?;
    let survivors: Vec<_> = models.iter().filter_map(|model| model.merged_into).collect();
    let survivors = match survivors.is_empty() {
        true => Vec::new(),
        false => {
            let merged = members::Entity::find()
                .filter(members::Column::ProgramId.eq(program.id))
                .filter(members::Column::Id.is_in(survivors));
            merged.all(context.db.read()).await?
        }
    };
    let meant = |model: members::Model| {
        let survivor = survivors.iter().find(|survivor| Some(survivor.id) == model.merged_into);
        let meant = survivor.cloned().unwrap_or_else(|| model.clone());
        // Whether it is a repeat, the arguments of then say.
        (model.external_id, members::Model { arguments_hash: model.arguments_hash, ..meant })
    };
    Ok(models.into_iter().map(meant).collect())
}

/// Whether a member was created with the same arguments.
fn repeat(first: &ArgumentsHash, new: &NewMember) -> Result<()> {
    if ArgumentsHash::of(new).repeats(first) {
        return Ok(());
    }
    let taken = format!("`{}` is the external id of a member with other data", new.external_id);
    Err(Error::new(Code::ExternalIdTaken, taken).at("externalId"))
}

fn create(
    operation: &mut Operation<'_>,
    new: &NewMember,
    referrers: &HashMap<String, MemberId>,
    taken_emails: &mut HashSet<String>,
) -> Result<Member> {
    new.check()?;
    let referrer = match &new.referral_code {
        Some(code) => Some(*referrers.get(&normal(code)).ok_or_else(|| nobody(code))?),
        None => None,
    };
    let unique_email = own_email(operation.program(), new);
    if unique_email.as_ref().is_some_and(|email| taken_emails.contains(email)) {
        let why = "another member of the program has this e-mail address";
        return Err(Error::new(Code::EmailTaken, why).at("email"));
    }
    taken_emails.extend(unique_email.clone());
    let member = member(operation.program(), new);
    operation.enrol(MemberState::new(member.id));
    operation.insert(&MemberRow {
        id: member.id,
        external_id: member.external_id.clone(),
        kind: member.kind.as_str(),
        name: member.name.clone(),
        email: member.email.clone(),
        email_key: member.email.as_deref().map(str::to_ascii_lowercase),
        unique_email,
        locale: member.locale.clone(),
        country: member.country.clone(),
        referral_code: member.referral_code.clone(),
        arguments_hash: ArgumentsHash::of(new),
        joined_at: member.joined_at,
    });
    for (position, contact) in (0..).zip(&new.contacts) {
        operation.insert(&contact_row(&member, position, contact));
    }
    if let Some(referrer_id) = referrer {
        operation.insert(&ReferralRow { referred_id: member.id, referrer_id });
    }
    operation.record(member.id, member.joined_at, MemberJoined {})?;
    Ok(member)
}

fn member(program: &Program, new: &NewMember) -> Member {
    let id = MemberId::new();
    Member {
        id,
        external_id: new.external_id.clone(),
        kind: new.kind,
        name: new.name.clone(),
        email: new.email.clone(),
        locale: new.locale.clone().unwrap_or_else(|| program.definition.locale.clone()),
        country: new.country.clone(),
        referral_code: referral_code(id),
        joined_at: program.now,
        tags: BTreeSet::new(),
        erased_at: None,
    }
}

/// Makes the member whose account a gift card is. It is nobody: it has no name of its own and no code to
/// refer others by, and no event says that it joined.
pub(crate) fn enrol_gift_card(operation: &mut Operation<'_>) -> MemberId {
    let id = MemberId::new();
    operation.enrol(MemberState::of_gift_card(id));
    let program = operation.program();
    let row = MemberRow {
        id,
        external_id: id.to_string(),
        kind: MemberKind::GiftCard.as_str(),
        name: "Gift card".to_owned(),
        email: None,
        email_key: None,
        unique_email: None,
        locale: program.definition.locale.clone(),
        country: None,
        // Nobody can send it, for it begins with a space.
        referral_code: format!(" {id}"),
        arguments_hash: ArgumentsHash::of(&()),
        joined_at: program.now,
    };
    operation.insert(&row);
    id
}

/// The address that nobody else may have, its ASCII letters small: mail makes no difference. Contacts of
/// organizations share theirs with whomever they like.
fn own_email(program: &Program, new: &NewMember) -> Option<String> {
    let email = new.email.as_deref().filter(|_| program.definition.unique_emails);
    email.map(str::to_ascii_lowercase)
}

fn contact_row(member: &Member, position: i32, contact: &NewContact) -> ContactRow {
    ContactRow {
        id: ContactId::new(),
        member_id: member.id,
        position,
        name: contact.name.clone(),
        email: contact.email.clone(),
        role: contact.role.clone(),
        locale: contact.locale.clone().unwrap_or_else(|| member.locale.clone()),
    }
}

/// Eight letters and digits from the random half of the id: short enough to read out, too many to
/// guess.
fn referral_code(id: MemberId) -> String {
    BASE32_NOPAD.encode(&id.uuid().as_bytes()[11..])
}

/// A code as it is stored, whatever way somebody typed it.
pub(crate) fn normal(code: &str) -> String {
    code.trim().to_uppercase()
}

fn nobody(code: &str) -> Error {
    let why = format!("nobody has the referral code `{code}`");
    Error::new(Code::ReferralCodeUnknown, why).at("referralCode")
}
