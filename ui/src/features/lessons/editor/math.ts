type Katex = typeof import("katex").default;

let loading: Promise<Katex> | null = null;
let ready: Katex | null = null;

/** The formula setter with its fonts, fetched with the first formula. */
export function loadMath(): Promise<Katex> {
  loading ??= Promise.all([import("katex"), import("katex/dist/katex.min.css")]).then(([{ default: katex }]) => {
    ready = katex;
    return katex;
  });
  return loading;
}

const reason = (thrown: unknown) => (thrown instanceof Error ? thrown.message : String(thrown)).replace(/^KaTeX parse error:\s*/, "").replace(/ at position (\d+):.*$/s, " ($1)").replace(/ at end of input:.*$/s, "");

/**
 * Sets a formula as HTML with MathML beside it for screen readers. Answers with the reason when it cannot be set; the source is shown then.
 */
export async function setMath(into: HTMLElement, latex: string, display: boolean): Promise<string | null> {
  try {
    const katex = await loadMath();
    katex.render(latex, into, { displayMode: display, output: "htmlAndMathml", throwOnError: true, trust: false, strict: "ignore", maxExpand: 200, maxSize: 50 });
    return null;
  } catch (thrown) {
    into.textContent = latex;
    return reason(thrown);
  }
}

/** Why a formula cannot be set, or null. Null too while the setter has not been fetched: nothing is claimed unseen. */
export function mathProblem(latex: string): string | null {
  if (!ready || latex.trim() === "") return null;
  try {
    ready.renderToString(latex, { throwOnError: true, trust: false, strict: "ignore", maxExpand: 200, maxSize: 50 });
    return null;
  } catch (thrown) {
    return reason(thrown);
  }
}
