/* Evaluates `depends_on` in the page: which inputs of a model are visible. */

/** A condition as `to_json` of model_configs/conditions.py writes it.
 *  @typedef {[kind: "one", name: string, accepted: unknown[]] | [kind: "set", name: string] | Compound} Rule
 *  @typedef {[kind: "not" | "all" | "any", ...rules: any[]]} Compound of rules */

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
 *  hidden parent neither holds. */
function holds(rule, values, shown, wanted = true) {
  const [kind, ...rest] = rule;
  if (kind === "one") return shown.has(rest[0]) && rest[1].some((accepted) => accepted === values[rest[0]]) === wanted;
  if (kind === "set") return shown.has(rest[0]) && isEmpty(values[rest[0]]) !== wanted;
  if (kind === "not") return holds(rest[0], values, shown, !wanted);
  const test = (part) => holds(part, values, shown, wanted);
  return (kind === "all") === wanted ? rest.every(test) : rest.some(test);
}

function isEmpty(value) {
  if (value === null || value === undefined || value === "") return true;
  return typeof value === "object" && Object.keys(value).length === 0;
}
