//! Another mode that does nothing wrong, if its manifest asks for all of it: takes points, calls members by
//! tags, raises events for other plugins and answers theirs, and knows where the next center is.

use super::{Actions, Config, Context, Event, Failure, json, log};
use perennial_sdk::{CenterQuery, Position};

/// What a purchase costs.
const FEE: i64 = 20;

pub(crate) fn answer(
    cx: &Context<Config>,
    event: &Event,
    actions: &mut Actions,
) -> Result<(), Failure> {
    let member = cx.member()?;
    match event {
        Event::MemberJoined(_) => drop(actions.add_tag("new")),
        Event::PurchaseRecorded(bought) => {
            log::info(format!("tags {}", member.tags.join(" ")));
            let berlin = Position { latitude: 52_520_000, longitude: 13_405_000 };
            let query = CenterQuery::new().near(berlin).speaking(member.locale.clone());
            for center in cx.centers(&query, 2) {
                log::info(format!("{} {:?}", center.external_id, center.distance_metres));
            }
            let listed = cx.centers(&CenterQuery::new().in_country("PL").capable_of("tyres"), 50);
            log::info(format!("{:?}", listed.iter().map(|it| &it.name).collect::<Vec<_>>()));
            actions.deduct_points(FEE, "A fee");
            actions.add_tag("buyer");
            actions.remove_tag("new");
            actions.raise("sighed", &json!({ "over": bought.reference }));
        }
        Event::PluginEvent(raised) => {
            log::info(format!("{} {} {}", raised.plugin, raised.event, raised.data));
            actions.award_points(1, "Sympathy");
            actions.raise("sighed", &json!({ "over": raised.plugin }));
        }
        _ => {}
    }
    Ok(())
}
