/** Files as the Python converter writes them, quantized weights, and files that are refused. */
import * as tfl from '@tensorflow/tfjs-layers';
import { readKerasModel } from '../../src/engine/keras/read';
import { decodeNetworkFile } from '../../src/engine/network/network-file';
import { EngineError } from '../../src/engine/types';
import keras from './fixtures/keras.json';
import { outputsOf, pack, predictions, save, shuffleWeights, type SavedModel } from './support/keras';
import { randomSource } from './support/recorded';

const size = (shape: number[]) => shape.reduce((a, b) => a * b, 1);

/** Weights drawn for the fixture, in one file. */
function drawn(network: { weights: unknown[] } & Record<string, unknown>, seed: number) {
  const random = randomSource(seed);
  const { weights, ...json } = network;
  const list = weights as [string, number[]][];
  const values = list.map(([, shape]) => Float32Array.from({ length: size(shape) }, random));
  const specs = list.map(([name, shape]) => ({ name, shape, dtype: name.includes('seed') ? 'int32' : 'float32' }));
  const bytes = Buffer.concat(values.map(({ buffer }) => Buffer.from(buffer)));
  const file = 'group1-shard1of1.bin';
  const saved: SavedModel = {
    json: { ...json, weightsManifest: [{ paths: [file], weights: specs }] },
    files: { [file]: bytes },
  };
  return { saved, values: new Map(list.map(([name], i) => [name, values[i]])) };
}

const drawX = (length: number) => {
  const random = randomSource(9);
  return Float32Array.from({ length }, random);
};

const sigmoid = (v: number) => 1 / (1 + Math.exp(-v));
/** x [n] times w [n, m] plus b [m]. */
const affine = (x: number[], w: Float32Array, b: Float32Array) =>
  Array.from(b, (bias, j) => x.reduce((sum, v, i) => sum + v * w[i * b.length + j], bias));

/** The published formulas of Keras' GRU with reset_after, in plain numbers. */
function gru(steps: number[][], weights: Map<string, Float32Array>, direction: string): number[] {
  const of = (name: string) => weights.get(`bidirectional/${direction}_gru/gru_cell/${name}`)!;
  const bias = of('bias');
  return steps.reduce(
    (h, x) => {
      const projected = affine(x, of('kernel'), bias.subarray(0, 9));
      const past = affine(h, of('recurrent_kernel'), bias.subarray(9));
      return h.map((v, i) => {
        const z = sigmoid(projected[i] + past[i]);
        const r = sigmoid(projected[3 + i] + past[3 + i]);
        return z * v + (1 - z) * Math.tanh(projected[6 + i] + r * past[6 + i]);
      });
    },
    [0, 0, 0],
  );
}

test('a Keras 2 file: GRU that resets after the product, both ways, with nested inbound_nodes', async () => {
  const { saved, values } = drawn(keras.keras2, 4);
  const network = decodeNetworkFile(await pack(saved));
  const x = drawX(4 * 12);
  const expected = [0, 1, 2, 3].flatMap((row) => {
    const steps = Array.from({ length: 6 }, (_, t) => Array.from(x.subarray(row * 12 + t * 2, row * 12 + t * 2 + 2)));
    const state = [...gru(steps, values, 'forward'), ...gru(steps.toReversed(), values, 'backward')];
    const hidden = affine(state, values.get('dense/kernel')!, values.get('dense/bias')!);
    const sum = hidden.map((v, i) => Math.min(1, Math.max(0, 0.2 * v + 0.5)) + state[i]);
    return affine(sum, values.get('dense_1/kernel')!, values.get('dense_1/bias')!);
  });
  const output = await outputsOf(network, x, 4, 2);
  output.forEach((v, i) => expect(v).toBeCloseTo(expected[i], 4));
});

