//! A member's balance over HTTP with the member's token, beside pgbench reading a balance by its
//! key: requests a second at 32 clients.

use super::earn::median_but_first;
use super::{MANY, Stage};
use crate::client::{Until, askers, post};
use crate::random::Draw;
use crate::report::Report;
use std::sync::Arc;

const PATH: &str = "/graphql";
const BODY: &str = r#"{"query":"{ me { balance { points } } }"}"#;
/// Members whose tokens are signed beforehand.
const TOKENS: usize = 4096;

pub(super) async fn measure(report: &mut Report, stage: &mut Stage) {
    let (sizes, mut draw) = (stage.sizes, Draw::seeded(3));
    let request = |_| {
        let token = stage.platform.member_token(draw.below(sizes.members));
        post(PATH, Some(&token), BODY)
    };
    let requests = Arc::new((0..TOKENS).map(request).collect());
    let mut ours = askers(MANY, &stage.platform.address, &requests).await;
    let mut pgbench = stage.baseline.reading();
    let (mut read, mut theirs) = (vec![], vec![]);
    for _ in 0..=sizes.rounds {
        theirs.push(pgbench.rate(MANY, sizes.round / 2));
        read.push(ours.round(Until::Elapsed(sizes.round / 2)).await.rate());
    }
    let (read, theirs) = (median_but_first(read), median_but_first(theirs));
    report.rate(stage.row("read"), "requests/s", read, theirs);
}
