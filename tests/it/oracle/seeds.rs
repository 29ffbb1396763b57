//! Which worlds a test tries, and how a failure is seen again.

/// The worlds to try: so many from the first, unless the environment says otherwise.
pub fn seeds(default: u64) -> std::ops::Range<u64> {
    let number = |name: &str| std::env::var(name).ok().map(|text| text.parse::<u64>().expect("a number"));
    let first = number("ORACLE_SEED").unwrap_or(0);
    first..first + number("ORACLE_CASES").unwrap_or(default)
}

/// How to see a failure again.
pub fn rerun(seed: u64) -> String {
    format!("rerun with ORACLE_SEED={seed} ORACLE_CASES=1")
}
