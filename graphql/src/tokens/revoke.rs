//! Revoking tokens.

use super::{Token, TokenHolderInput};
use crate::context::RequestContext;
use crate::error::{UserError, split};
use crate::scalars::DateTime;
use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use perennial_core::tokens;
use perennial_core::{Actor, Error, Loyalty};

/// A token to revoke.
#[derive(Debug, InputObject)]
pub(crate) struct RevokeTokenInput {
    /// The token's id, which is the claim `jti`.
    id: ID,
}

/// Result of revoking a token.
#[derive(Debug, SimpleObject)]
pub(crate) struct RevokeTokenPayload {
    /// The token. Null if the request was refused.
    token: Option<Token>,
    /// Why the request was refused; empty if it succeeded.
    user_errors: Vec<UserError>,
}

/// Whose tokens to revoke.
#[derive(Debug, InputObject)]
pub(crate) struct RevokeTokensInput {
    /// The operator or the member.
    holder: TokenHolderInput,
}

/// Result of revoking all tokens of a holder.
#[derive(Debug, SimpleObject)]
pub(crate) struct RevokeTokensPayload {
    /// What the holder was issued until then is refused, according to the server's clock. Null if
    /// the request was refused.
    issued_until: Option<DateTime>,
    /// Why the request was refused; empty if it succeeded.
    user_errors: Vec<UserError>,
}

#[derive(Debug, Default)]
pub(crate) struct TokenMutation;

#[Object]
impl TokenMutation {
    /// Revokes a token that the server issued: every node refuses it within five seconds. Revoking
    /// it again changes nothing. Requires the scope `tokens:revoke`.
    async fn revoke_token(
        &self,
        ctx: &Context<'_>,
        input: RevokeTokenInput,
    ) -> Result<Option<RevokeTokenPayload>> {
        let (loyalty, actor) = ctx.caller()?;
        let (token, user_errors) = split(revoke(loyalty, actor, &input.id).await)?;
        Ok(Some(RevokeTokenPayload { token: token.map(Token::from), user_errors }))
    }

    /// Revokes all tokens that an operator or a member was issued until now, by the server or by
    /// another issuer: every node refuses them within five seconds. Requires the scope
    /// `tokens:revoke`.
    async fn revoke_tokens(
        &self,
        ctx: &Context<'_>,
        input: RevokeTokensInput,
    ) -> Result<Option<RevokeTokensPayload>> {
        let (loyalty, actor) = ctx.caller()?;
        let done = loyalty.tokens().revoke_all_of(actor, &input.holder.into()).await;
        let (until, user_errors) = split(done)?;
        Ok(Some(RevokeTokensPayload { issued_until: until.map(DateTime::from), user_errors }))
    }
}

async fn revoke(
    loyalty: &Loyalty,
    actor: &Actor,
    id: &ID,
) -> perennial_core::Result<tokens::Token> {
    let id = id.parse().map_err(|error: Error| error.at("id"))?;
    loyalty.tokens().revoke(actor, id).await
}
