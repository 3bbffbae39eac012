/** What steps that take an expression share. */
import { z } from 'zod';
import { COLUMN_TYPES } from '../../formats';
import type { KnownColumn } from '../columns/definition';
import {
  CHARACTERS_MAX,
  checkExpression,
  ExpressionFault,
  parseExpression,
  type ColumnKind,
  type ValueType,
} from '../expressions';

/** A text that can be read as an expression of such a type; columns, of any type as yet, are looked for later. */
export const expressionText = (wanted?: readonly ValueType[]) =>
  z
    .string()
    .min(1, { abort: true })
    .max(CHARACTERS_MAX, { abort: true })
    .superRefine((text, context) => {
      const fault = expressionFault(() => {
        const parsed = parseExpression(text);
        checkExpression(parsed, new Map(parsed.columns.map((name) => [name, 'any'])), wanted);
      });
      if (fault) context.addIssue({ code: 'custom', message: `${fault.message}${fault.hint && ` (${fault.hint})`}` });
    });

export function expressionFault(read: () => unknown): ExpressionFault | null {
  try {
    read();
    return null;
  } catch (error) {
    if (error instanceof ExpressionFault) return error;
    throw error;
  }
}

/** Texts may be booleans where the dataset does not say what they are. */
export const kindsOf = (columns: readonly KnownColumn[]): Map<string, ColumnKind> =>
  new Map(columns.map(({ name, kind, traits }) => [name, traits ? kindOf(kind, traits) : kind]));

function kindOf(kind: KnownColumn['kind'], { type }: NonNullable<KnownColumn['traits']>): ColumnKind {
  if (kind === 'number') return 'number';
  return COLUMN_TYPES[type].levels ? 'boolean' : 'text';
}
