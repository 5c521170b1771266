//! Agents or contractors: the address holds the inputs, so that a result can be sent to somebody.

use kit_http::{Cx, Failure, FormAgain, IntoResponse, Page, Query, Response, State};
use kit_ui::{Cell, Composed, Facts, Field, Figure, Figures, Form, Table, Words, format};
use ownership::{Answer, Input};

use super::mark;
use super::words::{columns, input_value, money, sentence};
use crate::Costs;
use crate::domain::Mistake;
use crate::domain::calculator::{self, Compared, SPREAD, Unit};

/// The inputs as they stand in the address.
type Pairs = Vec<(String, String)>;

fn text<'p>(pairs: &'p Pairs, name: &str) -> &'p str {
    let found = pairs.iter().find(|(key, _)| key == name);
    found.map_or("", |(_, value)| value.as_str())
}

pub(super) fn label(words: &Words, input: Input) -> String {
    words.text(&format!("costs-input-{}", input.code().replace('_', "-")))
}

fn source(words: &Words, input: Input) -> String {
    words.text(&format!("costs-source-{}", input.code().replace('_', "-")))
}

fn fields(words: &Words, pairs: &Pairs) -> Vec<Field> {
    let field = |input: Input| {
        let typed = match text(pairs, input.code()) {
            "" => calculator::order_of_magnitude(input),
            typed => typed,
        };
        let unit = match calculator::unit(input) {
            Unit::Euros => "€",
            Unit::Percent => "%",
            Unit::Whole => "",
        };
        Field::text(input.code(), label(words, input))
            .value(typed)
            .unit(unit)
            .length_max(20)
            .hint(source(words, input))
    };
    let mut fields: Vec<Field> = Input::ALL.into_iter().map(field).collect();
    let spread = match text(pairs, "spread") {
        "" => SPREAD,
        typed => typed,
    };
    fields.push(
        Field::text("spread", words.text("costs-input-spread"))
            .value(spread)
            .unit("%")
            .length_max(3)
            .hint(words.text("costs-source-spread")),
    );
    fields
}

fn result(words: &Words, compared: &Compared) -> String {
    let both = &compared.both;
    let key = match compared.answer() {
        Answer::Agents => "costs-result-agents",
        Answer::Contractors => "costs-result-contractors",
        Answer::Equal => "costs-result-equal",
    };
    let euros = |cents: i64| format::euros(words.locale, cents);
    let ratio = both.ratio_bp().unwrap_or_default();
    let ratio = format::decimal(words.locale, ratio as f64 / 10_000.0, 2);
    let args = [
        ("years", compared.inputs.get(Input::Years).into()),
        (
            "days",
            format::count(words.locale, compared.inputs.get(Input::DaysPerYear)).into(),
        ),
        ("agents", euros(both.agents_cents).into()),
        ("contractors", euros(both.contractors_cents).into()),
        ("difference", euros(both.difference_cents().abs()).into()),
        ("ratio", ratio.into()),
    ];
    words.text_with(key, &args)
}

fn figures(words: &Words, compared: &Compared) -> Figures {
    let both = &compared.both;
    let figure = |key: &str, total: i64, day: i64| {
        let day = format::euros(words.locale, day);
        Figure::new(words.text(key), format::euros(words.locale, total))
            .note(words.text_with("costs-a-day", &[("amount", day.into())]))
            .to("#parts")
    };
    Figures::new(
        words,
        vec![
            figure("costs-agents", both.agents_cents, both.agents_day_cents),
            figure(
                "costs-contractors",
                both.contractors_cents,
                both.contractors_day_cents,
            ),
        ],
    )
}

