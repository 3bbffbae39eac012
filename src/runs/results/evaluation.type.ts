import { Field, Float, Int, ObjectType, registerEnumType } from 'type-graphql';
import type * as engine from '../../engine';
import { CalibrationCurve } from './calibration-curve.type';
import { RankedGroups } from './ranked-groups.type';

@ObjectType({
  description:
    'A score of the trivial predictor on the test part: what is answered without reading any column, known from the train ' +
    'part alone. Numbers: the mean of the target. Classes: their shares as probabilities (steps of sequences taken ' +
    'together), the most frequent one as the answer. Anomalies: one score for every row, so that only rocAuc and ' +
    'averagePrecision have a baseline.',
})
export class MetricBaseline implements NonNullable<engine.MetricValue['baseline']> {
  @Field(() => Float, { description: 'The score, in the unit of the metric.' })
  value!: number;

  @Field(() => Float, {
    nullable: true,
    description: 'Lower bound of its 95 % interval, by the same method; null when it was not computed.',
  })
  lower!: number | null;

  @Field(() => Float, { nullable: true, description: 'Upper bound of the interval; null when it was not computed.' })
  upper!: number | null;
}

@ObjectType({ description: 'A score that the test rows do not define, such as the recall of a class with no row.' })
export class UndefinedMetric implements engine.UndefinedMetric {
  @Field({ description: 'Name, as in `metrics`.' })
  name!: string;

  @Field(() => String, { nullable: true, description: 'The target column it is of; null for the model as a whole.' })
  target?: string;

  @Field({ description: 'Why it is undefined, as a sentence.' })
  reason!: string;
}

@ObjectType({
  description:
    'A score on the test part with its 95 % interval. By metric: rates (accuracy, precision, recall, f1 of a class) by the score ' +
    'interval of Wilson, balancedAccuracy and cost from those of their rates; rocAuc by the variance of DeLong on the logit; ' +
    'means of losses and errors (logLoss, brier, mae, rmse, r2, deviances) by the studentized bootstrap with 1,000 draws; ' +
    'medianAbsoluteError by the sign test; all others by the bootstrap BCa with 1,000 draws. Above 5,000 test rows by the normal ' +
    'distribution. Under a split by group whole groups are drawn, as their rows depend on each other.',
})
export class Metric implements engine.MetricValue {
  @Field({
    description:
      'accuracy, balancedAccuracy, precision, recall, f1, f1Macro, rocAuc, averagePrecision, logLoss, brier for classes; ' +
      'rmse, mae, r2, medianAbsoluteError for numbers; of one that is learnt by the loss poisson also poissonDeviance, by ' +
      'tweedie tweedieDeviance, of the tweediePower of the model: means of the unit deviances, 0 at best. RANKING: means over the groups whose grades ' +
      'differ of ndcgAt5, ndcgAt10, ndcg, with 2^grade - 1 as the gain, and, of grades above 0, meanAveragePrecision and ' +
      'meanReciprocalRank. MULTILABEL: subsetAccuracy, hammingLoss, f1Macro, f1Micro, rocAuc, ' +
      'averagePrecision (means over the targets), logLoss. MULTI_REGRESSION: the means over the targets of rmse, mae, r2, ' +
      'and averageRelativeRmse, that of rmse relative to the spread, and of the deviances that one such number has. SEQUENCE_LABELING: tokenAccuracy, balancedAccuracy, ' +
      'f1Macro, logLoss of all steps, sequenceAccuracy of rows right in all steps. ANOMALY: reconstructionError, ' +
      'anomalyRate; where a target says which rows are anomalies rocAuc and averagePrecision of the error, precision, ' +
      'recall and f1 at the threshold. precision, recall and f1 are of the positive class; beyond two classes they are, as ' +
      'f1Macro is, means over the classes that some test row is of or is predicted to be; balancedAccuracy is the mean ' +
      'recall of the classes that some test row is of; those of MULTILABEL are over the targets where they are defined. ' +
      'Where the pipeline has errorCosts also: cost, the mean of a row, in the unit of the costs; positiveRate, the share of ' +
      'rows answered as positive; falsePositiveRate, the share of the negative rows answered so; expectedToObserved, the mean ' +
      'probability of the positive class over its share, 1 where probabilities are right on average. Where the pipeline ' +
      'names a column as `weight`, rows count as it says in all of them.',
  })
  name!: string;

