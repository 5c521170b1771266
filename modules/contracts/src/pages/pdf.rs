//! A text as a file that screen readers read: PDF/UA. Nothing of it depends on the day or on the
//! reader: the same text gives the same bytes.

use kit_http::{Cx, Download, Failure, Path, State};
use kit_pdf::{Block, Document, Language};
use kit_ui::{Locale, Words, format};
use uuid::Uuid;

use super::text;
use crate::{Contracts, ContractsError, Version};

pub(super) async fn version(
    State(contracts): State<Contracts>,
    cx: Cx,
    Path((id, number)): Path<(Uuid, i64)>,
) -> Result<Download, Failure> {
    let file = contracts.contract(&cx.actor, id).await?;
    let found = file.version(number).ok_or(Failure::NotFound)?;
    // A contract is written in French, whoever reads the page.
    let told = document(&contracts.words(Locale::Fr), found);
    let set = kit_pdf::render_in_turn(told).await;
    let bytes = set.map_err(|error| Failure::internal(error.to_string()))?;
    Ok(Download {
        file_name: format!("contrat-{id}-{number}.pdf"),
        content_type: "application/pdf",
        body: bytes.into(),
    })
}

impl Contracts {
    /// The document of a text of a contract: what is signed, with the SHA-256 that signatures name.
    pub async fn document(
        &self,
        actor: &kit_access::Actor,
        id: Uuid,
        number: i64,
    ) -> Result<Document, ContractsError> {
        let file = self.contract(actor, id).await?;
        let found = file.version(number).ok_or(ContractsError::NotFound)?;
        Ok(document(&self.words(Locale::Fr), found))
    }
}

fn document(words: &Words, one: &Version) -> Document {
    let heading = |key: &str| Block::Heading {
        level: 1,
        text: words.text(key),
    };
    let day = kit_time::day_in_paris(one.at);
    let args = [
        ("number", one.number.into()),
        ("date", format::date(words.locale, day).into()),
    ];
    let subtitle = words.text_with("contracts-version-of", &args);
    let blocks = vec![
        heading("contracts-text"),
        Block::Facts {
            facts: text::lines(words, &one.terms),
        },
        heading("contracts-hash"),
        Block::Paragraph {
            text: words.text("contracts-hash-says"),
        },
        Block::Facts {
            facts: vec![("SHA-256".to_owned(), one.sha256.clone())],
        },
    ];
    Document {
        identifier: format!("contract {} {} {}", one.contract, one.number, one.sha256),
        title: one.terms.title.clone(),
        subtitle,
        author: one.terms.directorate.body.clone(),
        description: words.text("contracts-document"),
        language: Language::French,
        date: day,
        blocks,
    }
}
