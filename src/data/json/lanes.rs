//! Sixteen bytes of a text looked at at once. Names nothing. Invariant: what is found does not depend on what is behind it.

/// How many bytes are looked at.
pub const WINDOW: usize = 16;

/// How many bytes come before the first that ends a run of text that stands for itself: [`WINDOW`] if none does.
#[inline(always)]
pub fn run(window: &[u8; WINDOW]) -> usize {
    // The compiler compares all bytes at once.
    let mut stops = [0; WINDOW];
    for (stop, &byte) in stops.iter_mut().zip(window) {
        *stop = if is_stop(byte) { 0xff } else { 0 };
    }
    u128::from_le_bytes(stops).trailing_zeros() as usize / 8
}

/// Whether a byte ends a run of text that stands for itself.
#[inline]
pub fn is_stop(byte: u8) -> bool {
    // Without a branch, which would keep bytes from being compared together.
    (byte == b'"') | (byte == b'\\') | (byte < 0x20)
}
