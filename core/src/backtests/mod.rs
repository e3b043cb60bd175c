//! Backtests: what a plugin would have done in a program, beside what it did. Each member's recorded
//! history is lived through in memory, by the plugin's component in the sandbox; nothing is written.
//!
//! What the platform tells is as it was: events, purchases, records of the shop, members as they stood.
//! What the plugin keeps – states, values, records of its own – and its timers follow from its own
//! answers, from the member's beginning on. Points and messages are compared with those that were given.

mod booked;
mod history;
mod life;
mod look_ups;
mod purchases;
mod report;
mod told;
mod world;

pub use report::{Difference, Failure, MemberDifference, Report, Totals};

use crate::context::{Context, Enabled, Program, Status};
use crate::members::{Member, MemberKind, Members};
use crate::page::{PAGE_MAX, PageRequest};
use crate::plugins::Component;
use crate::plugins::section::Wanted;
use crate::{Actor, Code, Error, MemberId, Result, Scope, Timestamp};
use futures::{StreamExt, TryStreamExt, stream};
use history::Since;
use life::Life;
use std::sync::Arc;

/// How many members live at the same time.
const AT_ONCE: usize = 8;

/// What is asked.
#[derive(Clone, Debug, Default)]
pub struct Backtest {
    /// The plugin, as the program runs it unless something else is said.
    pub plugin: String,
    /// Another component of it.
    pub component: Option<Component>,
    /// The text of another program file, for its table of the plugin.
    pub file: Option<String>,
    /// Counts what took effect then or later. The plugin lives from the beginning, whatever this says.
    pub from: Option<Timestamp>,
    /// Counts what took effect before.
    pub until: Option<Timestamp>,
    /// Whether the plugin is taken to have been there from each member's beginning. Otherwise a plugin
    /// that the program has enabled lives from then on.
    pub from_the_beginning: bool,
}

/// The service. Get it from [`crate::Loyalty::backtests`].
#[derive(Clone, Copy, Debug)]
pub struct Backtests<'a> {
    pub(crate) context: &'a Context,
}

impl Backtests<'_> {
    /// Says after each page of members how many have lived. Fails with `PLUGIN_NOT_FOUND` without a
    /// component of a plugin that the program does not enable, with `CONFIG_INVALID`, with
    /// `PROGRAM_FILE_INVALID`, and with `INVALID_INPUT` for a file that is not about this plugin of this
    /// program.
    pub async fn run(
        self,
        actor: &Actor,
        asked: &Backtest,
        mut lived: impl FnMut(u64),
    ) -> Result<Report> {
        actor.require(Scope::Admin)?;
        let program = self.context.current(actor.program()).await?;
        let plugin = candidate(self.context, &program, asked)?;
        let since = match asked.from_the_beginning {
            true => Since::Beginning,
            false => history::since(self.context, program.id, &plugin.id).await?,
        };
        let life = Life { context: self.context, actor, program: &program, plugin: &plugin, since };
        let mut report = Report::of(&plugin, asked, program.definition.zone.clone());
        let mut after: Option<MemberId> = None;
        loop {
            let page = PageRequest { first: PAGE_MAX, after };
            let found = Members { context: self.context }.list(actor, page).await?;
            after = found.items.last().map(|member| member.id);
            let lives = found.items.into_iter().filter(Member::is_somebody);
            let lives: Vec<_> = lives.map(|member| life.of(member)).collect();
            let mut lives = stream::iter(lives).buffered(AT_ONCE);
            while let Some(one) = lives.try_next().await? {
                report.add(one)?;
            }
            lived(report.members);
            if !found.has_more {
                return Ok(report);
            }
        }
    }
}

impl Member {
    /// Whether plugins are told of it.
    fn is_somebody(&self) -> bool {
        self.erased_at.is_none() && self.kind != MemberKind::GiftCard
    }
}

/// The plugin as it would be in the program.
fn candidate(context: &Context, program: &Program, asked: &Backtest) -> Result<Enabled> {
    let named = program.enabled().find(|enabled| enabled.id == asked.plugin);
    let component = asked.component.clone().or(named.map(|enabled| enabled.component.clone()));
    let component = component.ok_or_else(|| {
        let why = format!("the program enables no plugin `{}`: name a component", asked.plugin);
        Error::new(Code::PluginNotFound, why)
    })?;
    let file = asked.file.as_deref().map(|file| context.assemble(file)).transpose()?;
    let is_given = file.is_some();
    let definition = file.map_or_else(|| Arc::clone(&program.definition), Arc::new);
    let field = format!("plugins.{}", asked.plugin);
    let wrong = |why: String| Error::new(Code::InvalidInput, why).at(field.clone());
    let (its, ours) = (&definition.slug, &program.definition.slug);
    if its != ours {
        return Err(wrong(format!("the file is of the program `{its}`, and not of `{ours}`")));
    }
    let wanted = definition.plugins().get(&asked.plugin);
    if is_given && wanted.is_none() {
        return Err(wrong(format!("the file enables no plugin `{}`", asked.plugin)));
    }
    let (version, named) = (&component.manifest.version, wanted.and_then(Wanted::version));
    if let Some(named) = named.filter(|named| is_given && *named != version.as_str()) {
        let why =
            format!("the file names version {named}, and this is {version}: name its component");
        return Err(wrong(why));
    }
    let config = wanted.map_or_else(|| serde_json::json!({}), |wanted| wanted.config.clone());
    component
        .manifest
        .check_config(&config)
        .map_err(|misfit| Error::from(misfit).at(field.clone()))?;
    Ok(Enabled {
        id: asked.plugin.clone(),
        component,
        config,
        status: Status::Active,
        fault: None,
        quarantined_at: None,
        probes: 0,
        before: None,
        rolled_back: None,
    })
}
