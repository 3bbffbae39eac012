import type { BooleanValue, Operations, Value } from '../operations';
import { booleanOf, type ExpressionFunction } from './definition';
import { isMissing } from './logic';

/** `a` where the mask is set, elsewhere `b`. */
function choose(graph: Operations, mask: string, a: Value, b: Value): Value {
  if (a.type === 'boolean') {
    const masks = (['isTrue', 'isFalse'] as const).map((side) => pick(graph, mask, a[side], (b as BooleanValue)[side]));
    return booleanOf(masks[0], masks[1]);
  }
  return { type: a.type, name: graph.call('Where', [mask, a.name, (b as typeof a).name]) };
}

/** ONNX Runtime chooses between no booleans. */
const pick = (graph: Operations, mask: string, a: string, b: string): string =>
  graph.call('Or', [graph.call('And', [mask, a]), graph.call('And', [graph.call('Not', [mask]), b])]);

export function missingOf(graph: Operations, type: Value['type']): Value {
  if (type === 'number') return graph.number(graph.double(NaN));
  if (type === 'text') return { type, name: graph.text('') };
  return booleanOf(graph.bool(false), graph.bool(false));
}

function ifElse(graph: Operations, [condition, a, b]: Value[]): Value {
  const { isTrue, isFalse } = condition as BooleanValue;
  return choose(graph, isTrue, a, choose(graph, isFalse, b, missingOf(graph, a.type)));
}

export const CHOICES = {
  if: {
    form: 'if(condition, a, b)',
    parameters: ['boolean', 'any', 'any'],
    result: 'any',
    description:
      'a where the condition is true, b where it is false. Both have one type; missing may stand for either.',
    missing: 'the condition is missing, or the value that is chosen',
    example: ['if(2 > 1, "more", "less")', '"more"'],
    append: ifElse,
  },
  coalesce: {
    form: 'coalesce(a, b, …)',
    parameters: ['any'],
    rest: 'any',
    result: 'any',
    description: 'The first value that is not missing.',
    missing: 'all values are missing',
    example: ['coalesce(1 / 0, 5)', '5'],
    append: (graph, values) => values.reduceRight((rest, value) => choose(graph, isMissing(graph, value), rest, value)),
  },
  isMissing: {
    form: 'isMissing(a)',
    parameters: ['any'],
    result: 'boolean',
    description: 'Whether a value of any type is missing.',
    missing: 'never',
    example: ['isMissing(1 / 0)', 'true'],
    append: (graph, [value]) => {
      const mask = isMissing(graph, value);
      return booleanOf(mask, graph.call('Not', [mask]));
    },
  },
} satisfies Record<string, ExpressionFunction>;
