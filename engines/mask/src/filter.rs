//! The filter: one state for the grammar, one for what is kept.

use std::sync::Arc;

use crate::fields::{Fields, Node};
use crate::number::{Number, Step as NumberStep};
use crate::text::{Step as TextStep, Text, plain_run};

/// Levels of nesting that are read; the outermost list or object is the first.
pub const DEPTH_MAX: u8 = 64;

/// Why a text is refused, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{kind}, at byte {at}")]
pub struct MaskError {
    /// How many bytes came before the one that is wrong.
    pub at: u64,
    /// What is wrong.
    pub kind: MaskErrorKind,
}

/// What is wrong with a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MaskErrorKind {
    /// It isn't JSON in UTF-8, or something stands behind its end.
    #[error("it isn't JSON")]
    Syntax,
    /// It ended before its value did.
    #[error("it ended too soon")]
    Unfinished,
    /// Over [`DEPTH_MAX`].
    #[error("it is nested deeper than {DEPTH_MAX} levels")]
    Depth,
    /// A name that is opened stands twice in one object.
    #[error("a name stands twice")]
    Duplicate,
}

/// Where in the grammar the next byte stands.
#[derive(Debug, Clone, Copy)]
enum Expect {
    Value,
    ValueOrEnd,
    NameOrEnd,
    Name,
    InName(Text),
    Colon,
    InText(Text),
    InNumber(Number),
    /// The rest of `true`, `false` or `null`.
    InLiteral(&'static [u8]),
    /// A comma, the end of what is open, or of the text.
    Behind,
}

/// An object or a list of which a part is kept.
#[derive(Debug)]
struct Open {
    node: u32,
    /// Whether something of it was written.
    has_some: bool,
    /// Which opened names stood in it.
    seen: [u64; 4],
}

/// A text that flows by.
#[derive(Debug)]
pub struct Mask {
    fields: Arc<Fields>,
    expect: Expect,
    /// One bit a level, the innermost lowest: whether it is an object.
    kinds: u64,
    depth: u8,
    opens: Vec<Open>,
    /// The depth at which the value began that is now written, or left out, as a whole.
    whole: Option<u8>,
    /// Whether that value is written.
    is_kept: bool,
    /// The node of the next value; `None` when it is left out.
    next: Option<u32>,
    /// The name that is read, as far as it can still be one that is opened.
    name: Vec<u8>,
    is_name_known: bool,
    /// Bytes that came in former chunks.
    before: u64,
}

type Read = Result<(), MaskErrorKind>;

impl Mask {
    /// Begins a text of which these fields are kept.
    pub fn new(fields: Arc<Fields>) -> Self {
        let name = Vec::with_capacity(fields.name_bytes_max);
        Self {
            fields,
            expect: Expect::Value,
            kinds: 0,
            depth: 0,
            opens: Vec::new(),
            whole: None,
            is_kept: false,
            next: Some(0),
            name,
            is_name_known: false,
            before: 0,
        }
    }

    /// Reads the next bytes and appends what is kept of them to `out`. After an error the text can't
    /// be gone on with, and what was appended must not be used.
    pub fn push(&mut self, chunk: &[u8], out: &mut Vec<u8>) -> Result<(), MaskError> {
        let mut cursor = Cursor {
            chunk,
            at: 0,
            from: self.is_copying().then_some(0),
            out,
        };
        loop {
            // Most bytes stand for themselves in a text or a name: they are passed over together.
            match self.expect {
                Expect::InText(Text::Plain) => cursor.at += plain_run(cursor.rest()),
                Expect::InName(Text::Plain) => {
                    let rest = cursor.rest();
                    let run = plain_run(rest);
                    self.name_goes_on(rest.get(..run).unwrap_or_default());
                    cursor.at += run;
                }
                _ => {}
            }
            let Some(&byte) = chunk.get(cursor.at) else {
                break;
            };
            self.byte(byte, &mut cursor).map_err(|kind| MaskError {
                at: self.before + cursor.at as u64,
                kind,
            })?;
            cursor.at += 1;
        }
        if let Some(from) = cursor.from {
            let copied = chunk.get(from..).unwrap_or_default();
            cursor.out.extend_from_slice(copied);
        }
        self.before += chunk.len() as u64;
        Ok(())
    }

    /// Ends the text.
    pub fn finish(&mut self, out: &mut Vec<u8>) -> Result<(), MaskError> {
        let fail = |at, kind| Err(MaskError { at, kind });
        if let Expect::InNumber(number) = self.expect
            && self.depth == 0
            && number.is_whole()
        {
            let mut cursor = Cursor {
                chunk: &[],
                at: 0,
                from: None,
                out,
            };
            self.ended(&mut cursor, false);
        }
        match self.expect {
            Expect::Behind if self.depth == 0 => Ok(()),
            _ => fail(self.before, MaskErrorKind::Unfinished),
        }
    }

