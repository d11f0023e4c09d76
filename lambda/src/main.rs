//! `lambda`: the function that events invoke.

fn main() {}
