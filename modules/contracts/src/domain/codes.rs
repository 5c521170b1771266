//! Kinds that columns, addresses and words name by a code.

kit_acts::coded! {
    /// What the directorate gives.
    #[schema(as = ContractKind)]
    Kind {
        /// People: days by expertise.
        Human = "human",
        /// Money: tranches.
        Money = "money",
    }
}

kit_acts::coded! {
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

kit_acts::coded! {
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

kit_acts::coded! {
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

kit_acts::coded! {
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

kit_acts::coded! {
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

kit_acts::coded! {
    /// Who signs.
    #[schema(as = ContractSide)]
    Side {
        /// The digital directorate.
        Directorate = "directorate",
        /// The ministry.
        Ministry = "ministry",
    }
}
