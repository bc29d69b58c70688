use fh_store::StoreError;
use fh_workflow::CommandError;

use super::super::error::{GatewayError, Refusal, ScaCode, ScaError};
use crate::problem::chain;

impl From<CommandError> for Refusal {
    fn from(error: CommandError) -> Self {
        let code = match &error {
            CommandError::Forbidden => return GatewayError::Forbidden.into(),
            // 503 is what the SDKs try again.
            CommandError::Unavailable(_) | CommandError::Full(_) => {
                tracing::warn!(error = %chain(&error), "a request could not be done for now");
                return GatewayError::Unavailable.into();
            }
            CommandError::NotFound { .. } => ScaCode::NotFound,
            CommandError::Invalid { .. } => ScaCode::InvalidField,
            CommandError::Conflict { .. } | CommandError::KeyReused => ScaCode::Duplicate,
            CommandError::LimitReached { .. } => ScaCode::TooMany,
            _ => {
                tracing::error!(error = %chain(&error), "a request failed");
                return GatewayError::Internal.into();
            }
        };
        ScaError::new(code, error.to_string()).into()
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        CommandError::from(error).into()
    }
}