test('a Keras 3 file: causal convolution, histories of tensors, its own hard sigmoid', async () => {
  const { saved, values } = drawn(keras.keras3, 5);
  const network = decodeNetworkFile(await pack(saved));
  const x = drawX(3 * 10);
  const [w, b] = [values.get('conv1d/kernel')!, values.get('conv1d/bias')!];
  const expected = [0, 1, 2].flatMap((row) =>
    [0, 1].map((channel) => {
      const at = (t: number, c: number) => (t < 0 ? 0 : x[row * 10 + t * 2 + c]);
      const step = (t: number) => {
        let sum = b[channel];
        for (let k = 0; k < 3; k++)
          for (let c = 0; c < 2; c++) sum += at(t - (2 - k) * 2, c) * w[(k * 2 + c) * 2 + channel];
        return Math.min(6, Math.max(0, sum + 3)) / 6 + at(t, channel);
      };
      return [0, 1, 2, 3, 4].reduce((sum, t) => sum + step(t), 0) / 5;
    }),
  );
  const output = await outputsOf(network, x, 3, 2);
  output.forEach((v, i) => expect(v).toBeCloseTo(expected[i], 4));
});

const small = () =>
  tfl.sequential({
    layers: [
      tfl.layers.dense({ units: 4, inputShape: [3], activation: 'relu', name: 'hidden' }),
      tfl.layers.dense({ units: 2, name: 'out' }),
    ],
  });

async function savedSmall(): Promise<SavedModel & { model: tfl.LayersModel }> {
  const model = small();
  shuffleWeights(model, 3);
  return { ...(await save(model)), model };
}

/** The first weight stored in fewer bits, as the converter's --quantize_* options do. */
function quantized({ json, files }: SavedModel, dtype: 'uint8' | 'uint16' | 'float16'): SavedModel {
  const [path] = Object.keys(files);
  const values = new Float32Array(files[path].slice(0, 48).buffer);
  const [min, max] = [Math.min(...values), Math.max(...values)];
  const scale = (max - min) / (dtype === 'uint8' ? 255 : 65535);
  const codes = Array.from(values, (v) => Math.round((v - min) / scale));
  const bytes = {
    uint8: Uint8Array.from(codes),
    uint16: Uint16Array.from(codes),
    float16: Uint16Array.from(values, half),
  };
  const [group] = json.weightsManifest;
  const quantization =
    dtype === 'float16' ? { dtype, original_dtype: 'float32' } : { dtype, scale, min, original_dtype: 'float32' };
  const weights = [{ ...group.weights[0], quantization }, ...group.weights.slice(1)];
  const rest = files[path].slice(48);
  return {
    json: { ...json, weightsManifest: [{ ...group, weights }] },
    files: { [path]: Buffer.concat([Buffer.from(bytes[dtype].buffer), rest]) },
  };
}

/** Rounds a number of ordinary size to binary16. */
function half(value: number): number {
  const exponent = Math.floor(Math.log2(Math.abs(value)));
  const fraction = Math.round((Math.abs(value) / 2 ** exponent - 1) * 1024);
  return (value < 0 ? 0x8000 : 0) + ((exponent + 15) << 10) + fraction;
}

test.each([
  ['uint8', 0.02],
  ['uint16', 1e-4],
  ['float16', 2e-3],
] as const)('weights quantized to %s are read', async (dtype, tolerance) => {
  const { model, ...saved } = await savedSmall();
  const network = decodeNetworkFile(await pack(quantized(saved, dtype)));
  const x = drawX(15);
  const expected = predictions(model, x, 5);
  const output = await outputsOf(network, x, 5, 2);
  output.forEach((v, i) => expect(Math.abs(v - expected[i])).toBeLessThan(tolerance));
});

type Change = (saved: SavedModel) => void;
const layersOf = ({ json }: SavedModel) => json.modelTopology.config.layers;
const weightsOf = ({ json }: SavedModel) => json.weightsManifest[0].weights;
const [SHARD] = ['group1-shard1of1.bin'];

