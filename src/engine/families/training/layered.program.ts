/** A family written as a list of layers: its program is these, and a dense layer to the outputs. */
import type { Tensor } from '@tensorflow/tfjs-core';
import { isRandom, passThrough, placeLayers, PlacedFault, workOf } from '../../network/build';
import { sizeOf } from '../../network/built';
import { headOf, headSpecs } from '../../network/head';
import { layersOf, type GivenLayer } from '../../network/layer.schema';
import { labelsSteps } from '../../tasks/registry';
import { EngineError } from '../../types';
import type { Updates } from '../../layers/parameters';
import type { Dimensions, Program } from './program';

export interface LayeredProgram extends Program {
  /** What the dense layer to the outputs reads. */
  body(parameters: Record<string, Tensor>, x: Tensor, rowKeys: Tensor | null, updates?: Updates): Tensor;
}

/** Throws EngineError, worded by `refuse`, for a layer that does not fit. */
export function layeredProgram(
  declared: GivenLayer[],
  { task, width, outputs }: Dimensions,
  refuse: (fault: PlacedFault) => EngineError = refusal,
): LayeredProgram {
  const layers = layersOf(declared);
  const placed = place(() => placeLayers(layers, [width]), refuse);
  const shape = placed.at(-1)?.shape ?? [width];
  const places = labelsSteps(task) ? shape.slice(0, -1) : [];
  const last = sizeOf(shape) / sizeOf(places);
  const body: LayeredProgram['body'] = (parameters, x, rowKeys, updates) =>
    passThrough(placed, x, { parameters, rowKeys, updates });
  return {
    parameters: [...placed.flatMap(({ parameters }) => parameters), ...headSpecs(last, outputs)],
    body,
    forward: (parameters, ...inputs) => headOf(body(parameters, ...inputs), parameters, places),
    random: isRandom(layers),
    ...workOf(placed, sizeOf(places) * last * outputs),
  };
}

function place<T>(build: () => T, refuse: (fault: PlacedFault) => EngineError): T {
  try {
    return build();
  } catch (error) {
    throw error instanceof PlacedFault ? refuse(error) : error;
  }
}

const refusal = ({ i, fault }: PlacedFault) =>
  new EngineError(`Layer ${i} of the network: ${fault.message}.`, 'estimator.parameters', fault.hint);
