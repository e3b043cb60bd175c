//! Revoking, and what was revoked a short while ago.

use super::{Holder, Revoked, Token, Tokens};
use crate::db::{Writes, limit, row};
use crate::operation::Operation;
use crate::{Actor, Code, Error, MemberId, ProgramId, Result, Scope, Timestamp, TokenId};
use sea_orm::{ConnectionTrait, FromQueryResult};

/// The most that [`Tokens::revoked_since`] returns.
pub const REVOKED_MAX: usize = 1_000;

row! {
    struct RevokedToken {
        id: TokenId,
        revoked_at: Timestamp,
    }
}

row! {
    struct CutOff {
        holder: String,
        issued_until: Timestamp,
    }
}

const REVOKE: &str = "
    UPDATE tokens
    SET revoked_at = r.revoked_at
    FROM {rows} AS r
    WHERE tokens.program_id = $1 AND tokens.id = r.id AND tokens.revoked_at IS NULL";
/// Never back: nodes' clocks differ.
const CUT_OFF: &str = "
    INSERT INTO token_cutoffs (program_id, holder, issued_until)
    SELECT $1, holder, issued_until
    FROM {rows} AS r
    WHERE true
    ON CONFLICT (program_id, holder) DO UPDATE
    SET issued_until = excluded.issued_until
    WHERE token_cutoffs.issued_until < excluded.issued_until";
/// So that the list shows it; what is refused follows from the cutoff alone.
const MARK: &str = "
    UPDATE tokens
    SET revoked_at = r.issued_until
    FROM {rows} AS r
    WHERE tokens.program_id = $1 AND tokens.holder = r.holder AND tokens.revoked_at IS NULL
        AND tokens.issued_at <= r.issued_until AND tokens.expires_at > r.issued_until";
/// Of all programs. Each part stops at the limit by its index.
const SINCE: &str = "
    SELECT program_id, id, CAST(NULL AS UUID) AS member_id, holder, at
    FROM (
        SELECT program_id, id, holder, revoked_at AS at
        FROM tokens
        WHERE revoked_at > $1
        ORDER BY revoked_at
        LIMIT $2
    ) AS revoked
    UNION ALL
    SELECT program_id, CAST(NULL AS UUID), CAST(NULL AS UUID), holder, at
    FROM (
        SELECT program_id, holder, issued_until AS at
        FROM token_cutoffs
        WHERE issued_until > $1
        ORDER BY issued_until
        LIMIT $2
    ) AS cut_off
    UNION ALL
    SELECT program_id, CAST(NULL AS UUID), member_id, '', at
    FROM (
        SELECT program_id, member_id, recorded_at AS at
        FROM erasures
        WHERE recorded_at > $1
        ORDER BY recorded_at
        LIMIT $2
    ) AS erased";

#[derive(FromQueryResult)]
struct Row {
    program_id: ProgramId,
    id: Option<TokenId>,
    member_id: Option<MemberId>,
    holder: String,
    at: Timestamp,
}

/// Revokes, with an operation, all that a holder was issued until now.
pub(crate) fn cut_off(operation: &mut Operation<'_>, holder: &Holder) {
    let cut_off = CutOff { holder: holder.to_string(), issued_until: operation.recorded_at() };
    operation.run(CUT_OFF, &cut_off);
    operation.run(MARK, &cut_off);
}

impl Tokens<'_> {
    /// Revokes a token. One that was revoked stays as it is. Fails with `TOKEN_NOT_FOUND`.
    pub async fn revoke(self, actor: &Actor, token: TokenId) -> Result<Token> {
        actor.require(Scope::TokensRevoke)?;
        let mut writes = Writes::to(actor.program());
        writes.run(REVOKE, &RevokedToken { id: token, revoked_at: self.context.now() });
        self.context.db.commit(writes).await.map_err(Error::from)?;
        let found = self.issued(actor.program(), token).await?;
        found.ok_or_else(|| {
            let why = "the program has issued no such token";
            Error::new(Code::TokenNotFound, why).at("id")
        })
    }

    /// Revokes all that a holder was issued until now, by whomever, and returns that instant. The
    /// holder need not be known: another issuer's tokens are recorded nowhere.
    pub async fn revoke_all_of(self, actor: &Actor, holder: &Holder) -> Result<Timestamp> {
        actor.require(Scope::TokensRevoke)?;
        let issued_until = self.context.now();
        let cut_off = CutOff { holder: holder.to_string(), issued_until };
        let mut writes = Writes::to(actor.program());
        writes.run(CUT_OFF, &cut_off);
        writes.run(MARK, &cut_off);
        self.context.db.commit(writes).await.map_err(Error::from)?;
        Ok(issued_until)
    }

    /// What was revoked since an instant, in all programs; none when it is more than
    /// [`REVOKED_MAX`]. One statement.
    pub async fn revoked_since(
        self,
        since: Timestamp,
    ) -> Result<Option<Vec<(ProgramId, Revoked)>>> {
        let db = &self.context.db;
        let most = u64::try_from(REVOKED_MAX).unwrap_or(u64::MAX);
        let statement = db.sql(SINCE, [since.into(), limit(most.saturating_add(1))]);
        let found = db.read().query_all_raw(statement).await?;
        if found.len() > REVOKED_MAX {
            return Ok(None);
        }
        let rows = found.iter().map(|row| Row::from_query_result(row, "")?.into_revoked());
        rows.collect::<Result<_>>().map(Some)
    }
}

impl Row {
    fn into_revoked(self) -> Result<(ProgramId, Revoked)> {
        let revoked = match (self.id, self.member_id) {
            (Some(id), _) => Revoked::Token(id),
            (None, Some(member)) => Revoked::Erased(member),
            (None, None) => Revoked::IssuedUntil(self.holder.parse()?, self.at),
        };
        Ok((self.program_id, revoked))
    }
}
