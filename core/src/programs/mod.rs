//! Programs: a tenant's rules, written as `program.toml`, kept as immutable numbered revisions.

mod apply;
mod check;
pub(crate) mod clock;
mod definition;
pub(crate) mod entity;
mod file;
mod localized;

pub use apply::Applied;
pub use definition::{Definition, PointsPolicy};
pub use localized::Localized;

use crate::{Code, Error, Loyalty, ProgramId, Result, Timestamp};
use entity::{programs, revisions};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// The most compiled definitions that are kept in memory.
const CACHED_MAX: usize = 256;

/// A program as it is in force at this moment.
#[derive(Clone, Debug)]
pub struct Program {
    pub id: ProgramId,
    pub revision: u32,
    pub definition: Arc<Definition>,
    /// The test clock of a sandbox, else the machine's clock.
    pub now: Timestamp,
}

/// The service. Get it from [`Loyalty::programs`].
#[derive(Clone, Copy, Debug)]
pub struct Programs<'a> {
    pub(crate) loyalty: &'a Loyalty,
}

impl Programs<'_> {
    /// Makes a program file the revision in force; creates the program at the first time. A file equal to the one in force
    /// changes nothing.
    pub async fn apply(self, source: &str, actor: &str) -> Result<Applied> {
        apply::apply(self.loyalty, source, actor).await
    }

    /// Fails with `PROGRAM_NOT_FOUND`.
    pub async fn by_slug(self, slug: &str) -> Result<Program> {
        let model = programs::Entity::find().filter(programs::Column::Slug.eq(slug));
        let model = model.one(self.loyalty.db().read()).await?;
        let model = model.ok_or_else(|| {
            Error::new(Code::ProgramNotFound, format!("there is no program `{slug}`")).at("program")
        })?;
        self.in_force(model).await
    }

    pub async fn list(self) -> Result<Vec<Program>> {
        let models = programs::Entity::find().order_by_asc(programs::Column::Slug);
        let mut programs = Vec::new();
        for model in models.all(self.loyalty.db().read()).await? {
            programs.push(self.in_force(model).await?);
        }
        Ok(programs)
    }

    /// The program file in force; none before the first.
    pub async fn source(self, slug: &str) -> Result<Option<String>> {
        let model = programs::Entity::find().filter(programs::Column::Slug.eq(slug));
        let Some(model) = model.one(self.loyalty.db().read()).await? else { return Ok(None) };
        self.revision(model.id, model.revision).await.map(|revision| Some(revision.source))
    }

    /// The program of an actor.
    pub async fn current(self, id: ProgramId) -> Result<Program> {
        let model = programs::Entity::find_by_id(id).one(self.loyalty.db().read()).await?;
        let model =
            model.ok_or_else(|| Error::new(Code::ProgramNotFound, "there is no such program"))?;
        self.in_force(model).await
    }

    async fn in_force(self, model: programs::Model) -> Result<Program> {
        let key = (model.id, model.revision);
        let definition = match self.loyalty.definitions().get(key) {
            Some(definition) => definition,
            None => {
                let source = self.revision(model.id, model.revision).await?.source;
                let definition = Arc::new(Definition::parse(&source)?);
                self.loyalty.definitions().put(key, Arc::clone(&definition));
                definition
            }
        };
        Ok(Program {
            id: model.id,
            revision: u32::try_from(model.revision).unwrap_or_default(),
            definition,
            now: model.test_clock_at.unwrap_or_else(|| self.loyalty.now()),
        })
    }

    async fn revision(self, id: ProgramId, revision: i32) -> Result<revisions::Model> {
        let model =
            revisions::Entity::find_by_id((id, revision)).one(self.loyalty.db().read()).await?;
        model.ok_or_else(|| Error::internal(format!("{id} has no revision {revision}")))
    }
}

/// Compiled definitions by program and revision. Revisions never change, so nothing here can be stale.
#[derive(Debug, Default)]
pub(crate) struct DefinitionCache(Mutex<HashMap<(ProgramId, i32), Arc<Definition>>>);

impl DefinitionCache {
    fn get(&self, key: (ProgramId, i32)) -> Option<Arc<Definition>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned()
    }

    fn put(&self, key: (ProgramId, i32), definition: Arc<Definition>) {
        let mut cached = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if cached.len() >= CACHED_MAX {
            cached.clear();
        }
        cached.insert(key, definition);
    }
}
