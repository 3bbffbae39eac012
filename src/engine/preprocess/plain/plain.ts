/**
 * Columns as they are, for learners that read them so: numbers in float64, NaN where missing, and texts as the places of their
 * levels. A part of an encoding (encoding.ts) that stands alone: its features are float64.
 */
import type { CategoryColumn, Column, InputField, PreprocessOptions, RareLevels } from '../../types';
import type { LevelPlaces, PlainColumns, ServedPart } from '../encoding';
import { short, type FittedPreprocess } from '../fit';
import { missingFraction, numberField } from '../ranges/range';
import { boundRareLevels, rareLevels } from '../ranges/rare-levels';
import { appendPlain } from './plain.graph';

/** Places of a column, besides that of missing texts: together they fit into a byte. */
const PLACES_MAX = 255;

/** @param rows table rows of the train part */
export function fitPlain(
  features: Column[],
  rows: Uint32Array,
  { of }: Pick<PreprocessOptions, 'of'>,
): FittedPreprocess {
  const texts = features
    .filter((column) => column.kind === 'category')
    .map((column) => fitLevels(column, rows, of?.get(column.name) ?? {}));
  const textOf = new Map(texts.map((text) => [text.places.column, text]));
  const inputs = features.map((column) =>
    column.kind === 'number' ? numberField(column, rows, null) : textField(column, rows, textOf.get(column.name)!),
  );
  boundRareLevels(inputs);
  const numbers = features.filter(({ kind }) => kind === 'number').map(({ name }) => name);
  const plain = plainPart({ numbers, texts: texts.map(({ places }) => places) });
  return { encoding: { ...NOTHING_ELSE(), plain }, inputs, warnings: [], lostDigits: [] };
}

function plainPart(plain: PlainColumns): PlainColumns & ServedPart {
  const columns = [...plain.numbers, ...plain.texts.map(({ column }) => column)];
  const append: ServedPart['append'] = (graph, tensors) => appendPlain(graph, plain, tensors);
  return { ...plain, columns, sources: [...columns.keys()], append };
}

const NOTHING_ELSE = (): Omit<FittedPreprocess['encoding'], 'plain'> => ({
  ids: [],
  numbers: {
    ...{ columns: [], fill: new Float64Array(), center: new Float64Array(), inverseScale: new Float64Array() },
    indicators: new Int32Array(),
    bins: { source: new Int32Array(), lower: new Float64Array(), inverseWidth: new Float64Array() },
  },
  categories: [],
});

interface FittedLevels {
  places: LevelPlaces;
  rare: RareLevels | undefined;
}

/** Without a step that says so, no level is too rare. */
function fitLevels(
  { name, codes, levels }: CategoryColumn,
  rows: Uint32Array,
  { rareFraction = 0, levelsMax = PLACES_MAX }: Partial<PreprocessOptions>,
): FittedLevels {
  const counts = new Int32Array(levels.length);
  for (const row of rows) if (codes[row] >= 0) counts[codes[row]]++;
  const present = levels
    .map((level, code) => ({ level, count: counts[code] }))
    .filter(({ level, count }) => level !== '' && count > 0)
    .sort((a, b) => b.count - a.count || (a.level < b.level ? -1 : 1));
  const often = short(present.filter(({ count }) => count >= rareFraction * rows.length));
  const most = Math.min(levelsMax, PLACES_MAX);
  const kept = often.slice(0, present.length > most ? Math.min(most, PLACES_MAX - 1) : most);
  const told = new Set(kept);
  const others = present.filter((each) => !told.has(each));
  return {
    places: {
      column: name,
      levels: kept.map(({ level }) => level),
      other: others.length > 0 ? kept.length + 1 : 0,
    },
    rare: rareLevels(
      others.map(({ level, count }) => [level, count]),
      rows.length,
    ),
  };
}

function textField(column: CategoryColumn, rows: Uint32Array, { places, rare }: FittedLevels): InputField {
  return {
    ...{ name: column.name, type: 'category', minimum: null, maximum: null, levels: places.levels },
    ...(rare && { rareLevels: rare }),
    ...{ fill: null, missingFraction: missingFraction(column, rows) },
  };
}
