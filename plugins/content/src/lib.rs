//! Content: documents of the program file reach the contacts whose work they are for – white papers
//! the engineers, supply plans the buyers – once each, and in one message if several are due.

mod config;
mod library;
#[cfg(test)]
mod tests;

use config::Config;
use library::{Letter, OptOut, State, line, next_look};
use perennial_sdk::{
    Actions, Context, Event, Failure, Json, Member, MemberKind, Plugin, PurchaseRecorded, Record,
    RecordPut, TimerFired, json,
};
use serde::Deserialize;

/// The one timer of a member: a look at what is due, in the first moments of a day.
const LOOK: &str = "look";
/// The record type of machines, which is the plugin `machinery`'s.
const EQUIPMENT: &str = "equipment";
/// The record by which somebody wants no documents.
const OPT_OUT: &str = "content-opt-out";

struct Content;

#[perennial_sdk::plugin]
impl Plugin for Content {
    type Config = Config;

    fn on_event(cx: &Context<Config>, event: &Event) -> Result<Actions, Failure> {
        // Only an organization has contacts.
        if cx.member()?.kind != MemberKind::Organization {
            return Ok(Actions::none());
        }
        match event {
            Event::MemberJoined(_) => changed(cx, |_| {}),
            Event::PurchaseRecorded(it) => bought(cx, it),
            Event::RecordPut(put) => Ok(hand_over(cx, put)),
            Event::TimerFired(fired) => match fired.name.split_once('/') {
                Some((EQUIPMENT, _)) => machine(cx, fired),
                Some((OPT_OUT, _)) => {
                    let choice: OptOut = fired.data.read()?;
                    changed(cx, |state| state.choose(choice))
                }
                _ => look(cx),
            },
            _ => Ok(Actions::none()),
        }
    }

    /// What there is for a company now, whoever of it looks.
    fn view(cx: &Context<Config>, member: &Member, _: &[Record]) -> Result<Json, Failure> {
        let state: State = cx.state_or_default()?;
        let documents = cx.config.documents.iter();
        let shown = documents.filter(|(_, it)| it.is_out(cx.today) && state.concerns(it));
        let shown = shown.map(|(key, it)| {
            let (title, url) = (it.title_in(&member.locale), it.url_in(&member.locale));
            json!({ "key": key, "title": title, "url": url, "roles": it.roles })
        });
        Ok(json!({ "documents": shown.collect::<Vec<_>>() }).into())
    }
}

fn bought(cx: &Context<Config>, purchase: &PurchaseRecorded) -> Result<Actions, Failure> {
    changed(cx, |state| {
        for category in purchase.lines.iter().filter_map(|line| line.category.as_ref()) {
            State::meet(&mut state.categories, category);
        }
    })
}

/// What is kept of the member is not at hand in an event about a record, and is in one about a timer
/// of the member.
fn hand_over(cx: &Context<Config>, put: &RecordPut) -> Actions {
    let mut actions = Actions::new();
    let name = format!("{}/{}", put.record_type, put.external_id);
    actions.timer(name).at(cx.now).data(&put.data);
    actions
}

fn machine(cx: &Context<Config>, fired: &TimerFired) -> Result<Actions, Failure> {
    #[derive(Deserialize)]
    struct Machine {
        model: String,
    }
    let machine: Machine = fired.data.read()?;
    changed(cx, |state| State::meet(&mut state.models, &machine.model))
}

/// What happened may bring documents, tomorrow: of all that happens in a day at once.
fn changed(cx: &Context<Config>, change: impl FnOnce(&mut State)) -> Result<Actions, Failure> {
    let before: State = cx.state_or_default()?;
    let mut after = before.clone();
    change(&mut after);
    let mut actions = Actions::new();
    if after != before || before.looked_on.is_none() {
        actions.timer(LOOK).on(cx.today.plus_days(1)?);
    }
    if after != before {
        actions.set_state(&after);
    }
    Ok(actions)
}

/// Sends what is due to the contacts, each one message at most.
fn look(cx: &Context<Config>) -> Result<Actions, Failure> {
    let member = cx.member()?;
    let mut state: State = cx.state_or_default()?;
    let mut actions = Actions::new();
    if state.looked_on >= Some(cx.today) {
        actions.timer(LOOK).on(cx.today.plus_days(1)?);
        return Ok(actions);
    }
    state.looked_on = Some(cx.today);
    state.forget(&cx.config, &member.contacts);
    let letters = state.letters(&cx.config, &member.contacts, cx.today);
    let mut is_cut = letters.len() > cx.config.messages_per_day_max;
    for letter in letters.iter().take(cx.config.messages_per_day_max) {
        is_cut |= letter.is_cut;
        write(&mut actions, letter);
        state.mark(letter);
    }
    actions.timer(LOOK).on(next_look(&cx.config, cx.today, is_cut)?);
    actions.set_state(&state);
    Ok(actions)
}

fn write(actions: &mut Actions, letter: &Letter<'_>) {
    let locale = &letter.contact.locale;
    let message = match letter.documents.as_slice() {
        [(_, document)] => actions
            .message("document")
            .with("title", document.title_in(locale))
            .with("url", document.url_in(locale)),
        all => {
            let list: String = all.iter().map(|(_, document)| line(document, locale)).collect();
            actions.message("digest").with("count", all.len()).with("list", list.trim_end())
        }
    };
    message.to_contact(&letter.contact.id).key(format!("letter/{}", letter.contact.id));
}
