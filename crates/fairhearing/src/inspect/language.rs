//! The language that a text is written in.

pub(crate) use fh_workflow::inspection::language_of_text as of_text;
