use axum::Router;
use axum::middleware;

use crate::dialects::{alibaba, huawei};
use crate::parts::{Api, ApiParts};
use crate::{Problem, native, observe};

/// The addresses that are served, for the listeners that serve them.
pub struct Routers {
    /// Every address.
    pub all: Router,
    /// Health, readiness and numbers alone: for those who watch the process, also where it answers
    /// no other request.
    pub observation: Router,
}

/// The addresses of one process.
pub fn routers(parts: ApiParts) -> Routers {
    let api = Api::new(parts);
    let mut all = native::routes(&api);
    if api.settings.dialects.huawei {
        all = all.merge(huawei::routes(&api));
    }
    if api.settings.dialects.alibaba {
        all = all.merge(alibaba::routes(&api));
    }
    let finish = |router: Router<Api>| {
        router
            .fallback(no_such_path)
            .layer(middleware::from_fn_with_state(api.clone(), observe::observe))
            .with_state(api.clone())
    };
    Routers { all: finish(all), observation: finish(native::observation(&api)) }
}

/// Every address that is served.
pub fn router(parts: ApiParts) -> Router {
    routers(parts).all
}

async fn no_such_path() -> Problem {
    Problem::not_found("expected the path of a resource, found another")
}
