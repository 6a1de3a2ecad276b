//! Names and values: the query and forms.

use super::{Broken, Reader, Rule, shown};
use rekindle_contract::contract::Template;

/// How names and values of one kind are called, and what is demanded of them.
pub(super) struct Pairs {
    /// Where they are.
    place: &'static str,
    /// What each is called.
    noun: &'static str,
    missing: Rule,
    extra: Rule,
    twice: Rule,
    value: Rule,
}

/// The parameters of the query.
pub(super) const QUERY: Pairs = Pairs {
    place: "the query",
    noun: "parameter",
    missing: Rule::QueryMissing,
    extra: Rule::QueryExtra,
    twice: Rule::QueryTwice,
    value: Rule::QueryValue,
};

/// The fields of a form.
pub(super) const FORM: Pairs = Pairs {
    place: "the body",
    noun: "field",
    missing: Rule::FieldMissing,
    extra: Rule::FieldExtra,
    twice: Rule::FieldTwice,
    value: Rule::FieldValue,
};

/// The pairs of a contract.
pub(super) fn borrowed(pairs: &[(String, Template)]) -> impl Iterator<Item = (&str, &Template)> {
    pairs.iter().map(|(name, value)| (name.as_str(), value))
}

impl Reader<'_> {
    /// Reads what is form-encoded in `text`.
    pub(super) fn pairs(
        &mut self,
        kind: &Pairs,
        declared: &[(&str, &Template)],
        text: &str,
    ) -> Result<(), Broken> {
        let sent: Vec<_> = form_urlencoded::parse(text.as_bytes()).into_owned().collect();
        self.named(kind, declared, &sent)
    }

    /// Reads names and the text of each.
    pub(super) fn named(
        &mut self,
        kind: &Pairs,
        declared: &[(&str, &Template)],
        sent: &[(String, String)],
    ) -> Result<(), Broken> {
        let count = |name: &str| sent.iter().filter(|(sent, _)| sent == name).count();
        let Pairs { place, noun, .. } = kind;
        for (name, template) in declared {
            let may_be_absent = self.may_be_absent(template);
            self.demand(kind.missing, count(name) > 0 || may_be_absent, || {
                format!("{place} lacks the {noun} `{name}`")
            })?;
        }
        for (name, value) in sent {
            if declared.iter().any(|(declared, _)| declared == name) {
                continue;
            }
            self.demand(kind.extra, false, || {
                format!("{place} has a {noun} that is not declared: {}", shown(name))
            })?;
            self.reading.extra.push(name.clone());
            self.note(format!("a {noun} of {place} that is not declared"), value);
        }
        for (name, _) in sent {
            self.demand(kind.twice, count(name) == 1, || {
                format!("{place} has the {noun} {} twice", shown(name))
            })?;
        }
        for (name, template) in declared {
            let place = format!("the {noun} `{name}` of {place}");
            if let Some((_, value)) = sent.iter().find(|(sent, _)| sent == name) {
                self.text(kind.value, place, template, value)?;
            }
        }
        Ok(())
    }
}
