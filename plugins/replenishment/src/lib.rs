//! Replenishment: what a member buys again and again is reminded of before it runs out, by the
//! member's own rhythm for each product. A purchase moves the reminder; without a rhythm there is
//! none.

mod config;
mod history;
mod rhythm;
#[cfg(test)]
mod tests;

use config::Config;
use history::{OptOut, State};
use perennial_sdk::{
    Actions, Context, Event, Failure, Json, Member, Plugin, PurchaseEdited, Record, RecordPut,
    TimerFired, json,
};
use rhythm::{Rhythm, rhythm};
use std::collections::BTreeSet;

/// The record by which a member wants no reminders, and the timer that carries it to the member.
const OPT_OUT: &str = "replenishment-opt-out";
/// Before a product's key, the timer of its reminder.
const REMIND: &str = "remind/";

struct Replenishment;

#[perennial_sdk::plugin]
impl Plugin for Replenishment {
    type Config = Config;

    fn on_event(cx: &Context<Config>, event: &Event) -> Result<Actions, Failure> {
        match event {
            Event::PurchaseRecorded(it) => changed(cx, |state| {
                state.buy(&cx.config, &it.purchase_id, it.purchased_on, &it.lines);
            }),
            Event::PurchaseReturned(it) => {
                changed(cx, |state| state.give_back(&it.purchase_id, &it.lines, it.is_whole))
            }
            Event::PurchaseEdited(it) => changed(cx, |state| edit(cx, state, it)),
            Event::RecordPut(put) if put.record_type == OPT_OUT => Ok(hand_over(cx, put)),
            Event::TimerFired(fired) if fired.name == OPT_OUT => opt_out(cx, fired),
            Event::TimerFired(fired) => remind(cx, fired),
            _ => Ok(Actions::none()),
        }
    }

    fn view(cx: &Context<Config>, member: &Member, _: &[Record]) -> Result<Json, Failure> {
        let state: State = cx.state_or_default()?;
        let mut products = Vec::new();
        for (key, bought) in &state.products {
            let Some(product) = cx.config.products.get(key) else { continue };
            let rhythm = rhythm(&cx.config, bought)?;
            let is_wanted = !state.opt_out.covers(key);
            products.push(json!({
                "key": key,
                "name": product.name_in(&member.locale),
                "lastPurchaseOn": bought.last().map(|last| last.on),
                "everyDays": rhythm.map(|it| it.days),
                "expectedOn": rhythm.map(|it| it.expected_on),
                "remindOn": rhythm.and_then(|it| it.remind_on).filter(|_| is_wanted),
                "optedOut": !is_wanted,
            }));
        }
        Ok(json!({ "products": products }).into())
    }
}

/// What is known of the member changes, and the reminders with it.
fn changed(cx: &Context<Config>, change: impl FnOnce(&mut State)) -> Result<Actions, Failure> {
    let before: State = cx.state_or_default()?;
    let mut after = before.clone();
    change(&mut after);
    let mut actions = Actions::new();
    if after == before {
        return Ok(actions);
    }
    let all = before.products.keys().chain(after.products.keys());
    for key in all.collect::<BTreeSet<_>>() {
        let (was, is) = (due(cx, &before, key)?, due(cx, &after, key)?);
        match is.and_then(|it| it.remind_on) {
            Some(on) if is != was => {
                actions.timer(format!("{REMIND}{key}")).on(on);
            }
            None if was.is_some() => {
                actions.cancel_timer(format!("{REMIND}{key}"));
            }
            _ => {}
        }
    }
    actions.set_state(&after);
    Ok(actions)
}

/// When the member is to be reminded of a product; none for one that nobody waits for.
fn due(cx: &Context<Config>, state: &State, key: &String) -> Result<Option<Rhythm>, Failure> {
    let bought = state.products.get(key).filter(|_| cx.config.products.contains_key(key));
    match bought.filter(|_| !state.opt_out.covers(key)) {
        Some(bought) => rhythm(&cx.config, bought),
        None => Ok(None),
    }
}

/// What is added to an order was bought with it; on the day of the edit if nothing of the order is
/// known.
fn edit(cx: &Context<Config>, state: &mut State, it: &PurchaseEdited) {
    let on = state.day_of(&it.purchase_id).unwrap_or(it.edited_on);
    state.give_back(&it.purchase_id, &it.removed, it.is_whole);
    state.buy(&cx.config, &it.purchase_id, on, &it.added);
}

/// What is kept of the member is not at hand in an event about a record, and is in one about a timer
/// of the member.
fn hand_over(cx: &Context<Config>, put: &RecordPut) -> Actions {
    let mut actions = Actions::new();
    actions.timer(OPT_OUT).at(cx.now).data(&put.data);
    actions
}

fn opt_out(cx: &Context<Config>, fired: &TimerFired) -> Result<Actions, Failure> {
    let opt_out: OptOut = fired.data.read()?;
    changed(cx, |state| state.opt_out = opt_out)
}

/// A product is expected to run out.
fn remind(cx: &Context<Config>, fired: &TimerFired) -> Result<Actions, Failure> {
    let key = fired.name.strip_prefix(REMIND).unwrap_or_default().to_owned();
    let mut state: State = cx.state_or_default()?;
    let mut actions = Actions::new();
    let Some(rhythm) = due(cx, &state, &key)? else { return Ok(actions) };
    let is_due = rhythm.remind_on.is_some_and(|on| on <= cx.today);
    let bought = state.products.get_mut(&key).and_then(|all| all.last_mut());
    let (Some(product), Some(last), true) = (cx.config.products.get(&key), bought, is_due) else {
        return Ok(actions);
    };
    last.reminders += 1;
    let member = cx.member()?;
    let contact = member.contact_by_role(&cx.config.roles);
    let locale = contact.map_or(&member.locale, |contact| &contact.locale);
    let message = actions
        .message("replenishment-due")
        .with("product", product.name_in(locale))
        .with("days", rhythm.days)
        .with("last", rhythm.last_on)
        .with("expected", rhythm.expected_on);
    if let Some(contact) = contact {
        message.to_contact(&contact.id);
    }
    if let Some(on) = due(cx, &state, &key)?.and_then(|next| next.remind_on) {
        actions.timer(&fired.name).on(on);
    }
    actions.set_state(&state);
    Ok(actions)
}
