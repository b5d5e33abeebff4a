//! Ids made from other ids. Two computers that repair or merge the same document make the same new blocks.

use uuid::Uuid;

/// Every derived id hangs under this one; changing it would give the same repair another id.
const DOCUMENTS: Uuid = Uuid::from_u128(0x6f5c_2f6e_8a41_5d0b_9b7e_4c1d_20d9_a3f7);

/// A UUIDv5 over the parts, in text. The parts are kept apart, so `["ab", "c"]` and `["a", "bc"]` differ.
#[must_use]
pub fn derive(parts: &[&str]) -> String {
    let mut name = Vec::new();
    for part in parts {
        name.extend_from_slice(&(part.len() as u64).to_le_bytes());
        name.extend_from_slice(part.as_bytes());
    }
    Uuid::new_v5(&DOCUMENTS, &name).to_string()
}

/// A block's id is a UUID in text.
#[must_use]
pub fn is_id(text: &str) -> bool {
    Uuid::try_parse(text).is_ok()
}
