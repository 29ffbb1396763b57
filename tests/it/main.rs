//! The one integration-test binary. Cases are files under `tests/cases/`.

#![allow(clippy::unwrap_used)]

mod activity;
mod agree;
mod business_calendar;
mod cancel;
mod changes;
mod cli;
mod company;
mod contributors;
mod definitions;
mod drill;
mod facts;
mod generated;
mod generated_people;
mod golden;
mod house;
mod http;
mod intake;
mod lake;
mod monthly_facts;
mod objects;
mod oracle;
mod paging;
mod people;
mod profiles;
mod queries;
mod s3;
mod sample_facts;
mod server;
mod socket;
mod sources;
mod sql;
mod subscriptions;
mod team_speed;
mod tls;
mod views;
