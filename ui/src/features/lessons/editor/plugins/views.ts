import { type Editor, type Extensions, Node as TipTapNode } from "@tiptap/core";
import type { Node } from "@tiptap/pm/model";
import type { NodeView } from "@tiptap/pm/view";
import { deleteBlock } from "../commands";
import { safeHref } from "../document/shape";
import type { Host } from "../host";
import { setMath } from "../math";
import { sizeInWords } from "./uploads";

type Make = (node: Node, getPos: () => number | undefined) => NodeView;

const element = (tag: string, className: string, text?: string): HTMLElement => {
  const made = document.createElement(tag);
  made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
};

/** A block drawn as a card that the cursor cannot enter; it is chosen as a whole and edited in its box. */
function card(host: Host, type: string, className: string, tag: string, node: Node, draw: (dom: HTMLElement, node: Node) => void): NodeView {
  const dom = element(tag, className);
  dom.contentEditable = "false";
  let now = node;
  const redraw = () => draw(dom, now);
  redraw();
  host.redraw.add(redraw);
  return {
    dom,
    update: (next) => {
      if (next.type.name !== type) return false;
      const same = next.attrs === now.attrs;
      now = next;
      if (!same) redraw();
      return true;
    },
    selectNode: () => dom.classList.add("chosen"),
    deselectNode: () => dom.classList.remove("chosen"),
    ignoreMutation: () => true,
    destroy: () => host.redraw.delete(redraw),
    stopEvent: (event) => event.type === "mousedown" && (event.target as HTMLElement).closest("button") !== null,
  };
}

function button(label: string, act: () => void): HTMLButtonElement {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = label;
  made.addEventListener("click", (event) => {
    event.preventDefault();
    act();
  });
  return made;
}

