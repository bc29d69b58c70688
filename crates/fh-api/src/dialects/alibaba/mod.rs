//! Alibaba Cloud: CCC (2020-07-01) and Qualitycheck (2019-01-15).
