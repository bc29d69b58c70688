//! The APIs of other vendors, each in its own folder with its own wire types, errors and sign-in.

pub mod alibaba;
pub mod huawei;
