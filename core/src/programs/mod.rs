//! Programs: a tenant's rules, written as `program.toml`, kept as immutable numbered revisions.

mod apply;
mod assemble;
mod clock;
mod preview;
mod revisions;
mod tier_moves;

pub use crate::accounts::PointsPolicy;
pub use crate::context::{Program, Unusable};
pub use crate::definition::Definition;
pub use crate::localized::Localized;
pub use apply::{Applied, Applying};
pub use assemble::definition;
pub(crate) use assemble::stored;
pub use preview::Preview;
pub use revisions::Revision;

use crate::context::Context;
use crate::{Code, Error, ProgramId, Result, Timestamp};
use sea_orm::FromQueryResult;

/// The service. Get it from [`crate::Loyalty::programs`].
#[derive(Clone, Copy, Debug)]
pub struct Programs<'a> {
    pub(crate) context: &'a Context,
}

/// A program by its slug.
#[derive(Debug)]
pub struct Listed {
    pub slug: String,
    /// Fails with `PROGRAM_UNUSABLE` if this version cannot use it.
    pub program: Result<Program>,
}

#[derive(FromQueryResult)]
struct Named {
    id: ProgramId,
    version: i64,
    test_clock_at: Option<Timestamp>,
}

impl Programs<'_> {
    /// Makes a program file the revision in force; creates the program at the first time. A file
    /// equal to the one in force changes nothing.
    pub async fn apply(self, source: &str, actor: &str) -> Result<Applied> {
        self.apply_so(Applying { source, actor, ..Applying::default() }).await
    }

    /// The same under conditions. Fails with `PLUGIN_NOT_FOUND` as well, where the file does not name a
    /// plugin that may go back, and with `REVISION_MOVED` if another revision than the expected one is in
    /// force.
    pub async fn apply_so(self, applying: Applying<'_>) -> Result<Applied> {
        apply::apply(self.context, applying).await
    }

    /// A program as it is in force at this moment. Fails with `PROGRAM_NOT_FOUND`.
    pub async fn by_slug(self, slug: &str) -> Result<Program> {
        self.known(&self.named(slug).await?).await
    }

    async fn named(self, slug: &str) -> Result<Named> {
        const SELECT: &str = "SELECT id, version, test_clock_at FROM programs WHERE slug = $1";
        let db = &self.context.db;
        let statement = db.sql(SELECT, [slug.into()]);
        let found = Named::find_by_statement(statement).one(db.read()).await?;
        found.ok_or_else(|| {
            Error::new(Code::ProgramNotFound, format!("there is no program `{slug}`")).at("program")
        })
    }

    /// The id of a program, whether or not this version can use it. Fails with `PROGRAM_NOT_FOUND`.
    pub async fn id(self, slug: &str) -> Result<ProgramId> {
        Ok(self.named(slug).await?.id)
    }

    /// All programs by slug, also those that this version cannot use.
    pub async fn list(self) -> Result<Vec<Listed>> {
        #[derive(FromQueryResult)]
        struct Row {
            id: ProgramId,
            slug: String,
        }
        const SELECT: &str = "SELECT id, slug FROM programs ORDER BY slug";
        let db = &self.context.db;
        let mut programs = Vec::new();
        for Row { id, slug } in Row::find_by_statement(db.sql(SELECT, [])).all(db.read()).await? {
            programs.push(Listed { slug, program: self.context.current(id).await });
        }
        Ok(programs)
    }

    /// A program that was just seen to stand so; read only if this process knows another version.
    async fn known(self, found: &Named) -> Result<Program> {
        let now = found.test_clock_at.unwrap_or_else(|| self.context.now());
        self.context.seen(found.id, found.version, now);
        self.context.program(found.id).await
    }

    /// What applying a program file would do. Fails with `PROGRAM_FILE_INVALID`.
    pub async fn preview(self, source: &str) -> Result<Preview> {
        preview::preview(self.context, source).await
    }

    /// The program of an actor as it is in force at this moment.
    pub async fn current(self, id: ProgramId) -> Result<Program> {
        self.context.current(id).await
    }

    /// A program as this process last saw it, at most half a second ago where the worker runs.
    /// Costs no look; what is decided by it is decided again if the program has changed.
    pub async fn last_seen(self, id: ProgramId) -> Result<Program> {
        self.context.program(id).await
    }
}
