//! Signatures of requests, RFC 9421: how a gateway proves to a producer that it asks.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// A request to sign.
#[derive(Debug, Clone, Copy)]
pub struct RequestToSign<'a> {
    /// Its method.
    pub method: &'a str,
    /// Host and port, as in `Host`, in lower case.
    pub authority: &'a str,
    /// Its path.
    pub path: &'a str,
    /// Its query, without the question mark.
    pub query: &'a str,
    /// The header `X-Request-Id`.
    pub request_id: &'a str,
    /// The headers that tell of the citizen on whose behalf it is made.
    pub citizen: &'a [(&'a str, &'a str)],
    /// SHA-256 of its body, when it has one.
    pub body_sha256: Option<[u8; 32]>,
    /// Seconds since 1970.
    pub created: i64,
    /// The name of the key: its thumbprint (RFC 7638).
    pub key_id: &'a str,
}

/// What is signed, and what is written in headers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedParts {
    /// The signature base (RFC 9421 section 2.5), to sign with Ed25519.
    pub base: String,
    /// `Signature-Input`.
    pub input: String,
    /// `Content-Digest` (RFC 9530), when there is a body.
    pub digest: Option<String>,
}

/// What to sign. Covered are the method, the authority, the path, the query, the request's id, what
/// is told of a citizen and, when there is one, the body by its digest; a producer checks that all of them are, and that
/// `created` is at most 60 seconds ago.
pub fn signature_of(request: &RequestToSign<'_>) -> SignedParts {
    let digest = request
        .body_sha256
        .map(|hash| format!("sha-256=:{}:", STANDARD.encode(hash)));
    let mut lines = vec![
        ("@method", request.method.to_owned()),
        ("@authority", request.authority.to_owned()),
        ("@path", request.path.to_owned()),
        ("@query", format!("?{}", request.query)),
        ("x-request-id", request.request_id.to_owned()),
    ];
    lines.extend(
        request
            .citizen
            .iter()
            .map(|(name, value)| (*name, (*value).to_owned())),
    );
    lines.extend(digest.clone().map(|digest| ("content-digest", digest)));
    let names: Vec<String> = lines
        .iter()
        .map(|(name, _)| format!("\"{name}\""))
        .collect();
    let parameters = format!(
        "({});created={};keyid=\"{}\";alg=\"ed25519\"",
        names.join(" "),
        request.created,
        request.key_id
    );
    let mut base = String::new();
    for (name, value) in &lines {
        base.push_str(&format!("\"{name}\": {value}\n"));
    }
    base.push_str(&format!("\"@signature-params\": {parameters}"));
    SignedParts {
        base,
        input: format!("gateway={parameters}"),
        digest,
    }
}

impl SignedParts {
    /// The header `Signature` of a signature.
    pub fn header(signature: &[u8]) -> String {
        format!("gateway=:{}:", STANDARD.encode(signature))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_base_is_as_the_rfc_says() {
        let parts = signature_of(&RequestToSign {
            method: "POST",
            authority: "caf.example",
            path: "/v1/a",
            query: "x=1",
            request_id: "r",
            citizen: &[("citizen-level", "eidas2")],
            body_sha256: Some([0; 32]),
            created: 7,
            key_id: "k",
        });
        assert_eq!(
            parts.base,
            "\"@method\": POST\n\"@authority\": caf.example\n\"@path\": /v1/a\n\"@query\": ?x=1\n\
             \"x-request-id\": r\n\"citizen-level\": eidas2\n\
             \"content-digest\": sha-256=:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=:\n\
             \"@signature-params\": (\"@method\" \"@authority\" \"@path\" \"@query\" \
             \"x-request-id\" \"citizen-level\" \"content-digest\");created=7;keyid=\"k\";alg=\"ed25519\""
        );
        assert!(parts.input.starts_with("gateway=(\"@method\""));
        assert_eq!(SignedParts::header(b"x"), "gateway=:eA==:");
    }
}