function views(editor: Editor, host: Host): Record<string, Make> {
  const attr = (node: Node, name: string) => (typeof node.attrs[name] === "string" ? (node.attrs[name] as string) : "");

  const math = (type: string, display: boolean): Make => (node) => {
    let drawing = 0;
    return card(host, type, display ? "math-block" : "math-inline", display ? "div" : "span", node, (dom, now) => {
      const latex = attr(now, "latex");
      const t = host.strings.mathBox;
      dom.classList.remove("math-wrong");
      dom.setAttribute("role", "math");
      dom.setAttribute("aria-label", latex || t.empty);
      dom.title = "";
      if (latex.trim() === "") {
        dom.replaceChildren(element("span", "math-empty", t.empty));
        return;
      }
      const holder = element("span", "math-set");
      holder.textContent = latex;
      dom.replaceChildren(holder);
      const mine = ++drawing;
      void setMath(holder, latex, display).then((problem) => {
        if (mine !== drawing) return;
        // The MathML inside speaks for itself once it is there.
        if (problem === null) {
          dom.removeAttribute("role");
          dom.removeAttribute("aria-label");
          return;
        }
        dom.classList.add("math-wrong");
        dom.title = t.wrong(problem);
        if (display) dom.append(element("span", "math-reason", t.wrong(problem)));
      });
    });
  };

  const unknown = (type: string, tag: string): Make => (node, getPos) =>
    card(host, type, tag === "div" ? "newer" : "newer newer-inline", tag, node, (dom, now) => {
      const t = host.strings.newer;
      const json = now.attrs.json as { type?: unknown } | null;
      const kind = typeof json?.type === "string" ? json.type : "?";
      dom.title = t.block(kind);
      if (tag === "span") {
        dom.replaceChildren(element("span", "newer-name", t.label));
        return;
      }
      const words = element("div", "newer-words");
      words.append(element("strong", "", t.label), element("span", "", t.block(kind)));
      dom.replaceChildren(words);
      if (editor.isEditable) {
        const remove = () => {
          const pos = getPos();
          if (pos !== undefined) deleteBlock(editor, pos, true);
        };
        dom.append(button(t.remove, () => host.confirmRemoval(remove)));
      }
    });

  return {
    image: (node) => {
      let shownFor: string | null = null;
      return card(host, "image", "picture", "figure", node, (dom, now) => {
        const t = host.strings.imageBox;
        const [attachment, src, alt, title] = [attr(now, "attachment"), attr(now, "src"), attr(now, "alt"), attr(now, "title")];
        const width = typeof now.attrs.width === "number" ? now.attrs.width : null;
        const caption = element("figcaption", "", title);
        const say = (sentence: string) => {
          const missing = element("div", "picture-missing", sentence);
          if (/^https?:/i.test(src)) missing.append(element("small", "", src));
          if (alt) missing.append(element("em", "", alt));
          dom.replaceChildren(missing, ...(title ? [caption] : []));
        };
        const show = (url: string) => {
          const image = document.createElement("img");
          image.src = url;
          image.alt = alt;
          image.draggable = false;
          if (width) image.style.width = `${width}px`;
          image.addEventListener("error", () => say(t.missing));
          dom.replaceChildren(image, ...(title ? [caption] : []));
          const marked = typeof now.attrs.alt === "string";
          if (!marked && editor.isEditable) dom.append(element("span", "picture-hint", host.strings.hints.missingAlt.title));
        };
        if (attachment && host.images) {
          const asked = attachment;
          shownFor = asked;
          if (!dom.querySelector("img")) say(t.loading);
          host.images(asked).then(
            (url) => {
              if (shownFor !== asked) return;
              if (url) show(url);
              else say(t.missing);
            },
            () => shownFor === asked && say(t.missing),
          );
        } else if (/^data:image\//i.test(src)) show(src);
        else say(/^https?:/i.test(src) ? t.remote : t.missing);
      });
    },
    video: (node) =>
      card(host, "video", "card", "div", node, (dom, now) => {
        const t = host.strings.videoBox;
        const url = safeHref(attr(now, "url"));
        const words = element("div", "card-words");
        const name = element("strong", "", attr(now, "title") || t.untitled);
        name.dir = "auto";
        words.append(name, element("span", "", attr(now, "url") || t.wrong));
        dom.replaceChildren(element("span", "card-sign card-play"), words);
        if (url && /^https?:/i.test(url)) dom.append(button(t.open, () => host.openOutside(url)));
      }),
    attachment: (node) =>
      card(host, "attachment", "card", "div", node, (dom, now) => {
        const size = typeof now.attrs.size_bytes === "number" ? sizeInWords(now.attrs.size_bytes, host.number) : "";
        const words = element("div", "card-words");
        const name = element("strong", "", attr(now, "name") || host.strings.fileBox.unnamed);
        name.dir = "auto";
        words.append(name, element("span", "", [size, attr(now, "mime")].filter(Boolean).join(" · ")));
        dom.replaceChildren(element("span", "card-sign card-file"), words);
      }),
    mathBlock: math("mathBlock", true),
    mathInline: math("mathInline", false),
    unknownBlock: unknown("unknownBlock", "div"),
    unknownInline: unknown("unknownInline", "span"),
    horizontalRule: (node) => card(host, "horizontalRule", "divider", "div", node, (dom) => dom.replaceChildren(document.createElement("hr"))),
    taskItem: (node, getPos) => {
      const dom = document.createElement("li");
      const label = element("label", "task-box");
      label.contentEditable = "false";
      const box = document.createElement("input");
      box.type = "checkbox";
      label.append(box);
      const contentDOM = element("div", "task-words");
      dom.append(label, contentDOM);
      dom.dir = "auto";
      let now = node;
      const draw = () => {
        const checked = now.attrs.checked === true;
        box.checked = checked;
        box.disabled = !editor.isEditable;
        dom.dataset.checked = String(checked);
        dom.dataset.type = "taskItem";
        box.setAttribute("aria-label", host.strings.task(now.firstChild?.textContent ?? ""));
      };
      box.addEventListener("mousedown", (event) => event.preventDefault());
      box.addEventListener("change", () => {
        const pos = getPos();
        if (!editor.isEditable || pos === undefined) return draw();
        editor.view.dispatch(editor.state.tr.setNodeMarkup(pos, null, { ...now.attrs, checked: box.checked }));
        return undefined;
      });
      draw();
      host.redraw.add(draw);
      return {
        dom,
        contentDOM,
        update: (next) => {
          if (next.type !== now.type) return false;
          now = next;
          draw();
          return true;
        },
        ignoreMutation: (mutation) => mutation.type !== "selection" && !contentDOM.contains(mutation.target),
        stopEvent: (event) => label.contains(event.target as globalThis.Node) && event.type !== "dragstart",
        destroy: () => host.redraw.delete(draw),
      };
    },
    callout: (node) => {
      const dom = document.createElement("aside");
      const sign = element("div", "callout-sign");
      sign.contentEditable = "false";
      const contentDOM = element("div", "callout-words");
      dom.append(sign, contentDOM);
      dom.dir = "auto";
      let now = node;
      const draw = () => {
        const kind = ((now.attrs.kind as string | undefined) ?? "note") as keyof Host["strings"]["calloutKind"];
        dom.className = "callout";
        dom.dataset.kind = kind;
        dom.setAttribute("role", "note");
        dom.setAttribute("aria-label", host.strings.calloutKind[kind]);
        sign.textContent = host.strings.calloutKind[kind];
      };
      draw();
      host.redraw.add(draw);
      return {
        dom,
        contentDOM,
        update: (next) => {
          if (next.type !== now.type) return false;
          now = next;
          draw();
          return true;
        },
        ignoreMutation: (mutation) => mutation.type !== "selection" && !contentDOM.contains(mutation.target),
        destroy: () => host.redraw.delete(draw),
      };
    },
  };
}

/** The extensions with their drawing: given to the editor with its nodes, so nothing is first drawn another way (and a picture on the web is never asked for). */
export function withViews(extensions: Extensions, host: Host): Extensions {
  return extensions.map((extension) => {
    if (!(extension instanceof TipTapNode) || !drawn.has(extension.name)) return extension;
    const { name } = extension;
    return extension.extend({
      addNodeView() {
        const make = views(this.editor, host)[name]!;
        return ({ node, getPos }) => make(node, getPos);
      },
    });
  });
}
const drawn = new Set(["image", "video", "attachment", "mathBlock", "mathInline", "unknownBlock", "unknownInline", "horizontalRule", "taskItem", "callout"]);
