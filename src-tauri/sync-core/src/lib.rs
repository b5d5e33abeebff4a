//! One device's half of the sync protocol, as a pure machine: no async, no clock, no randomness, no input or output of its
//! own. What it must remember it hands to a [`store::Store`]; what it wants said to the server it returns as a step; ids
//! come from outside. So the whole of it runs in a deterministic simulation of devices, crashes, lost answers and restored
//! servers.

#![forbid(unsafe_code)]

pub mod batch;
pub mod store;
pub mod wire;
