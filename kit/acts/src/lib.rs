//! What modules share in which people act on a subject: fields read one by one, with mistakes that
//! name the field and the limit; what is published and when.
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

mod mistake;
mod publication;
mod reader;
mod wording;

pub use mistake::Mistake;
pub use publication::{PUBLICATION_DAYS, Publication, PublicationForm, Redaction, redact};
pub use reader::{Reader, typed};
pub use wording::{MistakeKeys, Wording};
