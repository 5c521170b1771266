//! JSON objects read strictly: no member twice, nothing behind the object, a bound on depth.
//!
//! Two readers that disagree on which of two equal names counts is how a signed token comes to say
//! one thing to the checker and another to the user of its claims (RFC 7515 section 4, RFC 8725
//! section 2.4 leave the choice; we refuse).

use std::cell::Cell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// An object's members.
pub type Object = Map<String, Value>;

/// Levels of nesting that are read; the outermost object is the first.
pub const DEPTH_MAX: usize = 16;

/// Why a text isn't an object that is read here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum JsonError {
    /// It isn't UTF-8, isn't JSON, or has something behind its end.
    #[error("it isn't JSON")]
    Syntax,
    /// A name stands twice in one object, at any depth.
    #[error("a member stands twice")]
    Duplicate,
    /// Over [`DEPTH_MAX`].
    #[error("it is nested deeper than {DEPTH_MAX} levels")]
    Depth,
    /// It is JSON, but no object.
    #[error("it isn't an object")]
    NotAnObject,
}

/// Reads one object. The length of `bytes` is the caller's to bound.
pub(crate) fn object(bytes: &[u8]) -> Result<Object, JsonError> {
    let reason = Cell::new(JsonError::Syntax);
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let seed = Strict {
        depth: 1,
        reason: &reason,
    };
    let value = seed.deserialize(&mut reader).map_err(|_| reason.get())?;
    reader.end().map_err(|_| JsonError::Syntax)?;
    match value {
        Value::Object(members) => Ok(members),
        _ => Err(JsonError::NotAnObject),
    }
}

/// A value at a depth; leaves the reason of a refusal of ours in `reason`, since serde's errors are
/// texts.
#[derive(Clone, Copy)]
struct Strict<'a> {
    depth: usize,
    reason: &'a Cell<JsonError>,
}

impl Strict<'_> {
    fn refuse<E: serde::de::Error>(&self, reason: JsonError) -> E {
        self.reason.set(reason);
        E::custom(reason)
    }

    fn deeper<E: serde::de::Error>(&self) -> Result<Self, E> {
        if self.depth > DEPTH_MAX {
            return Err(self.refuse(JsonError::Depth));
        }
        Ok(Self {
            depth: self.depth + 1,
            reason: self.reason,
        })
    }
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        let number = Number::from_f64(value).ok_or_else(|| E::custom("not finite"))?;
        Ok(Value::Number(number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let inner = self.deeper::<A::Error>()?;
        let mut values = Vec::new();
        while let Some(value) = items.next_element_seed(inner)? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let inner = self.deeper::<A::Error>()?;
        let mut object = Object::new();
        while let Some(name) = members.next_key::<String>()? {
            if object.contains_key(&name) {
                return Err(self.refuse(JsonError::Duplicate));
            }
            object.insert(name, members.next_value_seed(inner)?);
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn duplicate_members_are_refused_at_any_depth() {
        assert_eq!(object(br#"{"a":1,"a":1}"#), Err(JsonError::Duplicate));
        assert_eq!(
            object(br#"{"a":[{"b":1,"\u0062":2}]}"#),
            Err(JsonError::Duplicate)
        );
        assert!(object(br#"{"a":{"b":1},"b":{"b":1}}"#).is_ok());
    }

    #[test]
    fn depth_is_bounded() {
        let nested = |levels: usize| {
            let inner = levels - 1;
            format!("{{\"a\":{}{}}}", "[".repeat(inner), "]".repeat(inner))
        };
        assert!(object(nested(DEPTH_MAX).as_bytes()).is_ok());
        assert_eq!(
            object(nested(DEPTH_MAX + 1).as_bytes()),
            Err(JsonError::Depth)
        );
        assert_eq!(object(nested(10_000).as_bytes()), Err(JsonError::Depth));
    }

    #[test]
    fn what_is_no_object_is_refused() {
        for wrong in [
            "",
            "{",
            "{}{}",
            "{} x",
            "{\"a\":1e999}",
            "{\"a\":\"\\ud800\"}",
            "\u{feff}{}",
        ] {
            assert_eq!(object(wrong.as_bytes()), Err(JsonError::Syntax), "{wrong}");
        }
        assert_eq!(object(b"{\"a\":\"\xff\"}"), Err(JsonError::Syntax));
        assert_eq!(object(b"[]"), Err(JsonError::NotAnObject));
        assert_eq!(object(b"1"), Err(JsonError::NotAnObject));
    }
}
