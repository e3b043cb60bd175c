//! Between the generated bindings and [`Plugin`]: everything that the attribute `plugin` exports.

pub(crate) mod read;
mod write;

use crate::bindings::exports::perennial::plugin::handler::Guest;
use crate::bindings::perennial::plugin::types;
use crate::{Event, EventOrigin, Failure, Plugin, Record};
use std::marker::PhantomData;

/// Stored in a section of every plugin, so that a host can name the version that does not fit
/// before anything else fails.
pub const SDK_VERSION: [u8; env!("CARGO_PKG_VERSION").len()] = {
    let text = env!("CARGO_PKG_VERSION").as_bytes();
    let mut version = [0; env!("CARGO_PKG_VERSION").len()];
    version.copy_from_slice(text);
    version
};

/// A plugin as the contract defines it.
#[derive(Debug)]
pub struct Exported<P>(PhantomData<P>);

/// Checks that a type is a plugin, in a native build.
pub fn check<P: Plugin>() {}

impl<P: Plugin> Guest for Exported<P> {
    fn on_event(
        context: types::Context,
        member: Option<types::Member>,
        event: types::Event,
    ) -> Result<Vec<types::Action>, types::Failure> {
        contract(|| {
            let mut cx = read::context::<P::Config>(context)?;
            cx.member = member.map(read::member).transpose()?;
            cx.event =
                Some(EventOrigin { id: event.id, occurred_at: read::instant(event.occurred_at)? });
            let mut event = Event::parse(&event.name, &event.data)?;
            event.name_json(cx.state.as_mut());
            let actions = P::on_event(&cx, &event)?.finish()?;
            Ok(actions.into_iter().map(write::action).collect())
        })
    }

    fn appraise(
        context: types::Context,
        member: types::Member,
        purchase: types::Purchase,
    ) -> Result<Vec<types::Proposal>, types::Failure> {
        contract(|| {
            let mut cx = read::context::<P::Config>(context)?;
            let member = read::member(member)?;
            cx.member = Some(member.clone());
            let purchase = read::purchase(purchase)?;
            Ok(write::proposals(P::appraise(&cx, &member, &purchase)?))
        })
    }

    fn view(
        context: types::Context,
        member: types::Member,
        records: Vec<types::StoredRecord>,
    ) -> Result<String, types::Failure> {
        contract(|| {
            let mut cx = read::context::<P::Config>(context)?;
            let member = read::member(member)?;
            cx.member = Some(member.clone());
            let records =
                records.into_iter().map(read::record).collect::<Result<Vec<Record>, _>>()?;
            Ok(P::view(&cx, &member, &records)?.to_string())
        })
    }
}

/// Runs a hook; a panic's text goes to the log, a refusal into the contract's type.
fn contract<T>(hook: impl FnOnce() -> Result<T, Failure>) -> Result<T, types::Failure> {
    #[cfg(target_arch = "wasm32")]
    std::panic::set_hook(Box::new(|panic| crate::log::error(panic.to_string())));
    hook().map_err(|failure| types::Failure { code: failure.code, message: failure.message })
}
