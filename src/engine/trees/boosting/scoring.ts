/** What the scores of trees mean for a task: how many there are, the loss that they are boosted by, and the answer they give. */
import type { GraphBuilder } from '../../onnx/graph';
import { taskOf } from '../../tasks/registry';
import type { Task } from '../../types';
import type { BoostingLossName, LossChoice, LossSettings } from './losses';

export interface Scoring {
  /** A tree of each round for each. */
  scores: number;
  loss: LossChoice;
  /** From double [batch, scores] to what a learner gives: float [batch, outputs]. */
  answer(graph: GraphBuilder, scores: string): string;
}

/** Names as networks have them, see tasks/learning/loss-names.ts. */
export const NUMBER_LOSSES = { mse: 'squared', mae: 'absolute', huber: 'huber', quantile: 'quantile' } as const;

export interface ScoringSettings {
  /** Null: of the task. */
  loss: keyof typeof NUMBER_LOSSES | 'crossEntropy' | null;
  huberDelta: number;
  quantile: number;
}

/** TensorProto.DataType. */
const FLOAT = 1;
const float = (graph: GraphBuilder, value: string): string => graph.call('Cast', [value], { to: FLOAT });

interface Ending {
  scores(outputs: number): number;
  loss(outputs: number, settings: ScoringSettings): BoostingLossName;
  answer(graph: GraphBuilder, scores: string, outputs: number): string;
}

const ENDINGS: Record<'none' | 'softmax' | 'sigmoid', Ending> = {
  none: {
    scores: (outputs) => outputs,
    loss: (_, { loss }) => NUMBER_LOSSES[(loss ?? 'mse') as keyof typeof NUMBER_LOSSES],
    answer: (_, scores) => scores,
  },
  // Of two classes one score is enough: that of the second.
  softmax: {
    scores: (outputs) => (outputs === 2 ? 1 : outputs),
    loss: (outputs) => (outputs === 2 ? 'logistic' : 'softmax'),
    answer: (graph, scores, outputs) => {
      if (outputs !== 2) return graph.call('Softmax', [scores], { axis: 1 });
      const second = graph.call('Sigmoid', [scores]);
      return graph.call('Concat', [graph.call('Sub', [graph.doubles(1), second]), second], { axis: 1 });
    },
  },
  sigmoid: {
    scores: (outputs) => outputs,
    loss: () => 'logistic',
    answer: (graph, scores) => graph.call('Sigmoid', [scores]),
  },
};

/** Of the Tweedie loss, which no family offers yet. */
const POWER = 1.5;

export function scoringOf(task: Task, outputs: number, settings: ScoringSettings): Scoring {
  const ending = ENDINGS[taskOf(task).learning.ending ?? 'none'];
  const { huberDelta: delta, quantile } = settings;
  const lossSettings: LossSettings = { delta, quantile, power: POWER };
  return {
    scores: ending.scores(outputs),
    loss: { name: ending.loss(outputs, settings), settings: lossSettings },
    answer: (graph, scores) => float(graph, ending.answer(graph, scores, outputs)),
  };
}
