//! Kinds that columns, addresses and words name by a code.

/// Declares an enumeration whose members have codes. (A code is a `tt`: as a `literal` the API's
/// description would not see through to it.) The crate that uses it needs `serde` and `utoipa`.
#[macro_export]
macro_rules! coded {
    ($(#[$meta:meta])* $name:ident { $($(#[$of:meta])* $member:ident = $code:tt,)+ }) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
        $(#[$meta])*
        pub enum $name {
            $($(#[$of])* #[serde(rename = $code)] $member,)+
        }

        impl $name {
            /// Every member, in the order in which pages offer them.
            pub const ALL: &[Self] = &[$(Self::$member),+];

            /// Its name in columns, addresses and words.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$member => $code),+ }
            }

            /// The member of a name.
            pub fn parse(code: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.code() == code)
            }
        }
    };
}
