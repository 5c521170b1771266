//! Work that must happen later: enqueued in the transaction that causes it, so that it is neither
//! lost nor done for a change that wasn't kept; tried again with growing pauses; visible to the
//! operator with its progress.
//!
//! A worker takes a job under a lease. A worker that dies lets its lease run out and another one
//! takes the job again: handlers must bear being run twice.

mod queue;
mod worker;

pub use queue::{Job, JobState, Jobs, MIGRATIONS, NewJob, statements};
pub use worker::{Handler, JobError, Progress, Running, Worker};
