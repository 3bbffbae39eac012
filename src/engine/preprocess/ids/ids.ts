/** Ids by value: which ones the training rows hold, the vocabulary that is made of them, and the place of an id in it. */
import type { IdGroup } from '../../families/family';
import { IDS_MAX } from '../../families/by-id/ids.schema';
import { EngineError, type CategoryColumn, type Column, type IdVocabulary, type NumberColumn } from '../../types';
import { textList } from '../ranges/text-filter';
import { idCount, type FeaturePlace, type Id, type IdEncoding } from '../encoding';
import { shown } from '../../../formats';

/** A text that is written as numbers are is that number: columns that share a vocabulary may be of both kinds. */
export function idOf(id: Id): Id {
  if (typeof id === 'number') return id;
  const number = Number(id);
  return Number.isFinite(number) && String(number) === id ? number : id;
}

/** How often each id occurs in rows that are trained on. */
export class IdCounter {
  readonly counts = new Map<Id, number>();
  /** Whether every row has an id. */
  complete = true;
  private readonly padding: Id;

  constructor(private readonly group: IdGroup) {
    this.padding = idOf(group.padding ?? NaN);
    for (const id of group.known ?? []) this.counts.set(idOf(id), 0);
  }

  /** The id that a missing one reads as; null: none, it is answered by the mean. */
  get fill(): number | null {
    return this.group.closed ? 0 : null;
  }

  add(column: Column, rows: Uint32Array): void {
    if (this.group.closed) return;
    const ids = idsOf(column);
    for (const row of rows) {
      const id = ids(row);
      if (id === null || id === this.padding) this.complete = false;
      else this.counts.set(id, (this.counts.get(id) ?? 0) + 1);
    }
  }

  /** Numbers ascending, then texts ascending; where there are too many, of the most frequent ids. */
  encoding(columns: Column[]): { encoding: IdEncoding; warning: string | null } {
    const { padding = null, closed = false } = this.group;
    const { ids, warning } = this.bounded(columns);
    const numbers = Float64Array.from(ids.filter((id) => typeof id === 'number')).sort();
    const texts = ids.filter((id) => typeof id === 'string').sort((a, b) => (a < b ? -1 : 1));
    const encoding = {
      columns: columns.map(({ name, kind }) => ({ name, kind })),
      ...{ numbers, texts, padding: padding === null ? null : idOf(padding) },
      missing: closed ? 0 : NaN,
      complete: this.complete && warning === null && !closed,
    };
    return { encoding, warning };
  }

  private bounded(columns: Column[]): { ids: Id[]; warning: string | null } {
    const { parameter, most, strict } = this.group;
    const ids = [...this.counts.keys()];
    const bound = most ?? IDS_MAX;
    if (ids.length === 0) {
      throw new EngineError(`${named(columns)} has no id in any row to train on.`, 'table', 'Drop it, or give it ids.');
    }
    if (ids.length <= bound) return { ids, warning: null };
    const [first, last] = extremes(ids);
    const message = `${named(columns)} ${columns.length > 1 ? 'have' : 'has'} ${ids.length} ids, from ${first} to ${last}, and ${parameter} is ${bound}`;
    const hint = `Raise ${parameter}, or leave it out.`;
    if (strict) throw new EngineError(`${message}.`, `estimator.parameters.${parameter}`, hint);
    const often = ids.sort((a, b) => this.counts.get(b)! - this.counts.get(a)! || compare(a, b)).slice(0, bound);
    return { ids: often, warning: `${message}: the others than the most frequent are answered by the mean. ${hint}` };
  }
}

const rank = (id: Id) => (typeof id === 'number' ? 0 : 1);
const compare = (a: Id, b: Id) => rank(a) - rank(b) || (a < b ? -1 : 1);

function extremes(ids: Id[]): [string, string] {
  const [first, last] = ids.reduce(
    ([low, high], id) => [compare(id, low) < 0 ? id : low, compare(high, id) < 0 ? id : high],
    [ids[0], ids[0]],
  );
  return [textOf(first), textOf(last)];
}

