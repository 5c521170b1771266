//! What modules share in which people act on a subject: fields read one by one, with mistakes that
//! name the field and the limit; what is published and when; the list of what happened; forms that
//! are shown again with what is wrong; mails to those whom a step concerns.
//!
//! The words stay with the module. It says once how their keys begin:
//!
//! ```ignore
//! pub(crate) const WORDING: Wording = kit_acts::wording!("garden");
//!
//! let mut reader = WORDING.reader();
//! let name = reader.needed("name", &form.name, 200); // else `garden-mistake-missing`
//! reader.done(name)?
//! ```

mod coded;
mod events;
mod form;
mod mails;
mod mistake;
mod publication;
mod reader;
mod wording;
mod words;

pub use events::{Event, Events, Happening, read_event};
pub use form::{Asked, Refused, Trouble, conclude, invalid, version};
pub use mails::{News, Post, Told};
pub use mistake::Mistake;
pub use publication::{PUBLICATION_DAYS, Publication, PublicationForm, Redaction, redact};
pub use reader::{Reader, typed};
pub use wording::{MistakeKeys, Wording};
pub use words::{
    address, cursor, day, day_text, euros, filled, mistake_text, named, pair, place, plan_form,
    short, three,
};

#[doc(hidden)]
pub use kit_db::Statement;
