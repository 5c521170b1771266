//! Keeps the granted fields of a JSON text and leaves out all others, as its bytes flow by.
//!
//! Bytes in, bytes out, in whatever chunks they come: nothing of the text is held but the name that
//! is being read and one bit for each level of nesting, so a text of a gigabyte needs what one of a
//! kilobyte needs. The whole text is checked, what is left out as well: one that isn't JSON in UTF-8
//! (RFC 8259) is refused at its first wrong byte.
//!
//! # What is kept
//!
//! [`Fields`] are paths of names joined by `.`; `*` stands for each item of a list.
//!
//! - A path opens all that is below it: `name` keeps `{"name":{"first":"A"}}` whole.
//! - What stands on the way is kept as far as it leads somewhere: of an object those members of which
//!   something is opened, of a list (by `*`) those items. A value of another kind than the path says,
//!   such as `null` where `a.b` expects an object, is left out: it would be a field that isn't
//!   granted.
//! - The text itself is never left out: when its value isn't of the kind that the paths begin with,
//!   `null` comes out.
//! - Names are compared after their escapes are resolved, byte by byte. No other normal form is
//!   applied: two names that look the same and differ in bytes differ.
//! - A name on the way that is opened and stands twice in one object is refused
//!   ([`MaskErrorKind::Duplicate`]): two readers could see two different answers. Names that are left
//!   out may come twice, since nobody sees them, and so may names within what is opened whole, since
//!   either reading of it is granted.
//! - Numbers and texts come out as they were written. Insignificant white space comes out within
//!   what is opened whole, and not outside of it.

mod fields;
mod filter;
mod number;
mod text;

#[cfg(test)]
mod tests;

pub use fields::{Fields, FieldsError, NAMES_MAX, PATH_BYTES_MAX, PATH_STEPS_MAX, PATHS_MAX};
pub use filter::{DEPTH_MAX, Mask, MaskError, MaskErrorKind};
