//! Cells to values: dates as people and spreadsheets write them, numbers, booleans, e-mail addresses; and the type of a
//! column that does not tell it.

use std::borrow::Cow;

use chrono::{Datelike, NaiveDate};

use super::super::document::Attribute;

/// The type of a custom attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, async_graphql::Enum)]
#[graphql(name = "AttributeType")]
pub enum Type {
    Text,
    Number,
    Date,
    Boolean,
}

/// How a column writes dates by numbers alone, such as 03/01/2026.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DayOrder {
    DayFirst,
    MonthFirst,
    /// Nothing in the column tells.
    Unknown,
}

/// How the cells of a file are written.
#[derive(Debug, Clone, Copy)]
pub struct Style {
    pub order: DayOrder,
    /// `3,5` is a number: where cells are not separated by commas.
    pub decimal_comma: bool,
}

/// Years that a date may be in. "No end" is often written as a day in 9999.
const YEARS: std::ops::RangeInclusive<i32> = 1900..=2199;
const FOR_EVER: i32 = 2200;
/// Digits that a number keeps exactly; what has more is rather a key.
const MOST_DIGITS: usize = 15;
/// Longest address that a mail system takes.
const LONGEST_EMAIL: usize = 254;

const YES: [&str; 6] = ["true", "yes", "y", "wahr", "ja", "vrai"];
const NO: [&str; 6] = ["false", "no", "n", "falsch", "nein", "faux"];
/// Words that make a column one of booleans by themselves; single letters may be anything.
const SURE: [&str; 8] = ["true", "false", "yes", "no", "wahr", "falsch", "vrai", "faux"];
const WRITTEN_DATES: [&str; 6] = ["%d %b %Y", "%d-%b-%Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y", "%d/%b/%Y"];

impl Type {
    pub const ALL: [Type; 4] = [Type::Text, Type::Number, Type::Date, Type::Boolean];

    /// As a header says it.
    pub fn word(self) -> &'static str {
        match self {
            Type::Text => "text",
            Type::Number => "number",
            Type::Date => "date",
            Type::Boolean => "boolean",
        }
    }

    /// The type that a word of a header says.
    pub fn of_word(word: &str) -> Option<Type> {
        Type::ALL.into_iter().find(|kind| kind.word().eq_ignore_ascii_case(word))
    }

    pub fn of(value: &Attribute) -> Type {
        match value {
            Attribute::Text(_) => Type::Text,
            Attribute::Number(_) => Type::Number,
            Attribute::Date(_) => Type::Date,
            Attribute::Boolean(_) => Type::Boolean,
        }
    }

    /// A cell as a value of the type; the error says what it should look like.
    pub fn read(self, cell: &str, style: Style) -> Result<Attribute, String> {
        Ok(match self {
            Type::Text => Attribute::Text(cell.to_owned()),
            Type::Number => Attribute::Number(number(cell, style).ok_or("It is no number, such as 3.5.")?),
            Type::Date => Attribute::Date(date(cell, style.order)?),
            Type::Boolean => Attribute::Boolean(boolean(cell).ok_or("It is neither yes nor no (true or false).")?),
        })
    }

    /// The type of a column whose header does not tell it: what all of its cells are. Text where it has none.
    pub fn inferred<'c>(cells: impl Iterator<Item = &'c str> + Clone, style: Style) -> Type {
        let all = |test: &dyn Fn(&str) -> bool| cells.clone().next().is_some() && cells.clone().all(test);
        if all(&|cell| is_surely_number(cell, style)) {
            Type::Number
        } else if all(&|cell| date(cell, style.order).is_ok()) {
            Type::Date
        } else if all(&|cell| SURE.contains(&cell.to_lowercase().as_str())) {
            Type::Boolean
        } else {
            Type::Text
        }
    }
}

impl Attribute {
    /// As a cell: what [`Type::read`] reads as the same value.
    pub fn cell(&self) -> Cow<'_, str> {
        match self {
            Attribute::Text(text) => Cow::Borrowed(text),
            Attribute::Number(number) => Cow::Owned(number.to_string()),
            Attribute::Date(date) => Cow::Owned(date.to_string()),
            Attribute::Boolean(yes) => Cow::Borrowed(if *yes { "true" } else { "false" }),
        }
    }
}

