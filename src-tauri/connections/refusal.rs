use super::tls::Certificate;
use crate::error::{Code, Error};

/// Why a server was not reached, told to a person. Unlike an [`Error`] it can be kept and told more than once.
#[derive(Clone, Debug)]
pub struct Refusal {
    pub code: Code,
    pub message: String,
    pub next_step: Option<String>,
    /// What the server showed, when trusting exactly that would let the line be made.
    pub pinnable: Option<Box<Certificate>>,
}

impl Refusal {
    pub(crate) fn new(code: Code, message: impl Into<String>, next_step: impl Into<String>) -> Self {
        Self { code, message: message.into(), next_step: Some(next_step.into()), pinnable: None }
    }

    pub(crate) fn tls(message: impl Into<String>, next_step: impl Into<String>) -> Self {
        Self::new(Code::Tls, message, next_step)
    }

    pub(crate) fn unreachable(message: impl Into<String>, next_step: impl Into<String>) -> Self {
        Self::new(Code::Unreachable, message, next_step)
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        let mut error = Self::new(refusal.code, refusal.message);
        error.next_step = refusal.next_step;
        error
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self { code: error.code, message: error.message, next_step: error.next_step, pinnable: None }
    }
}
