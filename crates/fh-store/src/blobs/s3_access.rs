use std::fmt;
use std::path::PathBuf;

/// Who asks an S3 server, and where it is unless the URL says so.
#[derive(Clone, PartialEq, Eq)]
pub struct S3Access {
    /// The access key.
    pub key: String,
    /// Its secret.
    pub secret: String,
    /// Of temporary credentials.
    pub token: Option<String>,
    /// The server, as `https://s3.eu-west-1.amazonaws.com`.
    pub endpoint: Option<String>,
    /// Its region.
    pub region: Option<String>,
    /// The folder for copies of objects while they are read as files.
    pub temp_dir: PathBuf,
}

/// Without the secrets.
impl fmt::Debug for S3Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("S3Access")
            .field("endpoint", &self.endpoint)
            .field("region", &self.region)
            .field("temp_dir", &self.temp_dir)
            .finish_non_exhaustive()
    }
}
