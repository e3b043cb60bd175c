//! Looks up all that there is, and says what it has found; or, where its configuration says so, asks for
//! what it may not have.

use perennial_sdk::{
    Actions, Context, Date, Event, Failure, Json, Member, Plugin, Proposal, Purchase, Reason, Record,
    RecordKey, json, log,
};

struct Curious;

#[derive(serde::Deserialize)]
struct Config {
    mode: String,
}

#[perennial_sdk::plugin]
impl Plugin for Curious {
    type Config = Config;

    fn on_event(cx: &Context<Config>, event: &Event) -> Result<Actions, Failure> {
        let mut actions = Actions::new();
        match event {
            Event::MemberJoined(_) => misbehave(cx)?,
            Event::PurchaseRecorded(_) | Event::PurchaseReturned(_) => tell(cx, &mut actions)?,
            Event::RecordPut(put) => {
                let due: Date = "2026-06-01".parse()?;
                actions.timer("regatta").on(due).about(put.key());
                actions.set_state(&json!({ "feet": put.data }));
                if put.external_id == "B-sunk" {
                    actions.cancel_timer("regatta").about(RecordKey::new("boat", "B-1"));
                }
            }
            Event::TimerFired(timer) => {
                let boat = timer.record.as_ref().map_or("none", |boat| &boat.external_id);
                actions.message("told").with("what", &timer.name).with("detail", boat);
            }
            _ => {}
        }
        Ok(actions)
    }

    fn appraise(
        cx: &Context<Config>,
        _: &Member,
        _: &Purchase,
    ) -> Result<Vec<Proposal>, Failure> {
        let boats = cx.records("boat").collect::<Result<Vec<_>, _>>()?.len();
        if boats == 0 {
            return Ok(Vec::new());
        }
        let points = 10 * i64::try_from(boats).unwrap_or_default();
        Ok(vec![Proposal::new(points, Reason::named("fleet").with("boats", boats))])
    }

    fn view(cx: &Context<Config>, _: &Member, _: &[Record]) -> Result<Json, Failure> {
        let visits = cx.value_or_default::<i64>("visits")?;
        let purchases = cx.purchases().take(2).collect::<Result<Vec<_>, _>>()?;
        let last: Vec<_> = purchases.iter().map(|purchase| purchase.reference.as_str()).collect();
        Json::of(&json!({ "visits": visits, "last": last }))
    }
}

/// Logs all of it.
fn tell(cx: &Context<Config>, actions: &mut Actions) -> Result<(), Failure> {
    for boat in cx.records("boat") {
        let boat = boat?;
        log::info(format!("boat {} {} {:?}", boat.external_id, boat.data, boat.state.map(|it| it.to_string())));
    }
    let first = cx.record(&RecordKey::new("boat", "B-1"))?;
    log::info(format!("first {:?}", first.map(|boat| boat.external_id)));
    for purchase in cx.purchases() {
        let purchase = purchase?;
        let lines: Vec<_> = purchase
            .lines
            .iter()
            .map(|line| format!("{} × {} {}", line.quantity, line.sku, line.amount_minor))
            .collect();
        log::info(format!(
            "bought {} on {} for {}: {}",
            purchase.reference,
            *purchase.purchased_on,
            purchase.total_minor,
            lines.join(", ")
        ));
    }
    for balance in cx.balances() {
        log::info(format!("{} {} {}", balance.point_type, balance.points, balance.pending));
    }
    let visits = cx.value_or_default::<i64>("visits")? + 1;
    actions.set_value("visits", &visits);
    actions.set_value("forgotten", &visits);
    actions.clear_value("forgotten").key("forget");
    Ok(())
}

fn misbehave(cx: &Context<Config>) -> Result<(), Failure> {
    match cx.config.mode.as_str() {
        "flood" => {
            for _ in 0..21 {
                cx.value::<i64>("visits")?;
            }
        }
        "unshown" => {
            cx.record(&RecordKey::new("car", "C-1"))?;
        }
        "zero" => {
            cx.value::<i64>("\0")?;
        }
        _ => {}
    }
    Ok(())
}
