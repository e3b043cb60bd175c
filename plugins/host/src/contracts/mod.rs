//! The contracts that a component can be built against, each with its bindings and with what is said
//! in it: the present one, and those before it, which stay. A plugin that was built once runs on.
//!
//! Nothing outside knows which of them a component speaks: it is called with `perennial-contract`'s
//! types and answers in them.

mod since_v0_1;
mod told;
mod v0_2;

use crate::state::State;
use perennial_contract::guest::{Action, Failure, Proposal};
use perennial_core::plugins::{Context, Event, Member, Purchase, StoredRecord};
use wasmtime::component::{Component, Linker};
use wasmtime::{Engine, Result, Store};

/// A contract, by the version of the SDK that speaks it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Contract {
    V0_1,
    V0_2,
}

/// A component that was compiled and linked.
#[derive(Clone)]
pub(crate) enum Ready {
    V0_1(since_v0_1::PluginPre<State>),
    V0_2(v0_2::PluginPre<State>),
}

/// An instance of one.
pub(crate) enum Guest {
    V0_1(since_v0_1::Plugin),
    V0_2(v0_2::Plugin),
}

/// What a hook returns: an answer, or the plugin's refusal; or how it broke.
pub(crate) type Answered<T> = Result<std::result::Result<T, Failure>>;

/// What components of all contracts import.
pub(crate) fn linker(engine: &Engine) -> Result<Linker<State>> {
    let mut linker = Linker::new(engine);
    since_v0_1::define(&mut linker)?;
    v0_2::define(&mut linker)?;
    Ok(linker)
}

impl Contract {
    pub(crate) const ALL: [Self; 2] = [Self::V0_1, Self::V0_2];

    /// That of a version of the SDK; none if this host does not speak it.
    pub(crate) fn of_sdk(version: &str) -> Option<Self> {
        let mut parts = version.split('.');
        let (major, minor) = (parts.next()?, parts.next()?);
        Self::ALL.into_iter().find(|contract| contract.version() == format!("{major}.{minor}"))
    }

    pub(crate) const fn version(self) -> &'static str {
        match self {
            Self::V0_1 => "0.1",
            Self::V0_2 => "0.2",
        }
    }

    /// The only interfaces that a component may import. wasmtime matches every patch of a version by the
    /// rules of semantic versions.
    pub(crate) const fn imports(self) -> &'static [&'static str] {
        match self {
            Self::V0_1 => &["log", "types"],
            Self::V0_2 => &["log", "look-up", "types"],
        }
    }

    pub(crate) fn link(self, linker: &Linker<State>, component: &Component) -> Result<Ready> {
        let pre = linker.instantiate_pre(component)?;
        Ok(match self {
            Self::V0_1 => Ready::V0_1(since_v0_1::PluginPre::new(pre)?),
            Self::V0_2 => Ready::V0_2(v0_2::PluginPre::new(pre)?),
        })
    }
}

impl Ready {
    pub(crate) async fn instantiate(&self, store: &mut Store<State>) -> Result<Guest> {
        Ok(match self {
            Self::V0_1(pre) => Guest::V0_1(pre.instantiate_async(store).await?),
            Self::V0_2(pre) => Guest::V0_2(pre.instantiate_async(store).await?),
        })
    }
}

impl Guest {
    pub(crate) async fn on_event(
        &self,
        store: &mut Store<State>,
        context: &Context,
        member: Option<&Member>,
        event: &Event,
    ) -> Answered<Vec<Action>> {
        match self {
            Self::V0_1(plugin) => since_v0_1::on_event(plugin, store, context, member, event).await,
            Self::V0_2(plugin) => v0_2::on_event(plugin, store, context, member, event).await,
        }
    }

    pub(crate) async fn appraise(
        &self,
        store: &mut Store<State>,
        context: &Context,
        member: &Member,
        purchase: &Purchase,
    ) -> Answered<Vec<Proposal>> {
        match self {
            Self::V0_1(plugin) => {
                since_v0_1::appraise(plugin, store, context, member, purchase).await
            }
            Self::V0_2(plugin) => v0_2::appraise(plugin, store, context, member, purchase).await,
        }
    }

    pub(crate) async fn view(
        &self,
        store: &mut Store<State>,
        context: &Context,
        member: &Member,
        records: &[StoredRecord],
    ) -> Answered<String> {
        match self {
            Self::V0_1(plugin) => since_v0_1::view(plugin, store, context, member, records).await,
            Self::V0_2(plugin) => v0_2::view(plugin, store, context, member, records).await,
        }
    }
}
