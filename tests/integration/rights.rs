//! Who may do what, proved through SQL as the application's login: the refusals are the database's, so they hold for
//! whoever extracts its password and opens psql.

mod attacks;
mod guessing;
mod hardening;
mod leaks;
mod matrix;
mod policies;
mod revoking;
mod sealing;
mod world;
