//! The protocol's calls in the API's description: what a program sends and is answered. What
//! browsers are led through (authorization, the end of sessions) is described by the metadata.

use serde_json::{Map, Value, json};
use utoipa::openapi::OpenApi;

use super::{
    DEVICE, DISCOVERY, INTROSPECTION, JWKS, METADATA, PROVIDER_LOGOUT, PUSHED, RELAY, REVOCATION,
    TOKEN, USERINFO,
};
use crate::domain::VALUE_BYTES_MAX;

/// How a service proves who it is in a form (RFC 6749, section 2.3.1; RFC 7523, section 2.2).
const PROOF: [(&str, &str); 4] = [
    ("client_id", "The service"),
    ("client_secret", "Its secret, unless it is in the header"),
    (
        "client_assertion_type",
        "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    ),
    ("client_assertion", "A token that the service signed"),
];
const TOKEN_FIELDS: [(&str, &str); 14] = [
    ("grant_type", "What the token is asked by"),
    ("code", "The code of an authorization"),
    ("redirect_uri", "The address that the code came to"),
    ("code_verifier", "The verifier of the code (RFC 7636)"),
    ("refresh_token", "The last refresh token"),
    ("device_code", "The code of a device (RFC 8628)"),
    ("scope", "Scopes, with blanks between them"),
    ("resource", "Where the token will be used (RFC 8707)"),
    (
        "accreditation",
        "Which accreditation of the data exchange, when the service has several",
    ),
    ("audience", "For whom a token is exchanged (RFC 8693)"),
    ("subject_token", "The token that is exchanged"),
    ("subject_token_type", "Its type"),
    ("requested_token_type", "The type that is asked for"),
    ("actor_token", "Never taken"),
];
const ONE_TOKEN: [(&str, &str); 2] = [
    ("token", "The token"),
    ("token_type_hint", "access_token or refresh_token"),
];

/// A form; the value of a field has at most as many characters as it may have bytes.
fn form(fields: &[(&str, &str)], required: &[&str]) -> Value {
    let properties: Map<String, Value> = PROOF
        .iter()
        .chain(fields)
        .map(|(name, what)| {
            let schema =
                json!({ "type": "string", "maxLength": VALUE_BYTES_MAX, "description": what });
            ((*name).to_owned(), schema)
        })
        .collect();
    let schema = json!({ "type": "object", "properties": properties, "required": required });
    json!({
        "required": true,
        "content": { "application/x-www-form-urlencoded": { "schema": schema } },
    })
}

fn answer(description: &str, schema: &str) -> Value {
    let schema = json!({ "$ref": format!("#/components/schemas/{schema}") });
    json!({ "description": description, "content": { "application/json": { "schema": schema } } })
}

/// A call of a service: its answer, and what is refused in the words of OAuth.
fn call(id: &str, summary: &str, body: Value, status: &str, good: Value) -> Value {
    let by = [json!({ "client_secret_basic": [] }), json!({})];
    json!({
        "post": {
            "tags": ["identity"],
            "operationId": id,
            "summary": summary,
            "security": by,
            "requestBody": body,
            "responses": {
                status: good,
                "400": answer("The request is wrong (RFC 6749, section 5.2)", "OAuthError"),
                "401": answer("Nobody proved to be this service", "OAuthError"),
            },
        },
    })
}

fn read(id: &str, summary: &str, schema: &str) -> Value {
    json!({
        "get": {
            "tags": ["identity"],
            "operationId": id,
            "summary": summary,
            "responses": { "200": answer(summary, schema) },
        },
    })
}

/// What a token opens, by either method.
fn opened() -> Value {
    let operation = |id: &str| {
        json!({
            "tags": ["identity"],
            "operationId": id,
            "summary": "What an access token tells of its person (OpenID Connect Core, section 5.3)",
            "security": [{ "access_token": [] }],
            "responses": {
                "200": {
                    "description": "Claims; signed or encrypted where the service wants it",
                    "content": {
                        "application/json": { "schema": { "type": "object" } },
                        "application/jwt": { "schema": { "type": "string" } },
                    },
                },
                "400": answer("The token was sent in two ways", "OAuthError"),
                "401": answer("No token, or one that opens nothing", "NoToken"),
                "403": answer("The token opens something else", "OAuthError"),
            },
        })
    };
    let mut post = operation("userinfo_by_form");
    post["requestBody"] = json!({ "content": { "application/x-www-form-urlencoded": {
        "schema": {
            "type": "object",
            "properties": { "access_token": { "type": "string" } },
        },
    } } });
    json!({ "get": operation("userinfo"), "post": post })
}

/// What the relay of another network calls.
fn relay() -> (Value, Value) {
    let refused = |status: &str| (status.to_owned(), answer("Not by this token", "NoToken"));
    let operation = |id: &str, summary: &str, more: &[(String, Value)]| {
        let responses: Map<String, Value> = ["401", "403"]
            .map(refused)
            .into_iter()
            .chain(more.iter().cloned())
            .collect();
        json!({
            "tags": ["identity"],
            "operationId": id,
            "summary": summary,
            "security": [{ "access_token": [] }],
            "responses": responses,
        })
    };
    let told = |status: &str, what: &str| (status.to_owned(), json!({ "description": what }));
    let wrong = (
        "400".to_owned(),
        answer("The request is wrong", "OAuthError"),
    );
    let take = operation(
        "relay_take",
        "The next request that the relay carries",
        &[
            (
                "200".to_owned(),
                json!({
                    "description": "A request",
                    "content": { "application/json": { "schema": { "type": "object" } } },
                }),
            ),
            told("204", "None for some seconds"),
            wrong.clone(),
        ],
    );
    let mut told_back = operation(
        "relay_answer",
        "The answer to a request that was taken",
        &[
            told("204", "Taken"),
            told("404", "No such request"),
            told("413", "Too large"),
            told("415", "Not JSON"),
            told("422", "A field is wrong"),
            wrong,
        ],
    );
    told_back["parameters"] = json!([{
        "name": "id", "in": "path", "required": true,
        "schema": { "type": "string", "format": "uuid" },
    }]);
    told_back["requestBody"] = json!({
        "required": true,
        "content": { "application/json": { "schema": { "type": "object" } } },
    });
    (json!({ "post": take }), json!({ "post": told_back }))
}

fn schemas() -> Value {
    let text = json!({ "type": "string" });
    json!({
        "OAuthError": {
            "type": "object",
            "required": ["error", "error_description"],
            "properties": { "error": text, "error_description": text },
        },
        "NoToken": {
            "description": "Nothing when no token was sent (RFC 6750, section 3.1)",
            "type": "object",
            "properties": { "error": text, "error_description": text },
        },
        "Token": {
            "type": "object",
            "required": ["access_token", "token_type", "expires_in", "scope"],
            "properties": {
                "access_token": text,
                "token_type": { "type": "string", "enum": ["Bearer", "DPoP"] },
                "expires_in": { "type": "integer", "description": "Seconds" },
                "refresh_token": text,
                "id_token": text,
                "scope": text,
                "issued_token_type": text,
            },
        },
        "Introspection": {
            "type": "object",
            "required": ["active"],
            "properties": { "active": { "type": "boolean" } },
        },
        "Pushed": {
            "type": "object",
            "required": ["request_uri", "expires_in"],
            "properties": { "request_uri": text, "expires_in": { "type": "integer" } },
        },
        "DeviceCodes": {
            "type": "object",
            "required": ["device_code", "user_code", "verification_uri", "expires_in"],
            "properties": {
                "device_code": text,
                "user_code": text,
                "verification_uri": text,
                "verification_uri_complete": text,
                "expires_in": { "type": "integer" },
                "interval": { "type": "integer" },
            },
        },
        "Keys": {
            "type": "object",
            "required": ["keys"],
            "properties": { "keys": { "type": "array", "items": { "type": "object" } } },
        },
        "Metadata": {
            "type": "object",
            "required": ["issuer", "token_endpoint", "jwks_uri"],
            "properties": { "issuer": text, "token_endpoint": text, "jwks_uri": text },
        },
        "Nothing": { "type": "object" },
    })
}

/// The protocol's part of the program's description.
pub fn openapi() -> serde_json::Result<OpenApi> {
    let done = |what: &str| json!({ "description": what });
    let (take, told_back) = relay();
    let mut ended = call(
        "provider_logout",
        "A provider says that sessions ended there (OpenID Connect Back-Channel Logout)",
        form(
            &[("logout_token", "A token that the provider signed")],
            &["logout_token"],
        ),
        "200",
        answer("Ended", "Nothing"),
    );
    ended["post"]["security"] = json!([{}]);
    ended["post"]["responses"]["404"] = done("No such provider");
    ended["post"]["parameters"] = json!([{
        "name": "code", "in": "path", "required": true, "schema": { "type": "string" },
    }]);
    let asked = [("scope", "Scopes, with blanks between them")];
    let metadata = "The platform's description for programs (RFC 8414)";
    serde_json::from_value(json!({
        "openapi": "3.1.0",
        "info": { "title": "identity", "version": "2" },
        "paths": {
            TOKEN: call("token", "A token", form(&TOKEN_FIELDS, &["grant_type"]), "200",
                answer("A token", "Token")),
            INTROSPECTION: call("introspection", "What a token is worth (RFC 7662)",
                form(&ONE_TOKEN, &["token"]), "200", json!({
                    "description": "Whether it is in force, and for whom",
                    "content": {
                        "application/json":
                            { "schema": { "$ref": "#/components/schemas/Introspection" } },
                        "application/token-introspection+jwt":
                            { "schema": { "type": "string" } },
                    },
                })),
            REVOCATION: call("revocation", "The end of a token (RFC 7009)",
                form(&ONE_TOKEN, &["token"]), "200", done("It opens nothing any more")),
            PUSHED: call("pushed", "A request of authorization, sent ahead (RFC 9126)",
                form(&asked, &[]), "201", answer("Where it is", "Pushed")),
            DEVICE: call("device", "Codes for a device without a browser (RFC 8628)",
                form(&asked, &[]), "200", answer("The codes", "DeviceCodes")),
            USERINFO: opened(),
            JWKS: read("jwks", "The public keys that sign tokens", "Keys"),
            DISCOVERY: read("discovery", metadata, "Metadata"),
            METADATA: read("metadata", metadata, "Metadata"),
            PROVIDER_LOGOUT: ended,
            RELAY: take,
            RELAY.to_owned() + "/{id}": told_back,
        },
        "components": {
            "schemas": schemas(),
            "securitySchemes": {
                "client_secret_basic": { "type": "http", "scheme": "basic",
                    "description": "A service by its secret" },
                "access_token": { "type": "http", "scheme": "bearer",
                    "description": "An access token" },
            },
        },
    }))
}
