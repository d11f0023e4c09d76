//! `UnnestFrame`: fields of structs as columns.

use super::error::Result;
use super::frame::{Frame, Stage, Transform, named};
use super::nested::{check_names, flatten};

/// `UnnestFrame`: each field of a struct is a column, called by its path: `address.zip`. Nothing is lost.
///
/// Arrays stay as they are. AWS's page of the class says that Glue makes join keys for them, the page of the method shows none; a key
/// without the array's rows is of no use, and [`super::Relationalize`] gives both.
#[derive(Debug, Clone, Default)]
pub struct UnnestFrame {
    stage: Stage,
}

impl UnnestFrame {
    /// The transform has no parameters of its own.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

impl Transform for UnnestFrame {
    type Output = Frame;

    fn stage_mut(&mut self) -> &mut Stage {
        &mut self.stage
    }

    fn apply(&self, frame: &Frame) -> Result<Frame> {
        let flat = flatten(frame.columns()).into_iter().map(|part| (part.name, part.expr));
        let flat: Vec<_> = flat.collect();
        check_names("UnnestFrame", &flat)?;
        frame.then(&self.stage, frame.to_df().select(named(flat))?)
    }
}
