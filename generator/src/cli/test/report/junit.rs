//! The report as JUnit XML, as continuous integration reads it.

use super::super::super::Stop;
use super::{Counts, Finding, Report, Tested};
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};
use rekindle_testkit::check::Verdict;
use std::io;

type Xml = Writer<Vec<u8>>;

impl Report {
    pub(in super::super) fn junit(&self) -> Result<String, Stop> {
        let mut xml = Writer::new_with_indent(Vec::new(), b' ', 2);
        self.write(&mut xml)?;
        let mut text = String::from_utf8_lossy(&xml.into_inner()).into_owned();
        text.push('\n');
        Ok(text)
    }

    fn write(&self, xml: &mut Xml) -> io::Result<()> {
        xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
        let counts = self.counts();
        let stopped = self.providers.iter().filter(|tested| tested.stopped.is_some());
        let all = counts.all() + stopped.count();
        xml.create_element("testsuites")
            .with_attribute(("name", "rekindle test"))
            .with_attribute(("tests", all.to_string().as_str()))
            .with_attribute(("failures", counts.failed.to_string().as_str()))
            .with_attribute(("errors", self.errors().to_string().as_str()))
            .write_inner_content(|xml| {
                self.providers.iter().try_for_each(|tested| tested.write(self.fake, xml))
            })?;
        Ok(())
    }
}

impl Report {
    fn errors(&self) -> usize {
        let errors = |tested: &Tested| tested.errors(self.fake);
        self.providers.iter().map(errors).sum()
    }
}

impl Tested {
    /// What ended without a result that it should have had.
    fn errors(&self, fake: bool) -> usize {
        let unknown = match fake {
            true => Counts::of(&self.findings).could_not_tell,
            false => 0,
        };
        unknown + usize::from(self.stopped.is_some())
    }

    fn write(&self, fake: bool, xml: &mut Xml) -> io::Result<()> {
        let counts = Counts::of(&self.findings);
        let skipped = match fake {
            true => counts.not_applicable + counts.notes,
            false => counts.not_applicable + counts.notes + counts.could_not_tell,
        };
        let all = counts.all() + usize::from(self.stopped.is_some());
        xml.create_element("testsuite")
            .with_attribute(("name", self.id.as_str()))
            .with_attribute(("tests", all.to_string().as_str()))
            .with_attribute(("failures", counts.failed.to_string().as_str()))
            .with_attribute(("errors", self.errors(fake).to_string().as_str()))
            .with_attribute(("skipped", skipped.to_string().as_str()))
            .write_inner_content(|xml| {
                self.findings.iter().try_for_each(|finding| finding.write(&self.id, fake, xml))?;
                match &self.stopped {
                    Some(why) => stopped(&self.id, why, xml),
                    None => Ok(()),
                }
            })?;
        Ok(())
    }
}

/// The end of a run before its end, as a case of its own.
fn stopped(suite: &str, why: &str, xml: &mut Xml) -> io::Result<()> {
    xml.create_element("testcase")
        .with_attribute(("classname", suite))
        .with_attribute(("name", "run"))
        .write_inner_content(|xml| {
            xml.create_element("error").with_attribute(("message", why)).write_empty()?;
            Ok(())
        })?;
    Ok(())
}

impl Finding {
    /// Why it is neither a pass nor a failure.
    fn said(&self) -> Option<String> {
        match &self.verdict {
            Verdict::Note(deviation) => {
                Some(format!("expected {}, seen {}", deviation.expected, deviation.seen))
            }
            _ => self.why().map(str::to_owned),
        }
    }

    fn write(&self, suite: &str, fake: bool, xml: &mut Xml) -> io::Result<()> {
        let case = xml
            .create_element("testcase")
            .with_attribute(("classname", suite))
            .with_attribute(("name", self.id.as_str()));
        if let Verdict::Fail(deviation) = &self.verdict {
            let message = format!("expected {}, seen {}", deviation.expected, deviation.seen);
            let rules = self.rules.join(" ");
            let more = [&deviation.fact, &deviation.hint].into_iter().flatten();
            let body: Vec<&str> = [self.title.as_str(), &rules]
                .into_iter()
                .chain(more.map(String::as_str))
                .filter(|line| !line.is_empty())
                .collect();
            case.write_inner_content(|xml| {
                xml.create_element("failure")
                    .with_attribute(("message", message.as_str()))
                    .write_text_content(BytesText::new(&body.join("\n")))?;
                Ok(())
            })?;
        } else if let Some(why) = self.said() {
            let element = match self.verdict {
                Verdict::CouldNotTell(_) if fake => "error",
                _ => "skipped",
            };
            case.write_inner_content(|xml| {
                xml.create_element(element)
                    .with_attribute(("message", why.as_str()))
                    .write_empty()?;
                Ok(())
            })?;
        } else {
            case.write_empty()?;
        }
        Ok(())
    }
}

impl Counts {
    fn all(self) -> usize {
        self.passed + self.failed + self.notes + self.not_applicable + self.could_not_tell
    }
}
