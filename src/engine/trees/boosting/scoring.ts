/** What the scores of trees mean for a task: how many there are, the loss that they are boosted by, and the answer they give. */
import type { GraphBuilder } from '../../onnx/graph';
import { taskOf } from '../../tasks/registry';
import type { ScoreUnit, Task } from '../../types';
import type { BoostingLossName, LossChoice, LossSettings } from './losses';

export interface Scoring {
  /** A tree of each round for each. */
  scores: number;
  loss: LossChoice;
  unit: ScoreUnit;
  /** From double [batch, scores] to what a learner gives: float [batch, outputs]. */
  answer(graph: GraphBuilder, scores: string): string;
}

type NumberLoss = 'mse' | 'mae' | 'huber' | 'quantile' | 'poisson' | 'tweedie' | 'lambdarank';

export interface ScoringSettings {
  /** Null: of the task. */
  loss: NumberLoss | 'crossEntropy' | null;
  huberDelta: number;
  quantile: number;
  /** Of `tweedie`. */
  tweediePower: number;
}

interface NumberScores {
  loss: BoostingLossName;
  /** Of the scores; left out: that of the target. */
  unit?: ScoreUnit;
  /** Of counts and amounts, whose scores are logarithms: the power of the mean that their variance grows by. */
  power?(settings: ScoringSettings): number;
}

/** Names as networks have them, see tasks/learning/loss-names.ts. */
const NUMBER_SCORES: Record<NumberLoss, NumberScores> = {
  ...{ mse: { loss: 'squared' }, mae: { loss: 'absolute' }, huber: { loss: 'huber' }, quantile: { loss: 'quantile' } },
  poisson: { loss: 'poisson', power: () => 1, unit: 'logTarget' },
  tweedie: { loss: 'tweedie', power: ({ tweediePower }) => tweediePower, unit: 'logTarget' },
  lambdarank: { loss: 'lambdarank', unit: 'logScore' },
};

const numberScores = ({ loss }: Pick<ScoringSettings, 'loss'>): NumberScores => NUMBER_SCORES[loss as NumberLoss];

/** Null: any numbers, or classes. */
export function amountsLearnt(settings: ScoringSettings): { power: number } | null {
  const power = settings.loss === null ? undefined : numberScores(settings)?.power;
  return power ? { power: power(settings) } : null;
}

/** TensorProto.DataType. */
const FLOAT = 1;
const float = (graph: GraphBuilder, value: string): string => graph.call('Cast', [value], { to: FLOAT });

interface Ending {
  scores(outputs: number): number;
  unit(outputs: number, settings: ScoringSettings): ScoreUnit;
  loss(outputs: number, settings: ScoringSettings): BoostingLossName;
  answer(graph: GraphBuilder, scores: string, outputs: number, settings: ScoringSettings): string;
}

const ENDINGS: Record<'none' | 'softmax' | 'sigmoid', Ending> = {
  none: {
    scores: (outputs) => outputs,
    unit: (_, settings) => numberScores(settings).unit ?? 'target',
    loss: (_, settings) => numberScores(settings).loss,
    answer: (graph, scores, _, settings) => (amountsLearnt(settings) ? graph.call('Exp', [scores]) : scores),
  },
  // Of two classes one score is enough: that of the second.
  softmax: {
    scores: (outputs) => (outputs === 2 ? 1 : outputs),
    unit: (outputs) => (outputs === 2 ? 'logOdds' : 'logScore'),
    loss: (outputs) => (outputs === 2 ? 'logistic' : 'softmax'),
    answer: (graph, scores, outputs) => {
      if (outputs !== 2) return graph.call('Softmax', [scores], { axis: 1 });
      const second = graph.call('Sigmoid', [scores]);
      return graph.call('Concat', [graph.call('Sub', [graph.doubles(1), second]), second], { axis: 1 });
    },
  },
  sigmoid: {
    scores: (outputs) => outputs,
    unit: () => 'logOdds',
    loss: () => 'logistic',
    answer: (graph, scores) => graph.call('Sigmoid', [scores]),
  },
};

export function scoringOf(task: Task, outputs: number, requested: ScoringSettings): Scoring {
  const { learning } = taskOf(task);
  const ending = ENDINGS[learning.ending ?? 'none'];
  const settings = { ...requested, loss: requested.loss ?? (learning.losses[0] as NumberLoss) };
  const { huberDelta: delta, quantile, tweediePower: power } = settings;
  const lossSettings: LossSettings = { delta, quantile, power };
  return {
    scores: ending.scores(outputs),
    unit: ending.unit(outputs, settings),
    loss: { name: ending.loss(outputs, settings), settings: lossSettings },
    answer: (graph, scores) => float(graph, ending.answer(graph, scores, outputs, settings)),
  };
}
