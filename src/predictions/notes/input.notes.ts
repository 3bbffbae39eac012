import { knownIds, knownRare, type InputField, type KnownIds, type ReadingCard } from '../../engine';
import { COLUMN_TYPES, shownValue } from '../../formats';
import { numberReader, textReader } from '../rows/cell.reader';
import { InputNote, InputNoteKind, RowNotes } from './input-note.type';

/** Rows as the client sent them, by column in the order of the inputs; undefined where a column was not sent. */
type SentColumns = (unknown[] | undefined)[];

/** What is unusual, or null. */
type Check = (value: unknown) => InputNoteKind | null;

interface Finding {
  input: InputField;
  ids: KnownIds | null;
  kind: InputNoteKind;
  value: unknown;
}

export interface Notes {
  /** Those that are listed, by row. */
  byRow: Map<number, InputNote[]>;
  /** How many there are for each row. */
  counts: Uint32Array;
  count: number;
}

interface RefusedRow {
  row: number;
  /** How many values are refused. */
  count: number;
  notes(countMax: number): InputNote[];
}

export const NOTES_PER_ROW_MAX = 20;
export const NOTES_MAX = 1000;

/** The most serious first, where not all are listed. */
const RANKS = [InputNoteKind.OUTSIDE_RANGE, InputNoteKind.UNSEEN, InputNoteKind.RARE, InputNoteKind.MISSING];

/** Compares rows with what a model has seen in training. Compiled once per model version. */
export class InputNotes {
  private readonly inputs: InputField[];
  private readonly ids: (KnownIds | null)[];
  private readonly checks: Check[];

  constructor(card: ReadingCard) {
    this.inputs = card.inputs;
    this.ids = knownIds(card);
    this.checks = card.inputs.map((input, i) => checkOf(input, this.ids[i]));
  }

  /** Lists at most 20 for each row and 1000 in all, and counts the others. */
  take(columns: SentColumns, rowCount: number): Notes {
    const notes: Notes = { byRow: new Map(), counts: new Uint32Array(rowCount), count: 0 };
    let room = NOTES_MAX;
    for (let row = 0; row < rowCount; row++) {
      const found = this.findings(columns, row);
      if (found.length === 0) continue;
      notes.counts[row] = found.length;
      notes.count += found.length;
      const listed = listOf(found, Math.min(room, NOTES_PER_ROW_MAX));
      if (listed.length > 0) notes.byRow.set(row, listed);
      room -= listed.length;
    }
    return notes;
  }

  ofRow(values: unknown[]): InputNote[] {
    const columns = values.map((value) => [value]);
    return listOf(this.findings(columns, 0), NOTES_PER_ROW_MAX);
  }

  /**
   * For a deployment that refuses: what is wrong with each row. A missing value is, where the model has met none; a rare one
   * is not, as training saw it.
   */
  *refused(columns: SentColumns, rowCount: number): Generator<RefusedRow> {
    for (let row = 0; row < rowCount; row++) {
      const found = this.findings(columns, row);
      const empty = found.length === this.inputs.length && found.every(isMissing);
      const refused = empty ? found : found.filter(isRefused);
      const { length: count } = refused;
      if (count > 0) yield { row, count, notes: (countMax) => listOf(refused, countMax) };
    }
  }

  private findings(columns: SentColumns, row: number): Finding[] {
    const found: Finding[] = [];
    for (let i = 0; i < this.checks.length; i++) {
      const value = columns[i]?.[row];
      const kind = this.checks[i](value);
      if (kind !== null) found.push({ input: this.inputs[i], ids: this.ids[i], kind, value });
    }
    return found;
  }
}

const isRefused = (finding: Finding): boolean =>
  isMissing(finding) ? !finding.input.missingFraction : finding.kind !== InputNoteKind.RARE;

const isMissing = ({ kind }: Finding): boolean => kind === InputNoteKind.MISSING;

function listOf(found: Finding[], countMax: number): InputNote[] {
  const ranked = found.length <= countMax ? found : found.toSorted((a, b) => rankOf(a) - rankOf(b)).slice(0, countMax);
  return ranked.map(noteOf);
}

const rankOf = ({ kind }: Finding): number => RANKS.indexOf(kind);

// ---- one value ----------------------------------------------------------------------------------------------------

function checkOf(input: InputField, ids: KnownIds | null): Check {
  if (ids) return idCheck(input, ids);
  return input.type === 'number' ? numberCheck(input) : textCheck(input);
}

function idCheck(input: InputField, { knows }: KnownIds): Check {
  const read = input.type === 'number' ? numberReader(input) : textReader(input);
  return (value) => {
    const id = read(value);
    if (id === null || id === '' || Number.isNaN(id)) return InputNoteKind.MISSING;
    return knows(id) ? null : InputNoteKind.UNSEEN;
  };
}

