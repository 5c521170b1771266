//! Settings from a file, the environment and flags, each mistake explained.
//!
//! A program lists its [`Setting`]s once: key, kind, default and help. [`Config::read`] takes the
//! values of a TOML file, then of variables `PREFIX_SECTION__KEY`, then of flags `section.key=value`,
//! the later before the earlier, and names **every** mistake with the place where it was written and
//! what is allowed there. A secret is never shown, and may be kept in a file of its own, named by
//! `section.key_file`.

mod config;
mod mistake;
mod place;
mod setting;
mod show;

pub use config::{Config, FILE_BYTES_MAX, Inputs};
pub use mistake::{Mistake, Mistakes, Wrong};
pub use place::Place;
pub use setting::{Kind, Setting};
