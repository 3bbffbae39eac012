/** The texts of a column that training rows hold and the model does not tell apart. */
import type { CategoryColumn, Column, InputField, RareLevels } from '../../types';
import { textList } from './text-filter';

/** Texts of a column, and characters of all its texts, that are remembered: beyond either, a card says nothing of them. */
const COUNTED_MAX = 1_000_000;
const CHARACTERS_MAX = 2 ** 25;

/** Of levels with the number of rows that hold them; undefined where they are too many. */
export function rareLevels(levels: Iterable<[level: string, count: number]>, rowCount: number): RareLevels | undefined {
  let largest = 0;
  const texts: string[] = [];
  for (const [level, count] of levels) {
    largest = Math.max(largest, count);
    texts.push(level);
  }
  if (texts.length > COUNTED_MAX) return undefined;
  const { list, filter } = textList(texts.sort());
  return { count: texts.length, largestShare: largest / rowCount, texts: list, ...(filter && { filter }) };
}

/** Of all inputs of a card together, in characters of JSON. A list of model versions reads many cards. */
const CARD_MAX = 2 ** 20;

/** Takes the largest away where a card would become too large: it then says nothing of them. */
export function boundRareLevels(inputs: InputField[]): void {
  const sized = inputs.flatMap((input) => (input.rareLevels ? [{ input, size: sizeOf(input.rareLevels) }] : []));
  let room = CARD_MAX;
  for (const { input, size } of sized.sort((a, b) => a.size - b.size)) {
    room -= size;
    if (room < 0) delete input.rareLevels;
  }
}

const sizeOf = ({ texts, filter }: RareLevels): number =>
  filter ? filter.bits.length : texts!.reduce((sum, text) => sum + text.length + 3, 0);

/** Counts the levels of all rows that are trained on, where the inputs were fitted to a sample. */
export class LevelCounter {
  private readonly counts: Map<string, Map<string, number> | null>;
  private readonly characters = new Map<string, number>();
  private rowCount = 0;

  constructor(private readonly inputs: InputField[]) {
    const texts = inputs.filter(({ rareLevels }) => rareLevels !== undefined);
    this.counts = new Map(texts.map(({ name }) => [name, new Map()]));
  }

  add(columns: Column[], rows: Uint32Array): void {
    this.rowCount += rows.length;
    for (const column of columns) {
      const counts = this.counts.get(column.name);
      if (counts && column.kind === 'category' && !this.count(column, rows, counts)) this.counts.set(column.name, null);
    }
  }

  finish(): void {
    for (const input of this.inputs) {
      const counts = this.counts.get(input.name);
      if (counts === undefined) continue;
      const known = new Set(input.levels);
      const others = counts && [...counts].filter(([level]) => !known.has(level));
      input.rareLevels = others ? rareLevels(others, this.rowCount) : undefined;
    }
    boundRareLevels(this.inputs);
  }

  /** False where there are too many. */
  private count({ name, codes, levels }: CategoryColumn, rows: Uint32Array, counts: Map<string, number>): boolean {
    let characters = this.characters.get(name) ?? 0;
    for (const row of rows) {
      const level = levels[codes[row]] ?? '';
      if (level === '') continue;
      const before = counts.get(level);
      if (before === undefined) characters += level.length;
      counts.set(level, (before ?? 0) + 1);
    }
    this.characters.set(name, characters);
    return counts.size <= COUNTED_MAX && characters <= CHARACTERS_MAX;
  }
}
