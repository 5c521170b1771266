//! Where and how an authorization request is answered.

use super::request::{Params, STATE_BYTES_MAX};

/// How the answer reaches the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ResponseMode {
    /// In the address.
    #[default]
    Query,
    /// In a form that the browser sends (OAuth 2.0 Form Post Response Mode).
    FormPost,
    /// In the address, signed as a whole (JARM).
    QueryJwt,
    /// In a form, signed as a whole (JARM).
    FormPostJwt,
}

impl ResponseMode {
    /// Every mode with its name; `jwt` is the shorter name of `query.jwt` for codes.
    pub const ALL: [(&'static str, Self); 5] = [
        ("query", Self::Query),
        ("form_post", Self::FormPost),
        ("jwt", Self::QueryJwt),
        ("query.jwt", Self::QueryJwt),
        ("form_post.jwt", Self::FormPostJwt),
    ];

    /// The mode of a name.
    pub fn parse(name: &str) -> Option<Self> {
        let found = Self::ALL.into_iter().find(|(known, _)| *known == name);
        found.map(|(_, mode)| mode)
    }

    /// Whether the answer is signed.
    pub fn is_signed(self) -> bool {
        matches!(self, Self::QueryJwt | Self::FormPostJwt)
    }

    /// Whether the browser sends a form.
    pub fn is_form(self) -> bool {
        matches!(self, Self::FormPost | Self::FormPostJwt)
    }
}

/// Where and how to answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReturnTo {
    /// One of the client's addresses.
    pub redirect_uri: String,
    /// What the client recognises its request by.
    pub state: Option<String>,
    /// How.
    pub mode: ResponseMode,
}

impl ReturnTo {
    /// What a request says of its answer; a state that is too long is left out, an unknown mode is
    /// the usual one: mistakes have to be told somehow.
    pub fn read(redirect_uri: &str, params: &Params) -> Self {
        let state = params.get("state");
        let mode = params.get("response_mode").and_then(ResponseMode::parse);
        Self {
            redirect_uri: redirect_uri.to_owned(),
            state: state
                .filter(|state| state.len() <= STATE_BYTES_MAX)
                .map(str::to_owned),
            mode: mode.unwrap_or_default(),
        }
    }
}
