use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use jiff::civil::DateTime;
use serde::{Deserialize, Serialize};

use crate::{ChannelIndex, Language, Millis};

/// Who speaks on a channel.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The contact centre's person; Huawei writes `staff`.
    Agent,
    /// The person who called or was called.
    Customer,
    /// Nobody said who; also both together on a mixed channel.
    #[default]
    Unknown,
}

impl Role {
    /// `agent`, `customer` or `unknown`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::Customer => "customer",
            Self::Unknown => "unknown",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Role {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        match text.to_ascii_lowercase().as_str() {
            "agent" | "staff" => Ok(Self::Agent),
            "customer" | "caller" | "user" => Ok(Self::Customer),
            "unknown" => Ok(Self::Unknown),
            _ => Err(format!("expected `agent`, `customer` or `unknown`, found `{text}`")),
        }
    }
}

/// Which role speaks on which channel; a channel that is not named is [`Role::Unknown`].
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RoleMap(pub Vec<Role>);

impl RoleMap {
    /// The role of `channel`.
    pub fn role_of(&self, channel: ChannelIndex) -> Role {
        self.0.get(usize::from(channel.0)).copied().unwrap_or_default()
    }
}

/// What is known of a call besides its sound. Every field may be missing.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CallMetadata {
    /// The caller's own identifier of the call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call_id: Option<String>,
    /// The agent's identifier (work number).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent_id: Option<String>,
    /// The agent's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent_name: Option<String>,
    /// The skill group or team.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub skill_group: Option<String>,
    /// `inbound` or `outbound`, as the centre writes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub direction: Option<String>,
    /// The language spoken, where it is known beforehand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
    /// When the call began, on the centre's clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub begin_time: Option<DateTime>,
    /// When the call ended, on the centre's clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_time: Option<DateTime>,
    /// Who speaks on which channel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub roles: Option<RoleMap>,
    /// Whatever else the centre sends along.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: BTreeMap<String, String>,
}

impl CallMetadata {
    /// How long the call lasted by its begin and end times, where both are known and in order.
    pub fn expected_duration(&self) -> Option<Millis> {
        let length = self.end_time?.duration_since(self.begin_time?);
        u64::try_from(length.as_millis()).ok().filter(|&ms| ms > 0).map(Millis)
    }
}
