//! Lifecycle mail: at the stages of a membership – joined, the n-th purchase, a tier, an anniversary,
//! a silence – the program file says what is sent, to whom and how many days later; each mail once,
//! or once a year.

mod config;
mod stages;
#[cfg(test)]
mod tests;

use config::{Config, Mail, Stage};
use perennial_sdk::{
    Actions, Contact, Context, Event, Failure, Json, Member, Plugin, PurchaseRecorded,
    PurchaseReturned, Record, RecordPut, TimerFired, json, log,
};
use stages::{Occasion, State, next_anniversary, years_since};

/// The record by which a member wants no mails, and the timer that carries it to the member.
const OPT_OUT: &str = "lifecycle-opt-out";
/// Before a mail's key, the timer by which it is sent.
const MAIL: &str = "mail/";
/// Contacts that one mail is sent to: an answer has at most 64 actions.
const RECIPIENTS_MAX: usize = 50;

struct LifecycleMail;

#[perennial_sdk::plugin]
impl Plugin for LifecycleMail {
    type Config = Config;

    fn on_event(cx: &Context<Config>, event: &Event) -> Result<Actions, Failure> {
        match event {
            Event::MemberJoined(_) => plan(cx, Occasion::Joined, |state| state.purchases = Some(0)),
            Event::PurchaseRecorded(it) => bought(cx, it),
            Event::PurchaseReturned(it) => returned(cx, it),
            Event::TierChanged(it) => {
                let occasion = it.to.as_deref().map_or(Occasion::Other, Occasion::Reached);
                plan(cx, occasion, |_| {})
            }
            Event::RecordPut(put) if put.record_type == OPT_OUT => Ok(hand_over(cx, put)),
            Event::TimerFired(fired) if fired.name == OPT_OUT => opt_out(cx, fired),
            Event::TimerFired(fired) => send(cx, fired),
            _ => Ok(Actions::none()),
        }
    }

    fn view(cx: &Context<Config>, _: &Member, _: &[Record]) -> Result<Json, Failure> {
        let state: State = cx.state_or_default()?;
        Ok(json!({ "sentOn": state.sent, "optedOut": state.opted_out }).into())
    }
}

fn bought(cx: &Context<Config>, it: &PurchaseRecorded) -> Result<Actions, Failure> {
    let known = cx.member()?.purchases;
    plan(cx, Occasion::Bought, |state| {
        // Of a member who had bought before the plugin was enabled the platform knows how often.
        state.purchases = Some(state.purchases.map_or(known, |before| before + 1));
        state.last_purchase_on = state.last_purchase_on.max(Some(it.purchased_on));
    })
}

/// A purchase of which nothing is left was none.
fn returned(cx: &Context<Config>, it: &PurchaseReturned) -> Result<Actions, Failure> {
    let fewer = i64::from(it.is_whole);
    plan(cx, Occasion::Other, |state| {
        state.purchases = state.purchases.map(|before| (before - fewer).max(0));
    })
}

/// What is known of the member changes, and timers are set for the mails that follow.
fn plan(
    cx: &Context<Config>,
    occasion: Occasion<'_>,
    change: impl FnOnce(&mut State),
) -> Result<Actions, Failure> {
    let member = cx.member()?;
    let before: State = cx.state_or_default()?;
    let mut state = before.clone();
    change(&mut state);
    let mut actions = Actions::new();
    let is_wanted = !state.opted_out;
    let mails = cx.config.mails.iter();
    for (key, mail) in mails.filter(|(_, mail)| is_wanted && mail.is_for(member)) {
        let Some(on) = state.due(key, mail, occasion, member, cx.today)? else { continue };
        let timer = actions.timer(format!("{MAIL}{key}"));
        if on > cx.today {
            timer.on(on)
        } else {
            timer.at(cx.now)
        };
        if mail.stage == Stage::Anniversary {
            state.awaited.insert(key.clone());
        }
    }
    if state != before {
        actions.set_state(&state);
    }
    Ok(actions)
}

/// A mail is due.
fn send(cx: &Context<Config>, fired: &TimerFired) -> Result<Actions, Failure> {
    let mut actions = Actions::new();
    let key = fired.name.strip_prefix(MAIL).unwrap_or_default();
    let Some(mail) = cx.config.mails.get(key) else { return Ok(actions) };
    let member = cx.member()?;
    let mut state: State = cx.state_or_default()?;
    if state.opted_out {
        return Ok(actions);
    }
    if mail.stage == Stage::Anniversary {
        actions.timer(&fired.name).on(next_anniversary(mail, member, cx.today)?);
    }
    let is_due = state.may_send(key, mail, cx.today)? && state.holds(mail, member, cx.today)?;
    let recipients = if is_due { mail.recipients(member) } else { Vec::new() };
    if recipients.len() > RECIPIENTS_MAX {
        log::warn(format!("{key}: {} contacts, of whom {RECIPIENTS_MAX} get it", recipients.len()));
    }
    if !recipients.is_empty() {
        state.sent.insert(key.to_owned(), cx.today);
        actions.set_state(&state);
    }
    for recipient in recipients.into_iter().take(RECIPIENTS_MAX) {
        write(cx, &mut actions, (key, mail), &state, recipient)?;
    }
    Ok(actions)
}

/// Every template gets what any of them says, so that the program file may choose any for any stage.
fn write(
    cx: &Context<Config>,
    actions: &mut Actions,
    (key, mail): (&str, &Mail),
    state: &State,
    recipient: Option<&Contact>,
) -> Result<(), Failure> {
    let member = cx.member()?;
    let locale = recipient.map_or(&member.locale, |contact| &contact.locale);
    let text = mail.text(locale);
    let anniversary = cx.today.plus_days(-mail.delay_days)?;
    let mut message = actions
        .message(text.map_or_else(|| mail.template(), |_| "own"))
        .with("mail", key)
        .with("number", state.purchases.unwrap_or(member.purchases))
        .with("years", years_since(member.joined_on, anniversary))
        .key(format!("mail/{}", recipient.map_or("member", |contact| &contact.id)));
    if let Some(text) = text {
        message = message.with("subject", &text.subject).with("body", &text.body);
    }
    if let Some(contact) = recipient {
        message.to_contact(&contact.id);
    }
    Ok(())
}

/// What is kept of the member is not at hand in an event about a record, and is in one about a timer
/// of the member.
fn hand_over(cx: &Context<Config>, put: &RecordPut) -> Actions {
    let mut actions = Actions::new();
    actions.timer(OPT_OUT).at(cx.now).data(&put.data);
    actions
}

/// Whoever wants no mails has no timers; whoever wants them again gets what falls due from then on.
fn opt_out(cx: &Context<Config>, fired: &TimerFired) -> Result<Actions, Failure> {
    #[derive(serde::Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Choice {
        opt_out: bool,
    }
    let Choice { opt_out } = fired.data.read()?;
    let mut actions = plan(cx, Occasion::Other, |state| {
        state.opted_out = opt_out;
        state.awaited.clear();
    })?;
    for key in cx.config.mails.keys().filter(|_| opt_out) {
        actions.cancel_timer(format!("{MAIL}{key}"));
    }
    Ok(actions)
}
