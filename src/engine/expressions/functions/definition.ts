import type { ValueType } from '../expression';
import type { BooleanValue, NumberValue, Operations, Value } from '../operations';

/** `any`: a type of its own for each call, the same for all parameters and the result that are `any`. */
export type TypeRule = ValueType | 'any';

/** A function of expressions, or an operator. What is said of it stands in docs/guides/expressions.md. */
export interface ExpressionFunction {
  /** How it is written, such as `clip(value, low, high)`. */
  form: string;
  parameters: readonly TypeRule[];
  /** Of any number of further values. */
  rest?: TypeRule;
  result: TypeRule;
  description: string;
  /** When the result is missing; left out: where a value is missing. */
  missing?: string;
  example: readonly [expression: string, result: string];
  /** Arguments have the types of the parameters. */
  append(graph: Operations, values: Value[]): Value;
}

export const MISSING_WHERE = 'a value is missing';

interface Description {
  form: string;
  description: string;
  missing?: string;
  example: readonly [string, string];
}

/** A function of numbers to a number. */
export const ofNumbers = (
  count: number,
  description: Description,
  append: (graph: Operations, names: string[]) => NumberValue,
): ExpressionFunction => ({
  ...description,
  parameters: Array.from({ length: count }, () => 'number' as const),
  result: 'number',
  append: (graph, values) => append(graph, values.map(nameOf)),
});

/** A comparison of numbers: the masks of true and of false. */
export const ofBooleans = (
  count: number,
  description: Description,
  append: (graph: Operations, values: BooleanValue[]) => BooleanValue,
): ExpressionFunction => ({
  ...description,
  parameters: Array.from({ length: count }, () => 'boolean' as const),
  result: 'boolean',
  append: (graph, values) => append(graph, values as BooleanValue[]),
});

export const nameOf = (value: Value): string => {
  if (value.type === 'boolean') throw new Error('A boolean is two values of the graph.');
  return value.name;
};

export const booleanOf = (isTrue: string, isFalse: string): BooleanValue => ({ type: 'boolean', isTrue, isFalse });
