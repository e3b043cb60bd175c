//! `perennial demo`: programs, plugins, members, machines, a service network and real purchases to
//! look at. Safe to repeat.

use crate::cli::DemoArgs;
use crate::commands::{Import, Summary, import_centers, install_folder};
use crate::config::Settings;
use crate::import::Mapping;
use crate::import::purchases::PurchaseMapping;
use crate::{output, platform, token_key};
use anyhow::Context;
use perennial_core::members::{MemberKind, MemberRef, NewContact, NewMember};
use perennial_core::plugins::{Installed, RecordKey};
use perennial_core::records::NewRecord;
use perennial_core::{Actor, Loyalty, MemberId};
use serde::Deserialize;
use serde_json::Value;
use std::path::Path;
use std::process::ExitCode;

/// `examples/data/machinery.json`: companies, their people and their machines.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Company {
    external_id: String,
    name: String,
    country: String,
    locale: String,
    contacts: Vec<Person>,
    equipment: Vec<Equipment>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Person {
    name: String,
    email: String,
    role: String,
    locale: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Equipment {
    external_id: String,
    data: Value,
}

pub(crate) async fn run(
    settings: &Settings,
    args: &DemoArgs,
    as_json: bool,
) -> anyhow::Result<ExitCode> {
    let loyalty = platform::create(settings).await?;
    token_key::read_or_create(&settings.token_key)?;
    let installed = install_folder(&loyalty, &settings.plugins).await?;
    for plugin in installed.iter().filter(|plugin| plugin.is_new) {
        output::note(format!("installed the plugin {} {}", plugin.id, plugin.version));
    }
    let shop = apply(&loyalty, &args.examples.join("programs/demo.toml"), &installed).await?;
    let machinery =
        apply(&loyalty, &args.examples.join("programs/machinery.toml"), &installed).await?;
    for actor in [&shop, &machinery] {
        upgrade(&loyalty, actor, &installed).await?;
        import_centers(&loyalty, actor, &args.examples.join("data/service-centers.csv")).await?;
    }
    companies(&loyalty, &machinery, &args.examples.join("data/machinery.json")).await?;
    let summary = purchases(&loyalty, &shop, &args.examples.join("data/cdnow")).await?;
    Ok(summary.report(as_json, "purchases of the demo: "))
}

async fn apply(loyalty: &Loyalty, file: &Path, installed: &[Installed]) -> anyhow::Result<Actor> {
    let source =
        std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    approve(loyalty, &source, installed).await.with_context(|| file.display().to_string())?;
    let applied = loyalty.programs().apply(&source, "demo").await;
    Ok(Actor::system(applied.with_context(|| file.display().to_string())?.program))
}

/// Whoever loads the demo approves the plugins that its programs enable, and no other that lies in the
/// folder.
async fn approve(loyalty: &Loyalty, source: &str, installed: &[Installed]) -> anyhow::Result<()> {
    let file: toml::Table = source.parse()?;
    let enabled = file.get("plugins").and_then(toml::Value::as_table);
    let is_enabled = |one: &&Installed| enabled.is_some_and(|table| table.contains_key(&one.id));
    for Installed { id, version, .. } in installed.iter().filter(is_enabled) {
        if loyalty.plugins().approve(id, version).await?.is_new {
            output::note(format!("approved the plugin {id} {version}"));
        }
    }
    Ok(())
}

/// A demo that was loaded before goes over to the plugins that were built since.
async fn upgrade(loyalty: &Loyalty, actor: &Actor, installed: &[Installed]) -> anyhow::Result<()> {
    for enabled in loyalty.plugins().list(actor).await? {
        let plugin = &enabled.plugin.id;
        if let Some(Installed { version, .. }) = installed.iter().find(|one| one.id == *plugin) {
            let moved = loyalty.plugins().upgrade(actor, plugin, Some(version)).await;
            moved.with_context(|| format!("the demo cannot use {plugin} {version}"))?;
        }
    }
    Ok(())
}

async fn companies(loyalty: &Loyalty, actor: &Actor, file: &Path) -> anyhow::Result<()> {
    let text =
        std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let companies: Vec<Company> =
        serde_json::from_str(&text).with_context(|| file.display().to_string())?;
    for company in companies {
        let member = NewMember {
            external_id: company.external_id,
            kind: MemberKind::Organization,
            name: company.name,
            email: None,
            locale: Some(company.locale),
            country: Some(company.country),
            contacts: company.contacts.into_iter().map(NewContact::from).collect(),
            referral_code: None,
        };
        let member = loyalty.members().create(actor, member).await?.member.id;
        for machine in company.equipment {
            loyalty.records().put(actor, &machine.record(member)).await?;
        }
    }
    Ok(())
}

async fn purchases(loyalty: &Loyalty, actor: &Actor, folder: &Path) -> anyhow::Result<Summary> {
    let import = Import {
        loyalty,
        program: loyalty.programs().current(actor.program()).await?,
        actor: actor.clone(),
        file: &folder.join("CDNOW_sample.txt"),
        mapping: PurchaseMapping::load(&folder.join("mapping.toml"))?,
    };
    import.run().await
}

impl From<Person> for NewContact {
    fn from(person: Person) -> Self {
        Self {
            name: person.name,
            email: Some(person.email),
            role: person.role,
            locale: Some(person.locale),
        }
    }
}

impl Equipment {
    fn record(self, member: MemberId) -> NewRecord {
        let key = RecordKey { record_type: "equipment".to_owned(), external_id: self.external_id };
        NewRecord { member: MemberRef::Id(member), key, data: self.data }
    }
}
