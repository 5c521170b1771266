//! Reading the values.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use toml::de::{DeTable, DeValue};

use crate::{Kind, Mistake, Mistakes, Place, Setting, Wrong};

/// Largest file of settings, and of one secret, in bytes: 64 KiB.
pub const FILE_BYTES_MAX: u64 = 64 << 10;

/// What values come from.
#[derive(Debug, Clone, Default)]
pub struct Inputs {
    /// The file, when there is one.
    pub file: Option<PathBuf>,
    /// What variables begin with, as `GOUVERNAIL`.
    pub prefix: String,
    /// The variables of the process. One without `__` after the prefix is none of ours.
    pub variables: Vec<(String, String)>,
    /// `section.key=value`, as flags give them.
    pub flags: Vec<String>,
}

/// The value of every setting, and where it was written.
#[derive(Clone, PartialEq, Eq)]
pub struct Config {
    pub(crate) settings: &'static [Setting],
    pub(crate) values: BTreeMap<&'static str, (String, Place)>,
}

// Values may be secrets.
impl std::fmt::Debug for Config {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_map()
            .entries(self.shown().map(|(key, value, _)| (key, value)))
            .finish()
    }
}

/// One value as it was written.
struct Written {
    key: String,
    value: String,
    place: Place,
}

impl Config {
    /// Reads every value; every mistake is named, not only the first.
    pub fn read(settings: &'static [Setting], inputs: &Inputs) -> Result<Self, Mistakes> {
        let mut mistakes = Vec::new();
        let mut written = Vec::new();
        if let Some(path) = &inputs.file {
            from_file(path, &mut written, &mut mistakes);
        }
        from_variables(inputs, &mut written);
        from_flags(&inputs.flags, &mut written, &mut mistakes);
        let mut config = Self {
            settings,
            values: BTreeMap::new(),
        };
        for setting in settings {
            if let Some(default) = setting.default {
                let value = (default.to_owned(), Place::Default);
                config.values.insert(setting.key, value);
            }
        }
        for one in written {
            config.take(one, &mut mistakes);
        }
        if mistakes.is_empty() {
            Ok(config)
        } else {
            Err(Mistakes(mistakes))
        }
    }

    fn take(&mut self, written: Written, mistakes: &mut Vec<Mistake>) {
        let place = written.place;
        let exact = self.settings.iter().find(|one| one.key == written.key);
        let secret = || {
            let key = written.key.strip_suffix("_file")?;
            self.settings
                .iter()
                .find(|one| one.key == key && one.kind == Kind::Secret)
        };
        let (setting, value) = if let Some(setting) = exact {
            (setting, written.value)
        } else if let Some(setting) = secret() {
            match secret_of(Path::new(&written.value)) {
                Ok(value) => (setting, value),
                Err(wrong) => return mistakes.push(Mistake { place, wrong }),
            }
        } else {
            let wrong = Wrong::Unknown {
                near: self.nearest(&written.key),
                key: written.key,
            };
            return mistakes.push(Mistake { place, wrong });
        };
        if setting.kind.allows(&value) {
            self.values.insert(setting.key, (value, place));
        } else {
            let wrong = Wrong::Value {
                key: setting.key.to_owned(),
                value: setting.kind.shown(&value),
                allowed: setting.kind.allowed(),
            };
            mistakes.push(Mistake { place, wrong });
        }
    }

    fn nearest(&self, key: &str) -> Option<String> {
        // A near miss shares most letters; below this a suggestion only misleads.
        const NEAR: f64 = 0.75;
        self.settings
            .iter()
            .map(|one| (strsim::normalized_damerau_levenshtein(one.key, key), one))
            .filter(|(near, _)| *near >= NEAR)
            .max_by(|(a, _), (b, _)| a.total_cmp(b))
            .map(|(_, one)| one.key.to_owned())
    }

    /// The value of a setting.
    pub fn text(&self, setting: &Setting) -> Option<&str> {
        self.values
            .get(setting.key)
            .map(|(value, _)| value.as_str())
    }

    /// The value of a setting of kind [`Kind::Number`]; its least when it has no value.
    pub fn number(&self, setting: &Setting) -> u64 {
        let least = match setting.kind {
            Kind::Number { from, .. } => from,
            _ => 0,
        };
        self.text(setting)
            .and_then(|value| value.parse().ok())
            .unwrap_or(least)
    }

