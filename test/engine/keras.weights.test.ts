/** Which stored weight goes to which layer: names with slashes, renamed weights, and names that do not decide. */
import { readKerasModel } from '../../src/engine/keras/read';
import { EngineError } from '../../src/engine/types';
import { affine, dense, drawn, expectOutputs, kernel, layer, type Named } from './support/keras-file';

const normal = (name: string) => layer('BatchNormalization', name, { axis: [1], epsilon: 0.001 });
const nested = (name: string, ...layers: object[]) => layer('Sequential', name, { layers });

const moments = (scope: string, units: number): Named[] =>
  ['gamma', 'beta', 'moving_mean', 'moving_variance'].map((role) => [`${scope}/${role}`, [units]]);

const normalized = (x: number[], [gamma, beta, mean, variance]: Float32Array[]) =>
  x.map((v, i) => ((v - mean[i]) / Math.sqrt(variance[i] + 0.001)) * gamma[i] + beta[i]);
const relu = (x: number[]) => x.map((v) => Math.max(0, v));

/** 4 → 5 → normalized → 3, with weights under these scopes. */
const threeLayers = (names: string[], scopes: string[]) => ({
  layers: [dense(names[0], 5, 'relu'), normal(names[1]), dense(names[2], 3)],
  weights: [...kernel(scopes[0], 4, 5), ...moments(scopes[1], 5), ...kernel(scopes[2], 5, 3)],
});
const prefixed = (prefix: string, names: string[]) => names.map((name) => prefix + name);

const SLASHED = ['conv1_1/3x3_s1', 'conv1_1/3x3_s1/bn', 'classifier/low_dim'];
const NUMBERED = ['dense_1', 'batch_normalization_1', 'dense_2'];
const SEGMENT = ['model', 'bn', 'out'];

const FOUND: [string, string[], string[], RegExp | null][] = [
  ['names with slashes, one the beginning of another', SLASHED, SLASHED, null],
  ['names with slashes behind the name of the model', SLASHED, prefixed('m/', SLASHED), null],
  ['a name that is a segment of others', SEGMENT, prefixed('model/', SEGMENT), null],
  [
    'names in decomposed letters',
    ['größe', 'é/n', '出力'],
    ['größe'.normalize('NFD'), 'é/n'.normalize('NFD'), '出力'],
    null,
  ],
  ['weights decomposed by the topology', ['größe'.normalize('NFD'), 'n', 'ä'], ['größe', 'n', 'ä'], null],
  ['one name that ends like another', ['b', 'a/b', 'c/a/b'], ['b', 'a/b', 'c/a/b'], null],
  ['a layer called as what a network gets', ['input', 'norm', 'output'], ['input', 'norm', 'output'], null],
  ['names behind scopes of no layer', NUMBERED, prefixed('tower/replica_0/', NUMBERED), null],
  ['one suffix for all', NUMBERED, NUMBERED.map((name) => `${name}_2`), /differ .* by "_2" behind them/],
  ['a suffix that gives a layer the name of another', ['d', 'n', 'd_1'], ['d_1', 'n_1', 'd_1_1'], /"_1" behind them/],
  ['one beginning for all', NUMBERED, prefixed('ema_', NUMBERED), /by "ema_" before them/],
  ['other names, told by shapes', NUMBERED, ['a', 'b', 'c'], /found by shapes.*"dense_1" from "a".*"dense_2" from "c"/],
  ['numbers moved on by one', ['dense', 'bn', 'dense_1'], ['dense_1', 'bn', 'dense_2'], /"dense" from "dense_1"/],
];

test.each(FOUND)('%s', async (_, names, scopes, warning) => {
  const { layers, weights } = threeLayers(names, scopes);
  const { saved, values } = drawn(layers, weights);
  const { warnings } = readKerasModel(saved.json);
  expect(warnings).toEqual(warning ? [expect.stringMatching(warning)] : []);
  await expectOutputs(saved, (row) =>
    affine(normalized(relu(affine(row, values.slice(0, 2))), values.slice(2, 6)), values.slice(6)),
  );
});

test.each([':0', ':12'])('names of TensorFlow that end with "%s", in groups of files', async (end) => {
  const { layers, weights } = threeLayers(SLASHED, SLASHED);
  const named = weights.map(([name, shape]): Named => [name + end, shape]);
  const { saved, values } = drawn(layers, named, { groupSize: 3 });
  expect(Object.keys(saved.files)).toHaveLength(3);
  await expectOutputs(saved, (row) =>
    affine(normalized(relu(affine(row, values.slice(0, 2))), values.slice(2, 6)), values.slice(6)),
  );
});

