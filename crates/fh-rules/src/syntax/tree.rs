//! YAML text as a tree in which every node knows its place.
//!
//! Only what the language needs is let through: one document; text, lists and mappings; no
//! anchors, aliases, tags or merge keys.

use granit_parser::{Event, Parser, ScalarStyle, ScanError, Span, Tag};

use super::Limits;
use super::reader::Reader;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{Place, SourceIndex};

/// A node of the tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Node {
    pub(crate) place: Place,
    pub(crate) value: Value,
}

/// What a node holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value {
    /// `key:` with nothing behind it.
    Nothing,
    Text(Text),
    List(Vec<Node>),
    Map(Vec<(Node, Node)>),
}

/// A scalar. Numbers and words are told apart by the field that reads them, so a phrase `12315`
/// needs no quotes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Text {
    pub(crate) text: String,
    pub(crate) style: TextStyle,
}

/// How a scalar is written, as far as places inside it depend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TextStyle {
    /// As it stands, from so many characters after the node's place on, all on one line.
    Verbatim { offset: u32 },
    /// `|`: each line stands as it is, below the other, from the node's column on.
    Literal,
    /// Folded or with escapes: places inside are not known.
    Altered,
}

impl Node {
    /// Where `length` characters from character `offset` of this node's text stand. A text whose
    /// inside has no known places gives the whole.
    pub(crate) fn part(&self, offset: usize, length: usize) -> Place {
        match &self.value {
            Value::Text(Text { style: TextStyle::Verbatim { offset: start }, .. }) => {
                self.place.part(start.saturating_add(narrow(offset)), narrow(length))
            }
            _ => self.place,
        }
    }

    /// Where `length` characters from character `offset` of line `line` (from 0) of this node's
    /// text stand.
    pub(crate) fn part_of_line(&self, line: usize, offset: usize, length: usize) -> Place {
        match &self.value {
            Value::Text(Text { style: TextStyle::Literal, .. }) => Place {
                line: self.place.line.saturating_add(narrow(line)),
                ..self.place.part(narrow(offset), narrow(length))
            },
            _ if line == 0 => self.part(offset, length),
            _ => self.place,
        }
    }

    /// What it is, for a message.
    pub(crate) fn kind(&self) -> &'static str {
        match self.value {
            Value::Nothing => "nothing",
            Value::Text(_) => "text",
            Value::List(_) => "a list",
            Value::Map(_) => "a mapping",
        }
    }
}

fn narrow(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// Reads `text` into a tree; `None` where it is no YAML or not of the kind we take, with the
/// reason told to `reader`.
pub(crate) fn parse(text: &str, source: SourceIndex, reader: &mut Reader) -> Option<Node> {
    let limits = reader.limits;
    if text.len() > limits.source_bytes {
        reader.report(
            Diagnostic::new(
                Code::TOO_LARGE,
                Place { source, ..Place::default() },
                format!("the file has {} bytes", text.len()),
            )
            .expecting(format!("at most {} bytes", limits.source_bytes)),
        );
        return None;
    }
    // The depth limit of the parser is above ours, so that ours speaks first.
    let options = granit_parser::options! {
        disallow_directives: true,
        emit_comments: false,
        emit_unresolved_aliases: true,
        flow_nesting_limit: limits.depth + 8,
        block_nesting_limit: limits.depth + 8,
        simple_key_max_lookahead: 1024,
    };
    let parser = Parser::new_from_str_with_options(text, options);
    TreeBuilder {
        text,
        source,
        limits,
        nodes: 0,
        reader,
        open: Vec::new(),
        root: None,
        stop: false,
    }
    .build(parser)
}

/// A list or mapping whose end has not come yet.
enum Open {
    List { place: Place, items: Vec<Node> },
    Map { place: Place, entries: Vec<(Node, Node)>, key: Option<Node> },
}

struct TreeBuilder<'a> {
    text: &'a str,
    source: SourceIndex,
    limits: Limits,
    nodes: usize,
    reader: &'a mut Reader,
    open: Vec<Open>,
    root: Option<Node>,
    stop: bool,
}

