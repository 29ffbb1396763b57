//! An independent oracle: what every delivery metric must be, computed the slow and literal way over random small lakes.
//!
//! It shares no code with `src/query` and no SQL with the facts: from the crate it takes the tables' schemas and
//! the words of settings, and nothing else. `world` holds rows, `generate` invents them, `links` and `causes` say what belongs to what, `measure`
//! counts, and `agree` asks the real server the same questions.

mod agree;
mod by_hand;
mod calendar;
mod causes;
mod compare;
mod door;
mod fact_agree;
mod facts;
mod files;
mod generate;
mod history;
mod links;
mod measure;
mod moments;
mod question;
mod ratings;
mod record;
mod rest;
mod seeds;
mod shrink;
mod statistics;
mod team_agree;
mod teams;
mod versions;
mod world;
