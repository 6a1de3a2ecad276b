//! Specs with a text in every place that takes it.

mod bases;
mod places;

pub use bases::bases;
pub use places::{Place, is_text, schema, walked};

use rekindle::{Source, Specs};
use serde_json::{Value, json};
use std::sync::OnceLock;

fn source(id: &str, mut spec: Value) -> Source {
    spec["provider"]["id"] = json!(id);
    // Hidden characters are escaped, as a spec must write them.
    let mut text = String::new();
    for c in spec.to_string().chars() {
        match u32::from(c) {
            code @ (0x7f..=0x9f | 0x200b..=0x206f | 0xfeff) => {
                text.push_str(&format!("\\u{code:04x}"))
            }
            _ => text.push(c),
        }
    }
    Source::new(format!("specs/{id}.yaml"), text)
}

/// Whether `check` accepts it, and if not, why.
pub fn refusal(spec: &Value) -> Option<String> {
    Specs::check(vec![source("base", spec.clone())]).err().map(|error| error.to_string())
}

fn is_accepted(spec: &Value) -> bool {
    refusal(spec).is_none()
}

/// The places in which a text may stand, all of them at once.
pub fn places() -> &'static [Place] {
    static PLACES: OnceLock<Vec<Place>> = OnceLock::new();
    PLACES.get_or_init(|| {
        let mut specs = bases();
        let mut places: Vec<Place> = Vec::new();
        for place in walked().0 {
            let fits = |place: &Place| {
                let mut spec = specs[place.base].clone();
                place.put(&mut spec, "One `<b>` two.\n\n    #three | \u{202e}four\\");
                is_accepted(&spec).then(|| specs[place.base] = spec).is_some()
            };
            places.extend(place.shapes().find(fits));
        }
        places
    })
}

/// The base with a text in every place that takes it, and those places.
pub fn filled(base: usize, id: &str, text: impl Fn(usize) -> &'static str) -> (Source, Vec<usize>) {
    let (mut spec, mut taken) = (bases()[base].clone(), Vec::new());
    let here = (0..places().len()).filter(|index| places()[*index].base == base);
    fill(&mut spec, &here.collect::<Vec<_>>(), &text, &mut taken);
    (source(id, spec), taken)
}

/// Puts a text into these places: into all at once, or into the halves of them. Not every text is one everywhere: there are empty
/// names and references to what is not there.
fn fill(
    spec: &mut Value,
    here: &[usize],
    text: &impl Fn(usize) -> &'static str,
    taken: &mut Vec<usize>,
) {
    let mut tried = spec.clone();
    here.iter().for_each(|index| places()[*index].put(&mut tried, text(*index)));
    if is_accepted(&tried) {
        *spec = tried;
        taken.extend(here);
    } else if here.len() > 1 {
        let (first, second) = here.split_at(here.len() / 2);
        fill(spec, first, text, taken);
        fill(spec, second, text, taken);
    }
}

/// The base with a text that does no harm in some places.
pub fn harmless(base: usize, id: &str, taken: &[usize]) -> Source {
    let mut spec = bases()[base].clone();
    for index in taken {
        // A list may hold nothing twice.
        let texts = ["harmless".to_owned(), format!("harmless{index}")];
        let written = texts.iter().map(|text| {
            let mut spec = spec.clone();
            places()[*index].put(&mut spec, text);
            spec
        });
        spec =
            written.into_iter().find(is_accepted).expect("what takes a hostile text takes another");
    }
    source(id, spec)
}
