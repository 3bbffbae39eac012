/**
 * How the cells of one column are written: which texts it reads, and how each becomes a value. Plain JSON, complete in
 * itself, so that it can be stored with a dataset version and a model and reads the same for ever.
 */
export interface Format {
  kind: ValueKind;
  /** For people, such as "decimal comma, points between thousands". */
  name: string;
  /**
   * Of a whole cell, in what RE2 and JavaScript read alike: no classes such as \s, no look-around, no named groups. Letters
   * match in either case, unless `matchesCase`.
   */
  pattern: string;
  /** Letters match as they are, in the pattern and the rewrites: mW is not MW. */
  matchesCase?: true;
  /** What other columns of the same file are likely to share: the decimal sign, the order of day and month. */
  convention?: string;
  /** In order, on a text of the pattern; what comes out is the canonical form of its kind. */
  rewrites: Rewrite[];
}

/**
 * What a cell becomes, and its canonical form. number: `-12.5e3`. boolean: `true`, `false`. time: `2024-5-17 10:0:0.5+02:00`,
 * UTC without a zone, as milliseconds since 1970. date: `2024-5-17`, as its first millisecond. clock: `7:30:0.5`, a time of
 * day, as seconds. seconds: `-25:30:0.5` or `-1 1:30:0.5`, days, hours, minutes and seconds, of which each may be left out.
 * text: a text without the form around it.
 */
export type ValueKind = 'number' | 'boolean' | 'time' | 'date' | 'clock' | 'seconds' | 'text';

/** One step from a text to its canonical form. The list is closed: each has an expression and a function. */
export type Rewrite =
  /** Every match by a text with `$1` to `$9` for the groups. */
  | { do: 'replace'; pattern: string; by: string }
  /** Characters of `from` by those at the same place of `to`. */
  | { do: 'map'; from: string; to: string }
  /** The first match of a pattern by the whole number of its group, with another one added to it. */
  | { do: 'add'; pattern: string; by: number }
  | { do: 'lower' };

export type ColumnType =
  'INTEGER' | 'NUMBER' | 'BOOLEAN' | 'DATE' | 'TIMESTAMP' | 'TIME' | 'DURATION' | 'CATEGORY' | 'TEXT';

/** How a column of a dataset version was read; what was made before this was kept does not say. */
export interface ColumnReading {
  columnType?: ColumnType;
  /** How its cells were written, in words, and for programs; null where they are values of the file, or text. */
  format?: string | null;
  cellFormat?: Format | null;
}

export const replace = (pattern: string, by: string): Rewrite => ({ do: 'replace', pattern, by });

/** The characters of a text as part of a pattern. */
export const quoted = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');

/** Several patterns as one. */
export const either = (...patterns: string[]): string => `(?:${patterns.join('|')})`;
