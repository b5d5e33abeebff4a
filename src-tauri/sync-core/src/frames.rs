//! A revision's content: the document's canonical JSON, zstd, against its parent's unless it is a key frame.

use sha2::{Digest, Sha256};
use zstd::zstd_safe::{CCtx, CParameter, DCtx, DParameter, get_frame_content_size};

/// No document is longer; more in a frame is damage or malice.
const MAX_DOCUMENT: usize = 32 << 20;
/// zstd looks back at most this far (8 MiB), as does every reader.
const MAX_WINDOW_LOG: u32 = 23;
const LEVEL: i32 = 6;

/// SHA-256 of a document's canonical form, hexadecimal.
#[must_use]
pub fn content_hash(document: &str) -> String {
    hexadecimal(&Sha256::digest(document.as_bytes()))
}

pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The content of a revision; a key frame without `parent`.
#[must_use]
pub fn pack(document: &str, parent: Option<&str>) -> Option<Vec<u8>> {
    let parent = parent.unwrap_or_default().as_bytes();
    let reach = (document.len() + parent.len()).next_power_of_two().ilog2().clamp(10, MAX_WINDOW_LOG);
    let mut context = CCtx::create();
    context.set_parameter(CParameter::CompressionLevel(LEVEL)).ok()?;
    context.set_parameter(CParameter::WindowLog(reach)).ok()?;
    context.set_parameter(CParameter::ContentSizeFlag(true)).ok()?;
    context.ref_prefix(parent).ok()?;
    let mut bytes = Vec::with_capacity(zstd::zstd_safe::compress_bound(document.len()));
    context.compress2(&mut bytes, document.as_bytes()).ok()?;
    Some(bytes)
}

/// The document of a revision's content; nothing when it is damaged or its hash is another.
#[must_use]
pub fn unpack(content: &[u8], parent: Option<&str>, hash: &str) -> Option<String> {
    let length =
        usize::try_from(get_frame_content_size(content).ok()??).ok().filter(|length| *length <= MAX_DOCUMENT)?;
    let mut context = DCtx::create();
    context.set_parameter(DParameter::WindowLogMax(MAX_WINDOW_LOG)).ok()?;
    context.ref_prefix(parent.unwrap_or_default().as_bytes()).ok()?;
    let mut bytes = Vec::with_capacity(length);
    context.decompress(&mut bytes, content).ok()?;
    String::from_utf8(bytes).ok().filter(|document| content_hash(document) == hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_revision_is_read_again_and_a_small_edit_of_a_long_lesson_is_small() {
        let words: Vec<String> =
            (0..40_000u32).map(|n| format!("word{}", n.wrapping_mul(2_654_435_761) % 9_973)).collect();
        let parent = words.join(" ");
        let document = parent.replacen("word5 ", "word5 and a sentence ", 1);
        let whole = pack(&parent, None).unwrap();
        let edit = pack(&document, Some(&parent)).unwrap();
        assert_eq!(unpack(&whole, None, &content_hash(&parent)).as_deref(), Some(parent.as_str()));
        assert_eq!(unpack(&edit, Some(&parent), &content_hash(&document)).as_deref(), Some(document.as_str()));
        assert!(edit.len() < 100, "{} bytes", edit.len());
        assert_eq!(unpack(&edit, Some(&document), &content_hash(&document)), None);
        assert_eq!(unpack(&edit[..edit.len() - 3], Some(&parent), &content_hash(&document)), None);
        assert_eq!(unpack(b"", None, ""), None);
    }
}
