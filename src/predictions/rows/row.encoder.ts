import type { RowBlock } from '../../compute';
import type { InputField, ModelCard } from '../../engine';
import { numberReader, textReader, type CellReader } from './cell.reader';
import { fieldOf, read, type Columns, type Field, type Row } from './row.cells';
import { columnsError, isGroup, rowsError, type PathOfRow } from './row.issues';

interface CompiledField<T> extends Field {
  /** Index among the number columns, or among the texts. */
  slot: number;
  readCell: CellReader<T>;
}

/**
 * Turns rows into the typed columns of one model. Compiled once per model version; a row with a fault costs a second,
 * explaining pass.
 */
export class RowEncoder {
  private readonly numbers: CompiledField<number>[];
  private readonly texts: CompiledField<string>[];
  /** Of a ranking: what says which rows are put in order together. The model does not read it. */
  private readonly group: Field | null;

  constructor(private readonly card: ModelCard) {
    this.numbers = compile(card.inputs, 'number', numberReader);
    this.texts = compile(card.inputs, 'category', textReader);
    this.group = card.rankedWithin === undefined ? null : fieldOf(card.rankedWithin);
  }

  /** Missing or null: NaN for numbers, '' for texts. Throws VALIDATION_FAILED that lists at most 20 faults. */
  encode(rows: readonly unknown[], pathOf?: PathOfRow): RowBlock {
    const block = this.emptyBlock(rows.length);
    for (let row = 0; row < rows.length; row++) {
      if (!this.encodeRow(rows[row], block, row)) throw rowsError(this.card, rows, pathOf);
    }
    return block;
  }

  /** The same for rows given column by column; the lists have `rowCount` values each. */
  encodeColumns(columns: Columns, rowCount: number): RowBlock {
    const block = this.emptyBlock(rowCount);
    let known = 0;
    for (const field of this.numbers) {
      const values = read(columns, field);
      if (values) known++;
      if (!encodeNumbers(values, block, field)) throw columnsError(this.card, columns);
    }
    for (const field of this.texts) {
      const values = read(columns, field);
      if (values) known++;
      if (!encodeTexts(values, block.texts[field.slot], field)) throw columnsError(this.card, columns);
    }
    const groups = this.group && read(columns, this.group);
    if (groups) known++;
    if (groups && !groups.every(isGroup)) throw columnsError(this.card, columns);
    if (Object.keys(columns).length !== known) throw columnsError(this.card, columns);
    return block;
  }

  private emptyBlock(rowCount: number): RowBlock {
    return {
      rowCount,
      numbers: new Float64Array(this.numbers.length * rowCount),
      texts: this.texts.map(() => new Array<string>(rowCount)),
    };
  }

  /** False when the row has a fault. */
  private encodeRow(row: unknown, { rowCount, numbers, texts }: RowBlock, at: number): boolean {
    if (typeof row !== 'object' || row === null || Array.isArray(row)) return false;
    let known = 0;
    for (const field of this.numbers) {
      const value = read(row as Row, field);
      if (value !== undefined) known++;
      const number = field.readCell(value);
      if (number === null) return false;
      numbers[field.slot * rowCount + at] = number;
    }
    for (const field of this.texts) {
      const value = read(row as Row, field);
      if (value !== undefined) known++;
      const text = field.readCell(value);
      if (text === null) return false;
      texts[field.slot][at] = text;
    }
    const group = this.group ? read(row as Row, this.group) : undefined;
    if (group !== undefined) known++;
    return isGroup(group) && Object.keys(row).length === known;
  }
}

/** False when a value is no number. */
function encodeNumbers(
  values: unknown[] | undefined,
  { numbers, rowCount }: RowBlock,
  { slot, readCell }: CompiledField<number>,
): boolean {
  const start = slot * rowCount;
  if (!values) {
    numbers.fill(NaN, start, start + rowCount);
    return true;
  }
  for (let row = 0; row < rowCount; row++) {
    const number = readCell(values[row]);
    if (number === null) return false;
    numbers[start + row] = number;
  }
  return true;
}

/** False when a value is no text. */
function encodeTexts(values: unknown[] | undefined, texts: string[], { readCell }: CompiledField<string>): boolean {
  for (let row = 0; row < texts.length; row++) {
    const text = readCell(values?.[row]);
    if (text === null) return false;
    texts[row] = text;
  }
  return true;
}

function compile<T>(
  inputs: InputField[],
  type: InputField['type'],
  readerOf: (input: InputField) => CellReader<T>,
): CompiledField<T>[] {
  return inputs
    .filter((input) => input.type === type)
    .map((input, slot) => ({ ...fieldOf(input.name), slot, readCell: readerOf(input) }));
}
