//! The addresses that services and their browsers call.

mod answers;
mod authorize;
mod calls;
mod described;
mod discovery;
mod logout;
mod relay;

use kit_http::{Method, ModuleRoutes, Routes};

use crate::Identity;
use crate::access::PROTOCOL;

/// Where each part of the protocol is.
pub(crate) const AUTHORIZE: &str = "/api/v2/authorize";
/// See [`AUTHORIZE`].
pub(crate) const TOKEN: &str = "/api/v2/token";
/// See [`AUTHORIZE`].
pub(crate) const USERINFO: &str = "/api/v2/userinfo";
/// See [`AUTHORIZE`].
pub(crate) const JWKS: &str = "/api/v2/jwks";
/// See [`AUTHORIZE`].
pub(crate) const INTROSPECTION: &str = "/api/v2/introspection";
/// See [`AUTHORIZE`].
pub(crate) const REVOCATION: &str = "/api/v2/revocation";
/// See [`AUTHORIZE`].
pub(crate) const PUSHED: &str = "/api/v2/par";
/// See [`AUTHORIZE`].
pub(crate) const END_SESSION: &str = "/api/v2/session/end";
/// See [`AUTHORIZE`].
pub(crate) const DEVICE: &str = "/api/v2/device";
/// Where the relay takes requests; the answer to one goes below it.
const RELAY: &str = "/api/v2/relay/calls";
/// Where providers say that sessions ended.
const PROVIDER_LOGOUT: &str = "/api/v2/provider/{code}/logout";
/// What a program asks first (OpenID Connect Discovery).
const DISCOVERY: &str = "/.well-known/openid-configuration";
/// The same for programs that know OAuth only (RFC 8414).
const METADATA: &str = "/.well-known/oauth-authorization-server";

pub(crate) fn routes(identity: Identity) -> ModuleRoutes {
    let mut routes = Routes::new("identity")
        .protocol(Method::GET, DISCOVERY, &PROTOCOL, discovery::show)
        .protocol(Method::GET, METADATA, &PROTOCOL, discovery::show)
        .protocol(Method::GET, JWKS, &PROTOCOL, discovery::jwks)
        .protocol(Method::GET, AUTHORIZE, &PROTOCOL, authorize::begin)
        .protocol(Method::POST, AUTHORIZE, &PROTOCOL, authorize::again_by_get)
        .protocol(Method::POST, TOKEN, &PROTOCOL, calls::token)
        .protocol(Method::GET, USERINFO, &PROTOCOL, calls::userinfo)
        .protocol(Method::POST, USERINFO, &PROTOCOL, calls::userinfo_by_form)
        .protocol(Method::POST, INTROSPECTION, &PROTOCOL, calls::introspection)
        .protocol(Method::POST, REVOCATION, &PROTOCOL, calls::revocation)
        .protocol(Method::POST, PUSHED, &PROTOCOL, calls::pushed)
        .protocol(Method::POST, DEVICE, &PROTOCOL, calls::device)
        .protocol(Method::POST, PROVIDER_LOGOUT, &PROTOCOL, calls::ended_there)
        .protocol(Method::GET, END_SESSION, &PROTOCOL, logout::end)
        .protocol(Method::POST, END_SESSION, &PROTOCOL, logout::again_by_get)
        .protocol(Method::POST, RELAY, &PROTOCOL, relay::take)
        .protocol(
            Method::POST,
            "/api/v2/relay/calls/{id}",
            &PROTOCOL,
            relay::answer,
        );
    for path in [TOKEN, USERINFO, JWKS, REVOCATION, PUSHED, DISCOVERY] {
        routes = routes.protocol(Method::OPTIONS, path, &PROTOCOL, answers::preflight);
    }
    routes.with_state(identity)
}

pub(crate) use answers::{
    basic_of, error_page, go_on, json_answer, local, no_store, params_of, public_json, refused,
    token_answer,
};
pub(crate) use authorize::{brought, shown};
pub use described::openapi;
pub(crate) use logout::signed_out;
