/** Networks given as lists of layers. */
import { checkParameters, fillParameters } from '../../src/engine/families/registry';
import { network } from '../../src/engine/families/network';
import { fit } from '../../src/engine/learning/create-fit';
import { EngineError } from '../../src/engine/types';
import { encodeModel } from '../../src/engine/onnx/encode';
import { GraphBuilder } from '../../src/engine/onnx/graph';
import { OrtSession } from '../../src/engine/executors/ort';
import { randomSource } from './support/recorded';
import { listen, requestFor } from './support/training';

const shapesOf = (layers: object[], width: number) => {
  const parameters = fillParameters('network', { layers }, 100);
  const program = network.program(parameters, { task: 'binary', width, outputs: 2 });
  return program.parameters.map(({ name, shape }) => `${name} ${shape.join('x')}`);
};

async function outputOf(family: string, parameters: object) {
  const request = requestFor('multiclass', family, { epochs: 3, l2: 1e-4, learningRate: 0.003, ...parameters });
  const model = await fit(request, listen());
  const output = await model.predict(request.validation.x, request.validation.rows);
  await model.release();
  return Array.from(output);
}

const dense = (units: number) => ({ type: 'dense', units, activation: 'tanh' });
const dropout = { type: 'dropout', rate: 0.2 };
const image = { type: 'reshape', shape: [1, 5, 1], name: 'image' };
const conv = (filters: number) => ({ type: 'conv2d', filters, kernelSize: [1, 3], padding: 'same', bias: false });
const relu = { type: 'activation', activation: 'relu' };
const pool = { type: 'maxPooling2d', size: [1, 2] };
const flatten = [{ type: 'permute', axes: [3, 1, 2] }, { type: 'flatten' }];
const series = { filters: [4], kernelSize: [3], globalPooling: 'none' };

test.each<[string, object, object[]]>([
  ['mlp', { hidden: [12, 8], activation: 'tanh' }, [dense(12), dense(8)]],
  ['mlp', { hidden: [12, 8], activation: 'tanh', dropout: 0.2 }, [dense(12), dropout, dense(8), dropout]],
  [
    'cnn1d',
    { ...series, batchNormalization: false, dropout: 0.2 },
    [image, conv(4), pool, { type: 'bias' }, relu, ...flatten, dropout],
  ],
  [
    'cnn1d',
    { ...series, residual: true, pooling: 'none' },
    [
      image,
      { ...conv(4), name: 'a' },
      { type: 'conv2d', filters: 4, kernelSize: 1, bias: false, initializer: 'lecun', from: ['image'], name: 'b' },
      { type: 'batchNormalization', momentum: 0.9, from: ['a'], name: 'c' },
      { type: 'add', from: ['c', 'b'] },
      ...[relu, ...flatten],
    ],
  ],
])('%s %j is a list of layers, bit for bit', async (family, parameters, layers) => {
  expect(await outputOf('network', { layers })).toEqual(await outputOf(family, parameters));
});

test('a bias after a layer without one is the bias of the layer', async () => {
  const apart = [
    { ...dense(6), activation: 'linear', bias: false },
    { type: 'bias' },
    { type: 'activation', activation: 'tanh' },
  ];
  expect(await outputOf('network', { layers: apart })).toEqual(await outputOf('network', { layers: [dense(6)] }));
});

test.each([
  ['he', 6 / 60],
  ['glorot', 6 / (60 + 36)],
  ['lecun', 3 / 60],
])('filters start within the limit of %s', (initializer, square) => {
  const layers = [
    { type: 'reshape', shape: [4, 3, 10] },
    { type: 'conv2d', filters: 6, kernelSize: [3, 2], initializer },
  ];
  const parameters = fillParameters('network', { layers }, 100);
  const { parameters: specs } = network.program(parameters, { task: 'binary', width: 120, outputs: 2 });
  expect(specs[0].limit).toBeCloseTo(Math.sqrt(square), 12);
});

test('shapes are inferred from layer to layer', () => {
  const layers = [
    { type: 'reshape', shape: [10, 12, 3] },
    { type: 'conv2d', filters: 8, kernelSize: 3 },
    { type: 'maxPooling2d' },
    { type: 'conv2d', filters: 4, kernelSize: 2, stride: 2, padding: 'same' },
    { type: 'reshape', shape: [6, 4] },
    { type: 'conv1d', filters: 5, kernelSize: 3 },
    { type: 'flatten' },
    { type: 'layerNormalization' },
    { type: 'dense', units: 7 },
  ];
  expect(shapesOf(layers, 360)).toEqual([
    ...['kernel_1 3x3x3x8', 'bias_1 8', 'kernel_3 2x2x8x4', 'bias_3 4', 'kernel_5 1x3x4x5', 'bias_5 5'],
    ...['scale_7 20', 'offset_7 20', 'kernel_8 20x7', 'bias_8 7', 'kernel_output 7x2', 'bias_output 2'],
  ]);
});