test('weights by number, as files of Keras 3 hold them', async () => {
  const { layers, weights } = threeLayers(NUMBERED, NUMBERED);
  const count = new Map<string, number>();
  const numbered = weights.map(([name, shape]): Named => {
    const scope = name.split('/')[0];
    count.set(scope, (count.get(scope) ?? -1) + 1);
    return [`layers/${scope}/vars/${count.get(scope)}`, shape];
  });
  const { saved } = drawn(layers, numbered);
  expect(
    [...readKerasModel(saved.json).parameterOf].map(([{ name }, parameter]) => [name.slice(7), parameter]),
  ).toEqual([
    ['dense_1/vars/0', 'kernel_0'],
    ['dense_1/vars/1', 'bias_0'],
    ...['scale', 'offset', 'mean', 'variance'].map((role, i) => [`batch_normalization_1/vars/${i}`, `${role}_1`]),
    ['dense_2/vars/0', 'kernel_2'],
    ['dense_2/vars/1', 'bias_2'],
  ]);
});

test('weights that are all numbered by TensorFlow', async () => {
  const { layers, weights } = threeLayers(NUMBERED, NUMBERED);
  const { saved } = drawn(
    layers,
    weights.map(([name, shape]) => [`${name}_1:0`, shape]),
  );
  expect(readKerasModel(saved.json).warnings).toEqual([expect.stringMatching(/by "_1" behind them/)]);
});

test('layers of one name in several models inside the model, and beside them', async () => {
  const inner = (name: string) => nested(name, dense('same', 4));
  const layers = [inner('a'), inner('model'), dense('same', 4)];
  const scopes = ['a/same', 'model/same', 'same'];
  const expected = (values: Float32Array[]) => (row: number[]) =>
    [0, 2, 4].reduce((value, i) => affine(value, values.slice(i, i + 2)), row);
  for (const prefix of ['', 'model/']) {
    const names = scopes.flatMap((scope) => kernel(prefix + scope, 4, 4));
    const { saved, values } = drawn(layers, names, { name: 'model' });
    expect(readKerasModel(saved.json).warnings).toEqual([]);
    await expectOutputs(saved, expected(values));
    // In another order of the manifest, names lead to the same layers.
    const turned = drawn(layers, names.toReversed(), { name: 'model' });
    await expectOutputs(turned.saved, expected(turned.values.toReversed()));
  }
});

test('the same names twice are told apart by shapes, and not otherwise', async () => {
  const layers = [nested('a', dense('same', 6)), nested('b', dense('same', 3))];
  const { saved, values } = drawn(layers, [...kernel('same', 6, 3), ...kernel('same', 4, 6)]);
  expect(readKerasModel(saved.json).warnings).toEqual([expect.stringMatching(/found by shapes/)]);
  await expectOutputs(saved, (row) => affine(affine(row, values.slice(2)), values.slice(0, 2)));
  const alike = drawn(
    [nested('a', dense('same', 4)), nested('b', dense('same', 4))],
    [...kernel('same', 4, 4), ...kernel('same', 4, 4)],
  );
  expect(() => readKerasModel(alike.saved.json)).toThrow(/layer "a\/same": has several weights "kernel"/);
});

const four = ['one', 'two', 'three', 'four'];
const chain = four.map((name) => dense(name, 4));
const chained = (names: string[]) => names.flatMap((name) => kernel(name, 4, 4));

const REFUSED: [string, object[], Named[], RegExp, RegExp][] = [
  [
    'other names, of one shape',
    chain,
    chained(['a', 'b', 'c', 'd']),
    /"one": has no weight "kernel" of shape \[4, 4\]/,
    /nearest in the manifest are .*a\/kernel" \[4, 4\].*Shapes alone/,
  ],
  [
    'one name of four is another',
    chain,
    chained([...four.slice(0, 3), 'fourth']),
    /"four": has no weight/,
    /nearest in the manifest are "fourth\/kernel/,
  ],
  [
    'numbers moved on by one',
    [dense('d', 4), dense('d_1', 4)],
    chained(['d_1', 'd_2']),
    /"d": has no weight/,
    /d_1\/kernel/,
  ],
  [
    'more weights than layers',
    [dense('out', 3)],
    [...kernel('a', 4, 3), ...kernel('b', 4, 3)],
    /"out": has no weight/,
    /nearest/,
  ],
  ['fewer weights than layers', chain, chained(four.slice(1)), /"one": has no weight/, /nearest/],
  ['no weights', [dense('out', 3)], [], /"out": has no weight/, /none at all/],
  [
    'kernels without biases',
    [dense('out', 3)],
    [['other/kernel', [4, 3]]],
    /"out": has no weight "kernel"/,
    /other\/kernel/,
  ],
  [
    'a name behind two scopes',
    [dense('out', 3)],
    [...kernel('a/out', 4, 3), ...kernel('b/out', 4, 3)],
    /"out": has several weights "kernel"/,
    /a\/out\/kernel" .*b\/out\/kernel"/,
  ],
];

