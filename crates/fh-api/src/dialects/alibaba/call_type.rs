//! Who called whom, as both products write it.

/// The direction of a call: `callType`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CallType {
    /// The agent called: 1.
    Outbound,
    /// The customer called: 3.
    Inbound,
}

impl CallType {
    /// The number that stands for it.
    pub const fn number(self) -> i64 {
        match self {
            Self::Outbound => 1,
            Self::Inbound => 3,
        }
    }

    /// Reads the number.
    pub const fn of(number: i64) -> Option<Self> {
        match number {
            1 => Some(Self::Outbound),
            3 => Some(Self::Inbound),
            _ => None,
        }
    }
}
