use proptest::prelude::*;

use super::*;

const YAML: &str = r"
openapi: 3.1.0
info: { title: Quotient familial, version: 1.2.0 }
paths:
  /v1/foyers/{numero}:
    parameters:
      - { name: numero, in: path, required: true, schema: { type: string } }
    get:
      operationId: getQuotientFamilial
      summary: Le quotient familial d’un foyer
      parameters:
        - { name: mois, in: query, schema: { type: string, format: date } }
        - { name: X-Trace, in: header, schema: { type: string } }
      responses:
        200:
          description: Trouvé
          content:
            application/json:
              schema: { $ref: '#/components/schemas/Foyer' }
components:
  schemas:
    Foyer:
      type: object
      properties:
        quotient: { type: integer, description: En euros }
        allocataires:
          type: array
          items:
            allOf:
              - { $ref: '#/components/schemas/Personne' }
              - { type: object, properties: { rang: { type: [integer, 'null'] } } }
    Personne:
      type: object
      properties:
        nom: { type: string }
        conjoint: { $ref: '#/components/schemas/Personne' }
";

#[test]
fn a_document_is_taken_with_its_fields() {
    let found = describe(YAML.as_bytes()).unwrap();
    assert_eq!(
        (found.title.as_str(), found.version.as_str()),
        ("Quotient familial", "1.2.0")
    );
    let [operation] = found.operations.as_slice() else {
        panic!("one operation")
    };
    assert_eq!(
        (operation.name.as_str(), operation.method.as_str()),
        ("getQuotientFamilial", "GET")
    );
    let parameters: Vec<_> = operation
        .parameters
        .iter()
        .map(|one| (one.name.as_str(), one.place.as_str()))
        .collect();
    assert_eq!(parameters, [("mois", "query"), ("numero", "path")]);
    let fields: Vec<_> = operation
        .fields
        .iter()
        .map(|field| field.path.as_str())
        .collect();
    assert_eq!(
        fields,
        [
            "allocataires",
            "allocataires.*",
            "allocataires.*.conjoint",
            "allocataires.*.nom",
            "allocataires.*.rang",
            "quotient"
        ]
    );
    // The same as JSON is the same.
    let json = serde_json::to_vec(&found.document).unwrap();
    assert_eq!(describe(&json).unwrap(), found);
}

/// The document with something else in it.
fn changed(from: &str, to: &str) -> DocumentMistake {
    assert!(YAML.contains(from), "{from}");
    describe(YAML.replace(from, to).as_bytes()).unwrap_err()
}

#[test]
fn each_mistake_names_its_place_and_limit() {
    for (from, to, place, problem, detail) in [
        ("3.1.0", "2.0", "openapi", DocumentProblem::Version, "2.0"),
        (
            "version: 1.2.0",
            "x: y",
            "info.version",
            DocumentProblem::Missing,
            "",
        ),
        (
            "    get:",
            "    delete:",
            "paths./v1/foyers/{numero}.delete",
            DocumentProblem::Method,
            "GET, POST",
        ),
        (
            "'#/components/schemas/Foyer'",
            "'https://evil.example/x.json'",
            "paths./v1/foyers/{numero}.get.responses.200",
            DocumentProblem::RemoteReference,
            "https://evil.example/x.json",
        ),
        (
            "'#/components/schemas/Foyer'",
            "'file:///etc/passwd'",
            "paths./v1/foyers/{numero}.get.responses.200",
            DocumentProblem::RemoteReference,
            "file:///etc/passwd",
        ),
        (
            "'#/components/schemas/Foyer'",
            "'#/nowhere'",
            "paths./v1/foyers/{numero}.get.responses.200",
            DocumentProblem::DanglingReference,
            "#/nowhere",
        ),
        (
            "/v1/foyers/{numero}:",
            "/v1/../admin:",
            "paths./v1/../admin",
            DocumentProblem::Path,
            "/v1/../admin",
        ),
        (
            "name: numero",
            "name: autre",
            "paths./v1/foyers/{numero}.get.parameters.numero",
            DocumentProblem::Missing,
            "",
        ),
        (
            "application/json",
            "text/csv",
            "paths./v1/foyers/{numero}.get.responses.200",
            DocumentProblem::NoAnswer,
            "200",
        ),
        (
            "nom:",
            "'a.b':",
            "paths./v1/foyers/{numero}.get.responses.200.allocataires.*",
            DocumentProblem::FieldName,
            "a.b",
        ),
    ] {
        let mistake = changed(from, to);
        assert_eq!(
            (
                mistake.place.as_str(),
                mistake.problem,
                mistake.detail.as_str()
            ),
            (place, problem, detail)
        );
    }
}

