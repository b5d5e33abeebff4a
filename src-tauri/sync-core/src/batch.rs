//! A push as it is frozen: bytes that are kept and sent again unchanged until there is a definite answer.
//!
//! Layout: the JSON of [`Push`] and then each content, each behind its length as four bytes, little-endian.

use crate::wire::Push;

/// The bytes of a push with the contents of its revisions.
///
/// # Errors
/// When the push cannot be written as JSON, or a part is longer than 4 GiB.
pub fn freeze(push: &Push, contents: &[Vec<u8>]) -> Result<Vec<u8>, Broken> {
    let json = serde_json::to_vec(push).map_err(|_| Broken)?;
    let mut bytes =
        Vec::with_capacity(json.len() + contents.iter().map(|content| content.len() + 4).sum::<usize>() + 4);
    for part in std::iter::once(&json).chain(contents) {
        bytes.extend(u32::try_from(part.len()).map_err(|_| Broken)?.to_le_bytes());
        bytes.extend(part);
    }
    Ok(bytes)
}

/// The two arguments of `sync_push`: the JSON text and the contents.
///
/// # Errors
/// When the bytes are not a frozen batch.
pub fn arguments(bytes: &[u8]) -> Result<(&str, Vec<&[u8]>), Broken> {
    let mut rest = bytes;
    let mut parts = Vec::new();
    while !rest.is_empty() {
        let (length, after) = rest.split_first_chunk::<4>().ok_or(Broken)?;
        let length = usize::try_from(u32::from_le_bytes(*length)).map_err(|_| Broken)?;
        let (part, after) = after.split_at_checked(length).ok_or(Broken)?;
        parts.push(part);
        rest = after;
    }
    let contents = parts.split_off(1.min(parts.len()));
    let json = std::str::from_utf8(parts.first().ok_or(Broken)?).map_err(|_| Broken)?;
    Ok((json, contents))
}

/// The push of a frozen batch.
///
/// # Errors
/// When the bytes are not a frozen batch.
pub fn thaw(bytes: &[u8]) -> Result<Push, Broken> {
    serde_json::from_str(arguments(bytes)?.0).map_err(|_| Broken)
}

/// The bytes are no frozen batch: the local file is damaged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Broken;
