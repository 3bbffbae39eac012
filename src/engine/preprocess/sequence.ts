/**
 * Fits the encoding of columns that are the steps of a sequence: their order stays, ids get a vocabulary, and each channel is
 * scaled by the same numbers in all its steps.
 */
import type { SequenceLayout } from '../families/family';
import { EngineError, type Column, type InputField, type NumberColumn, type PreprocessOptions } from '../types';
import type { NumberEncoding } from './encoding';
import { optionsFor, scaling, type FittedPreprocess } from './fit';
import { checkRange, DIGITS_SAMPLE, lostDigits } from './ranges/held';
import { groupColumns, type IdCounter } from './ids/ids';
import { missingFraction, rangeOf } from './ranges/range';
import { shown } from '../../formats';

/** Values of a channel that its scale is measured on, at most; of more, evenly spaced rows. */
const SAMPLE = 1_000_000;

/** @param rows table rows of the train part */
export function fitSequence(
  features: Column[],
  rows: Uint32Array,
  { layout, options, ids }: SequenceFit,
): FittedPreprocess {
  const groups = groupColumns(features, layout.ids ?? []);
  const columns = features.slice(groups.flat().length).map(numberColumn);
  groups.forEach((group, i) => layout.ids![i].closed && group.forEach(numberColumn));
  const fittedIds = ids.map((counter, i) => counter.encoding(groups[i]));
  const { numbers, fill, lost } = fitSteps(columns, rows, layout, options);
  return {
    encoding: { ids: fittedIds.map(({ encoding }) => encoding), numbers, categories: [] },
    inputs: [
      ...groups.flatMap((group, vocabulary) =>
        group.map((column) => ({ ...idField(column, rows, ids[vocabulary].fill), vocabulary })),
      ),
      ...columns.map((column, i) => numberField(column, rows, layout.keepMissing ? null : fill[i])),
    ],
    warnings: fittedIds.flatMap(({ warning }) => warning ?? []),
    lostDigits: lost,
  };
}

export interface SequenceFit {
  layout: SequenceLayout;
  options: PreprocessOptions;
  /** What all rows that are trained on hold, by group. */
  ids: IdCounter[];
}

function fitSteps(
  columns: NumberColumn[],
  rows: Uint32Array,
  { channels, keepMissing }: SequenceLayout,
  options: PreprocessOptions,
): { numbers: NumberEncoding; fill: number[]; lost: string[] } {
  const wanted = oneScale(columns, options);
  const scales = Array.from({ length: Math.min(channels, columns.length) }, (_, channel) => {
    const steps = columns.filter((_column, i) => i % channels === channel);
    const sorted = sample(steps, rows).sort();
    return scaling(sorted, { fill: 0, missing: 0 }, wanted);
  });
  const columnScales = columns.map((_, i) => scales[i % channels]);
  const fill = columnScales.map(({ center }) => (keepMissing ? NaN : center));
  const ranges = columns.map(({ values }) => rangeOf(values, rows));
  const numbers = {
    columns: columns.map(({ name }) => name),
    fill: Float64Array.from(fill),
    center: Float64Array.from(columnScales, ({ center }) => center),
    inverseScale: Float64Array.from(columnScales, ({ scale }) => 1 / scale),
    indicators: new Int32Array(),
    bins: { source: new Int32Array(), lower: new Float64Array(), inverseWidth: new Float64Array() },
  };
  const lost = columns.flatMap((column, i) => {
    const held = { center: columnScales[i].center, inverseScale: 1 / columnScales[i].scale };
    checkRange(column.name, ranges[i], held, 'drop');
    return lostDigits(column.name, sample([column], rows, DIGITS_SAMPLE), held) ?? [];
  });
  return { numbers, fill, lost };
}

/** A channel is scaled by the same numbers in all its steps, whatever the columns are. */
function oneScale(columns: NumberColumn[], options: PreprocessOptions): PreprocessOptions['scale'] {
  const scales = columns.map(({ name }) => optionsFor(name, options).scale);
  const other = scales.findIndex((scale) => scale !== scales[0]);
  if (other < 0) return scales[0] ?? options.scale;
  throw new EngineError(
    `Column ${shown(columns[other].name)} is to be scaled by ${scales[other]}, ${shown(columns[0].name)} by ${scales[0]}, and a sequence is scaled as one.`,
    'estimator.family',
    'Scale all columns of a sequence in one way, or choose a family that takes features.',
  );
}

function numberField(column: NumberColumn, rows: Uint32Array, fill: number | null): InputField {
  const [minimum, maximum] = rangeOf(column.values, rows) ?? [null, null];
  const seen = { minimum, maximum, levels: null, missingFraction: missingFraction(column, rows) };
  return { name: column.name, type: 'number', elementType: 'float64', ...seen, fill };
}

function idField(column: Column, rows: Uint32Array, fill: number | null): InputField {
  if (column.kind === 'number') return numberField(column, rows, fill);
  const seen = { minimum: null, maximum: null, levels: null, missingFraction: missingFraction(column, rows) };
  return { name: column.name, type: 'category', ...seen, fill };
}

function numberColumn(column: Column): NumberColumn {
  if (column.kind === 'number') return column;
  throw new EngineError(
    `Column ${shown(column.name)} is text, and a sequence is of numbers.`,
    'drop',
    `Add ${shown(column.name)} to drop, or choose a family that takes features.`,
  );
}

function sample(steps: NumberColumn[], rows: Uint32Array, most = SAMPLE): Float64Array {
  const stride = Math.ceil((rows.length * steps.length) / most);
  const values: number[] = [];
  for (const { values: column } of steps) {
    for (let i = 0; i < rows.length; i += stride) {
      if (Number.isFinite(column[rows[i]])) values.push(column[rows[i]]);
    }
  }
  return Float64Array.from(values);
}
