//! Purchases: a shop reports an order, the member earns. A quote runs the same appraisal without booking it, so what a cart
//! shows is what the purchase brings.

mod model;
mod record;
mod recorder;
mod write;

pub(crate) use model::Checked;
pub use model::{LINES_MAX, Line, NewPurchase, Quote, Receipt, TierStanding};
pub(crate) use recorder::Recorder;

use crate::members::{self, MemberRef};
use crate::plugins;
use crate::{Actor, Code, Error, Loyalty, Result, Scope};

/// The service. Get it from [`Loyalty::purchases`].
#[derive(Clone, Copy, Debug)]
pub struct Purchases<'a> {
    pub(crate) loyalty: &'a Loyalty,
}

impl Purchases<'_> {
    /// Records a purchase and what it earns. The reference is the idempotency key: a repeat with the same arguments answers the
    /// first receipt, with other arguments it is refused with `REFERENCE_REUSED`.
    pub async fn record(self, actor: &Actor, purchase: NewPurchase) -> Result<Receipt> {
        actor.require(Scope::PurchasesWrite)?;
        self.loyalty.recorder().record(self.loyalty, actor.clone(), purchase).await
    }

    /// Records many, in order; each answers for itself.
    pub async fn record_many(
        self,
        actor: &Actor,
        purchases: Vec<NewPurchase>,
    ) -> Result<Vec<Result<Receipt>>> {
        actor.require(Scope::PurchasesWrite)?;
        if purchases.len() > recorder::BATCH_MAX {
            let why = format!("at most {} purchases in one request", recorder::BATCH_MAX);
            return Err(Error::new(Code::TooMany, why).at("purchases"));
        }
        let purchases: Vec<_> =
            purchases.into_iter().map(|purchase| (actor.clone(), purchase)).collect();
        record::record_many(self.loyalty, actor.program(), &purchases).await
    }

    /// What a purchase would earn now.
    pub async fn quote(self, actor: &Actor, cart: NewPurchase) -> Result<Quote> {
        let program = self.loyalty.programs().current(actor.program()).await?;
        let cart = NewPurchase { reference: "quote".to_owned(), ..cart };
        let checked = cart.check(&program.definition, program.now)?;
        let member = match &checked.member {
            MemberRef::Id(id) => self.loyalty.members().get(actor, *id).await?,
            MemberRef::ExternalId(external_id) => {
                let found = self.loyalty.members().find_by_external_id(actor, external_id).await?;
                found.ok_or_else(members::not_found)?
            }
        };
        let db = self.loyalty.db().read();
        let mut standings = members::read(db, program.id, &[member.id]).await?;
        let locked = standings.remove(&member.id).ok_or_else(members::not_found)?;
        let appraisers = plugins::appraisers(self.loyalty, &program, &[member.id]).await?;
        let proposals = appraisers.propose(&program, &member, &locked, &checked).await;
        let appraisal = record::appraise(&program, &member, &locked, &checked, &proposals)?;
        let after = record::foresee(&program, &locked, &checked, appraisal.points)?;
        Ok(Quote {
            points: appraisal.points,
            standing: TierStanding::of(&program.definition, &after.standing),
            appraisal,
        })
    }
}
