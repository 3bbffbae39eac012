/** Keras models built and run by TensorFlow.js itself: the oracle for what is read from their files. */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import * as tfl from '@tensorflow/tfjs-layers';
import { networkFile } from '../../../src/engine/keras/convert';
import { readKerasModel } from '../../../src/engine/keras/read';
import { type NetworkFile } from '../../../src/engine/network/network-file';
import { fit } from '../../../src/engine/learning/create-fit';
import { randomSource } from './recorded';
import { listen } from './training';

export interface SavedModel {
  json: any;
  files: Record<string, Uint8Array>;
}

/** As the browser or Node handler of TensorFlow.js writes it: model.json and shards of at most `shardBytes`. */
export async function save(model: tfl.LayersModel, shardBytes = 4096): Promise<SavedModel> {
  let saved!: SavedModel;
  const result = { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' as const } };
  await model.save(
    tf.io.withSaveHandler(async ({ modelTopology, weightSpecs, weightData, format }) => {
      const bytes = new Uint8Array(weightData as ArrayBuffer);
      const count = Math.max(1, Math.ceil(bytes.length / shardBytes));
      const paths = Array.from({ length: count }, (_, i) => `group1-shard${i + 1}of${count}.bin`);
      const files = Object.fromEntries(
        paths.map((path, i) => [path, bytes.slice(i * shardBytes, (i + 1) * shardBytes)]),
      );
      const json = { format, generatedBy: 'test', modelTopology, weightsManifest: [{ paths, weights: weightSpecs }] };
      saved = { json: JSON.parse(JSON.stringify(json)), files };
      return result;
    }),
  );
  return saved;
}

/** Weights that no initializer would give: moving averages and biases count too. */
export function shuffleWeights(model: tfl.LayersModel, seed: number): void {
  const random = randomSource(seed);
  const values = model.weights.map((weight) => {
    const size = weight.shape.reduce<number>((a, b) => a * b!, 1);
    const positive = weight.name.includes('variance') || weight.name.includes('gamma');
    const draw = () => (positive ? 1 + 0.5 * random() : 0.5 * random());
    return tf.tensor(Float32Array.from({ length: size }, draw), weight.shape as number[]);
  });
  model.setWeights(values);
}

/** The file that is made of an upload, in chunks of odd length. */
export async function pack({ json, files }: SavedModel): Promise<Uint8Array> {
  const open = async function* (path: string) {
    for (let at = 0; at < files[path].length; at += 1001) yield files[path].subarray(at, at + 1001);
  };
  const parts: Uint8Array[] = [];
  for await (const part of networkFile(readKerasModel(json), open)) parts.push(part);
  return Buffer.concat(parts);
}

/** Row-major predictions of the oracle. */
export function predictions(model: tfl.LayersModel, x: Float32Array, rows: number): Float32Array {
  void tf.setBackend('cpu');
  const shape = model.inputs[0].shape.slice(1) as number[];
  return tf.tidy(() => (model.predict(tf.tensor(x, [rows, ...shape])) as tf.Tensor).dataSync() as Float32Array);
}

/** What the network that was read gives for the rows, through the engine as it serves. */
export async function outputsOf(
  network: NetworkFile,
  x: Float32Array,
  rows: number,
  outputs: number,
): Promise<Float32Array> {
  const matrix = { rows, width: x.length / rows, x, y: new Float32Array(rows), weight: null };
  const parameters = { model: 'id', epochs: 0 };
  const request = { family: 'pretrained', parameters, task: 'regression' as const, outputs, network, seed: 1 };
  const fitted = await fit({ ...request, train: matrix, validation: matrix, resume: null }, listen());
  const output = await fitted.predict(x, rows);
  await fitted.release();
  return output;
}
