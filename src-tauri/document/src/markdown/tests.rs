//! What Markdown can say comes back as it was, up to ids.

use proptest::prelude::*;
use serde_json::json;

use crate::block::{Attributes, Block, Body, Document, Inline, Kind, Mark, push_text};
use crate::from_markdown;
use crate::proof::cases;
use crate::proof::generate::{Source, object};

fn without_ids(document: &Document) -> serde_json::Value {
    fn strip(block: &mut Block) {
        block.id.clear();
        if let Body::Blocks(children) = &mut block.body {
            children.iter_mut().for_each(strip);
        }
    }
    let mut document = document.clone();
    document.blocks.iter_mut().for_each(strip);
    document.to_value()
}

/// Words with everything that could be taken for a sign.
fn awkward(source: &mut Source) -> String {
    const PARTS: [&str; 40] = [
        "*",
        "**",
        "_",
        "`",
        "``",
        "~~",
        "$",
        "[x]",
        "](",
        "<b>",
        "&amp;",
        "&",
        "\\",
        "|",
        "#",
        "1.",
        "2)",
        "- ",
        "+ ",
        "> ",
        "!",
        "[!NOTE]",
        "https://example.org",
        "a_b",
        "(",
        ")",
        "=",
        "---",
        " ",
        "  ",
        "水",
        "مرحبا",
        "👩‍👩‍👧",
        "“q”",
        "word",
        "x",
        "\u{a0}",
        "$5",
        "\t",
        ":::",
    ];
    (0..1 + source.below(5)).map(|_| *source.pick(&PARTS)).collect()
}

fn line(source: &mut Source, in_cell: bool) -> Vec<Inline> {
    let mut line = Vec::new();
    for _ in 0..1 + source.below(4) {
        let mut marks: Vec<Mark> = Vec::new();
        let code = source.chance(12);
        if source.chance(20) {
            let title = if source.chance(30) { Some("a \"title\"") } else { None };
            let address = *source.pick(&[
                "https://example.org/a_b(c)?d=e&f",
                "https://example.org/ü |\\",
                "mailto:a@example.org",
            ]);
            marks.push(Mark::link(address, title));
        }
        for kind in ["bold", "italic", "strike"] {
            if source.chance(25) {
                marks.push(Mark::new(kind));
            }
        }
        if code {
            marks.push(Mark::new("code"));
            let text = source.pick(&["a", "`", "a ` b", " a ", "``x", "a|b", "\\", "*x*"]);
            push_text(&mut line, text, &marks);
            // Two codes beside each other would be one.
            push_text(&mut line, "、", &[]);
            continue;
        }
        let text = if source.chance(50) { awkward(source) } else { source.words(3) };
        push_text(&mut line, &text, &marks);
        if source.chance(15) && !in_cell {
            line.push(Inline::hard_break());
            push_text(&mut line, "after", &[]);
        }
        if source.chance(10) {
            let latex = *source.pick(&["x^2", "\\frac{a}{b}", "a<b", "\\alpha_1"]);
            let attributes = object(json!({ "latex": latex }));
            line.push(Inline::Atom { kind: "mathInline".into(), attributes, marks: vec![], rest: Attributes::new() });
            push_text(&mut line, " then", &[]);
        }
    }
    line
}

fn sayable(source: &mut Source, depth: usize) -> Block {
    let none = Attributes::new;
    let children =
        |source: &mut Source| -> Vec<Block> { (0..1 + source.below(3)).map(|_| sayable(source, depth - 1)).collect() };
    match source.below(if depth == 0 { 10 } else { 16 }) {
        0..=3 => Block::paragraph("", line(source, false)),
        4 => {
            let level = 1 + source.below(6);
            Block::new(Kind::Heading, "", object(json!({ "level": level })), Body::Text(line(source, true)))
        }
        5 => {
            let language = if source.chance(50) { json!("rust") } else { json!(null) };
            let code = *source.pick(&["a", "```\nx\n```", "  indented\n\n\n# no", "\n", "tab\there", "> x", ""]);
            let mut text = Vec::new();
            push_text(&mut text, code, &[]);
            Block::new(Kind::CodeBlock, "", object(json!({ "language": language })), Body::Text(text))
        }
        6 => {
            let latex = *source.pick(&["x^2", "a\nb", "a\n\nb", "\\text{a $ b}", "{", "x \\\\ y"]);
            Block::new(Kind::MathBlock, "", object(json!({ "latex": latex })), Body::Leaf)
        }
        7 => Block::new(Kind::HorizontalRule, "", none(), Body::Leaf),
        8 => {
            let attributes = match source.below(4) {
                0 => json!({"src": "https://example.org/i (1).png", "alt": awkward(source).trim(), "title": "it's"}),
                1 => json!({"attachment": "ab".repeat(32), "alt": source.words(2)}),
                _ => json!({"src": "https://example.org/<i>.png", "alt": ""}),
            };
            Block::new(Kind::Image, "", object(attributes), Body::Leaf)
        }
        9 if source.chance(50) => {
            let attributes = json!({"attachment": "cd".repeat(32), "name": format!("{}.pdf", source.words(2)), "size_bytes": 12, "mime": "application/pdf"});
            Block::new(Kind::Attachment, "", object(attributes), Body::Leaf)
        }
        9 => {
            let title = if source.chance(50) { source.words(2) } else { String::new() };
            Block::new(
                Kind::Video,
                "",
                object(json!({"url": "https://example.org/v_1?x=*", "title": title})),
                Body::Leaf,
            )
        }
        10..=12 => {
            let kind = source.pick(&[Kind::BulletList, Kind::OrderedList, Kind::TaskList]).clone();
            let items = (0..1 + source.below(3)).map(|_| item(source, &kind, depth - 1)).collect();
            let attributes =
                if kind == Kind::OrderedList { object(json!({"start": source.below(12)})) } else { none() };
            Block::new(kind, "", attributes, Body::Blocks(items))
        }
        13 => Block::new(Kind::Blockquote, "", none(), Body::Blocks(children(source))),
        14 => {
            let kind = *source.pick(&["note", "tip", "warning", "danger"]);
            Block::new(Kind::Callout, "", object(json!({ "kind": kind })), Body::Blocks(children(source)))
        }
        _ => table(source),
    }
}