function numberCheck(input: InputField): Check {
  const { minimum, maximum, elementType } = input;
  const read = numberReader(input);
  const bound = (value: number): Bound =>
    elementType === 'float64' && !isRounded(value)
      ? { at: value, as: Number }
      : { at: Math.fround(value), as: Math.fround };
  const [low, high] = [bound(minimum ?? -Infinity), bound(maximum ?? Infinity)];
  return (value) => {
    const number = read(value);
    if (number === null || Number.isNaN(number)) return InputNoteKind.MISSING;
    return low.as(number) < low.at || high.as(number) > high.at ? InputNoteKind.OUTSIDE_RANGE : null;
  };
}

/** Where a range ends, and how a value is rounded before it is compared with that. */
interface Bound {
  at: number;
  as(value: number): number;
}

/** A fraction of a column that was read as 32-bit floats: 0.1 is no more than a largest value of 0.1 that was read as one. */
const isRounded = (value: number): boolean => !Number.isInteger(value) && Math.fround(value) === value;

/** Without levels and rare ones, nothing is known about what was seen. */
function textCheck(input: InputField): Check {
  const levels = new Set(input.levels);
  const isRare = knownRare(input);
  const isSilent = levels.size === 0 && isRare === null;
  const read = textReader(input);
  return (value) => {
    const text = read(value);
    if (text === null || text === '') return InputNoteKind.MISSING;
    if (isSilent || levels.has(text)) return null;
    return isRare?.(text) ? InputNoteKind.RARE : InputNoteKind.UNSEEN;
  };
}

// ---- in words -----------------------------------------------------------------------------------------------------

const SHOWN_LENGTH_MAX = 40;
const LEVELS_SHOWN_MAX = 20;

const shorten = (text: string): string =>
  text.length > SHOWN_LENGTH_MAX ? `${text.slice(0, SHOWN_LENGTH_MAX)}…` : text;

const MESSAGES: Record<InputNoteKind, (finding: Finding) => string> = {
  OUTSIDE_RANGE: ({ input, value }) => {
    const [low, high] = [input.minimum, input.maximum].map((bound) => boundText(input, bound));
    return `${givenText(input, value)} is outside ${low} to ${high}, the range in training`;
  },
  UNSEEN: ({ input, value, ids }) => {
    if (ids) return `${shownValue(value)} ${ids.answer}`;
    return `${shownValue(value)} is not known to the model: in training it did not occur${input.rareLevels ? '' : ', or too rarely'}`;
  },
  RARE: ({ input, value }) => {
    const share = Number((100 * input.rareLevels!.largestShare).toPrecision(2));
    return `${shownValue(value)} is rare: in training at most ${share} % of the rows had it, too few for the model to tell it from other rare texts`;
  },
  MISSING: ({ input }) => {
    const { fill, missingFraction: share } = input;
    const seen = share === undefined ? '' : share > 0 ? `, as in ${percent(share)} of the training rows` : NEVER;
    return `is missing${seen}${fill === null ? '' : `; the model fills in ${fillText(input, fill)}`}`;
  },
};

/** Times as people read them. */
const boundText = ({ columnType }: InputField, bound: number | null): string =>
  (bound !== null && columnType && COLUMN_TYPES[columnType].shown?.(bound)) || String(bound);

/** What was sent; a number that stands for a time with the time, as seconds are taken for milliseconds. */
function givenText(input: InputField, value: unknown): string {
  const time = typeof value === 'number' ? boundText(input, value) : String(value);
  return time === String(value) ? shownValue(value) : `${String(value)} (${time})`;
}

const fillText = (input: InputField, fill: number): string => {
  const text = boundText(input, fill);
  return text === String(fill) ? String(shownFill(fill, input)) : text;
};

const FILL_DIGITS = 6;

/** Six digits, counted from the first in which the values of the column differ. */
function shownFill(fill: number, { minimum, maximum, columnType }: InputField): string | number {
  const shownText = columnType && COLUMN_TYPES[columnType].shown?.(fill);
  if (shownText) return shownText;
  const alike = Math.ceil(Math.log10(Math.abs(fill) / ((maximum ?? 0) - (minimum ?? 0))));
  return Number(fill.toPrecision(FILL_DIGITS + Math.min(10, Math.max(0, alike || 0))));
}

const NEVER = ', which it never was in training';

const percent = (share: number): string => (share < 0.01 ? 'less than 1 %' : `${Math.round(share * 100)} %`);

function noteOf(finding: Finding): InputNote {
  const { input, kind, value } = finding;
  const isNumber = input.type === 'number';
  return {
    ...{ kind, column: input.name, message: MESSAGES[kind](finding) },
    given: kind === InputNoteKind.MISSING ? null : shorten(String(value)),
    minimum: isNumber ? input.minimum : null,
    maximum: isNumber ? input.maximum : null,
    levels: input.levels?.slice(0, LEVELS_SHOWN_MAX).map(shorten) ?? null,
  };
}

export const rowNotes = ({ byRow, counts }: Notes): RowNotes[] =>
  [...byRow].map(([row, notes]) => ({ row, notes, noteCount: counts[row] }));
