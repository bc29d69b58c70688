//! Brings a recording in, from a mapped folder or from a URL.
//!
//! What goes in was written by a client: a path such as `Y:\27\0\20210201\1118\0951044.V3`, or a
//! URL. What comes out is an open file, or bytes written where the caller wants them, together with
//! their digest. Nothing outside the mapped folders is ever opened, nothing but a checked address is
//! ever connected to, no proxy of the environment is used and nothing is decompressed.
//!
//! Everything here blocks; callers run it on a thread that may.
//!
//! ```
//! use fh_workflow::fetch::{MappedRoot, MappedRoots};
//!
//! let recordings = tempfile::tempdir()?;
//! std::fs::create_dir_all(recordings.path().join("27/0"))?;
//! std::fs::write(recordings.path().join("27/0/0951044.V3"), b"sound")?;
//!
//! let roots = MappedRoots::new(vec![MappedRoot {
//!     prefix: "Y:".to_owned(),
//!     folder: recordings.path().to_owned(),
//! }])?;
//! assert!(roots.open(r"Y:\27\0\0951044.V3").is_ok());
//! assert!(roots.open(r"Y:\27\..\..\etc\passwd").is_err());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod address_policy;
mod error;
mod file_name;
mod floor_rate;
mod mapped_root;
mod name_resolver;
mod network;
mod post;
mod source;
mod target;
mod url_download;
mod written_path;

pub use address_policy::{AddressPolicy, NON_HTTP_PORTS};
pub use error::{FetchError, MappingError};
pub use mapped_root::{MappedRoot, MappedRoots};
pub use name_resolver::{NameResolver, SystemResolver};
pub use network::{Network, NetworkError};
pub(crate) use post::{Post, check_url, post};
pub use source::RecordingSource;
pub use url_download::{DownloadLimits, Downloaded, download, download_with};
pub use written_path::{PathFault, WrittenPath};
