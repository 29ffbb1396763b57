//! Chance: the draws that the synthetic organisation is made of. Same seed and stream, same draws.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// A stream of draws.
#[derive(Debug, Clone)]
pub struct Chance {
    rng: ChaCha8Rng,
}

impl Chance {
    /// Streams of one seed are independent of each other.
    pub fn new(seed: u64, stream: u64) -> Chance {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(stream);
        Chance { rng }
    }

    /// True in a share `p` (0..1) of draws.
    pub fn happens(&mut self, p: f64) -> bool {
        self.rng.random::<f64>() < p
    }

    /// A number in `[from, to)`.
    pub fn between(&mut self, from: f64, to: f64) -> f64 {
        from + (to - from) * self.rng.random::<f64>()
    }

    /// A whole number in `[from, to]`.
    pub fn whole(&mut self, from: i64, to: i64) -> i64 {
        self.rng.random_range(from..=to)
    }

    /// An index below `n`, which is not 0.
    pub fn index(&mut self, n: usize) -> usize {
        self.rng.random_range(0..n)
    }

    pub fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.index(of.len())]
    }

    /// A log-normal draw with the given median; `sigma` is the spread of its logarithm. Capped at 60 medians.
    pub fn around(&mut self, median: f64, sigma: f64) -> f64 {
        let (u, v) = (1.0 - self.rng.random::<f64>(), self.rng.random::<f64>());
        let normal = (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos();
        median * (sigma * normal).exp().min(60.0)
    }

    /// A log-normal duration in whole seconds, at least one.
    pub fn seconds(&mut self, median_hours: f64, sigma: f64) -> i64 {
        ((self.around(median_hours, sigma) * 3600.0) as i64).max(1)
    }

    /// How often something happens that happens `mean` times on average (geometric: 0, 1, 2 ...).
    pub fn count(&mut self, mean: f64) -> usize {
        let stop = 1.0 / (1.0 + mean);
        let mut n = 0;
        while n < 50 && !self.happens(stop) {
            n += 1;
        }
        n
    }
}

/// Mixes numbers into one that looks random (splitmix64's finaliser).
pub fn mix(seed: u64, a: u64, b: u64) -> u64 {
    let mut z = seed ^ a.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ b.wrapping_mul(0xd1b5_4a32_d192_ed03);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// The 40 hexadecimal digits of an invented commit: the `n`th of a repository.
pub fn sha(seed: u64, repository: u32, n: u32) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(48);
    for part in 0..3_u64 {
        let word = mix(seed ^ (part << 56), u64::from(repository) + 1, u64::from(n) + 1);
        for shift in 0..16 {
            text.push(char::from(DIGITS[(word >> (shift * 4)) as usize & 15]));
        }
    }
    text.truncate(40);
    text
}
