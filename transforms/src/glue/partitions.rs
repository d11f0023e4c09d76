//! `Repartition` and `Coalesce`: nothing is done.

use super::error::Result;
use super::frame::{Frame, Stage, Transform};

/// `Repartition`: the frame as it is. The engine chooses its partitions by the cores it has, and no result depends on them.
#[derive(Debug, Clone)]
pub struct Repartition {
    num_partitions: u32,
    stage: Stage,
}

impl Repartition {
    /// The number of partitions, which is not used (`num_partitions`).
    #[must_use]
    pub fn new(num_partitions: u32) -> Self {
        Self { num_partitions, stage: Stage::default() }
    }

    /// The number that was asked for.
    #[must_use]
    pub fn num_partitions(&self) -> u32 {
        self.num_partitions
    }
}

impl Transform for Repartition {
    type Output = Frame;

    fn stage_mut(&mut self) -> &mut Stage {
        &mut self.stage
    }

    fn apply(&self, frame: &Frame) -> Result<Frame> {
        frame.then(&self.stage, frame.to_df())
    }
}

/// `Coalesce`: the frame as it is, for the same reason as [`Repartition`]. `shuffle` is not used.
#[derive(Debug, Clone)]
pub struct Coalesce(Repartition);

impl Coalesce {
    /// The number of partitions, which is not used (`num_partitions`).
    #[must_use]
    pub fn new(num_partitions: u32) -> Self {
        Self(Repartition::new(num_partitions))
    }

    /// The number that was asked for.
    #[must_use]
    pub fn num_partitions(&self) -> u32 {
        self.0.num_partitions
    }
}

impl Transform for Coalesce {
    type Output = Frame;

    fn stage_mut(&mut self) -> &mut Stage {
        &mut self.0.stage
    }

    fn apply(&self, frame: &Frame) -> Result<Frame> {
        self.0.apply(frame)
    }
}
