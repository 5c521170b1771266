//! Kinds that columns, addresses and words name by a code.

kit_acts::coded! {
    /// Where a six-monthly review stands.
    #[schema(as = StartupReviewState)]
    ReviewState {
        /// It is announced: nobody prepared anything.
        Due = "due",
        /// The team writes.
        Preparing = "preparing",
        /// The committee reads: the figures are frozen.
        Committee = "committee",
        /// It ended in a decision.
        Decided = "decided",
    }
}

kit_acts::coded! {
    /// How far a product has come, in order.
    Level {
        /// People can use it.
        Usable = "usable",
        /// People use it.
        Used = "used",
        /// It serves those who use it.
        Useful = "useful",
        /// It changes what it was made to change.
        Impactful = "impactful",
        /// It does so for what it costs.
        Efficient = "efficient",
    }
}

kit_acts::coded! {
    /// What a committee decides of a start-up.
    #[schema(as = StartupDecisionKind)]
    DecisionKind {
        /// It goes on in its phase.
        Continue = "continue",
        /// It goes to the next phase.
        Accelerate = "accelerate",
        /// Another organisation takes it over.
        Transfer = "transfer",
        /// It ends.
        Stop = "stop",
    }
}

kit_acts::coded! {
    /// What a product of national impact meets.
    Criterion {
        /// It serves the whole country.
        Nationwide = "nationwide",
        /// Its figure passes a significant threshold.
        Threshold = "threshold",
        /// It can be used by everybody (RGAA).
        Accessibility = "accessibility",
        /// Its security was approved (homologation).
        Security = "security",
        /// Personal data are kept as the law asks.
        Data = "data",
        /// Its source code is open.
        OpenSource = "open-source",
    }
}

kit_acts::coded! {
    /// What a check by the directorate says.
    Check {
        /// The evidence shows it.
        Met = "met",
        /// The evidence doesn't show it.
        NotMet = "not-met",
    }
}

kit_acts::coded! {
    /// Whether a product has national impact.
    NationalResult {
        /// Every criterion is met and checked.
        National = "national",
        /// A criterion isn't met.
        NotNational = "not-national",
        /// Something isn't answered, checked or measured yet.
        Unknown = "unknown",
    }
}

kit_acts::coded! {
    /// What a priority of the Government lacks.
    Gap {
        /// No product serves it.
        NoProduct = "no-product",
        /// None of its live products has an indicator.
        NoIndicator = "no-indicator",
        /// No indicator of its products has a figure of the last twelve months.
        NoFigure = "no-figure",
        /// A target of its products was missed.
        MissedTarget = "missed-target",
    }
}
