//! The function as Lambda calls it, with the ECS of the end-to-end suite, which says what a test wants.

#![expect(clippy::panic, clippy::unwrap_used, reason = "a panic is how a test fails")]

#[expect(dead_code, reason = "the end-to-end suite uses the rest")]
#[path = "../../../tests/support/ecs.rs"]
mod ecs;
mod many;
mod restarts;
#[expect(dead_code, reason = "the end-to-end suite uses the rest")]
#[path = "../../../tests/support/scripted_http.rs"]
mod scripted_http;
mod shapes;
mod site;
mod starts;
