/** Every layer that is read from a Keras model gives what TensorFlow.js gives for the same file. */
import * as tfl from '@tensorflow/tfjs-layers';
import { fillParameters, findFamily } from '../../src/engine/families/registry';
import { decodeNetworkFile } from '../../src/engine/network/network-file';
import type { Matrix } from '../../src/engine/learning/fit';
import { eagerExecutor } from '../../src/engine/executors/eager.executor';
import type { Executor } from '../../src/engine/executors/executor';
import { fit } from '../../src/engine/learning/create-fit';
import { onnxExecutor } from '../../src/engine/executors/onnx.executor';
import { planStep } from '../../src/engine/gradient/step';
import { pack, predictions, save, shuffleWeights } from './support/keras';
import { randomSource } from './support/recorded';
import { listen, startOf, stepsFor } from './support/training';

const { layers } = tfl;
type Added = tfl.layers.Layer;
type Built = tfl.SymbolicTensor;

/** TensorFlow.js in Node lacks what its orthogonal initializer calls. */
const cell = { recurrentInitializer: 'glorotUniform' as const };
const IMAGE = [6, 5, 2];
const SERIES = [7, 3];

const chain = (inputShape: number[], ...added: Added[]) => {
  const model = tfl.sequential();
  model.add(layers.inputLayer({ inputShape }));
  for (const layer of added) model.add(layer);
  return model;
};

function graph(inputShape: number[], build: (x: Built) => Built): tfl.LayersModel {
  const inputs = tfl.input({ shape: inputShape });
  return tfl.model({ inputs, outputs: build(inputs) });
}

const flat = () => layers.flatten();
const dense = (units: number, activation?: string) => layers.dense({ units, activation: activation as never });
const activations = [
  'elu',
  'relu',
  'relu6',
  'selu',
  'sigmoid',
  'softmax',
  'softplus',
  'softsign',
  'tanh',
  'hardSigmoid',
];