    /// Where the value of a setting was written.
    pub fn place(&self, setting: &Setting) -> Place {
        self.values
            .get(setting.key)
            .map_or(Place::Default, |(_, place)| place.clone())
    }

    /// A mistake about a setting that only the program can see.
    pub fn mistake(&self, setting: &Setting, wrong: impl Into<String>) -> Mistake {
        Mistake {
            place: self.place(setting),
            wrong: Wrong::Together(wrong.into()),
        }
    }
}

fn read_bounded(path: &Path) -> Result<String, Wrong> {
    let fail = |reason: String| Wrong::Unreadable {
        path: path.display().to_string(),
        reason,
    };
    let file = std::fs::File::open(path).map_err(|error| fail(error.to_string()))?;
    let mut text = String::new();
    let read = file.take(FILE_BYTES_MAX + 1).read_to_string(&mut text);
    read.map_err(|error| fail(error.to_string()))?;
    if text.len() as u64 > FILE_BYTES_MAX {
        return Err(fail(format!("it has more than {FILE_BYTES_MAX} bytes")));
    }
    Ok(text)
}

/// A secret's file, less the end of its line.
fn secret_of(path: &Path) -> Result<String, Wrong> {
    let text = read_bounded(path)?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

fn from_file(path: &Path, written: &mut Vec<Written>, mistakes: &mut Vec<Mistake>) {
    let at = |line| Place::File {
        path: path.to_owned(),
        line,
    };
    let text = match read_bounded(path) {
        Ok(text) => text,
        Err(wrong) => {
            let place = at(1);
            return mistakes.push(Mistake { place, wrong });
        }
    };
    let line_of = |byte: usize| {
        let before = text.get(..byte).unwrap_or(&text);
        before.matches('\n').count() + 1
    };
    let table = match DeTable::parse(&text) {
        Ok(table) => table,
        Err(error) => {
            let line = error.span().map_or(1, |span| line_of(span.start));
            return mistakes.push(Mistake {
                place: at(line),
                wrong: Wrong::Syntax(error.message().to_owned()),
            });
        }
    };
    for (section, value) in table.get_ref() {
        let name = section.get_ref();
        let Some(inner) = value.get_ref().as_table() else {
            mistakes.push(Mistake {
                place: at(line_of(section.span().start)),
                wrong: Wrong::Together(format!("{name} stands outside of a [section]")),
            });
            continue;
        };
        for (key, value) in inner {
            let place = at(line_of(key.span().start));
            let key = format!("{name}.{}", key.get_ref());
            let value = match value.get_ref() {
                DeValue::String(text) => text.to_string(),
                DeValue::Integer(number) => number.to_string(),
                DeValue::Boolean(flag) => flag.to_string(),
                DeValue::Float(number) => number.to_string(),
                _ => {
                    let wrong = Wrong::Together(format!("{key} takes one value"));
                    mistakes.push(Mistake { place, wrong });
                    continue;
                }
            };
            written.push(Written { key, value, place });
        }
    }
}

fn from_variables(inputs: &Inputs, written: &mut Vec<Written>) {
    let start = format!("{}_", inputs.prefix);
    let mut found: Vec<Written> = inputs
        .variables
        .iter()
        .filter_map(|(name, value)| {
            let (section, key) = name.strip_prefix(&start)?.split_once("__")?;
            Some(Written {
                key: format!("{section}.{key}").to_ascii_lowercase(),
                value: value.clone(),
                place: Place::Variable(name.clone()),
            })
        })
        .collect();
    // The environment has no order: mistakes are told in the same one each time.
    found.sort_by(|a, b| a.key.cmp(&b.key));
    written.extend(found);
}

fn from_flags(flags: &[String], written: &mut Vec<Written>, mistakes: &mut Vec<Mistake>) {
    for flag in flags {
        let Some((key, value)) = flag.split_once('=') else {
            mistakes.push(Mistake {
                place: Place::Flag(flag.clone()),
                wrong: Wrong::Together("write section.key=value".to_owned()),
            });
            continue;
        };
        written.push(Written {
            key: key.trim().to_owned(),
            value: value.to_owned(),
            place: Place::Flag(key.trim().to_owned()),
        });
    }
}