const REFUSED: [string, object[], string, RegExp, RegExp][] = [
  [
    'a reshape of other size',
    [{ type: 'reshape', shape: [2, 3] }],
    'layers.0.shape',
    /^layers\[0\]\.shape: \[2, 3\] holds 6 numbers, and the layer gets 5\.$/,
    /5 features/,
  ],
  [
    'an image where numbers are taken',
    [
      { type: 'reshape', shape: [5, 1] },
      { type: 'repeat', times: 4 },
    ],
    'layers.1',
    /^layers\[1\]: repeat takes \[numbers\] per row and gets \[5, 1\]\.$/,
    /flatten/,
  ],
  [
    'a kernel larger than its input',
    [
      { type: 'reshape', shape: [5, 1] },
      { type: 'conv1d', filters: 2, kernelSize: 6 },
    ],
    'layers.1.kernelSize',
    /kernel of 6 does not fit into 5/,
    /padding/,
  ],
  [
    'a pool larger than its input',
    [
      { type: 'dense', units: 4 },
      { type: 'reshape', shape: [2, 2, 1] },
      { type: 'maxPooling2d', size: 3 },
    ],
    'layers.2.size',
    /window of 3 does not fit into 2\./,
    /smaller/,
  ],
];

test.each(REFUSED)('%s is refused by its place', async (...args) => {
  const [, layers, path, message, hint] = args;
  expect(checkParameters('network', { layers }, 'binary')).toEqual([]);
  const error = await fit(requestFor('binary', 'network', { layers }), listen()).catch((e: unknown) => e);
  expect(error).toBeInstanceOf(EngineError);
  expect((error as EngineError).path).toBe(`estimator.parameters.${path}`);
  expect((error as EngineError).message).toMatch(message);
  expect((error as EngineError).hint).toMatch(hint);
});

test.each([
  [[{ type: 'dense' }], 'parameters.layers.0.units'],
  [
    [
      { type: 'dense', units: 4 },
      { type: 'dense', units: 0 },
    ],
    'parameters.layers.1.units',
  ],
  [[{ type: 'dens', units: 4 }], 'parameters.layers.0.type'],
  [[{ type: 'dropout', rate: 2 }], 'parameters.layers.0.rate'],
  [[], 'parameters.layers'],
])('%j is refused before a run starts, at %s', (layers, path) => {
  const [issue] = checkParameters('network', { layers }, null);
  expect(issue.path).toBe(path);
  expect(issue.hint).toContain('dense (units, activation)');
});

test('a convolution finds which half of small images is bright, and serves what it trained', async () => {
  const random = randomSource(6);
  const [rows, side] = [300, 6];
  const x = new Float32Array(rows * side * side);
  const y = Float32Array.from({ length: rows }, () => Number(random() > 0));
  for (let i = 0; i < x.length; i++) {
    const [row, column] = [Math.floor(i / 36), i % 6];
    x[i] = random() + (column < 3 === (y[row] === 1) ? 0.6 : 0);
  }
  const matrix = { rows, width: 36, x, y, weight: null };
  const layers = [
    { type: 'reshape', shape: [6, 6, 1] },
    { type: 'conv2d', filters: 4, kernelSize: 3, padding: 'same', activation: 'relu' },
    { type: 'averagePooling2d', size: 3 },
    { type: 'flatten' },
    { type: 'dropout', rate: 0.1 },
    { type: 'dense', units: 8, activation: 'relu' },
  ];
  const request = { family: 'network', parameters: { layers, epochs: 20 }, task: 'binary' as const, outputs: 2 };
  const model = await fit({ ...request, train: matrix, validation: matrix, seed: 1, resume: null }, listen());
  const output = await model.predict(x, rows);
  const right = y.reduce((sum, label, i) => sum + Number(output[2 * i + label] > 0.5), 0) / rows;
  expect(right).toBeGreaterThan(0.95);

  const graph = new GraphBuilder('serving');
  graph.input('x', 'float32', ['batch', 36]);
  graph.output(model.append(graph, 'x'), 'float32', ['batch', 2]);
  await model.release();
  const session = await OrtSession.create(encodeModel(graph));
  const [served] = Object.values(await session.run({ x: { type: 'float32', dims: [rows, 36], data: x } }));
  await session.release();
  Array.from(served.data as Float32Array).forEach((v, i) => expect(v).toBeCloseTo(output[i], 5));
});
