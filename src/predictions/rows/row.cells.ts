/** Rows and columns as clients send them. */

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

export const fieldOf = (name: string): Field => ({ name, inherited: name in Object.prototype });

/** The value of a field, or a column by its name; undefined when it was not sent. */
export function read<T>(from: Record<string, T>, { name, inherited }: Field): T | undefined {
  return inherited && !Object.hasOwn(from, name) ? undefined : from[name];
}
