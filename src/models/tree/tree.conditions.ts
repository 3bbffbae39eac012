import type { OutlineSplit, TreeOutline } from '../../engine';

/** What rows of a way hold of a feature. */
export interface Condition {
  feature: string;
  input: string | null;
  isText: boolean;
  /** Numbers: above the one, at most the other. */
  above: number | null;
  atMost: number | null;
  /** Texts that go this way, and those that do not. */
  levels: string[];
  excluded: string[];
  /** Whether texts of neither list do, and missing values. */
  others: boolean;
  missing: boolean;
}

/** What rows hold that go one way of a split. */
export function conditionOf(split: OutlineSplit, isLeft: boolean): Condition {
  const { feature, input, threshold, levelsLeft, levelsRight, othersLeft, missingLeft } = split;
  return {
    ...{ feature, input, isText: threshold === null },
    above: isLeft ? null : threshold,
    atMost: isLeft ? threshold : null,
    levels: isLeft ? levelsLeft : levelsRight,
    excluded: isLeft ? levelsRight : levelsLeft,
    others: othersLeft === isLeft,
    missing: missingLeft === isLeft,
  };
}

/** What rows hold that pass both. */
function both(a: Condition, b: Condition): Condition {
  const levels = a.levels.filter((level) => b.levels.includes(level));
  return {
    ...a,
    above: largest(a.above, b.above),
    atMost: smallest(a.atMost, b.atMost),
    levels,
    excluded: [...a.levels, ...a.excluded].filter((level) => !levels.includes(level)),
    others: a.others && b.others,
    missing: a.missing && b.missing,
  };
}

const largest = (a: number | null, b: number | null): number | null => (a === null || (b !== null && b > a) ? b : a);
const smallest = (a: number | null, b: number | null): number | null => (a === null || (b !== null && b < a) ? b : a);

/** The ways to the leaves, from left to right: one condition for each feature that is asked of. */
export function waysOf({ nodes }: TreeOutline): { leaf: number; conditions: Condition[] }[] {
  const ways: { leaf: number; conditions: Condition[] }[] = [];
  const visit = (node: number, known: ReadonlyMap<string, Condition>): void => {
    const { split } = nodes[node];
    if (!split) return void ways.push({ leaf: node, conditions: [...known.values()] });
    for (const isLeft of [true, false]) {
      const condition = conditionOf(split, isLeft);
      const before = known.get(split.feature);
      const after = new Map(known).set(split.feature, before ? both(before, condition) : condition);
      visit(isLeft ? split.left : split.right, after);
    }
  };
  visit(0, new Map());
  return ways;
}
