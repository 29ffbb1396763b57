//! The program: `cli` says what can be asked of it.

use std::process::ExitCode;

fn main() -> ExitCode {
    match throughline::cli::run() {
        Ok(code) => code,
        Err(failure) => {
            eprintln!("error: {failure:#}");
            ExitCode::FAILURE
        }
    }
}
