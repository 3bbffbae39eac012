import { z } from 'zod';
import { shown } from '../../formats';
import type { Random } from '../random';
import { EngineError, type Column } from '../types';
import { FIELDS, type SplitKind } from './definition';
import { dealGroups } from './folds';
import { strataOf } from './hold-out';
import { checkFilled } from './missing';

/** Orders of the groups that are tried; the one whose shares are nearest is taken. */
const TRIES = 10;

export const group: SplitKind<'group'> = {
  parameters: z.strictObject({
    kind: z.literal('group').describe('Rows of one group, such as a patient or a machine, are all in one part.'),
    column: FIELDS.column.describe('Says of which group a row is. It is no feature.'),
    testFraction: FIELDS.testFraction.describe(
      'Share of the rows held out for the evaluation, as near as whole groups come; above 0, at most 0.5.',
    ),
    validationFraction: FIELDS.validationFraction.describe(
      'Share of the rows that are not test rows, as near as whole groups come; above 0, at most 0.5.',
    ),
    stratify: FIELDS.stratify.describe('Keep the shares of the classes as equal in all parts as whole groups allow.'),
  }),
  column: { holds: 'the groups', leftOut: 'It holds the groups of the split.', isKnownLater: true },
  keepsGroups: true,
  keepsHistories: ({ column }, { key }) => column === key,
  divide(division) {
    const { options, target, column, random } = division;
    const { rows } = target;
    checkFilled(division, 'Group');
    const groups = groupsOf(column!, rows);
    checkCount(column!.name, groups.length);
    const classes = strataOf(target, options.stratify);
    const [rest, test] = holdOutGroups(groups, classes, options.testFraction, random);
    const [train, validation] = holdOutGroups(rest, classes, options.validationFraction, random);
    return { train: joined(train), validation: joined(validation), test: joined(test) };
  },
  folds({ options, target, column, random }, rows, count) {
    const groups = groupsOf(column!, rows);
    return dealGroups(groups, strataOf(target, options.stratify), Math.min(count, groups.length), random);
  },
};

/** The rows of each group, groups in the order of their first rows. */
function groupsOf(column: Column, rows: Uint32Array): Uint32Array[] {
  const keys = column.kind === 'number' ? column.values : column.codes;
  const numbers = new Map<number, number>();
  const sizes: number[] = [];
  const groupOf = Uint32Array.from(rows, (row) => {
    // A key of -0 is one of 0 to a Map.
    let number = numbers.get(keys[row]);
    if (number === undefined) numbers.set(keys[row], (number = sizes.push(0) - 1));
    sizes[number]++;
    return number;
  });
  const groups = sizes.map((size) => new Uint32Array(size));
  const filled = new Uint32Array(groups.length);
  rows.forEach((row, i) => (groups[groupOf[i]][filled[groupOf[i]]++] = row));
  return groups;
}

function checkCount(name: string, count: number): void {
  if (count >= 3) return;
  throw new EngineError(
    `Group column ${shown(name)} holds ${count === 1 ? 'a single group' : '2 groups'}; train, validation and test need one each.`,
    'split.column',
    'Name a column of more groups, or split at random or by time.',
  );
}

/**
 * Moves whole groups out, at least one, until each class has about its share. Groups come in a random order; one is taken
 * where that brings the counts nearer to their shares, by the sum over classes of (count − share)² / total.
 */
function holdOutGroups(
  groups: Uint32Array[],
  classes: Float64Array | null,
  fraction: number,
  random: Random,
): [Uint32Array[], Uint32Array[]] {
  const shares = new Shares(groups, classes, fraction);
  let best = { deviation: Infinity, taken: new Set<number>() };
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const order = random.shuffle(Uint32Array.from(groups.keys()));
    const found = shares.take(order);
    if (found.deviation < best.deviation) best = found;
  }
  return [groups.filter((_, g) => !best.taken.has(g)), groups.filter((_, g) => best.taken.has(g))];
}

class Shares {
  private readonly totals = new Map<number, number>();

  constructor(
    private readonly groups: Uint32Array[],
    private readonly classes: Float64Array | null,
    private readonly fraction: number,
  ) {
    for (const rows of groups) this.count(rows, this.totals);
  }

  /** Of an order of groups; the first one is taken where none brings the counts nearer. */
  take(order: Uint32Array): { deviation: number; taken: Set<number> } {
    const held = new Map<number, number>();
    const taken = new Set<number>();
    let deviation = [...this.totals.values()].reduce((sum, total) => sum + (total * this.fraction) ** 2 / total, 0);
    let nearest = { change: Infinity, group: 0 };
    for (const group of order) {
      const counts = this.count(this.groups[group], new Map());
      const change = this.changeBy(counts, held);
      if (change < nearest.change) nearest = { change, group };
      if (change >= 0) continue;
      taken.add(group);
      deviation += change;
      counts.forEach((count, key) => held.set(key, (held.get(key) ?? 0) + count));
    }
    if (taken.size > 0) return { deviation, taken };
    return { deviation: deviation + nearest.change, taken: new Set([nearest.group]) };
  }

  private count(rows: Uint32Array, counts: Map<number, number>): Map<number, number> {
    if (this.classes === null) return counts.set(0, (counts.get(0) ?? 0) + rows.length);
    for (const row of rows) counts.set(this.classes[row], (counts.get(this.classes[row]) ?? 0) + 1);
    return counts;
  }

  private changeBy(counts: Map<number, number>, held: Map<number, number>): number {
    let change = 0;
    counts.forEach((count, key) => {
      const total = this.totals.get(key)!;
      const before = (held.get(key) ?? 0) - total * this.fraction;
      change += ((before + count) ** 2 - before ** 2) / total;
    });
    return change;
  }
}

function joined(groups: Uint32Array[]): Uint32Array {
  const rows = new Uint32Array(groups.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of groups) {
    rows.set(part, at);
    at += part.length;
  }
  return rows.sort();
}
