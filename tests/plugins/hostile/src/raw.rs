//! Lies that the SDK does not let a plugin tell: this module speaks the contract without it.

use crate::Hostile;
use perennial_sdk::__private::{Exported, SDK_VERSION};
use perennial_sdk::bindings::exports::perennial::plugin::handler::Guest;
use perennial_sdk::bindings::perennial::plugin::types::{
    Action, AwardPoints, Context, Due, Effect, Event, Extension, Failure, Member, Proposal, Purchase,
    Reason, SetTimer, StoredRecord, TimerKey,
};

struct Raw;

impl Guest for Raw {
    fn on_event(
        context: Context,
        member: Option<Member>,
        event: Event,
    ) -> Result<Vec<Action>, Failure> {
        match lie(&context.config) {
            Some(effect) => Ok(vec![Action { key: "lie".to_owned(), effect }]),
            None => Exported::<Hostile>::on_event(context, member, event),
        }
    }

    fn appraise(
        context: Context,
        member: Member,
        purchase: Purchase,
    ) -> Result<Vec<Proposal>, Failure> {
        Exported::<Hostile>::appraise(context, member, purchase)
    }

    fn view(
        context: Context,
        member: Member,
        records: Vec<StoredRecord>,
    ) -> Result<String, Failure> {
        if context.config.contains("garbage-json") {
            return Ok("{".to_owned());
        }
        Exported::<Hostile>::view(context, member, records)
    }
}

fn lie(config: &str) -> Option<Effect> {
    let timer = |due, data: &str| {
        let key = TimerKey { name: "late".to_owned(), about: None };
        Effect::SetTimer(SetTimer { key, due, data: data.to_owned() })
    };
    let says = |mode: &str| config.contains(&format!("\"{mode}\""));
    if says("garbage-json") {
        Some(Effect::SetState(Some("{\"half\":".to_owned())))
    } else if says("garbage-timer-data") {
        Some(timer(Due::On("2026-01-01".to_owned()), "nonsense"))
    } else if says("instant-outside-calendar") {
        Some(timer(Due::At(i64::MAX), "null"))
    } else if says("no-such-day") {
        Some(timer(Due::On("2026-02-30".to_owned()), "null"))
    } else if says("unknown-effect") {
        let (name, payload) = ("launch-missiles".to_owned(), "null".to_owned());
        Some(Effect::Extension(Extension { name, payload }))
    } else if says("broken-text") {
        // Four bytes that are no text in UTF-8.
        let reason = Reason::Text(unsafe { String::from_utf8_unchecked(vec![0xff; 4]) });
        Some(Effect::AwardPoints(AwardPoints { points: 1, reason }))
    } else {
        None
    }
}

type Plugin = Raw;
perennial_sdk::__private::export!(Plugin with_types_in perennial_sdk::bindings);

#[used]
#[unsafe(link_section = "perennial:sdk-version")]
static VERSION: [u8; SDK_VERSION.len()] = SDK_VERSION;
