//! The filter against a plain definition of it, on random texts in random chunks.

use std::sync::Arc;

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn masked_in(fields: &Fields, chunks: &[&[u8]]) -> Result<Vec<u8>, MaskError> {
    let mut mask = Mask::new(Arc::new(fields.clone()));
    let mut out = Vec::new();
    for chunk in chunks {
        mask.push(chunk, &mut out)?;
    }
    mask.finish(&mut out)?;
    Ok(out)
}

fn masked(paths: &[&str], text: &str) -> Result<String, MaskErrorKind> {
    let fields = Fields::new(paths.iter().copied()).unwrap();
    let whole = masked_in(&fields, &[text.as_bytes()]);
    let bytes: Vec<&[u8]> = text.as_bytes().chunks(1).collect();
    assert_eq!(whole, masked_in(&fields, &bytes), "{text}");
    whole
        .map(|out| String::from_utf8(out).unwrap())
        .map_err(|error| error.kind)
}

/// What the documentation says, in a few lines and without haste.
fn kept(value: &Value, paths: &[&[&str]]) -> Option<Value> {
    if paths.iter().any(|path| path.is_empty()) {
        return Some(value.clone());
    }
    let below = |step: &str| -> Vec<&[&str]> {
        let through = paths.iter().filter(|path| path.first() == Some(&step));
        through.filter_map(|path| path.get(1..)).collect()
    };
    match value {
        Value::Object(members) if paths.iter().any(|path| path[0] != "*") => {
            let members = members.iter().filter(|(name, _)| *name != "*");
            let found = members
                .filter_map(|(name, value)| Some((name.clone(), kept(value, &below(name))?)));
            Some(Value::Object(found.collect()))
        }
        Value::Array(items) if paths.iter().any(|path| path[0] == "*") => Some(Value::Array(
            items
                .iter()
                .filter_map(|item| kept(item, &below("*")))
                .collect(),
        )),
        _ => None,
    }
}

const NAMES: [&str; 7] = ["a", "b", "é", "a\"b", "\u{1}", "long name", "*"];

