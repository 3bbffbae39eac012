/** What an expression is, once read: literals, columns, and calls of functions. Operators are functions with a sign. */

export const VALUE_TYPES = ['number', 'text', 'boolean'] as const;
export type ValueType = (typeof VALUE_TYPES)[number];

/** `at`: index of its first character in the text, or of its operator. */
export type Expression = Literal | ColumnReference | Call;

export interface Literal {
  kind: 'literal';
  /** Null: missing. */
  value: number | string | boolean | null;
  at: number;
}

export interface ColumnReference {
  kind: 'column';
  name: string;
  at: number;
}

export interface Call {
  kind: 'call';
  /** A key of FUNCTIONS. */
  name: string;
  arguments: Expression[];
  at: number;
}

/**
 * What a column holds. `any`: it is not known yet. `category`: texts, which count as booleans where one is expected: `true`, `false`, anything else is
 * missing. The values of a number may be NaN, those of the others the empty text: both are missing.
 */
export type ColumnKind = 'number' | 'text' | 'boolean' | 'category' | 'any';

/** An expression that cannot be read or computed. The message begins with the place. */
export class ExpressionFault extends Error {
  constructor(
    message: string,
    readonly hint: string,
  ) {
    super(message);
    this.name = 'ExpressionFault';
  }
}

/** Says where in the text, in characters as people count them, from 1 on. */
export function faultAt(text: string, at: number, message: string, hint = ''): ExpressionFault {
  return new ExpressionFault(`at character ${[...text.slice(0, at)].length + 1}: ${message}`, hint);
}

/** `columns`: those that it reads, each once, in order. */
export interface ParsedExpression {
  text: string;
  root: Expression;
  columns: string[];
}
