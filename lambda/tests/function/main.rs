//! The function as Lambda calls it, with a server that speaks ECS's protocol and says what a test wants.

mod ecs;
mod restarts;
mod shapes;
mod starts;
