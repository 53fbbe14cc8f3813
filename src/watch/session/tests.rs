//! Tests a session as tables and against a model, in a simulated world with a virtual clock.

use super::*;

mod cases;
mod model;
mod simulation;
mod world;
