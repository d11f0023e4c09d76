//! Parts of URLs, and texts as parts of URLs (<https://spark.apache.org/docs/3.5.6/api/sql/index.html#parse_url>).
//!
//! A URL is what `java.net.URI` takes for one: nothing is repaired, and a host that is no host name is NULL.

use std::sync::Arc;

use datafusion::arrow::array::ArrayRef;
use datafusion::common::exec_err;
use datafusion::error::Result;
use datafusion::logical_expr::ScalarUDF;

use crate::functions::scalar::{Arguments, Scalar};

/// The functions of this file.
pub(super) fn all() -> Vec<Arc<ScalarUDF>> {
    vec![
        Scalar::text("unglue_parse_url", 2..=3, parse_url),
        Scalar::text("unglue_url_encode", 1..=1, url_encode),
        Scalar::text("unglue_url_decode", 1..=1, url_decode),
    ]
}

/// The parts of a URL, as they are written in it.
#[derive(Debug, Default, PartialEq, Eq)]
struct Url<'a> {
    scheme: Option<&'a str>,
    authority: Option<&'a str>,
    path: Option<&'a str>,
    query: Option<&'a str>,
    fragment: Option<&'a str>,
}

impl<'a> Url<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        if text.is_empty() || !is_written(text) {
            return None;
        }
        let split = |text: &'a str, at: char| match text.split_once(at) {
            Some((before, after)) => (before, Some(after)),
            None => (text, None),
        };
        let (rest, fragment) = split(text, '#');
        let scheme = rest
            .find([':', '/', '?'])
            .filter(|at| rest.get(*at..).is_some_and(|rest| rest.starts_with(':')));
        let (scheme, rest) = match scheme {
            Some(at) => {
                let (scheme, rest) = (rest.get(..at)?, rest.get(at + 1..)?);
                let known = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
                if !scheme.starts_with(|c: char| c.is_ascii_alphabetic())
                    || !scheme.chars().all(known)
                {
                    return None;
                }
                (Some(scheme), rest)
            }
            None => (None, rest),
        };
        // Without a slash there is nothing that has parts: `mailto:a@b`.
        if scheme.is_some() && !rest.starts_with('/') {
            return (!rest.is_empty()).then(|| Self { scheme, fragment, ..Self::default() });
        }
        let (rest, query) = split(rest, '?');
        let (authority, path) = match rest.strip_prefix("//") {
            Some(rest) => {
                let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
                if authority.is_empty() && path.is_empty() {
                    return None;
                }
                (Some(authority).filter(|authority| !authority.is_empty()), path)
            }
            None => (None, rest),
        };
        Some(Self { scheme, authority, path: Some(path), query, fragment })
    }

    /// The user and the host, if the authority names a host.
    fn server(&self) -> Option<(Option<&'a str>, &'a str)> {
        let authority = self.authority?;
        let (user, host) = match authority.rsplit_once('@') {
            Some((user, host)) => (Some(user), host),
            None => (None, authority),
        };
        let (host, port) = if host.starts_with('[') {
            let (host, rest) = host.split_at(host.find(']')? + 1);
            (host, rest.strip_prefix(':').or(rest.is_empty().then_some(""))?)
        } else {
            host.split_once(':').unwrap_or((host, ""))
        };
        let digits = port.bytes().all(|byte| byte.is_ascii_digit());
        (digits && is_host(host)).then_some((user, host))
    }

    fn part(&self, part: &str) -> Option<String> {
        let found = match part {
            "HOST" => self.server()?.1,
            "USERINFO" => self.server()?.0?,
            "PATH" => self.path?,
            "QUERY" => self.query?,
            "REF" => self.fragment?,
            "PROTOCOL" => self.scheme?,
            "AUTHORITY" => self.authority?,
            "FILE" => {
                let query = self.query.map(|query| format!("?{query}")).unwrap_or_default();
                return Some(format!("{}{query}", self.path?));
            }
            _ => return None,
        };
        Some(found.to_owned())
    }
}

/// Whether all characters may stand in a URL, and every `%` before two digits.
fn is_written(text: &str) -> bool {
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        let fits = match c {
            '%' => (0..2).all(|_| rest.next().is_some_and(|c| c.is_ascii_hexdigit())),
            c if c.is_ascii_alphanumeric() => true,
            c if c.is_ascii() => "_-!.~'()*,;:$&+=?/[]@#".contains(c),
            c => !c.is_whitespace() && !c.is_control(),
        };
        if !fits {
            return false;
        }
    }
    text.matches('#').count() < 2
}

