import type { GraphBuilder } from '../onnx/graph';
import type { TypedExpression } from './check';
import { FUNCTIONS } from './functions';
import { booleanOf } from './functions/definition';
import { missingOf } from './functions/choices';
import { Operations, type Value } from './operations';

/** The value of a graph that a column is: float64 or string, [batch, 1]. */
export type ColumnValues = ReadonlyMap<string, string>;

/**
 * Appends what an expression computes, [batch, 1]: float64 of a number (NaN is missing) or of a boolean (1, 0, NaN), string of
 * a text (empty is missing). Parts that are equal, of one expression or of several, are appended once.
 */
export function appendExpression(graph: GraphBuilder, expression: TypedExpression, columns: ColumnValues): string {
  const operations = new Operations(graph);
  const value = valueOf(operations, expression, columns);
  if (value.type !== 'boolean') return value.name;
  const decided = operations.call('Where', [value.isFalse, operations.double(0), operations.double(NaN)]);
  return operations.call('Where', [value.isTrue, operations.double(1), decided]);
}

/** Appends a bool [batch, 1]: where a boolean expression is true, neither false nor missing. */
export function appendCondition(graph: GraphBuilder, expression: TypedExpression, columns: ColumnValues): string {
  const value = valueOf(new Operations(graph), expression, columns);
  if (value.type !== 'boolean') throw new Error(`A condition is a boolean, not a ${value.type}.`);
  return value.isTrue;
}

function valueOf(
  operations: Operations,
  { expression, type, arguments: operands }: TypedExpression,
  columns: ColumnValues,
): Value {
  if (expression.kind === 'column') return columnOf(operations, columns.get(expression.name)!, type);
  if (expression.kind === 'literal') return literalOf(operations, expression.value, type);
  return FUNCTIONS[expression.name].append(
    operations,
    operands.map((argument) => valueOf(operations, argument, columns)),
  );
}

function columnOf(operations: Operations, name: string, type: Value['type']): Value {
  if (type === 'number') return operations.finite(name);
  if (type === 'text') return { type, name };
  const place = operations.placeIn(name, ['false', 'true'], 2);
  const [isFalse, isTrue] = [0, 1].map((wanted) => operations.call('Equal', [place, operations.int64(wanted)]));
  return booleanOf(isTrue, isFalse);
}

function literalOf(operations: Operations, value: number | string | boolean | null, type: Value['type']): Value {
  if (value === null) return missingOf(operations, type);
  if (typeof value === 'number') return operations.number(operations.double(value));
  if (typeof value === 'string') return literalText(operations, value);
  return booleanOf(operations.bool(value), operations.bool(!value));
}

/** A constant of the graph only once something reads it: most are compared, which takes their text alone. */
function literalText(operations: Operations, literal: string): Value {
  return {
    type: 'text',
    literal,
    get name() {
      return operations.text(literal);
    },
  };
}
