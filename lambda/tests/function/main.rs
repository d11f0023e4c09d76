//! The function as Lambda calls it, with a server that speaks ECS's protocol and says what a test wants.

#![expect(clippy::panic, clippy::unwrap_used, reason = "a panic is how a test fails")]

mod ecs;
mod restarts;
mod shapes;
mod starts;
