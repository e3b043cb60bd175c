//! The service network: centers with a position, languages and capabilities, and the nearest that can help.
//!
//! Positions are degrees in floating point: they are measurements, not amounts.

mod geo;
mod search;

pub use geo::Position;
pub use search::{Near, Nearby};

use crate::db::rows;
use crate::{Actor, Code, Error, Loyalty, ProgramId, Result, Scope, ServiceCenterId};
use sea_orm::{ConnectionTrait, DatabaseTransaction, FromQueryResult};
use std::collections::BTreeSet;

const TEXT_MAX: usize = 200;
const TAGS_MAX: usize = 50;

/// A center of the service network.
#[derive(Clone, Debug, PartialEq)]
pub struct ServiceCenter {
    pub id: ServiceCenterId,
    pub external_id: String,
    pub name: String,
    /// ISO 3166-1 alpha-2.
    pub country: String,
    pub city: String,
    pub position: Position,
    pub phone: Option<String>,
    pub email: Option<String>,
    /// BCP 47 language subtags.
    pub languages: BTreeSet<String>,
    /// What the center can do, such as `hydraulics`.
    pub capabilities: BTreeSet<String>,
}

/// A center to be put. The external id is the key: putting it again replaces all of it.
#[derive(Clone, Debug)]
pub struct NewServiceCenter {
    pub external_id: String,
    pub name: String,
    pub country: String,
    pub city: String,
    pub position: Position,
    pub phone: Option<String>,
    pub email: Option<String>,
    pub languages: BTreeSet<String>,
    pub capabilities: BTreeSet<String>,
}

/// The service. Get it from [`Loyalty::directory`].
#[derive(Clone, Copy, Debug)]
pub struct Directory<'a> {
    pub(crate) loyalty: &'a Loyalty,
}

impl Directory<'_> {
    /// Creates a center or replaces it.
    pub async fn put(self, actor: &Actor, new: &NewServiceCenter) -> Result<ServiceCenter> {
        let mut centers = self.put_many(actor, std::slice::from_ref(new)).await?;
        centers.pop().ok_or_else(|| Error::internal("no answer to the one center"))
    }

    /// Creates or replaces many, all or none.
    pub async fn put_many(
        self,
        actor: &Actor,
        new: &[NewServiceCenter],
    ) -> Result<Vec<ServiceCenter>> {
        actor.require(Scope::DirectoryWrite)?;
        new.iter().try_for_each(NewServiceCenter::check)?;
        let tx = self.loyalty.db().begin().await?;
        let mut centers = Vec::with_capacity(new.len());
        for center in new {
            let id = upsert(&tx, actor.program(), center).await?;
            replace_tags(&tx, actor.program(), id, center).await?;
            centers.push(center.clone().with_id(id));
        }
        tx.commit().await?;
        Ok(centers)
    }

    /// The nearest centers that fit, the nearest first. Public: whoever may see the program may see its network.
    pub async fn nearest(self, program: ProgramId, near: &Near) -> Result<Vec<Nearby>> {
        search::nearest(self.loyalty.db().read(), program, near).await
    }
}

impl NewServiceCenter {
    /// Fails with `INVALID_INPUT` or `TOO_MANY`, naming the field.
    pub fn check(&self) -> Result<()> {
        for (field, value) in
            [("externalId", &self.external_id), ("name", &self.name), ("city", &self.city)]
        {
            if value.trim().is_empty()
                || value.chars().count() > TEXT_MAX
                || value.contains(char::is_control)
            {
                return Err(invalid(field, &format!("use 1 to {TEXT_MAX} printable characters")));
            }
        }
        if self.country.len() != 2 || !self.country.bytes().all(|byte| byte.is_ascii_uppercase()) {
            return Err(invalid(
                "country",
                "use a two-letter ISO 3166 code in capitals, such as DE",
            ));
        }
        self.position.check()?;
        for (field, tags) in [("languages", &self.languages), ("capabilities", &self.capabilities)]
        {
            if tags.len() > TAGS_MAX {
                return Err(Error::new(Code::TooMany, format!("at most {TAGS_MAX}")).at(field));
            }
            let tag = |tag: &String| {
                let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
                (1..=64).contains(&tag.len()) && tag.bytes().all(allowed)
            };
            if let Some(wrong) = tags.iter().find(|value| !tag(value)) {
                let why =
                    format!("`{wrong}`: use lower-case letters, digits and hyphens, at most 64");
                return Err(invalid(field, &why));
            }
        }
        Ok(())
    }

    fn with_id(self, id: ServiceCenterId) -> ServiceCenter {
        ServiceCenter {
            id,
            external_id: self.external_id,
            name: self.name,
            country: self.country,
            city: self.city,
            position: self.position,
            phone: self.phone,
            email: self.email,
            languages: self.languages,
            capabilities: self.capabilities,
        }
    }
}

fn invalid(field: &str, why: &str) -> Error {
    Error::new(Code::InvalidInput, why).at(field)
}

async fn upsert(
    tx: &DatabaseTransaction,
    program: ProgramId,
    new: &NewServiceCenter,
) -> Result<ServiceCenterId> {
    #[derive(FromQueryResult)]
    struct Row {
        id: ServiceCenterId,
    }
    const UPSERT: &str = "INSERT INTO service_centers (program_id, id, external_id, name, country, city, latitude, \
           longitude, phone, email) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) \
         ON CONFLICT (program_id, external_id) DO UPDATE SET name = excluded.name, country = excluded.country, \
           city = excluded.city, latitude = excluded.latitude, longitude = excluded.longitude, \
           phone = excluded.phone, email = excluded.email RETURNING id";
    let values = [
        rows::id(program),
        rows::id(ServiceCenterId::new()),
        new.external_id.as_str().into(),
        new.name.as_str().into(),
        new.country.as_str().into(),
        new.city.as_str().into(),
        new.position.latitude.into(),
        new.position.longitude.into(),
        new.phone.clone().into(),
        new.email.clone().into(),
    ];
    let row = Row::find_by_statement(rows::sql(tx, UPSERT, values)).one(tx).await?;
    row.map(|row| row.id).ok_or_else(|| Error::internal("an upsert that returned nothing"))
}

async fn replace_tags(
    tx: &DatabaseTransaction,
    program: ProgramId,
    id: ServiceCenterId,
    new: &NewServiceCenter,
) -> Result<()> {
    use rows::Field::{Id, Text};
    const FIELDS: &rows::Fields =
        &[("program_id", Id), ("service_center_id", Id), ("kind", Text), ("value", Text)];
    const DELETE: &str =
        "DELETE FROM service_center_tags WHERE program_id = $1 AND service_center_id = $2";
    tx.execute_raw(rows::sql(tx, DELETE, [rows::id(program), rows::id(id)])).await?;
    let languages = new.languages.iter().map(|value| (search::LANGUAGE, value));
    let capabilities = new.capabilities.iter().map(|value| (search::CAPABILITY, value));
    let row = |(kind, value): (&str, &String)| {
        serde_json::json!({
            "program_id": rows::hex_text(program), "service_center_id": rows::hex_text(id),
            "kind": kind, "value": value,
        })
    };
    let tags: Vec<_> = languages.chain(capabilities).map(row).collect();
    rows::insert(tx, "service_center_tags", FIELDS, &tags).await
}
