//! HTML for those who read the published columns. Safe by construction: every text is escaped, every element and attribute
//! is one of those written here, links lead to `http`, `https` and `mailto` only, nothing of the document is copied as HTML.

use std::fmt::Write;

use serde_json::Value;

use crate::block::{Block, Body, Document, Inline, Kind, Mark};
use crate::text;

impl Document {
    /// The document as an HTML fragment. Attachments name themselves in `data-attachment`, formulas keep their source in
    /// `data-latex`; unknown blocks show their words.
    #[must_use]
    pub fn html(&self) -> String {
        let mut html = String::new();
        blocks(&self.blocks, &mut html);
        html
    }
}

fn blocks(blocks: &[Block], html: &mut String) {
    blocks.iter().for_each(|block| self::block(block, html));
}

pub(crate) fn escape(text: &str, html: &mut String) {
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            // Not allowed in HTML, and the only characters a reader might drop to put a word together anew.
            '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{7f}' => html.push('\u{fffd}'),
            c => html.push(c),
        }
    }
}

fn attribute(name: &str, value: &str, html: &mut String) {
    if !value.is_empty() {
        html.push(' ');
        html.push_str(name);
        html.push_str("=\"");
        escape(value, html);
        html.push('"');
    }
}

/// The address if it may be followed: `http`, `https` or `mailto`, written out, without characters a browser would skip.
#[must_use]
pub(crate) fn safe_address(address: &str) -> Option<&str> {
    let address = address.trim();
    let scheme = address.split_once(':').map(|(scheme, _)| scheme.to_ascii_lowercase());
    let allowed = matches!(scheme.as_deref(), Some("http" | "https" | "mailto"));
    (allowed && !address.chars().any(char::is_control)).then_some(address)
}

fn block(block: &Block, html: &mut String) {
    match &block.kind {
        Kind::Paragraph => wrap("p", block, html),
        Kind::Heading => {
            let level = block.number_of("level").map_or(1, |level| level.clamp(1, 6));
            wrap(["h1", "h2", "h3", "h4", "h5", "h6"][level as usize - 1], block, html);
        }
        Kind::BulletList => wrap("ul", block, html),
        Kind::ListItem => wrap("li", block, html),
        Kind::Blockquote => wrap("blockquote", block, html),
        Kind::TableRow => wrap("tr", block, html),
        Kind::OrderedList => {
            match block.number_of("start").filter(|start| *start != 1) {
                Some(start) => _ = write!(html, "<ol start=\"{start}\">"),
                None => html.push_str("<ol>"),
            }
            close("ol", block, html);
        }
        Kind::TaskList => {
            html.push_str("<ul class=\"tasks\">");
            close("ul", block, html);
        }
        Kind::TaskItem => {
            let checked = block.attributes.get("checked").and_then(Value::as_bool).unwrap_or(false);
            html.push_str("<li><input type=\"checkbox\" disabled");
            html.push_str(if checked { " checked>" } else { ">" });
            close("li", block, html);
        }
        Kind::Callout => {
            let kind = block.text_of("kind");
            let kind = if matches!(kind, "tip" | "warning" | "danger") { kind } else { "note" };
            _ = write!(html, "<aside class=\"callout callout-{kind}\">");
            close("aside", block, html);
        }
        Kind::CodeBlock => {
            let language = block.text_of("language");
            let plain = |c: char| c.is_ascii_alphanumeric() || "+#.-_".contains(c);
            html.push_str("<pre><code");
            if !language.is_empty() && language.chars().all(plain) {
                attribute("class", &format!("language-{language}"), html);
            }
            html.push('>');
            escape(&text::of_line(block.inline()), html);
            html.push_str("</code></pre>");
        }
        Kind::MathBlock => formula("div", block.text_of("latex"), html),
        Kind::HorizontalRule => html.push_str("<hr>"),
        Kind::Image => {
            html.push_str("<img");
            attribute("data-attachment", hash_of(block), html);
            attribute("src", safe_address(block.text_of("src")).unwrap_or(""), html);
            html.push_str(" alt=\"");
            escape(block.text_of("alt"), html);
            html.push('"');
            attribute("title", block.text_of("title"), html);
            if let Some(width) = block.number_of("width") {
                _ = write!(html, " width=\"{width}\"");
            }
            html.push('>');
        }
        Kind::Attachment => {
            html.push_str("<p><a class=\"attachment\"");
            attribute("data-attachment", hash_of(block), html);
            attribute("type", block.text_of("mime"), html);
            html.push('>');
            escape(block.text_of("name"), html);
            html.push_str("</a></p>");
        }
        Kind::Video => {
            let (address, title) = (block.text_of("url"), block.text_of("title"));
            html.push_str("<p><a class=\"video\"");
            link(address, html);
            html.push('>');
            escape(if title.is_empty() { address } else { title }, html);
            html.push_str("</a></p>");
        }
        Kind::Table => {
            html.push_str("<table>");
            blocks(block.children(), html);
            html.push_str("</table>");
        }
        Kind::TableHeader => cell("th", block, html),
        Kind::TableCell => cell("td", block, html),
        Kind::Unknown(_) => {
            html.push_str("<div class=\"unknown\">");
            escape(&text::words_in(&block.to_value()), html);
            html.push_str("</div>");
        }
    }
    // A leaf that came with content keeps its words too.
    if let (Body::Opaque(content), false) = (&block.body, matches!(block.kind, Kind::Unknown(_))) {
        content.iter().for_each(|node| escape(&text::words_in(node), html));
    }
}

fn hash_of(block: &Block) -> &str {
    Some(block.text_of("attachment")).filter(|hash| hash.bytes().all(|b| b.is_ascii_hexdigit())).unwrap_or("")
}

