//! Scripted faults: what tests use to break a handler at the points where breaking matters.
//!
//! A script is a list like `plan-archive:commit:after:kill:1`: stage, point, moment, action, and at which
//! passing of that point it strikes (1 is the first). Without a script every point is a no-op.

use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use landfall_domain::{Classify, Disposition, Stage};

/// A place in a handler's way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Point {
    /// Reading from the object store.
    Read,
    /// An effect outside the commit of the step.
    Effect,
    /// The commit of the step.
    Commit,
    /// Handing a message on.
    Send,
    /// Acknowledging a message.
    Ack,
}

/// On which side of a point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// Nothing has happened yet.
    Before,
    /// It has happened, and nobody was told.
    After,
}

/// What strikes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The operation reports a failure.
    Fail,
    /// The handler panics.
    Panic,
    /// The process dies at once, without any clean-up.
    Kill,
}

#[derive(Debug)]
struct Strike {
    stage: Stage,
    point: Point,
    moment: Moment,
    fault: Fault,
    countdown: AtomicU32,
}

/// The faults that a process is to suffer.
#[derive(Debug, Clone, Default)]
pub struct Faults(Arc<[Strike]>);

/// A failure that a script asked for.
#[derive(Debug, thiserror::Error)]
#[error("scripted fault in {stage} {moment:?} {point:?}")]
pub struct InjectedFault {
    stage: Stage,
    point: Point,
    moment: Moment,
}

impl Classify for InjectedFault {
    fn disposition(&self) -> Disposition {
        Disposition::Retry
    }

    fn code(&self) -> &'static str {
        "scripted_fault"
    }
}

impl Faults {
    /// No faults: production.
    pub fn none() -> Self {
        Self::default()
    }

    /// Passes a point; strikes if the script says so.
    ///
    /// # Panics
    /// If the script asks for it; its purpose is to show that a panic costs one record alone.
    #[expect(clippy::panic, reason = "panicking on request is the purpose")]
    pub fn pass(&self, stage: Stage, point: Point, moment: Moment) -> Result<(), InjectedFault> {
        let here = |s: &&Strike| (s.stage, s.point, s.moment) == (stage, point, moment);
        let mut strikes = None;
        for strike in self.0.iter().filter(here) {
            // Every strike counts every passing, also where another one strikes at it.
            let was = strike.countdown.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1));
            if was == Ok(1) {
                strikes.get_or_insert(strike.fault);
            }
        }
        match strikes {
            None => Ok(()),
            Some(Fault::Fail) => Err(InjectedFault { stage, point, moment }),
            Some(Fault::Panic) => panic!("scripted panic in {stage} {moment:?} {point:?}"),
            Some(Fault::Kill) => std::process::abort(),
        }
    }

    /// Strikes that were not met yet: a test whose script was not played to its end has proven nothing.
    pub fn outstanding(&self) -> usize {
        self.0.iter().filter(|strike| strike.countdown.load(Ordering::SeqCst) > 0).count()
    }
}

/// A script that does not read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("fault {entry:?} does not read: expected stage:point:moment:action:count")]
pub struct FaultScriptError {
    entry: String,
}

impl FromStr for Faults {
    type Err = FaultScriptError;

    fn from_str(script: &str) -> Result<Self, FaultScriptError> {
        let entries = script.split(',').map(str::trim).filter(|e| !e.is_empty());
        let strikes: Result<Vec<_>, _> = entries
            .map(|entry| strike(entry).ok_or_else(|| FaultScriptError { entry: entry.to_owned() }))
            .collect();
        Ok(Self(strikes?.into()))
    }
}

fn strike(entry: &str) -> Option<Strike> {
    let mut parts = entry.split(':');
    let stage = parts.next()?.parse().ok()?;
    let point = match parts.next()? {
        "read" => Point::Read,
        "effect" => Point::Effect,
        "commit" => Point::Commit,
        "send" => Point::Send,
        "ack" => Point::Ack,
        _ => return None,
    };
    let moment = match parts.next()? {
        "before" => Moment::Before,
        "after" => Moment::After,
        _ => return None,
    };
    let fault = match parts.next()? {
        "fail" => Fault::Fail,
        "panic" => Fault::Panic,
        "kill" => Fault::Kill,
        _ => return None,
    };
    let countdown = AtomicU32::new(parts.next()?.parse().ok()?);
    parts.next().is_none().then_some(Strike { stage, point, moment, fault, countdown })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_strikes_once_at_its_count() {
        let faults: Faults = "plan-archive:commit:after:fail:2".parse().unwrap();
        let pass = || faults.pass(Stage::PlanArchive, Point::Commit, Moment::After).is_err();
        assert_eq!([pass(), pass(), pass()], [false, true, false]);
        assert!(faults.pass(Stage::ParseMember, Point::Commit, Moment::After).is_ok());
    }

    #[test]
    fn faults_at_one_point_strike_each_at_its_own_passing() {
        let at = |n: u32| format!("plan-archive:read:before:fail:{n}");
        let faults: Faults = [at(1), at(2), at(4)].join(",").parse().unwrap();
        let pass = || faults.pass(Stage::PlanArchive, Point::Read, Moment::Before).is_err();
        assert_eq!([pass(), pass(), pass()], [true, true, false]);
        assert_eq!(faults.outstanding(), 1);
        assert!(pass());
        assert_eq!(faults.outstanding(), 0);
    }

    #[test]
    fn a_script_that_does_not_read_is_refused() {
        insta::assert_snapshot!(
            "plan-archive:lunch:after:fail:1".parse::<Faults>().unwrap_err(),
            @r#"fault "plan-archive:lunch:after:fail:1" does not read: expected stage:point:moment:action:count"#
        );
    }
}
