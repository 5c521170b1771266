//! Kinds that columns, addresses and words name by a code.

/// Declares an enumeration whose members have codes. (A code is a `tt`: as a `literal` the API's
/// description would not see through to it.)
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

coded! {
    /// What the directorate gives.
    #[schema(as = ContractKind)]
    Kind {
        /// People: days by expertise.
        Human = "human",
        /// Money: tranches.
        Money = "money",
    }
}

coded! {
    /// What people are given for.
    Expertise {
        /// Coaching of teams and of those who decide.
        Coaching = "coaching",
        /// Accessibility.
        Accessibility = "accessibility",
        /// Cloud.
        Cloud = "cloud",
        /// Research with users and design.
        Ux = "ux",
        /// Building and running.
        Devops = "devops",
        /// Eco-design.
        EcoDesign = "eco-design",
        /// Security.
        Security = "security",
        /// Data.
        Data = "data",
    }
}

coded! {
    /// The doctrines of the State's digital directorate that a contract can demand.
    Doctrine {
        /// Cloud at the centre.
        Cloud = "cloud",
        /// Data: open, shared, asked once.
        Data = "data",
        /// Free software and commons.
        FreeSoftware = "free-software",
        /// Eco-design.
        EcoDesign = "eco-design",
        /// The State's design system.
        Design = "design",
        /// Accessibility.
        Accessibility = "accessibility",
        /// Security.
        Security = "security",
        /// The State's digital identity.
        Identity = "identity",
    }
}

coded! {
    /// Where a clause stands.
    CheckState {
        /// Nobody looked yet.
        NotChecked = "not-checked",
        /// It is met.
        Met = "met",
        /// It isn't.
        NotMet = "not-met",
        /// It does not apply after all.
        NotApplicable = "not-applicable",
    }
}

coded! {
    /// What happens when targets are missed.
    Consequence {
        /// The product changes course.
        Reorient = "reorient",
        /// The support is suspended.
        Suspend = "suspend",
        /// The support stops.
        Stop = "stop",
    }
}

coded! {
    /// What a review of a contract concludes.
    Outcome {
        /// It goes on.
        Continue = "continue",
        /// The product changes course: an amendment follows.
        Reorient = "reorient",
        /// Tranches that are not released are held.
        Suspend = "suspend",
        /// It has to be terminated.
        Stop = "stop",
    }
}

coded! {
    /// Who signs.
    #[schema(as = ContractSide)]
    Side {
        /// The digital directorate.
        Directorate = "directorate",
        /// The ministry.
        Ministry = "ministry",
    }
}

pub(crate) use coded;
