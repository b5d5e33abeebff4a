/**
 * Pasted HTML as plain structure: headings, lists, tables, bold and italic stay, everything about looks goes. What Word and
 * Google Docs put on the clipboard is told apart by their own marks (`mso-…`, `docs-internal-guid`).
 */
export type Cleaned = { html: string; /** Pictures that only exist on the disk of the other program. */ lostPictures: number };

const style = (element: Element) => element.getAttribute("style") ?? "";
const unwrap = (element: Element) => element.replaceWith(...element.childNodes);
const rename = (element: Element, tag: string): Element => {
  const made = element.ownerDocument.createElement(tag);
  made.append(...element.childNodes);
  element.replaceWith(made);
  return made;
};
const all = (root: Element, selector: string) => [...root.querySelectorAll(selector)];

export function cleanHtml(html: string): Cleaned {
  // Word wraps markers of lists in comments for old browsers; their content is wanted.
  const bare = html.replaceAll(/<!--\[if [^\]]*\]>[\s\S]*?<!\[endif\]-->/gi, "").replaceAll(/<!\[(?:if [^\]]*|endif)\]>/gi, "").replaceAll(/<\?xml[^>]*>/gi, "");
  const body = new DOMParser().parseFromString(bare, "text/html").body;
  for (const gone of all(body, "script, style, meta, link, title, noscript, template, object, embed, form > input, button, select")) gone.remove();
  for (const hiddenPart of all(body, "[style]")) if (/mso-hide:\s*all|display:\s*none/i.test(style(hiddenPart))) hiddenPart.remove();
  for (const named of all(body, "*")) if (named.localName.includes(":")) unwrap(named);

  footnotes(body);
  wordLists(body);
  docs(body);
  nestedLists(body);
  tables(body);
  for (const wrapped of all(body, "p.MsoTitle")) rename(wrapped, "h1");
  for (const inside of all(body, "a [style*=underline], a u")) {
    if (inside.localName === "u") unwrap(inside);
    else inside.setAttribute("style", style(inside).replaceAll(/text-decoration[^;]*;?/gi, ""));
  }
  for (const bold of all(body, "h1 b, h2 b, h3 b, h4 b, h5 b, h6 b, h1 strong, h2 strong, h3 strong, h4 strong, h5 strong, h6 strong")) unwrap(bold);
  for (const heading of all(body, "h1 span, h2 span, h3 span, h4 span, h5 span, h6 span, th span, th b, th strong")) {
    if (heading.localName === "span") heading.setAttribute("style", style(heading).replaceAll(/font-weight[^;]*;?/gi, ""));
    else unwrap(heading);
  }

  let lostPictures = 0;
  for (const picture of all(body, "img")) {
    const src = picture.getAttribute("src") ?? "";
    if (/^(https?:|data:image\/)/i.test(src) || picture.hasAttribute("data-attachment")) continue;
    lostPictures += 1;
    picture.remove();
  }
  whitespace(body);
  // A line break between two blocks is spacing too.
  for (const line of all(body, "br")) if (blockish(line.previousElementSibling) || blockish(line.nextElementSibling)) line.remove();
  for (const empty of all(body, "p, h1, h2, h3, h4, h5, h6")) {
    if ((empty.textContent ?? "").trim() === "" && !empty.querySelector("img, br, hr, [data-latex], [data-newer]")) emptied(empty);
    else if (empty.childNodes.length === 1 && empty.firstElementChild?.localName === "br") emptied(empty);
  }
  for (const item of all(body, "li")) if ((item.textContent ?? "").trim() === "" && !item.querySelector("img")) item.remove();
  return { html: body.innerHTML, lostPictures };
}

const blockish = (element: Element | null) => element !== null && /^(p|div|ul|ol|table|h[1-6]|hr|blockquote|pre)$/.test(element.localName);

/** An empty paragraph is spacing, except where it is all that a cell holds. */
function emptied(element: Element): void {
  const parent = element.parentElement;
  if (parent && /^(td|th|li)$/.test(parent.localName) && parent.children.length === 1) element.textContent = "";
  else element.remove();
}

