//! What the machine and its processes did, from `/proc`.

use std::time::{Duration, Instant};

use anyhow::Context;
use rustix::time::{ClockId, clock_gettime};

use crate::figure::median;

/// Ticks of `/proc` a second: `USER_HZ`, which is 100 on all common builds of Linux.
const TICKS: f64 = 100.0;
/// Fields of `/proc/PID/stat` after the name: state is field 0 (man proc).
const PARENT: usize = 1;
const OWN: std::ops::Range<usize> = 11..13;
const CHILDREN: std::ops::Range<usize> = 13..15;

/// Who is being measured.
#[derive(Debug, Clone, Copy, Default)]
pub struct Processes {
    /// The postmaster of our own server.
    pub postgres: Option<u32>,
}

/// Readings at one moment.
#[derive(Debug, Clone, Copy)]
pub struct Meter {
    processes: Processes,
    at: Instant,
    busy: f64,
    own: f64,
    postgres: f64,
}

/// What was used between two moments, seconds of processor time.
#[derive(Debug, Clone, Copy, Default)]
pub struct Usage {
    /// Seconds by the clock.
    pub wall: f64,
    /// This process.
    pub own: f64,
    /// Our Postgres.
    pub postgres: f64,
    /// The client process, as it told.
    pub client: f64,
    /// The whole machine.
    pub busy: f64,
}

impl Usage {
    /// Cores that processes which are not ours kept busy.
    pub fn others_cores(&self) -> f64 {
        (self.busy - self.own - self.postgres - self.client).max(0.0) / self.wall.max(0.001)
    }

    /// With the client's share.
    pub fn with_client(mut self, seconds: f64) -> Self {
        self.client = seconds;
        self
    }

    /// Both, one after the other.
    pub fn with(self, other: Self) -> Self {
        Self {
            wall: self.wall + other.wall,
            own: self.own + other.own,
            postgres: self.postgres + other.postgres,
            client: self.client + other.client,
            busy: self.busy + other.busy,
        }
    }

    fn shares(&self) -> String {
        let cores = |seconds: f64| seconds / self.wall.max(0.001);
        format!(
            "cores: platform {:.2}, postgres {:.2}, client {:.2}",
            cores(self.own),
            cores(self.postgres),
            cores(self.client)
        )
    }
}

/// Cores per part of the run in the middle, by time; for people.
pub fn shares(usages: &[Usage]) -> String {
    let middle = median(&usages.iter().map(|u| u.wall).collect::<Vec<_>>());
    let usage = usages.iter().find(|u| u.wall.total_cmp(&middle).is_eq());
    usage.map(Usage::shares).unwrap_or_default()
}

impl Meter {
    /// Reads now.
    pub fn start(processes: Processes) -> anyhow::Result<Self> {
        Ok(Self {
            processes,
            at: Instant::now(),
            busy: busy_seconds()?,
            own: own_seconds(),
            postgres: processes.postgres.map_or(0.0, tree_seconds),
        })
    }

    /// What was used since.
    pub fn stop(&self) -> anyhow::Result<Usage> {
        let now = Self::start(self.processes)?;
        Ok(Usage {
            wall: now.at.duration_since(self.at).as_secs_f64(),
            own: now.own - self.own,
            postgres: now.postgres - self.postgres,
            client: 0.0,
            busy: now.busy - self.busy,
        })
    }
}

/// Processor time of this process, all threads, seconds. Finer than `/proc`, which counts in hundredths.
pub fn own_seconds() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::try_from(time).unwrap_or_default().as_secs_f64()
}

/// Processor time of the children of this process that have ended, seconds.
pub fn children_seconds() -> f64 {
    stat("self").map_or(0.0, |own| ticks(&own, CHILDREN))
}

/// Peak resident memory of this process, bytes.
pub fn peak_memory() -> anyhow::Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).context("no VmHWM")?;
    let kib: u64 = line.trim().trim_end_matches("kB").trim().parse()?;
    Ok(kib.saturating_mul(1024))
}

/// Load averages of the last 1, 5 and 15 minutes, as text.
pub fn load() -> String {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split_whitespace().take(3).collect::<Vec<_>>().join(" ")
}

fn busy_seconds() -> anyhow::Result<f64> {
    let stat = std::fs::read_to_string("/proc/stat")?;
    let line = stat.lines().next().context("/proc/stat is empty")?;
    let fields: Vec<f64> = line.split_whitespace().skip(1).filter_map(|f| f.parse().ok()).collect();
    // user nice system idle iowait irq softirq steal
    let busy = [0, 1, 2, 5, 6, 7].iter().filter_map(|i| fields.get(*i)).sum::<f64>();
    Ok(busy / TICKS)
}

/// A process, its children, and what children that ended used.
fn tree_seconds(root: u32) -> f64 {
    let Some(own) = stat(&root.to_string()) else { return 0.0 };
    let mut sum = ticks(&own, OWN) + ticks(&own, CHILDREN);
    let Ok(entries) = std::fs::read_dir("/proc") else { return sum };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let Some(pid) = name.to_str().filter(|n| n.bytes().all(|b| b.is_ascii_digit())) else { continue };
        if let Some(child) = stat(pid)
            && child.get(PARENT).is_some_and(|parent| *parent == root.to_string())
        {
            sum += ticks(&child, OWN);
        }
    }
    sum
}

fn stat(pid: &str) -> Option<Vec<String>> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name may hold blanks and brackets; the last bracket ends it.
    let (_, fields) = text.rsplit_once(')')?;
    Some(fields.split_whitespace().map(str::to_owned).collect())
}

fn ticks(stat: &[String], fields: std::ops::Range<usize>) -> f64 {
    let parsed = stat.get(fields).unwrap_or_default().iter().filter_map(|f| f.parse::<f64>().ok());
    parsed.sum::<f64>() / TICKS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_has_memory_and_uses_time() {
        assert!(peak_memory().unwrap() > 1 << 20);
        let meter = Meter::start(Processes::default()).unwrap();
        let begun = Instant::now();
        while begun.elapsed().as_millis() < 100 {
            std::hint::spin_loop();
        }
        let usage = meter.stop().unwrap();
        assert!(usage.own > 0.01, "{usage:?}");
        assert!(usage.busy > 0.01, "{usage:?}");
    }
}
