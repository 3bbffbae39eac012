import type { NumberValue, Operations } from '../operations';
import { ofNumbers, type ExpressionFunction } from './definition';

/** One operator of ONNX; `grows`: its result may be infinite. */
const operator =
  (op: string, { grows = false, ...attributes }: { grows?: boolean; fmod?: number } = {}) =>
  (graph: Operations, names: string[]): NumberValue => {
    const result = graph.call(op, names, attributes);
    return grows ? graph.finite(result) : graph.number(result);
  };

const arithmetic =
  (op: string) =>
  (graph: Operations, names: string[]): NumberValue =>
    graph.finite(graph.arithmetic(op, names));

const GROWS = { grows: true };
const OVERFLOW = 'a value is missing, or the result is beyond 1.797e308';

/** Where both are numbers: 1 ^ missing and missing ^ 0 are 1 to IEEE 754. */
function power(graph: Operations, [base, exponent]: string[]): NumberValue {
  const { name } = graph.finite(graph.call('Pow', [base, exponent]));
  const isMissing = graph.call('Or', [graph.call('IsNaN', [base]), graph.call('IsNaN', [exponent])]);
  return graph.number(graph.call('Where', [isMissing, graph.double(NaN), name]));
}

/** As exact for small values as for large ones (Higham, Accuracy and Stability of Numerical Algorithms, 1.14.1). */
function log1p(graph: Operations, [x]: string[]): NumberValue {
  const one = graph.double(1);
  const sum = graph.call('Add', [one, x]);
  const share = graph.call('Div', [x, graph.call('Sub', [sum, one])]);
  const result = graph.call('Mul', [graph.call('Log', [sum]), share]);
  return graph.finite(graph.call('Where', [graph.call('Equal', [sum, one]), x, result]));
}

/** ONNX Runtime's Sigmoid has a relative error of 1e-5 where the result is small. */
function sigmoid(graph: Operations, [x]: string[]): NumberValue {
  const sum = graph.call('Add', [graph.double(1), graph.call('Exp', [graph.call('Neg', [x])])]);
  return graph.number(graph.call('Reciprocal', [sum]));
}

const tan = (graph: Operations, [x]: string[]): NumberValue =>
  graph.finite(graph.call('Div', [graph.call('Sin', [x]), graph.call('Cos', [x])]));

const extreme = (
  op: 'Min' | 'Max',
  form: string,
  description: string,
  example: [string, string],
): ExpressionFunction => ({
  ...ofNumbers(1, { form, description, example }, operator(op)),
  rest: 'number',
});

