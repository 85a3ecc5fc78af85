//! A cursor over bytes that were sent by strangers: running out of them is an answer, not a panic.

use super::PhotoProblem;

/// What is left to read.
pub(super) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    pub(super) fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// The next `count` bytes; [`PhotoProblem::Incomplete`] if there are fewer.
    pub(super) fn take(&mut self, count: usize) -> Result<&'a [u8], PhotoProblem> {
        let (taken, rest) = self.rest.split_at_checked(count).ok_or(PhotoProblem::Incomplete)?;
        self.rest = rest;
        Ok(taken)
    }

    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], PhotoProblem> {
        let (taken, rest) = self.rest.split_first_chunk().ok_or(PhotoProblem::Incomplete)?;
        self.rest = rest;
        Ok(*taken)
    }

    pub(super) fn u8(&mut self) -> Result<u8, PhotoProblem> {
        self.array().map(|[byte]| byte)
    }

    pub(super) fn u16_be(&mut self) -> Result<u16, PhotoProblem> {
        self.array().map(u16::from_be_bytes)
    }

    pub(super) fn u16_le(&mut self) -> Result<u16, PhotoProblem> {
        self.array().map(u16::from_le_bytes)
    }

    pub(super) fn u24_le(&mut self) -> Result<u32, PhotoProblem> {
        self.array().map(|[low, middle, high]| u32::from_le_bytes([low, middle, high, 0]))
    }

    pub(super) fn u32_be(&mut self) -> Result<u32, PhotoProblem> {
        self.array().map(u32::from_be_bytes)
    }

    pub(super) fn u32_le(&mut self) -> Result<u32, PhotoProblem> {
        self.array().map(u32::from_le_bytes)
    }
}
