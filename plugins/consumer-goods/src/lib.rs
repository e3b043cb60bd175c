//! Consumer goods: a customer who buys nothing for a while is won back with one offer; the next
//! purchase ends that.

mod rules;
#[cfg(test)]
mod tests;

use perennial_sdk::{
    Actions, Context, Event, Failure, Json, Member, Plugin, Proposal, Purchase, PurchaseRecorded,
    Record, json,
};
pub use rules::Config;
use rules::State;

/// The one timer of a member: every purchase moves it.
const SILENCE: &str = "silence";

/// The plugin.
#[derive(Debug)]
pub struct ConsumerGoods;

#[perennial_sdk::plugin]
impl Plugin for ConsumerGoods {
    type Config = Config;

    fn on_event(cx: &Context<Config>, event: &Event) -> Result<Actions, Failure> {
        match event {
            Event::PurchaseRecorded(purchase) => bought(cx, purchase),
            Event::PluginChanged(changed) if changed.record.is_none() => plan_anew(cx),
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
            return Ok(vec![Proposal::new(points, "Welcome back").key("welcome-back")]);
        }
        Ok(Vec::new())
    }

    fn view(cx: &Context<Config>, member: &Member, _: &[Record]) -> Result<Json, Failure> {
        let state: State = cx.state_or_default()?;
        let reactivation = state.reactivation.as_ref();
        let valid = reactivation.filter(|it| it.valid_until >= cx.today);
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
    let before: State = cx.state_or_default()?;
    let mut actions = Actions::new();
    if let Some(after) = before.after_purchase(purchase.purchased_on) {
        actions.timer(SILENCE).on(after.next_look(&cx.config, cx.today)?);
        actions.set_state(&after);
    }
    Ok(actions)
}

/// The plugin was enabled, configured or moved. Members who bought before it was there wait for their
/// silence from now on, and the others as long as they are to wait now.
fn plan_anew(cx: &Context<Config>) -> Result<Actions, Failure> {
    let before: State = cx.state_or_default()?;
    let known = cx.member()?.last_purchase_on.and_then(|on| before.after_purchase(on));
    let mut actions = Actions::new();
    if let Some(after) = &known {
        actions.set_state(after);
    }
    let state = known.unwrap_or(before);
    if state.is_waited_for() {
        actions.timer(SILENCE).on(state.next_look(&cx.config, cx.today)?);
    }
    Ok(actions)
}

/// The time of silence has passed; the last purchase shows whether the member was silent.
fn maybe_silent(cx: &Context<Config>) -> Result<Actions, Failure> {
    let member = cx.member()?;
    let mut state: State = cx.state_or_default()?;
    let mut actions = Actions::new();
    // The platform may know of a purchase whose event this plugin has not received yet.
    if let Some(later) = member.last_purchase_on.and_then(|on| state.after_purchase(on)) {
        state = later;
    }
    let Some(last_purchase) = state.silent_since(&cx.config, cx.today)? else {
        if state.reactivation.is_none() {
            actions.timer(SILENCE).on(state.next_look(&cx.config, cx.today)?);
        }
        actions.set_state(&state);
        return Ok(actions);
    };
    let reactivation = state.reactivate(&cx.config, last_purchase, cx.today)?;
    let (percent, valid_until) = (reactivation.discount_percent, reactivation.valid_until);
    actions
        .message("reactivation")
        .with("percent", percent)
        .with("days", cx.config.offer_valid_days)
        .with("valid_until", valid_until)
        .with("last_purchase", last_purchase);
    let offer =
        json!({ "discountPercent": percent, "validUntil": valid_until, "reason": "silence" });
    actions.put_record("offer", format!("{}/{last_purchase}", member.id), &offer);
    actions.set_state(&state);
    Ok(actions)
}
