//! Creating members.

use super::admin::Member;
use super::{ContactInput, MemberKind};
use crate::context::RequestContext;
use crate::error::{UserError, split};
use crate::scalars::{CountryCode, LanguageTag};
use async_graphql::{Context, InputObject, Object, Result, SimpleObject};
use perennial_core::members::{Enrolled, NewContact, NewMember};

/// A member to be.
#[derive(Debug, InputObject)]
pub(crate) struct CreateMemberInput {
    /// The operator's own key, unique in the program. It makes a repeat safe: with the same arguments it answers the same
    /// member, with others it is refused.
    external_id: String,
    /// A person or an organization.
    #[graphql(default_with = "MemberKind::Person")]
    kind: MemberKind,
    /// What the member is called.
    name: String,
    /// Where to write to.
    email: Option<String>,
    /// The language that the member reads; the program's when absent.
    locale: Option<LanguageTag>,
    /// Where the member is.
    country: Option<CountryCode>,
    /// The code of the member who brought this one.
    referral_code: Option<String>,
    /// Who acts for an organization.
    #[graphql(default)]
    contacts: Vec<ContactInput>,
}

/// Members to be.
#[derive(Debug, InputObject)]
pub(crate) struct CreateMembersInput {
    /// At most 1000.
    members: Vec<CreateMemberInput>,
}

/// What came of creating a member.
#[derive(Debug, SimpleObject)]
pub(crate) struct CreateMemberPayload {
    /// The member, when nothing stood against it.
    member: Option<Member>,
    /// Whether this call created the member; an earlier one did when false.
    is_new: bool,
    /// Why no member was created.
    user_errors: Vec<UserError>,
}

/// What came of creating members.
#[derive(Debug, SimpleObject)]
pub(crate) struct CreateMembersPayload {
    /// One for each member of the input, in its order.
    results: Vec<CreateMembersResult>,
    /// Why nothing was done at all.
    user_errors: Vec<UserError>,
}

/// What came of one member of many.
#[derive(Debug, SimpleObject)]
pub(crate) struct CreateMembersResult {
    /// The operator's own key of the member.
    external_id: String,
    /// The member, when nothing stood against it.
    member: Option<Member>,
    /// Whether this call created the member; an earlier one did when false.
    is_new: bool,
    /// Why no member was created.
    user_errors: Vec<UserError>,
}

#[derive(Debug, Default)]
pub(crate) struct MemberMutation;

#[Object]
impl MemberMutation {
    /// Creates a member. Needs the scope `members:write`.
    async fn create_member(
        &self,
        ctx: &Context<'_>,
        input: CreateMemberInput,
    ) -> Result<CreateMemberPayload> {
        let (loyalty, actor) = ctx.caller()?;
        let created = loyalty.members().create(actor, input.into()).await;
        let (enrolled, user_errors) = split(created)?;
        let (member, is_new) = parts(enrolled);
        Ok(CreateMemberPayload { member, is_new, user_errors })
    }

    /// Creates many members; each answers for itself. Needs the scope `members:write`.
    async fn create_members(
        &self,
        ctx: &Context<'_>,
        input: CreateMembersInput,
    ) -> Result<CreateMembersPayload> {
        let (loyalty, actor) = ctx.caller()?;
        let new: Vec<_> = input.members.into_iter().map(NewMember::from).collect();
        let keys: Vec<_> = new.iter().map(|member| member.external_id.clone()).collect();
        let (answers, user_errors) = split(loyalty.members().create_many(actor, new).await)?;
        let answers = keys.into_iter().zip(answers.unwrap_or_default());
        let results = answers.map(|(key, answer)| CreateMembersResult::new(key, answer)).collect();
        Ok(CreateMembersPayload { results, user_errors })
    }
}

impl CreateMembersResult {
    fn new(external_id: String, answer: perennial_core::Result<Enrolled>) -> Self {
        let (enrolled, user_errors) = match answer {
            Ok(enrolled) => (Some(enrolled), Vec::new()),
            Err(error) => (None, vec![UserError::of_item(error)]),
        };
        let (member, is_new) = parts(enrolled);
        Self { external_id, member, is_new, user_errors }
    }
}

fn parts(enrolled: Option<Enrolled>) -> (Option<Member>, bool) {
    let is_new = enrolled.as_ref().is_some_and(|enrolled| enrolled.is_new);
    (enrolled.map(|enrolled| enrolled.member.into()), is_new)
}

impl From<CreateMemberInput> for NewMember {
    fn from(input: CreateMemberInput) -> Self {
        Self {
            external_id: input.external_id,
            kind: input.kind.into(),
            name: input.name,
            email: input.email,
            locale: input.locale.map(|LanguageTag(tag)| tag),
            country: input.country.map(|CountryCode(code)| code),
            contacts: input.contacts.into_iter().map(NewContact::from).collect(),
            referral_code: input.referral_code,
        }
    }
}
