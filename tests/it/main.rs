mod oracle;
mod sources;