    fn is_copying(&self) -> bool {
        self.whole.is_some() && self.is_kept
    }

    #[inline]
    fn byte(&mut self, byte: u8, cursor: &mut Cursor<'_>) -> Read {
        match self.expect {
            Expect::InText(text) => self.in_text(text, byte, cursor),
            Expect::InName(text) => self.in_name(text, byte),
            Expect::InNumber(number) => match number.step(byte) {
                NumberStep::Goes(number) => {
                    self.expect = Expect::InNumber(number);
                    Ok(())
                }
                NumberStep::Ends => {
                    self.ended(cursor, false);
                    if is_blank(byte) {
                        return Ok(());
                    }
                    self.behind(byte, cursor)
                }
                NumberStep::Wrong => Err(MaskErrorKind::Syntax),
            },
            Expect::InLiteral(rest) => match rest.split_first() {
                Some((wanted, rest)) if *wanted == byte => {
                    self.expect = Expect::InLiteral(rest);
                    if rest.is_empty() {
                        self.ended(cursor, true);
                    }
                    Ok(())
                }
                _ => Err(MaskErrorKind::Syntax),
            },
            _ if is_blank(byte) => Ok(()),
            Expect::ValueOrEnd if byte == b']' => {
                self.close(cursor);
                Ok(())
            }
            Expect::Value | Expect::ValueOrEnd => self.begin(byte, cursor),
            Expect::NameOrEnd if byte == b'}' => {
                self.close(cursor);
                Ok(())
            }
            Expect::NameOrEnd | Expect::Name if byte == b'"' => {
                self.name.clear();
                self.is_name_known = self.whole.is_none();
                self.expect = Expect::InName(Text::Plain);
                Ok(())
            }
            Expect::Colon if byte == b':' => {
                self.expect = Expect::Value;
                Ok(())
            }
            Expect::Behind => self.behind(byte, cursor),
            Expect::NameOrEnd | Expect::Name | Expect::Colon => Err(MaskErrorKind::Syntax),
        }
    }

    fn in_text(&mut self, text: Text, byte: u8, cursor: &mut Cursor<'_>) -> Read {
        match text.step(byte) {
            TextStep::Goes(text) | TextStep::Byte(text, _) => self.expect = Expect::InText(text),
            TextStep::Character(_) => self.expect = Expect::InText(Text::Plain),
            TextStep::Ends => self.ended(cursor, true),
            TextStep::Wrong => return Err(MaskErrorKind::Syntax),
        }
        Ok(())
    }

    fn in_name(&mut self, text: Text, byte: u8) -> Read {
        let text = match text.step(byte) {
            TextStep::Goes(text) => text,
            TextStep::Byte(text, byte) => {
                self.name_goes_on(&[byte]);
                text
            }
            TextStep::Character(character) => {
                self.name_goes_on(character.encode_utf8(&mut [0; 4]).as_bytes());
                Text::Plain
            }
            TextStep::Ends => {
                self.expect = Expect::Colon;
                return self.named();
            }
            TextStep::Wrong => return Err(MaskErrorKind::Syntax),
        };
        self.expect = Expect::InName(text);
        Ok(())
    }

    /// Keeps bytes of a name as long as it can be one that is opened.
    fn name_goes_on(&mut self, bytes: &[u8]) {
        if self.is_name_known {
            self.is_name_known = self.name.len() + bytes.len() <= self.fields.name_bytes_max;
            if self.is_name_known {
                self.name.extend_from_slice(bytes);
            }
        }
    }

    /// A name is whole: whether its value is kept.
    fn named(&mut self) -> Read {
        if self.whole.is_some() {
            return Ok(());
        }
        self.next = None;
        let Some(open) = self.opens.last_mut() else {
            return Ok(());
        };
        let node = self.fields.node(open.node);
        let found = node.filter(|_| self.is_name_known);
        let Some((place, named)) = found.and_then(|node| node.named(&self.name)) else {
            return Ok(());
        };
        if let Some(word) = open.seen.get_mut(place / 64) {
            let bit = 1 << (place % 64);
            if *word & bit != 0 {
                return Err(MaskErrorKind::Duplicate);
            }
            *word |= bit;
        }
        self.next = Some(named.node);
        Ok(())
    }

