use rusty_s3::{Bucket, UrlStyle};
use url::Url;

use super::{S3Access, key};
use crate::StoreError;

/// Where in S3 objects lie.
pub(super) struct S3Place {
    pub(super) bucket: Bucket,
    /// Empty, or names with a `/` at the end.
    pub(super) prefix: String,
}

impl S3Place {
    /// Reads `s3://BUCKET/PREFIX?endpoint=URL&region=NAME&path_style=true`. Parts that are absent come
    /// from `access`; without an endpoint it is Amazon's of the region.
    pub(super) fn parse(url: &str, access: &S3Access) -> Result<Self, StoreError> {
        let unfit = |found: &str| StoreError::Unfit {
            expected: "a bucket such as `s3://bucket/prefix?endpoint=https://host&region=name`"
                .to_owned(),
            found: found.to_owned(),
        };
        let parsed = Url::parse(url).map_err(|fault| unfit(&fault.to_string()))?;
        if !parsed.username().is_empty() || parsed.password().is_some() {
            return Err(unfit("one with a password, which belongs into the environment"));
        }
        let name = parsed.host_str().filter(|name| !name.is_empty());
        let name = name.ok_or_else(|| unfit("one without a bucket"))?.to_owned();
        let prefix = parsed.path().trim_matches('/');
        let prefix = match prefix {
            "" => String::new(),
            prefix => {
                key::check(prefix)?;
                format!("{prefix}/")
            }
        };
        let (mut endpoint, mut region) = (access.endpoint.clone(), access.region.clone());
        let mut path_style = None;
        for (parameter, value) in parsed.query_pairs() {
            match parameter.as_ref() {
                "endpoint" => endpoint = Some(value.into_owned()),
                "region" => region = Some(value.into_owned()),
                "path_style" => {
                    path_style = Some(match value.as_ref() {
                        "true" => true,
                        "false" => false,
                        _ => {
                            return Err(unfit("a `path_style` that is neither `true` nor `false`"));
                        }
                    });
                }
                other => return Err(unfit(&format!("one with a parameter `{other}`"))),
            }
        }
        let region = region.unwrap_or_else(|| "us-east-1".to_owned());
        // A server of one's own is seldom known by a name for each bucket.
        let style = match path_style.unwrap_or(endpoint.is_some()) {
            true => UrlStyle::Path,
            false => UrlStyle::VirtualHost,
        };
        let endpoint = endpoint.unwrap_or_else(|| format!("https://s3.{region}.amazonaws.com"));
        let endpoint = Url::parse(&endpoint).map_err(|_| unfit("an endpoint that is no URL"))?;
        let bucket = Bucket::new(endpoint, style, name, region)
            .map_err(|fault| unfit(&format!("one that does not fit its endpoint: {fault}")))?;
        Ok(Self { bucket, prefix })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn access() -> S3Access {
        S3Access {
            key: "k".to_owned(),
            secret: "hush".to_owned(),
            token: None,
            endpoint: None,
            region: None,
            temp_dir: "/tmp".into(),
        }
    }

    #[test]
    fn a_url_says_where_objects_lie() {
        let check = |url: &str, base: &str, prefix: &str| {
            let place = S3Place::parse(url, &access()).unwrap();
            assert_eq!((place.bucket.base_url().as_str(), place.prefix.as_str()), (base, prefix));
        };
        check("s3://calls", "https://calls.s3.us-east-1.amazonaws.com/", "");
        check(
            "s3://calls/a/b/?region=eu-west-1",
            "https://calls.s3.eu-west-1.amazonaws.com/",
            "a/b/",
        );
        check("s3://calls/a?endpoint=http://127.0.0.1:9000", "http://127.0.0.1:9000/calls/", "a/");
        check(
            "s3://calls?endpoint=https://oss.example.com&path_style=false",
            "https://calls.oss.example.com/",
            "",
        );
        let elsewhere = S3Access { endpoint: Some("https://minio.example".to_owned()), ..access() };
        let place = S3Place::parse("s3://calls", &elsewhere).unwrap();
        assert_eq!(place.bucket.base_url().as_str(), "https://minio.example/calls/");
    }

    #[test]
    fn what_is_no_place_is_refused() {
        for url in [
            "s3://",
            "s3://calls?endpoint=nonsense",
            "s3://calls?pathstyle=true",
            "s3://calls?path_style=yes",
            "s3://calls/a b",
            "s3://me:hush@calls",
        ] {
            let refused = S3Place::parse(url, &access()).err().expect(url).to_string();
            assert!(!refused.contains("hush"), "{refused}");
        }
        assert!(!format!("{:?}", access()).contains("hush"));
    }
}
