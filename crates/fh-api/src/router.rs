use axum::Router;
use axum::middleware;

use crate::dialects::{alibaba, huawei};
use crate::parts::{Api, ApiParts};
use crate::{Problem, native, observe};

/// Every address that is served.
pub fn router(parts: ApiParts) -> Router {
    let api = Api::new(parts);
    let mut router = native::routes(&api);
    if api.settings.dialects.huawei {
        router = router.merge(huawei::routes(&api));
    }
    if api.settings.dialects.alibaba {
        router = router.merge(alibaba::routes(&api));
    }
    router
        .fallback(no_such_path)
        .layer(middleware::from_fn_with_state(api.clone(), observe::observe))
        .with_state(api)
}

async fn no_such_path() -> Problem {
    Problem::not_found("expected the path of a resource, found another")
}
