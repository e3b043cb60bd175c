//! The service network, for the operator.

use crate::context::RequestContext;
use crate::error::{UserError, split};
use crate::scalars::{CountryCode, LanguageTag};
use crate::shared::{GeoPositionInput, ServiceCenter, ServiceCenters};
use async_graphql::{Context, InputObject, Object, Result, SimpleObject};
use perennial_core::Scope;
use perennial_core::directory::{Near, NewServiceCenter, Position};

/// A center to be put.
#[derive(Debug, InputObject)]
pub(super) struct PutServiceCenterInput {
    /// The operator's own key of the center; putting it again replaces all of it.
    external_id: String,
    /// What it is called.
    name: String,
    /// Where it is.
    country: CountryCode,
    /// Where it is.
    city: String,
    /// Degrees, WGS 84, north positive.
    latitude: f64,
    /// Degrees, WGS 84, east positive.
    longitude: f64,
    /// To call it.
    phone: Option<String>,
    /// To write to it.
    email: Option<String>,
    /// Languages that it speaks, in lower case, such as `de`.
    #[graphql(default)]
    languages: Vec<String>,
    /// What it can do, such as `hydraulics`: lower-case letters, digits and hyphens.
    #[graphql(default)]
    capabilities: Vec<String>,
}

/// What came of putting a center.
#[derive(Debug, SimpleObject)]
pub(super) struct PutServiceCenterPayload {
    /// The center, when nothing stood against it.
    service_center: Option<ServiceCenter>,
    /// Why nothing was put.
    user_errors: Vec<UserError>,
}

#[derive(Debug, Default)]
pub(crate) struct DirectoryQuery;

#[Object]
impl DirectoryQuery {
    /// The nearest service centers that fit, the nearest first.
    #[graphql(complexity = "crate::limits::list_cost(first, child_complexity)")]
    async fn service_centers(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Where help is needed.")] near: GeoPositionInput,
        #[graphql(desc = "A language that the center speaks, such as `de`.")] language: Option<
            LanguageTag,
        >,
        #[graphql(desc = "What the center can do, such as `hydraulics`.")] capability: Option<
            String,
        >,
        #[graphql(desc = "Where the center is.")] country: Option<CountryCode>,
        #[graphql(default = 10, desc = "At most 50.")] first: u32,
    ) -> Result<ServiceCenters> {
        let (loyalty, actor) = ctx.caller()?;
        actor.require(Scope::Read)?;
        let near = Near {
            position: near.into(),
            language: language.map(|LanguageTag(tag)| tag.to_ascii_lowercase()),
            capability,
            country: country.map(|CountryCode(code)| code),
            first: first.try_into()?,
        };
        Ok(loyalty.directory().nearest(actor.program(), &near).await?.into())
    }
}

#[derive(Debug, Default)]
pub(crate) struct DirectoryMutation;

#[Object]
impl DirectoryMutation {
    /// Creates a service center or replaces it. Needs the scope `directory:write`.
    async fn put_service_center(
        &self,
        ctx: &Context<'_>,
        input: PutServiceCenterInput,
    ) -> Result<PutServiceCenterPayload> {
        let (loyalty, actor) = ctx.caller()?;
        let (center, user_errors) = split(loyalty.directory().put(actor, &input.into()).await)?;
        let service_center = center.map(ServiceCenter::from);
        Ok(PutServiceCenterPayload { service_center, user_errors })
    }
}

impl From<PutServiceCenterInput> for NewServiceCenter {
    fn from(input: PutServiceCenterInput) -> Self {
        Self {
            external_id: input.external_id,
            name: input.name,
            country: input.country.0,
            city: input.city,
            position: Position { latitude: input.latitude, longitude: input.longitude },
            phone: input.phone,
            email: input.email,
            languages: input.languages.into_iter().collect(),
            capabilities: input.capabilities.into_iter().collect(),
        }
    }
}
