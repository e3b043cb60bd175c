//! What resolvers take from a request: the services, the session, the loaders and the
//! languages.

use crate::auth::Session;
use crate::languages::Languages;
use crate::loaders::Loaders;
use async_graphql::Context;
use perennial_core::{Actor, Code, Error, Loyalty, Result};

pub(crate) trait RequestContext {
    fn loyalty(&self) -> &Loyalty;

    fn loaders(&self) -> &Loaders;

    /// The languages of those who read the response.
    fn languages(&self) -> &Languages;

    /// Fails with `UNAUTHENTICATED` if the request has no token.
    fn session(&self) -> Result<&Session>;

    /// The services and the actor, which every call of a service needs.
    fn caller(&self) -> Result<(&Loyalty, &Actor)> {
        Ok((self.loyalty(), &self.session()?.actor))
    }
}

impl RequestContext for Context<'_> {
    fn loyalty(&self) -> &Loyalty {
        self.data_unchecked::<Loyalty>()
    }

    fn loaders(&self) -> &Loaders {
        self.data_unchecked::<Loaders>()
    }

    fn languages(&self) -> &Languages {
        self.data_unchecked::<Languages>()
    }

    fn session(&self) -> Result<&Session> {
        self.data_opt::<Session>()
            .ok_or_else(|| Error::new(Code::Unauthenticated, "this needs a token"))
    }
}
