//! Huawei Cloud CEC: CCISQM and CCSQM.
