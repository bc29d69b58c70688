//! The operations, one file each, and the one list of them.
//!
//! An operation's file has its line for the list, its request as it is read from the parameters, and
//! its answer as it is made from plain structs. To add one: write the file, add its `mod` line and
//! its line in [`OPERATIONS`].

pub mod get_result;
pub mod get_upload_audio_data_params;
pub mod upload_audio_data;

use super::error::GatewayError;
use super::parameters::Parameters;
use super::request::RpcRequest;
use super::serve::Handler;
use super::signature::Scheme;

/// The operations that there are, by product and then by name.
pub const OPERATIONS: &[&Operation] = &[
    // CCC
    &get_upload_audio_data_params::OPERATION,
    // Qualitycheck
    &get_result::OPERATION,
    &upload_audio_data::OPERATION,
];

/// A product of Alibaba Cloud; it decides the version and the shape of answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Product {
    /// Cloud Call Centre.
    Ccc,
    /// Smart Conversation Analysis.
    Qualitycheck,
}

impl Product {
    /// The one version of its API that is spoken here.
    pub const fn version(self) -> &'static str {
        match self {
            Self::Ccc => "2020-07-01",
            Self::Qualitycheck => "2019-01-15",
        }
    }
}

/// Whether an operation changes anything; `operationType` of the metadata.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Effect {
    /// It only looks.
    Read,
    /// It changes something, or costs something.
    Write,
}

/// What is known of an operation before it runs.
#[derive(Debug, Clone, Copy)]
pub struct Operation {
    /// Whose it is.
    pub product: Product,
    /// The action, such as `GetResult`. Letter case matters.
    pub name: &'static str,
    /// Whether it changes anything.
    pub effect: Effect,
    /// Whether a bearer token will do; `security` of the metadata.
    pub bearer: bool,
    /// Parameters that must be there.
    pub required: &'static [&'static str],
    /// What the server does for it.
    pub(crate) handler: Handler,
}

impl Operation {
    /// Whether a caller who proved itself by `scheme` may ask this with these parameters.
    pub fn admit(&self, scheme: Scheme, parameters: &Parameters) -> Result<(), GatewayError> {
        if scheme == Scheme::Bearer && !self.bearer {
            return Err(GatewayError::invalid(
                "SignatureType",
                format!("`{}` needs an access key", self.name),
            ));
        }
        match self.required.iter().find(|name| parameters.get(name).is_none()) {
            Some(parameter) => Err(GatewayError::Missing { parameter }),
            None => Ok(()),
        }
    }
}

/// The operation that a request names.
pub fn find(request: &RpcRequest<'_>) -> Result<&'static Operation, GatewayError> {
    let (action, version) = (request.action()?, request.version()?);
    let known = OPERATIONS
        .iter()
        .find(|operation| operation.name == action && operation.product.version() == version);
    known.copied().ok_or_else(|| GatewayError::ApiNotFound {
        found: format!("action {action}, version {version}"),
    })
}

/// The parameter `BaseMeAgentId`, which chooses a workspace; `None` is the default one.
pub fn workspace(parameters: &Parameters) -> Result<Option<i64>, GatewayError> {
    let Some(text) = parameters.filled("BaseMeAgentId") else { return Ok(None) };
    text.parse().map(Some).map_err(|_| {
        GatewayError::invalid("BaseMeAgentId", format!("expected a whole number, found `{text}`"))
    })
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, Method};

    use super::super::request::RequestLimits;
    use super::*;

    fn found(target: &str) -> Result<&'static str, String> {
        let headers = HeaderMap::new();
        let request =
            RpcRequest::read(&Method::GET, target, &headers, b"", &RequestLimits::default())
                .unwrap();
        find(&request).map(|operation| operation.name).map_err(|error| error.code())
    }

    #[test]
    fn action_and_version_find_an_operation() {
        assert_eq!(found("/?Action=GetResult&Version=2019-01-15"), Ok("GetResult"));
        let not_found = Err("InvalidApi.NotFound".to_owned());
        assert_eq!(found("/?Action=getresult&Version=2019-01-15"), not_found);
        assert_eq!(found("/?Action=GetResult&Version=2020-07-01"), not_found);
        assert_eq!(found("/?Action=Nothing&Version=2019-01-15"), not_found);
        assert_eq!(found("/?Version=2019-01-15"), Err("MissingAction".to_owned()));
    }

    #[test]
    fn each_operation_stands_once_in_the_list() {
        let mut names: Vec<_> = OPERATIONS
            .iter()
            .map(|operation| (operation.product.version(), operation.name))
            .collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), OPERATIONS.len());
    }

    #[test]
    fn an_operation_admits_by_scheme_and_parameters() {
        let parameters = |query| Parameters::read(query, "", 9).unwrap();
        let code = |operation: Operation, scheme, query| {
            operation.admit(scheme, &parameters(query)).map_err(|error| error.code())
        };
        let (params, result) = (get_upload_audio_data_params::OPERATION, get_result::OPERATION);
        assert_eq!(code(params, Scheme::Bearer, "ContactId=x"), Ok(()));
        assert_eq!(code(result, Scheme::RpcV1, "jsonStr=x"), Ok(()));
        assert_eq!(code(params, Scheme::RpcV1, "InstanceId=x"), Err("MissingContactId".to_owned()));
        assert_eq!(code(result, Scheme::Acs3HmacSha256, ""), Err("MissingJsonStr".to_owned()));
        assert_eq!(
            code(result, Scheme::Bearer, "JsonStr=x"),
            Err("InvalidSignatureType".to_owned())
        );
    }

    #[test]
    fn a_workspace_is_a_number() {
        let of = |query| workspace(&Parameters::read(query, "", 9).unwrap());
        assert_eq!(of("BaseMeAgentId=123456"), Ok(Some(123_456)));
        assert_eq!(of("BaseMeAgentId="), Ok(None));
        assert_eq!(of("BaseMeAgentId=x").unwrap_err().code(), "InvalidBaseMeAgentId");
    }
}