const REFUSED: [string, Change, RegExp, RegExp][] = [
  ['a graph model', ({ json }) => (json.format = 'graph-model'), /graph model/, /tfjs_layers_model/],
  ['no topology', ({ json }) => delete json.modelTopology, /no modelTopology/, /converter/],
  [
    'an unknown layer',
    (s) => (layersOf(s)[1].class_name = 'Lambda'),
    /layer "out" \(Lambda\)/,
    /Supported: InputLayer, Dense/,
  ],
  ['a name of Object', (s) => (layersOf(s)[1].class_name = 'constructor'), /layer "out" \(constructor\)/, /Supported/],
  ['an unknown activation', (s) => (layersOf(s)[0].config.activation = 'my_own'), /layer "hidden" .*"my_own"/, /relu/],
  ['a huge layer', (s) => (layersOf(s)[1].config.units = 1e9), /layer "out" .*units/, /smaller/],
  [
    'a wrong shape',
    (s) => (layersOf(s)[1].config.units = 3),
    /weight "out\/kernel": has the shape \[4, 2\].*takes \[4, 3\]/,
    /again/,
  ],
  ['a missing weight', (s) => weightsOf(s).pop(), /layer "out": has no weight "bias" of shape \[2\]/, /out\/kernel/],
  [
    'a short shard',
    (s) => (s.files[SHARD] = s.files[SHARD].slice(4)),
    /"group1-shard1of1.bin": there are fewer bytes/,
    /all files/,
  ],
  ['a long shard', (s) => (s.files[SHARD] = Buffer.concat([s.files[SHARD], Buffer.alloc(1)])), /more bytes/, /again/],
  [
    'a path out',
    ({ json }) => (json.weightsManifest[0].paths = ['../secret']),
    /"\.\.\/secret" is not the name/,
    /again/,
  ],
  [
    'an absolute path',
    ({ json }) => (json.weightsManifest[0].paths = ['/etc/passwd']),
    /is not the name of a file/,
    /again/,
  ],
  [
    'a value that is no number',
    (s) => s.files[SHARD].set([0, 0, 192, 127], 8),
    /weight "hidden\/kernel".*not finite/,
    /diverged/,
  ],
  ['too many values', (s) => (weightsOf(s)[0].shape = [1e6, 1e6]), /at most 67108864/, /smaller model/],
  ['a text weight', (s) => (weightsOf(s)[0].dtype = 'string'), /weight "hidden\/kernel".*"string"/, /float32/],
  ['no input shape', (s) => delete layersOf(s)[0].config.batch_input_shape, /no shape of its input/, /converter/],
  ['one name twice', (s) => (layersOf(s)[1].config.name = 'hidden'), /layer "hidden".*taken/, /own/],
];

test.each(REFUSED)('%s is refused', async (_, change, message, hint) => {
  const saved = await savedSmall();
  change(saved);
  const error = await pack(saved).catch((e: unknown) => e);
  expect(error).toBeInstanceOf(EngineError);
  expect((error as EngineError).message).toMatch(message);
  expect((error as EngineError).hint).toMatch(hint);
});

test('models that nest without end, read themselves or branch into several outputs are refused', () => {
  let nested: any = {
    class_name: 'Sequential',
    config: { name: 'm', layers: [{ class_name: 'Flatten', config: { name: 'f' } }] },
  };
  for (let i = 0; i < 20; i++) nested = { class_name: 'Sequential', config: { name: `m${i}`, layers: [nested] } };
  expect(() => readKerasModel({ modelTopology: nested, weightsManifest: [] })).toThrow(/nested more than/);
  const loop = structuredClone(keras.keras2) as any;
  loop.modelTopology.model_config.config.layers[2].inbound_nodes = [[['add', 0, 0, {}]]];
  expect(() => readKerasModel(loop)).toThrow(/reads its own output/);
  const two = structuredClone(keras.keras2) as any;
  two.modelTopology.model_config.config.output_layers.push(['dense', 0, 0]);
  expect(() => readKerasModel(two)).toThrow(/has 2 outputs/);
});

test('a manifest of more weights than names can be matched for is refused before they are read', () => {
  const weights = Array.from({ length: 5_001 }, () => ({ name: '' }));
  const layers = [{ class_name: 'Dense', config: { name: 'd', units: 1, batch_input_shape: [null, 1] } }];
  const modelTopology = { model_config: { class_name: 'Sequential', config: { name: 'm', layers } } };
  const read = () => readKerasModel({ modelTopology, weightsManifest: [{ paths: ['a.bin'], weights }] });
  expect(read).toThrow('model.json: holds 5001 weights; at most 5000 are taken.');
});
