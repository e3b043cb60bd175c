use crate::dialect;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, STATEMENTS).await
    }
}

const STATEMENTS: &[&str] = &[
    "CREATE TABLE service_centers (
        program_id {uuid} NOT NULL REFERENCES programs (id),
        id {uuid} NOT NULL,
        external_id TEXT NOT NULL,
        name TEXT NOT NULL,
        country TEXT NOT NULL,
        city TEXT NOT NULL,
        latitude DOUBLE PRECISION NOT NULL CHECK (latitude BETWEEN -90 AND 90),
        longitude DOUBLE PRECISION NOT NULL CHECK (longitude BETWEEN -180 AND 180),
        phone TEXT,
        email TEXT,
        PRIMARY KEY (program_id, id),
        UNIQUE (program_id, external_id)
    )",
    "CREATE TABLE service_center_tags (
        program_id {uuid} NOT NULL,
        service_center_id {uuid} NOT NULL,
        -- LANGUAGE or CAPABILITY.
        kind TEXT NOT NULL,
        value TEXT NOT NULL,
        PRIMARY KEY (program_id, service_center_id, kind, value),
        FOREIGN KEY (program_id, service_center_id) REFERENCES service_centers (program_id, id) ON DELETE CASCADE
    )",
    "CREATE INDEX service_centers_by_tag ON service_center_tags (program_id, kind, value, service_center_id)",
];
