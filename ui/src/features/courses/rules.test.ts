import { describe, expect, it } from "vitest";
import { availabilityProblem, categoryProblem, centsOf, changed, cleanTags, descriptionProblem, durationProblem, linkProblem, priceProblem, tagsProblem, titleProblem } from "./rules";

describe("the limits of a course", () => {
  it("needs a title of 1 to 200 characters and counts an emoji as one", () => {
    expect(titleProblem("   ")).toBe("titleMissing");
    expect(titleProblem("ა".repeat(200))).toBeNull();
    expect(titleProblem("🎓".repeat(200))).toBeNull();
    expect(titleProblem("x".repeat(201))).toBe("titleTooLong");
  });
  it("takes descriptions up to 2000 and categories up to 100 characters", () => {
    expect(descriptionProblem("x".repeat(2000))).toBeNull();
    expect(descriptionProblem("x".repeat(2001))).toBe("descriptionTooLong");
    expect(categoryProblem("x".repeat(101))).toBe("categoryTooLong");
  });
  it("takes at most 20 tags, each once", () => {
    expect(cleanTags([" Data ", "data", "", "  ", "Ωmega", "ωmega"])).toEqual(["Data", "Ωmega"]);
    expect(cleanTags(["a, b;c"])).toEqual(["a", "b", "c"]);
    expect(tagsProblem(Array.from({ length: 20 }, (_, index) => `tag ${index}`))).toBeNull();
    expect(tagsProblem(Array.from({ length: 21 }, (_, index) => `tag ${index}`))).toBe("tooManyTags");
    expect(tagsProblem(Array.from({ length: 11 }, () => "x".repeat(100)))).toBe("tagsTooLong");
  });
  it("reads prices to the cent", () => {
    expect(centsOf(19.99)).toBe(1999);
    expect(centsOf("")).toBe(0);
    expect(centsOf(1.005)).toBe(100);
    expect(priceProblem(-1)).toBe("priceNegative");
    expect(priceProblem("abc")).toBe("priceNegative");
    expect(priceProblem(1_000_000)).toBeNull();
    expect(priceProblem(1_000_000.01)).toBe("priceTooHigh");
  });
  it("takes links of the web only", () => {
    expect(linkProblem("")).toBeNull();
    expect(linkProblem("https://videos.example/a?b=c")).toBeNull();
    for (const bad of ["file:///etc/passwd", "javascript:alert(1)", "videos.example/a", "https://", "https:///x y"]) expect(linkProblem(bad)).toBe("linkNotWeb");
  });
  it("ends availability after it starts", () => {
    expect(availabilityProblem("2026-01-02 10:00:00", "2026-01-02 10:00:00")).toBe("endsBeforeStart");
    expect(availabilityProblem("2026-01-02 10:00:00", "2026-01-02 10:00:01")).toBeNull();
    expect(availabilityProblem(null, "2026-01-02 10:00:00")).toBeNull();
  });
  it("takes lessons of 0 to 10000 whole minutes", () => {
    expect(durationProblem(0)).toBeNull();
    expect(durationProblem("10000")).toBeNull();
    for (const bad of [-1, 10_001, 1.5, "x"]) expect(durationProblem(bad)).toBe("durationOutOfRange");
  });
  it("sends only what was changed", () => {
    expect(changed({ title: "a", tags: ["x"], price: 1 }, { title: "a", tags: ["x", "y"], price: 1 })).toEqual({ tags: ["x", "y"] });
  });
});
