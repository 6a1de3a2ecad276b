//! Synthetic values in examples: `${sample.NAME}`.

use crate::diagnostics::Finding;
use crate::diagnostics::meaning::{
    BAD_INSTANT, BAD_PLACEHOLDER, UNDECLARED_PLACEHOLDER, UNUSED_SAMPLE,
};
use crate::diagnostics::shape::FILE_TOO_LARGE;
use crate::diagnostics::words::meant;
use crate::exchange::jwt;
use crate::path::Path;
use crate::spec::{ExampleSpec, JwtSample, SampleSpec};
use jiff::Timestamp;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// The examples, each place for a sample filled.
pub(super) fn expand(
    examples: &[ExampleSpec],
    declared: &BTreeMap<String, SampleSpec>,
    found: &mut Vec<Finding>,
) -> Vec<ExampleSpec> {
    let path = Path::of("samples");
    let values = declared
        .iter()
        .map(|(name, sample)| (name.as_str(), text(name, sample, &path.key(name), found)));
    let mut samples =
        Samples { values: values.collect(), filled: 0, used: BTreeSet::new(), found: Vec::new() };
    let mut examples = examples.to_vec();
    for (index, example) in examples.iter_mut().enumerate() {
        samples.example(example, &Path::of("examples").index(index));
    }
    let (used, problems) = (samples.used, samples.found);
    for name in declared.keys().filter(|name| !used.contains(*name)) {
        let message = format!("no example uses the sample `{name}`");
        found.push(
            Finding::key(UNUSED_SAMPLE, path.key(name), message)
                .hint(format!("write `${{sample.{name}}}` where it belongs, or remove it")),
        );
    }
    found.extend(problems);
    examples
}

fn too_much(path: &Path) -> Finding {
    let message = "with its samples filled in, this spec takes more than a MiB";
    let hint = "shorten the samples: a synthetic token need not be long";
    Finding::value(FILE_TOO_LARGE, path.clone(), message).hint(hint)
}

fn text(name: &str, sample: &SampleSpec, path: &Path, found: &mut Vec<Finding>) -> String {
    match sample {
        SampleSpec::Text(text) => text.clone(),
        SampleSpec::Jwt(sample) => {
            let claims = claims(sample, &path.key("jwt"), found);
            jwt::synthetic(sample.alg.as_deref().unwrap_or("HS256"), &claims, name)
        }
    }
}

/// The claims, instants as seconds since 1970.
fn claims(sample: &JwtSample, path: &Path, found: &mut Vec<Finding>) -> Value {
    let claim = |(name, value): (&String, &Value)| {
        let instant = value.as_str().filter(|_| matches!(name.as_str(), "iat" | "nbf" | "exp"));
        let value = match instant.map(str::parse::<Timestamp>) {
            None => value.clone(),
            Some(Ok(instant)) => Value::from(instant.as_second()),
            Some(Err(_)) => {
                let message = format!("the claim `{name}` is no instant");
                let hint = "write it as RFC 3339, `2026-11-21T08:00:00Z`, or as seconds since 1970";
                found.push(Finding::value(BAD_INSTANT, path.key(name), message).hint(hint));
                Value::from(0)
            }
        };
        (name.clone(), value)
    };
    Value::Object(sample.jwt.iter().map(claim).collect())
}

/// How many bytes of samples all examples of a spec hold together: a hundred times what a real one needs.
const MOST_FILLED: usize = 1024 * 1024;

/// The samples by name, and what has come of using them.
struct Samples<'a> {
    values: BTreeMap<&'a str, String>,
    /// How many bytes were filled in so far.
    filled: usize,
    used: BTreeSet<String>,
    found: Vec<Finding>,
}

