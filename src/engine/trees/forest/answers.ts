/** What means of trees are for a task: their outputs, how wrong they are, and the answer that the graph makes of them. */
import type { GraphBuilder } from '../../onnx/graph';
import { taskOf } from '../../tasks/registry';
import type { ScoreUnit, Task } from '../../types';
import type { ForestTargets } from './targets';

export interface ForestAnswers {
  /** Numbers that a tree says of a row. */
  outputs: number;
  unit: ScoreUnit;
  /**
   * Trees that say what is so of all rows, besides those that are grown: 1 for probabilities, as no number of trees that agree
   * makes a class impossible.
   */
  priorTrees: number;
  /** The loss of a row times its weight, and the weight. */
  loss(targets: ForestTargets, answer: ArrayLike<number>, row: number): [sum: number, weight: number];
  /** From double [batch, outputs] to what a learner gives: float [batch, classes, labels or numbers]. */
  append(graph: GraphBuilder, means: string): string;
}

/** TensorProto.DataType. */
const FLOAT = 1;
const float = (graph: GraphBuilder, value: string): string => graph.call('Cast', [value], { to: FLOAT });

const P_MIN = 1e-15;
const logOf = (p: number): number => Math.log(Math.max(P_MIN, p));
const ofLabel = (y: number, p: number): number => -(y === 1 ? logOf(p) : logOf(1 - p));

const ENDINGS: Record<'none' | 'softmax' | 'sigmoid', (outputs: number) => ForestAnswers> = {
  none: (outputs) => ({
    ...{ outputs, unit: 'target', priorTrees: 0, append: float },
    // As the squared loss has it.
    loss: eachTarget((y, answer) => (y - answer) ** 2 / 2),
  }),
  // Of two classes the second is enough.
  softmax: (outputs) =>
    outputs === 2
      ? {
          ...{ outputs: 1, unit: 'probability', priorTrees: 1, loss: eachTarget(ofLabel) },
          append: (graph, second) => {
            const first = graph.call('Sub', [graph.doubles(1), second]);
            return float(graph, graph.call('Concat', [first, second], { axis: 1 }));
          },
        }
      : { outputs, unit: 'probability', priorTrees: 1, append: float, loss: ofClasses },
  sigmoid: (outputs) => ({ outputs, unit: 'probability', priorTrees: 1, append: float, loss: eachTarget(ofLabel) }),
};

export const forestAnswers = (task: Task, outputs: number): ForestAnswers =>
  ENDINGS[taskOf(task).learning.ending ?? 'none'](outputs);

function ofClasses({ y, weight }: ForestTargets, answer: ArrayLike<number>, row: number): [number, number] {
  const rowWeight = weight === null ? 1 : weight[row];
  return rowWeight === 0 ? [0, 0] : [-rowWeight * logOf(answer[y[row]]), rowWeight];
}

function eachTarget(lossOf: (y: number, answer: number) => number): ForestAnswers['loss'] {
  return ({ y, weight, count }, answer, row) => {
    let [sum, weights] = [0, 0];
    for (let target = 0; target < count; target++) {
      const rowWeight = weight === null ? 1 : weight[row * count + target];
      if (rowWeight === 0) continue;
      sum += rowWeight * lossOf(y[row * count + target], answer[target]);
      weights += rowWeight;
    }
    return [sum, weights];
  };
}

/** What is so of all rows: the mean of each output. */
export function priorOf({ y, weight, rows, count, outputs }: ForestTargets): number[] {
  const sums = new Array<number>(outputs).fill(0);
  const weights = new Array<number>(outputs).fill(0);
  const ofClass = outputs > count;
  for (let i = 0; i < rows * count; i++) {
    const rowWeight = weight === null ? 1 : weight[i];
    if (rowWeight === 0) continue;
    const output = ofClass ? y[i] : i % count;
    sums[output] += ofClass ? rowWeight : rowWeight * y[i];
    weights[ofClass ? 0 : output] += rowWeight;
  }
  return sums.map((sum, output) => sum / (weights[ofClass ? 0 : output] || 1));
}
