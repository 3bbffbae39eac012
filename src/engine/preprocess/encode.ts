/** Applies an encoding to table rows: the training side. */
import type { CategoryColumn, Column, NumberColumn } from '../types';
import { encodedWidth, slotOf, type CategoryEncoding, type Encoding, type NumberEncoding } from './encoding';

/** Row-major [rows, width] features of the given table rows. */
export function encodeRows(columns: Column[], rows: Uint32Array, encoding: Encoding): Float32Array {
  const width = encodedWidth(encoding);
  const byName = new Map(columns.map((column) => [column.name, column]));
  const out = new Float32Array(rows.length * width);
  const inputs = encoding.numbers.columns.map((name) => byName.get(name) as NumberColumn);
  encodeNumbers(inputs, rows, encoding.numbers, { out, width });
  const { columns: names, indicators, bins } = encoding.numbers;
  let offset = names.length + indicators.length + bins.source.length;
  for (const category of encoding.categories) {
    encodeCategory(byName.get(category.column) as CategoryColumn, rows, category, { out, width, offset });
    offset += category.slotCount;
  }
  return out;
}

/** The operations and their float32 rounding are those of graph.ts. */
function encodeNumbers(
  inputs: NumberColumn[],
  rows: Uint32Array,
  { fill, center, inverseScale, indicators, bins }: NumberEncoding,
  { out, width }: { out: Float32Array; width: number },
): void {
  const x = new Float32Array(inputs.length);
  const missing = new Uint8Array(inputs.length);
  const binBase = inputs.length + indicators.length;
  rows.forEach((row, i) => {
    const base = i * width;
    for (let c = 0; c < x.length; c++) {
      x[c] = inputs[c].values[row];
      missing[c] = Number(!Number.isFinite(x[c]));
      if (missing[c]) x[c] = fill[c];
      out[base + c] = Math.fround(x[c] - center[c]) * inverseScale[c];
    }
    for (let k = 0; k < indicators.length; k++) out[base + inputs.length + k] = missing[indicators[k]];
    for (let b = 0; b < bins.source.length; b++) {
      const share = Math.fround(Math.fround(x[bins.source[b]] - bins.lower[b]) * bins.inverseWidth[b]);
      out[base + binBase + b] = share < 0 ? 0 : share > 1 ? 1 : share;
    }
  });
}

function encodeCategory(
  { codes, levels }: CategoryColumn,
  rows: Uint32Array,
  category: CategoryEncoding,
  { out, width, offset }: { out: Float32Array; width: number; offset: number },
): void {
  const own = new Map(category.levels.map((level, slot) => [level, slot]));
  const slots = levels.map((level) => own.get(level) ?? slotOf(category, level));
  rows.forEach((row, i) => {
    const slot = codes[row] < 0 ? category.missingSlot : slots[codes[row]];
    if (slot >= 0) out[i * width + offset + slot] = 1;
  });
}
