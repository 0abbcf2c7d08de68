//! YAML with the short tags of CloudFormation, as JSON with its long names: `!Ref A` is `{"Ref": "A"}`.

use saphyr::{LoadableYamlNode, Scalar, Yaml};
use serde_json::{Map, Value, json};

/// Reads one document.
///
/// # Errors
/// It is no YAML, has a key twice, an alias (CloudFormation takes none) or a value that JSON does not know.
pub fn read(text: &str) -> Result<Value, String> {
    let documents = Yaml::load_from_str(text).map_err(|error| error.to_string())?;
    match documents.as_slice() {
        [one] => value(one),
        other => Err(format!("{} documents instead of one", other.len())),
    }
}

fn value(node: &Yaml<'_>) -> Result<Value, String> {
    Ok(match node {
        Yaml::Value(scalar) => scalar_value(scalar),
        Yaml::Sequence(items) => Value::Array(items.iter().map(value).collect::<Result<_, _>>()?),
        Yaml::Mapping(entries) => {
            let mut map = Map::new();
            for (key, entry) in entries {
                let key = key.as_str().ok_or_else(|| format!("a key that is no text: {key:?}"))?;
                map.insert(key.to_owned(), value(entry)?);
            }
            Value::Object(map)
        }
        Yaml::Tagged(tag, inner) => tagged(&tag.suffix, value(inner)?),
        Yaml::Alias(_) => return Err("an alias, which CloudFormation does not take".to_owned()),
        Yaml::Representation(text, ..) => return Err(format!("an unread value: {text}")),
        Yaml::BadValue => return Err("a value that does not fit its tag".to_owned()),
    })
}

fn scalar_value(scalar: &Scalar<'_>) -> Value {
    match scalar {
        Scalar::Null => Value::Null,
        Scalar::Boolean(value) => json!(value),
        Scalar::Integer(value) => json!(value),
        Scalar::FloatingPoint(value) => json!(value.into_inner()),
        Scalar::String(value) => json!(value),
    }
}

/// The long form of a short tag.
fn tagged(tag: &str, inner: Value) -> Value {
    let name = match tag {
        "Ref" | "Condition" => tag.to_owned(),
        _ => format!("Fn::{tag}"),
    };
    let inner = match (tag, inner) {
        ("GetAtt", Value::String(path)) => {
            let (resource, attribute) = path.split_once('.').unwrap_or((&path, ""));
            json!([resource, attribute])
        }
        (_, inner) => inner,
    };
    Value::Object(Map::from_iter([(name, inner)]))
}

#[test]
fn short_tags_become_long_names() {
    let text = "a: !Ref B\nc: !GetAtt D.Arn\ne: !If [F, !Sub \"${G}/*\", 7]\nh: {i: \"7\", j: true}\n";
    assert_eq!(
        read(text),
        Ok(json!({
            "a": {"Ref": "B"},
            "c": {"Fn::GetAtt": ["D", "Arn"]},
            "e": {"Fn::If": ["F", {"Fn::Sub": "${G}/*"}, 7]},
            "h": {"i": "7", "j": true},
        }))
    );
}

#[test]
fn a_key_that_is_there_twice_is_refused() {
    assert!(read("a: 1\na: 2\n").unwrap_err().contains("duplicated key"));
}
