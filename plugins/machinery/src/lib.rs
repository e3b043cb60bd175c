//! Machinery: a machine's consumables wear out by the calendar and by running hours. One reminder and
//! one follow-up for each cycle, to the one contact whose job it is, and nothing more once the part was
//! replaced, a service was requested, or nobody wants to be reminded.

mod config;
mod meter;
mod rules;
#[cfg(test)]
mod tests;

use config::{Config, Equipment, INSPECTION, listed};
use perennial_sdk::{
    Actions, Contact, Context, Event, Failure, Json, Member, Plugin, Reason, Record, RecordKey,
    TimerFired, json, log,
};
use rules::{Change, Occasion, State, Step, WakeUp};

/// The record type of machines.
const EQUIPMENT: &str = "equipment";
/// The record type of what a customer has said yes to.
const REQUEST: &str = "service-request";
/// Services of one record that bring points, within what the manifest lets one event bring.
const ON_TIME_MAX: usize = 10;

struct Machinery;

#[perennial_sdk::plugin]
impl Plugin for Machinery {
    type Config = Config;

    fn on_event(cx: &Context<Config>, event: &Event) -> Result<Actions, Failure> {
        match event {
            Event::RecordPut(put) if put.record_type == EQUIPMENT => {
                plan(cx, &put.external_id, &put.data, Occasion::Machine)
            }
            Event::PluginChanged(changed) => match &changed.record {
                Some(machine) if machine.record_type == EQUIPMENT => {
                    plan(cx, &machine.external_id, &machine.data, Occasion::Plugin)
                }
                _ => Ok(Actions::none()),
            },
            Event::TimerFired(fired) => wake_up(cx, fired),
            _ => Ok(Actions::none()),
        }
    }

    fn view(cx: &Context<Config>, _: &Member, records: &[Record]) -> Result<Json, Failure> {
        let machines = records.iter().filter(|record| record.record_type == EQUIPMENT);
        let machines =
            machines.map(|record| machine(&cx.config, record)).collect::<Result<Vec<_>, _>>()?;
        Ok(json!({ "machines": machines }).into())
    }
}

/// A machine was entered, changed or serviced, or was there when the plugin changed.
fn plan(
    cx: &Context<Config>,
    machine: &str,
    data: &Json,
    occasion: Occasion,
) -> Result<Actions, Failure> {
    let equipment: Equipment = data.read()?;
    let before: State = cx.state_or_default()?;
    if !cx.config.models.contains_key(&equipment.model) {
        log::warn(format!("{machine}: no intervals for model `{}`", equipment.model));
    }
    let tier = cx.member()?.tier.as_ref();
    let when = (cx.today, occasion);
    let (after, changes) = rules::plan(&cx.config, tier, &equipment, &before, when)?;
    let about = || RecordKey::new(EQUIPMENT, machine);
    let mut actions = Actions::new();
    reward(cx, &mut actions, &changes);
    for (consumable, change) in changes {
        let [reminder, follow_up] = timer_names(&consumable);
        match change {
            Change::Begin { on, due } => {
                actions.cancel_timer(follow_up).about(about());
                let wake_up = WakeUp { step: Step::Reminder, consumable, due };
                actions.timer(reminder).on(on).data(&wake_up).about(about());
            }
            Change::End => {
                actions.cancel_timer(reminder).about(about());
                actions.cancel_timer(follow_up).about(about());
            }
            Change::Undated => {
                log::info(format!("{machine}: no date to count `{consumable}` from"));
            }
            Change::Unmetered => {
                log::info(format!("{machine}: no hours to count `{consumable}` from"));
            }
            Change::Request { due, confirmed_on } => {
                actions.cancel_timer(reminder).about(about());
                actions.cancel_timer(follow_up).about(about());
                let interval = cx.config.interval(&equipment.model, tier, &consumable);
                let request = json!({
                    "machine": machine, "model": equipment.model, "consumable": consumable,
                    "dueOn": due, "confirmedOn": confirmed_on, "status": "requested",
                    "parts": interval.map(|interval| &interval.parts),
                });
                let id = format!("{machine}/{consumable}/{due}");
                actions.put_record(REQUEST, id, &request);
            }
            Change::OnTime { .. } => {}
        }
    }
    if after != before {
        actions.set_state(&after);
    }
    Ok(actions)
}

