/* Evaluates `depends_on` in the page: which inputs of a model are visible. */

/** A condition as `to_json` of model_configs/conditions.py writes it.
 *  @typedef {[kind: "one", name: string, accepted: unknown[]] | [kind: "set", name: string] | Compound} Rule
 *  @typedef {[kind: "not" | "all" | "any", ...rules: Rule[]]} Compound of rules */

/** The names of the visible inputs.
 *  @param {[name: string, rule: Rule | null][]} rules parents first
 *  @param {Record<string, unknown>} values
 *  @returns {Set<string>} */
export function visible(rules, values) {
  const shown = new Set();
  for (const [name, rule] of rules) if (rule === null || holds(rule, values, shown)) shown.add(name);
  return shown;
}

/** Whether a rule holds, or its opposite where `wanted` is false; the same as `holds` in model_configs/conditions.py. With a
 *  hidden parent neither holds.
 *  @param {Rule} rule
 *  @param {Record<string, unknown>} values
 *  @param {Set<string>} shown
 *  @returns {boolean} */
function holds(rule, values, shown, wanted = true) {
  if (rule[0] === "one") return shown.has(rule[1]) && rule[2].some((accepted) => accepted === values[rule[1]]) === wanted;
  if (rule[0] === "set") return shown.has(rule[1]) && isEmpty(values[rule[1]]) !== wanted;
  const [kind, ...rest] = rule;
  if (kind === "not") return holds(rest[0], values, shown, !wanted);
  /** @param {Rule} part */
  const test = (part) => holds(part, values, shown, wanted);
  return (kind === "all") === wanted ? rest.every(test) : rest.some(test);
}

/** @param {unknown} value */
function isEmpty(value) {
  if (value === null || value === undefined || value === "") return true;
  return typeof value === "object" && Object.keys(value).length === 0;
}
