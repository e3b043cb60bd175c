//! Referrals: a member brings another, and the other's first purchase pays both, once.

use crate::db::rows;
use crate::members::entity::members;
use crate::{Code, Error, Loyalty, MemberId, Points, ProgramId, PurchaseId, Result, Timestamp};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, FromQueryResult, QueryFilter,
};
use serde_json::json;
use std::collections::BTreeMap;

/// What a completed referral pays.
#[derive(Clone, Copy, Debug)]
pub struct ReferralTerms {
    pub referrer_points: Points,
    pub referred_points: Points,
}

#[derive(FromQueryResult)]
struct Pending {
    referred_id: MemberId,
    referrer_id: MemberId,
}

/// Who handed out a code. Fails with `REFERRAL_CODE_UNKNOWN`.
pub(crate) async fn referrer(
    loyalty: &Loyalty,
    program: ProgramId,
    code: &str,
) -> Result<MemberId> {
    let member = members::Entity::find()
        .filter(members::Column::ProgramId.eq(program))
        .filter(members::Column::ReferralCode.eq(code.trim().to_uppercase()))
        .one(loyalty.db().read())
        .await?;
    member.map(|member| member.id).ok_or_else(|| {
        Error::new(Code::ReferralCodeUnknown, format!("nobody has the referral code `{code}`"))
            .at("referralCode")
    })
}

/// Notes who brought whom, as (referrer, referred).
pub(crate) async fn open(
    tx: &DatabaseTransaction,
    program: ProgramId,
    pairs: &[(MemberId, MemberId)],
) -> Result<()> {
    const FIELDS: &rows::Fields = &[
        ("program_id", rows::Field::Id),
        ("referred_id", rows::Field::Id),
        ("referrer_id", rows::Field::Id),
    ];
    let rows: Vec<_> = pairs
        .iter()
        .map(|(referrer, referred)| {
            json!({
                "program_id": rows::hex_text(program),
                "referred_id": rows::hex_text(*referred),
                "referrer_id": rows::hex_text(*referrer),
            })
        })
        .collect();
    rows::insert(tx, "referrals", FIELDS, &rows).await
}

/// Which of `members` were brought by somebody and have not completed the referral: referred to referrer.
pub(crate) async fn pending(
    connection: &impl ConnectionTrait,
    program: ProgramId,
    members: &[MemberId],
) -> Result<BTreeMap<MemberId, MemberId>> {
    const SELECT: &str = "SELECT f.referred_id, f.referrer_id FROM {rows} AS r \
         JOIN referrals f ON f.program_id = r.program_id AND f.referred_id = r.member_id \
         WHERE f.completed_at IS NULL";
    let keys = rows::member_keys(program, members);
    let pending: Vec<Pending> = rows::query(connection, SELECT, rows::MEMBER_KEY, &keys).await?;
    Ok(pending.into_iter().map(|row| (row.referred_id, row.referrer_id)).collect())
}

/// Completes a referral; whether this call did it decides who pays, however many purchases try at once.
pub(crate) async fn complete(
    tx: &DatabaseTransaction,
    program: ProgramId,
    referred: MemberId,
    purchase: PurchaseId,
    at: Timestamp,
) -> Result<bool> {
    const UPDATE: &str = "UPDATE referrals SET completed_at = $1, purchase_id = $2 \
         WHERE program_id = $3 AND referred_id = $4 AND completed_at IS NULL";
    let values = [at.into(), rows::id(purchase), rows::id(program), rows::id(referred)];
    Ok(tx.execute_raw(rows::sql(tx, UPDATE, values)).await?.rows_affected() == 1)
}
