//! The revisions of a program: every file that was ever in force, as it was applied.

use super::{Applied, Applying, Programs};
use crate::db::id;
use crate::{Code, Error, Result, Timestamp};
use sea_orm::FromQueryResult;

/// A file that was put into force.
#[derive(Clone, Debug)]
pub struct Revision {
    /// From 1.
    pub number: u32,
    /// Who has applied it.
    pub actor: String,
    /// By the server's clock.
    pub applied_at: Timestamp,
    pub is_in_force: bool,
}

#[derive(FromQueryResult)]
struct RevisionRow {
    revision: i32,
    actor: String,
    created_at: Timestamp,
    in_force: i32,
}

#[derive(FromQueryResult)]
struct SourceRow {
    source: String,
}

impl Programs<'_> {
    /// All of a program's, the newest first. Fails with `PROGRAM_NOT_FOUND`.
    pub async fn revisions(self, slug: &str) -> Result<Vec<Revision>> {
        const SELECT: &str = "
            SELECT r.revision, r.actor, r.created_at, g.revision AS in_force
            FROM program_revisions AS r
            CROSS JOIN programs AS g
            WHERE r.program_id = $1 AND g.id = $1
            ORDER BY r.revision DESC";
        let (db, program) = (&self.context.db, self.id(slug).await?);
        let rows = RevisionRow::find_by_statement(db.sql(SELECT, [id(program)]));
        let shown = |row: RevisionRow| Revision {
            number: u32::try_from(row.revision).unwrap_or_default(),
            actor: row.actor,
            applied_at: row.created_at,
            is_in_force: row.revision == row.in_force,
        };
        Ok(rows.all(db.read()).await?.into_iter().map(shown).collect())
    }

    /// The file of a revision, of the one in force if none is named. Fails with `PROGRAM_NOT_FOUND` or
    /// `REVISION_NOT_FOUND`.
    pub async fn source(self, slug: &str, revision: Option<u32>) -> Result<String> {
        const SELECT: &str = "
            SELECT r.source
            FROM program_revisions AS r
            CROSS JOIN programs AS g
            WHERE r.program_id = $1 AND g.id = $1 AND r.revision = COALESCE($2, g.revision)";
        let (db, program) = (&self.context.db, self.id(slug).await?);
        // More than a database counts is no revision either.
        let number = revision.map(|number| i32::try_from(number).unwrap_or(0));
        let statement = db.sql(SELECT, [id(program), number.into()]);
        let found = SourceRow::find_by_statement(statement).one(db.read()).await?;
        found.map(|row| row.source).ok_or_else(|| {
            let number = revision.unwrap_or_default();
            let why = format!("`{slug}` has no revision {number}");
            Error::new(Code::RevisionNotFound, why).at("revision")
        })
    }

    /// Puts the file of an older revision into force again, as a new one. Fails as
    /// [`Programs::source`] and [`Programs::apply_so`] do.
    pub async fn roll_back(
        self,
        slug: &str,
        revision: u32,
        applying: Applying<'_>,
    ) -> Result<Applied> {
        let source = self.source(slug, Some(revision)).await?;
        self.apply_so(Applying { source: &source, ..applying }).await
    }
}
