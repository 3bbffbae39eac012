/** What a card says of the columns of the table that a model reads, where steps change them before they are encoded. */
import { missingFraction, numberField } from '../preprocess/ranges/range';
import { boundRareLevels, rareLevels } from '../preprocess/ranges/rare-levels';
import type { CategoryColumn, Column, InputField } from '../types';
import type { FittedColumns } from './fitted';

interface Rows {
  /** Of the table. */
  columns: readonly Column[];
  /** What became of them. */
  features: readonly Column[];
  /** The rows that are trained on. */
  rows: Uint32Array;
}

/** @param encoded of the features, as they were encoded */
export function inputFields(
  encoded: InputField[],
  fitted: FittedColumns,
  { columns, features, rows }: Rows,
): InputField[] {
  if (fitted.isEmpty) return encoded;
  const fields = new Map(encoded.map((field) => [field.name, field]));
  const madeNames = new Set(fitted.features.filter(({ isMade }) => isMade).map(({ name }) => name));
  const order = [...encoded.map(({ name }) => name).filter((name) => !madeNames.has(name)), ...fitted.inputs];
  const inputs = [...new Set(order)].map((name) => {
    const field = madeNames.has(name) ? undefined : fields.get(name);
    if (field && !fitted.isChanged(name)) return field;
    const column = columns.find((each) => each.name === name)!;
    if (column.kind === 'number') return numberField(column, rows, fitted.fillOf(name, field?.fill ?? null));
    return textField(column, rows, field && { field, became: features.find((each) => each.name === name) });
  });
  boundRareLevels(inputs);
  return inputs;
}

/** A text that becomes a level, or missing, is told apart; of one that steps alone read nothing is known. */
function textField(
  column: CategoryColumn,
  rows: Uint32Array,
  encoded: { field: InputField; became: Column | undefined } | undefined,
): InputField {
  const seen = { minimum: null, maximum: null, fill: null, missingFraction: missingFraction(column, rows) };
  const plain: InputField = { name: column.name, type: 'category', levels: [], ...seen };
  if (encoded?.became?.kind !== 'category' || encoded.field.levels === null) return plain;
  const { levels, codes } = encoded.became;
  const known = new Set([...encoded.field.levels, '']);
  const told = new Set<string>();
  const others = new Map<string, number>();
  for (const row of rows) {
    const text = column.levels[column.codes[row]] ?? '';
    if (text === '') continue;
    if (known.has(levels[codes[row]] ?? '')) told.add(text);
    else others.set(text, (others.get(text) ?? 0) + 1);
  }
  const rare = rareLevels(
    [...others].filter(([text]) => !told.has(text)),
    rows.length,
  );
  return { ...plain, levels: [...told].sort(), ...(rare && { rareLevels: rare }) };
}
