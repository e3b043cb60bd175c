//! Running a plugin natively, through the very functions that its component exports.

use super::look_up::{self, NotPermitted};
use super::{convert, lines, logged_after};
use crate::Plugin;
use crate::bindings::exports::perennial::plugin::handler::Guest;
use crate::bindings::perennial::plugin::types;
use crate::export::Exported;
use perennial_contract::call::{Context, Event, Member, Purchase, StoredRecord};
use perennial_contract::look_up::Known;
use perennial_contract::{
    Action, Fault, FaultKind, Manifest, Proposal, Run, form, limits, packaged,
};
use perennial_simulation::{Engine, Packaged};
use serde_json::Value;
use std::any::Any;
use std::marker::PhantomData;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;

/// What a plugin's crate has beside its code. `#[perennial_sdk::plugin]` implements it, in a native
/// build, for a crate with a `plugin.toml` beside its `Cargo.toml`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no manifest to test by",
    note = "put #[perennial_sdk::plugin] on its `impl Plugin`, and plugin.toml beside Cargo.toml"
)]
pub trait Package {
    /// The text of `plugin.toml`.
    const MANIFEST: &str;
    /// The folder that it is in, which has texts in `locales` and the scenarios in `scenarios`.
    const FOLDER: &str;
}

/// Runs a plugin natively: what its component would answer, without the sandbox's bounds of work, time
/// and memory.
#[derive(Debug)]
pub struct Native<P> {
    /// None if it is none.
    manifest: Option<Arc<Manifest>>,
    plugin: PhantomData<fn() -> P>,
}

impl<P: Plugin + Package> Packaged for Native<P> {
    fn package() -> (Self, String) {
        let manifest = packaged(P::MANIFEST, Path::new(P::FOLDER));
        let manifest = manifest.expect("the texts can be read");
        let parsed = Manifest::parse(&manifest).ok().map(Arc::new);
        (Self { manifest: parsed, plugin: PhantomData }, manifest)
    }
}

impl<P: Plugin> Engine for Native<P> {
    fn on_event(
        &self,
        context: &Context,
        member: &Member,
        event: &Event,
        known: &Arc<Known>,
    ) -> Result<Run<Vec<Action>>, Fault> {
        let (context, member, event) =
            (convert::context(context), convert::member(member), convert::event(event));
        let hook = || Exported::<P>::on_event(context, Some(member), event);
        self.call("on-event", known, hook, |actions| {
            let (actions, bytes) = convert::actions(actions);
            within(bytes)?;
            form::actions(actions)
        })
    }

    fn appraise(
        &self,
        context: &Context,
        member: &Member,
        purchase: &Purchase,
        known: &Arc<Known>,
    ) -> Result<Run<Vec<Proposal>>, Fault> {
        let (context, member, purchase) =
            (convert::context(context), convert::member(member), convert::purchase(purchase));
        let hook = || Exported::<P>::appraise(context, member, purchase);
        self.call("appraise", known, hook, |proposals| {
            form::proposals(convert::proposals(proposals))
        })
    }

    fn view(
        &self,
        context: &Context,
        member: &Member,
        records: &[StoredRecord],
        known: &Arc<Known>,
    ) -> Result<Run<Value>, Fault> {
        let (context, member) = (convert::context(context), convert::member(member));
        let records = records.iter().map(convert::stored_record).collect();
        let hook = || Exported::<P>::view(context, member, records);
        self.call("view", known, hook, |view| form::view(&view))
    }
}

impl<P> Native<P> {
    fn call<T, U>(
        &self,
        name: &str,
        known: &Arc<Known>,
        hook: impl FnOnce() -> Result<T, types::Failure>,
        check: impl FnOnce(T) -> Result<U, String>,
    ) -> Result<Run<U>, Fault> {
        let before = lines();
        let manifest = self.manifest.as_ref().expect("a plugin is called that has a manifest");
        let answer = look_up::during(manifest, known, || catch_unwind(AssertUnwindSafe(hook)));
        let mut log = logged_after(before);
        log.truncate(limits::LOG_LINES);
        let judged = match answer {
            Ok(Ok(answer)) => check(answer).map_err(|why| (FaultKind::Garbage, why)),
            Ok(Err(failure)) => {
                Err((FaultKind::Refused, form::failure(&convert::failure(failure))))
            }
            Err(panic) => Err(match panic.downcast::<NotPermitted>() {
                Ok(not_permitted) => (FaultKind::NotAllowed, not_permitted.0),
                Err(panic) => (FaultKind::Trap, format!("panicked: {}", said(&*panic))),
            }),
        };
        match judged {
            Ok(output) => Ok(Run { output, fuel: 0, memory: 0, log }),
            Err((kind, why)) => Err(Fault::of_call(kind, &manifest.id, name, &why).with_log(log)),
        }
    }
}

fn within(bytes: usize) -> Result<(), String> {
    if bytes > limits::PASSED_BYTES { Err(form::oversized()) } else { Ok(()) }
}

fn said(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("without a word")
}
