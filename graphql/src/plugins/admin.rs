//! The plugins of a program, for the operator: moving the program from version to version, stopping
//! them and letting them go on, and what becomes of an event that one does not get past.

use super::plugin::Plugin;
use crate::context::RequestContext;
use crate::error::{UserError, split};
use crate::nodes::event_id;
use crate::scalars::Long;
use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use perennial_core::{
    Actor, Code, Error, EventId, Loyalty, MemberId, PurchaseId, Result as CoreResult,
};

macro_rules! inputs {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, InputObject)]
        pub(crate) struct $name {
            /// The plugin's id in the program file.
            plugin_key: String,
        }
    )*};
}

macro_rules! event_inputs {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, InputObject)]
        pub(crate) struct $name {
            /// The plugin's id in the program file.
            plugin_key: String,
            /// The event's id.
            event_id: ID,
        }
    )*};
}

inputs! {
    /// A plugin to resume.
    ResumePluginInput;
    /// A plugin to pause.
    PausePluginInput;
    /// A plugin to purge.
    PurgePluginInput;
}

event_inputs! {
    /// An event that a plugin stands still over, to be tried again.
    RetryPluginEventInput;
    /// An event that was skipped, to be delivered after all.
    RedeliverPluginEventInput;
}

/// A purchase that a plugin is to be asked about again.
#[derive(Debug, InputObject)]
pub(crate) struct ReappraisePurchaseInput {
    /// The plugin's id in the program file.
    plugin_key: String,
    /// The purchase's id, as `missedAppraisals` of the plugin shows it.
    purchase_id: ID,
}

/// A plugin to upgrade.
#[derive(Debug, InputObject)]
pub(crate) struct UpgradePluginInput {
    /// The plugin's id in the program file.
    plugin_key: String,
    /// An approved one of the plugin's `offeredVersions` that is not older than the program's. Default:
    /// the newest release; from a pre-release, the newest version if no release is newer.
    version: Option<String>,
}

/// A plugin to roll back.
#[derive(Debug, InputObject)]
pub(crate) struct RollbackPluginInput {
    /// The plugin's id in the program file.
    plugin_key: String,
    /// An approved one of the plugin's `offeredVersions` that is older than the program's. Default: the
    /// version that the program came from.
    version: Option<String>,
}

/// An event that a plugin does not get past, to be skipped.
#[derive(Debug, InputObject)]
pub(crate) struct SkipPluginEventInput {
    /// The plugin's id in the program file.
    plugin_key: String,
    /// The event's id, as `parkedQueues` of the plugin shows it.
    event_id: ID,
    /// Why, for people: 1 to 200 printable characters.
    reason: String,
}

macro_rules! payloads {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, SimpleObject)]
        pub(crate) struct $name {
            /// The plugin as it is then. Null if the request was refused.
            plugin: Option<Plugin>,
            /// Why the request was refused; empty if it succeeded.
            user_errors: Vec<UserError>,
        }

        impl $name {
            /// The plugin after something was done to it.
            async fn of(
                loyalty: &Loyalty,
                actor: &Actor,
                key: &str,
                done: CoreResult<()>,
            ) -> Result<Option<Self>> {
                let found = match done {
                    Ok(()) => Plugin::find(loyalty, actor, key).await,
                    Err(error) => Err(error),
                };
                let (plugin, user_errors) = split(found)?;
                Ok(Some(Self { plugin: plugin.flatten(), user_errors }))
            }
        }
    )*};
}

payloads! {
    /// Result of resuming a plugin.
    ResumePluginPayload;
    /// Result of pausing a plugin.
    PausePluginPayload;
    /// Result of moving the program to a newer version of a plugin.
    UpgradePluginPayload;
    /// Result of moving the program back to an older version of a plugin.
    RollbackPluginPayload;
    /// Result of trying an event again.
    RetryPluginEventPayload;
    /// Result of skipping an event.
    SkipPluginEventPayload;
    /// Result of delivering an event that was skipped.
    RedeliverPluginEventPayload;
    /// Result of having a plugin asked again about a purchase.
    ReappraisePurchasePayload;
}

