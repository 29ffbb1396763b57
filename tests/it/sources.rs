//! Landing files, read back as intake would: the writer, the synthetic organisation, the git import.

mod generated;
mod git;
mod landing;
mod support;
