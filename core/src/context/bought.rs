//! What a member has bought, for those on whom purchases stand: a port that `purchases` implements.

use super::{Context, Program};
use crate::page::{Page, PageRequest};
use crate::runtime::PastPurchase;
use crate::{MemberId, PurchaseId, Result};

#[async_trait::async_trait]
pub(crate) trait Bought: Send + Sync {
    /// The purchases of a member as they stand, newest first.
    async fn of_member(
        &self,
        context: &Context,
        program: &Program,
        member: MemberId,
        page: PageRequest<PurchaseId>,
    ) -> Result<Page<PastPurchase>>;
}
