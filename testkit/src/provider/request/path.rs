//! Where a request goes.

use super::{Broken, Reader, Rule, template};
use http::Uri;
use percent_encoding::percent_decode_str;
use rekindle_contract::contract::{Contract, Part, Template};

/// Where a request goes, seen from the provider.
pub(in crate::provider) struct Target<'a> {
    /// Whether it goes to the provider's origin.
    pub(in crate::provider) is_here: bool,
    /// The path behind that of the base URL; `None` where it is elsewhere.
    pub(in crate::provider) path: Option<&'a str>,
}

/// Where `uri` goes, seen from `base_url`; where that is the `whole` URL, nothing is behind it.
pub(in crate::provider) fn target<'a>(base_url: &str, whole: bool, uri: &'a Uri) -> Target<'a> {
    let base: Option<Uri> = base_url.parse().ok();
    let origin = base.as_ref().and_then(origin);
    let prefix = base.as_ref().map_or("", Uri::path).trim_end_matches('/');
    let path = uri.path().strip_prefix(prefix);
    let same = |base: &Uri| (base.path(), base.query()) == (uri.path(), uri.query());
    if whole && base.as_ref().is_some_and(same) {
        let is_here = origin.is_some() && origin == self::origin(uri);
        return Target { is_here, path: Some("") };
    }
    Target {
        is_here: origin.is_some() && origin == self::origin(uri),
        path: path.filter(|path| path.starts_with('/')),
    }
}

/// Scheme, host and port; `None` where the URI is not absolute.
fn origin(uri: &Uri) -> Option<(String, String, u16)> {
    let scheme = uri.scheme_str()?.to_ascii_lowercase();
    let usual = if scheme == "http" { 80 } else { 443 };
    let authority = uri.authority()?;
    // A user and a password before the host are no part of any origin that is declared.
    let host = Some(authority.host()).filter(|_| !authority.as_str().contains('@'))?;
    Some((scheme, host.to_ascii_lowercase(), authority.port_u16().unwrap_or(usual)))
}

impl Reader<'_> {
    /// Reads the path, segment by segment: an encoded slash in a value ends no segment.
    pub(super) fn path(&mut self, path: &str) -> Result<(), Broken> {
        let expected = segments(&self.contract.request.path);
        let sent: Vec<String> = path.split('/').map(decode).collect();
        let mut bound = Vec::new();
        let fits = expected.len() == sent.len()
            && expected.iter().zip(&sent).all(|(template, text)| {
                let values = template::bind(template, text, self.known);
                values.map(|values| bound.extend(values)).is_some()
            });
        let template = &self.contract.request.path;
        let fits = self.demand(Rule::Path, fits, || {
            format!("the path is not `{template}` behind the base URL")
        })?;
        if fits {
            self.reading.bound.extend(bound);
        }
        for (position, text) in sent.iter().enumerate() {
            let own = expected.get(position).filter(|_| fits);
            self.allow("the path".to_owned(), own.unwrap_or(template), text);
        }
        Ok(())
    }
}

/// The segments of a path, decoded.
fn segments(path: &Template) -> Vec<Template> {
    let mut segments = vec![Template::default()];
    for part in &path.parts {
        let Part::Literal(literal) = part else {
            push(&mut segments, part.clone());
            continue;
        };
        for (position, piece) in literal.split('/').enumerate() {
            if position > 0 {
                segments.push(Template::default());
            }
            if !piece.is_empty() {
                push(&mut segments, Part::Literal(decode(piece)));
            }
        }
    }
    segments
}

fn push(segments: &mut [Template], part: Part) {
    if let Some(last) = segments.last_mut() {
        last.parts.push(part);
    }
}

fn decode(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// Whether a path could be the declared one, whatever stands in its places.
pub(in crate::provider) fn is_declared(contract: &Contract, path: &str) -> bool {
    let expected = segments(&contract.request.path);
    let sent: Vec<String> = path.split('/').map(decode).collect();
    let fits = |(template, text): (&Template, &String)| {
        let constant = template.as_literal();
        template.slots().next().is_some() || constant.unwrap_or_default() == text
    };
    expected.len() == sent.len() && expected.iter().zip(&sent).all(fits)
}

/// The page of the provider's own, directly below its `/-/`, that a request goes to.
pub(in crate::provider) fn own_page<'a>(target: &Target<'a>) -> Option<&'a str> {
    target.path?.strip_prefix("/-/")
}

#[cfg(test)]
mod tests {
    use super::*;
    use rekindle_contract::contract::Slot;

    fn here(base: &str, uri: &str) -> (bool, Option<String>) {
        let uri: Uri = uri.parse().unwrap();
        let target = target(base, false, &uri);
        (target.is_here, target.path.map(str::to_owned))
    }

    #[test]
    fn an_origin_is_scheme_host_and_port() {
        let path = Some("/t".to_owned());
        assert_eq!(here("https://a.example", "https://A.example:443/t?q"), (true, path.clone()));
        assert_eq!(here("https://a.example", "http://a.example/t"), (false, path.clone()));
        assert_eq!(here("https://a.example", "https://b.example/t"), (false, path.clone()));
        assert_eq!(here("https://a.example", "https://u:p@a.example/t"), (false, path.clone()));
        assert_eq!(here("https://a.example", "/t"), (false, path));
    }

    #[test]
    fn the_path_of_the_base_url_comes_first() {
        let base = "http://127.0.0.1:4000/acme";
        let path = |path: &str| here(base, &format!("http://127.0.0.1:4000{path}")).1;
        assert_eq!(path("/acme/t"), Some("/t".to_owned()));
        assert_eq!(path("/acmet"), None);
        assert_eq!(path("/other/t"), None);
        assert_eq!(path("/acme"), None);
    }

    #[test]
    fn segments_are_decoded_one_by_one() {
        let template = Template {
            parts: vec![
                Part::Literal("/a%2Fb/x-".to_owned()),
                Part::Slot(Slot::AccessToken),
                Part::Literal("/".to_owned()),
            ],
        };
        let shown: Vec<String> = segments(&template).iter().map(Template::to_string).collect();
        assert_eq!(shown, ["", "a/b", "x-${access_token}", ""]);
    }
}
