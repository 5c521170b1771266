//! The life of a tranche: none releases twice.

kit_acts::coded! {
    /// Where a tranche stands.
    TrancheState {
        /// It waits for its condition and for somebody who releases it.
        Planned = "planned",
        /// Somebody holds it, with a reason.
        Held = "held",
        /// It is released: it can be paid.
        Released = "released",
        /// It is paid.
        Paid = "paid",
        /// It will not be paid: the contract ended before.
        Cancelled = "cancelled",
    }
}

kit_acts::coded! {
    /// What can be done to a tranche.
    TrancheAct {
        /// Release it.
        Release = "release",
        /// Hold it.
        Hold = "hold",
        /// Let it go on.
        Unhold = "unhold",
        /// Record its payment.
        Pay = "pay",
        /// The contract ended before it was paid.
        Cancel = "cancel",
    }
}

impl TrancheState {
    /// Where an act leads; none when it isn't possible.
    pub fn after(self, act: TrancheAct) -> Option<Self> {
        match (self, act) {
            (Self::Planned, TrancheAct::Release) => Some(Self::Released),
            (Self::Planned, TrancheAct::Hold) => Some(Self::Held),
            (Self::Held, TrancheAct::Unhold) => Some(Self::Planned),
            (Self::Released, TrancheAct::Pay) => Some(Self::Paid),
            (Self::Planned | Self::Held | Self::Released, TrancheAct::Cancel) => {
                Some(Self::Cancelled)
            }
            _ => None,
        }
    }

    /// Whether an amendment may still change it.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Planned | Self::Held)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn none_releases_twice(
            acts in proptest::collection::vec(proptest::sample::select(TrancheAct::ALL), 0..40)
        ) {
            let mut state = TrancheState::Planned;
            let (mut released, mut paid) = (0, 0);
            for act in acts {
                let Some(next) = state.after(act) else { continue };
                released += u32::from(act == TrancheAct::Release);
                paid += u32::from(act == TrancheAct::Pay);
                // What is held is never released, what isn't released is never paid.
                prop_assert!(act != TrancheAct::Release || state == TrancheState::Planned);
                prop_assert!(act != TrancheAct::Pay || released == 1);
                state = next;
            }
            prop_assert!(released <= 1 && paid <= released);
        }
    }
}
