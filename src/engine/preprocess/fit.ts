/** Fits the encoding on training rows only. */
import { quantile } from '../metrics/quantile';
import type { CategoryColumn, Column, InputField, NumberColumn, PreprocessOptions, RareLevels } from '../types';
import { moments } from '../magnitude';
import type { CategoryEncoding, Encoding, NumberEncoding } from './encoding';
import { checkRange, lostDigits } from './ranges/held';
import { missingFraction } from './ranges/range';
import { boundRareLevels, rareLevels } from './ranges/rare-levels';

export const BINS_DEFAULT = 12;
/** Bounds the memory of the training matrix: bins in all, and cells (512 MiB of float32). */
const BIN_FEATURES_MAX = 1024;
const CELLS_MAX = 2 ** 27;

export interface FittedPreprocess {
  encoding: Encoding;
  inputs: InputField[];
  /** What a person should know about the numbers and the ids. */
  warnings: string[];
  /** Messages on columns of which digits are lost. */
  lostDigits: string[];
}

/**
 * @param rows table rows of the train part
 * @param rowCount how many rows are trained on, where these are a sample
 */
export function fitPreprocess(
  features: Column[],
  rows: Uint32Array,
  options: PreprocessOptions,
  rowCount = rows.length,
): FittedPreprocess {
  const numbers = features.filter((column) => column.kind === 'number');
  const steps = numbers.map((column) => {
    const columnOptions = optionsFor(column.name, options);
    return fitNumber(
      column,
      rows,
      columnOptions,
      affordableBins(numbers.length, rowCount, columnOptions.bins ?? BINS_DEFAULT),
    );
  });
  const fitted = features
    .filter((column) => column.kind === 'category')
    .map((column) => fitCategory(column, rows, optionsFor(column.name, options)));
  const categories = fitted.map(({ category }) => category);
  const stepOf = new Map<string, NumberStep>(steps.map((step) => [step.column, step]));
  const categoryOf = new Map(fitted.map((each) => [each.category.column, each]));
  const inputs = features.map((column) => ({
    ...inputField(column.name, stepOf.get(column.name), categoryOf.get(column.name)),
    missingFraction: missingFraction(column, rows),
  }));
  boundRareLevels(inputs);
  return {
    encoding: { ids: [], numbers: joinNumbers(steps), categories },
    inputs,
    warnings: [],
    lostDigits: steps.flatMap(({ warning }) => warning ?? []),
  };
}

export const optionsFor = (column: string, options: PreprocessOptions): PreprocessOptions => ({
  ...options,
  ...options.of?.get(column),
});

interface NumberStep {
  column: string;
  fill: number;
  center: number;
  inverseScale: number;
  indicator: boolean;
  /** Scaled. */
  edges: number[];
  range: [number, number] | null;
  warning: string | null;
}

/** As many bins per column as fit the bounds; one alone would repeat the scaled feature. */
export function affordableBins(columns: number, rows: number, wanted: number): number {
  const bins = Math.min(wanted, Math.floor(Math.min(BIN_FEATURES_MAX, CELLS_MAX / rows) / Math.max(1, columns)));
  return bins < 2 ? 0 : bins;
}

function fitNumber(
  { name, values }: NumberColumn,
  rows: Uint32Array,
  options: PreprocessOptions,
  bins: number,
): NumberStep {
  const present: number[] = [];
  for (const row of rows) {
    if (Number.isFinite(values[row])) present.push(values[row]);
  }
  const sorted = Float64Array.from(present).sort();
  const missing = rows.length - sorted.length;
  const fill = sorted.length === 0 ? 0 : fillValue(sorted, options.impute);
  const { center, scale } = scaling(sorted, { fill, missing }, options.scale);
  const held = { center, inverseScale: 1 / scale };
  const range: NumberStep['range'] = sorted.length === 0 ? null : [sorted[0], sorted[sorted.length - 1]];
  checkRange(name, range, held, 'drop');
  return {
    column: name,
    fill,
    ...held,
    indicator: options.missingIndicator && missing > 0 && sorted.length > 0,
    edges: bins > 0 ? binEdges(sorted, bins).map((edge) => (edge - center) * held.inverseScale) : [],
    range,
    warning: lostDigits(name, sorted, held),
  };
}

export function fillValue(sorted: Float64Array, impute: PreprocessOptions['impute']): number {
  if (impute === 'zero') return 0;
  return impute === 'mean' ? moments(sorted).mean : quantile(sorted, 0.5);
}

