/** From a list of layers to a network: shapes inferred from layer to layer, and its forward pass. */
import * as tf from '@tensorflow/tfjs-core';
import { LayerFault, sizeOf, type Build, type Built, type Builds, type Pass } from './built';
import { CONVOLUTIONS } from './kinds/convolution';
import type { Layer, LayerOf, LayerType } from './layer.schema';
import { MERGING } from './kinds/merging';
import { POINTWISE } from './kinds/pointwise';
import { RECURRENT } from './kinds/recurrent';
import { SEQUENCES } from './kinds/sequences';
import { SHAPING } from './kinds/shaping';
import { inOrder, ordersOf, type Order, type Value } from './order';
import { shown, shownList } from '../../formats';

const LAYERS: Builds<LayerType> = {
  ...{ ...POINTWISE, ...CONVOLUTIONS, ...SHAPING, ...SEQUENCES, ...RECURRENT, ...MERGING },
};

/** Numbers that one layer may hand on per row. */
const OUTPUT_MAX = 2 ** 24;

/** How `from` names what the network itself gets. */
export const INPUT = 'input';

export interface PlacedLayer extends Built {
  /** Places of the layers it reads; -1 is the input of the network. */
  from: number[];
  /** Of rows of the layers that it reads. */
  inputs: number[][];
  takes: Order;
  /** Whether some steps of its output may not count. */
  masked: boolean;
}

type Located = Omit<PlacedLayer, 'takes'>;

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
  const placed: Located[] = [];
  const names = new Map<string, number>([[INPUT, -1]]);
  layers.forEach((layer, i) => {
    try {
      const from = sources(layer, names, i);
      const shapes = from.map((k) => (k < 0 ? input : placed[k].shape));
      const layerAt = built(layer, shapes, i, layers.slice(0, i).filter(draws).length);
      const carried = layerAt.order !== undefined && !layerAt.gives && from.some((k) => placed[k]?.masked);
      placed.push({ ...layerAt, from, inputs: shapes, masked: layerAt.masks === true || carried });
      if (layer.name !== undefined) remember(names, layer.name, i);
    } catch (error) {
      if (!(error instanceof LayerFault)) throw error;
      throw new PlacedFault(i, error);
    }
  });
  refuseUnread(placed);
  const orders = ordersOf(placed);
  return placed.map((layer, i) => ({ ...layer, takes: orders[i] }));
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

function refuseUnread(placed: Located[]): void {
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
export function passThrough(placed: PlacedLayer[], x: tf.Tensor, pass: Pass, part?: Part): Value {
  const input: Value = { x, order: 'rows', mask: null };
  const values: Value[] = [];
  const output = part?.output ?? placed.length - 1;
  for (let i = 0; i <= output; i++) {
    if (part && !part.read.has(i)) continue;
    const read = placed[i].from.map((k) => (k < 0 ? input : values[k]));
    values[i] = passLayer(placed[i], read, part?.keeps(i) ? { ...pass, updates: undefined } : pass);
  }
  return output < 0 ? input : values[output];
}

function passLayer(layer: PlacedLayer, read: Value[], pass: Pass): Value {
  const { inputs, takes, gives = takes, masked, from } = layer;
  const mask = read.find((value) => value.mask)?.mask ?? null;
  const layerPass = { ...pass, knownIds: pass.knownIds && from.every((k) => k < 0), order: takes, mask };
  const x = layer.apply(
    read.map((value, k) => inOrder(value, inputs[k], takes)),
    layerPass,
  );
  return { x, order: gives, mask: masked ? layerPass.mask : null };
}

/** The embeddings that read the input of the network itself. */
export const embeddingsOf = (layers: Layer[]): LayerOf<'embedding'>[] =>
  layers.filter((layer, i): layer is LayerOf<'embedding'> => layer.type === 'embedding' && readsInput(layer, i));

export const readsInput = ({ from }: Layer, i: number): boolean => (from ? from.includes(INPUT) : i === 0);

/** Steps for a network to be tried with. */
const TRIED = [64, 63];

/**
 * Whether rows may be cut to their last step that counts: the same parameters take sequences of any length, and layers that
 * know nothing of steps that do not count see none of them.
 */
export function takesAnyLength(layers: Layer[], channels: number): boolean {
  const [longer, shorter] = TRIED.map((steps) => {
    try {
      const placed = placeLayers(layers, [steps * channels]);
      if (placed.some(({ order, from }) => order === undefined && from.some((k) => placed[k]?.masked))) return null;
      const fixed = placed.flatMap(({ parameters }) => parameters.filter(({ perStep }) => !perStep));
      return JSON.stringify(fixed.map(({ name, shape }) => [name, shape]));
    } catch (error) {
      if (error instanceof PlacedFault) return null;
      throw error;
    }
  });
  return longer !== null && longer === shorter;
}

const draws = (layer: Layer) => layer.type === 'dropout';

/** Whether training draws random numbers in it. */
export const isRandom = (layers: Layer[]) => layers.some((layer) => layer.type === 'dropout' && layer.rate > 0);

/** Multiply-adds of a row through these layers and a head. */
export function workOf(placed: Built[], head: number): { work: number; workAtOnce: number } {
  const atOnce = placed.reduce((sum, { work, stepWork }) => sum + (stepWork === undefined ? work : 0), head);
  const work = placed.reduce((sum, layer) => sum + layer.work, head);
  return { work, workAtOnce: Math.max(atOnce, ...placed.map(({ stepWork = 0 }) => stepWork)) };
}
