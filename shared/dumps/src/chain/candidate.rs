//! The containers that hold target files.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::catalogue::{Contents, PluginRef, TargetFile};
use crate::names::{Place, PlanNe, Role, plan_ne};

/// A container that holds whole target files of one network element. Files over the spool limit are among
/// them, damaged ones are not.
#[derive(Debug, Clone)]
pub struct Candidate<'a> {
    /// The container.
    pub place: Place,
    /// Its target files with their chain paths below the outer name, in byte order of these.
    pub files: Vec<(&'a str, &'a TargetFile)>,
    plugins: BTreeSet<&'a str>,
}

impl<'a> Candidate<'a> {
    fn new(place: Place) -> Self {
        Self { place, files: Vec::new(), plugins: BTreeSet::new() }
    }

    /// How many of the wanted plugins find a file here.
    pub fn distinct_plugins(&self) -> usize {
        self.plugins.len()
    }

    /// The files a plugin wants, in byte order of the chain path.
    pub fn files_for(&self, plugin: &str) -> impl Iterator<Item = (&'a str, &'a TargetFile)> {
        self.files.iter().copied().filter(move |(_, file)| file.is_for(plugin))
    }

    /// Sorts candidates best first: master shelf, active role, more plugins, smaller depth, chain path.
    pub(super) fn rank(&self) -> impl Ord + '_ {
        let role = match self.place.role {
            Some(Role::Act) => 0,
            None => 1,
            Some(Role::Stdby) => 2,
        };
        let master = Reverse(self.place.is_master_shelf());
        (master, role, Reverse(self.plugins.len()), self.place.depth, self.place.path.as_bytes())
    }
}

/// The candidates of each network element of an object. Only files that one of `plugins` wants count.
pub fn candidates<'a>(
    outer: &str,
    contents: &'a Contents,
    plugins: &BTreeSet<&str>,
) -> BTreeMap<PlanNe, Vec<Candidate<'a>>> {
    let mut found: BTreeMap<(PlanNe, String), Candidate<'a>> = BTreeMap::new();
    let mut known: HashMap<&str, (PlanNe, Place)> = HashMap::new();
    for (name, file) in contents.files() {
        let mut wanted = file.plugins.iter().map(PluginRef::as_str).filter(|name| plugins.contains(name));
        let Some(first) = wanted.next() else { continue };
        // Files of one directory share their element and container.
        let directory = name.rsplit_once('/').map_or("", |(directory, _)| directory);
        let (ne, place) = known
            .entry(directory)
            .or_insert_with(|| (plan_ne(outer, &file.chain), Place::of(outer, &file.chain)));
        let candidate =
            found.entry((ne.clone(), place.path.clone())).or_insert_with(|| Candidate::new(place.clone()));
        candidate.plugins.insert(first);
        candidate.plugins.extend(wanted);
        candidate.files.push((name, file));
    }
    let mut by_ne: BTreeMap<PlanNe, Vec<Candidate<'a>>> = BTreeMap::new();
    for ((ne, _), candidate) in found {
        by_ne.entry(ne).or_default().push(candidate);
    }
    by_ne
}
