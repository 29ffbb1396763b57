//! The one integration-test binary. Cases are files under `tests/cases/`.

mod intake;