    /// The first byte of a value.
    fn begin(&mut self, byte: u8, cursor: &mut Cursor<'_>) -> Read {
        let opens = self.whole.is_none() && self.decide(byte, cursor);
        match byte {
            b'{' | b'[' => {
                if self.depth >= DEPTH_MAX {
                    return Err(MaskErrorKind::Depth);
                }
                let is_object = byte == b'{';
                self.kinds = (self.kinds << 1) | u64::from(is_object);
                self.depth += 1;
                if opens && let Some(node) = self.next {
                    cursor.out.push(byte);
                    self.opens.push(Open {
                        node,
                        has_some: false,
                        seen: [0; 4],
                    });
                    if !is_object {
                        self.next = self.fields.node(node).and_then(|node| node.each);
                    }
                }
                self.expect = if is_object {
                    Expect::NameOrEnd
                } else {
                    Expect::ValueOrEnd
                };
            }
            b'"' => self.expect = Expect::InText(Text::Plain),
            b't' => self.expect = Expect::InLiteral(b"rue"),
            b'f' => self.expect = Expect::InLiteral(b"alse"),
            b'n' => self.expect = Expect::InLiteral(b"ull"),
            _ => {
                let number = Number::begin(byte).ok_or(MaskErrorKind::Syntax)?;
                self.expect = Expect::InNumber(number);
            }
        }
        Ok(())
    }

    /// Decides on a value that begins outside of anything that is kept or left out as a whole.
    /// Whether it is an object or a list of which a part may be kept.
    fn decide(&mut self, byte: u8, cursor: &mut Cursor<'_>) -> bool {
        let node = self.next.and_then(|number| self.fields.node(number));
        let is_whole = node.is_some_and(|node| node.is_whole);
        let opens = !is_whole
            && node.is_some_and(|node| match byte {
                b'{' => node.opens_objects(),
                b'[' => node.each.is_some(),
                _ => false,
            });
        if !opens {
            self.whole = Some(self.depth);
            self.is_kept = is_whole;
        }
        if is_whole || opens {
            Self::introduce(
                &mut self.opens,
                &self.fields,
                self.next,
                self.kinds,
                cursor.out,
            );
        } else if self.depth == 0 {
            cursor.out.extend_from_slice(b"null");
        }
        if is_whole {
            cursor.from = Some(cursor.at);
        }
        opens
    }

    /// Writes what stands before a value: a comma, its name.
    fn introduce(
        opens: &mut [Open],
        fields: &Fields,
        next: Option<u32>,
        kinds: u64,
        out: &mut Vec<u8>,
    ) {
        let Some(open) = opens.last_mut() else {
            return;
        };
        if open.has_some {
            out.push(b',');
        }
        open.has_some = true;
        let is_object = kinds & 1 == 1;
        if is_object && let (Some(node), Some(next)) = (fields.node(open.node), next) {
            out.extend_from_slice(node.written(next));
        }
    }

    /// A value is over; `inclusive` when the byte at the cursor is its last one.
    fn ended(&mut self, cursor: &mut Cursor<'_>, inclusive: bool) {
        self.expect = Expect::Behind;
        if self.whole == Some(self.depth) {
            self.whole = None;
            if let Some(from) = cursor.from.take() {
                let to = cursor.at + usize::from(inclusive);
                let copied = cursor.chunk.get(from..to).unwrap_or_default();
                cursor.out.extend_from_slice(copied);
            }
        }
    }

    fn behind(&mut self, byte: u8, cursor: &mut Cursor<'_>) -> Read {
        let is_object = self.kinds & 1 == 1;
        match byte {
            _ if self.depth == 0 => return Err(MaskErrorKind::Syntax),
            b',' if is_object => self.expect = Expect::Name,
            b',' => {
                if self.whole.is_none() {
                    let open = self.opens.last().map(|open| open.node);
                    let node = open.and_then(|node| self.fields.node(node));
                    self.next = node.and_then(|node| node.each);
                }
                self.expect = Expect::Value;
            }
            b'}' if is_object => self.close(cursor),
            b']' if !is_object => self.close(cursor),
            _ => return Err(MaskErrorKind::Syntax),
        }
        Ok(())
    }

    /// The innermost object or list closes.
    fn close(&mut self, cursor: &mut Cursor<'_>) {
        if self.whole.is_none() {
            let is_object = self.kinds & 1 == 1;
            cursor.out.push(if is_object { b'}' } else { b']' });
            self.opens.pop();
        }
        self.kinds >>= 1;
        self.depth -= 1;
        self.ended(cursor, true);
    }
}

/// Whether a byte may stand between two values (RFC 8259 section 2).
fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

/// Where a chunk is read, and where it is written to.
struct Cursor<'c> {
    chunk: &'c [u8],
    at: usize,
    /// From where bytes are to be copied when the value ends.
    from: Option<usize>,
    out: &'c mut Vec<u8>,
}

impl<'c> Cursor<'c> {
    /// What wasn't read yet.
    fn rest(&self) -> &'c [u8] {
        self.chunk.get(self.at..).unwrap_or_default()
    }
}

impl Node {
    /// How the name that leads to this node is written.
    fn written(&self, node: u32) -> &[u8] {
        self.leading_to(node).map_or(b"", |named| &named.written)
    }
}
