//! What a template says, by function, queue and role.

use std::collections::BTreeMap;

use serde_json::Value;

use super::document;

/// Before the names of all that belongs to a stack.
const STACK: &str = "${AWS::StackName}-";

/// A parsed template.
#[derive(Debug, Clone)]
pub struct Template(pub Value);

/// A function with what `Globals` gives it.
#[derive(Debug)]
pub struct Function<'a> {
    /// Its name without that of the stack: the name of its crate.
    pub name: String,
    /// Its properties.
    pub properties: &'a Value,
    /// Its variables, those of all functions included.
    pub variables: BTreeMap<String, &'a Value>,
}

impl Template {
    /// Reads a template.
    pub fn read(text: &str) -> Result<Self, String> {
        document::read(text).map(Self)
    }

    /// A resource of this kind by its logical id.
    pub fn resource(&self, kind: &str, id: &str) -> Option<&Value> {
        let found = self.0.get("Resources")?.get(id)?;
        (found.get("Type")? == kind).then(|| found.get("Properties")).flatten()
    }

    /// The resources of one kind: logical id and properties.
    pub fn resources(&self, kind: &str) -> Vec<(&str, &Value)> {
        let all = self.0.get("Resources").and_then(Value::as_object).into_iter().flatten();
        let of_kind = all.filter(|(_, resource)| resource.get("Type").is_some_and(|t| t == kind));
        of_kind
            .map(|(id, resource)| (id.as_str(), resource.get("Properties").unwrap_or(&Value::Null)))
            .collect()
    }

    /// The functions.
    pub fn functions(&self) -> Vec<Function<'_>> {
        let shared = self.0.pointer("/Globals/Function/Environment/Variables");
        let functions = self.resources("AWS::Serverless::Function").into_iter();
        functions
            .map(|(_, properties)| {
                let own = properties.pointer("/Environment/Variables");
                let variables = [shared, own].into_iter().flatten().filter_map(Value::as_object).flatten();
                Function {
                    name: name(properties.get("FunctionName")),
                    properties,
                    variables: variables.map(|(name, value)| (name.clone(), value)).collect(),
                }
            })
            .collect()
    }

    /// The functions by name.
    pub fn function(&self, name: &str) -> Option<Function<'_>> {
        self.functions().into_iter().find(|function| function.name == name)
    }

    /// A parameter's declaration.
    pub fn parameter(&self, name: &str) -> Option<&Value> {
        self.0.get("Parameters")?.get(name)
    }

    /// A value, or the default of the parameter that it names.
    pub fn value<'a>(&'a self, value: &'a Value) -> Option<&'a Value> {
        match value.get("Ref") {
            Some(Value::String(name)) => self.parameter(name)?.get("Default"),
            _ => Some(value),
        }
    }
}

/// The name of something that begins with the stack's; what has another name is named in full.
pub fn name(given: Option<&Value>) -> String {
    let text = given.map(text).unwrap_or_default();
    text.strip_prefix(STACK).unwrap_or(&text).to_owned()
}

/// A text, or the pattern of one.
pub fn text(value: &Value) -> String {
    match value.get("Fn::Sub").unwrap_or(value) {
        Value::String(text) => text.clone(),
        other => match target(other) {
            Some(id) => format!("${{{id}.Arn}}"),
            None => other.to_string(),
        },
    }
}

/// The logical id that a `Ref` or `GetAtt` names.
pub fn target(value: &Value) -> Option<&str> {
    value.get("Ref").or_else(|| value.pointer("/Fn::GetAtt/0"))?.as_str()
}

/// A number, or a text of one: CloudFormation takes both.
pub fn number(value: Option<&Value>) -> Option<u64> {
    match value? {
        Value::String(text) => text.parse().ok(),
        other => other.as_u64(),
    }
}

/// The logical id of a function's part: `plan-archive` has `PlanArchiveQueue`.
pub fn id(function: &str, part: &str) -> String {
    let words = function.split('-').map(|word| {
        let (first, rest) = word.split_at_checked(1).unwrap_or((word, ""));
        first.to_uppercase() + rest
    });
    words.collect::<String>() + part
}
