//! Several frames with names: Glue's `DynamicFrameCollection`, and the transforms that take one.

use datafusion::dataframe::DataFrame;
use datafusion::execution::context::SessionContext;
use datafusion::logical_expr::LogicalPlanBuilder;

use super::error::{GlueError, Result};
use super::frame::{Frame, Transform};

/// Frames by name, in order. A frame's name is its key.
#[derive(Debug, Clone, Default)]
pub struct FrameCollection {
    frames: Vec<Frame>,
}

impl FrameCollection {
    /// A collection of frames. Of frames with the same name the last one stays, as in a dictionary.
    pub fn new(frames: impl IntoIterator<Item = Frame>) -> Self {
        let mut collection = Self::default();
        frames.into_iter().for_each(|frame| collection.insert(frame));
        collection
    }

    /// Adds a frame under its name, in place of one that has it.
    pub fn insert(&mut self, frame: Frame) {
        match self.frames.iter_mut().find(|there| there.name() == frame.name()) {
            Some(there) => *there = frame,
            None => self.frames.push(frame),
        }
    }

    /// The names, in order.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.frames.iter().map(Frame::name)
    }

    /// The frames, in order.
    #[must_use]
    pub fn values(&self) -> &[Frame] {
        &self.frames
    }

    /// The frame of that name.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Frame> {
        self.frames.iter().find(|frame| frame.name() == key)
    }
}

/// What a transform may give to [`FlatMap`]: a frame, or several.
pub trait IntoFrames {
    /// The frames, in order.
    fn into_frames(self) -> Vec<Frame>;
}

impl IntoFrames for Frame {
    fn into_frames(self) -> Vec<Frame> {
        vec![self]
    }
}

impl IntoFrames for FrameCollection {
    fn into_frames(self) -> Vec<Frame> {
        self.frames
    }
}

/// `SelectFromCollection`: one frame of a collection.
///
/// One that is not there is an empty frame without columns, not an error, as in Glue.
#[derive(Debug, Clone)]
pub struct SelectFromCollection {
    which: Which,
}

#[derive(Debug, Clone)]
enum Which {
    Key(String),
    Index(usize),
}

impl SelectFromCollection {
    /// The frame of that name (`key`).
    pub fn new(key: impl Into<String>) -> Self {
        Self { which: Which::Key(key.into()) }
    }

    /// The frame at that place, counted from 0: Glue Studio's `Index`.
    #[must_use]
    pub fn by_index(index: usize) -> Self {
        Self { which: Which::Index(index) }
    }

    /// Takes the frame from the collection.
    ///
    /// # Errors
    /// Those of building plans.
    pub fn apply(&self, dfc: &FrameCollection) -> Result<Frame> {
        let (found, name) = match &self.which {
            Which::Key(key) => (dfc.get(key), key.clone()),
            Which::Index(index) => (dfc.frames.get(*index), index.to_string()),
        };
        if let Some(frame) = found {
            return Ok(frame.clone());
        }
        let state = match dfc.frames.first() {
            Some(frame) => frame.to_df().into_parts().0,
            None => SessionContext::new().state(),
        };
        Frame::new(DataFrame::new(state, LogicalPlanBuilder::empty(false).build()?), name)
    }
}

/// `MapToCollection`: a function of frames on each frame of a collection. The results have the names of what they are made of.
#[derive(Debug, Clone)]
pub struct MapToCollection<F> {
    callable: F,
    transformation_ctx: String,
}

impl<F: Fn(&Frame, &str) -> Result<Frame>> MapToCollection<F> {
    /// `callable` takes a frame, and the name of the step with a colon and the frame's name after it.
    pub fn new(callable: F) -> Self {
        Self { callable, transformation_ctx: String::new() }
    }

    /// Sets the name of the step.
    #[must_use]
    pub fn transformation_ctx(mut self, name: impl Into<String>) -> Self {
        self.transformation_ctx = name.into();
        self
    }

    /// Calls the function for each frame, in order.
    ///
    /// # Errors
    /// The first one of the function.
    pub fn apply(&self, dfc: &FrameCollection) -> Result<FrameCollection> {
        let mut results = FrameCollection::default();
        for frame in &dfc.frames {
            let context = format!("{}:{}", self.transformation_ctx, frame.name());
            results.insert((self.callable)(frame, &context)?.with_name(frame.name()));
        }
        Ok(results)
    }
}

/// `FlatMap`: a transform on each frame of a collection. What it gives keeps its names.
///
/// Of two results with one name Glue keeps the last one. Here they are refused.
#[derive(Debug, Clone)]
pub struct FlatMap<T> {
    base_transform: T,
}

impl<T: Transform + Clone> FlatMap<T>
where
    T::Output: IntoFrames,
{
    /// The transform with its parameters (`BaseTransform`, `**base_kwargs`).
    pub fn new(base_transform: T) -> Self {
        Self { base_transform }
    }

    /// Applies the transform to each frame, in order.
    ///
    /// # Errors
    /// The first one of the transform; two results with one name.
    pub fn apply(&self, dfc: &FrameCollection) -> Result<FrameCollection> {
        let mut results = FrameCollection::default();
        for frame in &dfc.frames {
            let mut transform = self.base_transform.clone();
            let context = &mut transform.stage_mut().transformation_ctx;
            *context = format!("{context}:{}", frame.name());
            for result in transform.apply(frame)?.into_frames() {
                if results.get(result.name()).is_some() {
                    let message = format!("two results are called `{}`", result.name());
                    return Err(GlueError::new("FlatMap", message)
                        .help("apply the transform to each frame, with a name for each"));
                }
                results.insert(result);
            }
        }
        Ok(results)
    }
}
