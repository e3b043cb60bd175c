//! The service network: centers with a position, languages and capabilities, and the nearest that
//! can help.
//!
//! Positions are degrees in floating point: they are measurements, not amounts.

mod geo;
mod search;
mod write;

pub use geo::Position;
pub use search::{Fitting, Near, Nearby};

use crate::context::Context;
use crate::db::retry;
use crate::text::{self, invalid};
use crate::{Actor, Code, Error, ProgramId, Result, Scope, ServiceCenterId};
use std::collections::BTreeSet;

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

/// The service. Get it from [`crate::Loyalty::directory`].
#[derive(Clone, Copy, Debug)]
pub struct Directory<'a> {
    pub(crate) context: &'a Context,
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
        let (context, program) = (self.context, actor.program());
        retry("putting centers", || write::put(context, program, new)).await
    }

    /// A center of a program's network; none when it does not exist. Public like the search.
    pub async fn find(
        self,
        program: ProgramId,
        center: ServiceCenterId,
    ) -> Result<Option<ServiceCenter>> {
        search::find(self.context, program, center).await
    }

    /// The nearest centers that fit, the nearest first. Public: whoever may see the program may see
    /// its network.
    pub async fn nearest(self, program: ProgramId, near: &Near) -> Result<Vec<Nearby>> {
        search::nearest(self.context, program, near).await
    }

    /// The first centers that fit, by their external ids. Public like the search.
    pub async fn list(
        self,
        program: ProgramId,
        fitting: &Fitting,
        first: usize,
    ) -> Result<Vec<ServiceCenter>> {
        search::list(self.context, program, fitting, first).await
    }
}

impl NewServiceCenter {
    /// Fails with `INVALID_INPUT` or `TOO_MANY`, naming the field.
    pub fn check(&self) -> Result<()> {
        text::identifier("externalId", &self.external_id)?;
        text::name("name", &self.name)?;
        text::name("city", &self.city)?;
        text::country("country", &self.country)?;
        self.position.check()?;
        for (field, tags) in [("languages", &self.languages), ("capabilities", &self.capabilities)]
        {
            if tags.len() > TAGS_MAX {
                return Err(Error::new(Code::TooMany, format!("at most {TAGS_MAX}")).at(field));
            }
            if let Some(wrong) = tags.iter().find(|value| !text::is_slug(value)) {
                let why =
                    format!("`{wrong}`: use lower-case letters, digits and hyphens, at most 64");
                return Err(invalid(field, why));
            }
        }
        self.languages.iter().try_for_each(|language| text::language("languages", language))
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