fn wrap(tag: &str, block: &Block, html: &mut String) {
    _ = write!(html, "<{tag}>");
    close(tag, block, html);
}

fn close(tag: &str, block: &Block, html: &mut String) {
    line(block.inline(), html);
    blocks(block.children(), html);
    _ = write!(html, "</{tag}>");
}

fn cell(tag: &str, block: &Block, html: &mut String) {
    _ = write!(html, "<{tag}");
    for span in ["colspan", "rowspan"] {
        if let Some(count) = block.number_of(span).filter(|count| *count > 1) {
            _ = write!(html, " {span}=\"{count}\"");
        }
    }
    let align = block.text_of("align");
    if matches!(align, "left" | "center" | "right") {
        _ = write!(html, " style=\"text-align: {align}\"");
    }
    html.push('>');
    close(tag, block, html);
}

fn formula(tag: &str, latex: &str, html: &mut String) {
    _ = write!(html, "<{tag} class=\"math\"");
    attribute("data-latex", latex, html);
    html.push('>');
    escape(latex, html);
    _ = write!(html, "</{tag}>");
}

fn link(address: &str, html: &mut String) {
    if let Some(address) = safe_address(address) {
        attribute("href", address, html);
        html.push_str(" rel=\"noopener noreferrer nofollow\"");
    }
}

fn line(inline: &[Inline], html: &mut String) {
    for node in inline {
        let known: Vec<&Mark> = node.marks().iter().filter(|mark| tag(&mark.kind).is_some()).collect();
        for mark in &known {
            _ = write!(html, "<{}", tag(&mark.kind).unwrap_or("span"));
            if mark.kind == "link" {
                let said = |name: &str| mark.attributes.get(name).and_then(Value::as_str).unwrap_or("");
                link(said("href"), html);
                attribute("title", said("title"), html);
            }
            html.push('>');
        }
        match node {
            Inline::Text { text, .. } => escape(text, html),
            Inline::Atom { kind, .. } if kind == "hardBreak" => html.push_str("<br>"),
            Inline::Atom { kind, .. } if kind == "mathInline" => formula("span", &text::of_inline(node), html),
            Inline::Atom { .. } => {
                html.push_str("<span class=\"unknown\">");
                escape(&text::of_inline(node), html);
                html.push_str("</span>");
            }
        }
        for mark in known.iter().rev() {
            _ = write!(html, "</{}>", tag(&mark.kind).unwrap_or("span"));
        }
    }
}

fn tag(mark: &str) -> Option<&'static str> {
    Some(match mark {
        "bold" => "strong",
        "italic" => "em",
        "underline" => "u",
        "strike" => "s",
        "code" => "code",
        "link" => "a",
        "highlight" => "mark",
        "subscript" => "sub",
        "superscript" => "sup",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn html(content: Value) -> String {
        Document::parse(&json!({"type": "doc", "content": content})).unwrap().html()
    }

    #[test]
    fn words_are_escaped_and_marked() {
        let html = html(json!([{"type": "paragraph", "content": [
            {"type": "text", "text": "<script>alert('x')</script> & ", "marks": [{"type": "bold"}, {"type": "evil onclick=x"}]},
            {"type": "hardBreak"}, {"type": "mathInline", "attrs": {"latex": "a<b"}}]}]));
        assert_eq!(
            html,
            "<p><strong>&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; </strong><br>\
             <span class=\"math\" data-latex=\"a&lt;b\">a&lt;b</span></p>"
        );
    }

    #[test]
    fn links_lead_to_the_web_and_to_mail_only() {
        for bad in [
            "javascript:alert(1)",
            " JaVaScRiPt:x",
            "java\nscript:x",
            "data:text/html,x",
            "vbscript:x",
            "//x.example",
            "file:///etc/passwd",
            "\u{1}javascript:x",
            "ht\ttps://x",
            "javascript&colon;x",
            "",
        ] {
            let link = json!([{"type": "paragraph", "content": [{"type": "text", "text": "x",
                "marks": [{"type": "link", "attrs": {"href": bad}}]}]}, {"type": "image", "attrs": {"src": bad, "alt": "a"}},
                {"type": "video", "attrs": {"url": bad, "title": "v"}}]);
            let html = html(link);
            assert!(!html.contains("href") && !html.contains("src"), "{bad:?} {html}");
        }
        assert_eq!(safe_address(" HTTPS://x.example/?a=1&b "), Some("HTTPS://x.example/?a=1&b"));
        assert_eq!(safe_address("mailto:a@b.example"), Some("mailto:a@b.example"));
    }

    #[test]
    fn attributes_cannot_leave_their_quotes() {
        let html = html(
            json!([{"type": "image", "attrs": {"src": "https://x.example/\" onerror=\"x", "alt": "\"><b>", "width": "1 onload=x"}},
            {"type": "codeBlock", "attrs": {"language": "\" onclick=x"}, "content": [{"type": "text", "text": "</code>"}]},
            {"type": "callout", "attrs": {"kind": "\"><script>"}, "content": [{"type": "paragraph"}]},
            {"type": "future", "attrs": {"title": "<img>"}, "content": [{"type": "text", "text": "<b>"}]}]),
        );
        assert_eq!(
            html,
            "<img src=\"https://x.example/&quot; onerror=&quot;x\" alt=\"&quot;&gt;&lt;b&gt;\">\
             <pre><code>&lt;/code&gt;</code></pre><aside class=\"callout callout-note\"><p></p></aside>\
             <div class=\"unknown\">&lt;img&gt; &lt;b&gt;</div>"
        );
    }
}
