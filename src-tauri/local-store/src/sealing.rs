//! What is content leaves this module only sealed: AES-256-GCM under a key of this very file, bound to the place it stands
//! in, so that nothing read from the file can be moved to another row or come from another file.

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::{hkdf, hmac};
use uuid::Uuid;
use zeroize::Zeroizing;

/// The key of a person's drafts. The caller keeps it in the keyring.
pub struct SecretKey(Zeroizing<[u8; 32]>);

impl SecretKey {
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }
}

impl std::fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecretKey")
    }
}

/// The operating system gave no randomness.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoRandomness;

/// Fills the bytes with what nobody can guess. It comes from the caller: this crate makes up nothing.
pub type Random = fn(&mut [u8]) -> Result<(), NoRandomness>;

/// It was not sealed with this key for this place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unsealed;

const FORM: u8 = 1;
const PLAIN: u8 = 0;
const PACKED: u8 = 1;
/// Shorter texts do not become shorter.
const WORTH_PACKING: usize = 256;
/// The first level: a page of writing in well under a millisecond.
const LEVEL: i32 = 1;
/// No document, batch or chunk is longer.
const LONGEST: usize = 1 << 30;

pub(crate) struct Sealing {
    key: LessSafeKey,
    naming: hmac::Key,
    pub check: [u8; 16],
    file: Uuid,
    random: Random,
}

impl Sealing {
    /// The keys of one file.
    pub fn new(key: &SecretKey, file: Uuid, random: Random) -> Result<Self, Unsealed> {
        let root = hkdf::Salt::new(hkdf::HKDF_SHA256, file.as_bytes()).extract(&*key.0);
        let part = |purpose: &[u8], bytes: &mut [u8]| {
            let purpose = [purpose];
            let expanded = root.expand(&purpose, Length(bytes.len())).map_err(|_| Unsealed)?;
            expanded.fill(bytes).map_err(|_| Unsealed)
        };
        let (mut sealing, mut naming, mut check) = (Zeroizing::new([0; 32]), Zeroizing::new([0; 32]), [0; 16]);
        part(b"lectern drafts: sealing", &mut *sealing)?;
        part(b"lectern drafts: naming", &mut *naming)?;
        part(b"lectern drafts: check", &mut check)?;
        Ok(Self {
            key: LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &*sealing).map_err(|_| Unsealed)?),
            naming: hmac::Key::new(hmac::HMAC_SHA256, &*naming),
            check,
            file,
            random,
        })
    }

    pub fn fill(&self, bytes: &mut [u8]) -> Result<(), NoRandomness> {
        (self.random)(bytes)
    }

    /// A name that stands open without saying what it is made from.
    pub fn name(&self, of: &str, what: &[u8]) -> [u8; 32] {
        let mut signed = hmac::Context::with_key(&self.naming);
        signed.update(&(of.len() as u64).to_le_bytes());
        signed.update(of.as_bytes());
        signed.update(what);
        let mut name = [0; 32];
        name.copy_from_slice(signed.sign().as_ref());
        name
    }

    /// Text, packed first where that makes it shorter.
    pub fn seal_text(&self, place: &Place<'_>, text: &[u8]) -> Result<Vec<u8>, NoRandomness> {
        if text.len() >= WORTH_PACKING
            && let Ok(packed) = zstd::bulk::compress(text, LEVEL)
            && packed.len() < text.len()
        {
            return self.seal_parts(place, PACKED, &packed);
        }
        self.seal_parts(place, PLAIN, text)
    }

    /// Bytes that are packed already, or need not be.
    pub fn seal(&self, place: &Place<'_>, bytes: &[u8]) -> Result<Vec<u8>, NoRandomness> {
        self.seal_parts(place, PLAIN, bytes)
    }

    fn seal_parts(&self, place: &Place<'_>, form: u8, bytes: &[u8]) -> Result<Vec<u8>, NoRandomness> {
        let mut nonce = [0; NONCE_LEN];
        self.fill(&mut nonce)?;
        let mut inside = Vec::with_capacity(bytes.len() + 1 + AES_256_GCM.tag_len());
        inside.push(form);
        inside.extend_from_slice(bytes);
        let place = Aad::from(place.bytes(self.file));
        self.key
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), place, &mut inside)
            .map_err(|_| NoRandomness)?;
        let mut sealed = Vec::with_capacity(inside.len() + 1 + NONCE_LEN);
        sealed.push(FORM);
        sealed.extend_from_slice(&nonce);
        sealed.append(&mut inside);
        Ok(sealed)
    }

    pub fn open(&self, place: &Place<'_>, sealed: &[u8]) -> Result<Vec<u8>, Unsealed> {
        let (&FORM, rest) = sealed.split_first().ok_or(Unsealed)? else { return Err(Unsealed) };
        let (nonce, inside) = rest.split_at_checked(NONCE_LEN).ok_or(Unsealed)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| Unsealed)?;
        let mut inside = inside.to_vec();
        let place = Aad::from(place.bytes(self.file));
        let length = self.key.open_in_place(nonce, place, &mut inside).map_err(|_| Unsealed)?.len();
        inside.truncate(length);
        match inside.first() {
            Some(&PLAIN) => {
                inside.remove(0);
                Ok(inside)
            }
            Some(&PACKED) => {
                let packed = inside.get(1..).ok_or(Unsealed)?;
                let length = zstd::zstd_safe::get_frame_content_size(packed).ok().flatten().ok_or(Unsealed)?;
                let length = usize::try_from(length).map_err(|_| Unsealed)?;
                zstd::bulk::decompress(packed, length.min(LONGEST)).map_err(|_| Unsealed)
            }
            _ => Err(Unsealed),
        }
    }
}

/// Sealed bytes are longer than what is in them by so much.
pub(crate) const OVERHEAD: usize = 1 + NONCE_LEN + 1 + 16;

/// Where something sealed stands: what kind of thing it is, and of what.
pub(crate) struct Place<'a> {
    pub kind: &'static str,
    pub of: &'a [u8],
    pub number: u64,
}

impl<'a> Place<'a> {
    pub fn new(kind: &'static str, of: &'a [u8]) -> Self {
        Self { kind, of, number: 0 }
    }

    fn bytes(&self, file: Uuid) -> Vec<u8> {
        let mut bytes = file.as_bytes().to_vec();
        bytes.extend_from_slice(&(self.kind.len() as u64).to_le_bytes());
        bytes.extend_from_slice(self.kind.as_bytes());
        bytes.extend_from_slice(&self.number.to_le_bytes());
        bytes.extend_from_slice(self.of);
        bytes
    }
}

struct Length(usize);

impl hkdf::KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}
