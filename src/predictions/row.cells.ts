/** What a single value in a row may be. */
import type { InputField } from '../engine';

/** A row as the client sent it. */
export type Row = Record<string, unknown>;

/** Rows as the client sent them column by column: lists of one length. */
export type Columns = Record<string, unknown[]>;

/** A field of a row, compiled once per model. */
export interface Field {
  name: string;
  /** The name of a property every object inherits, so only an own one counts. */
  inherited: boolean;
}

/** As long as a value of a file may be, so that each value that a model has seen can be sent. */
export const TEXT_LENGTH_MAX = 2_000_000;
/** What models written before take as 32-bit floats: a larger number would become infinite. */
const FLOAT32_MAX = 3.4028234663852886e38;
/** NUL and lone surrogates: neither PostgreSQL nor UTF-8 can hold them. */
const UNSTORABLE = /[\0\ud800-\udfff]/u;

export const numberMax = ({ elementType }: InputField): number =>
  elementType === 'float64' ? Number.MAX_VALUE : FLOAT32_MAX;

/** @param max the largest number that the input takes */
export function isNumberCell(value: unknown, max: number): value is number | null | undefined {
  if (typeof value === 'number') return value <= max && value >= -max;
  return value === null || value === undefined;
}

/** Numbers and booleans count as their text, as they do when a file is read. */
export function isTextCell(value: unknown): value is string | number | boolean | null | undefined {
  if (typeof value === 'string') return value.length <= TEXT_LENGTH_MAX && !UNSTORABLE.test(value);
  if (typeof value === 'number') return Number.isFinite(value);
  return typeof value === 'boolean' || value === null || value === undefined;
}

export const fieldOf = (name: string): Field => ({ name, inherited: name in Object.prototype });

/** The value of a field, or a column by its name; undefined when it was not sent. */
export function read<T>(from: Record<string, T>, { name, inherited }: Field): T | undefined {
  return inherited && !Object.hasOwn(from, name) ? undefined : from[name];
}