impl DayOrder {
    /// What the dates of columns tell, all taken together. With points, the day is always first. Where they contradict
    /// each other nothing is told, so that each is asked about.
    pub fn told_by<'c>(cells: impl Iterator<Item = &'c str>) -> DayOrder {
        let (mut day_first, mut month_first) = (false, false);
        for (first, second, _) in cells.filter(|cell| !cell.contains('.')).filter_map(numbered) {
            day_first |= first > 12;
            month_first |= second > 12;
        }
        match (day_first, month_first) {
            (true, false) => DayOrder::DayFirst,
            (false, true) => DayOrder::MonthFirst,
            _ => DayOrder::Unknown,
        }
    }
}

/// A day: 2026-03-01 (perhaps with a time behind it), 01.03.2026, 1 Mar 2026, or 3/1/2026 where the order is known. The
/// error says why not.
pub fn date(cell: &str, order: DayOrder) -> Result<NaiveDate, String> {
    let date = if let Some(date) = iso_date(cell) {
        date
    } else if let Some((first, second, year)) = numbered(cell) {
        let dotted = cell.contains('.');
        let day_first = NaiveDate::from_ymd_opt(year, second, first);
        let month_first = NaiveDate::from_ymd_opt(year, first, second);
        let found = match order {
            _ if dotted => day_first,
            DayOrder::DayFirst => day_first,
            DayOrder::MonthFirst => month_first,
            DayOrder::Unknown if day_first == month_first => day_first,
            DayOrder::Unknown => {
                return Err("It may be day/month or month/day. Write dates as 2026-03-01.".to_owned());
            }
        };
        found.ok_or("There is no such day. Write dates as 2026-03-01.")?
    } else {
        let written = WRITTEN_DATES.iter().find_map(|form| NaiveDate::parse_from_str(cell, form).ok());
        written.ok_or("It is no date. Write dates as 2026-03-01.")?
    };
    if date.year() >= FOR_EVER || YEARS.contains(&date.year()) {
        Ok(date)
    } else {
        Err(format!("The year is not in {} to {}.", YEARS.start(), YEARS.end()))
    }
}

/// Whether a last day means "no end".
pub fn is_for_ever(date: NaiveDate) -> bool {
    date.year() >= FOR_EVER
}

/// Yes or no, in a few languages of spreadsheets.
pub fn boolean(cell: &str) -> Option<bool> {
    let cell = cell.to_lowercase();
    match cell.as_str() {
        "1" => Some(true),
        "0" => Some(false),
        word if YES.contains(&word) => Some(true),
        word if NO.contains(&word) => Some(false),
        _ => None,
    }
}

/// An address in lower case; `None`: it is none.
pub fn email(cell: &str) -> Option<String> {
    let (local, domain) = cell.split_once('@')?;
    let odd = |character: char| {
        character.is_whitespace()
            || character.is_control()
            || matches!(character, '@' | ',' | ';' | '<' | '>' | '"' | '/')
    };
    let good = !local.is_empty()
        && !cell.contains(char::is_whitespace)
        && !local.contains(|c: char| odd(c) && c != '/')
        && !domain.contains(odd)
        && domain.split('.').all(|label| !label.is_empty())
        && cell.len() <= LONGEST_EMAIL;
    good.then(|| cell.to_lowercase())
}

fn number(cell: &str, style: Style) -> Option<f64> {
    let comma = style.decimal_comma && cell.matches(',').count() == 1 && !cell.contains('.');
    let cell = if comma { Cow::Owned(cell.replace(',', ".")) } else { Cow::Borrowed(cell) };
    let is_plain = |c: char| c.is_ascii_digit() || matches!(c, '.' | '-' | '+' | 'e' | 'E');
    // Words such as "inf" are no numbers of people.
    let number = cell.chars().all(is_plain).then(|| cell.parse::<f64>().ok()).flatten();
    number.filter(|number| number.is_finite())
}

/// A number that is no key: 007 and 4111111111111111 are rather texts.
fn is_surely_number(cell: &str, style: Style) -> bool {
    let digits = cell.trim_start_matches('-');
    let leading_zero = digits.len() > 1 && digits.starts_with('0') && digits.as_bytes()[1].is_ascii_digit();
    let count = digits.chars().filter(char::is_ascii_digit).count();
    let is_simple = !cell.starts_with('+') && !cell.contains(['e', 'E']);
    is_simple && !leading_zero && count <= MOST_DIGITS && number(cell, style).is_some()
}