fn parts(words: &Words, compared: &Compared) -> Table {
    let both = &compared.both;
    let side = |is_of_agents: bool| {
        words.text(if is_of_agents {
            "costs-agents"
        } else {
            "costs-contractors"
        })
    };
    let mut rows: Vec<Vec<Cell>> = Vec::new();
    for is_of_agents in [true, false] {
        let own = both.parts.iter();
        for part in own.filter(|part| part.is_of_agents == is_of_agents) {
            rows.push(vec![
                Cell::text(words.text(&format!("costs-part-{}", part.name))),
                Cell::text(side(is_of_agents)),
                money(
                    words,
                    part.by_year_cents.first().copied().unwrap_or_default(),
                ),
                money(words, part.cents),
            ]);
        }
        let total = if is_of_agents {
            both.agents_cents
        } else {
            both.contractors_cents
        };
        let of = both.parts.iter();
        let of = of.filter(|part| part.is_of_agents == is_of_agents);
        let first = of.filter_map(|part| part.by_year_cents.first()).sum();
        rows.push(vec![
            Cell::text(words.text("costs-total")),
            Cell::text(side(is_of_agents)),
            money(words, first),
            money(words, total),
        ]);
    }
    let columns = columns(words, &["part", "way", "#first-year", "#all-years"]);
    Table::new(words, "parts", words.text("costs-parts"), columns).rows(rows)
}

fn sensitivity(words: &Words, compared: &Compared) -> Table {
    let rows = compared.swings.iter().map(|(input, low, high, swing)| {
        let flips = match swing.flips_at {
            None => words.text("costs-never-flips"),
            Some(at) => {
                let value = input_value(words, *input, at);
                words.text_with("costs-flips", &[("value", value.into())])
            }
        };
        vec![
            Cell::text(label(words, *input)),
            Cell::number(
                input_value(words, *input, compared.inputs.get(*input)),
                compared.inputs.get(*input),
            ),
            Cell::number(input_value(words, *input, *low), low),
            money(words, swing.at_low),
            Cell::number(input_value(words, *input, *high), high),
            money(words, swing.at_high),
            Cell::text(flips),
        ]
    });
    let names = [
        "assumption",
        "#told",
        "#low",
        "#difference-low",
        "#high",
        "#difference-high",
        "flips",
    ];
    let caption = words.text("costs-sensitivity");
    Table::new(words, "sensitivity", caption, columns(words, &names)).rows(rows)
}

fn page(cx: &Cx, pairs: &Pairs, wrong: &[Mistake]) -> (kit_ui::Shell, Form) {
    let words = cx.words();
    let mut fields = fields(&words, pairs);
    mark(&words, &mut fields, wrong, "");
    let mut shell = cx
        .shell(words.text("costs-calculator"))
        .lead(words.text("costs-calculator-lead"));
    shell.mistaken = !wrong.is_empty();
    let submit = words.text("costs-compare-submit");
    let form = Form::filters("/costs/agents-or-contractors", submit)
        .fields(fields)
        .summary(&words);
    (shell, form)
}

pub(super) async fn show(
    State(_): State<Costs>,
    cx: Cx,
    Query(pairs): Query<Pairs>,
) -> Result<Response, Failure> {
    let words = cx.words();
    let compared = match calculator::read(|name| text(&pairs, name)) {
        Ok(compared) => compared,
        Err(wrong) => {
            let (shell, form) = page(&cx, &pairs, &wrong);
            let mut said = Facts::default();
            for mistake in &wrong {
                said = said.text(
                    words.text(&format!("costs-input-{}", mistake.field.replace('_', "-"))),
                    sentence(&words, mistake),
                );
            }
            return Ok(FormAgain(Composed::new(shell).with(said).with(form)).into_response());
        }
    };
    let (shell, form) = page(&cx, &pairs, &[]);
    let version = [("version", ownership::FORMULA_VERSION.into())];
    let page = Composed::new(shell)
        .with(figures(&words, &compared))
        .text(result(&words, &compared))
        .text(words.text("costs-calculator-caution"))
        .heading(words.text("costs-assumptions"))
        .text(words.text("costs-assumptions-text"))
        .with(form)
        .heading(words.text("costs-parts"))
        .with(parts(&words, &compared))
        .text(words.text_with("costs-calculator-formula", &version))
        .heading(words.text("costs-sensitivity"))
        .text(words.text("costs-sensitivity-text"))
        .with(sensitivity(&words, &compared));
    Ok(Page(page).into_response())
}
