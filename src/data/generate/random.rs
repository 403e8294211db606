//! A small generator of random numbers that gives the same on every machine. Names nothing. Invariant: only integers are
//! computed with, since floating-point functions differ between machines in their last bits.

/// SplitMix64.
#[derive(Debug, Clone)]
pub struct Random {
    state: u64,
}

impl Random {
    /// Started from a seed and the number of a stream, so that each profile has its own numbers.
    pub fn new(seed: u64, stream: u64) -> Random {
        let mut random = Random { state: seed ^ stream.wrapping_mul(0x9e37_79b9_7f4a_7c15) };
        random.next();
        random
    }

    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From 0 up to, not including, `bound`; 0 for a bound of 0.
    pub fn below(&mut self, bound: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(bound)) >> 64) as u64
    }

    /// From `low` to `high`, both included.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        low + self.below((high - low + 1).max(1) as u64) as i64
    }

    /// True in so many of a thousand cases.
    pub fn permille(&mut self, share: u64) -> bool {
        self.below(1000) < share
    }

    /// How often in a row a coin falls on heads, at most `most`.
    pub fn heads(&mut self, most: u32) -> u32 {
        self.next().trailing_ones().min(most)
    }

    /// One of a list; early ones are likelier, as popular things are.
    pub fn popular<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        let a = self.below(of.len() as u64);
        let b = self.below(of.len() as u64);
        &of[a.min(b) as usize]
    }

    /// One of a list.
    pub fn one<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len() as u64) as usize]
    }
}
