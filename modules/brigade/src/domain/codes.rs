//! Kinds that columns, addresses and words name by a code.

/// Declares an enumeration whose members have codes. (A code is a `tt`: as a `literal` the API's
/// description would not see through to it.)
macro_rules! coded {
    ($(#[$meta:meta])* $name:ident { $($(#[$of:meta])* $member:ident = $code:tt,)+ }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
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

coded! {
    /// How well somebody knows a trade: the better, the greater.
    SkillLevel {
        /// Can help.
        Basic = "basic",
        /// Works alone.
        Confirmed = "confirmed",
        /// Is asked by the others.
        Expert = "expert",
    }
}

coded! {
    /// How somebody is employed.
    Employer {
        /// An agent of the State.
        Agent = "agent",
        /// Somebody whose company is paid.
        Contractor = "contractor",
    }
}

coded! {
    /// What asked for the brigade.
    RequestOrigin {
        /// A ministry, by the form.
        Ministry = "ministry",
        /// An alert of the watch.
        Alert = "alert",
        /// A ministry's conference.
        Conference = "conference",
        /// A decision.
        Decision = "decision",
    }
}

pub(crate) use coded;
