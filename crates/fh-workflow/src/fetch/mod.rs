//! Brings a recording in, from a mapped folder or from a URL.
