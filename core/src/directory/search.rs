//! Finding the nearest centers that speak a language and can do a thing.

use super::{Position, ServiceCenter};
use crate::context::Context;
use crate::db::select::Select;
use crate::db::{Database, id, row};
use crate::{Code, Error, ProgramId, Result, ServiceCenterId};
use sea_orm::FromQueryResult;
use std::collections::{BTreeMap, BTreeSet};

pub(super) const LANGUAGE: &str = "LANGUAGE";
pub(super) const CAPABILITY: &str = "CAPABILITY";
/// The most centers that one search answers.
const FIRST_MAX: usize = 50;

/// What is looked for.
#[derive(Clone, Debug)]
pub struct Near {
    pub position: Position,
    /// BCP 47; centers that speak the language, or just this variety of it.
    pub language: Option<String>,
    pub capability: Option<String>,
    pub country: Option<String>,
    /// 1 to 50.
    pub first: usize,
}

/// A center and how far it is.
#[derive(Clone, Debug)]
pub struct Nearby {
    pub center: ServiceCenter,
    pub distance_metres: f64,
}

#[derive(FromQueryResult)]
struct Row {
    id: ServiceCenterId,
    external_id: String,
    name: String,
    country: String,
    city: String,
    latitude: f64,
    longitude: f64,
    phone: Option<String>,
    email: Option<String>,
}

/// Narrows down by tags and country in the database, measures what is left here: a network has
/// thousands of centers, not millions.
pub(super) async fn nearest(
    context: &Context,
    program: ProgramId,
    near: &Near,
) -> Result<Vec<Nearby>> {
    near.position.check().map_err(|error| error.at("near"))?;
    if near.first > FIRST_MAX {
        return Err(Error::new(Code::TooMany, format!("at most {FIRST_MAX} centers")).at("first"));
    }
    let mut fitting = candidates(&context.db, program, near).await?;
    fitting.sort_by(|one, other| {
        one.1.total_cmp(&other.1).then_with(|| one.0.external_id.cmp(&other.0.external_id))
    });
    fitting.truncate(near.first);
    let ids: Vec<_> = fitting.iter().map(|(row, _)| row.id).collect();
    let mut tags = tags(context, program, &ids).await?;
    let nearby = |(row, distance_metres): (Row, f64)| {
        let of_kind = |tags: &mut BTreeMap<(ServiceCenterId, String), BTreeSet<String>>,
                       kind: &str| {
            tags.remove(&(row.id, kind.to_owned())).unwrap_or_default()
        };
        let languages = of_kind(&mut tags, LANGUAGE);
        let capabilities = of_kind(&mut tags, CAPABILITY);
        Nearby { center: row.into_center(languages, capabilities), distance_metres }
    };
    Ok(fitting.into_iter().map(nearby).collect())
}

async fn candidates(db: &Database, program: ProgramId, near: &Near) -> Result<Vec<(Row, f64)>> {
    const TAGGED: &str = "EXISTS (SELECT 1 FROM service_center_tags t WHERE t.program_id = c.program_id \
         AND t.service_center_id = c.id AND t.kind = '{kind}' AND {fits})";
    let tagged = |kind: &str, fits: &str| TAGGED.replace("{kind}", kind).replace("{fits}", fits);
    // A center that speaks `de` is for whoever reads `de-AT`.
    let language = near.language.as_ref().map(|tag| format!("{}-", tag.to_lowercase()));
    let statement = Select::new(
        "SELECT id, external_id, name, country, city, latitude, longitude, phone, email \
         FROM service_centers c WHERE c.program_id = $1",
        [id(program)],
    )
    .and("c.country = {}", near.country.as_deref().map(Into::into))
    .and(&tagged(LANGUAGE, "{} LIKE t.value || '-%'"), language.map(Into::into))
    .and(&tagged(CAPABILITY, "t.value = {}"), near.capability.as_deref().map(Into::into))
    .ending(db.read(), "");
    let found = Row::find_by_statement(statement).all(db.read()).await?;
    let measured = |row: Row| {
        let distance = near.position.distance_metres(row.position());
        (row, distance)
    };
    Ok(found.into_iter().map(measured).collect())
}

row! {
    pub(super) struct CenterKey {
        pub(super) id: ServiceCenterId,
    }
}

row! {
    struct Tag {
        service_center_id: ServiceCenterId,
        kind: String,
        value: String,
    }
}

/// The tags of centers, by center and kind.
pub(super) async fn tags(
    context: &Context,
    program: ProgramId,
    centers: &[ServiceCenterId],
) -> Result<BTreeMap<(ServiceCenterId, String), BTreeSet<String>>> {
    const TAGS: &str = "
        SELECT t.service_center_id, t.kind, t.value
        FROM {rows} AS k EACH service_center_tags AS t
        WHERE t.program_id = $1 AND t.service_center_id = k.id";
    let mut look = context.look(program);
    let keys: Vec<_> = centers.iter().map(|id| CenterKey { id: *id }).collect();
    let found = look.ask_over::<_, Tag>(TAGS, &keys);
    let mut tags: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    for tag in context.show(look).await?.rows(found)? {
        tags.entry((tag.service_center_id, tag.kind)).or_default().insert(tag.value);
    }
    Ok(tags)
}

impl Row {
    fn position(&self) -> Position {
        Position { latitude: self.latitude, longitude: self.longitude }
    }

    fn into_center(
        self,
        languages: BTreeSet<String>,
        capabilities: BTreeSet<String>,
    ) -> ServiceCenter {
        ServiceCenter {
            position: self.position(),
            id: self.id,
            external_id: self.external_id,
            name: self.name,
            country: self.country,
            city: self.city,
            phone: self.phone,
            email: self.email,
            languages,
            capabilities,
        }
    }
}
