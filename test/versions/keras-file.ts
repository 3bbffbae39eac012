import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { save, shuffleWeights } from '../engine/support/keras';
import { zip } from '../support/zip';

/** A Keras model of six numbers in and two classes out, as clients upload it. */
export async function kerasFile(): Promise<Buffer> {
  await tf.setBackend('cpu');
  const { layers } = tfl;
  const model = tfl.sequential({
    layers: [
      layers.dense({ units: 4, activation: 'relu', inputShape: [6], name: 'first' }),
      layers.dense({ units: 2, activation: 'softmax', name: 'classes' }),
    ],
  });
  shuffleWeights(model, 11);
  const { json, files } = await save(model);
  return zip({ 'model.json': JSON.stringify(json), ...files });
}
