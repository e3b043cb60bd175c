//! What a plugin shows of a member, and to those who run it why it shows nothing.

use super::plugin::Fault;
use crate::context::RequestContext;
use crate::scalars::Json;
use async_graphql::{Context, Object, OutputType, Result, SimpleObject};
use perennial_core::{MemberId, plugins};
use std::marker::PhantomData;

/// What plugins show of a member, each as the `PluginView` of one schema.
#[derive(Debug)]
pub(crate) struct MemberViews<PluginView> {
    member: MemberId,
    shown_as: PhantomData<fn() -> PluginView>,
}

/// Data that a plugin provides about a member.
#[derive(Debug, SimpleObject)]
#[graphql(name = "PluginView")]
pub(crate) struct StorefrontView {
    /// The plugin's id in the program file.
    plugin_key: String,
    /// The data, in a structure that the plugin defines. Null if the plugin failed.
    data: Option<Json>,
}

/// Data that a plugin provides about a member.
#[derive(Debug, SimpleObject)]
#[graphql(name = "PluginView")]
pub(crate) struct AdminView {
    /// The plugin's id in the program file.
    plugin_key: String,
    /// The data, in a structure that the plugin defines. Null if the plugin failed.
    data: Option<Json>,
    /// Why the plugin shows nothing. Null if it shows something, and without the scope `admin`.
    fault: Option<Fault>,
}

#[Object]
impl<PluginView> MemberViews<PluginView>
where
    PluginView: OutputType + From<plugins::View>,
{
    /// Data that plugins provide about the member, such as the state of each machine.
    #[graphql(complexity = "100 + child_complexity")]
    async fn plugin_views(&self, ctx: &Context<'_>) -> Result<Vec<PluginView>> {
        let (loyalty, actor) = ctx.caller()?;
        let views = loyalty.plugins().views(actor, self.member).await?;
        Ok(views.into_iter().map(PluginView::from).collect())
    }
}

impl<PluginView> From<MemberId> for MemberViews<PluginView> {
    fn from(member: MemberId) -> Self {
        Self { member, shown_as: PhantomData }
    }
}

impl From<plugins::View> for StorefrontView {
    fn from(view: plugins::View) -> Self {
        Self { plugin_key: view.plugin, data: view.data.map(Json::from) }
    }
}

impl From<plugins::View> for AdminView {
    fn from(view: plugins::View) -> Self {
        Self {
            plugin_key: view.plugin,
            data: view.data.map(Json::from),
            fault: view.fault.map(Fault::from),
        }
    }
}