const textOf = (id: Id): string => (typeof id === 'string' ? shown(id) : String(id));

/** Columns as a message names them. */
export const named = (columns: { name: string }[]): string =>
  columns.length === 1
    ? shown(columns[0].name)
    : `${columns.length} columns from ${shown(columns[0].name)} to ${shown(columns.at(-1)!.name)}`;

/** The id in a row; null where it is missing. */
function idsOf(column: Column): (row: number) => Id | null {
  if (column.kind === 'number') {
    const { values } = column;
    return (row) => (Number.isNaN(values[row]) ? null : values[row]);
  }
  const { codes, levels } = column;
  const ids = levels.map(idOf);
  return (row) => (codes[row] < 0 || levels[codes[row]] === '' ? null : ids[codes[row]]);
}

/** The columns of each group, in order. */
export function groupColumns<C>(columns: C[], groups: IdGroup[]): C[][] {
  let from = 0;
  return groups.map(({ columns: count }) => columns.slice(from, (from += count)));
}

/** The place of an id in a vocabulary; −1 for one that is not in it, `missing` for padding. */
export function placesOfIds(ids: IdEncoding): (id: Id) => number {
  const places = PLACES.get(ids) ?? placesOf(ids);
  PLACES.set(ids, places);
  return (id) => places.get(id) ?? -1;
}

/** Large ones take long to make, and a table larger than memory is encoded in many parts. */
const PLACES = new WeakMap<IdEncoding, Map<Id, number>>();

function placesOf({ numbers, texts, padding, missing }: IdEncoding): Map<Id, number> {
  const places = new Map<Id, number>();
  numbers.forEach((id, place) => places.set(id, place));
  texts.forEach((id, i) => places.set(id, numbers.length + i));
  if (padding !== null) places.set(padding, missing);
  return places;
}

/** Writes the places of the ids of the given rows, from feature `offset` on. */
export function encodeIds(
  columns: Column[],
  rows: Uint32Array,
  encoding: IdEncoding,
  { out, width, offset }: FeaturePlace,
): void {
  const place = placesOfIds(encoding);
  columns.forEach((column, c) => {
    const at = placesIn(column, place, encoding.missing);
    rows.forEach((row, i) => (out[i * width + offset + c] = at(row)));
  });
}

function placesIn(column: Column, place: (id: Id) => number, missing: number): (row: number) => number {
  if (column.kind === 'number') return placesOfNumbers(column, place, missing);
  return placesOfTexts(column, place, missing);
}

const placesOfNumbers =
  ({ values }: NumberColumn, place: (id: Id) => number, missing: number) =>
  (row: number) =>
    Number.isNaN(values[row]) ? missing : place(values[row]);

function placesOfTexts({ codes, levels }: CategoryColumn, place: (id: Id) => number, missing: number) {
  const places = levels.map((level) => (level === '' ? missing : place(idOf(level))));
  return (row: number) => (codes[row] < 0 ? missing : places[codes[row]]);
}

/** How many of the given rows hold an id of this vocabulary's columns that is not in it. */
export function countUnknown(columns: Column[], rows: Uint32Array, encoding: IdEncoding): number {
  const place = placesOfIds(encoding);
  const at = columns.map((column) => placesIn(column, place, encoding.missing));
  return rows.reduce((count, row) => count + Number(at.some((of) => of(row) === -1)), 0);
}

/** All known ids in the order of their places, as texts. */
export const idTexts = ({ numbers, texts }: IdEncoding): string[] => [...Array.from(numbers, String), ...texts];

/** A vocabulary as a model card holds it. */
export function vocabularyOf(encoding: IdEncoding): IdVocabulary {
  const { padding } = encoding;
  const { list, filter } = textList(idTexts(encoding));
  return {
    ...{ count: idCount(encoding), ids: list },
    ...(filter && { filter }),
    ...(padding !== null && { padding: String(padding) }),
  };
}
