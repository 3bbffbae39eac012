/** From a list of layers to a network: shapes inferred from layer to layer, and its forward pass. */
import * as tf from '@tensorflow/tfjs-core';
import { LayerFault, sizeOf, type Build, type Built, type Builds, type Pass } from './built';
import { CONVOLUTIONS } from './convolution';
import type { Layer, LayerType } from './layer.schema';
import { MERGING } from './merging';
import { POINTWISE } from './pointwise';
import { RECURRENT } from './recurrent';
import { SHAPING } from './shaping';
import { shown, shownList } from '../../formats';

const LAYERS: Builds<LayerType> = { ...POINTWISE, ...CONVOLUTIONS, ...SHAPING, ...RECURRENT, ...MERGING };

/** Numbers that one layer may hand on per row. */
const OUTPUT_MAX = 2 ** 24;

/** How `from` names what the network itself gets. */
export const INPUT = 'input';

export interface PlacedLayer extends Built {
  /** Places of the layers it reads; -1 is the input of the network. */
  from: number[];
}

/** A fault of the layer at place `i`. */
export class PlacedFault extends Error {
  constructor(
    readonly i: number,
    readonly fault: LayerFault,
  ) {
    super(fault.message);
  }
}

/** Throws PlacedFault for the first layer that does not fit. */
export function placeLayers(layers: Layer[], input: number[]): PlacedLayer[] {
  const placed: PlacedLayer[] = [];
  const names = new Map<string, number>([[INPUT, -1]]);
  layers.forEach((layer, i) => {
    try {
      const from = sources(layer, names, i);
      const shapes = from.map((k) => (k < 0 ? input : placed[k].shape));
      placed.push({ ...built(layer, shapes, i, layers.slice(0, i).filter(draws).length), from });
      if (layer.name !== undefined) remember(names, layer.name, i);
    } catch (error) {
      if (!(error instanceof LayerFault)) throw error;
      throw new PlacedFault(i, error);
    }
  });
  refuseUnread(placed);
  return placed;
}

function built(layer: Layer, ...place: [shapes: number[][], i: number, stream: number]): Built {
  const result = (LAYERS[layer.type] as Build<LayerType>)(layer as never, ...place);
  if (sizeOf(result.shape) <= OUTPUT_MAX) return result;
  const hint = `At most ${OUTPUT_MAX} are taken: use fewer channels, or pool before it.`;
  throw new LayerFault('', `${layer.type} gives [${result.shape.join(', ')}] per row, too many numbers`, hint);
}

function sources({ from }: Layer, names: Map<string, number>, i: number): number[] {
  if (!from) return [i - 1];
  return from.map((name) => {
    const place = names.get(name);
    if (place !== undefined) return place;
    throw new LayerFault(
      'from',
      `no layer before it is named ${shown(name)}`,
      `Names before it: ${shownList(names.keys())}.`,
    );
  });
}

function remember(names: Map<string, number>, name: string, i: number): void {
  if (names.has(name)) throw new LayerFault('name', `${shown(name)} is taken`, 'Give each layer a name of its own.');
  names.set(name, i);
}

function refuseUnread(placed: PlacedLayer[]): void {
  const read = new Set(placed.flatMap(({ from }) => from));
  const i = placed.findIndex((_, k) => k < placed.length - 1 && !read.has(k));
  if (i < 0) return;
  const hint = 'Name it in the from of a later layer, or take it out.';
  throw new PlacedFault(i, new LayerFault('', 'no layer reads its output', hint));
}

/** Which part of a network is passed: up to the layer at `output`, through those in `read`. */
export interface Part {
  output: number;
  read: ReadonlySet<number>;
  /** Layers whose moving averages stay as they are. */
  keeps(i: number): boolean;
}

/** The output of the last layer, or of a part of the network. */
export function passThrough(placed: PlacedLayer[], x: tf.Tensor, pass: Pass, part?: Part): tf.Tensor {
  const values: tf.Tensor[] = [];
  const output = part?.output ?? placed.length - 1;
  for (let i = 0; i <= output; i++) {
    if (part && !part.read.has(i)) continue;
    const inputs = placed[i].from.map((k) => (k < 0 ? x : values[k]));
    values[i] = placed[i].apply(inputs, part?.keeps(i) ? { ...pass, updates: undefined } : pass);
  }
  return output < 0 ? x : values[output];
}

/** How many ids the embeddings know that read the input of the network itself. */
export const embeddingsOf = (layers: Layer[]): number[] =>
  layers.flatMap((layer, i) => (layer.type === 'embedding' && readsInput(layer, i) ? [layer.vocabulary] : []));

export const readsInput = ({ from }: Layer, i: number): boolean => (from ? from.includes(INPUT) : i === 0);

const draws = (layer: Layer) => layer.type === 'dropout';

/** Whether training draws random numbers in it. */
export const isRandom = (layers: Layer[]) => layers.some((layer) => layer.type === 'dropout' && layer.rate > 0);

/** Multiply-adds of a row through these layers and a head. */
export const workOf = (placed: Built[], head: number): { work: number; workAtOnce: number } => ({
  work: placed.reduce((sum, { work }) => sum + work, head),
  workAtOnce: placed.reduce((sum, { work, workAtOnce = work }) => sum + workAtOnce, head),
});
