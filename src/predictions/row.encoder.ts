import type { RowBlock } from '../compute';
import type { InputField, ModelCard } from '../engine';
import { PraxisError } from '../kernel';
import { isNumberCell, isTextCell, type Row } from './row.cells';
import { explainRows } from './row.issues';

interface CompiledField {
  name: string;
  /** The name of a property every object inherits, so only an own one counts. */
  inherited: boolean;
  /** Index among the number columns, or among the texts. */
  slot: number;
}

/**
 * Turns rows into the typed columns of one model. Compiled once per model version; a row with a fault costs a second,
 * explaining pass.
 */
export class RowEncoder {
  private readonly numbers: CompiledField[];
  private readonly texts: CompiledField[];

  constructor(private readonly card: ModelCard) {
    this.numbers = compile(card.inputs, 'number');
    this.texts = compile(card.inputs, 'category');
  }

  /** Missing or null: NaN for numbers, '' for texts. Throws VALIDATION_FAILED that lists at most 20 faults. */
  encode(rows: readonly unknown[]): RowBlock {
    const rowCount = rows.length;
    const block: RowBlock = {
      rowCount,
      numbers: new Float32Array(this.numbers.length * rowCount),
      texts: this.texts.map(() => new Array<string>(rowCount)),
    };
    for (let row = 0; row < rowCount; row++) {
      if (!this.encodeRow(rows[row], block, row)) throw PraxisError.invalid(...explainRows(this.card, rows));
    }
    return block;
  }

  /** False when the row has a fault. */
  private encodeRow(row: unknown, { rowCount, numbers, texts }: RowBlock, at: number): boolean {
    if (typeof row !== 'object' || row === null || Array.isArray(row)) return false;
    let known = 0;
    for (const field of this.numbers) {
      const value = read(row as Row, field);
      if (value !== undefined) known++;
      if (!isNumberCell(value)) return false;
      numbers[field.slot * rowCount + at] = value ?? NaN;
    }
    for (const field of this.texts) {
      const value = read(row as Row, field);
      if (value !== undefined) known++;
      if (!isTextCell(value)) return false;
      texts[field.slot][at] = value === null || value === undefined ? '' : String(value);
    }
    return Object.keys(row).length === known;
  }
}

function compile(inputs: InputField[], type: InputField['type']): CompiledField[] {
  return inputs
    .filter((input) => input.type === type)
    .map(({ name }, slot) => ({ name, inherited: name in Object.prototype, slot }));
}

function read(row: Row, { name, inherited }: CompiledField): unknown {
  return inherited && !Object.hasOwn(row, name) ? undefined : row[name];
}