const CASES: Record<string, () => tfl.LayersModel> = {
  ...Object.fromEntries(
    [...activations, 'swish', 'mish', 'linear'].map((name) => [
      `dense ${name}`,
      () => chain([5], dense(6, name), dense(3)),
    ]),
  ),
  'all activations after one another': () =>
    chain([6], ...[...activations, 'swish', 'mish'].map((name) => dense(5, name)), dense(3)),
  'dense over the last axis': () => chain(SERIES, dense(4, 'tanh'), flat(), dense(2)),
  'dense without bias': () => chain([4], layers.dense({ units: 3, useBias: false })),
  'activation layers': () =>
    chain([6], layers.activation({ activation: 'tanh' }), layers.leakyReLU({ alpha: 0.2 }), layers.elu({}), dense(3)),
  'relu with a limit, prelu': () =>
    chain([6], dense(5), layers.prelu({}), layers.reLU({ maxValue: 6 }), layers.softmax()),
  'prelu over images': () => chain(IMAGE, layers.prelu({ sharedAxes: [1, 2] }), flat(), dense(2)),
  'dropout does nothing here': () => chain([5], layers.dropout({ rate: 0.5 }), dense(3)),
  'batch normalization of rows': () => chain([5], layers.batchNormalization({}), dense(3)),
  'batch normalization of images': () =>
    chain(IMAGE, layers.batchNormalization({ epsilon: 0.01, scale: false }), flat(), dense(2)),
  'batch normalization of series': () => chain(SERIES, layers.batchNormalization({ center: false }), flat(), dense(2)),
  'layer normalization': () => chain([5], layers.layerNormalization({}), dense(3)),
  'layer normalization of series': () =>
    chain(SERIES, layers.layerNormalization({ epsilon: 0.1, center: false }), flat(), dense(2)),
  'reshape, permute, repeat': () =>
    chain(
      [6],
      layers.reshape({ targetShape: [3, 2] }),
      layers.permute({ dims: [2, 1] }),
      flat(),
      layers.repeatVector({ n: 3 }),
      flat(),
      dense(2),
    ),
  conv1d: () => chain(SERIES, layers.conv1d({ filters: 4, kernelSize: 3, activation: 'relu' }), flat(), dense(2)),
  'conv1d dilated': () =>
    chain(SERIES, layers.conv1d({ filters: 4, kernelSize: 2, dilationRate: 2 }), flat(), dense(2)),
  'conv1d with strides': () =>
    chain(
      SERIES,
      layers.conv1d({ filters: 4, kernelSize: 3, strides: 2, padding: 'same', useBias: false }),
      flat(),
      dense(2),
    ),
  conv2d: () => chain(IMAGE, layers.conv2d({ filters: 3, kernelSize: [3, 2], activation: 'relu' }), flat(), dense(2)),
  'conv2d with strides': () =>
    chain(IMAGE, layers.conv2d({ filters: 3, kernelSize: 3, strides: [2, 1], padding: 'same' }), flat(), dense(2)),
  'conv2d dilated': () =>
    chain(IMAGE, layers.conv2d({ filters: 3, kernelSize: 2, dilationRate: [2, 1] }), flat(), dense(2)),
  'conv2d transposed': () =>
    chain(IMAGE, layers.conv2dTranspose({ filters: 3, kernelSize: 3, strides: 2, padding: 'same' }), flat(), dense(2)),
  'depthwise conv2d': () =>
    chain(IMAGE, layers.depthwiseConv2d({ kernelSize: 3, depthMultiplier: 2, activation: 'relu' }), flat(), dense(2)),
  'depthwise conv2d with strides': () =>
    chain(IMAGE, layers.depthwiseConv2d({ kernelSize: 3, strides: 2, padding: 'same' }), flat(), dense(2)),
  'separable conv2d': () => chain(IMAGE, layers.separableConv2d({ filters: 4, kernelSize: 2 }), flat(), dense(2)),
  'padding, cropping, enlarging': () =>
    chain(
      IMAGE,
      layers.zeroPadding2d({
        padding: [
          [1, 0],
          [2, 1],
        ] as never,
      }),
      layers.cropping2D({
        cropping: [
          [0, 1],
          [1, 1],
        ],
      }),
      layers.upSampling2d({ size: [2, 3] }),
      layers.conv2d({ filters: 2, kernelSize: 3 }),
      layers.globalMaxPooling2d({}),
    ),
  'pooling of images': () =>
    chain(
      IMAGE,
      layers.maxPooling2d({ poolSize: 2, strides: 1, padding: 'same' }),
      layers.averagePooling2d({ poolSize: [3, 2] }),
      flat(),
      dense(2),
    ),
  'pooling of series': () =>
    chain(
      SERIES,
      layers.maxPooling1d({ poolSize: 3, strides: 1 }),
      layers.averagePooling1d({ poolSize: 2 }),
      flat(),
      dense(2),
    ),
  'global pooling': () => chain(IMAGE, layers.globalAveragePooling2d({}), dense(2)),
  'global pooling of series': () => chain(SERIES, layers.globalMaxPooling1d({}), dense(2)),
  embedding: () => chain([4], layers.embedding({ inputDim: 9, outputDim: 3 }), flat(), dense(2)),
  'simple rnn': () => chain(SERIES, layers.simpleRNN({ units: 4, ...cell }), dense(2)),
  'simple rnn, relu, all outputs': () =>
    chain(SERIES, layers.simpleRNN({ units: 4, activation: 'relu', returnSequences: true, ...cell }), flat(), dense(2)),
  lstm: () => chain(SERIES, layers.lstm({ units: 4, recurrentActivation: 'sigmoid', ...cell }), dense(2)),
  'lstm with hard gates': () => chain(SERIES, layers.lstm({ units: 4, ...cell }), dense(2)),
  'lstm backwards, all outputs, no bias': () =>
    chain(
      SERIES,
      layers.lstm({
        ...{
          units: 4,
          recurrentActivation: 'sigmoid',
          goBackwards: true,
          returnSequences: true,
          useBias: false,
          ...cell,
        },
      }),
      layers.lstm({ units: 3, recurrentActivation: 'sigmoid', ...cell }),
      dense(2),
    ),
  gru: () => chain(SERIES, layers.gru({ units: 4, recurrentActivation: 'sigmoid', ...cell }), dense(2)),
  'bidirectional lstm': () =>
    chain(
      SERIES,
      layers.bidirectional({
        layer: layers.lstm({ units: 3, recurrentActivation: 'sigmoid', returnSequences: true, ...cell }) as tfl.RNN,
        mergeMode: 'concat',
      }),
      layers.bidirectional({ layer: layers.gru({ units: 3, ...cell }) as tfl.RNN, mergeMode: 'ave' }),
      dense(2),
    ),
  'time distributed dense': () =>
    chain(SERIES, layers.timeDistributed({ layer: layers.dense({ units: 4, activation: 'tanh' }) }), flat(), dense(2)),
  'joined branches': () =>
    graph([5], (x) => {
      const [a, b] = [dense(4, 'relu').apply(x) as Built, dense(4, 'tanh').apply(x) as Built];
      const joined = [layers.add(), layers.multiply(), layers.average(), layers.maximum(), layers.minimum()].map(
        (layer) => layer.apply([a, b]) as Built,
      );
      return dense(3).apply(layers.concatenate().apply([...joined, a])) as Built;
    }),
  'a residual block of images': () =>
    graph(IMAGE, (x) => {
      const y = layers.conv2d({ filters: 2, kernelSize: 3, padding: 'same', useBias: false }).apply(x);
      const normal = layers.batchNormalization({}).apply(y);
      const sum = layers.add().apply([layers.activation({ activation: 'relu' }).apply(normal) as Built, x]);
      return dense(2).apply(layers.globalAveragePooling2d({}).apply(sum)) as Built;
    }),
  'a model inside a model': () => {
    const inner = chain([5], dense(4, 'relu'), dense(4));
    return graph([5], (x) => dense(2).apply(inner.apply(x)) as Built);
  },
};

