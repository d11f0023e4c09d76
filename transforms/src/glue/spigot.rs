//! `Spigot`: a sample of a frame, written beside.

use std::sync::Arc;

use datafusion::functions::expr_fn::random;
use datafusion::logical_expr::{Expr, ident, lit};
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt, PutPayload};

use super::error::{GlueError, Result};
use super::frame::Frame;
use crate::functions::json_lines;

const NAME: &str = "Spigot";

/// A name that no table has.
const DRAWN: &str = "__unglue_drawn";

/// `Spigot`: writes a sample of the rows as lines of JSON, and gives the frame back as it is.
///
/// Glue writes the sample whenever the frame is computed. Here [`Self::apply`] computes as much of the frame as the sample needs, at
/// once, and the frame itself stays as it was. A NULL is written as `null`.
#[derive(Debug, Clone)]
pub struct Spigot {
    store: Arc<dyn ObjectStore>,
    path: Path,
    topk: usize,
    prob: f64,
}

impl Spigot {
    /// The store and the object that is written (`path`); one that is there is replaced.
    #[must_use]
    pub fn new(store: Arc<dyn ObjectStore>, path: Path) -> Self {
        Self { store, path, topk: 100, prob: 1.0 }
    }

    /// How many rows are written at most (`topk` of `options`, 100 by default).
    #[must_use]
    pub fn topk(mut self, rows_max: usize) -> Self {
        self.topk = rows_max;
        self
    }

    /// How likely each row is to be among them (`prob` of `options`, 1 by default).
    #[must_use]
    pub fn prob(mut self, probability: f64) -> Self {
        self.prob = probability;
        self
    }

    /// Writes the sample.
    ///
    /// # Errors
    /// A probability that is none, those of the engine, those of the store.
    pub async fn apply(&self, frame: &Frame) -> Result<Frame> {
        if !(0.0..=1.0).contains(&self.prob) {
            return Err(GlueError::new(NAME, "`prob` is not between 0 and 1"));
        }
        let mut sample = frame.to_df();
        if self.prob < 1.0 {
            // A column first: the engine moves a condition without columns below an unnest, where it is asked once for many rows.
            let columns: Vec<Expr> = frame.columns().into_iter().map(|part| part.expr).collect();
            let drawn = columns.iter().cloned().chain([random().alias(DRAWN)]);
            let drawn: Vec<Expr> = drawn.collect();
            sample =
                sample.select(drawn)?.filter(ident(DRAWN).lt(lit(self.prob)))?.select(columns)?;
        }
        let mut text = String::new();
        for batch in sample.limit(0, Some(self.topk))?.collect().await? {
            text.push_str(&json_lines(&batch)?);
        }
        let _written = self.store.put(&self.path, PutPayload::from(text.into_bytes())).await?;
        Ok(frame.clone())
    }
}
