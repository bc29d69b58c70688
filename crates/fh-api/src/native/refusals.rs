use std::collections::BTreeMap;

use utoipa::openapi::{Content, Ref, RefOr, Response, ResponseBuilder};
use utoipa::{IntoResponses, ToSchema as _};

use crate::Problem;

/// What every address may answer instead of what was asked for.
pub(crate) struct Refusals;

const REFUSALS: [(&str, &str); 15] = [
    ("400", "The request is not as expected; `detail` says where."),
    ("401", "Nobody is signed in, or not any more."),
    ("403", "The role does not allow it."),
    ("404", "There is no such thing, or not for the one who asks."),
    ("405", "The method does not exist here."),
    ("408", "The request came too slowly."),
    ("409", "The state does not allow it."),
    ("413", "More than is allowed."),
    ("415", "Another type of content is expected."),
    ("422", "It was understood and cannot be done, such as rules with errors."),
    ("429", "Too many failed attempts; `retry-after` says when the next may be made."),
    ("500", "A fault of the server."),
    ("503", "The database does not answer at present."),
    ("504", "It was not done within the time allowed."),
    ("507", "No room is left."),
];

impl IntoResponses for Refusals {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let problem = Content::new(Some(Ref::from_schema_name(Problem::name())));
        REFUSALS
            .iter()
            .map(|(status, description)| {
                let response = ResponseBuilder::new()
                    .description(*description)
                    .content("application/problem+json", problem.clone())
                    .build();
                ((*status).to_owned(), RefOr::T(response))
            })
            .collect()
    }
}
