//! A deflate stream, block after block.

use crate::bits::{Bits, Source};
use crate::blocks::{Blocks, State, Step};
use crate::output::Output;
use crate::references::References;
use crate::{InflateError, Mode, Run, Stop, WINDOW_BYTES};

/// A raw deflate stream being inflated.
#[derive(Debug)]
pub struct Inflate {
    bits: Bits,
    blocks: Blocks,
    output: Output,
}

impl Default for Inflate {
    fn default() -> Self {
        Self::new()
    }
}

impl Inflate {
    /// A stream at its start.
    pub fn new() -> Self {
        Self { bits: Bits::default(), blocks: Blocks::new(), output: Output::new() }
    }

    /// Forgets the stream and what it was primed with; keeps the memory, and what [`Inflate::watch`] noted.
    pub fn reset(&mut self) {
        self.bits = Bits::default();
        self.blocks.restart();
        self.output.clear();
    }

    /// Puts `bits` (0 to 7) bits of `value` in front of the input. Right after [`Inflate::reset`].
    pub fn prime(&mut self, bits: u8, value: u8) -> Result<(), InflateError> {
        if bits > 7 || u16::from(value) >> bits != 0 {
            return Err(InflateError::BadStart);
        }
        self.bits = Bits { buffer: u64::from(value), count: u32::from(bits) };
        Ok(())
    }

    /// Sets the bytes, at most 32 KiB, that came before the output. Before the first [`Inflate::run`].
    pub fn set_window(&mut self, window: &[u8]) -> Result<(), InflateError> {
        if window.len() > WINDOW_BYTES {
            return Err(InflateError::BadStart);
        }
        self.output.clear();
        self.output.extend(window);
        self.output.begin(0);
        Ok(())
    }

    /// The last bytes of output, at most 32 KiB.
    pub fn window(&self) -> &[u8] {
        self.output.window()
    }

    /// What the last call of [`Inflate::run`] gave.
    pub fn output(&self) -> &[u8] {
        self.output.given()
    }

    /// Notes from here on which bytes of [`Inflate::window`], as it is now, are referred to.
    pub fn watch(&mut self) {
        self.output.watch();
    }

    /// What was noted since [`Inflate::watch`]; all there will be once 32 KiB were inflated.
    pub fn references(&self) -> &References {
        &self.output.watch.references
    }

    /// Inflates from `input`, up to `room` bytes or [`OUTPUT_BYTES`](crate::OUTPUT_BYTES), whichever is less. A call may
    /// give less than there is room for; one that neither reads nor writes needs more input, or room.
    pub fn run(&mut self, input: &[u8], room: usize, mode: Mode) -> Run {
        self.output.begin(room);
        let mut source = Source::new(self.bits, input);
        let step = loop {
            match self.blocks.step(&mut source, &mut self.output) {
                Step::On => {}
                Step::Block if mode == Mode::Greedy => {}
                step => break step,
            }
        };
        // Bits of a symbol whose others are still to come are kept.
        if step != Step::Starved {
            source.give_back();
        }
        self.bits = source.bits;
        Run { read: source.taken(), written: self.output.given().len(), stop: self.stop(step) }
    }

    fn stop(&self, step: Step) -> Stop {
        match (step, self.blocks.state()) {
            (_, State::Complete) => Stop::Complete,
            (_, State::Invalid) => Stop::Invalid,
            (Step::Block, _) => match u8::try_from(self.bits.count) {
                Ok(unused_bits @ 0..=7) => Stop::Block { unused_bits },
                _ => Stop::More,
            },
            _ => Stop::More,
        }
    }
}