/// A name whose last label begins with a letter, an IPv4 address, or an IPv6 address in brackets.
fn is_host(host: &str) -> bool {
    if let Some(address) = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        let address = address.split_once('%').map_or(address, |(address, _)| address);
        return address.parse::<std::net::Ipv6Addr>().is_ok();
    }
    let name = host.strip_suffix('.').unwrap_or(host);
    let label = |label: &str| {
        let ends = |c: char| c.is_ascii_alphanumeric();
        label.starts_with(ends)
            && label.ends_with(ends)
            && label.chars().all(|c| ends(c) || c == '-')
    };
    let last = name.rsplit('.').next().unwrap_or_default();
    (name.split('.').all(label) && last.starts_with(|c: char| c.is_ascii_alphabetic()))
        || host.parse::<std::net::Ipv4Addr>().is_ok()
}

/// `parse_url(url, part[, key])`: a key is only that of a query.
fn parse_url(arguments: &Arguments) -> Result<ArrayRef> {
    let (urls, parts) = (arguments.texts(0)?, arguments.texts(1)?);
    let keys = (arguments.len() > 2).then(|| arguments.texts(2)).transpose()?;
    Ok(arguments.write(|row, out| {
        let (url, part) = (Url::parse(urls.get(row)?), parts.get(row)?);
        let Some(keys) = keys else {
            out.push_str(&url?.part(part)?);
            return Some(());
        };
        let key = keys.get(row)?;
        let query = url?.query.filter(|_| part == "QUERY")?;
        let value = query.split('&').find_map(|pair| pair.strip_prefix(key)?.strip_prefix('='))?;
        out.push_str(value);
        Some(())
    }))
}

/// `url_encode(text)`: as forms are sent, a blank is `+`.
fn url_encode(arguments: &Arguments) -> Result<ArrayRef> {
    use std::fmt::Write as _;
    let texts = arguments.texts(0)?;
    Ok(arguments.write(|row, out| {
        for byte in texts.get(row)?.bytes() {
            match byte {
                b' ' => out.push('+'),
                byte if byte.is_ascii_alphanumeric() || b".-*_".contains(&byte) => {
                    out.push(char::from(byte));
                }
                byte => write!(out, "%{byte:02X}").ok()?,
            }
        }
        Some(())
    }))
}

/// `url_decode(text)`.
fn url_decode(arguments: &Arguments) -> Result<ArrayRef> {
    let texts = arguments.texts(0)?;
    arguments.try_write(|row, out| {
        let Some(text) = texts.get(row) else { return Ok(None) };
        match decoded(text.as_bytes()) {
            Some(bytes) => out.push_str(&String::from_utf8_lossy(&bytes)),
            None => return exec_err!("url_decode: a `%` without two hexadecimal digits"),
        }
        Ok(Some(()))
    })
}

fn decoded(text: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let [first, others @ ..] = rest {
        rest = others;
        match first {
            b'+' => out.push(b' '),
            b'%' => {
                let (digits, others) = rest.split_at_checked(2)?;
                let digits = std::str::from_utf8(digits).ok()?;
                let known = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
                out.push(known.then(|| u8::from_str_radix(digits, 16).ok())??);
                rest = others;
            }
            byte => out.push(*byte),
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What Spark 3.5 answers.
    #[test]
    fn parts_are_those_that_java_finds() {
        for (url, part, expected) in [
            ("http://user@h:99999/p", "HOST", Some("h")),
            ("http://a b/c", "HOST", None),
            ("mailto:a@b.c", "PATH", None),
            ("http://[::1]:80/x", "HOST", Some("[::1]")),
            ("http://h_x/p", "HOST", None),
            ("http://h?x=1#f", "FILE", Some("?x=1")),
            ("http://h/p#f", "FILE", Some("/p")),
            ("//h/p", "HOST", Some("h")),
            ("http://h/p?", "QUERY", Some("")),
            ("http://é.de/ü", "PATH", Some("/ü")),
            ("http://h/p|x", "PATH", None),
            ("http://h/%zz", "PATH", None),
            ("", "HOST", None),
            ("http://h", "NOPE", None),
            ("http:///p", "HOST", None),
            ("HTTP://H/p", "PROTOCOL", Some("HTTP")),
            ("http://h/p?x={1}", "QUERY", None),
            ("ftp://u:p@h/x;y", "FILE", Some("/x;y")),
            ("http://h:80", "AUTHORITY", Some("h:80")),
            ("http://-h-/", "HOST", None),
            ("https://example.com", "PATH", Some("")),
            ("example", "HOST", None),
        ] {
            let found = Url::parse(url).and_then(|url| url.part(part));
            assert_eq!(found.as_deref(), expected, "{url} {part}");
        }
    }

    #[test]
    fn a_percent_sign_needs_two_digits() {
        assert_eq!(decoded(b"a+b%20c%C3%BC").unwrap(), "a b cü".as_bytes());
        for wrong in ["%", "a%2", "a%zz", "%+1"] {
            assert_eq!(decoded(wrong.as_bytes()), None, "{wrong}");
        }
    }
}