impl<'a> TreeBuilder<'a> {
    fn build(
        mut self,
        parser: impl Iterator<Item = Result<(Event<'a>, Span), ScanError>>,
    ) -> Option<Node> {
        let mut documents = 0;
        for event in parser {
            let (event, span) = match event {
                Ok(event) => event,
                Err(error) => {
                    self.report_scan_error(&error);
                    return None;
                }
            };
            match event {
                Event::DocumentStart(..) => {
                    documents += 1;
                    if documents == 2 {
                        let place = self.place(&span);
                        self.report(
                            Diagnostic::new(
                                Code::NOT_ONE_DOCUMENT,
                                place,
                                "a second YAML document begins",
                            )
                            .expecting("one document a file"),
                        );
                        return None;
                    }
                }
                Event::Alias(_) | Event::UnresolvedAlias(_) => {
                    let place = self.place(&span);
                    self.report(
                        Diagnostic::new(
                            Code::ALIAS_REFUSED,
                            place,
                            "aliases are not used in rule files",
                        )
                        .expecting(
                            "the value itself; phrases are shared as a list under `phrases`",
                        ),
                    );
                    self.add(Node { place, value: Value::Nothing });
                }
                Event::Scalar(text, style, anchor, tag) => {
                    self.refuse(anchor, tag.as_deref(), &span, &text);
                    let node = self.scalar(&text, style, &span);
                    self.add(node);
                }
                Event::SequenceStart(_, anchor, tag) => {
                    self.refuse(anchor, tag.as_deref(), &span, "");
                    let place = self.place(&span);
                    self.open(Open::List { place, items: Vec::new() }, place);
                }
                Event::MappingStart(_, anchor, tag) => {
                    self.refuse(anchor, tag.as_deref(), &span, "");
                    let place = self.place(&span);
                    self.open(Open::Map { place, entries: Vec::new(), key: None }, place);
                }
                Event::SequenceEnd | Event::MappingEnd => self.close(),
                _ => {}
            }
            if self.stop {
                return None;
            }
        }
        if self.root.is_none() {
            let place = Place { source: self.source, ..Place::default() };
            self.report(
                Diagnostic::new(Code::NOT_ONE_DOCUMENT, place, "the file is empty")
                    .expecting("a mapping that begins with `pack: <id>`"),
            );
        }
        self.root
    }

    fn open(&mut self, open: Open, place: Place) {
        if self.open.len() >= self.limits.depth {
            self.report(
                Diagnostic::new(
                    Code::TOO_LARGE,
                    place,
                    "lists and mappings lie too deep in one another",
                )
                .expecting(format!("at most {} levels", self.limits.depth)),
            );
            self.stop = true;
            return;
        }
        self.open.push(open);
    }

    fn close(&mut self) {
        match self.open.pop() {
            Some(Open::List { place, items }) => {
                self.add(Node { place, value: Value::List(items) })
            }
            Some(Open::Map { place, entries, .. }) => {
                self.add(Node { place, value: Value::Map(entries) });
            }
            None => {}
        }
    }

    fn add(&mut self, node: Node) {
        self.nodes += 1;
        if self.nodes > self.limits.nodes {
            self.report(
                Diagnostic::new(Code::TOO_LARGE, node.place, "the file has too many entries")
                    .expecting(format!("at most {}", self.limits.nodes)),
            );
            self.stop = true;
            return;
        }
        match self.open.last_mut() {
            None => self.root = Some(node),
            Some(Open::List { items, .. }) => items.push(node),
            Some(Open::Map { entries, key, .. }) => match key.take() {
                None => *key = Some(node),
                Some(key) => entries.push((key, node)),
            },
        }
    }

    /// Anchors and tags.
    fn refuse(&mut self, anchor: usize, tag: Option<&Tag>, span: &Span, text: &str) {
        if anchor != 0 {
            let place = self.place(span);
            self.report(
                Diagnostic::new(Code::ALIAS_REFUSED, place, "anchors are not used in rule files")
                    .expecting("phrases that are shared as a list under `phrases`"),
            );
        }
        if tag.is_none() {
            return;
        }
        let tag_place = span.tag_span().map_or_else(|| self.place(span), |tag| self.place(&tag));
        let written = span.tag_span().and_then(|tag| tag.slice(self.text)).unwrap_or_default();
        let negated = written.strip_prefix('!').unwrap_or_default();
        // `flag_if: !hello` is a tag to YAML and a negation to its author.
        let diagnostic = if negated.is_empty() || negated.starts_with('!') {
            Diagnostic::new(Code::ALIAS_REFUSED, tag_place, "tags are not used in rule files")
        } else {
            Diagnostic::new(
                Code::ALIAS_REFUSED,
                tag_place,
                format!("to YAML `{written}` is a tag, not a negation"),
            )
            .expecting("`not`, or quotes around the whole text")
            .suggesting(format!("not {negated}{}{text}", if text.is_empty() { "" } else { " " }))
        };
        self.report(diagnostic);
    }

    fn scalar(&mut self, text: &str, style: ScalarStyle, span: &Span) -> Node {
        let place = self.place(span);
        let raw = span.slice(self.text).unwrap_or_default();
        if raw.is_empty() && style == ScalarStyle::Plain {
            return Node { place, value: Value::Nothing };
        }
        let inner = match style {
            ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => {
                raw.get(1..raw.len().saturating_sub(1)).unwrap_or_default()
            }
            _ => raw,
        };
        let style = match style {
            ScalarStyle::Literal => TextStyle::Literal,
            _ if inner == text && !text.contains('\n') => TextStyle::Verbatim {
                offset: u32::from(matches!(
                    style,
                    ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted
                )),
            },
            _ => TextStyle::Altered,
        };
        Node { place, value: Value::Text(Text { text: text.to_owned(), style }) }
    }

    fn place(&self, span: &Span) -> Place {
        let length = if span.end.line() == span.start.line() {
            span.end.col().saturating_sub(span.start.col())
        } else {
            let rest = span.start.byte_offset().and_then(|start| self.text.get(start..));
            rest.map_or(1, |rest| {
                rest.lines().next().unwrap_or_default().trim_end().chars().count()
            })
        };
        Place {
            source: self.source,
            line: narrow(span.start.line()),
            column: narrow(span.start.col().saturating_add(1)),
            length: narrow(length.max(1)),
        }
    }

    fn report(&mut self, diagnostic: Diagnostic) {
        self.reader.report(diagnostic);
    }

    fn report_scan_error(&mut self, error: &ScanError) {
        let marker = error.marker();
        let place = Place {
            source: self.source,
            line: narrow(marker.line().max(1)),
            column: narrow(marker.col().saturating_add(1)),
            length: 1,
        };
        let mut diagnostic =
            Diagnostic::new(Code::INVALID_YAML, place, quote_like_us(&error.info()));
        let next = marker.byte_offset().and_then(|at| self.text.get(at..)).unwrap_or_default();
        if let Some(reserved) = next.chars().next().filter(|c| matches!(c, '@' | '`')) {
            diagnostic = diagnostic.expecting(format!(
                "quotes around a text that starts with `{reserved}`{}",
                if reserved == '@' { "; a phrase list is referred to as `$name`" } else { "" }
            ));
        } else if matches!(error.kind(), granit_parser::ErrorKind::MappingValueNotAllowed) {
            diagnostic = diagnostic.expecting(
                "quotes around a text that has `: ` in it, and entries of one mapping in one column",
            );
        }
        self.report(diagnostic);
    }
}

/// The parser quotes as `` `x' ``; we quote as `` `x` ``.
fn quote_like_us(message: &str) -> String {
    let mut out = String::with_capacity(message.len());
    let mut in_backtick = false;
    for character in message.chars() {
        match character {
            '`' => in_backtick = true,
            '\'' if in_backtick => {
                in_backtick = false;
                out.push('`');
                continue;
            }
            _ => {}
        }
        out.push(character);
    }
    out
}