const ROWS = 12;

function data(model: tfl.LayersModel, seed: number): Matrix {
  const random = randomSource(seed);
  const width = (model.inputs[0].shape.slice(1) as number[]).reduce((a, b) => a * b, 1);
  const ids = model.layers.some((layer) => layer.getClassName() === 'Embedding');
  const draw = ids ? () => Math.floor((random() + 1) * 4.4) : random;
  const x = Float32Array.from({ length: ROWS * width }, draw);
  return { rows: ROWS, width, x, y: Float32Array.from({ length: ROWS }, (_, i) => i % 2), weight: null };
}

const apart = (a: ArrayLike<number>, b: ArrayLike<number>) => Math.max(...Array.from(a, (v, i) => Math.abs(v - b[i])));

async function loaded(name: string) {
  const model = CASES[name]();
  shuffleWeights(model, 7);
  const network = decodeNetworkFile(await pack(await save(model)));
  return { model, network, matrix: data(model, 3) };
}

describe.each(Object.keys(CASES))('%s', (name) => {
  test('gives the predictions of TensorFlow.js', async () => {
    const { model, network, matrix } = await loaded(name);
    const outputs = model.outputs[0].shape.at(-1)!;
    // A regression keeps the outputs as they are.
    const request = {
      family: 'pretrained',
      parameters: { model: 'x', epochs: 0 },
      task: 'regression' as const,
      outputs,
    };
    const fitted = await fit(
      { ...request, train: matrix, validation: matrix, network, seed: 1, resume: null },
      listen(),
    );
    const output = await fitted.predict(matrix.x, ROWS);
    await fitted.release();
    const expected = predictions(model, matrix.x, ROWS);
    expect(output).toHaveLength(expected.length);
    expect(apart(output, expected)).toBeLessThan(1e-4);
  });

  test('is fine-tuned for 20 steps as the reference does it', async () => {
    const { network, matrix } = await loaded(name);
    const parameters = { model: 'x', replaceHead: true, learningRate: 0.01, optimizer: 'sgd', clipNorm: 1 };
    const settings = fillParameters('pretrained', parameters, ROWS);
    const plan = planStep('pretrained', settings, { task: 'binary', width: matrix.width, outputs: 2, network });
    const steps = stepsFor(plan, { rows: ROWS, batch: 4, count: 20 });
    const outcome = async (executor: Executor) => {
      const runner = await executor.prepare(plan, 4);
      const { state, losses } = await runner.train(startOf(plan), steps, matrix);
      await runner.release();
      return { state: state[0], losses };
    };
    const actual = await outcome(onnxExecutor({ threads: 1, provider: 'cpu' }));
    const expected = await outcome(eagerExecutor('reference', 'cpu'));
    expect(apart(actual.losses, expected.losses)).toBeLessThan(1e-3);
    expect(apart(actual.state, expected.state)).toBeLessThan(1e-3);
    expect(apart(expected.state, startOf(plan)[0])).toBeGreaterThan(1e-3);
  });
});

test('the family is there', () => expect(findFamily('pretrained')).toBeDefined());
