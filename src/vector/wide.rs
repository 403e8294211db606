//! Loops with the widest instructions that the machine has: the one door to them, and the one place with `unsafe`. A loop
//! is compiled once for any processor of its kind and once for those of the last ten years, and the machine chooses; where
//! the compiler does not find the instructions that make a bit of each comparison, they are named here.
//! Invariant: the result is the same on all of them.

use std::ops::Range;

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
    let (mut words, chunks, rest) = words_for(values);
    #[cfg(target_arch = "x86_64")]
    if x86::is_recent() {
        // SAFETY: the processor has all that the function is compiled for.
        unsafe { x86::less(chunks, bound, &mut words) };
    }
    one_by_one(chunks, rest, |value| value < bound, &mut words);
    words
}

/// For each value a bit, 64 in a word: whether it lies in a range.
#[allow(unsafe_code)]
pub fn within(values: &[i64], range: &Range<i64>) -> Vec<u64> {
    let (mut words, chunks, rest) = words_for(values);
    #[cfg(target_arch = "x86_64")]
    if x86::is_recent() {
        // SAFETY: the processor has all that the function is compiled for.
        unsafe { x86::within(chunks, range, &mut words) };
    }
    one_by_one(chunks, rest, |value| range.contains(&value), &mut words);
    words
}

/// Bits of values of which some are to be looked at more closely.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Rough {
    /// For each value a bit, 64 in a word: whether it lies in the range.
    pub words: Vec<u64>,
    /// The words that have values at an edge: their number, and the bits of these values.
    pub edges: Vec<(usize, u64)>,
}

impl Rough {
    fn push(&mut self, word: u64, edge: u64) {
        if edge != 0 {
            self.edges.push((self.words.len(), edge));
        }
        self.words.push(word);
    }
}

/// For each value whether it lies in a range, and which are one of two values at its edges.
#[allow(unsafe_code)]
pub fn rough(values: &[u16], inside: &Range<u16>, edges: [u16; 2]) -> Rough {
    let (chunks, rest) = values.as_chunks::<64>();
    let mut found = Rough { words: Vec::with_capacity(chunks.len() + 1), edges: Vec::new() };
    #[cfg(target_arch = "x86_64")]
    if x86::is_recent() {
        // SAFETY: the processor has all that the function is compiled for.
        unsafe { x86::rough(chunks, inside, edges, &mut found) };
    }
    let bits = |values: &[u16], test: &dyn Fn(&u16) -> bool| {
        values.iter().enumerate().fold(0, |word, (i, value)| word | u64::from(test(value)) << i)
    };
    let done = found.words.len();
    for values in chunks[done..].iter().map(|chunk| &chunk[..]).chain((!rest.is_empty()).then_some(rest)) {
        found.push(bits(values, &|value| inside.contains(value)), bits(values, &|value| edges.contains(value)));
    }
    found
}

/// Room for the bits of values, and the values of each word.
fn words_for(values: &[i64]) -> (Vec<u64>, &[[i64; 64]], &[i64]) {
    let (chunks, rest) = values.as_chunks::<64>();
    (Vec::with_capacity(chunks.len() + 1), chunks, rest)
}

/// The words that are not there yet: all of them where no instructions are known, else the last.
fn one_by_one(chunks: &[[i64; 64]], rest: &[i64], test: impl Fn(i64) -> bool, words: &mut Vec<u64>) {
    let word =
        |values: &[i64]| values.iter().enumerate().fold(0, |word, (i, &value)| word | u64::from(test(value)) << i);
    words.extend(chunks[words.len()..].iter().map(|chunk| word(chunk)));
    if !rest.is_empty() {
        words.push(word(rest));
    }
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::{
        __m256i, _mm256_andnot_si256, _mm256_castsi256_pd, _mm256_cmpeq_epi16, _mm256_cmpgt_epi64, _mm256_loadu_si256,
        _mm256_movemask_epi8, _mm256_movemask_pd, _mm256_or_si256, _mm256_packs_epi16, _mm256_permute4x64_epi64,
        _mm256_set_epi64x, _mm256_set1_epi16, _mm256_set1_epi64x, _mm256_setzero_si256, _mm256_sub_epi16,
        _mm256_subs_epu16,
    };
    use std::ops::Range;

    use super::Rough;

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
        bits(chunks, |values| _mm256_cmpgt_epi64(bound, values), words);
    }

    #[target_feature(enable = "avx2")]
    pub fn within(chunks: &[[i64; 64]], range: &Range<i64>, words: &mut Vec<u64>) {
        let (low, high) = (_mm256_set1_epi64x(range.start), _mm256_set1_epi64x(range.end));
        let test = |values| _mm256_andnot_si256(_mm256_cmpgt_epi64(low, values), _mm256_cmpgt_epi64(high, values));
        bits(chunks, test, words);
    }

    #[target_feature(enable = "avx2")]
    pub fn rough(chunks: &[[u16; 64]], inside: &Range<u16>, edges: [u16; 2], found: &mut Rough) {
        let all = |value: u16| _mm256_set1_epi16(value.cast_signed());
        let (start, len) = (all(inside.start), all(inside.end.saturating_sub(inside.start)));
        let [low, high] = edges.map(all);
        // Nothing is left of the length where the value is as far or farther from the start.
        let outside = |values| {
            _mm256_cmpeq_epi16(_mm256_subs_epu16(len, _mm256_sub_epi16(values, start)), _mm256_setzero_si256())
        };
        let at_edge = |values| _mm256_or_si256(_mm256_cmpeq_epi16(values, low), _mm256_cmpeq_epi16(values, high));
        for chunk in chunks {
            found.push(!bits_of_16(chunk, outside), bits_of_16(chunk, at_edge));
        }
    }

    /// A bit for each value, from all bits of its lane.
    #[inline]
    #[allow(unsafe_code)]
    #[target_feature(enable = "avx2")]
    fn bits_of_16(chunk: &[u16; 64], test: impl Fn(__m256i) -> __m256i) -> u64 {
        let (lanes, _) = chunk.as_chunks::<16>();
        // SAFETY: sixteen values are as many bytes as are read, and reading them needs no alignment.
        let test = |values: &[u16; 16]| test(unsafe { _mm256_loadu_si256(values.as_ptr().cast()) });
        let mut word = 0;
        for (i, [a, b]) in lanes.as_chunks::<2>().0.iter().enumerate() {
            // Halves of the two are interleaved.
            let bytes = _mm256_permute4x64_epi64::<0b11_01_10_00>(_mm256_packs_epi16(test(a), test(b)));
            word |= u64::from(_mm256_movemask_epi8(bytes).cast_unsigned()) << (32 * i);
        }
        word
    }

    /// A bit for each value, from all bits of its lane.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn bits(chunks: &[[i64; 64]], test: impl Fn(__m256i) -> __m256i, words: &mut Vec<u64>) {
        for chunk in chunks {
            let (fours, _) = chunk.as_chunks::<4>();
            let mut word = 0;
            for (i, &[a, b, c, d]) in fours.iter().enumerate() {
                let holds = test(_mm256_set_epi64x(d, c, b, a));
                word |= u64::from(_mm256_movemask_pd(_mm256_castsi256_pd(holds)) as u8) << (4 * i);
            }
            words.push(word);
        }
    }
}
