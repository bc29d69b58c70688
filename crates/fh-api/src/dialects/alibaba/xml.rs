//! JSON values as the XML that Alibaba's gateway makes of them.

use serde_json::Value;

/// A document with the root element `root`. Keys become elements, lists become repeated elements,
/// and what is null is left out.
pub(super) fn document(root: &str, value: &Value) -> String {
    let mut xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>".to_owned();
    element(root, value, &mut xml);
    xml
}

fn element(name: &str, value: &Value, xml: &mut String) {
    if let Value::Array(items) = value {
        for item in items {
            element(name, item, xml);
        }
        return;
    }
    if value.is_null() {
        return;
    }
    let name = element_name(name);
    xml.push('<');
    xml.push_str(&name);
    xml.push('>');
    match value {
        Value::Object(fields) => fields.iter().for_each(|(key, value)| element(key, value, xml)),
        Value::String(text) => escape(text, xml),
        other => xml.push_str(&other.to_string()),
    }
    xml.push_str("</");
    xml.push_str(&name);
    xml.push('>');
}

/// A key may come from a client, and not every key is a name in XML.
fn element_name(key: &str) -> String {
    let fits = |character: char| character.is_ascii_alphanumeric() || character == '_';
    let mut name: String =
        key.chars().map(|character| if fits(character) { character } else { '_' }).collect();
    if !name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_') {
        name.insert(0, '_');
    }
    name
}

fn escape(text: &str, xml: &mut String) {
    for character in text.chars() {
        match character {
            '&' => xml.push_str("&amp;"),
            '<' => xml.push_str("&lt;"),
            '>' => xml.push_str("&gt;"),
            '"' => xml.push_str("&quot;"),
            // A bare carriage return would be read as a line feed (XML 1.0, section 2.11).
            '\r' => xml.push_str("&#13;"),
            '\t' | '\n' => xml.push(character),
            // XML 1.0, section 2.2, has no way to write these at all.
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => xml.push('\u{fffd}'),
            other => xml.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn keys_lists_and_hostile_text() {
        let value = json!({
            "A": {"Item": [{"B": 1}, {"B": true}], "None": null, "Empty": []},
            "T": "<x>&\"\u{1}\r\n中",
            "1 bad/key": 2.5,
        });
        assert_eq!(
            document("R", &value),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><R><_1_bad_key>2.5</_1_bad_key>\
             <A><Item><B>1</B></Item><Item><B>true</B></Item></A>\
             <T>&lt;x&gt;&amp;&quot;\u{fffd}&#13;\n中</T></R>"
        );
    }
}