/// What a plugin had left.
#[derive(Debug, SimpleObject)]
pub(crate) struct PurgedPlugin {
    /// The plugin's id in the program file that named it.
    key: String,
    /// The number of members and records of which it kept something.
    states: Long,
    /// The number of values that it kept of members under keys of its own.
    values: Long,
    /// The number of timers that were set.
    timers: Long,
    /// The number of events that waited for it.
    waiting: Long,
    /// The number of events that were skipped.
    dead_letters: Long,
    /// The number of purchases about which it was not heard yet.
    missed: Long,
}

/// Result of purging a plugin.
#[derive(Debug, SimpleObject)]
pub(crate) struct PurgePluginPayload {
    /// What was taken away. Null if the request was refused.
    purged: Option<PurgedPlugin>,
    /// Why the request was refused; empty if it succeeded.
    user_errors: Vec<UserError>,
}

#[derive(Debug, Default)]
pub(crate) struct PluginQuery;

#[Object]
impl PluginQuery {
    /// The plugins that the program enables, and those that it has enabled and that were not purged.
    async fn plugins(&self, ctx: &Context<'_>) -> Result<Option<Vec<Plugin>>> {
        let (loyalty, actor) = ctx.caller()?;
        Ok(Some(Plugin::all(loyalty, actor).await?))
    }
}

#[derive(Debug, Default)]
pub(crate) struct PluginMutation;

#[Object]
impl PluginMutation {
    /// Lets a plugin go on that is quarantined or paused, and tries again each event that it stands
    /// still over. Requires the scope `admin`.
    async fn resume_plugin(
        &self,
        ctx: &Context<'_>,
        input: ResumePluginInput,
    ) -> Result<Option<ResumePluginPayload>> {
        let (loyalty, actor) = ctx.caller()?;
        let done = loyalty.plugins().resume(actor, &input.plugin_key).await;
        ResumePluginPayload::of(loyalty, actor, &input.plugin_key, done).await
    }

    /// Stops a plugin: it is asked nothing, and its events wait until it is resumed. Purchases are
    /// recorded without what it would propose. Requires the scope `admin`.
    async fn pause_plugin(
        &self,
        ctx: &Context<'_>,
        input: PausePluginInput,
    ) -> Result<Option<PausePluginPayload>> {
        let (loyalty, actor) = ctx.caller()?;
        let done = loyalty.plugins().pause(actor, &input.plugin_key).await;
        PausePluginPayload::of(loyalty, actor, &input.plugin_key, done).await
    }

    /// Takes away, for good, what a plugin that the program file does not name any more has left: what
    /// it keeps of members and records, its timers, and the events that wait for it or were skipped.
    /// Records stay, and so does what it has handled. Requires the scope `admin`.
    async fn purge_plugin(
        &self,
        ctx: &Context<'_>,
        input: PurgePluginInput,
    ) -> Result<Option<PurgePluginPayload>> {
        let (loyalty, actor) = ctx.caller()?;
        let key = input.plugin_key;
        let (left, user_errors) = split(loyalty.plugins().purge(actor, &key).await)?;
        let purged = left.map(|left| PurgedPlugin {
            key,
            states: Long(left.states),
            values: Long(left.values),
            timers: Long(left.timers),
            waiting: Long(left.waiting),
            dead_letters: Long(left.dead_letters),
            missed: Long(left.missed),
        });
        Ok(Some(PurgePluginPayload { purged, user_errors }))
    }

    /// Makes the program run a newer version of a plugin, or another build of the same pre-release. A
    /// quarantined plugin is resumed, and each event that it stands still over is tried again. Refused
    /// if the version is older or is not approved, if the program's configuration does not fit it, or if
    /// the program file names another version. A version that fails over too many members within an hour
    /// is left again by itself. Requires the scope `admin`.
    async fn upgrade_plugin(
        &self,
        ctx: &Context<'_>,
        input: UpgradePluginInput,
    ) -> Result<Option<UpgradePluginPayload>> {
        let (loyalty, actor) = ctx.caller()?;
        let UpgradePluginInput { plugin_key, version } = &input;
        let done = loyalty.plugins().upgrade(actor, plugin_key, version.as_deref()).await;
        UpgradePluginPayload::of(loyalty, actor, plugin_key, done.map(drop)).await
    }

