/** Small Keras files of chains of layers, made by hand, with weights drawn under names of our choice. */
import { decodeNetworkFile } from '../../../src/engine/network/network-file';
import { outputsOf, pack, type SavedModel } from './keras';
import { randomSource } from './recorded';

export type Named = [weight: string, shape: number[]];

const FILE = 'group1-shard1of1.bin';
const size = (shape: number[]) => shape.reduce((a, b) => a * b, 1);

export const layer = (className: string, name: string, config: object = {}) => ({
  ...{ class_name: className, config: { name, ...config } },
});
export const dense = (name: string, units: number, activation = 'linear') =>
  layer('Dense', name, { units, activation, use_bias: true });

export const kernel = (scope: string, inside: number, outside: number): Named[] => [
  [`${scope}/kernel`, [inside, outside]],
  [`${scope}/bias`, [outside]],
];

/** A chain of layers over `width` numbers, and weights drawn under the given names, in groups of so many. */
export function drawn(layers: object[], names: Named[], { width = 4, name = 'm', groupSize = Infinity } = {}) {
  const random = randomSource(names.length);
  const values = names.map(([weight, shape]) =>
    Float32Array.from({ length: size(shape) }, () => random() + (/variance|gamma/.test(weight) ? 1.5 : 0)),
  );
  const specs = names.map(([weight, shape]) => ({
    name: weight,
    shape,
    dtype: /count$/.test(weight) ? 'int32' : 'float32',
  }));
  const input = layer('InputLayer', 'in', { batch_input_shape: [null, width] });
  const modelTopology = {
    ...{ keras_version: '2.15.0' },
    model_config: { class_name: 'Sequential', config: { name, layers: [input, ...layers] } },
  };
  const starts = specs.flatMap((_, i) => (i % groupSize === 0 || i === 0 ? [i] : []));
  const cut = <T>(all: T[], i: number) => all.slice(starts[i], starts[i + 1]);
  const paths = starts.map((_, i) => FILE.replace('group1', `group${i + 1}`));
  const saved: SavedModel = {
    json: { modelTopology, weightsManifest: paths.map((path, i) => ({ paths: [path], weights: cut(specs, i) })) },
    files: Object.fromEntries(
      paths.map((path, i) => [path, Buffer.concat(cut(values, i).map(({ buffer }) => Buffer.from(buffer)))]),
    ),
  };
  return { saved, values };
}

export const affine = (x: number[], [w, b]: Float32Array[]) =>
  Array.from(b, (bias, j) => x.reduce((sum, v, i) => sum + v * w[i * b.length + j], bias));

const ROWS = 5;
const x = Float32Array.from({ length: ROWS * 4 }, randomSource(3));
const rows = Array.from({ length: ROWS }, (_, i) => Array.from(x.subarray(i * 4, i * 4 + 4)));

export async function expectOutputs(saved: SavedModel, expected: (row: number[]) => number[]): Promise<void> {
  const wanted = rows.flatMap(expected);
  const output = await outputsOf(decodeNetworkFile(await pack(saved)), x, ROWS, wanted.length / ROWS);
  output.forEach((v, i) => expect(v).toBeCloseTo(wanted[i], 5));
}
