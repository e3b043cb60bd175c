//! Uses all that contract 0.1 has: each hook, each effect, and what its rules of timers were.

use perennial_sdk::{
    Actions, Context, Date, Event, Failure, Json, Member, Plugin, Proposal, Purchase, Record, json,
    log,
};

struct Keeper;

#[derive(serde::Deserialize)]
struct Config {
    points: i64,
}

#[perennial_sdk::plugin]
impl Plugin for Keeper {
    type Config = Config;

    fn on_event(cx: &Context<Config>, event: &Event) -> Result<Actions, Failure> {
        let mut actions = Actions::new();
        match event {
            Event::MemberJoined(_) => {
                let member = cx.member()?;
                let contact = member.contact_by_role(&["captain"]);
                actions.award_points(cx.config.points, "Welcome aboard").key("welcome");
                let message = actions.message("told").with("what", "joined").with("detail", &cx.program);
                if let Some(contact) = contact {
                    message.to_contact(&contact.id);
                }
                actions.set_state(&json!({ "events": 1 }));
                log::info(format!("joined as {:?}, seed {}", member.kind, cx.seed != 0));
            }
            Event::PurchaseRecorded(purchase) => {
                let events = cx.state::<serde_json::Value>()?.unwrap_or_default();
                let events = events["events"].as_i64().unwrap_or_default() + 1;
                actions.put_record("boat", &purchase.reference, &json!({ "feet": events }));
                actions.set_state(&json!({ "events": events }));
            }
            Event::RecordPut(put) => {
                // One timer for all boats, as 0.1 had it: the last boat moves it.
                let due: Date = "2026-06-01".parse()?;
                actions.timer("regatta").on(due).data(&json!({ "by": put.external_id })).about(put.key());
                actions.timer("never").on(due);
                actions.cancel_timer("never");
            }
            Event::TimerFired(timer) => {
                let boat = timer.record.as_ref().map_or("none", |boat| &boat.external_id);
                actions.message("told").with("what", &timer.name).with("detail", boat);
                actions.clear_state();
            }
            _ => {}
        }
        Ok(actions)
    }

    fn appraise(
        cx: &Context<Config>,
        member: &Member,
        purchase: &Purchase,
    ) -> Result<Vec<Proposal>, Failure> {
        let lines = i64::try_from(purchase.lines.len()).unwrap_or_default();
        let reason = format!("{} for a member of {} purchases", purchase.currency, member.purchases);
        Ok(vec![Proposal::new(cx.config.points + lines, reason)])
    }

    fn view(_: &Context<Config>, member: &Member, records: &[Record]) -> Result<Json, Failure> {
        let boats: Vec<_> = records.iter().map(|boat| boat.external_id.as_str()).collect();
        Json::of(&json!({ "boats": boats, "points": member.points }))
    }
}
