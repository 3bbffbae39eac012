/** The functions and operators of expressions, by name: a line in one of the tables, and a new one is there. */
import { CHOICES } from './choices';
import type { ExpressionFunction } from './definition';
import { LOGIC } from './logic';
import { NUMBERS } from './numbers';
import { TIMES } from './times';

export const FUNCTIONS: Readonly<Record<string, ExpressionFunction>> = { ...NUMBERS, ...LOGIC, ...CHOICES, ...TIMES };

/** Those that are written with parentheses behind their name; the others are operators. */
export const FUNCTION_NAMES = Object.keys(FUNCTIONS).filter((name) => FUNCTIONS[name].form.startsWith(`${name}(`));

/** The function that a name means, in whatever case it is written; null where there is none. */
export const findFunction = (written: string): string | null =>
  [...FUNCTION_NAMES, 'time'].find((name) => name.toLowerCase() === written.toLowerCase()) ?? null;
