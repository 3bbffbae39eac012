/** A family written as a list of layers: its program is these, and a dense layer to the outputs. */
import type { Tensor } from '@tensorflow/tfjs-core';
import { isRandom, passThrough, placeLayers, PlacedFault, workOf, type PlacedLayer } from '../../network/build';
import { LayerFault, sizeOf } from '../../network/built';
import { headOf, headOfSteps, headSpecs } from '../../network/head';
import { layersOf, type GivenLayer } from '../../network/layer.schema';
import { inOrder, type Value } from '../../network/order';
import { labelsSteps } from '../../tasks/registry';
import { EngineError } from '../../types';
import type { Updates } from '../../layers/parameters';
import type { Dimensions, Program } from './program';

export interface LayeredProgram extends Program {
  /** What the dense layer to the outputs reads, of a row as a whole. */
  body(parameters: Record<string, Tensor>, x: Tensor, rowKeys: Tensor | null, updates?: Updates): Tensor;
}

type Refuse = (fault: PlacedFault) => EngineError;

/** Throws EngineError, worded by `refuse`, for a layer that does not fit. */
export function layeredProgram(
  declared: GivenLayer[],
  dimensions: Dimensions,
  refuse: Refuse = refusal,
): LayeredProgram {
  const { task, width, outputs, ids } = dimensions;
  const layers = layersOf(declared);
  const known = new Map<number, Whole>();
  /** Rows may be cut to fewer columns where the rest would be padding. */
  const at = (columns: number): Whole => {
    const whole =
      known.get(columns) ??
      wholeOf(
        worded(() => placeLayers(layers, [columns]), refuse),
        columns,
      );
    known.set(columns, whole);
    return whole;
  };
  const whole = at(width);
  worded(() => checkEnd(whole, dimensions), refuse);
  const { placed, shape } = whole;
  const steps = labelsSteps(task) ? shape[0] : 1;
  const last = sizeOf(shape) / steps;
  const pass = (...[parameters, x, rowKeys, updates]: Parameters<Program['forward']>): Value => {
    const knownIds = updates !== undefined && ids?.every(({ complete }) => complete);
    return passThrough(at(x.shape[1]!).placed, x, { parameters, rowKeys, updates, knownIds });
  };
  const body: LayeredProgram['body'] = (parameters, x, ...rest) =>
    inOrder(pass(parameters, x, ...rest), at(x.shape[1]!).shape, 'rows');
  return {
    parameters: [...placed.flatMap(({ parameters }) => parameters), ...headSpecs(last, outputs)],
    body,
    forward: (parameters, x, ...rest) => {
      if (!labelsSteps(task)) return headOf(body(parameters, x, ...rest), parameters);
      return headOfSteps(pass(parameters, x, ...rest), at(x.shape[1]!).shape[0], parameters);
    },
    random: isRandom(layers),
    ...workOf(placed, steps * last * outputs),
  };
}

/** Layers over rows of one length, and the shape that they give. */
interface Whole {
  placed: PlacedLayer[];
  shape: number[];
}

const wholeOf = (placed: PlacedLayer[], columns: number): Whole => ({
  ...{ placed, shape: placed.at(-1)?.shape ?? [columns] },
});

/** A label for each step needs steps at the end; otherwise steps that may not count must be joined. */
function checkEnd({ placed, shape }: Whole, { task, targets = 1 }: Dimensions): void {
  const fault = (message: string, hint: string) => {
    throw new PlacedFault(
      placed.length - 1,
      new LayerFault('', `the last layer gives [${shape.join(', ')}] ${message}`, hint),
    );
  };
  if (labelsSteps(task)) {
    const hint = `End with [${targets}, units]: one step for each target, in the order of the targets.`;
    if (shape.length !== 2 || shape[0] !== targets) fault(`per row, and each of ${targets} steps has a label`, hint);
  } else if (placed.at(-1)?.masked) {
    const hint = 'End with globalAveragePooling, globalMaxPooling or a recurrent layer without returnSequences.';
    fault('per row, steps that may not all count', hint);
  }
}

function worded<T>(build: () => T, refuse: Refuse): T {
  try {
    return build();
  } catch (error) {
    throw error instanceof PlacedFault ? refuse(error) : error;
  }
}

const refusal = ({ i, fault }: PlacedFault) =>
  new EngineError(`Layer ${i} of the network: ${fault.message}.`, 'estimator.parameters', fault.hint);
