/** From a model.json to a network: its layers as data, and where their weights are. */
import { placeLayers, PlacedFault, type PlacedLayer } from '../network/build';
import { layerSchema, type Layer } from '../network/layer.schema';
import { isObject } from './config';
import { convertLayer, lastAxis } from './layers';
import { readManifest, type StoredWeight, type WeightGroup } from './manifest';
import { readTopology, type KerasLayer, type Topology } from './topology';
import { ownersOf } from './weights/owners';
import { assignWeights } from './weights/assign';

export interface KerasModel {
  /** Without the batch; null: any length. */
  inputShape: (number | null)[];
  /** With lengths assumed for those left open. */
  outputShape: number[];
  layers: Layer[];
  /** Parameters of each layer, by place. */
  parameterCounts: number[];
  groups: WeightGroup[];
  /** The parameter that a stored weight is; weights that are none are of no use. */
  parameterOf: Map<StoredWeight, string>;
  /** What was read otherwise than the file says by itself, for people; empty when all was plain. */
  warnings: string[];
}

/** Shapes are checked with these where the model leaves a length open: of sequences, and of images. */
const ASSUMED = [64, 224];

/** The shape with open lengths assumed. */
const assumed = (shape: (number | null)[]): number[] => shape.map((n) => n ?? ASSUMED[shape.length > 2 ? 1 : 0]);

/** Throws EngineError that names the layer, the weight or the part of the file at fault, and says what to do. */
export function readKerasModel(json: unknown): KerasModel {
  const topology = readTopology(json);
  const layers = topology.layers.map(toLayer);
  const placed = place(topology, layers);
  const groups = readManifest(isObject(json) ? json.weightsManifest : undefined);
  const { parameterOf, warnings } = assignWeights(
    topology.name,
    topology.layers.flatMap((layer, i) => ownersOf(layer, parametersOf(placed[i]))),
    groups.flatMap(({ weights }) => weights),
  );
  return {
    inputShape: topology.inputShape,
    outputShape: placed.at(-1)!.shape,
    layers,
    parameterCounts: placed.map((layer) => parametersOf(layer).reduce((sum, { shape }) => sum + sizeOf(shape), 0)),
    groups,
    parameterOf,
    warnings,
  };
}

/** As the file has them. */
const parametersOf = ({ parameters, stored }: PlacedLayer) => stored?.parameters ?? parameters;

const sizeOf = (shape: number[]) => shape.reduce((a, b) => a * b, 1);

function toLayer({ layer, from }: KerasLayer): Layer {
  const parsed = layerSchema.safeParse({ ...convertLayer(layer), name: layer.name, from });
  if (parsed.success) return parsed.data;
  const [{ path, message }] = parsed.error.issues;
  throw layer.fault(`${path.join('.')}: ${message}`, 'Use a smaller value, or build the model again.');
}

function place({ inputShape, layers: kerasLayers }: Topology, layers: Layer[]): PlacedLayer[] {
  try {
    const placed = placeLayers(layers, assumed(inputShape));
    kerasLayers.forEach(({ layer }, i) => {
      const axis = lastAxis(layer);
      if (axis === null || axis === -1 || axis === placed[i].shape.length) return;
      throw layer.fault('works on another axis than the last', 'Use an axis of -1.');
    });
    return placed;
  } catch (error) {
    if (!(error instanceof PlacedFault)) throw error;
    const { i, fault } = error;
    throw kerasLayers[i].layer.fault(`${fault.field && `${fault.field}: `}${fault.message}`, fault.hint);
  }
}
