//! Consumer goods: a customer who buys nothing for a while is won back in steps, with offers; the
//! next purchase ends that. A part of the members can be held out, to show what it brings.

mod config;
mod records;
mod rules;
#[cfg(test)]
mod tests;

pub use config::Config;
use perennial_sdk::{
    Actions, Context, Date, Event, Failure, Json, Member, Plugin, PluginChange, Proposal, Purchase,
    PurchaseLine, PurchaseRecorded, Reason, Record, RecordPut, TimerFired, json,
};
use records::Outcome;
use rules::{Group, State, group};

/// The one timer of a member: every purchase moves it.
const SILENCE: &str = "silence";
/// The record by which a member wants none of this, and the timer that carries it to the member.
const OPT_OUT: &str = "reactivation-opt-out";

/// The plugin.
#[derive(Debug)]
pub struct ConsumerGoods;

#[perennial_sdk::plugin]
impl Plugin for ConsumerGoods {
    type Config = Config;

    fn on_event(cx: &Context<Config>, event: &Event) -> Result<Actions, Failure> {
        match event {
            Event::PurchaseRecorded(purchase) => bought(cx, purchase),
            Event::RecordPut(put) if put.record_type == OPT_OUT => Ok(hand_over(cx, put)),
            Event::TimerFired(fired) if fired.name == OPT_OUT => opt_out(cx, fired),
            Event::PluginChanged(changed) if changed.record.is_none() => {
                plan_anew(cx, changed.change)
            }
            Event::TimerFired(_) => maybe_silent(cx),
            _ => Ok(Actions::none()),
        }
    }

    fn appraise(
        cx: &Context<Config>,
        member: &Member,
        purchase: &Purchase,
    ) -> Result<Vec<Proposal>, Failure> {
        let state: State = cx.state_or_default()?;
        let points = cx.config.welcome_back_points;
        if points > 0 && state.welcomes_back(member.last_purchase_on, purchase.purchased_on) {
            return Ok(vec![
                Proposal::new(points, Reason::named("welcome-back")).key("welcome-back"),
            ]);
        }
        Ok(Vec::new())
    }

    fn view(cx: &Context<Config>, member: &Member, _: &[Record]) -> Result<Json, Failure> {
        let state: State = cx.state_or_default()?;
        // Whoever is held out sees what whoever is not silent sees.
        let reactivation = state.reactivation.filter(|it| it.group == Group::Treated);
        let valid = reactivation.as_ref().filter(|it| it.has_offer() && it.valid_until >= cx.today);
        let offer = valid.map(
            |it| json!({ "discountPercent": it.discount_percent, "validUntil": it.valid_until }),
        );
        let view = json!({
            "lastPurchaseOn": state.last_purchase_on.max(member.last_purchase_on),
            "status": if reactivation.is_some() { "reactivating" } else { "active" },
            "offer": offer,
        });
        Ok(view.into())
    }
}

/// Moves the end of the silence, unless the purchase is an older one recorded late.
fn bought(cx: &Context<Config>, purchase: &PurchaseRecorded) -> Result<Actions, Failure> {
    let (on, reference) = (purchase.purchased_on, &purchase.reference);
    let mut actions = Actions::new();
    count(cx, &mut actions, on, reference, &purchase.lines)?;
    Ok(actions)
}

/// The plugin was enabled, configured or moved: whoever is waited for is waited for as long as it says
/// now. What was bought while it was not there nobody has told it.
fn plan_anew(cx: &Context<Config>, change: PluginChange) -> Result<Actions, Failure> {
    let mut actions = Actions::new();
    let last = match change {
        PluginChange::Enabled => cx.purchases().next().transpose()?,
        _ => None,
    };
    let is_counted = match &last {
        Some(last) => count(cx, &mut actions, last.purchased_on, &last.reference, &last.lines)?,
        None => false,
    };
    let state: State = cx.state_or_default()?;
    if let Some(on) = state.next_on(&cx.config, cx.today)?.filter(|_| !is_counted) {
        actions.timer(SILENCE).on(on);
    }
    Ok(actions)
}

/// Whether a purchase is the last that is known, which ends a silence and begins another.
fn count(
    cx: &Context<Config>,
    actions: &mut Actions,
    on: Date,
    reference: &str,
    lines: &[PurchaseLine],
) -> Result<bool, Failure> {
    let before: State = cx.state_or_default()?;
    let category = cx.config.soonest(lines.iter().filter_map(|line| line.category.as_ref()));
    let Some(after) = before.after_purchase(on, category) else { return Ok(false) };
    if !after.opted_out {
        actions.timer(SILENCE).on(after.next_look(&cx.config, cx.today)?);
    }
    if let Some(over) = &before.reactivation {
        records::put(actions, &cx.member()?.id, over, Outcome::Bought(on, reference));
    }
    actions.set_state(&after);
    Ok(true)
}

/// The time of silence has passed, or the time to the next step; the last purchase shows whether the
/// member is silent.
fn maybe_silent(cx: &Context<Config>) -> Result<Actions, Failure> {
    let member = cx.member()?;
    let known: State = cx.state_or_default()?;
    let mut state = known.seen_by_platform(member.last_purchase_on);
    let mut actions = Actions::new();
    if let Some(step) = state.due_step(&cx.config, cx.today)? {
        let group = group(&cx.config, &cx.program, &member.id);
        let taken = state.take(step, group, cx.today)?;
        records::put(&mut actions, &member.id, taken, Outcome::Open);
        if taken.group == Group::Treated {
            let last_purchase = taken.since;
            let message = actions.message(step.1.template).with("last_purchase", last_purchase);
            if let Some(percent) = step.1.discount_percent {
                message
                    .with("percent", percent)
                    .with("days", step.1.valid_days)
                    .with("valid_until", taken.valid_until);
            }
        }
        actions.set_state(&state);
    }
    if let Some(on) = state.next_on(&cx.config, cx.today)? {
        actions.timer(SILENCE).on(on);
    }
    Ok(actions)
}

/// What is kept of the member is not at hand in an event about a record, and is in one about a timer
/// of the member.
fn hand_over(cx: &Context<Config>, put: &RecordPut) -> Actions {
    let mut actions = Actions::new();
    actions.timer(OPT_OUT).at(cx.now).data(&put.data);
    actions
}

/// Ends what runs, or takes it up again where it was.
fn opt_out(cx: &Context<Config>, fired: &TimerFired) -> Result<Actions, Failure> {
    #[derive(serde::Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Choice {
        opt_out: bool,
    }
    let choice: Choice = fired.data.read()?;
    let mut state: State = cx.state_or_default()?;
    let mut actions = Actions::new();
    if state.opted_out == choice.opt_out {
        return Ok(actions);
    }
    state.opted_out = choice.opt_out;
    if choice.opt_out {
        actions.cancel_timer(SILENCE);
    } else if state.last_purchase_on.is_some() {
        // Tomorrow's look finds what is due by then; who has bought nothing is never silent.
        actions.timer(SILENCE).on(cx.today.plus_days(1)?);
    }
    if let Some(running) = &state.reactivation {
        let outcome = if state.opted_out { Outcome::OptedOut } else { Outcome::Open };
        records::put(&mut actions, &cx.member()?.id, running, outcome);
    }
    actions.set_state(&state);
    Ok(actions)
}
