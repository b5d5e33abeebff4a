import { parse } from "postcss";
import type { Plugin } from "vite";

const componentClass = /\bm_[0-9a-f]{6,8}\b/g;

const classesIn = (text: string) => text.match(componentClass) ?? [];

const mustBeThere = (selector: string) => classesIn(selector.replace(/:not\([^)]*\)/g, ""));

/**
 * Mantine's style sheet holds the rules of every component it has. Here stay those of the components that are in the build:
 * their class names stand in its scripts, each spelled out.
 */
export function usedStyles(): Plugin {
  return {
    name: "used-styles",
    apply: "build",
    generateBundle: {
      order: "post",
      handler(_, bundle) {
        const files = Object.values(bundle);
        const used = new Set(files.flatMap((file) => (file.type === "chunk" ? classesIn(file.code) : [])));
        for (const file of files) {
          if (file.type !== "asset" || !file.fileName.endsWith(".css")) continue;
          const sheet = parse(file.source.toString());
          sheet.walkRules((rule) => {
            const kept = rule.selectors.filter((selector) => mustBeThere(selector).every((name) => used.has(name)));
            if (kept.length === 0) rule.remove();
            else if (kept.length < rule.selectors.length) rule.selectors = kept;
          });
          sheet.walkAtRules((rule) => {
            if (rule.nodes?.length === 0) rule.remove();
          });
          file.source = sheet.toString();
        }
      },
    },
  };
}
