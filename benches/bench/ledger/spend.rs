//! Redeeming a reward that takes five lots, and returning a whole purchase, by 32 callers of the
//! core, beside earns by as many in the same rounds.

use super::clients::{CoreEarner, order};
use super::earn::median_but_first;
use super::{MANY, Stage};
use crate::client::{Client, Crowd, Until};
use crate::platform::{Order, Teller, external_id};
use crate::report::Report;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What the reward takes, each with an expiry of its own.
const LOTS: i64 = 5;
const DAYS_BETWEEN: i64 = 40;

pub(super) async fn measure(report: &mut Report, stage: &mut Stage) {
    let sizes = stage.sizes;
    let all = (sizes.rounds + 1) * sizes.ends;
    fill(stage, all).await;
    let (ends, until) = (Until::Calls(sizes.ends), Until::Elapsed(sizes.round));
    let mut earners = CoreEarner::crowd(&stage.platform, MANY, "beside-ends", sizes.members);
    let mut spenders = Ending::crowd(stage, How::Spend);
    let mut returners = Ending::crowd(stage, How::Return);
    let (mut earns, mut spends, mut returns) = (vec![], vec![], vec![]);
    for _ in 0..=sizes.rounds {
        earns.push(stage.turn(&mut earners, until).await.rate());
        spends.push(stage.turn(&mut spenders, ends).await.rate());
        returns.push(stage.turn(&mut returners, ends).await.rate());
    }
    let earns = median_but_first(earns);
    report.rate(stage.row("spend"), "spends/s", median_but_first(spends), earns);
    report.rate(stage.row("return"), "returns/s", median_but_first(returns), earns);
}

/// Gives members five lots each, and others a purchase that they will return. Rounds are cut to
/// what the clients can share evenly, so there is a little more than is used.
async fn fill(stage: &Stage, all: usize) {
    let spare = all + (stage.sizes.rounds + 1) * MANY;
    let members = stage.sizes.members;
    // Batches that are recorded at the same time have no member in common.
    let lot = |lot: i64, member: usize| Order {
        days_ago: DAYS_BETWEEN * lot,
        ..order(&format!("lot-{lot}"), member, member % members)
    };
    let lots = (0..LOTS).flat_map(|number| (0..spare).map(move |member| lot(number, member)));
    let returned = (0..spare).map(|number| order("return", number, (spare + number) % members));
    let orders: Vec<_> = lots.chain(returned).collect();
    stage.platform.record(&orders).await;
    stage.platform.settle().await;
}

#[derive(Clone, Copy)]
enum How {
    Spend,
    Return,
}

/// Ends the next lots, or the next purchase, that nobody has ended.
struct Ending {
    how: How,
    teller: Teller,
    next: Arc<AtomicUsize>,
}

impl Ending {
    fn crowd(stage: &Stage, how: How) -> Crowd<Self> {
        let next = Arc::new(AtomicUsize::new(0));
        let teller = |_| Self { how, teller: stage.platform.teller(), next: Arc::clone(&next) };
        Crowd::new((0..MANY).map(teller))
    }
}

impl Client for Ending {
    async fn call(&mut self) {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        match self.how {
            How::Spend => self.teller.redeem(external_id(number), "prize").await,
            How::Return => self.teller.give_back(format!("return-{number}")).await,
        }
    }
}
