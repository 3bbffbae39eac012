/** Divides rows into train, validation and test parts; the same seed gives the same parts. */
import { shown } from '../../formats';
import { Random } from '../random';
import { EngineError, type Column, type SplitOptions, type Split, type Table } from '../types';
import { hasSeveralTargets, labelsSteps, learnsFeatures } from '../tasks/registry';
import type { Targets } from '../tasks/targets/shape';

/** Table rows of each part, ascending. */
export type Parts = Record<Split, Uint32Array>;

const FRACTION_MAX = 0.5;
const TRAIN_ROWS_MIN = 10;

/** Fractions are in (0, 0.5]; the validation fraction is of the rows that are not test rows. */
export function splitRows(table: Table, target: Targets, options: SplitOptions, seed: number): Parts {
  checkFraction(options.validationFraction, 'split.validationFraction');
  const random = new Random(seed, 0x5b117);
  if (options.kind === 'column') return splitByColumn(table, target, options, random);
  checkFraction(options.testFraction, 'split.testFraction');
  const strata = options.stratify ? strataOf(target) : null;
  const [rest, test] = holdOut(target.rows, strata, options.testFraction, random);
  const [train, validation] = holdOut(rest, strata, options.validationFraction, random);
  return checkParts({ train, validation, test }, target);
}

/** Classes, where each row has one. */
function strataOf({ task, columns: [target] }: Targets): Float64Array | null {
  if (hasSeveralTargets(task) || learnsFeatures(task)) return null;
  return target.labels === null ? null : target.values;
}

function splitByColumn(
  table: Table,
  target: Targets,
  options: SplitOptions & { kind: 'column' },
  random: Random,
): Parts {
  const column = table.columns.find(({ name }) => name === options.column)!;
  const part = readParts(column, target.rows);
  const of = (split: Split): Uint32Array => target.rows.filter((_, i) => part[i] === split);
  const parts: Parts = { train: of('train'), validation: of('validation'), test: of('test') };
  if (parts.validation.length === 0) {
    const strata = strataOf(target);
    [parts.train, parts.validation] = holdOut(parts.train, strata, options.validationFraction, random);
  }
  return checkParts(parts, target);
}

function readParts(column: Column, rows: Uint32Array): Split[] {
  const text = (row: number): string =>
    column.kind === 'number' ? String(column.values[row]) : (column.levels[column.codes[row]] ?? '');
  return Array.from(rows, (row) => {
    const value = text(row).trim().toLowerCase();
    if (value === 'train' || value === 'test' || value === 'validation') return value;
    throw new EngineError(
      `Split column ${shown(column.name)} holds ${shown(text(row))} in row ${row + 1}.`,
      'split.column',
      'Every row must hold train, test or validation.',
    );
  });
}

/**
 * Moves a share of the rows out, at least one. Rows are shuffled within each stratum, laid end to end and taken at even
 * steps, so that each stratum gives its share to within one row; the only row of a stratum stays.
 */
function holdOut(
  rows: Uint32Array,
  strata: Float64Array | null,
  fraction: number,
  random: Random,
): [Uint32Array, Uint32Array] {
  const shuffled = random.shuffle(Uint32Array.from(rows));
  const queue = strata === null ? shuffled : withoutSingles(shuffled, strata);
  const taken = new Uint8Array(rows.length === 0 ? 0 : rows[rows.length - 1] + 1);
  queue.forEach((row, i) => {
    if (Math.round((i + 1) * fraction) > Math.round(i * fraction)) taken[row] = 1;
  });
  return [rows.filter((row) => !taken[row]), rows.filter((row) => taken[row])];
}

function withoutSingles(rows: Uint32Array, strata: Float64Array): Uint32Array {
  const counts = new Map<number, number>();
  for (const row of rows) counts.set(strata[row], (counts.get(strata[row]) ?? 0) + 1);
  // Array sort is stable, so the shuffled order stays within a stratum.
  return rows.filter((row) => counts.get(strata[row])! > 1).sort((a, b) => strata[a] - strata[b]);
}

function checkFraction(fraction: number, path: string): void {
  if (fraction > 0 && fraction <= FRACTION_MAX) return;
  throw new EngineError(
    `The fraction ${fraction} is out of range.`,
    path,
    `Use a number above 0, at most ${FRACTION_MAX}.`,
  );
}

function checkParts(parts: Parts, target: Targets): Parts {
  const wants: [Split, number][] = [
    ['train', TRAIN_ROWS_MIN],
    ['validation', 1],
    ['test', 1],
  ];
  for (const [name, minimum] of wants) {
    if (parts[name].length >= minimum) continue;
    throw new EngineError(
      `The ${name} part has ${parts[name].length} rows; it needs at least ${minimum}.`,
      'split',
      `Add rows, or put more of them into the ${name} part.`,
    );
  }
  checkVariety(parts.train, target);
  return parts;
}

/** A step of a sequence may have one label throughout; all together may not. */
function checkVariety(train: Uint32Array, { task, columns }: Targets): void {
  if (learnsFeatures(task)) return;
  const varies = columns.map(({ values }) => {
    const known = train.filter((row) => !Number.isNaN(values[row]));
    return known.some((row) => values[row] !== values[known[0]]);
  });
  const enough = labelsSteps(task) ? varies.includes(true) : !varies.includes(false);
  if (enough) return;
  const { name, labels } = columns[varies.indexOf(false)];
  const what = labels === null ? 'target value' : 'class';
  throw new EngineError(
    `The train part holds a single ${what}${columns.length > 1 ? ` for ${shown(name)}` : ''}.`,
    'split',
    'Split at random, or mix the parts better.',
  );
}
