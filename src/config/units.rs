//! Durations, sizes and lists as people write them in a setting: `30s`, `4GiB`, `a, b`. Pure.

use std::time::Duration;

/// `500ms`, `30s`, `5m`, `2h`, `7d`; a bare number is seconds; `0` and `off` are no time at all.
pub fn duration(text: &str) -> Result<Duration, String> {
    let text = text.trim();
    if text.eq_ignore_ascii_case("off") {
        return Ok(Duration::ZERO);
    }
    let (number, unit) = split(text);
    let number: f64 = number.parse().map_err(|_| wrong_duration(text))?;
    let seconds = match unit {
        "ms" => number / 1000.0,
        "" | "s" => number,
        "m" => number * 60.0,
        "h" => number * 3_600.0,
        "d" => number * 86_400.0,
        _ => return Err(wrong_duration(text)),
    };
    Duration::try_from_secs_f64(seconds).map_err(|_| wrong_duration(text))
}

/// Bytes: `512MiB`, `4GiB`, `1MB`; a bare number is bytes.
pub fn bytes(text: &str) -> Result<u64, String> {
    let wrong = || format!("'{text}' is not a size; write it as 512MiB or 4GiB");
    let (number, unit) = split(text.trim());
    let number: f64 = number.parse().map_err(|_| wrong())?;
    let factor = match unit.to_ascii_lowercase().as_str() {
        "" | "b" => 1.0,
        "k" | "kib" => 1024.0,
        "m" | "mib" => 1024.0 * 1024.0,
        "g" | "gib" => 1024.0 * 1024.0 * 1024.0,
        "kb" => 1e3,
        "mb" => 1e6,
        "gb" => 1e9,
        _ => return Err(wrong()),
    };
    let size = number * factor;
    if size.is_finite() && (0.0..1e18).contains(&size) { Ok(size as u64) } else { Err(wrong()) }
}

/// Comma-separated names, trimmed, without empty ones.
pub fn list(text: &str) -> Vec<String> {
    text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned).collect()
}

fn split(text: &str) -> (&str, &str) {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    (&text[..end], text[end..].trim())
}

fn wrong_duration(text: &str) -> String {
    format!("'{text}' is not a length of time; write it as 500ms, 30s, 5m, 2h or 7d")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_units() {
        assert_eq!(duration("30s"), Ok(Duration::from_secs(30)));
        assert_eq!(duration("250ms"), Ok(Duration::from_millis(250)));
        assert_eq!(duration("1.5h"), Ok(Duration::from_secs(5400)));
        assert_eq!(duration("7d"), Ok(Duration::from_secs(604_800)));
        assert_eq!(duration("12"), Ok(Duration::from_secs(12)));
        assert_eq!(duration("off"), Ok(Duration::ZERO));
        for wrong in ["", "s", "-3s", "3 weeks", "1e400s"] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn sizes_have_units() {
        assert_eq!(bytes("4GiB"), Ok(4 << 30));
        assert_eq!(bytes("1 MB"), Ok(1_000_000));
        assert_eq!(bytes("77"), Ok(77));
        for wrong in ["", "GiB", "4 apples", "-1"] {
            assert!(bytes(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn lists_are_trimmed() {
        assert_eq!(list(" a, b ,,c "), ["a", "b", "c"]);
        assert!(list("").is_empty());
    }
}
