//! The baseline of a call: the least that somebody would write around the same engine – a component
//! that is linked once, and a fresh store with fuel and a deadline for each call, with arguments that
//! are the guest's already. It bounds nothing else, names nobody, and reads no answer.
//!
//! The engine is the platform's own, from the host's source, so that both have the same pool.

use crate::engine;
use crate::limits::Limits;
use crate::machine;
use perennial_core::plugins::{Context, Event, Member};
use wasmtime::component::{Component, HasSelf, Linker};
use wasmtime::{Engine, Result, Store};

mod bindings {
    wasmtime::component::bindgen!({
        path: "sdk/wit",
        world: "plugin",
        imports: { default: trappable },
        exports: { default: async },
    });
}

use bindings::PluginPre;
use bindings::perennial::plugin::{log, types};

pub(super) struct Minimal {
    engine: Engine,
    limits: Limits,
    plugin: PluginPre<Nothing>,
    context: types::Context,
    member: types::Member,
    event: types::Event,
}

/// What a store carries along.
struct Nothing;

impl Minimal {
    pub(super) fn start(
        wasm: &[u8],
        (context, member, event): (&Context, &Member, &Event),
    ) -> Result<Self> {
        let limits = Limits::default();
        let engine = engine::start(&limits, None)?;
        let mut linker = Linker::new(&engine);
        log::add_to_linker::<_, HasSelf<_>>(&mut linker, |nothing| nothing)?;
        types::add_to_linker::<_, HasSelf<_>>(&mut linker, |nothing| nothing)?;
        let plugin = linker.instantiate_pre(&Component::from_binary(&engine, wasm)?)?;
        Ok(Self {
            engine,
            limits,
            plugin: PluginPre::new(plugin)?,
            context: guests_context(context),
            member: guests_member(member),
            event: guests_event(event),
        })
    }

    /// How many actions it answers with.
    pub(super) async fn call(&self) -> Result<usize> {
        let (_store, actions) = self.live_call().await?;
        Ok(actions)
    }

    /// The same with what it leaves in memory.
    async fn live_call(&self) -> Result<(Store<Nothing>, usize)> {
        let mut store = Store::new(&self.engine, Nothing);
        store.set_fuel(self.limits.fuel)?;
        store.set_epoch_deadline(u64::from(self.limits.ticks));
        let plugin = self.plugin.instantiate_async(&mut store).await?;
        let (member, handler) = (Some(&self.member), plugin.perennial_plugin_handler());
        let answer = handler.call_on_event(&mut store, &self.context, member, &self.event).await?;
        Ok((store, answer.expect("an answer").len()))
    }

    /// Bytes of memory that each of so many instances holds after a call, in slots that nobody has used
    /// before; none where the system does not say.
    pub(super) async fn resident(&self, instances: usize) -> Result<Option<u64>> {
        // Takes the slots that calls have warmed.
        let warm = self.live_call().await?;
        let (before, mut kept) = (machine::memory_kilobytes(), vec![warm]);
        for _ in 0..instances {
            kept.push(self.live_call().await?);
        }
        let after = machine::memory_kilobytes();
        let count = u64::try_from(instances).expect("a few");
        let grown = before.zip(after).map(|(before, after)| after.saturating_sub(before));
        Ok(grown.map(|kilobytes| kilobytes * 1024 / count))
    }
}

impl log::Host for Nothing {
    fn log(&mut self, _: log::Level, _: String) -> Result<()> {
        Ok(())
    }
}

impl types::Host for Nothing {}

fn guests_context(context: &Context) -> types::Context {
    types::Context {
        program: context.program.clone(),
        revision: context.revision,
        now: context.now.as_microsecond(),
        today: context.today.to_string(),
        seed: context.seed,
        config: context.config.to_string(),
        state: context.state.as_ref().map(ToString::to_string),
    }
}

fn guests_member(member: &Member) -> types::Member {
    types::Member {
        id: member.id.clone(),
        external_id: member.external_id.clone(),
        kind: types::MemberKind::Person,
        locale: member.locale.clone(),
        tier: member.tier.clone(),
        points: member.points,
        purchases: member.purchases,
        spent_minor: member.spent_minor,
        joined_on: member.joined_on.to_string(),
        last_purchase_on: member.last_purchase_on.map(|day| day.to_string()),
        contacts: Vec::new(),
        tags: Vec::new(),
    }
}

fn guests_event(event: &Event) -> types::Event {
    types::Event {
        id: event.id.clone(),
        name: event.name.clone(),
        occurred_at: event.occurred_at.as_microsecond(),
        data: event.data.to_string(),
    }
}
