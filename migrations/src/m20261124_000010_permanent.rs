use crate::dialect;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// What the books refer to, by the columns that they refer to it by. Without it an entry would be
/// nobody's and a lot of nothing, so it is neither deleted nor renamed.
const PERMANENT: &[(&str, &str)] = &[
    ("programs", "id"),
    ("members", "program_id, id"),
    ("contacts", "program_id, id"),
    ("accounts", "program_id, id"),
    ("wallets", "program_id, account_id, point_type"),
    ("lots", "program_id, account_id, id"),
    ("purchases", "program_id, id, reference"),
    ("purchase_lines", "program_id, purchase_id, seq"),
    ("redemptions", "program_id, id, idempotency_key"),
    ("referrals", "program_id, referred_id"),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, key) in PERMANENT {
            dialect::permanent(manager, table, key).await?;
        }
        Ok(())
    }
}