#[test]
fn references_in_a_circle_end() {
    let own = "    Foyer: { $ref: '#/components/schemas/Foyer' }\n    Autre:\n";
    let mistake = changed("    Foyer:\n", own);
    assert_eq!(mistake.problem, DocumentProblem::CircularReference);
}

#[test]
fn a_bomb_of_aliases_is_refused() {
    let mut yaml = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..9 {
        let before = level - 1;
        let items = vec![format!("*a{before}"); 10].join(", ");
        yaml.push_str(&format!("a{level}: &a{level} [{items}]\n"));
    }
    let mistake = describe(yaml.as_bytes()).unwrap_err();
    assert_eq!(mistake.problem, DocumentProblem::Unreadable);
}

#[test]
fn too_large_too_deep_and_too_many_are_refused() {
    let large = vec![b' '; BYTES_MAX + 1];
    assert_eq!(
        describe(&large).unwrap_err().problem,
        DocumentProblem::Bytes
    );
    let deep = format!("{{\"a\":{}1{}}}", "[".repeat(100), "]".repeat(100));
    assert_eq!(
        describe(deep.as_bytes()).unwrap_err().problem,
        DocumentProblem::Depth
    );
    let deeper = format!("{{\"a\":{}", "[".repeat(100_000));
    assert_eq!(
        describe(deeper.as_bytes()).unwrap_err().problem,
        DocumentProblem::Unreadable
    );
    let many = format!("{{\"a\":[{}1]}}", "1,".repeat(VALUES_MAX));
    assert_eq!(
        describe(many.as_bytes()).unwrap_err().problem,
        DocumentProblem::Count
    );
    assert_eq!(
        describe(b"\xff\xfe").unwrap_err().problem,
        DocumentProblem::Unreadable
    );
}

#[test]
fn alternatives_of_alternatives_end() {
    // Each schema is one of two that are one of two…: 2^30 ways.
    let mut schemas = serde_json::Map::new();
    for level in 0..30 {
        let next = format!("#/components/schemas/s{}", level + 1);
        let either = serde_json::json!({ "oneOf": [{ "$ref": next }, { "$ref": next }] });
        schemas.insert(format!("s{level}"), either);
    }
    schemas.insert("s30".into(), serde_json::json!({ "type": "object" }));
    let document = serde_json::json!({
        "openapi": "3.0.3",
        "info": { "title": "t", "version": "1" },
        "paths": { "/a": { "get": { "responses": { "200": { "content": { "application/json": {
            "schema": { "$ref": "#/components/schemas/s0" } } } } } } } },
        "components": { "schemas": schemas },
    });
    let mistake = describe(document.to_string().as_bytes()).unwrap_err();
    assert_eq!(mistake.problem, DocumentProblem::Count);
}

proptest! {
    #[test]
    fn no_bytes_make_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = describe(&bytes);
    }

    #[test]
    fn no_cut_makes_a_panic(at in 0..1_500_usize, to in 0..1_500_usize) {
        let (at, to) = (at.min(to), at.max(to));
        let cut: String = YAML.chars().enumerate()
            .filter(|(i, _)| *i < at || *i >= to).map(|(_, c)| c).collect();
        let _ = describe(cut.as_bytes());
    }
}
