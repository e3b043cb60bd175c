//! What a scenario file says. A key that is none is refused with its line.

use super::step::{Day, Lines, Step, StepFile};
use super::{Scenario, line};
use crate::{Member, Program, organization, person};
use jiff::civil::Date;
use perennial_contract::Manifest;
use perennial_contract::call::{Position, ServiceCenter};
use perennial_contract::text;
use serde::Deserialize;
use serde_json::Value;
use toml::{Spanned, Table};

/// The day on which a scenario starts that names none.
const START: Date = Date::constant(2026, 1, 1);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    #[serde(default)]
    about: String,
    #[serde(default)]
    program: ProgramFile,
    /// The plugin's table of the program file.
    #[serde(default)]
    config: Table,
    /// The manifests of plugins beside it, or as much of them as is needed.
    #[serde(default)]
    beside: Vec<Spanned<Manifest>>,
    /// Service centers that the plugin can look up.
    #[serde(default)]
    centers: Vec<CenterFile>,
    /// One member, `ada`, if there is none.
    #[serde(default)]
    members: Vec<MemberFile>,
    #[serde(default)]
    steps: Vec<Spanned<StepFile>>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct ProgramFile {
    slug: Option<String>,
    zone: Option<Spanned<String>>,
    currency: Option<String>,
    locale: Option<String>,
    start: Option<Day>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MemberFile {
    id: String,
    #[serde(default)]
    kind: Kind,
    locale: Option<String>,
    tier: Option<String>,
    #[serde(default)]
    points: i64,
    joined_on: Option<Day>,
    #[serde(default)]
    contacts: Vec<ContactFile>,
    #[serde(default)]
    tags: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CenterFile {
    id: String,
    name: Option<String>,
    #[serde(default)]
    country: String,
    #[serde(default)]
    city: String,
    /// Degrees, as operators put them.
    #[serde(default)]
    latitude: f64,
    #[serde(default)]
    longitude: f64,
    phone: Option<String>,
    email: Option<String>,
    #[serde(default)]
    languages: Vec<String>,
    #[serde(default)]
    capabilities: Vec<String>,
    /// From wherever the plugin asks.
    distance_metres: Option<u32>,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    #[default]
    Person,
    Organization,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ContactFile {
    id: String,
    role: String,
    locale: String,
}

impl File {
    pub(super) fn check(self, file: &str, text: &str) -> Result<Scenario, String> {
        let start = self.program.start.map_or(START, |start| start.0);
        let (program, at) = (self.program, Lines { file, text });
        let steps = self.steps.into_iter().enumerate();
        let steps: Vec<Step> =
            steps.map(|(index, step)| step_of(index, step, at)).collect::<Result<_, _>>()?;
        if !steps.iter().any(Step::expects_something) {
            return Err(format!(
                "{file}: it expects nothing, so it shows nothing: give a step an `expect`"
            ));
        }
        let members = match self.members.is_empty() {
            true => vec![person().called("ada")],
            false => self.members.into_iter().map(MemberFile::member).collect(),
        };
        let known = |step: &&Step| {
            step.member.as_ref().is_none_or(|id| members.iter().any(|it| it.external_id == *id))
        };
        if let Some(step) = steps.iter().find(|step| !known(step)) {
            let id = step.member.as_deref().unwrap_or_default();
            return Err(format!("{file}, {}: there is no member `{id}`", step.place()));
        }
        let tags = members.iter().flat_map(|member| &member.tags);
        if let Some(tag) = tags.into_iter().find(|tag| !text::is_slug(tag)) {
            return Err(format!("{file}, [[members]]: the tag `{tag}`: {}", text::NO_SLUG));
        }
        let config: Value = serde_json::to_value(self.config)
            .map_err(|error| format!("{file}, [config]: {error}"))?;
        let beside = self.beside.into_iter().map(|other| manifest(other, at));
        let beside = beside.collect::<Result<_, _>>()?;
        let program = program.program(at)?;
        let centers = self.centers.into_iter().map(ServiceCenter::from).collect();
        let (file, about) = (file.to_owned(), self.about);
        Ok(Scenario { file, about, program, start, beside, centers, config, members, steps })
    }
}

fn manifest(other: Spanned<Manifest>, at: Lines<'_>) -> Result<Manifest, String> {
    let line = line(at.text, other.span().start);
    let checked = other.into_inner().checked();
    checked.map_err(|why| format!("{}, [[beside]] (line {line}): {why}", at.file))
}

fn step_of(index: usize, step: Spanned<StepFile>, at: Lines<'_>) -> Result<Step, String> {
    let line = line(at.text, step.span().start);
    step.into_inner()
        .check(index + 1, line)
        .map_err(|why| format!("{}, step {} (line {line}): {why}", at.file, index + 1))
}

impl ProgramFile {
    fn program(self, at: Lines<'_>) -> Result<Program, String> {
        let mut program = Program::default();
        if let Some(slug) = self.slug {
            program = program.called(&slug);
        }
        if let Some(zone) = self.zone {
            let line = line(at.text, zone.span().start);
            program = program
                .try_zone(zone.get_ref())
                .map_err(|why| format!("{}, line {line}, program.zone: {why}", at.file))?;
        }
        if let Some(currency) = self.currency {
            program = program.with_currency(&currency);
        }
        if let Some(locale) = self.locale {
            program = program.with_locale(&locale);
        }
        Ok(program)
    }
}

impl MemberFile {
    fn member(self) -> Member {
        let mut member = match self.kind {
            Kind::Person => person(),
            Kind::Organization => organization(),
        };
        member = member.called(&self.id).with_points(self.points);
        member.tier = self.tier;
        if let Some(locale) = self.locale {
            member.locale = locale;
        }
        if let Some(joined_on) = self.joined_on {
            member.joined_on = joined_on.0;
        }
        for contact in &self.contacts {
            member = member.with_contact(&contact.id, &contact.role, &contact.locale);
        }
        self.tags.iter().for_each(|tag| member.add_tag(tag));
        member
    }
}

impl From<CenterFile> for ServiceCenter {
    fn from(file: CenterFile) -> Self {
        Self {
            id: format!("ctr_{}", file.id),
            name: file.name.unwrap_or_else(|| file.id.clone()),
            external_id: file.id,
            country: file.country,
            city: file.city,
            position: Position {
                latitude: millionths(file.latitude),
                longitude: millionths(file.longitude),
            },
            phone: file.phone,
            email: file.email,
            languages: file.languages,
            capabilities: file.capabilities,
            distance_metres: file.distance_metres,
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "what is off the map stays at its end")]
fn millionths(degrees: f64) -> i32 {
    (degrees * 1_000_000.0).round() as i32
}
