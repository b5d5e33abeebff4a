import type { LanguageFn } from "highlight.js";
import type { createLowlight } from "./engine";

type Load = () => Promise<{ default: LanguageFn }>;

/** Languages a lesson is likely to show: id as stored, the name as people write it, further spellings. */
export const languages: { id: string; name: string; also?: string[]; load: Load }[] = [
  { id: "bash", name: "Bash", also: ["sh", "shell", "zsh", "console"], load: () => import("highlight.js/lib/languages/bash") },
  { id: "c", name: "C", also: ["h"], load: () => import("highlight.js/lib/languages/c") },
  { id: "cpp", name: "C++", also: ["c++", "cc", "hpp"], load: () => import("highlight.js/lib/languages/cpp") },
  { id: "csharp", name: "C#", also: ["cs", "c#"], load: () => import("highlight.js/lib/languages/csharp") },
  { id: "css", name: "CSS", load: () => import("highlight.js/lib/languages/css") },
  { id: "dart", name: "Dart", load: () => import("highlight.js/lib/languages/dart") },
  { id: "diff", name: "Diff", also: ["patch"], load: () => import("highlight.js/lib/languages/diff") },
  { id: "go", name: "Go", also: ["golang"], load: () => import("highlight.js/lib/languages/go") },
  { id: "haskell", name: "Haskell", also: ["hs"], load: () => import("highlight.js/lib/languages/haskell") },
  { id: "xml", name: "HTML, XML", also: ["html", "svg", "xhtml"], load: () => import("highlight.js/lib/languages/xml") },
  { id: "ini", name: "INI, TOML", also: ["toml"], load: () => import("highlight.js/lib/languages/ini") },
  { id: "java", name: "Java", load: () => import("highlight.js/lib/languages/java") },
  { id: "javascript", name: "JavaScript", also: ["js", "jsx", "mjs"], load: () => import("highlight.js/lib/languages/javascript") },
  { id: "json", name: "JSON", also: ["jsonc"], load: () => import("highlight.js/lib/languages/json") },
  { id: "julia", name: "Julia", also: ["jl"], load: () => import("highlight.js/lib/languages/julia") },
  { id: "kotlin", name: "Kotlin", also: ["kt"], load: () => import("highlight.js/lib/languages/kotlin") },
  { id: "latex", name: "LaTeX", also: ["tex"], load: () => import("highlight.js/lib/languages/latex") },
  { id: "lua", name: "Lua", load: () => import("highlight.js/lib/languages/lua") },
  { id: "markdown", name: "Markdown", also: ["md"], load: () => import("highlight.js/lib/languages/markdown") },
  { id: "matlab", name: "MATLAB", load: () => import("highlight.js/lib/languages/matlab") },
  { id: "php", name: "PHP", load: () => import("highlight.js/lib/languages/php") },
  { id: "python", name: "Python", also: ["py"], load: () => import("highlight.js/lib/languages/python") },
  { id: "r", name: "R", load: () => import("highlight.js/lib/languages/r") },
  { id: "ruby", name: "Ruby", also: ["rb"], load: () => import("highlight.js/lib/languages/ruby") },
  { id: "rust", name: "Rust", also: ["rs"], load: () => import("highlight.js/lib/languages/rust") },
  { id: "scala", name: "Scala", load: () => import("highlight.js/lib/languages/scala") },
  { id: "sql", name: "SQL", also: ["postgresql", "mysql", "psql"], load: () => import("highlight.js/lib/languages/sql") },
  { id: "swift", name: "Swift", load: () => import("highlight.js/lib/languages/swift") },
  { id: "typescript", name: "TypeScript", also: ["ts", "tsx"], load: () => import("highlight.js/lib/languages/typescript") },
  { id: "yaml", name: "YAML", also: ["yml"], load: () => import("highlight.js/lib/languages/yaml") },
];

export const languageOf = (said: string) => languages.find(({ id, also }) => id === said.toLowerCase() || also?.includes(said.toLowerCase()));
export const languageName = (said: string) => languageOf(said)?.name ?? said;

let engine: ReturnType<typeof createLowlight> | null = null;
const asked = new Map<string, Promise<boolean>>();

export const highlighter = {
  /** Fetches what is not here yet; true when something new arrived. */
  async load(names: readonly string[]): Promise<boolean> {
    const news = await Promise.all(
      names.map((name) => {
        const language = languageOf(name);
        if (!language || engine?.registered(language.id)) return false;
        const before = asked.get(language.id);
        if (before) return before;
        const fetching = (async () => {
          const [{ createLowlight }, grammar] = await Promise.all([import("./engine"), language.load()]);
          engine ??= createLowlight();
          engine.register(language.id, grammar.default);
          return true;
        })().catch(() => false);
        asked.set(language.id, fetching);
        return fetching;
      }),
    );
    return news.includes(true);
  },
  tree(name: string, code: string) {
    const language = languageOf(name);
    return language && engine?.registered(language.id) ? engine.highlight(language.id, code) : null;
  },
};