impl Samples<'_> {
    fn example(&mut self, example: &mut ExampleSpec, path: &Path) {
        if let Some(written) = &mut example.given {
            let given = path.key("given");
            self.map(&mut written.client, &given.key("client"));
            self.map(&mut written.values, &given.key("values"));
            let answers = given.key("answers");
            for (step, answer) in &mut written.answers {
                self.json(answer, &answers.key(step));
            }
            self.option(&mut written.access_token, given.key("access_token"));
            self.option(&mut written.refresh_token, given.key("refresh_token"));
        }
        if let Some(request) = &mut example.request {
            let path = path.key("request");
            self.text(&mut request.url, &path.key("url"));
            self.map(&mut request.headers, &path.key("headers"));
            if let Some(form) = &mut request.form {
                self.map(form, &path.key("form"));
            }
            if let Some(json) = &mut request.json {
                self.json(json, &path.key("json"));
            }
            self.option(&mut request.xml, path.key("xml"));
            self.option(&mut request.text, path.key("text"));
        }
        if let Some(written) = &mut example.response {
            let response = path.key("response");
            self.map(&mut written.headers, &response.key("headers"));
            if let Some(form) = &mut written.form {
                self.map(form, &response.key("form"));
            }
            if let Some(json) = &mut written.json {
                self.json(json, &response.key("json"));
            }
            self.option(&mut written.xml, response.key("xml"));
            self.option(&mut written.text, response.key("text"));
        }
        if let Some(written) = &mut example.expect {
            let expect = path.key("expect");
            self.option(&mut written.access_token, expect.key("access_token"));
            self.option(&mut written.refresh_token, expect.key("refresh_token"));
            self.option(&mut written.scope, expect.key("scope"));
            for (name, output) in &mut written.outputs {
                self.json(output, &expect.key("outputs").key(name));
            }
        }
    }

    fn map(&mut self, texts: &mut BTreeMap<String, String>, path: &Path) {
        for (name, text) in texts {
            self.text(text, &path.key(name));
        }
    }

    fn option(&mut self, text: &mut Option<String>, path: Path) {
        if let Some(text) = text {
            self.text(text, &path);
        }
    }

    fn json(&mut self, json: &mut Value, path: &Path) {
        match json {
            Value::String(text) => self.text(text, path),
            Value::Array(items) => items
                .iter_mut()
                .enumerate()
                .for_each(|(index, item)| self.json(item, &path.index(index))),
            Value::Object(members) => {
                members.iter_mut().for_each(|(name, member)| self.json(member, &path.key(name)))
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    fn text(&mut self, text: &mut String, path: &Path) {
        if !text.contains("${") {
            return;
        }
        let mut filled = String::new();
        let mut rest = text.as_str();
        while let Some((before, after)) = rest.split_once("${") {
            filled.push_str(before);
            let Some((name, behind)) = after.split_once('}') else {
                let message = "the placeholder is not closed";
                self.found.push(
                    Finding::value(BAD_PLACEHOLDER, path.clone(), message)
                        .hint("end it with `}`: `${sample.NAME}`"),
                );
                return;
            };
            match name.strip_prefix("sample.").and_then(|name| self.values.get_key_value(name)) {
                Some((name, value)) => {
                    self.used.insert((*name).to_owned());
                    let before = self.filled;
                    self.filled = before.saturating_add(value.len());
                    if self.filled <= MOST_FILLED {
                        filled.push_str(value);
                    } else if before <= MOST_FILLED {
                        self.found.push(too_much(path));
                    }
                }
                None => self.found.push(self.unknown(name, path)),
            }
            rest = behind;
        }
        filled.push_str(rest);
        *text = filled;
    }

    fn unknown(&self, name: &str, path: &Path) -> Finding {
        let message = format!(
            "`${{{name}}}` is no sample: an example holds what is on the wire, or `${{sample.NAME}}`"
        );
        let wanted = name.strip_prefix("sample.").unwrap_or(name);
        let hint = match meant(wanted, self.values.keys().copied(), &self.found) {
            Some(near) => format!("did you mean `${{sample.{near}}}`?"),
            None => format!(
                "declare it under `samples`: `{}: synthetic`",
                wanted.rsplit('.').next().unwrap_or(wanted)
            ),
        };
        Finding::value(UNDECLARED_PLACEHOLDER, path.clone(), message).hint(hint)
    }
}