  @Field(() => String, {
    nullable: true,
    description: 'The target column it is of; null for the model as a whole. Several targets have scores of their own.',
  })
  target?: string;

  @Field(() => Float, { description: 'The score.' })
  value!: number;

  @Field(() => Float, { nullable: true, description: 'Lower bound of the interval; null when it was not computed.' })
  lower!: number | null;

  @Field(() => Float, { nullable: true, description: 'Upper bound of the interval; null when it was not computed.' })
  upper!: number | null;

  @Field(() => MetricBaseline, {
    nullable: true,
    description: 'The same of the trivial predictor; null where it has none, and for runs before this was kept.',
  })
  baseline?: MetricBaseline;
}

@ObjectType({ description: 'How often each class was predicted as each class.' })
export class ConfusionMatrix {
  @Field(() => [String], { description: 'Class labels, in the order of rows and columns.' })
  labels!: string[];

  @Field(() => [[Float]], {
    description:
      'Test rows, or steps of their sequences, by actual class (outer list) and predicted class (inner list).',
  })
  counts!: number[][];
}

@ObjectType({ description: 'Receiver operating characteristic; the lists run in parallel, at most 200 points.' })
export class RocCurve {
  @Field(() => [Float], { description: 'Share of negatives scored at or above the threshold.' })
  falsePositiveRate!: number[];

  @Field(() => [Float], { description: 'Share of positives scored at or above the threshold.' })
  truePositiveRate!: number[];

  @Field(() => [Float], { description: 'Probability of the positive class, or the error of an anomaly.' })
  threshold!: number[];
}

@ObjectType({ description: 'Precision against recall; the lists run in parallel, at most 200 points.' })
export class PrecisionRecallCurve {
  @Field(() => [Float], { description: 'Share of the rows at or above the threshold that are positive.' })
  precision!: number[];

  @Field(() => [Float], { description: 'Share of positives scored at or above the threshold.' })
  recall!: number[];

  @Field(() => [Float], { description: 'Probability of the positive class, or the error of an anomaly.' })
  threshold!: number[];
}

export const EvaluationKindEnum = {
  NUMBERS: 'numbers',
  CLASSES: 'classes',
  LABELS: 'labels',
  ANOMALIES: 'anomalies',
} as const satisfies Record<string, engine.Evaluation['kind']>;

registerEnumType(EvaluationKindEnum, {
  name: 'EvaluationKind',
  description: 'What an evaluation is of. Kinds may be added.',
  valuesConfig: {
    NUMBERS: { description: 'One number or several: scores alone.' },
    CLASSES: {
      description:
        'One of several classes, for a row or for each step of its sequence: a confusion matrix, and of two classes for a row the curves.',
    },
    LABELS: { description: 'One of two labels for each of several targets: scores alone.' },
    ANOMALIES: { description: 'Errors that tell anomalies: the curves where a target names them.' },
  },
});

/** What not every kind has. */
export type EvaluationFigures = Pick<
  Evaluation,
  'confusionMatrix' | 'rocCurve' | 'precisionRecallCurve' | 'calibrationCurve' | 'rankedGroups'
>;

@ObjectType({
  description: 'Scores of the test rows that have a value of a column, or lie in a range of its numbers.',
})
export class GroupScores implements engine.GroupScores {
  @Field({ description: 'The column that tells groups apart.' })
  column!: string;

  @Field(() => String, {
    nullable: true,
    description:
      'Its value; of numbers with more than 10 different ones a quarter of the rows, as `21 to 38`. Null: missing.',
  })
  value!: string | null;

  @Field(() => Int, { description: 'Test rows of the group.' })
  rowCount!: number;

  @Field(() => [Metric], { description: 'As `Evaluation.metrics`, without baselines.' })
  metrics!: Metric[];

  @Field(() => [UndefinedMetric], { description: 'Scores that these rows do not define, and why.' })
  undefinedMetrics!: UndefinedMetric[];

  @Field(() => ConfusionMatrix, { nullable: true, description: 'Null for numbers, several labels and anomalies.' })
  confusionMatrix!: ConfusionMatrix | null;
}

