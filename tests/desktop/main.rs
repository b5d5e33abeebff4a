//! Journeys through the real window on a real PostgreSQL. They need a display and a session bus: `scripts/with-desktop`.

mod bindings;
mod first_start;
mod harness;
