/**
 * Fits the encoding of columns that are the steps of a sequence: their order stays, and each channel is scaled by the
 * same numbers in all its steps.
 */
import type { SequenceLayout } from '../families/family';
import { EngineError, type Column, type NumberColumn, type PreprocessOptions } from '../types';
import { scaling, type FittedPreprocess } from './fit';
import { checkRange, DIGITS_SAMPLE, lostDigits } from './held';
import { missingFraction, rangeOf } from './range';

/** Values of a channel that its scale is measured on, at most; of more, evenly spaced rows. */
const SAMPLE = 1_000_000;

/** @param rows table rows of the train part */
export function fitSequence(
  features: Column[],
  rows: Uint32Array,
  { channels, keepMissing, ids = 0 }: SequenceLayout,
  options: PreprocessOptions,
): FittedPreprocess {
  const columns = features.map(numberColumn);
  const scales = Array.from({ length: Math.min(channels, columns.length) }, (_, channel) => {
    const steps = columns.filter((_column, i) => i >= ids && i % channels === channel);
    const sorted = sample(steps, rows).sort();
    return scaling(sorted, { fill: 0, missing: 0 }, options.scale);
  });
  const own = columns.map((_, i) => (i < ids ? { center: 0, scale: 1 } : scales[i % channels]));
  const fill = own.map(({ center }) => (keepMissing ? NaN : center));
  const ranges = columns.map(({ values }) => rangeOf(values, rows));
  const warnings = columns.flatMap((column, i) => {
    const held = { center: own[i].center, inverseScale: 1 / own[i].scale };
    checkRange(column.name, ranges[i], held, 'drop');
    return lostDigits(column.name, sample([column], rows, DIGITS_SAMPLE), held) ?? [];
  });
  return {
    encoding: {
      numbers: {
        columns: columns.map(({ name }) => name),
        fill: Float64Array.from(fill),
        center: Float64Array.from(own, ({ center }) => center),
        inverseScale: Float64Array.from(own, ({ scale }) => 1 / scale),
        indicators: new Int32Array(),
        bins: { source: new Int32Array(), lower: new Float64Array(), inverseWidth: new Float64Array() },
      },
      categories: [],
    },
    inputs: columns.map((column, i) => {
      const [minimum, maximum] = ranges[i] ?? [null, null];
      const seen = { minimum, maximum, levels: null, missingFraction: missingFraction(column, rows) };
      return {
        ...{ name: column.name, type: 'number', elementType: 'float64' },
        ...seen,
        fill: keepMissing ? null : fill[i],
      };
    }),
    warnings,
  };
}

function numberColumn(column: Column): NumberColumn {
  if (column.kind === 'number') return column;
  throw new EngineError(
    `Column "${column.name}" is text, and a sequence is of numbers.`,
    'drop',
    `Add "${column.name}" to drop, or choose a family that takes features.`,
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
