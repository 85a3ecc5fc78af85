//! `PHOTO_QUOTA` and `UPLOADS_PER_MINUTE`: how much one owner may upload.

use super::{AppEnv, vars::Vars};

/// How many photos an owner may have in prod.
const PHOTOS: u64 = 500;
/// How many files an owner may send in a minute in prod.
const UPLOADS_PER_MINUTE: u32 = 60;

/// How much one owner, a visitor or an account, may upload.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Allowance {
    /// `PHOTO_QUOTA`: how many photos an owner may have; `None`: as many as there is space for.
    pub photos: Option<u64>,
    /// `UPLOADS_PER_MINUTE`: how many files an owner may send in a minute; `None`: any number.
    pub uploads_per_minute: Option<u32>,
}

impl Allowance {
    /// 500 photos and 60 files a minute in prod; elsewhere there are no limits unless they are set.
    pub(super) fn read(vars: &mut Vars<'_>, app_env: AppEnv) -> Self {
        let is_prod = app_env == AppEnv::Prod;
        let allowed = "a whole number; 0 for no limit";
        let photos = vars.parse("PHOTO_QUOTA", allowed, |text| text.parse().ok());
        let uploads = vars.parse("UPLOADS_PER_MINUTE", allowed, |text| text.parse().ok());
        Self {
            photos: photos.or(is_prod.then_some(PHOTOS)).filter(|limit| *limit > 0),
            uploads_per_minute: uploads
                .or(is_prod.then_some(UPLOADS_PER_MINUTE))
                .filter(|limit| *limit > 0),
        }
    }
}
