//! How much, and how slowly, one upload request may send.

use std::time::Duration;

/// The limits of one upload request.
#[derive(Debug, Clone)]
pub struct UploadLimits {
    /// Photos in one request.
    pub files: usize,
    /// Bytes of one photo.
    pub file_bytes: u64,
    /// Form fields of any kind, photos included.
    pub fields: usize,
    /// Bytes of the whole request.
    pub request_bytes: u64,
    /// How slow a client may be.
    pub pace: Pace,
}

/// How slow a client may be, measured from the first look at the body.
#[derive(Debug, Clone)]
pub struct Pace {
    /// Nobody is cut off before this.
    pub grace: Duration,
    /// Bytes per second, on average, after that.
    pub bytes_per_second: u64,
    /// The longest time for [`step_bytes`](Self::step_bytes); every further such step adds it again.
    pub step: Duration,
    /// What `step` is good for, in bytes.
    pub step_bytes: u64,
}

impl UploadLimits {
    /// 10 MB, counted as 10 × 2²⁰ bytes, which is the larger of the two common readings.
    pub const FILE_BYTES: u64 = 10 * 1024 * 1024;
}

impl Default for UploadLimits {
    /// 20 files of 10 MB, 25 fields, 1 KB/s after 10 s, and a minute for every 10 MB.
    fn default() -> Self {
        let files = 20;
        Self {
            files,
            file_bytes: Self::FILE_BYTES,
            fields: 25,
            request_bytes: files as u64 * Self::FILE_BYTES + 1024 * 1024,
            pace: Pace {
                grace: Duration::from_secs(10),
                bytes_per_second: 1024,
                step: Duration::from_secs(60),
                step_bytes: Self::FILE_BYTES,
            },
        }
    }
}

impl Pace {
    /// How long after the start a client that has sent `received` bytes must have sent more.
    pub(super) fn patience(&self, received: u64) -> Duration {
        let by_rate = Duration::from_secs(received / self.bytes_per_second.max(1));
        let steps = 1 + received / self.step_bytes.max(1);
        let in_total = self.step.saturating_mul(u32::try_from(steps).unwrap_or(u32::MAX));
        by_rate.max(self.grace).min(in_total)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patience_grows_with_what_has_arrived() {
        let pace = UploadLimits::default().pace;
        for (received, seconds) in [
            (0, 10),
            (10 * 1024, 10),
            (20 * 1024, 20),
            (5 * 1024 * 1024, 60),
            (UploadLimits::FILE_BYTES, 120),
        ] {
            assert_eq!(pace.patience(received).as_secs(), seconds, "{received} bytes");
        }
    }
}
