//! Journeys through the real window on a real PostgreSQL. They need a display and a session bus: `scripts/with-desktop`.
#![allow(clippy::expect_used, reason = "a test says what it expected by failing")]

mod bindings;
mod drafting;
mod enrolling;
mod first_start;
#[allow(dead_code, reason = "some of it is the screenshots' only")]
mod harness;
mod keyboard;
mod killed;
mod school;
mod secrets;
mod signing_in;
mod steps;