export const NUMBERS = {
  add: ofNumbers(
    2,
    { form: 'a + b', description: 'Sum.', missing: OVERFLOW, example: ['2 + 3', '5'] },
    arithmetic('Add'),
  ),
  subtract: ofNumbers(
    2,
    { form: 'a - b', description: 'Difference.', missing: OVERFLOW, example: ['2 - 3', '-1'] },
    arithmetic('Sub'),
  ),
  multiply: ofNumbers(
    2,
    { form: 'a * b', description: 'Product.', missing: OVERFLOW, example: ['2 * 3', '6'] },
    arithmetic('Mul'),
  ),
  divide: ofNumbers(
    2,
    {
      form: 'a / b',
      description: 'Quotient, with its fraction.',
      missing: 'a value is missing, b is 0, or the result is beyond 1.797e308',
      example: ['7 / 2', '3.5'],
    },
    arithmetic('Div'),
  ),
  remainder: ofNumbers(
    2,
    {
      form: 'a % b',
      description: 'What a whole-number division leaves, with the sign of a.',
      missing: 'a value is missing, or b is 0',
      example: ['-7 % 3', '-1'],
    },
    operator('Mod', { fmod: 1 }),
  ),
  power: ofNumbers(
    2,
    {
      form: 'a ^ b',
      description: 'Power. Binds more strongly than the sign: -2 ^ 2 is -4. 2 ^ 3 ^ 2 is 2 ^ 9.',
      missing: 'a value is missing, a negative number has a broken exponent, or the result is beyond 1.797e308',
      example: ['2 ^ 10', '1024'],
    },
    power,
  ),
  negate: ofNumbers(
    1,
    { form: '-a', description: 'The number with the other sign.', example: ['-(2 + 3)', '-5'] },
    operator('Neg'),
  ),
  abs: ofNumbers(
    1,
    { form: 'abs(a)', description: 'Size without the sign.', example: ['abs(-3)', '3'] },
    operator('Abs'),
  ),
  sign: ofNumbers(1, { form: 'sign(a)', description: '-1, 0 or 1.', example: ['sign(-3)', '-1'] }, operator('Sign')),
  sqrt: ofNumbers(
    1,
    { form: 'sqrt(a)', description: 'Square root.', missing: 'a is missing or negative', example: ['sqrt(9)', '3'] },
    operator('Sqrt'),
  ),
  exp: ofNumbers(
    1,
    {
      form: 'exp(a)',
      description: 'e to the power of a.',
      missing: 'a is missing, or above 709.78',
      example: ['exp(0)', '1'],
    },
    operator('Exp', GROWS),
  ),
  log: ofNumbers(
    1,
    {
      form: 'log(a)',
      description: 'Natural logarithm.',
      missing: 'a is missing, 0 or negative',
      example: ['log(1)', '0'],
    },
    operator('Log', GROWS),
  ),
  log1p: ofNumbers(
    1,
    {
      form: 'log1p(a)',
      description: 'Natural logarithm of 1 + a, exact for small a too: for amounts from 0 on.',
      missing: 'a is missing, or not above -1',
      example: ['log1p(0)', '0'],
    },
    log1p,
  ),
  floor: ofNumbers(
    1,
    { form: 'floor(a)', description: 'The next whole number below.', example: ['floor(-1.5)', '-2'] },
    operator('Floor'),
  ),
  ceil: ofNumbers(
    1,
    { form: 'ceil(a)', description: 'The next whole number above.', example: ['ceil(1.2)', '2'] },
    operator('Ceil'),
  ),
  round: ofNumbers(
    1,
    { form: 'round(a)', description: 'The nearest whole number; of two, the even one.', example: ['round(2.5)', '2'] },
    operator('Round'),
  ),
  min: extreme('Min', 'min(a, b, …)', 'The smallest of any number of values.', ['min(3, 1, 2)', '1']),
  max: extreme('Max', 'max(a, b, …)', 'The largest of any number of values.', ['max(3, 1, 2)', '3']),
  clip: ofNumbers(
    3,
    {
      form: 'clip(a, low, high)',
      description: 'a, but at least low and at most high; high, where low is above it.',
      example: ['clip(12, 0, 10)', '10'],
    },
    (graph, [x, low, high]) => graph.number(graph.call('Min', [graph.call('Max', [x, low]), high])),
  ),
  sin: ofNumbers(
    1,
    { form: 'sin(a)', description: 'Sine of an angle in radians.', example: ['sin(0)', '0'] },
    operator('Sin'),
  ),
  cos: ofNumbers(
    1,
    { form: 'cos(a)', description: 'Cosine of an angle in radians.', example: ['cos(0)', '1'] },
    operator('Cos'),
  ),
  tan: ofNumbers(1, { form: 'tan(a)', description: 'Tangent of an angle in radians.', example: ['tan(0)', '0'] }, tan),
  tanh: ofNumbers(
    1,
    { form: 'tanh(a)', description: 'Hyperbolic tangent, from -1 to 1.', example: ['tanh(0)', '0'] },
    operator('Tanh'),
  ),
  sigmoid: ofNumbers(
    1,
    { form: 'sigmoid(a)', description: '1 / (1 + exp(-a)), from 0 to 1.', example: ['sigmoid(0)', '0.5'] },
    sigmoid,
  ),
} satisfies Record<string, ExpressionFunction>;
