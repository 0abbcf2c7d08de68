//! The containers on the way to a file (specs: dumps 2.3, 2.4).

use landfall_archive::ChainPath;
use serde::{Deserialize, Serialize};

use super::plan_ne::PlanNe;
use super::tags::{Role, Shelf, Tags, base_name};

/// The container that directly, or through untagged directories, holds a file: an archive, or a directory with
/// a role or shelf tag of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The chain path of the container; the outer object's own name if that is the container.
    pub path: String,
    /// Depth of the container's archive; directories add nothing.
    pub depth: usize,
    /// The nearest role, from the container upward.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// The nearest shelf, from the container upward.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shelf: Option<Shelf>,
}

impl Place {
    /// The container of a file of the object named `outer`.
    pub fn of(outer: &str, chain: &ChainPath) -> Self {
        let (inner, archives) = chain
            .steps
            .split_last()
            .map_or(("", &[][..]), |(file, archives)| (directory(&file.path), archives));
        let own = tagged_directory(inner);
        let mut path = outer.to_owned();
        for name in archives.iter().map(|step| step.path.as_str()).chain(own) {
            path.push_str("!/");
            path.push_str(name);
        }
        let names = archives.iter().map(|step| step.path.as_str()).chain(own);
        let components = std::iter::once(outer).chain(names.flat_map(|name| name.split('/')));
        let (mut role, mut shelf) = (None, None);
        for tags in components.map(Tags::of) {
            role = tags.role.or(role);
            shelf = tags.shelf.or(shelf);
        }
        Self { path, depth: archives.len(), role, shelf }
    }

    /// Whether the container belongs to the master shelf.
    pub fn is_master_shelf(&self) -> bool {
        self.shelf.is_some_and(Shelf::is_master)
    }
}

/// The network element of a file of the object named `outer`: the outermost component below the outer name
/// that names one, else the outer name's, else `UNKNOWN`. The file's own name is not asked.
pub fn plan_ne(outer: &str, chain: &ChainPath) -> PlanNe {
    let (inner, archives) =
        chain.steps.split_last().map_or(("", &[][..]), |(file, archives)| (directory(&file.path), archives));
    let below = archives.iter().flat_map(|step| step.path.split('/')).chain(inner.split('/'));
    let named = below.chain(std::iter::once(base_name(outer))).find_map(|component| Tags::of(component).ne);
    named.and_then(|name| name.parse().ok()).unwrap_or_else(PlanNe::unknown)
}

/// The directories of a path, without the last part.
fn directory(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(directory, _)| directory)
}

/// The path down to its innermost directory that has a role or shelf tag.
fn tagged_directory(path: &str) -> Option<&str> {
    let mut rest = path;
    while !rest.is_empty() {
        if Tags::of(base_name(rest)).has_role_or_shelf() {
            return Some(rest);
        }
        rest = directory(rest);
    }
    None
}
