//! Loops with the widest instructions that the machine has: the one door to them, and the one place with `unsafe`. A loop
//! is compiled once for any processor of its kind and once for those of the last ten years, and the machine chooses; where
//! the compiler does not find the instructions that make a bit of each comparison, they are named here.
//! Invariant: the result is the same on all of them.

/// Runs a loop over plain arrays; what it calls must be small enough to become part of it. A macro, so that the loop is
/// written into each place anew: a function that two places call would be compiled apart from both, for any processor.
macro_rules! wide {
    ($work:expr) => {
        match $crate::vector::wide::on_recent(|| $work) {
            Some(result) => result,
            None => $work,
        }
    };
}

pub(crate) use wide;

/// Runs something compiled for the processors of the last ten years, if this is one.
#[inline]
#[allow(unsafe_code)]
pub fn on_recent<R>(work: impl FnOnce() -> R) -> Option<R> {
    #[cfg(target_arch = "x86_64")]
    if x86::is_recent() {
        // SAFETY: the processor has all that the function is compiled for.
        return Some(unsafe { x86::run(work) });
    }
    None
}

/// For each value a bit, 64 in a word: whether it is less than a bound.
#[allow(unsafe_code)]
pub fn less(values: &[i64], bound: i64) -> Vec<u64> {
    let (chunks, rest) = values.as_chunks::<64>();
    let mut words = Vec::with_capacity(chunks.len() + 1);
    #[cfg(target_arch = "x86_64")]
    if x86::is_recent() {
        // SAFETY: the processor has all that the function is compiled for.
        unsafe { x86::less(chunks, bound, &mut words) };
    }
    // All of them where no instructions are known.
    words.extend(chunks[words.len()..].iter().map(|chunk| less_one_by_one(chunk, bound)));
    if !rest.is_empty() {
        words.push(less_one_by_one(rest, bound));
    }
    words
}

fn less_one_by_one(values: &[i64], bound: i64) -> u64 {
    values.iter().enumerate().fold(0, |word, (i, &value)| word | u64::from(value < bound) << i)
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::{
        _mm256_castsi256_pd, _mm256_cmpgt_epi64, _mm256_movemask_pd, _mm256_set_epi64x, _mm256_set1_epi64x,
    };

    /// Whether the processor has what [`run`] is compiled for; the answer is kept.
    #[inline]
    pub fn is_recent() -> bool {
        is_x86_feature_detected!("avx2")
            && is_x86_feature_detected!("bmi1")
            && is_x86_feature_detected!("bmi2")
            && is_x86_feature_detected!("lzcnt")
            && is_x86_feature_detected!("popcnt")
    }

    #[inline]
    #[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
    pub fn run<R>(work: impl FnOnce() -> R) -> R {
        work()
    }

    #[target_feature(enable = "avx2")]
    pub fn less(chunks: &[[i64; 64]], bound: i64, words: &mut Vec<u64>) {
        let bound = _mm256_set1_epi64x(bound);
        for chunk in chunks {
            let (fours, _) = chunk.as_chunks::<4>();
            let mut word = 0;
            for (i, &[a, b, c, d]) in fours.iter().enumerate() {
                let below = _mm256_cmpgt_epi64(bound, _mm256_set_epi64x(d, c, b, a));
                word |= u64::from(_mm256_movemask_pd(_mm256_castsi256_pd(below)) as u8) << (4 * i);
            }
            words.push(word);
        }
    }
}
