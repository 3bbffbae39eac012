/** One language of expressions for steps: read, given types, and appended to a graph of ONNX. docs/guides/expressions.md */
export { appendCondition, appendExpression, type ColumnValues } from './append';
export { checkExpression, type TypedExpression } from './check';
export { ExpressionFault, type ColumnKind, type ParsedExpression, type ValueType } from './expression';
export { FUNCTIONS } from './functions';
export { MISSING_WHERE } from './functions/definition';
export { DEPTH_MAX, NODES_MAX, parseExpression } from './parse';
export { CHARACTERS_MAX } from './tokens';
