/** How much memory of a device a training takes, judged before it begins. */
import type { Blocks } from '../learning/fit';
import type { GraphBuilder } from '../onnx/graph';
import { scoreRows } from '../executors/executor';
import { evaluationGraph, trainingLoop } from './loop';
import { ELEMENT_BYTES, peakOf } from '../executors/row-blocks';
import { parameterCount, type StepPlan } from './step';

/** What CUDA and its libraries take of a device before the first value: some hundreds of MiB. */
const CONTEXT_BYTES = 512 * 1024 * 1024;
/** Memory is taken in pieces, not all of which are used. */
const PIECES = 1.5;

/**
 * Bytes, about: weights and optimizer slots (as they come in, and as a step takes them), the activations and gradients of a
 * mini-batch, those of the rows that are scored at once, and the rows of a block. Mini-batches of each width have a session
 * with memory of its own.
 */
export function trainingBytes(plan: StepPlan, data: { train: Blocks; validation: Blocks; batch: number }): number {
  const { train, validation, batch } = data;
  const parameters = parameterCount(plan.program);
  const shape = { width: train.width, batch, weighted: false };
  const step = trainingLoop(plan, shape);
  const score = evaluationGraph(plan, shape);
  const training = 2 * (1 + plan.optimizer.slots) * parameters + constantsOf(step) + peakOf(step, 1);
  const scoring =
    parameters + constantsOf(score) + peakOf(score, Math.min(scoreRows(plan, score, 'gpu'), validation.rows));
  return Math.ceil(
    CONTEXT_BYTES + PIECES * ELEMENT_BYTES * (widthsOf(train) * training + scoring + rowsOf(train, plan)),
  );
}

/** Sessions as large as that of the widest mini-batch. */
function widthsOf({ groups, width }: Blocks): number {
  const widths = new Set(groups.flat().map((block) => block.width));
  return [...widths].reduce((sum, each) => sum + each / width, 0);
}

/** Of the largest block, with its targets. */
const rowsOf = ({ groups }: Blocks, { targets }: StepPlan) =>
  groups.flat().reduce((most, { rows, width }) => Math.max(most, rows * (width + (targets ?? 1))), 0);

const constantsOf = ({ initializers }: GraphBuilder) =>
  initializers.reduce((sum, { values }) => sum + values.length, 0);
