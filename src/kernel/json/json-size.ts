/**
 * Whether a JSON value holds more than `valuesMax` values, lists and objects counted as well. Looks at no more than these,
 * and does not recurse, so that no depth can hurt.
 */
export function isLargerThan(valuesMax: number, value: unknown): boolean {
  const open: unknown[] = [value];
  let left = valuesMax;
  while (open.length > 0) {
    const next = open.pop();
    if (--left < 0) return true;
    if (typeof next !== 'object' || next === null) continue;
    const inside = Array.isArray(next) ? next : Object.values(next);
    if (inside.length > left) return true;
    for (const item of inside) open.push(item);
  }
  return false;
}
