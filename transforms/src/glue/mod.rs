//! The transforms of `awsglue.transforms`, with their names, parameters and semantics, over DataFusion's `DataFrame`.
//!
//! A transform is a struct with the parameters that it has in Glue. [`Transform::apply`] takes a [`Frame`] and gives one; it only plans.
//! Rows are read when [`Frame::to_df`] is executed, except by [`DropNullFields::apply_to_data`] and [`Spigot::apply`], which are `async`.
//! Frames are made of the `DataFrame`s of a session of [`crate::session`], whose settings they need.
//!
//! ```text
//! DataFrame -> Frame::new -> transform.apply(&frame) -> … -> Frame::to_df -> DataFrame
//!                                     \-> error records -> ErrorsAsDynamicFrame
//! ```
//!
//! | in Glue | here | in |
//! |---|---|---|
//! | `ApplyMapping` | [`ApplyMapping`] | `apply_mapping` |
//! | `SelectFields`, `DropFields`, `RenameField`, `SplitFields` | [`SelectFields`], [`DropFields`], [`RenameField`], [`SplitFields`] | `fields` |
//! | `DropNullFields` | [`DropNullFields`] | `drop_nulls` |
//! | `ResolveChoice` | [`ResolveChoice`] | `resolve_choice` |
//! | `Relationalize` | [`Relationalize`] | `relationalize` |
//! | `UnnestFrame` | [`UnnestFrame`] | `unnest_frame` |
//! | `Unbox` | [`Unbox`] | `unbox` |
//! | `Filter` | [`Filter`] | `filter` |
//! | `Map` | [`Map`] | `map` |
//! | `Join` | [`Join`] | `join` |
//! | `Union`, `mergeDynamicFrame` | [`Union`], [`MergeDynamicFrame`] | `union` |
//! | `SplitRows` | [`SplitRows`] | `split_rows` |
//! | `Spigot` | [`Spigot`] (`async`) | `spigot` |
//! | `SelectFromCollection`, `MapToCollection`, `FlatMap` | [`SelectFromCollection`], [`MapToCollection`], [`FlatMap`] | `collection` |
//! | `ErrorsAsDynamicFrame` | [`ErrorsAsDynamicFrame`] | `errors` |
//! | `DropDuplicates` | [`DropDuplicates`] | `duplicates` |
//! | `FillMissingValues` | [`FillMissingValues`] (refused), [`FillNulls`] | `fill` |
//! | `Repartition`, `Coalesce` | [`Repartition`], [`Coalesce`] (nothing is done) | `partitions` |
//! | Glue Studio's `Aggregate` | [`Aggregate`] | `aggregate` |
//!
//! Sources of the rules: AWS Glue Developer Guide (pages of the classes of `awsglue.transforms`, `DynamicFrame` in Python and in
//! Scala) and User Guide (nodes of Glue Studio). Where they say nothing, or two things, the transform's documentation says what is
//! done here. docs/glue.md has an example of each, which is a test in `tests/examples.rs`.
//!
//! A column that is not there is an error here, with the name that is most like it: Glue passes over some of them, since its
//! records have no schema.

mod aggregate;
mod apply_mapping;
mod cast;
mod collection;
mod drop_nulls;
mod duplicates;
mod error;
mod errors;
mod fields;
mod fill;
mod filter;
mod frame;
mod join;
mod map;
mod nested;
mod partitions;
mod path;
mod relationalize;
mod resolve_choice;
mod row;
mod spigot;
mod split_rows;
pub mod types;
mod unbox;
mod union;
mod unnest_frame;

#[cfg(test)]
mod tests;

pub use aggregate::{AggFunc, Aggregate};
pub use apply_mapping::{ApplyMapping, Mapping};
pub use collection::{FlatMap, FrameCollection, IntoFrames, MapToCollection, SelectFromCollection};
pub use drop_nulls::DropNullFields;
pub use duplicates::DropDuplicates;
pub use error::{GlueError, Result};
pub use errors::ErrorsAsDynamicFrame;
pub use fields::{DropFields, RenameField, SelectFields, SplitFields};
pub use fill::{FillMissingValues, FillNulls};
pub use filter::{Filter, Predicate, RowPredicate};
pub use frame::{Frame, Stage, Transform};
pub use join::{Join, JoinKind};
pub use map::{Map, RowMapper};
pub use partitions::{Coalesce, Repartition};
pub use path::path_of;
pub use relationalize::Relationalize;
pub use resolve_choice::ResolveChoice;
pub use row::{RecordError, Row};
pub use spigot::Spigot;
pub use split_rows::SplitRows;
pub use unbox::Unbox;
pub use union::{MergeDynamicFrame, Union};
pub use unnest_frame::UnnestFrame;