@ObjectType({
  description:
    'How much worse the score is where a column is shuffled: the mean of 10 repeats, each of test rows drawn anew with replacement.',
})
export class PermutationImportance implements engine.PermutationImportance {
  @Field(() => Float, { description: 'What shuffling adds to the metric; about 0 where the model does without it.' })
  value!: number;

  @Field(() => Float, { description: 'Lower bound of its 95 % interval, over the rows and the order.' })
  lower!: number;

  @Field(() => Float, { description: 'Upper bound of the interval.' })
  upper!: number;
}

@ObjectType({ description: 'How much a model relies on a column.' })
export class ColumnImportance implements engine.ColumnImportance {
  @Field({ description: 'The column of the input; of a value that steps make of several columns, its name.' })
  column!: string;

  @Field(() => [String], {
    nullable: true,
    description: 'The columns that steps make the value of; null for a column of the input.',
  })
  madeOf!: string[] | null;

  @Field(() => Float, {
    description:
      'Share of what all splits lower the loss by on the training rows, 0 to 1. Favours columns of many values.',
  })
  gain!: number;

  @Field(() => Int, { description: 'Splits by the column in all trees.' })
  splits!: number;

  @Field(() => Float, {
    nullable: true,
    description:
      'Mean size of what the column adds to the score of a test row, as `explain` of `predict` tells it, in the unit of that; over classes or targets where there are several. Null where trees are so large that it takes too long.',
  })
  meanContribution!: number | null;

  @Field(() => PermutationImportance, {
    nullable: true,
    description:
      'On test rows; null for what steps make of several columns, and beyond the 200 columns with the largest gain.',
  })
  permutation!: PermutationImportance | null;
}

@ObjectType({ description: 'How much a model relies on its columns, as found at the end of its training.' })
export class Importances implements engine.Importances {
  @Field({ description: 'What `permutation` is measured by, of which less is better; one of `Evaluation.metrics`.' })
  metric!: string;

  @Field(() => Int, { description: 'Test rows that were looked at, at most 1,000.' })
  rowCount!: number;

  @Field(() => [ColumnImportance], { description: 'Those with the largest gain first.' })
  columns!: ColumnImportance[];
}

@ObjectType({ description: 'Scores of a model on rows it has not seen.' })
export class Evaluation implements engine.Scores {
  @Field(() => EvaluationKindEnum, { description: 'What it is of, which says what else it has beside scores.' })
  kind!: engine.Evaluation['kind'];

  @Field(() => Int, { description: 'Rows of the test part.' })
  rowCount!: number;

  @Field(() => [Metric], {
    description: 'Scores; those undefined on these rows are left out, and named in `undefinedMetrics`.',
  })
  metrics!: Metric[];

  @Field(() => [UndefinedMetric], {
    nullable: true,
    description: 'Scores that these rows do not define, and why; null for runs before this was kept.',
  })
  undefinedMetrics!: UndefinedMetric[];

  @Field(() => [GroupScores], {
    description:
      'Scores by group, of each column that `groups` of SELECT_COLUMNS names: its 20 most frequent texts, or its numbers ' +
      'in ascending order, and last the rows where it is missing.',
  })
  groups!: GroupScores[];

  @Field(() => Importances, {
    nullable: true,
    description:
      'How much the model relies on each column; null for families whose `explains` is false, and for runs before this was kept.',
  })
  importances?: Importances;

  @Field(() => RankedGroups, {
    nullable: true,
    description: 'Of the task ranking; null for others, and for runs before this was kept.',
  })
  rankedGroups?: RankedGroups;

  @Field(() => ConfusionMatrix, { nullable: true, description: 'Null for numbers, several labels and anomalies.' })
  confusionMatrix!: ConfusionMatrix | null;

  @Field(() => RocCurve, { nullable: true, description: 'Two classes only, or anomalies where a target names them.' })
  rocCurve!: RocCurve | null;

  @Field(() => PrecisionRecallCurve, { nullable: true, description: 'As the ROC curve.' })
  precisionRecallCurve!: PrecisionRecallCurve | null;

  @Field(() => CalibrationCurve, {
    nullable: true,
    description: 'One of several classes for a row only; null for runs before this was kept.',
  })
  calibrationCurve?: CalibrationCurve;
}
