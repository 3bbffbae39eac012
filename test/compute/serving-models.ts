/** Small models with closed-form answers, for the tests of inference and batching. */
import { encodeModel } from '../../src/engine/onnx/encode';
import { GraphBuilder } from '../../src/engine/onnx/graph';
import type { InputField, ModelCard } from '../../src/engine';

const field = (name: string, type: InputField['type']): InputField => ({
  name,
  type,
  minimum: null,
  maximum: null,
  levels: null,
  fill: null,
});

function card(inputs: InputField[]): ModelCard {
  return {
    task: 'regression',
    target: 'y',
    family: 'linear',
    parameters: {},
    inputs,
    labels: null,
    parameterCount: 0,
    leftOut: [],
  };
}

export const SUM_CARD: ModelCard = card([field('a', 'number'), field('b', 'number'), field('colour', 'category')]);

export const COLOURS: Record<string, number> = { red: 100, green: 200, '': -1 };

/** y = a + factor · b + the number of the colour (0 for an unknown one). */
export function sumModel(factor = 2): Uint8Array {
  const graph = new GraphBuilder('sum');
  const [a, b] = ['a', 'b'].map((name) => graph.input(name, 'float32', ['batch', 1]));
  const colour = graph.input('colour', 'string', ['batch', 1]);
  const shift = graph.call(
    'LabelEncoder',
    [colour],
    {
      keys_strings: Object.keys(COLOURS),
      values_floats: { floats: Object.values(COLOURS) },
      default_float: { float: 0 },
    },
    { domain: 'ai.onnx.ml' },
  );
  const scaled = graph.call('Mul', [b, graph.floats(factor)]);
  graph.node('Add', [graph.call('Add', [a, scaled]), shift], {}, { outputs: ['prediction'] });
  graph.output('prediction', 'float32', ['batch', 1]);
  graph.metadata['praxis.card'] = JSON.stringify(SUM_CARD);
  return encodeModel(graph);
}

/** Names of columns that every object of JavaScript has as properties. */
export const INHERITED_CARD: ModelCard = card([field('__proto__', 'number'), field('constructor', 'category')]);

/** y = __proto__, and 100 more where the constructor is red. */
export function inheritedModel(): Uint8Array {
  const graph = new GraphBuilder('inherited');
  const number = graph.input('__proto__', 'float32', ['batch', 1]);
  const colour = graph.input('constructor', 'string', ['batch', 1]);
  const codes = { keys_strings: ['red'], values_floats: { floats: [100] }, default_float: { float: 0 } };
  const shift = graph.call('LabelEncoder', [colour], codes, { domain: 'ai.onnx.ml' });
  graph.node('Add', [number, shift], {}, { outputs: ['prediction'] });
  graph.output('prediction', 'float32', ['batch', 1]);
  graph.metadata['praxis.card'] = JSON.stringify(INHERITED_CARD);
  return encodeModel(graph);
}

export const LABEL_CARD: ModelCard = { ...card([field('x', 'number')]), task: 'binary', labels: ['no', 'yes'] };

/** P(yes) = x, and the label that is likelier. */
export function labelModel(): Uint8Array {
  const graph = new GraphBuilder('label');
  const x = graph.input('x', 'float32', ['batch', 1]);
  const no = graph.call('Sub', [graph.floats(1), x]);
  graph.node('Concat', [no, x], { axis: 1 }, { outputs: ['probabilities'] });
  const best = graph.call('ArgMax', ['probabilities'], { axis: 1, keepdims: 1 });
  graph.node('Gather', [graph.strings(['no', 'yes']), best], {}, { outputs: ['prediction'] });
  graph.output('prediction', 'string', ['batch', 1]);
  graph.output('probabilities', 'float32', ['batch', 2]);
  graph.metadata['praxis.card'] = JSON.stringify(LABEL_CARD);
  return encodeModel(graph);
}

export const TIME_CARD: ModelCard = {
  ...card([{ ...field('at', 'number'), elementType: 'float64' }]),
  resolution: 1e-3,
};

/** y = at + 0.12345, of doubles. */
export function timeModel(): Uint8Array {
  const graph = new GraphBuilder('time');
  const at = graph.input('at', 'float64', ['batch', 1]);
  graph.node('Add', [at, graph.doubles(0.12345)], {}, { outputs: ['prediction'] });
  graph.output('prediction', 'float64', ['batch', 1]);
  graph.metadata['praxis.card'] = JSON.stringify(TIME_CARD);
  return encodeModel(graph);
}

/** y = 10 · x for x in 0…9; ONNX Runtime refuses any other x, and with it the whole batch. */
export function tableModel(): Uint8Array {
  const graph = new GraphBuilder('table');
  const x = graph.input('x', 'float32', ['batch', 1]);
  const tens = graph.floats(Array.from({ length: 10 }, (_, i) => 10 * i));
  const index = graph.call('Cast', [x], { to: 7 });
  graph.node('Gather', [tens, index], { axis: 0 }, { outputs: ['prediction'] });
  graph.output('prediction', 'float32', ['batch', 1]);
  graph.metadata['praxis.card'] = JSON.stringify(card([field('x', 'number')]));
  return encodeModel(graph);
}

export const SLOW_CARD: ModelCard = card([field('x', 'number')]);

/** y = x, after some tenths of a second a batch of 2,048. */
export function slowModel(): Uint8Array {
  const graph = new GraphBuilder('slow');
  let y = graph.input('x', 'float32', ['batch', 1]);
  for (let i = 0; i < 8_000; i++) y = graph.call('Sinh', [graph.call('Asinh', [y])]);
  graph.node('Round', [y], {}, { outputs: ['prediction'] });
  graph.output('prediction', 'float32', ['batch', 1]);
  return encodeModel(graph);
}
