//! Lists in the older answers, which stand in an object under a name of their own.

/// Defines structs that are written as `{"Name": [...]}`.
macro_rules! wrapped_lists {
    ($($(#[$doc:meta])* $vis:vis $name:ident($key:literal, $item:ty);)+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, serde::Serialize)]
        $vis struct $name {
            #[serde(rename = $key)]
            items: Vec<$item>,
        }

        impl From<Vec<$item>> for $name {
            fn from(items: Vec<$item>) -> Self {
                Self { items }
            }
        }
    )+};
}

pub(super) use wrapped_lists;
