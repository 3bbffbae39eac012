import type { BooleanValue, NumberValue, Operations, TextValue, Value } from '../operations';
import { booleanOf, nameOf, ofBooleans, type ExpressionFunction } from './definition';

/** Comparing with NaN is false, so that neither mask is set where a number is missing. */
function comparison(
  form: string,
  description: string,
  [op, opposite]: [string, string],
  example: [string, string],
): ExpressionFunction {
  return {
    form,
    description,
    example,
    parameters: ['number', 'number'],
    result: 'boolean',
    append: (graph, values) => {
      const names = values.map(nameOf);
      return booleanOf(graph.call(op, names), graph.call(opposite, names));
    },
  };
}

const negated = ({ isTrue, isFalse }: BooleanValue): BooleanValue => booleanOf(isFalse, isTrue);

export function either(graph: Operations, [a, b]: BooleanValue[]): BooleanValue {
  return booleanOf(graph.call('Or', [a.isTrue, b.isTrue]), graph.call('And', [a.isFalse, b.isFalse]));
}

const both = (graph: Operations, [a, b]: BooleanValue[]): BooleanValue =>
  negated(either(graph, [negated(a), negated(b)]));

function equal(graph: Operations, [a, b]: Value[]): BooleanValue {
  if (a.type === 'number') return equalNumbers(graph, a, b as NumberValue);
  if (a.type === 'boolean') return equalBooleans(graph, a, b as BooleanValue);
  const text = b as TextValue;
  if (text.literal !== undefined) return isAnyOf(graph, a, [text.literal]);
  if (a.literal !== undefined) return isAnyOf(graph, text, [a.literal]);
  return equalTexts(graph, a, text);
}

function equalNumbers(graph: Operations, { name: a }: NumberValue, { name: b }: NumberValue): BooleanValue {
  const differ = graph.call('Or', [graph.call('Less', [a, b]), graph.call('Greater', [a, b])]);
  return booleanOf(graph.call('Equal', [a, b]), differ);
}

/** Equal where both are true or both are false. */
const equalBooleans = (graph: Operations, a: BooleanValue, b: BooleanValue): BooleanValue =>
  either(graph, [both(graph, [a, b]), both(graph, [negated(a), negated(b)])]);

function equalTexts(graph: Operations, a: TextValue, b: TextValue): BooleanValue {
  const known = graph.call('Not', [graph.call('Or', [isMissingText(graph, a), isMissingText(graph, b)])]);
  // Each takes the shape of both: one may be [1, 1].
  const [left, right] = [a, b].map(({ name }) => graph.call('Where', [known, name, graph.text('')]));
  const same = graph.sameTexts(left, right);
  return booleanOf(
    graph.call('And', [known, same]),
    graph.call('Not', [graph.call('Or', [graph.call('Not', [known]), same])]),
  );
}

/** The place in `['', …texts]`: 0 is missing, the number of places is any other text. */
function isAnyOf(graph: Operations, { name }: TextValue, texts: string[]): BooleanValue {
  const keys = ['', ...new Set(texts)];
  const place = graph.placeIn(name, keys, keys.length);
  const within = graph.call('Mod', [place, graph.int64(keys.length)]);
  return booleanOf(
    graph.call('Greater', [within, graph.int64(0)]),
    graph.call('Equal', [place, graph.int64(keys.length)]),
  );
}

function isIn(graph: Operations, [value, ...items]: Value[]): BooleanValue {
  const literals = items.flatMap((item) => (item.type === 'text' && item.literal !== undefined ? [item.literal] : []));
  if (value.type === 'text' && literals.length === items.length) return isAnyOf(graph, value, literals);
  return items.map((item) => equal(graph, [value, item])).reduce((a, b) => either(graph, [a, b]));
}

const isMissingText = (graph: Operations, { name }: TextValue): string =>
  graph.call('Equal', [graph.placeIn(name, [''], 1), graph.int64(0)]);

/** The mask of what is missing. */
export function isMissing(graph: Operations, value: Value): string {
  if (value.type === 'number') return graph.call('IsNaN', [value.name]);
  if (value.type === 'text') return isMissingText(graph, value);
  return graph.call('Not', [graph.call('Or', [value.isTrue, value.isFalse])]);
}

export const LOGIC = {
  equal: {
    form: 'a = b',
    parameters: ['any', 'any'],
    result: 'boolean',
    description: 'Both are the same: numbers, texts (with their case) or booleans. Also written ==.',
    example: ['2 = 3', 'false'],
    append: equal,
  },
  notEqual: {
    form: 'a != b',
    parameters: ['any', 'any'],
    result: 'boolean',
    description: 'The two differ. Also written <>.',
    example: ['2 != 3', 'true'],
    append: (graph, values) => negated(equal(graph, values)),
  },
  less: comparison('a < b', 'a is below b.', ['Less', 'GreaterOrEqual'], ['2 < 3', 'true']),
  lessOrEqual: comparison('a <= b', 'a is at most b.', ['LessOrEqual', 'Greater'], ['3 <= 3', 'true']),
  greater: comparison('a > b', 'a is above b.', ['Greater', 'LessOrEqual'], ['2 > 3', 'false']),
  greaterOrEqual: comparison('a >= b', 'a is at least b.', ['GreaterOrEqual', 'Less'], ['3 >= 3', 'true']),
  in: {
    form: 'a in (b, c, …)',
    parameters: ['any', 'any'],
    rest: 'any',
    result: 'boolean',
    description: 'a is one of the values. a not in (…) is the contrary.',
    missing: 'a is missing, or it is none of the values and one of them is missing',
    example: ['"b" in ("a", "b")', 'true'],
    append: isIn,
  },
  not: ofBooleans(
    1,
    { form: 'not a', description: 'True where a is false.', example: ['not 2 < 3', 'false'] },
    (_, [a]) => negated(a),
  ),
  and: ofBooleans(
    2,
    {
      form: 'a and b',
      description: 'Both are true.',
      missing: 'neither is false and one is missing',
      example: ['1 < 2 and 2 < 3', 'true'],
    },
    both,
  ),
  or: ofBooleans(
    2,
    {
      form: 'a or b',
      description: 'One is true, or both.',
      missing: 'neither is true and one is missing',
      example: ['1 > 2 or 2 < 3', 'true'],
    },
    either,
  ),
} satisfies Record<string, ExpressionFunction>;