fn item(source: &mut Source, list: &Kind, depth: usize) -> Block {
    let mut children = vec![Block::paragraph("", line(source, false))];
    for _ in 0..source.below(3) {
        children.push(sayable(source, depth));
    }
    if *list == Kind::TaskList {
        let attributes = object(json!({"checked": source.chance(50)}));
        return Block::new(Kind::TaskItem, "", attributes, Body::Blocks(children));
    }
    Block::new(Kind::ListItem, "", Attributes::new(), Body::Blocks(children))
}

fn table(source: &mut Source) -> Block {
    let (rows, columns) = (1 + source.below(3), 1 + source.below(3));
    let aligns: Vec<_> = (0..columns)
        .map(|_| source.pick(&[json!(null), json!("left"), json!("center"), json!("right")]).clone())
        .collect();
    let mut made = Vec::new();
    for row in 0..rows {
        let mut cells = Vec::new();
        for align in &aligns {
            let kind = if row == 0 { Kind::TableHeader } else { Kind::TableCell };
            let text = if source.chance(15) { Vec::new() } else { line(source, true) };
            let attributes = object(json!({"colspan": 1, "rowspan": 1, "align": align}));
            cells.push(Block::new(kind, "", attributes, Body::Blocks(vec![Block::paragraph("", text)])));
        }
        made.push(Block::new(Kind::TableRow, "", Attributes::new(), Body::Blocks(cells)));
    }
    Block::new(Kind::Table, "", Attributes::new(), Body::Blocks(made))
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn what_markdown_can_say_comes_back(seed in any::<u64>(), count in 1usize..6) {
        let mut source = Source::new(seed, 10_000);
        let blocks = (0..count).map(|_| sayable(&mut source, 2)).collect();
        let document = Document { blocks, ..Document::default() }.repair();
        let markdown = document.markdown();
        let read = from_markdown(&markdown, "seed");
        prop_assert_eq!(without_ids(&read), without_ids(&document), "{}", markdown);
        prop_assert_eq!(from_markdown(&markdown, "seed"), read);
    }

    #[test]
    fn any_text_is_read_as_a_valid_document(text in "[ a-z*_`#>|\\-+0-9.\\[\\]()!$~<&;\n\\\\]{0,200}") {
        let read = from_markdown(&text, "seed");
        prop_assert_eq!(read.check(), vec![]);
    }
}

#[test]
fn a_lesson_reads_well() {
    let markdown = "# Water\n\nIt is **wet** and *cold*, see [here](<https://example.org>).\n\n- one\n  - two\n\n> [!CAUTION]\n> Deep.\n\n\
        - [x] done\n- [ ] open\n\n```rust\nfn main() {}\n```\n\n$$x^2$$\n\n| a | b |\n| --- | ---: |\n| 1 | 2 |\n";
    assert_eq!(from_markdown(markdown, "seed").markdown(), markdown);
}

#[test]
fn html_in_markdown_is_text() {
    let read = from_markdown("<script>alert(1)</script>\n\na <b>c</b><br>d [x](javascript:alert(1))", "seed");
    assert_eq!(
        read.html(),
        "<pre><code class=\"language-html\">&lt;script&gt;alert(1)&lt;/script&gt;</code></pre>\
         <p>a &lt;b&gt;c&lt;/b&gt;<br>d <a>x</a></p>"
    );
}

#[test]
fn endless_nesting_is_read_to_a_valid_document() {
    for text in [">".repeat(5000) + " x", "- ".repeat(3000) + "x", "1. ".repeat(2000) + "x", "> - ".repeat(1000) + "x"]
    {
        let read = from_markdown(&text, "seed");
        assert_eq!(read.check(), []);
        assert!(read.plain_text().contains('x'));
    }
}

#[test]
fn images_leave_their_paragraph() {
    let read = from_markdown("before ![alt](https://example.org/i.png) after", "seed");
    let kinds: Vec<_> = read.blocks.iter().map(|block| block.kind.name().to_owned()).collect();
    assert_eq!(kinds, ["paragraph", "image", "paragraph"]);
}
