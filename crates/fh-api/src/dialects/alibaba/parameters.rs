//! The parameters of one request, whether they came in the query or in a form.

use super::encoding::form_decode;
use super::error::GatewayError;

/// Where a parameter came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The query of the request target.
    Query,
    /// The form in the body.
    Form,
}

/// One parameter, decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// Its value; may be empty.
    pub value: String,
    /// Where it came from.
    pub origin: Origin,
}

/// All parameters of a request, in the order they came. No name comes twice.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Parameters {
    all: Vec<Parameter>,
}

impl Parameters {
    /// Reads `query` (without its `?`) and `form`, at most `limit` parameters together.
    ///
    /// A name that comes twice is refused: which of two values would be meant could be read in two
    /// ways, and only one of them is what the signer saw.
    pub fn read(query: &str, form: &str, limit: usize) -> Result<Self, GatewayError> {
        let query = pieces(query).map(|piece| (piece, Origin::Query));
        let form = pieces(form).map(|piece| (piece, Origin::Form));
        let mut all = Vec::new();
        for (piece, origin) in query.chain(form) {
            if all.len() == limit {
                let expected = format!("expected at most {limit} parameters");
                return Err(GatewayError::invalid("Parameter", expected));
            }
            let (name, value) = piece.split_once('=').unwrap_or((piece, ""));
            let (Some(name), Some(value)) = (form_decode(name), form_decode(value)) else {
                return Err(GatewayError::invalid(
                    "Parameter",
                    "expected percent-encoded UTF-8 in every parameter",
                ));
            };
            // Not every database can keep or compare it.
            if value.contains('\0') {
                let expected = "expected text without the character NUL";
                return Err(GatewayError::invalid("Parameter", expected));
            }
            all.push(Parameter { name, value, origin });
        }
        let mut names: Vec<&str> = all.iter().map(|parameter| folded(&parameter.name)).collect();
        names.sort_unstable();
        if let Some(twice) = names.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(GatewayError::invalid("Parameter", format!("`{}` comes twice", twice[0])));
        }
        Ok(Self { all })
    }

    /// The value of `name`, which may be empty.
    ///
    /// Names are compared as they are written, but for `JsonStr`: sixteen operations of the official
    /// SDK write `jsonStr`.
    pub fn get(&self, name: &str) -> Option<&str> {
        let found = self.all.iter().find(|parameter| folded(&parameter.name) == folded(name));
        found.map(|parameter| parameter.value.as_str())
    }

    /// The value of `name` where it is not empty.
    pub fn filled(&self, name: &str) -> Option<&str> {
        self.get(name).filter(|value| !value.is_empty())
    }

    /// All of them, in the order they came.
    pub fn iter(&self) -> impl Iterator<Item = &Parameter> {
        self.all.iter()
    }
}

fn pieces(text: &str) -> impl Iterator<Item = &str> {
    text.split('&').filter(|piece| !piece.is_empty())
}

/// The name as it is compared.
fn folded(name: &str) -> &str {
    if name.eq_ignore_ascii_case("JsonStr") { "JsonStr" } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn query_and_form_are_one_list() {
        let parameters = Parameters::read("a=1&&b=+x%2B&c", "d=%E4%B8%AD&e=a=b", 5).unwrap();
        let get = |name| parameters.get(name);
        assert_eq!((get("a"), get("b"), get("c")), (Some("1"), Some(" x+"), Some("")));
        assert_eq!((get("d"), get("e"), get("A")), (Some("中"), Some("a=b"), None));
        assert_eq!(parameters.filled("c"), None);
        let origins: Vec<_> = parameters.iter().map(|parameter| parameter.origin).collect();
        assert_eq!(origins[2..4], [Origin::Query, Origin::Form]);
    }

    #[test]
    fn json_str_is_found_in_any_case() {
        for name in ["JsonStr", "jsonStr", "JSONSTR"] {
            let parameters = Parameters::read(&format!("{name}=x"), "", 9).unwrap();
            assert_eq!(parameters.get("JsonStr"), Some("x"));
        }
    }

    #[test]
    fn what_can_be_read_in_two_ways_is_refused() {
        let refused = |query, form, limit| {
            assert_eq!(
                Parameters::read(query, form, limit).unwrap_err().code(),
                "InvalidParameter"
            );
        };
        refused("a=1&a=1", "", 9);
        refused("a=1", "a=2", 9);
        refused("JsonStr=1", "jsonStr=2", 9);
        refused("a=%zz", "", 9);
        refused("a=%00", "", 9);
        refused("a=1&b=2", "c=3", 2);
    }
}
