//! Settings as texts: those in force, and an example to start from.

use crate::{Config, Kind, Place, Setting};

impl Config {
    /// Every setting with its value as it may be shown (empty when it has none) and its place.
    pub fn shown(&self) -> impl Iterator<Item = (&'static str, String, Place)> + '_ {
        self.settings.iter().map(|setting| {
            let value = self.text(setting).map(|value| setting.kind.shown(value));
            (setting.key, value.unwrap_or_default(), self.place(setting))
        })
    }

    /// A file that sets nothing and explains everything: each setting in a comment with its help,
    /// what it allows and its default.
    pub fn example(settings: &[Setting]) -> String {
        let mut text = String::new();
        let mut last = "";
        for setting in settings {
            let (section, key) = setting.key.split_once('.').unwrap_or(("", setting.key));
            if section != last {
                let gap = if last.is_empty() { "" } else { "\n" };
                text.push_str(&format!("{gap}[{section}]\n"));
                last = section;
            }
            text.push_str(&format!("# {}\n", setting.help));
            let allowed = setting.kind.allowed();
            let (value, note) = match setting.kind {
                Kind::Number { .. } => (setting.default.unwrap_or_default().to_owned(), ""),
                Kind::Secret => ("\"\"".to_owned(), "; or "),
                _ => (format!("{:?}", setting.default.unwrap_or_default()), ""),
            };
            let file = if note.is_empty() {
                String::new()
            } else {
                format!("{note}{key}_file with the path of a file that holds it")
            };
            text.push_str(&format!("# ({allowed}{file})\n# {key} = {value}\n"));
        }
        text
    }
}
