//! One device's half of the sync protocol, as a pure machine: no async, no clock, no randomness, no input or output of its
//! own. What it must remember it hands to a [`store::Store`]; what it wants said to the server it returns as a step; ids
//! come from outside. So the whole of it runs in a deterministic simulation of devices, crashes, lost answers and restored
//! servers.

#![forbid(unsafe_code)]

mod answering;
mod answers;
mod authoring;
pub mod batch;
mod bodies;
pub mod brake;
mod cards;
pub mod engine;
pub mod frames;
mod freezing;
pub mod machine;
pub mod merging;
mod places;
mod rows;
#[cfg(any(test, feature = "simulation"))]
pub mod simulation;
pub mod status;
pub mod store;
pub mod wire;
mod work;

pub use brake::Brake;
pub use engine::Engine;
pub use machine::{Error, Machine, Step};
pub use merging::{Choice, Merging};
