import { type DocumentNode, type FieldNode, Kind, type SelectionSetNode } from 'graphql';

/** Levels looked at. What goes deeper, as a fragment in a circle does, is refused by other rules. */
const LEVELS_MAX = 60;

/**
 * How many comparisons the rule on conflicting fields makes: fields that are answered under one name are compared in
 * pairs, and so is what is selected below them. Counts to a little past `most`.
 */
export function countFieldPairs({ definitions }: DocumentNode, most: number): number {
  const fragments = new Map<string, SelectionSetNode>();
  for (const node of definitions) {
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node.selectionSet);
  }
  let count = 0;
  const addLevel = (sets: SelectionSetNode[], level: number): void => {
    const [fields, visited] = collectFields(sets, fragments, most - count);
    count += visited;
    for (const same of fields.values()) {
      count += (same.length * (same.length - 1)) / 2;
      const below = same.flatMap(({ selectionSet }) => selectionSet ?? []);
      if (below.length > 0 && level < LEVELS_MAX && count <= most) addLevel(below, level + 1);
    }
  };
  for (const node of definitions) {
    if ('selectionSet' in node && node.selectionSet) addLevel([node.selectionSet], 1);
  }
  return count;
}

/** Fields of one level by the name of their answer, and how many selections were looked at, which is at most `most` + 1. */
function collectFields(
  sets: SelectionSetNode[],
  fragments: ReadonlyMap<string, SelectionSetNode>,
  most: number,
): [Map<string, FieldNode[]>, number] {
  const fields = new Map<string, FieldNode[]>();
  const spread = new Set<string>();
  let visited = 0;
  for (const pending = [...sets]; pending.length > 0;) {
    for (const selection of pending.pop()!.selections) {
      if (++visited > most) return [fields, visited];
      if (selection.kind === Kind.FIELD) {
        const name = (selection.alias ?? selection.name).value;
        const same = fields.get(name);
        if (same) same.push(selection);
        else fields.set(name, [selection]);
      } else if (selection.kind === Kind.INLINE_FRAGMENT) pending.push(selection.selectionSet);
      else if (!spread.has(selection.name.value)) {
        spread.add(selection.name.value);
        const fragment = fragments.get(selection.name.value);
        if (fragment) pending.push(fragment);
      }
    }
  }
  return [fields, visited];
}
