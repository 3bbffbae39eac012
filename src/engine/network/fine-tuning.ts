/** Which parts of a trained network stay as they are, are trained on, or make room for a new head. */
import { EngineError } from '../types';
import type { PlacedLayer } from './build';
import { sizeOf } from './built';
import type { Layer } from './layer.schema';
import { shown, shownList } from '../../formats';

/** Place of the layer whose output counts; -1 is the input. */
export type Place = number;

const ENDINGS = new Set<Layer['type']>(['activation', 'dropout', 'flatten', 'reshape']);

/** What may follow a head; numbers brought back to their unit are still its own. */
const isEnding = (layer: Layer) => ENDINGS.has(layer.type) || (layer.type === 'normalization' && layer.invert);

/**
 * The layer that a new head reads: the one before the last dense layer (or the last convolution of a single place) where
 * the network ends with one, and the last layer where it has no head.
 */
export function bodyEnd(layers: Layer[], placed: PlacedLayer[], shapeOf: (i: Place) => number[]): Place {
  let i = placed.length - 1;
  while (i >= 0 && isEnding(layers[i])) [i] = placed[i].from;
  if (i < 0) return placed.length - 1;
  const [before] = placed[i].from;
  const { type } = layers[i];
  const single = sizeOf(shapeOf(before).slice(0, -1)) === 1;
  return type === 'dense' || (/^conv/.test(type) && single) ? before : placed.length - 1;
}

/** The layers that the output depends on. */
export function needed(placed: PlacedLayer[], output: Place): Set<Place> {
  const set = new Set<Place>([output]);
  for (let i = output; i >= 0; i--) if (set.has(i)) placed[i].from.forEach((k) => set.add(k));
  return set;
}

const path = 'estimator.parameters.freeze';

/** Places of the layers that training leaves as they are: the first so many with weights, or those of these names. */
export function frozenLayers(freeze: number | string[], layers: Layer[], trainable: Place[]): Set<Place> {
  if (typeof freeze === 'number') {
    if (freeze <= trainable.length) return new Set(trainable.slice(0, freeze));
    const message = `freeze is ${freeze}, and ${trainable.length} layers with weights are kept of the model.`;
    throw new EngineError(message, path, 'Give a smaller number, or names of layers.');
  }
  const places = new Map(layers.map(({ name }, i) => [name, i]));
  return new Set(
    freeze.map((name) => {
      const place = places.get(name);
      if (place !== undefined) return place;
      const hint = `Layers with weights: ${shownList(trainable.map((i) => layers[i].name!))}.`;
      throw new EngineError(`The model has no layer ${shown(name)}.`, path, hint);
    }),
  );
}
