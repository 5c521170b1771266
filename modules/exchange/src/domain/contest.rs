//! What people contest of calls about them, and what is answered.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::api::{codes, is_mail};
use super::mistake::{Mistake, Reader};

/// Longest text of somebody who contests, in characters.
pub const CONTEST_CHARS_MAX: usize = 2_000;
/// Longest answer, in characters.
pub const ANSWER_CHARS_MAX: usize = 2_000;
/// Most contests of one person that wait for an answer.
pub const OPEN_CONTESTS_MAX: i64 = 20;

codes! {
    /// Where a contest stands.
    ContestState {
        /// It waits for an answer.
        Open => "open",
        /// The person was right.
        Founded => "founded",
        /// The call was lawful.
        Unfounded => "unfounded",
    }
}

impl ContestState {
    /// Whether it is an answer.
    pub fn is_answer(self) -> bool {
        self != Self::Open
    }
}

/// What somebody says against a call, as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ContestForm {
    /// Why: at most 2,000 characters.
    pub body: String,
    /// Where the answer is sent; empty: it is read on the page.
    pub mail: String,
}

impl ContestForm {
    /// The text and the address without surrounding blanks.
    pub fn read(&self) -> Result<(String, String), Vec<Mistake>> {
        let mut read = Reader::default();
        let body = read.text("body", &self.body, true, CONTEST_CHARS_MAX);
        let mail = self.mail.trim();
        if !mail.is_empty() && !is_mail(mail) {
            read.wrong("mail", "exchange-mistake-mail", mail);
        }
        if read.mistakes.is_empty() {
            Ok((body, mail.to_owned()))
        } else {
            Err(read.mistakes)
        }
    }
}

/// An answer: its state and its text without surrounding blanks.
pub fn check_answer(state: &str, answer: &str) -> Result<(ContestState, String), Vec<Mistake>> {
    let mut read = Reader::default();
    let known = ContestState::parse(state).filter(|state| state.is_answer());
    if known.is_none() {
        read.wrong("state", "exchange-mistake-missing", "");
    }
    let answer = read.text("answer", answer, true, ANSWER_CHARS_MAX);
    match known {
        Some(state) if read.mistakes.is_empty() => Ok((state, answer)),
        _ => Err(read.mistakes),
    }
}

/// What of a contest the person sees beside the call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Contested {
    /// Where it stands.
    pub state: ContestState,
    /// When it was made.
    pub made_at: Timestamp,
    /// What was answered, and when.
    pub answer: Option<(String, Timestamp)>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields<T>(read: Result<T, Vec<Mistake>>) -> Vec<&'static str> {
        let mistakes = read.err().unwrap_or_default();
        mistakes.into_iter().map(|one| one.field).collect()
    }

    #[test]
    fn a_contest_says_why_within_its_limit() {
        let form = |body: &str, mail: &str| ContestForm {
            body: body.into(),
            mail: mail.into(),
        };
        let read = form(" Je n’ai pas d’enfant. ", " a@b.example ").read();
        assert_eq!(
            read,
            Ok(("Je n’ai pas d’enfant.".into(), "a@b.example".into()))
        );
        assert!(form(&"é".repeat(CONTEST_CHARS_MAX), "").read().is_ok());
        assert_eq!(
            fields(form(&"é".repeat(CONTEST_CHARS_MAX + 1), "").read()),
            ["body"]
        );
        assert_eq!(fields(form(" ", "nobody").read()), ["body", "mail"]);
        assert_eq!(fields(form("a\0b", "").read()), ["body"]);
    }

    #[test]
    fn an_answer_says_yes_or_no_and_why() {
        let read = check_answer("founded", "L’accès n’avait pas lieu d’être.");
        assert_eq!(read.map(|(state, _)| state), Ok(ContestState::Founded));
        assert_eq!(fields(check_answer("open", "x")), ["state"]);
        assert_eq!(fields(check_answer("", "")), ["state", "answer"]);
        assert_eq!(
            fields(check_answer("unfounded", &"x".repeat(2_001))),
            ["answer"]
        );
    }
}