    /// Makes the program run an older version of a plugin, whatever the program file names; the next
    /// file that names another moves it there. A quarantined plugin is resumed, and each event that it
    /// stands still over is tried again. Refused if the version is not older or is not approved, or if
    /// the program's configuration does not fit it. Requires the scope `admin`.
    async fn rollback_plugin(
        &self,
        ctx: &Context<'_>,
        input: RollbackPluginInput,
    ) -> Result<Option<RollbackPluginPayload>> {
        let (loyalty, actor) = ctx.caller()?;
        let RollbackPluginInput { plugin_key, version } = &input;
        let done = loyalty.plugins().rollback(actor, plugin_key, version.as_deref()).await;
        RollbackPluginPayload::of(loyalty, actor, plugin_key, done.map(drop)).await
    }

    /// Tries an event again that a plugin stands still over, and then what waits behind it. Requires
    /// the scope `admin`.
    async fn retry_plugin_event(
        &self,
        ctx: &Context<'_>,
        input: RetryPluginEventInput,
    ) -> Result<Option<RetryPluginEventPayload>> {
        let (loyalty, actor) = ctx.caller()?;
        let RetryPluginEventInput { plugin_key, event_id } = &input;
        let done = async {
            let (member, event) = event(event_id)?;
            loyalty.plugins().retry_event(actor, plugin_key, member, event).await
        };
        RetryPluginEventPayload::of(loyalty, actor, plugin_key, done.await).await
    }

    /// Skips an event that a plugin stands still over, and goes on with what waits behind it. The event
    /// is kept among the plugin's `deadLetters`. A repeat does nothing. Requires the scope `admin`.
    async fn skip_plugin_event(
        &self,
        ctx: &Context<'_>,
        input: SkipPluginEventInput,
    ) -> Result<Option<SkipPluginEventPayload>> {
        let (loyalty, actor) = ctx.caller()?;
        let SkipPluginEventInput { plugin_key, event_id, reason } = &input;
        let done = async {
            let (member, event) = event(event_id)?;
            loyalty.plugins().skip_event(actor, plugin_key, member, event, reason).await
        };
        SkipPluginEventPayload::of(loyalty, actor, plugin_key, done.await).await
    }

    /// Delivers an event after all that was skipped for a plugin. The plugin may have received later
    /// events of the member by then. Requires the scope `admin`.
    async fn redeliver_plugin_event(
        &self,
        ctx: &Context<'_>,
        input: RedeliverPluginEventInput,
    ) -> Result<Option<RedeliverPluginEventPayload>> {
        let (loyalty, actor) = ctx.caller()?;
        let RedeliverPluginEventInput { plugin_key, event_id } = &input;
        let done = async {
            let (member, event) = event(event_id)?;
            loyalty.plugins().redeliver_event(actor, plugin_key, member, event).await
        };
        RedeliverPluginEventPayload::of(loyalty, actor, plugin_key, done.await).await
    }

    /// Has a plugin asked again about a purchase that it failed at; `resumePlugin` and another version
    /// do so for all of them. What it proposes is booked soon after. A repeat does nothing more.
    /// Requires the scope `admin`.
    async fn reappraise_purchase(
        &self,
        ctx: &Context<'_>,
        input: ReappraisePurchaseInput,
    ) -> Result<Option<ReappraisePurchasePayload>> {
        let (loyalty, actor) = ctx.caller()?;
        let ReappraisePurchaseInput { plugin_key, purchase_id } = &input;
        let done = async {
            let id = purchase_id.as_str().parse::<PurchaseId>();
            let id = id.map_err(|error| error.at("purchaseId"))?;
            loyalty.reappraisals().retry(actor, plugin_key, id).await
        };
        ReappraisePurchasePayload::of(loyalty, actor, plugin_key, done.await).await
    }
}

fn event(id: &ID) -> CoreResult<(MemberId, EventId)> {
    event_id(id).ok_or_else(|| {
        let why = format!("`{}` is not an event id", id.as_str());
        Error::new(Code::InvalidId, why).at("eventId")
    })
}
