import { step } from '../errors/path-step';

/** Place of the first text, or name of a property, in a JSON value that holds NUL (U+0000), which no database takes. */
export function placeOfNul(value: unknown, path: string): string | null {
  const open: [value: unknown, path: string][] = [[value, path]];
  while (open.length > 0) {
    const [next, at] = open.pop()!;
    if (typeof next === 'string' && next.includes('\0')) return at;
    if (typeof next !== 'object' || next === null) continue;
    const isList = Array.isArray(next);
    const inside = Object.entries(next).map(([name, item]) => ({
      name,
      item,
      at: isList ? `${at}[${name}]` : at + step(name),
    }));
    const wrong = inside.find(({ name }) => name.includes('\0'));
    if (wrong) return wrong.at;
    for (const { item, at } of inside.reverse()) open.push([item, at]);
  }
  return null;
}
