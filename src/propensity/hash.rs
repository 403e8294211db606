//! Hashes that stand in for random numbers. Names nothing. Invariant: what is drawn depends on the seed, the tree and the
//! profile's id (or the column), never on the order of rows or threads.

/// The finalizer of SplitMix64 (Steele, Lea, Flood 2014): every bit of the input changes every bit of the output.
pub fn mix(value: u64) -> u64 {
    let value = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

/// FNV-1a of a text, mixed.
pub fn text(text: &str) -> u64 {
    let fnv = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    mix(text.bytes().fold(0xcbf2_9ce4_8422_2325, fnv))
}

/// Whether something is drawn with a probability.
pub fn drawn(hash: u64, share: f64) -> bool {
    // 53 bits are what a double holds exactly.
    ((mix(hash) >> 11) as f64) < share * (1u64 << 53) as f64
}
