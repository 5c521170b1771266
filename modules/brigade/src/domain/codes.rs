//! Kinds that columns, addresses and words name by a code.

kit_acts::coded! {
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

kit_acts::coded! {
    /// How somebody is employed.
    Employer {
        /// An agent of the State.
        Agent = "agent",
        /// Somebody whose company is paid.
        Contractor = "contractor",
    }
}

kit_acts::coded! {
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
