//! Loops with the widest instructions that the machine has: the one door to them, and the one place with `unsafe`. The loop
//! is compiled once for any processor of its kind and once for those of the last ten years, and the machine chooses.
//! Invariant: the result is the same on all of them.

/// Runs a loop over plain arrays; what it calls must be small enough to become part of it.
#[inline]
#[allow(unsafe_code)]
pub fn wide<R>(work: impl FnOnce() -> R) -> R {
    #[cfg(target_arch = "x86_64")]
    if x86::is_recent() {
        // SAFETY: the processor has all that the function is compiled for.
        return unsafe { x86::run(work) };
    }
    work()
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    /// Whether the processor has what [`run`] is compiled for; the answer is kept.
    #[inline]
    pub fn is_recent() -> bool {
        is_x86_feature_detected!("avx2")
            && is_x86_feature_detected!("bmi1")
            && is_x86_feature_detected!("bmi2")
            && is_x86_feature_detected!("lzcnt")
            && is_x86_feature_detected!("popcnt")
    }

    #[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
    pub fn run<R>(work: impl FnOnce() -> R) -> R {
        work()
    }
}
