//! The hostile plugin with one hook each, so that what it does there is all that it does.

use super::cases::{At, Case, GROW_TABLE};
use super::made::{Does, made};
use crate::support::{TestApp, plugins};
use perennial_plugin_host::{repack, sign};

/// Of those that behave, where the other has the hook `appraise` or `view`.
pub(super) const FAIR: &str = "fair";

/// Installs a guest of each hook, the guest that is made by hand, and a neighbour for each of them.
pub(super) async fn offer(app: &TestApp) {
    for at in [At::OnEvent, At::Appraise, At::View] {
        app.offers(&guest(&id(at), at)).await;
    }
    app.offers(&grower()).await;
    app.offers(&guest(&format!("{FAIR}-appraise"), At::Appraise)).await;
    app.offers(&guest(&format!("{FAIR}-view"), At::View)).await;
    app.offers(plugins::bundled("consumer-goods")).await;
}

/// The plugin that lives a case.
pub(super) fn of(case: &Case) -> String {
    if case.mode == GROW_TABLE { GROW_TABLE.to_owned() } else { id(case.at) }
}

fn id(at: At) -> String {
    let hook = match at {
        At::OnEvent => "on-event",
        At::Appraise => "appraise",
        At::View => "view",
    };
    format!("hostile-{hook}")
}

fn guest(id: &str, at: At) -> Vec<u8> {
    let (subscribes, hooks) = match at {
        At::OnEvent => ("subscribes = [\"purchase-recorded\"]", "hooks = []"),
        At::Appraise => ("subscribes = []", "hooks = [\"appraise\"]"),
        At::View => ("subscribes = []", "hooks = [\"view\"]"),
    };
    let bomb = format!(
        "[messages.bomb.en]\nsubject = \"Boom\"\nbody = \"{}\"\n[messages.greeting.en]",
        "{x}".repeat(40)
    );
    // What another member has is a toy; otherwise each has a type of its own, as one beside another must.
    let toy = if at == At::OnEvent { "toy".to_owned() } else { format!("toy-of-{id}") };
    plugins::signed(&[
        ("writes-records = [\"toy\"]", &format!("writes-records = [\"{toy}\"]")),
        ("[records.toy]", &format!("[records.{toy}]")),
        ("id = \"hostile\"", &format!("id = \"{id}\"")),
        ("subscribes = [\"purchase-recorded\"]", subscribes),
        ("hooks = [\"appraise\", \"view\"]", hooks),
        ("messages = true", "messages = true\ncontacts = true"),
        ("[messages.greeting.en]", &bomb),
    ])
}

fn grower() -> Vec<u8> {
    let manifest = format!(
        "id = \"{GROW_TABLE}\"\nname = \"Grower\"\nversion = \"1.0.0\"\n\
         subscribes = [\"purchase-recorded\"]\nconfig.type = \"object\"\n"
    );
    let made = made(&plugins::unsigned(&[]), Does::GrowTable);
    sign(&repack(&made, &manifest).unwrap(), &plugins::publisher()).unwrap()
}
