/** Makes the outline of a single tree of what it was fitted to. */
import { thresholdOf } from '../trees/export';
import type { ScoredTrees } from '../trees/inside/trees.file';
import type { Rule, Tree } from '../trees/tree';
import type { FittedColumns } from '../columns/fitted';
import type { Encoding } from '../preprocess/encoding';
import type { TargetScale } from '../tasks/score/score';
import type { OutlineSplit, ScoreUnit, TreeOutline } from '../types';

/** Of a text, in characters. */
const LEVEL_LENGTH_MAX = 100;

interface Outlined {
  columns: FittedColumns;
  encoding: Encoding;
  /** Of each score. */
  scales: TargetScale[];
  unit: ScoreUnit;
}

export function outlineOf({ start, rounds: [trees], columns: bins }: ScoredTrees, outlined: Outlined): TreeOutline {
  const [tree] = trees;
  const { columns, encoding, scales, unit } = outlined;
  const levelsOf = new Map((encoding.plain?.texts ?? []).map((text) => [text.column, text]));
  const splitOf = (rule: Rule, node: number): OutlineSplit => {
    const { name } = bins[rule.column];
    const text = levelsOf.get(name);
    const isLeft = (place: number): boolean => rule.members![place] === 1;
    const side = (wanted: boolean): string[] =>
      (text?.levels ?? []).flatMap((level, i) => (isLeft(i + 1) === wanted ? level.slice(0, LEVEL_LENGTH_MAX) : []));
    return {
      feature: name,
      input: columns.isChanged(name) ? null : name,
      threshold: text ? null : thresholdOf(bins[rule.column], rule.bin),
      ...{ levelsLeft: side(true), levelsRight: side(false) },
      othersLeft: text ? isLeft(text.other) : false,
      missingLeft: text ? isLeft(0) : rule.missingLeft,
      ...{ left: tree.left[node], right: tree.right[node] },
    };
  };
  const scoresOf = (node: number): number[] =>
    trees.map(({ value }: Tree, k) => (start[k] + value[node]) * scales[k].scale + scales[k].mean);
  const nodes = tree.splits.map((rule, node) => ({
    ...{ rows: tree.rows[node], scores: scoresOf(node) },
    split: rule && splitOf(rule, node),
  }));
  return { unit, nodes };
}
