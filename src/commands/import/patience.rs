//! Waiting for a batch to get through: an import has time.

use perennial_core::{Code, Result};
use std::time::Duration;

/// How long an import waits for a batch, and between two tries.
const PATIENCE: Duration = Duration::from_mins(2);
const PAUSE: Duration = Duration::from_secs(1);

/// Records a batch. Where others are at the same members all the time, or the database is away for a
/// moment, it waits and goes on.
pub(super) async fn patiently<T, Recording>(mut record: impl FnMut() -> Recording) -> Result<T>
where
    Recording: Future<Output = Result<T>>,
{
    let mut waited = Duration::ZERO;
    loop {
        match record().await {
            Err(error) if error.code() == Code::Unavailable && waited < PATIENCE => {
                tracing::warn!(why = error.message(), "the import waits");
                tokio::time::sleep(PAUSE).await;
                waited += PAUSE;
            }
            recorded => return recorded,
        }
    }
}
