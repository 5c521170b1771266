//! Which fields are granted, as a tree.

/// Most paths of a set.
pub const PATHS_MAX: usize = 4096;
/// Most bytes of a path.
pub const PATH_BYTES_MAX: usize = 512;
/// Most names and `*` of a path.
pub const PATH_STEPS_MAX: usize = 32;
/// Most names that paths open in one object.
pub const NAMES_MAX: usize = 256;

/// Why paths aren't fields.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FieldsError {
    /// Over [`PATHS_MAX`].
    #[error("more than {PATHS_MAX} paths")]
    TooMany,
    /// Over [`PATH_BYTES_MAX`] or [`PATH_STEPS_MAX`].
    #[error("a path has more than {PATH_BYTES_MAX} bytes or {PATH_STEPS_MAX} names")]
    TooLong,
    /// A path is empty, or has nothing between two points.
    #[error("the path `{path}` holds an empty name")]
    EmptyName {
        /// Which.
        path: String,
    },
    /// Over [`NAMES_MAX`].
    #[error("more than {NAMES_MAX} names are opened in one object")]
    TooManyNames,
}

/// One place that paths lead to or through.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Node {
    /// Whether all from here on is kept.
    pub(crate) is_whole: bool,
    /// Members of an object.
    names: Vec<Named>,
    /// Items of a list.
    pub(crate) each: Option<u32>,
}

/// A member of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Named {
    name: Box<[u8]>,
    /// As it is written: between quotes, with a colon behind.
    pub(crate) written: Box<[u8]>,
    /// The node that it leads to.
    pub(crate) node: u32,
}

impl Named {
    fn new(name: &str, node: u32) -> Self {
        let mut written = String::with_capacity(name.len() + 3);
        written.push('"');
        for character in name.chars() {
            match character {
                '"' | '\\' => written.extend(['\\', character]),
                '\0'..='\u{1f}' => written.push_str(&format!("\\u{:04x}", u32::from(character))),
                _ => written.push(character),
            }
        }
        written.push_str("\":");
        Self {
            name: name.as_bytes().into(),
            written: written.into_bytes().into(),
            node,
        }
    }
}

impl Node {
    /// The member of this name, and its place among those that are opened.
    pub(crate) fn named(&self, name: &[u8]) -> Option<(usize, &Named)> {
        let mut names = self.names.iter().enumerate();
        names.find(|(_, one)| *one.name == *name)
    }

    /// The member that leads to a node.
    pub(crate) fn leading_to(&self, node: u32) -> Option<&Named> {
        self.names.iter().find(|one| one.node == node)
    }

    /// Whether an object here is kept, with what is opened of it.
    pub(crate) fn opens_objects(&self) -> bool {
        !self.names.is_empty()
    }
}

/// The fields that are granted. Read once, used for any number of texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fields {
    nodes: Vec<Node>,
    /// Bytes of the longest name.
    pub(crate) name_bytes_max: usize,
}

impl Fields {
    /// Everything.
    pub fn all() -> Self {
        Self {
            nodes: vec![Node {
                is_whole: true,
                ..Node::default()
            }],
            name_bytes_max: 0,
        }
    }

    /// The fields that these paths open; of no path, nothing.
    pub fn new<'p>(paths: impl IntoIterator<Item = &'p str>) -> Result<Self, FieldsError> {
        let mut fields = Self {
            nodes: vec![Node::default()],
            name_bytes_max: 0,
        };
        for (index, path) in paths.into_iter().enumerate() {
            if index >= PATHS_MAX {
                return Err(FieldsError::TooMany);
            }
            fields.open(path)?;
        }
        Ok(fields)
    }

    fn open(&mut self, path: &str) -> Result<(), FieldsError> {
        if path.len() > PATH_BYTES_MAX || path.split('.').count() > PATH_STEPS_MAX {
            return Err(FieldsError::TooLong);
        }
        let mut at = 0;
        for step in path.split('.') {
            if step.is_empty() {
                return Err(FieldsError::EmptyName {
                    path: path.to_owned(),
                });
            }
            at = self.step(at, step)?;
        }
        if let Some(node) = self.nodes.get_mut(at as usize) {
            node.is_whole = true;
        }
        Ok(())
    }

    fn step(&mut self, from: u32, step: &str) -> Result<u32, FieldsError> {
        let next = self.nodes.len() as u32;
        let Some(node) = self.nodes.get_mut(from as usize) else {
            return Ok(from);
        };
        if step == "*" {
            if let Some(known) = node.each {
                return Ok(known);
            }
            node.each = Some(next);
        } else {
            if let Some((_, known)) = node.named(step.as_bytes()) {
                return Ok(known.node);
            }
            if node.names.len() >= NAMES_MAX {
                return Err(FieldsError::TooManyNames);
            }
            node.names.push(Named::new(step, next));
            self.name_bytes_max = self.name_bytes_max.max(step.len());
        }
        self.nodes.push(Node::default());
        Ok(next)
    }

    /// The node of this number: they come from the tree itself.
    pub(crate) fn node(&self, number: u32) -> Option<&Node> {
        self.nodes.get(number as usize)
    }
}