/// A service before the day on which it was due brings points, if the program wants that.
fn reward(cx: &Context<Config>, actions: &mut Actions, changes: &[(String, Change)]) {
    let points = cx.config.on_time_points;
    let on_time = changes.iter().filter_map(|(consumable, change)| match change {
        Change::OnTime { on } if points > 0 => Some((consumable, on)),
        _ => None,
    });
    for (consumable, on) in on_time.take(ON_TIME_MAX) {
        let reason = Reason::named("serviced-on-time").with("consumable", consumable);
        actions.award_points(points, reason).key(format!("on-time/{consumable}/{on}"));
    }
}

/// A reminder or a follow-up is due.
fn wake_up(cx: &Context<Config>, fired: &TimerFired) -> Result<Actions, Failure> {
    let Some(record) = &fired.record else { return Ok(Actions::none()) };
    let wake_up: WakeUp = fired.data.read()?;
    let mut state: State = cx.state_or_default()?;
    let Some(cycle) = state.cycle_for(&wake_up) else { return Ok(Actions::none()) };
    let equipment: Equipment = record.data.read()?;
    let member = cx.member()?;
    let mut actions = Actions::new();
    let interval = cx.config.interval(&equipment.model, member.tier.as_ref(), &wake_up.consumable);
    let Some(interval) = interval else { return Ok(actions) };
    if equipment.service_under_way.contains(&wake_up.consumable) {
        // Looked at again later: a service that was given up has replaced nothing.
        let on = rules::follow_up_on(&cx.config, cx.today)?;
        actions.timer(&fired.name).on(on).data(&wake_up).about(record.key());
        return Ok(actions);
    }
    let contact = recipient(&cx.config, member, cycle.contact.as_deref());
    let role = contact.map(|contact| contact.role.as_str());
    let parts = listed(&interval.parts);
    let template = match wake_up.step {
        Step::Reminder => rules::template(role, &wake_up.consumable, !parts.is_empty()),
        Step::FollowUp => "service-follow-up",
    };
    let message = actions
        .message(template)
        .with("model", &equipment.model)
        .with("machine", equipment.serial.as_ref().unwrap_or(&record.external_id))
        .with("consumable", &wake_up.consumable)
        .with("parts", parts)
        .with("due", wake_up.due);
    if let Some(contact) = contact {
        message.to_contact(&contact.id);
    }
    cycle.advance(wake_up.step, contact.map(|contact| contact.id.clone()), cx.today);
    // An inspection is a benefit: whoever does not want it is not asked twice.
    if wake_up.step == Step::Reminder && wake_up.consumable != INSPECTION {
        let on = rules::follow_up_on(&cx.config, cx.today)?;
        let [_, follow_up] = timer_names(&wake_up.consumable);
        let next = WakeUp { step: Step::FollowUp, ..wake_up };
        let about = RecordKey::new(EQUIPMENT, &record.external_id);
        actions.timer(follow_up).on(on).data(&next).about(about);
    }
    actions.set_state(&state);
    Ok(actions)
}

/// The contact who got the reminder gets the follow-up, unless that contact left.
fn recipient<'a>(config: &Config, member: &'a Member, same: Option<&str>) -> Option<&'a Contact> {
    let same = same.and_then(|id| member.contacts.iter().find(|contact| contact.id == id));
    same.or_else(|| member.contact_by_role(&config.roles))
}

/// Of the reminder and of the follow-up; each machine has one of each for a consumable.
fn timer_names(consumable: &str) -> [String; 2] {
    [format!("reminder/{consumable}"), format!("follow-up/{consumable}")]
}

/// A machine whose model has no intervals is never reminded of, which whoever looks is told.
fn machine(config: &Config, record: &Record) -> Result<Json, Failure> {
    let equipment: Equipment = record.data.read()?;
    let state: State = record.state.as_ref().map(Json::read).transpose()?.unwrap_or_default();
    let services = state
        .cycles()
        .map(|(consumable, cycle)| {
            json!({
                "consumable": consumable,
                "dueOn": cycle.due,
                "dueBy": if cycle.by_hours { "hours" } else { "calendar" },
                "stage": cycle.stage,
                "remindedOn": cycle.reminded_on,
                "followedUpOn": cycle.followed_up_on,
            })
        })
        .collect::<Vec<_>>();
    let (id, model) = (&record.external_id, equipment.model);
    let is_known = config.models.contains_key(&model);
    let problem = (!is_known).then(|| {
        format!("the program file has no intervals for the model `{model}`, so nothing is due")
    });
    let is_out = state.opted_out;
    Ok(json!({
        "externalId": id, "model": model, "services": services, "optedOut": is_out,
        "problem": problem,
    })
    .into())
}
