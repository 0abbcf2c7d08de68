//! Reading members by position: what an index says becomes a recipe, a recipe becomes one range of the object and
//! the members in it.

mod locate;
mod node;
mod reader;
mod recipe;

pub use reader::{GroupReader, SeekError};
pub use recipe::{Group, Recipe, RecipeError};
