//! Tokens that the server issued, for the operator: listing and revoking them.

mod revoke;

pub(crate) use revoke::TokenMutation;

use crate::connection::{Connection, connection, page};
use crate::context::RequestContext;
use crate::scalars::DateTime;
use async_graphql::{Context, ID, Object, OneofObject, Result, SimpleObject};
use perennial_core::tokens::{self, Holder};

/// A token that the server issued. The token itself is kept nowhere.
#[derive(Debug, SimpleObject)]
pub(crate) struct Token {
    /// The token's id, which is the claim `jti`.
    #[graphql(owned)]
    pub(crate) id: ID,
    /// The operator's name. Null for a member's token.
    operator: Option<String>,
    /// The member's external id. Null for an operator's token.
    member: Option<String>,
    /// The token's scopes.
    scopes: Vec<String>,
    /// When the token was issued, according to the server's clock.
    issued_at: DateTime,
    /// When the token expires, according to the server's clock.
    expires_at: DateTime,
    /// When the token was revoked, according to the server's clock. Null if it was not revoked
    /// before it expired.
    revoked_at: Option<DateTime>,
}

impl From<tokens::Token> for Token {
    fn from(token: tokens::Token) -> Self {
        let (operator, member) = match token.holder {
            Holder::Operator(name) => (Some(name), None),
            Holder::Member(external_id) => (None, Some(external_id)),
        };
        Self {
            id: token.id.to_string().into(),
            operator,
            member,
            scopes: token.scopes.iter().map(|scope| scope.as_str().to_owned()).collect(),
            issued_at: token.issued_at.into(),
            expires_at: token.expires_at.into(),
            revoked_at: token.revoked_at.map(DateTime::from),
        }
    }
}

/// Whom tokens were issued to.
#[derive(Debug, OneofObject)]
pub(crate) enum TokenHolderInput {
    /// An operator's name, which is the claim `sub`.
    Operator(String),
    /// A member's external id, which is the claim `sub`.
    Member(String),
}

impl From<TokenHolderInput> for Holder {
    fn from(input: TokenHolderInput) -> Self {
        match input {
            TokenHolderInput::Operator(name) => Self::Operator(name),
            TokenHolderInput::Member(external_id) => Self::Member(external_id),
        }
    }
}

#[derive(Debug, Default)]
pub(crate) struct TokenQuery;

#[Object]
impl TokenQuery {
    /// The tokens that the server issued, to one holder or to all, newest first. Another issuer's
    /// tokens are not among them. Requires the scope `tokens:revoke`.
    #[graphql(complexity = "crate::admission::list_cost(first, child_complexity)")]
    async fn tokens(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only tokens issued to this operator or member.")] holder: Option<
            TokenHolderInput,
        >,
        #[graphql(default = 20, desc = "The number of items to return, at most 100.")] first: u32,
        #[graphql(desc = "Return the items after this cursor.")] after: Option<String>,
    ) -> Result<Option<Connection<Token>>> {
        let (loyalty, actor) = ctx.caller()?;
        let holder = holder.map(Holder::from);
        let page = page(first, after.as_deref())?;
        let found = loyalty.tokens().list(actor, holder.as_ref(), page).await?;
        Ok(Some(connection(found, after.as_deref(), |token| token.id, Token::from)))
    }
}