/** Moments are those of the filled column; quantiles and bounds those of the values present. A spread of 0 scales by 1. */
export function scaling(
  sorted: Float64Array,
  filled: { fill: number; missing: number },
  scale: PreprocessOptions['scale'],
): { center: number; scale: number } {
  if (scale === 'none' || sorted.length === 0) return { center: 0, scale: 1 };
  if (scale === 'minmax') return { center: sorted[0], scale: sorted[sorted.length - 1] - sorted[0] || 1 };
  const { mean, deviation } = moments(sorted, filled);
  if (scale === 'standard') return { center: mean, scale: deviation || 1 };
  const spread = quantile(sorted, 0.75) - quantile(sorted, 0.25);
  return { center: quantile(sorted, 0.5), scale: spread || deviation || 1 };
}

/** Quantiles, or the values themselves when they are few; equal ones count once. Fewer than two bins give none. */
function binEdges(sorted: Float64Array, bins: number): number[] {
  const distinct = new Set<number>();
  for (let i = 0; i < sorted.length && distinct.size <= bins + 1; i++) distinct.add(sorted[i]);
  const few = distinct.size <= bins + 1;
  const quantiles = Array.from({ length: bins + 1 }, (_, i) => quantile(sorted, i / bins));
  const edges = few ? [...distinct] : [...new Set(quantiles)];
  return edges.length < 3 ? [] : edges;
}

function joinNumbers(steps: NumberStep[]): NumberEncoding {
  const bins = steps.flatMap(({ edges }, source) =>
    edges.slice(1).flatMap((upper, i) => {
      const inverseWidth = 1 / (upper - edges[i]);
      return Number.isFinite(inverseWidth) ? { source, lower: edges[i], inverseWidth } : [];
    }),
  );
  return {
    columns: steps.map(({ column }) => column),
    fill: Float64Array.from(steps, ({ fill }) => fill),
    center: Float64Array.from(steps, ({ center }) => center),
    inverseScale: Float64Array.from(steps, ({ inverseScale }) => inverseScale),
    indicators: Int32Array.from(steps.flatMap(({ indicator }, i) => (indicator ? [i] : []))),
    bins: {
      source: Int32Array.from(bins, ({ source }) => source),
      lower: Float64Array.from(bins, ({ lower }) => lower),
      inverseWidth: Float64Array.from(bins, ({ inverseWidth }) => inverseWidth),
    },
  };
}

interface FittedCategory {
  category: CategoryEncoding;
  rare: RareLevels | undefined;
}

function fitCategory(
  { name, codes, levels }: CategoryColumn,
  rows: Uint32Array,
  options: PreprocessOptions,
): FittedCategory {
  const counts = new Int32Array(levels.length);
  for (const row of rows) if (codes[row] >= 0) counts[codes[row]]++;
  const present = levels
    .map((level, code) => ({ level, count: counts[code] }))
    .filter(({ level, count }) => level !== '' && count > 0);
  const often = present
    .filter(({ count }) => count >= options.rareFraction * rows.length)
    .sort((a, b) => b.count - a.count || (a.level < b.level ? -1 : 1));
  const frequent = short(often).slice(0, options.levelsMax);
  const presentRows = present.reduce((sum, { count }) => sum + count, 0);
  const hasMissing = presentRows < rows.length;
  const hasOther = frequent.length < present.length;
  const otherSlot = hasOther ? frequent.length : -1;
  const category = {
    column: name,
    levels: frequent.map(({ level }) => level),
    otherSlot,
    // Without a missing value in training there is nothing to learn about it: it counts as an unseen level.
    missingSlot: hasMissing ? frequent.length + Number(hasOther) : otherSlot,
    slotCount: frequent.length + Number(hasOther) + Number(hasMissing),
  };
  const known = new Set(category.levels);
  const others = present
    .filter(({ level }) => !known.has(level))
    .map(({ level, count }): [string, number] => [level, count]);
  return { category, rare: rareLevels(others, rows.length) };
}

/** Characters of the levels of a column. A card and a model file hold each of them. */
const LEVEL_CHARACTERS_MAX = 100_000;

/** Without those that would make it more; they are as rare ones. */
export function short<T extends { level: string }>(levels: T[]): T[] {
  let room = LEVEL_CHARACTERS_MAX;
  return levels.filter(({ level }) => level.length <= room && (room -= level.length) >= 0);
}

function inputField(name: string, step: NumberStep | undefined, text: FittedCategory | undefined): InputField {
  return {
    name,
    type: step ? 'number' : 'category',
    ...(step && { elementType: 'float64' }),
    minimum: step?.range?.[0] ?? null,
    maximum: step?.range?.[1] ?? null,
    levels: text?.category.levels ?? null,
    ...(text?.rare && { rareLevels: text.rare }),
    fill: step?.fill ?? null,
  };
}
