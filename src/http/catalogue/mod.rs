//! Every sentence with which an upload can be refused, once for pages, JSON, scripts and tests.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use actix_web::http::StatusCode;

use super::original_filename::visible;

/// How much of a file name a sentence shows, in characters.
const SHOWN_CHARS: usize = 40;

/// Why an upload, or one file of it, is not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum UploadRefusal {
    /// The form came without a file.
    NoFile,
    /// More files than one request may have.
    TooMany {
        /// How many there were.
        chosen: usize,
    },
    /// The file is longer than 10 MB.
    TooBig {
        /// Its length in bytes.
        size: u64,
    },
    /// The request is longer than all its files may be together.
    TooBigTogether,
    /// More pixels than we decode.
    TooManyPixels {
        /// Pixels across.
        width: u32,
        /// Pixels down.
        height: u32,
    },
    /// More pixels on one side than we decode.
    SideTooLong {
        /// Pixels across.
        width: u32,
        /// Pixels down.
        height: u32,
    },
    /// Not one of the four formats.
    NotSupported,
    /// The format of iPhones, which deserves an answer of its own.
    Heic,
    /// The picture ends too early.
    Incomplete,
    /// The same bytes are in the gallery already; not an error.
    Duplicate,
    /// No more photos for this account.
    Quota {
        /// How many photos it has.
        used: u64,
        /// How many it may have.
        max: u64,
    },
    /// More photos in a minute than one may send.
    SlowDown {
        /// Seconds until the next one is welcome; also in the `Retry-After` header.
        seconds: u64,
    },
    /// The disk is full.
    NoSpace,
    /// The session has ended.
    SignedOut,
    /// Something of ours is down.
    Unavailable,
    /// The bytes came too slowly, or not at all.
    TooSlow,
    /// The form is broken, was cut off, or has control characters in a file name.
    Unreadable,
    /// More form fields than any form of ours has.
    TooManyFields,
    /// The body is not `multipart/form-data`.
    NotAForm,
}

