//! Machinery: a machine's consumables wear out on a calendar. One reminder and one follow-up for
//! each cycle, to the one contact whose job it is, and nothing more once the part was replaced.

mod rules;
#[cfg(test)]
mod tests;

use perennial_sdk::{
    Actions, Contact, Context, Event, Failure, Json, Member, Plugin, Record, RecordKey, TimerFired,
    json, log,
};
use rules::{Change, Config, Equipment, Occasion, State, Step, WakeUp};

/// The record type of machines.
const EQUIPMENT: &str = "equipment";

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
    let (after, changes) = rules::plan(&cx.config, &equipment, &before, (cx.today, occasion))?;
    let mut actions = Actions::new();
    for (consumable, change) in changes {
        let [reminder, follow_up] = timer_names(machine, &consumable);
        match change {
            Change::Begin { on, due } => {
                actions.cancel_timer(follow_up);
                let wake_up = WakeUp { step: Step::Reminder, consumable, due };
                let about = RecordKey::new(EQUIPMENT, machine);
                actions.timer(reminder).on(on).data(&wake_up).about(about);
            }
            Change::End => {
                actions.cancel_timer(reminder);
                actions.cancel_timer(follow_up);
            }
            Change::Undated => {
                log::info(format!("{machine}: no date to count `{consumable}` from"));
            }
        }
    }
    if after != before {
        actions.set_state(&after);
    }
    Ok(actions)
}

/// A reminder or a follow-up is due.
fn wake_up(cx: &Context<Config>, fired: &TimerFired) -> Result<Actions, Failure> {
    let Some(record) = &fired.record else { return Ok(Actions::none()) };
    let wake_up: WakeUp = fired.data.read()?;
    let mut state: State = cx.state_or_default()?;
    let Some(cycle) = state.cycle_for(&wake_up) else { return Ok(Actions::none()) };
    let equipment: Equipment = record.data.read()?;
    let member = cx.member()?;
    let contact = recipient(&cx.config, member, cycle.contact.as_deref());
    let mut actions = Actions::new();
    let template = match wake_up.step {
        Step::Reminder => rules::template(contact.map(|contact| contact.role.as_str())),
        Step::FollowUp => "service-follow-up",
    };
    let message = actions
        .message(template)
        .with("model", &equipment.model)
        .with("machine", equipment.serial.as_ref().unwrap_or(&record.external_id))
        .with("consumable", &wake_up.consumable)
        .with("due", wake_up.due);
    if let Some(contact) = contact {
        message.to_contact(&contact.id);
    }
    cycle.advance(wake_up.step, contact.map(|contact| contact.id.clone()));
    if wake_up.step == Step::Reminder {
        let on = rules::follow_up_on(&cx.config, cx.today)?;
        let [_, follow_up] = timer_names(&record.external_id, &wake_up.consumable);
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

/// Of the reminder and of the follow-up; there is one of each for a machine's consumable.
fn timer_names(machine: &str, consumable: &str) -> [String; 2] {
    [format!("reminder/{consumable}/{machine}"), format!("follow-up/{consumable}/{machine}")]
}

/// A machine whose model has no intervals is never reminded of, which whoever looks is told.
fn machine(config: &Config, record: &Record) -> Result<Json, Failure> {
    let equipment: Equipment = record.data.read()?;
    let state: State = record.state.as_ref().map(Json::read).transpose()?.unwrap_or_default();
    let services = state
        .cycles()
        .map(|(consumable, cycle)| {
            json!({ "consumable": consumable, "dueOn": cycle.due, "stage": cycle.stage })
        })
        .collect::<Vec<_>>();
    let (id, model) = (&record.external_id, equipment.model);
    let is_known = config.models.contains_key(&model);
    let problem = (!is_known).then(|| {
        format!("the program file has no intervals for the model `{model}`, so nothing is due")
    });
    Ok(json!({ "externalId": id, "model": model, "services": services, "problem": problem }).into())
}
