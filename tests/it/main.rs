mod lake;
mod s3;
