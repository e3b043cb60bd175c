//! What the platform does by itself, all the time: expire points, fire timers, deliver events.

use crate::Loyalty;
use crate::programs::clock;
use std::time::Duration;

/// The longest that anything due waits to be noticed when nothing else wakes the worker.
const INTERVAL: Duration = Duration::from_millis(500);

/// Works until it is dropped. Several nodes may work on one database; claims keep them out of each other's way.
pub async fn run(loyalty: Loyalty) {
    loop {
        if round(&loyalty).await == 0 {
            drop(tokio::time::timeout(INTERVAL, loyalty.work()).await);
        }
    }
}

/// One round over all programs; a program that fails does not stop the others.
async fn round(loyalty: &Loyalty) -> usize {
    let programs = match loyalty.programs().list().await {
        Ok(programs) => programs,
        Err(error) => {
            tracing::error!(
                code = error.code().as_str(),
                detail = error.detail(),
                "programs cannot be read"
            );
            return 0;
        }
    };
    let mut did = 0;
    for program in programs {
        match clock::work_on(loyalty, &program).await {
            Ok(done) => did += done,
            Err(error) => {
                tracing::error!(
                    program = program.definition.slug,
                    code = error.code().as_str(),
                    detail = error.detail(),
                    "what is due in a program cannot be done now"
                );
            }
        }
    }
    did
}