fn iso_date(cell: &str) -> Option<NaiveDate> {
    let (day, rest) = cell.split_at_checked(10)?;
    let date =
        NaiveDate::parse_from_str(day, "%Y-%m-%d").or_else(|_| NaiveDate::parse_from_str(day, "%Y/%m/%d")).ok()?;
    // A time of day says nothing about the day.
    (rest.is_empty() || rest.starts_with(['T', ' '])).then_some(date)
}

/// Three numbers, the year last.
fn numbered(cell: &str) -> Option<(u32, u32, i32)> {
    let cell = cell.split_once(' ').map_or(cell, |(day, _)| day);
    let mut parts = cell.split(['/', '.', '-']);
    let (first, second, year) = (parts.next()?, parts.next()?, parts.next()?);
    let right = parts.next().is_none() && year.len() == 4 && first.len() <= 2 && second.len() <= 2;
    right.then(|| Some((first.parse().ok()?, second.parse().ok()?, year.parse().ok()?))).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    const STYLE: Style = Style { order: DayOrder::Unknown, decimal_comma: false };

    fn day(year: i32, month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(year, month, day).expect("a day")
    }

    #[test]
    fn days_are_read_as_people_write_them() {
        let first_of_march = Ok(day(2026, 3, 1));
        for cell in [
            "2026-03-01",
            "2026/03/01",
            "2026-03-01T00:00:00Z",
            "2026-03-01 00:00",
            "01.03.2026",
            "1 Mar 2026",
            "March 1, 2026",
        ] {
            assert_eq!(date(cell, DayOrder::Unknown), first_of_march, "{cell}");
        }
        assert_eq!(date("1/3/2026", DayOrder::DayFirst), first_of_march);
        assert_eq!(date("3/1/2026 00:00", DayOrder::MonthFirst), first_of_march);
        assert_eq!(date("3/3/2026", DayOrder::Unknown), Ok(day(2026, 3, 3)));
        for cell in ["3/1/2026", "2026-02-30", "45000", "soon", "0001-01-01", "2026-03-01x", "31/31/2026"] {
            assert!(date(cell, DayOrder::Unknown).is_err(), "{cell}");
        }
        assert!(is_for_ever(date("31.12.9999", DayOrder::Unknown).expect("a day")));
        assert_eq!(DayOrder::told_by(["1/2/2026", "1/31/2026", "31.1.2026"].into_iter()), DayOrder::MonthFirst);
        assert_eq!(DayOrder::told_by(["31/1/2026", "1/31/2026"].into_iter()), DayOrder::Unknown);
    }

    #[test]
    fn a_column_is_of_the_type_that_all_of_its_cells_are() {
        let inferred = |cells: &[&str]| Type::inferred(cells.iter().copied(), STYLE);
        assert_eq!(inferred(&["1", "-2.5", "0"]), Type::Number);
        assert_eq!(inferred(&["1", "x"]), Type::Text);
        assert_eq!(inferred(&["007"]), Type::Text, "a key");
        assert_eq!(inferred(&["4111111111111111"]), Type::Text, "more digits than a number keeps");
        assert_eq!(inferred(&["nan", "inf"]), Type::Text);
        assert_eq!(inferred(&["2026-03-01", "1.4.2026"]), Type::Date);
        assert_eq!(inferred(&["Yes", "no"]), Type::Boolean);
        assert_eq!(inferred(&["y", "n"]), Type::Text);
        assert_eq!(inferred(&[]), Type::Text);
        let comma = Style { decimal_comma: true, ..STYLE };
        assert_eq!(Type::inferred(["3,5", "4"].into_iter(), comma), Type::Number);
        assert_eq!(Type::Number.read("3,5", comma), Ok(Attribute::Number(3.5)));
    }

    #[test]
    fn what_is_written_is_read_again() {
        for value in [
            Attribute::Number(1e300),
            Attribute::Number(-0.1),
            Attribute::Number(1e-9),
            Attribute::Date(day(2026, 3, 1)),
            Attribute::Boolean(true),
            Attribute::Text("=x".into()),
        ] {
            assert_eq!(Type::of(&value).read(&value.cell(), STYLE), Ok(value));
        }
    }

    #[test]
    fn addresses_are_addresses() {
        assert_eq!(email("Ann.Lee+x@Example.COM").as_deref(), Some("ann.lee+x@example.com"));
        assert_eq!(email("ann@localhost").as_deref(), Some("ann@localhost"));
        for wrong in ["ann", "@x", "ann@", "a b@x.y", "Ann <a@x.y>", "a@x@y", "a@x..y", "a@x.y;b@x.y"] {
            assert_eq!(email(wrong), None, "{wrong}");
        }
    }
}
