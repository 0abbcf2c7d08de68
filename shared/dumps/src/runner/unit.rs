//! Which plugins of a network element may run, which fall, and which must wait: the rules of the order, once for
//! the worker's ledger and for the dry run (specs: dumps 4, 7.7, 7.9).

/// The plugin that all others wait for.
pub const NODE: &str = "node";

/// Where a unit stands, as far as the order is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Open, and may be taken now as far as it goes by itself.
    Free,
    /// Open, and not to be taken yet: its next try is not due, or it belongs to another plan.
    Waiting,
    /// At work.
    Held {
        /// Whether its worker was lost and another may take it over.
        lapsed: bool,
    },
    /// Ended; `missing` and `empty` are ends like any other.
    Done,
    /// Failed for good.
    Lost,
}

impl Standing {
    /// Whether nothing more happens by itself.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Done | Self::Lost)
    }

    /// Whether it waits for a worker, now or later.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Free | Self::Waiting)
    }

    const fn may_be_taken(self) -> bool {
        matches!(self, Self::Free | Self::Held { lapsed: true })
    }
}

/// One plugin of one network element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unit<'a> {
    /// The plugin.
    pub plugin: &'a str,
    /// Its place in the order, lowest first.
    pub priority: i64,
    /// The plugins that it requires. One without a unit is never waited for.
    pub requires: &'a [&'a str],
    /// Where it stands.
    pub standing: Standing,
}

/// The units that may start now, as places in `units`, by rising priority.
///
/// Node first: nothing else is ready before its unit is final. Then all whose requirements are done. A unit that
/// waits for another try holds nobody up but those that require it.
pub fn ready(units: &[Unit<'_>]) -> Vec<usize> {
    let standing = |plugin: &str| units.iter().find(|unit| unit.plugin == plugin).map(|unit| unit.standing);
    let node_is_final = standing(NODE).is_none_or(Standing::is_final);
    let is_done = |plugin: &&str| standing(plugin).is_none_or(|standing| standing == Standing::Done);
    let mut ready: Vec<(i64, usize)> = units
        .iter()
        .enumerate()
        .filter(|(_, unit)| unit.standing.may_be_taken())
        .filter(|(_, unit)| node_is_final || unit.plugin == NODE)
        .filter(|(_, unit)| unit.requires.iter().all(is_done))
        .map(|(index, unit)| (unit.priority, index))
        .collect();
    ready.sort_unstable();
    ready.into_iter().map(|(_, index)| index).collect()
}

/// The open units that fall (`E_DEPENDENCY`) because a requirement failed for good, then those that require one of
/// these, and so on; each with the place of the requirement that it falls with.
pub fn fallen(units: &[Unit<'_>]) -> Vec<(usize, usize)> {
    let lost = units.iter().enumerate().filter(|(_, unit)| unit.standing == Standing::Lost);
    dependents(units, lost.map(|(index, _)| index).collect())
}

/// The open units that cannot start before the unit at `place` has ended, in the order of `units`: all others for
/// node, else those that require it, directly or not. The message that tries it again must name them too: nobody
/// else will come back to them.
pub fn waiting_for(units: &[Unit<'_>], place: usize) -> Vec<usize> {
    let is_node = units.get(place).is_some_and(|unit| unit.plugin == NODE);
    let dependents = dependents(units, vec![place]);
    let waits = |(index, unit): &(usize, &Unit<'_>)| {
        let depends = dependents.iter().any(|(dependent, _)| dependent == index);
        *index != place && unit.standing.is_open() && (is_node || depends)
    };
    units.iter().enumerate().filter(waits).map(|(index, _)| index).collect()
}

/// The open units that require one of `causes`, or one that does; each with that requirement.
fn dependents(units: &[Unit<'_>], mut causes: Vec<usize>) -> Vec<(usize, usize)> {
    let mut found: Vec<(usize, usize)> = Vec::new();
    loop {
        let next = units.iter().enumerate().find_map(|(index, unit)| {
            let known = found.iter().any(|(dependent, _)| *dependent == index);
            let required =
                |cause: &&usize| units.get(**cause).is_some_and(|u| unit.requires.contains(&u.plugin));
            let cause = causes.iter().find(required).filter(|_| unit.standing.is_open() && !known)?;
            Some((index, *cause))
        });
        let Some(pair) = next else { return found };
        causes.push(pair.0);
        found.push(pair);
    }
}
