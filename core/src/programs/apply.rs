//! Applying a program file: one transaction that adds a revision and enables its plugins.

use super::Definition;
use super::entity::{programs, revisions};
use crate::plugins;
use crate::{Code, Error, Loyalty, ProgramId, Result, Timestamp};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait,
    IntoActiveModel, QueryFilter,
};

/// What applying a program file did.
#[derive(Clone, Copy, Debug)]
pub struct Applied {
    pub program: ProgramId,
    pub revision: u32,
    /// False when the file was in force already.
    pub is_new: bool,
}

pub(super) async fn apply(loyalty: &Loyalty, source: &str, actor: &str) -> Result<Applied> {
    let definition = Definition::parse(source)?;
    let manifests = plugins::manifests_for(loyalty, &definition).await?;
    let tx = loyalty.db().begin().await?;
    let existing =
        programs::Entity::find().filter(programs::Column::Slug.eq(definition.slug.as_str()));
    let (program, is_new) = match existing.one(&tx).await? {
        None => (create(&tx, &definition, loyalty.now()).await?, true),
        Some(existing) => revise(&tx, existing, &definition, source).await?,
    };
    if is_new {
        let revision = revisions::Model {
            program_id: program.id,
            revision: program.revision,
            source: source.to_owned(),
            actor: actor.to_owned(),
            created_at: loyalty.now(),
        };
        revisions::Entity::insert(revision.into_active_model()).exec_without_returning(&tx).await?;
    }
    // Even for an unchanged file: a plugin installed since may subscribe to other events.
    plugins::enable(&tx, program.id, &definition, &manifests).await?;
    tx.commit().await?;
    Ok(Applied {
        program: program.id,
        revision: u32::try_from(program.revision).unwrap_or_default(),
        is_new,
    })
}

async fn create(
    tx: &DatabaseTransaction,
    definition: &Definition,
    now: Timestamp,
) -> Result<programs::Model> {
    let program = programs::Model {
        id: ProgramId::new(),
        slug: definition.slug.clone(),
        sandbox: definition.is_sandbox,
        test_clock_at: definition.is_sandbox.then(|| definition.clock_starts_at.unwrap_or(now)),
        revision: 1,
        created_at: now,
    };
    programs::Entity::insert(program.clone().into_active_model())
        .exec_without_returning(tx)
        .await?;
    Ok(program)
}

async fn revise(
    tx: &DatabaseTransaction,
    existing: programs::Model,
    definition: &Definition,
    source: &str,
) -> Result<(programs::Model, bool)> {
    let in_force = revisions::Entity::find_by_id((existing.id, existing.revision)).one(tx).await?;
    if in_force.is_some_and(|revision| revision.source == source) {
        return Ok((existing, false));
    }
    if existing.sandbox != definition.is_sandbox {
        return Err(Error::new(
            Code::ProgramFileInvalid,
            "sandbox: a program is a sandbox, or not, for ever; use another program",
        ));
    }
    let mut active = existing.clone().into_active_model();
    active.revision = Set(existing.revision + 1);
    Ok((active.update(tx).await?, true))
}
