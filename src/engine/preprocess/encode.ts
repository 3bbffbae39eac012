/** Applies an encoding to table rows: the training side. */
import type { CategoryColumn, Column, NumberColumn } from '../types';
import {
  encodedWidth,
  scaledFills,
  slotOf,
  type CategoryEncoding,
  type Encoding,
  type FeaturePlace,
  type NumberEncoding,
} from './encoding';
import { isHeld } from './ranges/held';
import { encodeIds } from './ids/ids';

/** Row-major [rows, width] features of the given table rows. @param out where they are written: zeros before */
export function encodeRows(
  columns: Column[],
  rows: Uint32Array,
  encoding: Encoding,
  out = new Float32Array(rows.length * encodedWidth(encoding)),
): Float32Array {
  const width = encodedWidth(encoding);
  const byName = new Map(columns.map((column) => [column.name, column]));
  let offset = 0;
  for (const ids of encoding.ids) {
    const columns = ids.columns.map(({ name }) => byName.get(name)!);
    encodeIds(columns, rows, ids, { out, width, offset });
    offset += columns.length;
  }
  const inputs = encoding.numbers.columns.map((name) => byName.get(name) as NumberColumn);
  encodeNumbers(inputs, rows, encoding.numbers, { out, width, offset });
  const { columns: names, indicators, bins } = encoding.numbers;
  offset += names.length + indicators.length + bins.source.length;
  for (const category of encoding.categories) {
    encodeCategory(byName.get(category.column) as CategoryColumn, rows, category, { out, width, offset });
    offset += category.slotCount;
  }
  for (const part of encoding.parts ?? []) {
    const columns = part.columns.map((name) => byName.get(name)!);
    part.encode(columns, rows, { out, width, offset });
    offset += part.sources.length;
  }
  return out;
}

/** The operations and their order are those of graph.ts. */
function encodeNumbers(
  inputs: NumberColumn[],
  rows: Uint32Array,
  encoding: NumberEncoding,
  { out, width, offset }: FeaturePlace,
): void {
  const { center, inverseScale, indicators, bins } = encoding;
  const fills = scaledFills(encoding);
  const scaled = new Float64Array(inputs.length);
  const missing = new Uint8Array(inputs.length);
  const binBase = inputs.length + indicators.length;
  rows.forEach((row, i) => {
    const base = i * width + offset;
    for (let c = 0; c < scaled.length; c++) {
      scaled[c] = (inputs[c].values[row] - center[c]) * inverseScale[c];
      missing[c] = Number(!isHeld(scaled[c]));
      if (missing[c]) scaled[c] = fills[c];
      out[base + c] = scaled[c];
    }
    for (let k = 0; k < indicators.length; k++) out[base + inputs.length + k] = missing[indicators[k]];
    for (let b = 0; b < bins.source.length; b++) {
      const share = (scaled[bins.source[b]] - bins.lower[b]) * bins.inverseWidth[b];
      out[base + binBase + b] = share < 0 ? 0 : share > 1 ? 1 : share;
    }
  });
}

function encodeCategory(
  { codes, levels }: CategoryColumn,
  rows: Uint32Array,
  category: CategoryEncoding,
  { out, width, offset }: FeaturePlace,
): void {
  const slotByLevel = new Map(category.levels.map((level, slot) => [level, slot]));
  const slots = levels.map((level) => slotByLevel.get(level) ?? slotOf(category, level));
  rows.forEach((row, i) => {
    const slot = codes[row] < 0 ? category.missingSlot : slots[codes[row]];
    if (slot >= 0) out[i * width + offset + slot] = 1;
  });
}
