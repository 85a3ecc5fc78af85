//! Signs what a browser keeps for us, so that it cannot make something up.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// Signs with `APP_SECRET`, for one purpose: a signature for another one is worth nothing.
#[derive(Clone)]
pub struct Signer(Hmac<Sha256>);

impl Signer {
    /// Signs for this purpose.
    #[must_use]
    pub fn new(app_secret: &[u8], purpose: &str) -> Self {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(app_secret).expect("HMAC takes keys of every length");
        mac.update(purpose.as_bytes());
        mac.update(&[0]);
        Self(mac)
    }

    /// The value with its signature: `VALUE.SIGNATURE`.
    #[must_use]
    pub fn sign(&self, value: &str) -> String {
        let signature = self.0.clone().chain_update(value).finalize().into_bytes();
        format!("{value}.{}", hex::encode(signature))
    }

    /// The value, if the signature is ours; compared in constant time.
    #[must_use]
    pub fn verify<'v>(&self, signed: &'v str) -> Option<&'v str> {
        let (value, signature) = signed.rsplit_once('.')?;
        let signature = hex::decode(signature).ok()?;
        self.0.clone().chain_update(value).verify_slice(&signature).ok()?;
        Some(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_worth_something_for_its_purpose_only() {
        let secret = b"a secret of at least 32 bytes...";
        let signer = Signer::new(secret, "cookie");
        let signed = signer.sign("a.b");
        assert_eq!(signer.verify(&signed), Some("a.b"));
        assert_eq!(Signer::new(secret, "other").verify(&signed), None);
        assert_eq!(Signer::new(b"another secret", "cookie").verify(&signed), None);
        for forged in ["", ".", "a.b", "a.b.", "a.b.zz", &signed[1..], &signed[..signed.len() - 2]]
        {
            assert_eq!(signer.verify(forged), None, "{forged}");
        }
    }
}
