//! What of the machine a reader of the table should know.

use crate::report::{Report, median, rate};
use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

/// How long flushes are counted.
const LOOK: Duration = Duration::from_millis(500);

/// Notes how quickly the disk takes what has to last, and how busy the machine is with others.
pub(crate) fn note(report: &Report, folder: &Path) {
    let mut file = File::create(folder.join("flushes")).expect("a file");
    let (start, mut times) = (Instant::now(), Vec::new());
    while start.elapsed() < LOOK {
        let asked = Instant::now();
        file.write_all(&[0; 4096]).expect("a page");
        file.sync_data().expect("a flush");
        times.push(asked.elapsed());
    }
    let (flushes, middle) = (rate(times.len(), start.elapsed()), median(times).as_secs_f64() * 1e3);
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').next().unwrap_or("unknown").to_owned();
    report.note(&format!("fdatasync {flushes:.0}/s, median {middle:.2} ms; load {load}"));
}

/// How long this thread, since it began, could have run and had no processor; none where the system
/// does not say.
pub(crate) fn waited() -> Option<Duration> {
    let times = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    times.split_whitespace().nth(1)?.parse().ok().map(Duration::from_nanos)
}

/// Megabytes that this process holds, clients and baselines included; none where the system does not
/// say.
pub(crate) fn memory() -> Option<u64> {
    memory_kilobytes().map(|kilobytes| kilobytes / 1024)
}

pub(crate) fn memory_kilobytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().split(' ').next()?.parse().ok()
}
