//! JSON keys of an application whose serializer has the `snake_case` name converter.

use serde_json::Value;

/// The same JSON with its keys in camelCase; `None` if that changes nothing.
pub(super) fn to_camel_case(json: &[u8]) -> Option<Vec<u8>> {
    let mut value = serde_json::from_slice(json).ok()?;
    if !convert(&mut value) {
        return None;
    }
    serde_json::to_vec(&value).ok()
}

fn convert(value: &mut Value) -> bool {
    match value {
        Value::Array(items) => items.iter_mut().fold(false, |any, item| convert(item) | any),
        Value::Object(entries) => {
            let mut changed = false;
            *entries = std::mem::take(entries)
                .into_iter()
                .map(|(key, mut value)| {
                    let new = camel_case(&key);
                    changed |= convert(&mut value) | (new != key);
                    (new, value)
                })
                .collect();
            changed
        }
        _ => false,
    }
}

fn camel_case(key: &str) -> String {
    let mut parts = key.split('_');
    let mut name = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let mut characters = part.chars();
        name.extend(characters.next().map(|first| first.to_ascii_uppercase()));
        name.push_str(characters.as_str());
    }
    name
}

#[cfg(test)]
mod tests {
    use super::to_camel_case;

    #[test]
    fn keys_are_converted_at_every_depth_and_values_are_not() {
        let converted = to_camel_case(br#"{"image_post_id":1,"all":[{"a_b_c":"a_b"}]}"#);
        let expected = br#"{"imagePostId":1,"all":[{"aBC":"a_b"}]}"#;
        assert_eq!(converted.as_deref(), Some(&expected[..]));
        assert_eq!(to_camel_case(br#"{"imagePostId":1}"#), None);
        assert_eq!(to_camel_case(b"{"), None);
    }
}
