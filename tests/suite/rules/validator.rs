//! A validator for the part of JSON Schema that the rule tree's schema uses. A keyword it does not know is a failure of
//! the test, so that none is believed to be checked that is not.

use std::cell::RefCell;
use std::collections::HashMap;

use regex::Regex;
use serde_json::Value;

/// A schema document.
pub struct Validator {
    root: Value,
    patterns: RefCell<HashMap<String, Regex>>,
}

impl Validator {
    pub fn new(root: Value) -> Self {
        Validator { root, patterns: RefCell::default() }
    }

    /// What is wrong with a whole document first, with its place.
    pub fn validate(&self, value: &Value) -> Result<(), String> {
        self.check(&self.root, value, "")
    }

    /// What is wrong with a value by one of the document's definitions.
    pub fn validate_as(&self, definition: &str, value: &Value) -> Result<(), String> {
        self.check(self.definition(&format!("#/$defs/{definition}")), value, "")
    }

    /// The names of the definitions.
    pub fn definitions(&self) -> impl Iterator<Item = (&String, &Value)> {
        self.root["$defs"].as_object().unwrap().iter()
    }

    fn definition(&self, reference: &str) -> &Value {
        let name = reference.strip_prefix("#/$defs/").unwrap_or_else(|| panic!("reference {reference}"));
        self.root["$defs"].get(name).unwrap_or_else(|| panic!("no definition {name}"))
    }

    fn check(&self, schema: &Value, value: &Value, at: &str) -> Result<(), String> {
        let keywords = schema.as_object().unwrap();
        for (keyword, wanted) in keywords {
            let ok = match keyword.as_str() {
                "$schema" | "$id" | "$defs" | "title" | "description" | "then" => true,
                "$ref" => {
                    self.check(self.definition(wanted.as_str().unwrap()), value, at)?;
                    true
                }
                "type" => match wanted {
                    Value::Array(types) => types.iter().any(|ty| is_type(ty.as_str().unwrap(), value)),
                    ty => is_type(ty.as_str().unwrap(), value),
                },
                "const" => wanted == value,
                "enum" => wanted.as_array().unwrap().contains(value),
                "pattern" => value.as_str().is_none_or(|text| self.fits(wanted.as_str().unwrap(), text)),
                "minLength" => {
                    value.as_str().is_none_or(|text| text.chars().count() as u64 >= wanted.as_u64().unwrap())
                }
                "minItems" => value.as_array().is_none_or(|items| items.len() as u64 >= wanted.as_u64().unwrap()),
                "minimum" => value.as_f64().is_none_or(|number| number >= wanted.as_f64().unwrap()),
                "maximum" => value.as_f64().is_none_or(|number| number <= wanted.as_f64().unwrap()),
                "required" => value.as_object().is_none_or(|fields| {
                    wanted.as_array().unwrap().iter().all(|name| fields.contains_key(name.as_str().unwrap()))
                }),
                "properties" => {
                    for (name, schema) in wanted.as_object().unwrap() {
                        if let Some(value) = value.get(name) {
                            self.check(schema, value, &format!("{at}/{name}"))?;
                        }
                    }
                    true
                }
                "additionalProperties" => {
                    let known = |name: &String| keywords.get("properties").is_some_and(|p| p.get(name).is_some());
                    for (name, value) in value.as_object().into_iter().flatten().filter(|(name, _)| !known(name)) {
                        if *wanted == Value::Bool(false) {
                            return Err(format!("{at}: `{name}` is not allowed"));
                        }
                        self.check(wanted, value, &format!("{at}/{name}"))?;
                    }
                    true
                }
                "items" => {
                    for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                        self.check(wanted, item, &format!("{at}/{index}"))?;
                    }
                    true
                }
                "oneOf" => return self.one_of(keywords, wanted.as_array().unwrap(), value, at),
                "anyOf" => wanted.as_array().unwrap().iter().any(|schema| self.check(schema, value, at).is_ok()),
                "allOf" => {
                    wanted.as_array().unwrap().iter().try_for_each(|schema| self.check(schema, value, at))?;
                    true
                }
                "if" => {
                    if self.check(wanted, value, at).is_ok() {
                        self.check(&keywords["then"], value, at)?;
                    }
                    true
                }
                other => panic!("the keyword `{other}` is not known here"),
            };
            if !ok {
                return Err(format!("{at}: {keyword} {wanted} does not hold of {value}"));
            }
        }
        Ok(())
    }

    fn fits(&self, pattern: &str, text: &str) -> bool {
        let mut patterns = self.patterns.borrow_mut();
        patterns.entry(pattern.to_owned()).or_insert_with(|| Regex::new(pattern).unwrap()).is_match(text)
    }

    /// Exactly one. Of the others' complaints the deepest is told: that alternative came furthest.
    fn one_of(
        &self,
        keywords: &serde_json::Map<String, Value>,
        schemas: &[Value],
        value: &Value,
        at: &str,
    ) -> Result<(), String> {
        assert!(keywords.keys().all(|k| k == "oneOf" || k == "description"), "oneOf with {keywords:?}");
        let results: Vec<Result<(), String>> = schemas.iter().map(|schema| self.check(schema, value, at)).collect();
        if results.iter().filter(|result| result.is_ok()).count() == 1 {
            return Ok(());
        }
        let deepest = results.into_iter().filter_map(Result::err).max_by_key(|why| why.split(':').next().map(str::len));
        Err(deepest.unwrap_or_else(|| format!("{at}: more than one alternative fits {value}")))
    }
}

fn is_type(ty: &str, value: &Value) -> bool {
    match ty {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "number" => value.is_number(),
        "integer" => value.is_i64() || value.is_u64(),
        other => panic!("the type `{other}` is not known here"),
    }
}