test.each(REFUSED)('%s: refused, with the nearest names', (_, layers, names, ...[message, hint]) => {
  const { saved } = drawn(layers, names);
  const error = caught(() => readKerasModel(saved.json));
  expect(error.message).toMatch(message);
  expect(error.hint).toMatch(hint);
});

function caught(act: () => unknown): EngineError {
  try {
    act();
  } catch (error) {
    if (error instanceof EngineError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

test('names of any length and depth are looked at in bounded time, and shown in part', () => {
  const deep = Array.from({ length: 400 }, (_, i) => kernel(`${'s/'.repeat(100)}${'x'.repeat(250)}${i}`, 4, 4)).flat();
  const { saved } = drawn(chain, deep);
  const { message, hint } = caught(() => readKerasModel(saved.json));
  expect(message).toMatch(/"one": has no weight/);
  expect(hint!.length).toBeLessThan(1000);
});

test('a renamed recurrent layer of two directions is told by its directions', () => {
  const lstm = { class_name: 'LSTM', config: { name: 'lstm', units: 2, activation: 'tanh' } };
  const layers = [
    layer('Reshape', 'steps', { target_shape: [2, 2] }),
    layer('Bidirectional', 'both', { layer: lstm, merge_mode: 'concat' }),
    dense('out', 3),
  ];
  const cell = (scope: string): Named[] => [
    [`${scope}/kernel`, [2, 8]],
    [`${scope}/recurrent_kernel`, [2, 8]],
    [`${scope}/bias`, [8]],
  ];
  const weights = (name: string) => [
    ...cell(`${name}/backward_lstm/lstm_cell_2`),
    ...cell(`${name}/forward_lstm/lstm_cell_1`),
    ...kernel('out', 4, 3),
  ];
  const places = (name: string) => {
    const { saved } = drawn(layers, weights(name));
    const { parameterOf, warnings } = readKerasModel(saved.json);
    return { names: [...parameterOf].map(([, parameter]) => parameter).sort(), warnings, parameterOf };
  };
  const [plain, renamed] = [places('both'), places('bidirectional_7')];
  expect(plain.warnings).toEqual([]);
  expect(renamed.names).toEqual(plain.names);
  for (const { parameterOf } of [plain, renamed]) {
    for (const [{ name }, parameter] of parameterOf) {
      if (name.includes('lstm')) expect(name).toContain(`/${parameter.split('_')[1]}_lstm/`);
    }
  }
});

test('models inside models, with the same names at each depth, as their converter names them', async () => {
  const inner = nested('inner', dense('d', 4), nested('model', dense('d', 4), dense('out', 4)));
  const layers = [
    dense('d', 4),
    nested('model', inner, dense('d', 4)),
    layer('TimeDistributed', 'td', { layer: dense('core', 3) }),
  ];
  const flat = [
    layers[0],
    layers[1],
    layer('Reshape', 'steps', { target_shape: [1, 4] }),
    layers[2],
    layer('Flatten', 'flat', {}),
  ];
  const full = ['d', 'model/inner/d', 'model/inner/model/d', 'model/inner/model/out', 'model/d', 'td'];
  const sizes = [4, 4, 4, 4, 4, 3];
  for (const scopes of [full, full.map((name) => `m/${name}`), full.map((name, i) => (i === 5 ? 'td/core' : name))]) {
    const names = scopes.flatMap((scope, i) => kernel(scope, 4, sizes[i]));
    const { saved, values } = drawn(flat, names);
    expect(readKerasModel(saved.json).warnings).toEqual([]);
    await expectOutputs(saved, (row) =>
      scopes.reduce((value, _, i) => affine(value, values.slice(2 * i, 2 * i + 2)), row),
    );
  }
});