fn documents() -> impl Strategy<Value = Value> {
    let name = prop::sample::select(&NAMES[..]).prop_map(str::to_owned);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        // Quarters: another reader rounds other fractions in another way.
        any::<i32>().prop_map(|number| json!(f64::from(number) / 4.0)),
        "\\PC{0,12}".prop_map(Value::from),
        "[\"\\\\\u{0}-\u{1f}]{0,4}".prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 64, 6, move |inner| {
        prop_oneof![
            vec(inner.clone(), 0..5).prop_map(Value::Array),
            btree_map(name.clone(), inner, 0..5)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

fn paths() -> impl Strategy<Value = Vec<Vec<&'static str>>> {
    vec(vec(prop::sample::select(&NAMES[..]), 1..4), 0..6)
}

fn cut(text: &[u8], sizes: &[usize]) -> Vec<Vec<u8>> {
    let mut rest = text;
    let mut chunks = Vec::new();
    let mut sizes = sizes.iter().copied().cycle();
    while !rest.is_empty() {
        let (chunk, behind) = rest.split_at(sizes.next().unwrap_or(1).min(rest.len()));
        chunks.push(chunk.to_vec());
        rest = behind;
    }
    chunks
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn keeps_what_the_definition_keeps(
        document in documents(),
        paths in paths(),
        is_pretty in any::<bool>(),
        sizes in vec(1_usize..20, 1..8),
    ) {
        let text = if is_pretty {
            serde_json::to_vec_pretty(&document).unwrap()
        } else {
            serde_json::to_vec(&document).unwrap()
        };
        let written: Vec<String> = paths.iter().map(|path| path.join(".")).collect();
        let fields = Fields::new(written.iter().map(String::as_str)).unwrap();
        let chunks = cut(&text, &sizes);
        let chunks: Vec<&[u8]> = chunks.iter().map(Vec::as_slice).collect();
        let out = masked_in(&fields, &chunks).unwrap();
        let found: Value = serde_json::from_slice(&out).unwrap();
        let steps: Vec<&[&str]> = paths.iter().map(Vec::as_slice).collect();
        prop_assert_eq!(found, kept(&document, &steps).unwrap_or(Value::Null));
    }

    #[test]
    fn takes_what_another_reader_takes(
        document in documents(),
        changes in vec((any::<prop::sample::Index>(), any::<u8>(), 0..3_u8), 0..3),
        sizes in vec(1_usize..9, 1..4),
    ) {
        let mut text = serde_json::to_vec(&document).unwrap();
        for (place, byte, kind) in changes {
            let at = place.index(text.len() + 1);
            match kind {
                0 => text.insert(at, byte),
                1 if at < text.len() => text[at] = byte,
                _ if at < text.len() => drop(text.remove(at)),
                _ => {}
            }
        }
        let other = serde_json::from_slice::<Value>(&text);
        // A number that doesn't fit another reader's types is a number.
        prop_assume!(!matches!(&other, Err(error) if error.to_string().contains("out of range")));
        let chunks = cut(&text, &sizes);
        let chunks: Vec<&[u8]> = chunks.iter().map(Vec::as_slice).collect();
        let ours = masked_in(&Fields::all(), &chunks);
        prop_assert_eq!(ours.is_ok(), other.is_ok(), "{:?}", String::from_utf8_lossy(&text));
        if let Ok(out) = ours {
            prop_assert_eq!(serde_json::from_slice::<Value>(&out).unwrap(), other.unwrap());
        }
    }

    #[test]
    fn no_bytes_make_a_panic(bytes in vec(any::<u8>(), 0..200), paths in paths()) {
        let written: Vec<String> = paths.iter().map(|path| path.join(".")).collect();
        let fields = Fields::new(written.iter().map(String::as_str)).unwrap();
        let whole = masked_in(&fields, &[&bytes]);
        let chunks: Vec<&[u8]> = bytes.chunks(1).collect();
        prop_assert_eq!(whole, masked_in(&fields, &chunks));
    }
}

#[test]
fn keeps_what_is_opened() {
    let text = r#" { "a" : {"x": 1, "y": [2, {"z": 3}]}, "b": [ {"x": 1, "y": 2}, 5, {"y": 1} ], "c": "d" } "#;
    for (paths, expected) in [
        (&["a"][..], r#"{"a":{"x": 1, "y": [2, {"z": 3}]}}"#),
        (&["a.y"], r#"{"a":{"y":[2, {"z": 3}]}}"#),
        (&["a.y.*.z"], r#"{"a":{"y":[{"z":3}]}}"#),
        (&["b.*.x"], r#"{"b":[{"x":1},{}]}"#),
        (&["b.*"], r#"{"b":[{"x": 1, "y": 2},5,{"y": 1}]}"#),
        (&["c", "a.x"], r#"{"a":{"x":1},"c":"d"}"#),
        (&["c.d", "e"], "{}"),
        (&["*.c"], "null"),
        (&[], "null"),
    ] {
        assert_eq!(masked(paths, text).as_deref(), Ok(expected), "{paths:?}");
    }
}

#[test]
fn an_escaped_name_is_the_name() {
    assert_eq!(
        masked(&["ab"], r#"{"\u0061b":1,"A":2}"#).as_deref(),
        Ok(r#"{"ab":1}"#)
    );
    assert_eq!(
        masked(&["😀"], r#"{"\ud83d\ude00":1}"#).as_deref(),
        Ok(r#"{"😀":1}"#)
    );
}

#[test]
fn an_opened_name_that_stands_twice_is_refused() {
    let twice = Err(MaskErrorKind::Duplicate);
    assert_eq!(masked(&["a"], r#"{"a":1,"a":2}"#), twice);
    assert_eq!(masked(&["a"], r#"{"a":1,"b":0,"\u0061":2}"#), twice);
    assert_eq!(masked(&["a.b"], r#"{"a":{"b":1},"a":{"c":2}}"#), twice);
    // Left out, or opened whole: either reading is granted.
    assert_eq!(masked(&["a"], r#"{"b":1,"b":2}"#).as_deref(), Ok("{}"));
    let whole = r#"{"a":{"b":1,"b":2}}"#;
    assert_eq!(masked(&["a"], whole).as_deref(), Ok(whole));
    // In another object it is another name.
    let items = r#"[{"a":1},{"a":2}]"#;
    assert_eq!(masked(&["*.a"], items).as_deref(), Ok(items));
}

#[test]
fn what_is_no_json_is_refused_though_it_is_left_out() {
    for wrong in [
        "{",
        "}",
        "",
        " ",
        "[1,]",
        "{\"a\":}",
        "{\"a\":1,}",
        "{a:1}",
        "01",
        "1.",
        "-",
        "1e",
        "+1",
        ".5",
        "nul",
        "truee",
        "\"a",
        "\"\\x\"",
        "\"\\u12g4\"",
        "\"\\ud800\"",
        "\"\\udc00\"",
        "\"\\ud800\\n\"",
        "\"\u{1}\"",
        "{} {}",
        "1 2",
        "[1}",
        "{\"a\" 1}",
        "\u{feff}{}",
        "NaN",
        "{\"b\":tru}",
        "{\"b\":[1 2]}",
        "'a'",
        "[1],",
        "/**/1",
    ] {
        assert!(masked(&["a"], wrong).is_err(), "{wrong}");
        assert!(masked(&[], wrong).is_err(), "{wrong}");
    }
    for wrong in [
        &b"\"\xff\""[..],
        b"\"\xc0\xaf\"",
        b"\"\xed\xa0\x80\"",
        b"\"\xc3\"",
        b"\"\xf4\x90\x80\x80\"",
    ] {
        let error = masked_in(&Fields::all(), &[wrong]).unwrap_err();
        assert_eq!(error.kind, MaskErrorKind::Syntax);
    }
    let error = masked_in(&Fields::all(), &[b"[1,", b"2,x]"]).unwrap_err();
    assert_eq!((error.at, error.kind), (5, MaskErrorKind::Syntax));
}

#[test]
fn depth_is_bounded() {
    let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    let most = usize::from(DEPTH_MAX);
    assert!(masked(&["a"], &nested(most)).is_ok());
    assert_eq!(masked(&["a"], &nested(most + 1)), Err(MaskErrorKind::Depth));
    assert_eq!(masked(&["*"], &nested(100_000)), Err(MaskErrorKind::Depth));
    let path = ["*"; 31].join(".");
    assert_eq!(
        masked(&[&path], &nested(40)).as_deref(),
        Ok(nested(40).as_str())
    );
}

#[test]
fn wrong_paths_are_told() {
    for wrong in ["", ".", "a.", ".a", "a..b"] {
        let error = Fields::new([wrong]).unwrap_err();
        assert_eq!(
            error,
            FieldsError::EmptyName {
                path: wrong.to_owned()
            }
        );
    }
    assert_eq!(
        Fields::new([["a"; 33].join(".").as_str()]),
        Err(FieldsError::TooLong)
    );
    assert_eq!(
        Fields::new(["a".repeat(513).as_str()]),
        Err(FieldsError::TooLong)
    );
    let many: Vec<String> = (0..=NAMES_MAX).map(|one| format!("n{one}")).collect();
    let many = many.iter().map(String::as_str);
    assert_eq!(Fields::new(many), Err(FieldsError::TooManyNames));
    let paths = std::iter::repeat_n("a", PATHS_MAX + 1);
    assert_eq!(Fields::new(paths), Err(FieldsError::TooMany));
    let all: Vec<String> = (0..NAMES_MAX).map(|one| format!("n{one}")).collect();
    let fields = Fields::new(all.iter().map(String::as_str)).unwrap();
    let text = r#"{"n255":1,"n0":2,"n255":3}"#;
    let refused = masked_in(&fields, &[text.as_bytes()]).unwrap_err();
    assert_eq!(refused.kind, MaskErrorKind::Duplicate);
}
