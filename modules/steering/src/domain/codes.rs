//! Kinds that columns, addresses and words name by a code.

kit_acts::coded! {
    /// What a review and a recommendation look at (decree 2019-1088: five axes).
    Axis {
        /// Whether the project answers a need, with an impact that is told.
        Strategy = "strategy",
        /// What it costs over its life, and who pays.
        Finance = "finance",
        /// Who decides.
        Governance = "governance",
        /// What is built, how, and by whom.
        Delivery = "delivery",
        /// When.
        Planning = "planning",
    }
}

kit_acts::coded! {
    /// By which article of decree 2019-1088 a project is looked at.
    ReviewKind {
        /// The opinion before a large project begins, given within a month.
        Article3 = "article-3",
        /// An audit of any project, at the Prime Minister's or a minister's request: no clock.
        Article4 = "article-4",
    }
}

kit_acts::coded! {
    /// What the directorate thinks of a project.
    Opinion {
        /// It can begin.
        Favourable = "favourable",
        /// It can begin if the recommendations are followed.
        WithReservations = "with-reservations",
        /// It can't begin as it is.
        Unfavourable = "unfavourable",
    }
}

kit_acts::coded! {
    /// Who is consulted on an article 3 file.
    Consulted {
        /// The agency for the security of information systems.
        Anssi = "anssi",
        /// The Budget directorate.
        Budget = "budget",
    }
}

kit_acts::coded! {
    /// What a complete file holds.
    FileItem {
        /// What the project is and for whom.
        Description = "description",
        /// Its cost over its life, staff and taxes included.
        Cost = "cost",
        /// The options that were compared, and why one was chosen.
        Options = "options",
        /// Its stages and their dates.
        Schedule = "schedule",
        /// Who decides, who leads.
        Governance = "governance",
        /// What can go wrong, and what is done about it.
        Risks = "risks",
        /// The security study.
        Security = "security",
        /// What it must change, measured: indicators with baseline, target and date.
        Impact = "impact",
        /// The contracts that are planned.
        Contracts = "contracts",
        /// Personal data, hosting, reuse and reversibility.
        Data = "data",
    }
}

kit_acts::coded! {
    /// Whether a project really changed its course.
    Reoriented {
        /// It did.
        Yes = "yes",
        /// In part.
        Partly = "partly",
        /// It did not.
        No = "no",
        /// Nobody can say yet.
        TooEarly = "too-early",
    }
}

kit_acts::coded! {
    /// How sure somebody is that a project will deliver.
    Confidence {
        /// It will.
        Green = "green",
        /// It may.
        Amber = "amber",
        /// It won't as it is.
        Red = "red",
    }
}

kit_acts::coded! {
    /// Whose confidence.
    Side {
        /// The project's own.
        Own = "own",
        /// The directorate's.
        Independent = "independent",
    }
}
