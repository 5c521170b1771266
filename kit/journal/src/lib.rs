//! The journal: every change of state appends, in its own transaction, one entry that says who did
//! what, on which subject, with the state before and after.
//!
//! It is the audit trail, the outbox for other modules, and the source of automatic figures.
//! Entries are numbered without gaps in the order in which their transactions commit (a number is
//! taken under the lock of `journal_head`, which the transaction keeps until it ends), and never
//! change: the database itself refuses. Personal data of citizens never enters an entry: a subject
//! id does.

mod entry;
mod subscriber;

pub use entry::{Change, Entry, Filter, Journal, MIGRATIONS, Subject, statements};
pub use subscriber::{Handled, Subscriber, SubscriberState, Subscribers};
