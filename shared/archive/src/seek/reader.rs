//! A positioned read as its caller sees it.

use std::sync::Arc;

use super::node::{Context, NodeReader};
use super::recipe::{Group, Node, RecipeError};
use crate::Flow;
use crate::pick::PickSink;

/// Why members cannot be read by position.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SeekError {
    /// The recipe is no recipe.
    #[error(transparent)]
    Recipe(#[from] RecipeError),
    /// The object's bytes are not those that were indexed.
    #[error("the archive is damaged, or is not what was indexed: {text}")]
    Damaged {
        /// What is wrong and where.
        text: String,
    },
    /// A member has other bytes than when it was indexed.
    #[error("crc of wanted member {index} is {actual:08x}, expected {expected:08x}")]
    Crc {
        /// Its place in the list of wanted members.
        index: usize,
        /// The CRC in the index.
        expected: u32,
        /// The CRC of the bytes read.
        actual: u32,
    },
    /// The range ended before these members were read.
    #[error("{} wanted members not read whole", indexes.len())]
    Short {
        /// Their places in the list of wanted members, rising.
        indexes: Vec<usize>,
    },
}

/// Reads the members of one group, fed with the bytes of its range in blocks of any size.
#[derive(Debug)]
pub struct GroupReader {
    nodes: Arc<[Node]>,
    outer: NodeReader,
    /// Members not read yet.
    open: Vec<usize>,
    inflated: u64,
    failed: Option<SeekError>,
}

/// Passes members on and strikes them off.
struct Strike<'a> {
    open: &'a mut Vec<usize>,
    sink: &'a mut dyn PickSink,
}

impl PickSink for Strike<'_> {
    fn start(&mut self, index: usize) {
        self.sink.start(index);
    }

    fn data(&mut self, index: usize, bytes: &[u8]) {
        self.sink.data(index, bytes);
    }

    fn end(&mut self, index: usize) {
        self.open.retain(|open| *open != index);
        self.sink.end(index);
    }
}

impl GroupReader {
    /// A read of `group`, the first byte of its range next.
    ///
    /// # Errors
    /// [`SeekError::Recipe`] if the group cannot be followed.
    pub fn new(group: &Group) -> Result<Self, SeekError> {
        group.check()?;
        let nodes: Arc<[Node]> = group.nodes.clone().into();
        let outer = nodes.first().ok_or_else(|| RecipeError::new("no archive at all"))?;
        let outer = NodeReader::new(outer)?;
        Ok(Self { nodes, outer, open: group.members().collect(), inflated: 0, failed: None })
    }

    /// Takes the next bytes of the range. [`Flow::Stop`] once every member of the group was delivered: the rest of
    /// the range is not needed.
    ///
    /// # Errors
    /// [`SeekError`]; the same again for every later call. Members delivered before stay delivered.
    pub fn push(&mut self, bytes: &[u8], sink: &mut dyn PickSink) -> Result<Flow, SeekError> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        if self.open.is_empty() {
            return Ok(Flow::Stop);
        }
        let mut strike = Strike { open: &mut self.open, sink };
        let mut context = Context { nodes: &self.nodes, sink: &mut strike, inflated: self.inflated };
        let outcome = self.outer.feed(bytes, &mut context);
        self.inflated = context.inflated;
        match outcome {
            Ok(true) => Ok(Flow::Stop),
            Ok(false) => Ok(Flow::Continue),
            Err(error) => {
                self.failed = Some(error.clone());
                Err(error)
            }
        }
    }

    /// The range has no more bytes.
    ///
    /// # Errors
    /// [`SeekError::Short`] if members are missing; otherwise as for [`GroupReader::push`].
    pub fn finish(mut self, sink: &mut dyn PickSink) -> Result<(), SeekError> {
        // An empty member at the very end is delivered without another byte.
        self.push(&[], sink)?;
        if self.open.is_empty() {
            return Ok(());
        }
        self.open.sort_unstable();
        Err(SeekError::Short { indexes: self.open })
    }

    /// Bytes inflated so far at all levels.
    pub fn inflated(&self) -> u64 {
        self.inflated
    }
}
