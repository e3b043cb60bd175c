//! Tokens: what the server issued and to whom, and what of it was revoked. Keys and signatures are
//! not the core's matter; a token's text is kept nowhere.
//!
//! A token is revoked by its id, or with all that its holder was issued until now: the second holds
//! for the tokens of other issuers too. Whoever verifies a token asks [`Tokens::admit`], which
//! reads the tables. A process that remembers verified tokens asks [`Tokens::revoked_since`] every
//! few seconds, once for all of them, and forgets those.

mod admit;
mod forget;
mod model;
mod revoke;

pub(crate) use forget::forget_holder;
pub use model::{Bearer, Holder, LIFETIME_MAX, Presented, Revoked, Token};
pub use revoke::REVOKED_MAX;
pub(crate) use revoke::cut_off;

use crate::context::Context;
use crate::db::select::Select;
use crate::db::{Writes, id, limit, row};
use crate::page::{Page, PageRequest};
use crate::{Actor, Error, ProgramId, Result, Scope, Timestamp, TokenId};
use sea_orm::FromQueryResult;
use std::time::Duration;

/// The service. Get it from [`crate::Loyalty::tokens`].
#[derive(Clone, Copy, Debug)]
pub struct Tokens<'a> {
    pub(crate) context: &'a Context,
}

row! {
    struct TokenRow in "tokens" {
        id: TokenId,
        holder: String,
        scopes: String,
        issued_at: Timestamp,
        expires_at: Timestamp,
        revoked_at: Option<Timestamp>,
    }
}

#[derive(FromQueryResult)]
struct Found {
    id: TokenId,
    holder: String,
    scopes: String,
    issued_at: Timestamp,
    expires_at: Timestamp,
    revoked_at: Option<Timestamp>,
}

const SELECT: &str = "
    SELECT id, holder, scopes, issued_at, expires_at, revoked_at
    FROM tokens
    WHERE program_id = $1";

impl Tokens<'_> {
    /// Records a new token, which the caller then signs. Fails with `INVALID_INPUT`; see
    /// [`Token::new`].
    pub async fn issue(
        self,
        actor: &Actor,
        holder: Holder,
        scopes: Vec<Scope>,
        lifetime: Duration,
    ) -> Result<Token> {
        actor.require(Scope::Admin)?;
        let token = Token::new(holder, scopes, self.context.now(), lifetime)?;
        let mut writes = Writes::to(actor.program());
        writes.insert(&TokenRow {
            id: token.id,
            holder: token.holder.to_string(),
            scopes: token.scope_text(),
            issued_at: token.issued_at,
            expires_at: token.expires_at,
            revoked_at: None,
        });
        self.context.db.commit(writes).await.map_err(Error::from)?;
        Ok(token)
    }

    /// The tokens of a holder, or all, newest first.
    pub async fn list(
        self,
        actor: &Actor,
        holder: Option<&Holder>,
        page: PageRequest<TokenId>,
    ) -> Result<Page<Token>> {
        actor.require(Scope::TokensRevoke)?;
        let db = self.context.db.read();
        let statement = Select::new(SELECT, [id(actor.program()), limit(page.first + 1)])
            .and("holder = {}", holder.map(|holder| holder.to_string().into()))
            .and("id < {}", page.after.map(id))
            .ending(db, " ORDER BY id DESC LIMIT $2");
        let found = Found::find_by_statement(statement).all(db).await?;
        Page::of(found, page.first).try_map(Found::into_token)
    }

    /// A token; none when it does not exist or the actor may not see it.
    pub async fn find(self, actor: &Actor, token: TokenId) -> Result<Option<Token>> {
        if actor.require(Scope::TokensRevoke).is_err() {
            return Ok(None);
        }
        self.issued(actor.program(), token).await
    }

    async fn issued(self, program: ProgramId, token: TokenId) -> Result<Option<Token>> {
        let db = &self.context.db;
        let text = format!("{SELECT} AND id = $2");
        let statement = db.sql(&text, [id(program), id(token)]);
        let found = Found::find_by_statement(statement).one(db.read()).await?;
        found.map(Found::into_token).transpose()
    }
}

impl Found {
    fn into_token(self) -> Result<Token> {
        // A scope that a later version knows, or an earlier one knew, is not this one's.
        let scopes = self.scopes.split(' ').filter_map(|scope| scope.parse().ok()).collect();
        Ok(Token {
            id: self.id,
            holder: self.holder.parse()?,
            scopes,
            issued_at: self.issued_at,
            expires_at: self.expires_at,
            revoked_at: self.revoked_at,
        })
    }
}
