//! Bike care: each bicycle is serviced at intervals. One reminder and one follow-up for each, points
//! for a service in time, and nothing to whoever wants no reminders.

mod bike;

use bike::{Bike, Config, State};
use perennial_sdk::{
    Actions, Context, Event, Failure, Json, Member, Plugin, Proposal, Purchase, PurchaseLine,
    PurchaseRecorded, Reason, Record, RecordKey, TimerFired, json,
};

/// The record type of bicycles, and the timer that each of them has.
const BIKE: &str = "bike";
const SERVICE: &str = "service";
/// The record by which a member wants no reminders, and the value that every call can read.
const OPT_OUT: &str = "bike-care-opt-out";
/// Who looks after the bicycles of a company, the best first.
const ROLES: [&str; 2] = ["fleet-manager", "office"];

/// The plugin.
#[derive(Debug)]
pub struct BikeCare;

#[perennial_sdk::plugin]
impl Plugin for BikeCare {
    type Config = Config;

    fn on_event(cx: &Context<Config>, event: &Event) -> Result<Actions, Failure> {
        match event {
            Event::PurchaseRecorded(bought) => Ok(thank(cx, bought)),
            Event::RecordPut(put) => learn(cx, &put.key(), &put.data),
            Event::PluginChanged(changed) => match &changed.record {
                Some(record) => learn(cx, &record.key(), &record.data),
                None => Ok(Actions::none()),
            },
            Event::TimerFired(fired) => remind(cx, fired),
            _ => Ok(Actions::none()),
        }
    }

    fn appraise(
        cx: &Context<Config>,
        _: &Member,
        purchase: &Purchase,
    ) -> Result<Vec<Proposal>, Failure> {
        let points = cx.config.service_points;
        if points == 0 || !has_service(&purchase.lines) {
            return Ok(Vec::new());
        }
        Ok(vec![Proposal::new(points, Reason::named("service")).key("service")])
    }

    fn view(_: &Context<Config>, _: &Member, records: &[Record]) -> Result<Json, Failure> {
        let bikes = records.iter().filter(|record| record.record_type == BIKE);
        let bikes = bikes.map(shown).collect::<Result<Vec<_>, Failure>>()?;
        Ok(json!({ "bikes": bikes }).into())
    }
}

fn thank(cx: &Context<Config>, bought: &PurchaseRecorded) -> Actions {
    let mut actions = Actions::new();
    if has_service(&bought.lines) {
        actions.message("thanks").with("points", cx.config.service_points);
    }
    actions
}

fn has_service(lines: &[PurchaseLine]) -> bool {
    lines.iter().any(|line| line.category.as_deref() == Some(SERVICE))
}

/// A record was put, or was there when the plugin changed.
fn learn(cx: &Context<Config>, key: &RecordKey, data: &Json) -> Result<Actions, Failure> {
    if key.record_type == BIKE { plan(cx, key, data) } else { choose(data) }
}

/// What is known of a bicycle, and when it is to be reminded of. The same again changes nothing.
fn plan(cx: &Context<Config>, key: &RecordKey, data: &Json) -> Result<Actions, Failure> {
    let bike: Bike = data.read()?;
    let before: State = cx.state_or_default()?;
    let after = before.after(&cx.config, &bike)?;
    let mut actions = Actions::new();
    if before.is_on_time(&after) && cx.config.on_time_points > 0 {
        let reason = Reason::named("served-on-time").with("model", &bike.model);
        actions.award_points(cx.config.on_time_points, reason);
    }
    match after.next_on(&cx.config)?.filter(|_| !bike.is_sold) {
        Some(on) => drop(actions.timer(SERVICE).on(on.max(cx.today)).about(key.clone())),
        None => drop(actions.cancel_timer(SERVICE).about(key.clone())),
    }
    actions.set_state(&after);
    Ok(actions)
}

/// The member wants reminders, or none. A value, because the calls about bicycles have to see it.
fn choose(data: &Json) -> Result<Actions, Failure> {
    let mut actions = Actions::new();
    actions.set_value(OPT_OUT, &data.value()["optOut"]);
    Ok(actions)
}

/// A reminder or a follow-up is due.
fn remind(cx: &Context<Config>, fired: &TimerFired) -> Result<Actions, Failure> {
    let mut actions = Actions::new();
    let Some(record) = &fired.record else { return Ok(actions) };
    let bike: Bike = record.data.read()?;
    let mut state: State = cx.state_or_default()?;
    let Some(due_on) = state.due_on else { return Ok(actions) };
    if !cx.value_or_default::<bool>(OPT_OUT)? {
        let template = if state.reminders == 0 { "service-due" } else { "service-follow-up" };
        let message = actions.message(template).with("model", &bike.model).with("due", due_on);
        if let Some(contact) = cx.member()?.contact_by_role(&ROLES) {
            message.to_contact(&contact.id);
        }
    }
    state.reminders += 1;
    state.reminded_on = Some(cx.today);
    if let Some(on) = state.next_on(&cx.config)? {
        actions.timer(SERVICE).on(on).about(record.key());
    }
    actions.set_state(&state);
    Ok(actions)
}

fn shown(record: &Record) -> Result<Json, Failure> {
    let bike: Bike = record.data.read()?;
    let state: State = record.state.as_ref().map(Json::read).transpose()?.unwrap_or_default();
    Ok(json!({
        "id": record.external_id,
        "model": bike.model,
        "dueOn": state.due_on.filter(|_| !bike.is_sold),
        "remindedOn": state.reminded_on,
    })
    .into())
}