impl UploadRefusal {
    /// The word for programs.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NoFile => "no_file",
            Self::TooMany { .. } => "too_many",
            Self::TooBig { .. } => "too_big",
            Self::TooBigTogether => "too_big_together",
            Self::TooManyPixels { .. } | Self::SideTooLong { .. } => "too_many_pixels",
            Self::NotSupported => "not_supported",
            Self::Heic => "heic",
            Self::Incomplete => "incomplete",
            Self::Duplicate => "duplicate",
            Self::Quota { .. } => "quota",
            Self::SlowDown { .. } => "slow_down",
            Self::NoSpace => "no_space",
            Self::SignedOut => "signed_out",
            Self::Unavailable => "unavailable",
            Self::TooSlow => "too_slow",
            Self::Unreadable => "unreadable",
            Self::TooManyFields => "too_many_fields",
            Self::NotAForm => "not_a_form",
        }
    }

    /// The status of an answer that says nothing but this.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        match self {
            Self::NoFile
            | Self::TooMany { .. }
            | Self::TooManyPixels { .. }
            | Self::SideTooLong { .. }
            | Self::Incomplete
            | Self::Quota { .. }
            | Self::TooManyFields => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooBig { .. } | Self::TooBigTogether => StatusCode::PAYLOAD_TOO_LARGE,
            Self::NotSupported | Self::Heic | Self::NotAForm => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Duplicate => StatusCode::OK,
            Self::SlowDown { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::NoSpace => StatusCode::INSUFFICIENT_STORAGE,
            Self::SignedOut => StatusCode::UNAUTHORIZED,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::Unreadable => StatusCode::BAD_REQUEST,
        }
    }

    /// Seconds until the next try is welcome, for the header `Retry-After`.
    #[must_use]
    pub const fn retry_after(&self) -> Option<u64> {
        match self {
            Self::SlowDown { seconds } => Some(*seconds),
            _ => None,
        }
    }

    /// What people read: what happened, to which file, and what to do. Plain text, to be escaped.
    #[must_use]
    pub fn sentence(&self, file: &str) -> String {
        let fill = |name: &str, value: String| self.pattern().replace(name, &value);
        let sentence = match self {
            Self::TooMany { chosen } => fill("{chosen}", chosen.to_string()),
            Self::TooBig { size } => fill("{size}", megabytes(*size)),
            Self::TooManyPixels { width, height } | Self::SideTooLong { width, height } => {
                fill("{width}", width.to_string()).replace("{height}", &height.to_string())
            }
            Self::Quota { used, max } => {
                fill("{used}", used.to_string()).replace("{max}", &max.to_string())
            }
            Self::SlowDown { seconds } => fill("{seconds}", seconds.to_string()),
            _ => self.pattern().to_owned(),
        };
        // Last, as a file may be called "{size}".
        sentence.replace("{file}", &shown(file))
    }

    /// The sentence with names in braces where something is filled in.
    const fn pattern(&self) -> &'static str {
        match self {
            Self::NoFile => "Choose at least one photo.",
            Self::TooMany { .. } => "You can add 20 photos at a time. You chose {chosen}.",
            Self::TooBig { .. } => "{file} is {size}. Photos can be up to 10 MB.",
            Self::TooBigTogether => "That is too much at once. Add your photos a few at a time.",
            Self::TooManyPixels { .. } => {
                "{file} is {width} × {height} pixels. Photos can be up to 50 megapixels."
            }
            Self::SideTooLong { .. } => {
                "{file} is {width} × {height} pixels. Photos can have up to 12,000 on a side."
            }
            Self::NotSupported => "{file} isn't a JPEG, PNG, WebP or GIF image.",
            Self::Heic => {
                "HEIC isn't supported. On iPhone choose Settings › Camera › Most Compatible, \
                 or export as JPEG."
            }
            Self::Incomplete => "{file} seems cut off. Try uploading it again.",
            Self::Duplicate => "{file} is already in your gallery.",
            Self::Quota { .. } => {
                "Your gallery is full ({used} of {max}). Delete some photos to make room."
            }
            Self::SlowDown { .. } => "You're uploading very fast. Try again in {seconds} seconds.",
            Self::NoSpace => "We can't store photos right now. Nothing was lost; try again later.",
            Self::SignedOut => "You were signed out. Sign in and your photos will continue.",
            Self::Unavailable => "Ponka is having a moment. We'll retry by itself.",
            Self::TooSlow => "The upload stopped moving. Check your connection and try again.",
            Self::Unreadable => {
                "The upload arrived damaged. Try again, or give the file a simpler name."
            }
            Self::TooManyFields => "That form has too many fields. Reload the page and try again.",
            Self::NotAForm => "Send photos as multipart/form-data, in the field \"file\".",
        }
    }
}

/// The sentences that the script of the gallery says before the server can, by code. It fills in the
/// names in braces.
#[must_use]
pub fn patterns_for_scripts() -> BTreeMap<&'static str, &'static str> {
    let refusals = [
        UploadRefusal::NoFile,
        UploadRefusal::TooMany { chosen: 0 },
        UploadRefusal::TooBig { size: 0 },
        UploadRefusal::NotSupported,
        UploadRefusal::Heic,
        UploadRefusal::Duplicate,
        UploadRefusal::SignedOut,
        UploadRefusal::TooSlow,
        UploadRefusal::Unavailable,
    ];
    refusals.iter().map(|refusal| (refusal.code(), refusal.pattern())).collect()
}

/// A file name for a sentence: shortened in the middle, nothing invisible in it.
fn shown(file: &str) -> String {
    let name: Vec<char> = file.chars().map(visible).collect();
    if name.len() <= SHOWN_CHARS {
        return name.into_iter().collect();
    }
    let tail = (SHOWN_CHARS - 1) / 2;
    let head = SHOWN_CHARS - 1 - tail;
    name[..head].iter().chain(&['…']).chain(&name[name.len() - tail..]).collect()
}

/// Bytes as megabytes (10⁶) with one decimal, rounded up so that too much never looks like enough.
fn megabytes(bytes: u64) -> String {
    let tenths = bytes.div_ceil(100_000);
    format!("{}.{} MB", tenths / 10, tenths % 10)
}
