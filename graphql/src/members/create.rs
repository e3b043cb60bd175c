//! Creating members.

use super::admin::Member;
use super::{ContactInput, MemberKind};
use crate::context::RequestContext;
use crate::error::{UserError, split};
use crate::scalars::{CountryCode, LanguageTag};
use async_graphql::{Context, InputObject, Object, Result, SimpleObject};
use perennial_core::members::{Enrolled, NewContact, NewMember};

/// A member to create.
#[derive(Debug, InputObject)]
pub(crate) struct CreateMemberInput {
    /// Identifier in the operator's own system, unique in the program, 1 to 128 characters.
    /// Repeating a request with the same data returns the existing member; reusing the id with
    /// other data is refused.
    external_id: String,
    /// Whether the member is a person, an organization or a household. `issueGiftCard` makes gift
    /// cards.
    #[graphql(default_with = "MemberKind::Person")]
    kind: MemberKind,
    /// The member's display name, 1 to 200 characters.
    name: String,
    /// Email address.
    email: Option<String>,
    /// The member's language. Default: the program's language.
    locale: Option<LanguageTag>,
    /// ISO 3166-1 alpha-2 code of the member's country.
    country: Option<CountryCode>,
    /// The referral code of the member who referred this one.
    referral_code: Option<String>,
    /// The people who act for an organization, at most 100. Must be empty for others.
    #[graphql(default)]
    contacts: Vec<ContactInput>,
}

/// Members to create.
#[derive(Debug, InputObject)]
pub(crate) struct CreateMembersInput {
    /// The members to create, at most 1000.
    members: Vec<CreateMemberInput>,
}

/// Result of creating a member.
#[derive(Debug, SimpleObject)]
pub(crate) struct CreateMemberPayload {
    /// The member. Null if the request was refused.
    member: Option<Member>,
    /// Whether this request created the member. False if the member existed already or the request
    /// was refused.
    is_new: bool,
    /// Why the request was refused; empty if it succeeded.
    user_errors: Vec<UserError>,
}

/// Result of creating members.
#[derive(Debug, SimpleObject)]
pub(crate) struct CreateMembersPayload {
    /// One result for each member of the input, in the same order.
    results: Vec<CreateMembersResult>,
    /// Why the request as a whole was refused; empty if each member has its own result.
    user_errors: Vec<UserError>,
}

/// Result of creating one of several members.
#[derive(Debug, SimpleObject)]
pub(crate) struct CreateMembersResult {
    /// The external id from the input.
    external_id: String,
    /// The member. Null if it was not created.
    member: Option<Member>,
    /// Whether this request created the member. False if the member existed already or the request
    /// was refused.
    is_new: bool,
    /// Why the member was not created; empty if it was.
    user_errors: Vec<UserError>,
}

#[derive(Debug, Default)]
pub(crate) struct MemberMutation;

#[Object]
impl MemberMutation {
    /// Creates a member. Requires the scope `members:write`.
    async fn create_member(
        &self,
        ctx: &Context<'_>,
        input: CreateMemberInput,
    ) -> Result<Option<CreateMemberPayload>> {
        let (loyalty, actor) = ctx.caller()?;
        let created = loyalty.members().create(actor, input.into()).await;
        let (enrolled, user_errors) = split(created)?;
        let (member, is_new) = parts(enrolled);
        Ok(Some(CreateMemberPayload { member, is_new, user_errors }))
    }

    /// Creates several members. Each succeeds or fails on its own. Requires the scope
    /// `members:write`.
    async fn create_members(
        &self,
        ctx: &Context<'_>,
        input: CreateMembersInput,
    ) -> Result<Option<CreateMembersPayload>> {
        let (loyalty, actor) = ctx.caller()?;
        let new: Vec<_> = input.members.into_iter().map(NewMember::from).collect();
        let keys: Vec<_> = new.iter().map(|member| member.external_id.clone()).collect();
        let (answers, user_errors) = split(loyalty.members().create_many(actor, new).await)?;
        let answers = keys.into_iter().zip(answers.unwrap_or_default());
        let results = answers.map(|(key, answer)| CreateMembersResult::new(key, answer)).collect();
        Ok(Some(CreateMembersPayload { results, user_errors }))
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
