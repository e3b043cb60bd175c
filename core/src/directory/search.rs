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
    pub fitting: Fitting,
    /// 1 to 50.
    pub first: usize,
}

/// Which centers fit: those of which all holds that is given.
#[derive(Clone, Debug, Default)]
pub struct Fitting {
    /// BCP 47; centers that speak the language, or just this variety of it.
    pub language: Option<String>,
    pub capability: Option<String>,
    pub country: Option<String>,
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
    let measured = |row: Row| {
        let distance = near.position.distance_metres(row.position());
        (row, distance)
    };
    let found = near.fitting.rows(&context.db, program).await?;
    let mut fitting: Vec<_> = found.into_iter().map(measured).collect();
    fitting.sort_by(|one, other| {
        one.1.total_cmp(&other.1).then_with(|| one.0.external_id.cmp(&other.0.external_id))
    });
    fitting.truncate(near.first);
    let ids: Vec<_> = fitting.iter().map(|(row, _)| row.id).collect();
    let mut tags = tags(context, program, &ids).await?;
    let nearby = |(row, distance_metres): (Row, f64)| Nearby {
        center: row.into_center(&mut tags),
        distance_metres,
    };
    Ok(fitting.into_iter().map(nearby).collect())
}

/// Those that fit, by their external ids.
pub(super) async fn list(
    context: &Context,
    program: ProgramId,
    fitting: &Fitting,
    first: usize,
) -> Result<Vec<ServiceCenter>> {
    let mut found = fitting.rows(&context.db, program).await?;
    found.sort_by(|one, other| one.external_id.cmp(&other.external_id));
    found.truncate(first);
    let ids: Vec<_> = found.iter().map(|row| row.id).collect();
    let mut tags = tags(context, program, &ids).await?;
    Ok(found.into_iter().map(|row| row.into_center(&mut tags)).collect())
}

pub(super) async fn find(
    context: &Context,
    program: ProgramId,
    center: ServiceCenterId,
) -> Result<Option<ServiceCenter>> {
    let text = format!("{CENTERS} AND c.id = $2");
    let statement = context.db.sql(&text, [id(program), id(center)]);
    let found = Row::find_by_statement(statement).one(context.db.read()).await?;
    let Some(row) = found else { return Ok(None) };
    let mut tags = tags(context, program, &[center]).await?;
    Ok(Some(row.into_center(&mut tags)))
}

const CENTERS: &str = "SELECT id, external_id, name, country, city, latitude, longitude, phone, email \
     FROM service_centers c WHERE c.program_id = $1";

impl Fitting {
    async fn rows(&self, db: &Database, program: ProgramId) -> Result<Vec<Row>> {
        const TAGGED: &str = "EXISTS (SELECT 1 FROM service_center_tags t WHERE t.program_id = c.program_id \
             AND t.service_center_id = c.id AND t.kind = '{kind}' AND {fits})";
        let tagged =
            |kind: &str, fits: &str| TAGGED.replace("{kind}", kind).replace("{fits}", fits);
        // A center that speaks `de` is for whoever reads `de-AT`.
        let language = self.language.as_ref().map(|tag| format!("{}-", tag.to_lowercase()));
        let statement = Select::new(CENTERS, [id(program)])
            .and("c.country = {}", self.country.as_deref().map(Into::into))
            .and(&tagged(LANGUAGE, "{} LIKE t.value || '-%'"), language.map(Into::into))
            .and(&tagged(CAPABILITY, "t.value = {}"), self.capability.as_deref().map(Into::into))
            .ending(db.read(), "");
        Ok(Row::find_by_statement(statement).all(db.read()).await?)
    }
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
pub(super) type Tags = BTreeMap<(ServiceCenterId, String), BTreeSet<String>>;

pub(super) async fn tags(
    context: &Context,
    program: ProgramId,
    centers: &[ServiceCenterId],
) -> Result<Tags> {
    const TAGS: &str = "
        SELECT t.service_center_id, t.kind, t.value
        FROM {rows} AS k EACH service_center_tags AS t
        WHERE t.program_id = $1 AND t.service_center_id = k.id";
    let mut look = context.look(program);
    let keys: Vec<_> = centers.iter().map(|id| CenterKey { id: *id }).collect();
    let found = look.ask_over::<_, Tag>(TAGS, &keys);
    let mut tags = Tags::new();
    for tag in context.show(look).await?.rows(found)? {
        tags.entry((tag.service_center_id, tag.kind)).or_default().insert(tag.value);
    }
    Ok(tags)
}

impl Row {
    fn position(&self) -> Position {
        Position { latitude: self.latitude, longitude: self.longitude }
    }

    /// Takes the center's tags out of those of many.
    fn into_center(self, tags: &mut Tags) -> ServiceCenter {
        let mut of_kind = |kind: &str| tags.remove(&(self.id, kind.to_owned())).unwrap_or_default();
        ServiceCenter {
            languages: of_kind(LANGUAGE),
            capabilities: of_kind(CAPABILITY),
            position: self.position(),
            id: self.id,
            external_id: self.external_id,
            name: self.name,
            country: self.country,
            city: self.city,
            phone: self.phone,
            email: self.email,
        }
    }
}
