//! `contributors.csv`: everybody who is or was there, as a personnel system would export them.

use anyhow::Result;
use csv::Writer;

use super::calendar::{country, date};
use super::chart::Chart;
use super::out::FORGE;
use super::people::Organisation;
use super::roster::Employment;
use super::unit::Unit;

/// What the first row says. The login at the tracker is the address.
const COLUMNS: [&str; 10] =
    ["Name", "Email", "EmployeeId", "ManagerEmail", "StartDate", "EndDate", "Country", "Division", "Group", "Team"];

/// The file. `employments` are in the order of the people.
pub fn csv(org: &Organisation, units: &[Unit], chart: &Chart, employments: &[Employment]) -> Result<Vec<u8>> {
    let mut writer = Writer::from_writer(Vec::new());
    writer.write_record(COLUMNS.into_iter().chain([format!("account:{FORGE}").as_str()]))?;
    for (index, (person, employment)) in org.people.iter().zip(employments).enumerate() {
        let manager = chart.manager(index as u32, person.home);
        let (division, group) = chart.above(person.home);
        writer.write_record([
            person.name.as_str(),
            &person.email,
            &employee_id(index),
            manager.map_or("", |manager| &org.person(manager).email),
            &date(employment.from).to_string(),
            // The last day.
            &employment.to.map(|to| date(to - 1).to_string()).unwrap_or_default(),
            country(person.zone),
            &division,
            group,
            &units[person.home].name,
            &person.login,
        ])?;
    }
    Ok(writer.into_inner()?)
}

fn employee_id(index: usize) -> String {
    format!("E{:06}", index + 1)
}
