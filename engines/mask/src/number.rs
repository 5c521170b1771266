//! Numbers, RFC 8259 section 6, byte by byte.

/// What of a number was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Number {
    /// `-`
    Sign,
    /// `0`, behind which no digit may stand.
    Zero,
    /// Digits before the point.
    Whole,
    /// `.`
    Point,
    /// Digits behind the point.
    Fraction,
    /// `e`
    Exponent,
    /// `e-`
    ExponentSign,
    /// Digits of the exponent.
    ExponentDigits,
}

/// What a byte does to a number.
pub(crate) enum Step {
    /// It belongs to it.
    Goes(Number),
    /// It stands behind it.
    Ends,
    /// Neither.
    Wrong,
}

impl Number {
    /// The state after a first byte; `None` when no number begins so.
    pub(crate) fn begin(byte: u8) -> Option<Self> {
        match byte {
            b'-' => Some(Self::Sign),
            b'0' => Some(Self::Zero),
            b'1'..=b'9' => Some(Self::Whole),
            _ => None,
        }
    }

    /// Whether the number may end here.
    pub(crate) fn is_whole(self) -> bool {
        matches!(
            self,
            Self::Zero | Self::Whole | Self::Fraction | Self::ExponentDigits
        )
    }

    pub(crate) fn step(self, byte: u8) -> Step {
        let next = match (self, byte) {
            (Self::Sign, b'0') => Self::Zero,
            (Self::Sign, b'1'..=b'9') | (Self::Whole, b'0'..=b'9') => Self::Whole,
            (Self::Zero | Self::Whole, b'.') => Self::Point,
            (Self::Point | Self::Fraction, b'0'..=b'9') => Self::Fraction,
            (Self::Zero | Self::Whole | Self::Fraction, b'e' | b'E') => Self::Exponent,
            (Self::Exponent, b'+' | b'-') => Self::ExponentSign,
            (Self::Exponent | Self::ExponentSign | Self::ExponentDigits, b'0'..=b'9') => {
                Self::ExponentDigits
            }
            (Self::Zero, b'0'..=b'9') => return Step::Wrong,
            _ if self.is_whole() => return Step::Ends,
            _ => return Step::Wrong,
        };
        Step::Goes(next)
    }
}