function footnotes(body: Element): void {
  for (const reference of all(body, "a")) {
    const href = reference.getAttribute("href") ?? "";
    if (/^#_(ftnref|ednref)/i.test(href) || /^#ftnt_ref/i.test(href)) unwrap(reference);
    else if (/^#_(ftn|edn)\d/i.test(href) || /^#ftnt\d/i.test(href)) {
      const label = (reference.textContent ?? "").trim();
      const made = reference.ownerDocument.createElement("sup");
      made.textContent = label;
      const around = reference.closest("sup");
      (around ?? reference).replaceWith(made);
    } else if (href.startsWith("#") || (!reference.hasAttribute("href") && reference.hasAttribute("name"))) unwrap(reference);
  }
  for (const rule of all(body, "[style*='mso-element:footnote-list'] > hr, [style*='mso-element:endnote-list'] > hr")) rule.remove();
}

const marker = (element: Element): Element | undefined => all(element, "span").find((span) => /mso-list:\s*ignore/i.test(style(span)));

/** Word writes list items as paragraphs that name their list and level. */
function wordLists(body: Element): void {
  type Open = { list: Element; level: number; ordered: boolean };
  let open: Open[] = [];
  let last: Element | null = null;
  for (const paragraph of all(body, "p, h1, h2, h3, h4, h5, h6")) {
    const named = /mso-list:\s*(l\d+)\s+level(\d+)/i.exec(style(paragraph));
    if (!named) continue;
    const level = Number(named[2]);
    const sign = marker(paragraph);
    const said = (sign?.textContent ?? "").trim();
    sign?.remove();
    const ordered = /^\(?(\d+|[a-z]{1,2}|[ivxlcdm]+)[.)]/i.test(said) || /^\d+(\.\d+)+\.?$/.test(said);
    const follows = last !== null && previousElement(paragraph) === (open[0]?.list ?? null);
    if (!follows) open = [];
    while (open.length > 0 && (open.at(-1)!.level > level || (open.at(-1)!.level === level && open.at(-1)!.ordered !== ordered))) open.pop();
    let current = open.at(-1);
    if (!current || current.level < level) {
      const list = body.ownerDocument.createElement(ordered ? "ol" : "ul");
      const start = Number.parseInt(said.replace("(", ""), 10);
      if (ordered && start > 1) list.setAttribute("start", String(start));
      const into: Element | null | undefined = current?.list.lastElementChild;
      if (into) into.append(list);
      else paragraph.before(list);
      current = { list, level, ordered };
      open.push(current);
    }
    const item = body.ownerDocument.createElement("li");
    item.append(rename(paragraph, "p"));
    current.list.append(item);
    last = item;
  }
}

function previousElement(element: Element): Element | null {
  let before = element.previousSibling;
  while (before && before.nodeType !== 1 && (before.textContent ?? "").trim() === "") before = before.previousSibling;
  return before?.nodeType === 1 ? (before as Element) : null;
}

function docs(body: Element): void {
  for (const wrapper of all(body, "b, strong")) if (/^docs-internal-guid/.test(wrapper.id) || /font-weight:\s*(normal|400)/i.test(style(wrapper))) unwrap(wrapper);
  for (const item of all(body, "li[role=checkbox], li[aria-checked]")) {
    item.setAttribute("data-type", "taskItem");
    item.setAttribute("data-checked", item.getAttribute("aria-checked") ?? "false");
    for (const picture of all(item, "img")) if (picture.parentElement === item) picture.remove();
    item.parentElement?.setAttribute("data-type", "taskList");
  }
  // Web pages that draw check boxes themselves (GitHub and others).
  for (const box of all(body, "li > input[type=checkbox], li > p > input[type=checkbox], li > label > input[type=checkbox]")) {
    const item = box.closest("li");
    item?.setAttribute("data-type", "taskItem");
    item?.setAttribute("data-checked", String(box.hasAttribute("checked")));
    item?.parentElement?.setAttribute("data-type", "taskList");
    box.remove();
  }
  // A list is either of tasks or not; a stray plain item becomes an open task.
  for (const list of all(body, "ul[data-type=taskList], ol[data-type=taskList]")) {
    const tasks = list.localName === "ol" ? rename(list, "ul") : list;
    tasks.setAttribute("data-type", "taskList");
    for (const item of [...tasks.children]) if (item.localName === "li" && !item.hasAttribute("data-type")) item.setAttribute("data-type", "taskItem");
  }
}

/** Google Docs puts the inner list beside its item instead of inside it. */
function nestedLists(body: Element): void {
  for (const inner of all(body, "ul > ul, ul > ol, ol > ul, ol > ol")) {
    const before = inner.previousElementSibling;
    if (before?.localName === "li") before.append(inner);
    else unwrap(inner);
  }
}

function tables(body: Element): void {
  for (const cell of all(body, "thead td")) {
    const header = rename(cell, "th");
    for (const name of ["colspan", "rowspan"]) if (cell.hasAttribute(name)) header.setAttribute(name, cell.getAttribute(name) ?? "1");
  }
  for (const gone of all(body, "colgroup, col")) gone.remove();
  // A table around a whole page is layout.
  for (const table of all(body, "table")) {
    const cells = all(table, "td, th");
    if (cells.length === 1 && cells[0]) {
      table.replaceWith(...cells[0].childNodes);
    } else if (table.closest("td, th")) {
      const lines = all(table, "tr").map((row) => {
        const line = body.ownerDocument.createElement("p");
        line.textContent = all(row, "td, th").map((each) => (each.textContent ?? "").trim()).join(" · ");
        return line;
      });
      table.replaceWith(...lines);
    }
  }
}

/** Non-breaking blanks stay where they mean something: before units, in numbers, beside French marks. */
export function plainBlanks(text: string): string {
  return text.replaceAll(/\u00a0/g, (blank, at: number) => {
    const [before, after] = [text[at - 1] ?? "", text[at + 1] ?? ""];
    const bound = (/\d/.test(before) && /[\p{L}\d%°€$]/u.test(after)) || /[;:!?»]/.test(after) || before === "«" || (/[§№]/.test(before) && /\d/.test(after));
    return bound ? blank : " ";
  });
}

function whitespace(body: Element): void {
  const walker = body.ownerDocument.createTreeWalker(body, 4);
  const texts: Node[] = [];
  while (walker.nextNode()) texts.push(walker.currentNode);
  for (const text of texts) {
    if ((text.parentElement?.closest("pre, code") ?? null) !== null) continue;
    const value = text.nodeValue ?? "";
    const next = plainBlanks(value).replaceAll(/[\u200b\ufeff]/g, "");
    if (next !== value) text.nodeValue = next;
  }
}
