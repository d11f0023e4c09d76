//! Tests of the transforms: how frames are made and shown in them.

mod docs;
mod edges;
mod examples;
mod properties;

use datafusion::error::DataFusionError;
use datafusion::execution::context::SessionContext;

use super::{Frame, GlueError, Result};
use crate::testing::{Staging, texts};

/// A session as jobs have it, without tables.
fn session() -> SessionContext {
    crate::session::context(&Staging::new().state, []).unwrap()
}

/// The rows of a query as a frame.
async fn frame(sql: &str) -> Frame {
    Frame::new(session().sql(sql).await.unwrap(), "frame").unwrap()
}

/// The names of the columns, and the rows in the order of their texts.
async fn shown(frame: &Frame) -> Vec<String> {
    let mut shown = texts(&frame.to_df().collect().await.unwrap());
    shown.sort();
    let schema = frame.to_df().schema().clone();
    let names: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
    shown.insert(0, names.join("|"));
    shown
}

/// What executing the frame fails with.
async fn failure(frame: &Frame) -> String {
    let error = frame.to_df().collect().await.unwrap_err();
    let root: &DataFusionError = error.find_root();
    root.message().to_string()
}

/// What is wrong and what to do, in one line.
fn told<T>(result: Result<T>) -> String {
    match result {
        Ok(_) => "nothing is wrong".to_owned(),
        Err(GlueError::Parameter { transform, message, help: Some(help) }) => {
            format!("{transform}: {message} [{help}]")
        }
        Err(error) => error.to_string(),
    }
}
