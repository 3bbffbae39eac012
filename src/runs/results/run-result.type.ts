import { GraphQLJSONObject } from 'graphql-scalars';
import { Field, Float, Int, ObjectType, registerEnumType } from 'type-graphql';
import type * as engine from '../../engine';
import { SplitEnum } from '../events/run-event.type';
import { ERROR_CODES, type ErrorCode } from '../../kernel';

@ObjectType({ description: 'Why a run failed.' })
export class RunError {
  @Field(() => String, {
    description: `VALIDATION_FAILED for faults that you can correct; all codes: ${ERROR_CODES.join(', ')}.`,
  })
  code!: ErrorCode;

  @Field({ description: 'What is wrong.' })
  message!: string;

  @Field(() => String, { nullable: true, description: 'What to change; null when there is nothing you could change.' })
  hint!: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      'What is at fault: a place in the steps of the pipeline version, such as `steps[1].parameters.column`, or ' +
      '`datasetVersionId` for the data itself; null where none is known.',
  })
  path!: string | null;
}

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
    description: 'Lower bound of its 95 % interval, from the same resamples; null when it was not computed.',
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

@ObjectType({ description: 'A score on the test part with its 95 % bootstrap interval.' })
export class Metric implements engine.MetricValue {
  @Field({
    description:
      'accuracy, balancedAccuracy, precision, recall, f1, f1Macro, rocAuc, averagePrecision, logLoss, brier for classes; ' +
      'rmse, mae, r2, medianAbsoluteError for numbers. MULTILABEL: subsetAccuracy, hammingLoss, f1Macro, f1Micro, rocAuc, ' +
      'averagePrecision (means over the targets), logLoss. MULTI_REGRESSION: the means over the targets of rmse, mae, r2, ' +
      'and averageRelativeRmse, that of rmse relative to the spread. SEQUENCE_LABELING: tokenAccuracy, balancedAccuracy, ' +
      'f1Macro, logLoss of all steps, sequenceAccuracy of rows right in all steps. ANOMALY: reconstructionError, ' +
      'anomalyRate; where a target says which rows are anomalies rocAuc and averagePrecision of the error, precision, ' +
      'recall and f1 at the threshold. precision, recall and f1 are of the positive class; beyond two classes they are, as ' +
      'f1Macro is, means over the classes that some test row is of or is predicted to be; balancedAccuracy is the mean ' +
      'recall of the classes that some test row is of; those of MULTILABEL are over the targets where they are defined.',
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
export type EvaluationFigures = Pick<Evaluation, 'confusionMatrix' | 'rocCurve' | 'precisionRecallCurve'>;

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

  @Field(() => ConfusionMatrix, { nullable: true, description: 'Null for numbers, several labels and anomalies.' })
  confusionMatrix!: ConfusionMatrix | null;

  @Field(() => RocCurve, { nullable: true, description: 'Two classes only, or anomalies where a target names them.' })
  rocCurve!: RocCurve | null;

  @Field(() => PrecisionRecallCurve, { nullable: true, description: 'As the ROC curve.' })
  precisionRecallCurve!: PrecisionRecallCurve | null;
}

@ObjectType({ description: 'A candidate that was tried.' })
export class LeaderboardEntry {
  @Field({ description: 'Name of the candidate inside its run, as in metric points.' })
  candidate!: string;

  @Field({ description: 'Family; see `families`.' })
  family!: string;

  @Field(() => GraphQLJSONObject, { description: 'Parameters of the family.' })
  parameters!: Record<string, unknown>;

  @Field({ description: 'Metric by which the candidates were compared; lower is better.' })
  metric!: string;

  @Field(() => Float, { description: 'Score on the validation part.' })
  score!: number;
}

const ProviderEnum = { CPU: 'cpu', CUDA: 'cuda', WEBGPU: 'webgpu' } as const satisfies Record<string, engine.Provider>;

registerEnumType(ProviderEnum, {
  name: 'ExecutionProvider',
  description: 'What computes the training steps.',
  valuesConfig: {
    CPU: { description: 'The cores of the machine.' },
    CUDA: { description: 'An NVIDIA GPU.' },
    WEBGPU: { description: 'A GPU through WebGPU.' },
  },
});

export const ExecutorEnum = {
  ONNX: 'onnx',
  TENSORFLOW: 'tensorflow',
  REFERENCE: 'reference',
} as const satisfies Record<string, engine.ExecutorName>;

registerEnumType(ExecutorEnum, {
  name: 'Executor',
  description: 'What runs the training steps.',
  valuesConfig: {
    ONNX: { description: 'ONNX Runtime over the recorded steps; the fastest.' },
    TENSORFLOW: {
      description: 'TensorFlow step by step, where the worker has it installed, on all its cores or its GPU.',
    },
    REFERENCE: {
      description:
        'Plain JavaScript on one core: what families with a learner of their own compute in. For the others it is there to check by, and very slow.',
    },
  },
});

@ObjectType({ description: 'What trained the model; runs on other machines may choose otherwise.' })
export class RunExecutor implements engine.TrainedOn {
  @Field(() => ExecutorEnum, {
    nullable: true,
    description: 'What ran the steps; null for runs before this was recorded.',
  })
  executor!: engine.ExecutorName;

  @Field(() => ProviderEnum, { description: 'What computed the steps.' })
  provider!: engine.Provider;

  @Field({ description: 'Why it was chosen, in one sentence.' })
  reason!: string;

  @Field(() => Int, { description: 'Threads on which each step was computed; a small model takes one.' })
  threads!: number;
}

@ObjectType({ description: 'Rows in each part of the split.' })
export class SplitCounts {
  @Field(() => Int, { description: 'Rows the models were fitted on.' })
  train!: number;

  @Field(() => Int, { description: 'Rows that chose candidate and epoch.' })
  validation!: number;

  @Field(() => Int, { description: 'Rows held out for the evaluation.' })
  test!: number;

  @Field(() => Int, {
    nullable: true,
    description: 'Rows in the gaps of a split by time, which are in no part; null for runs before this was kept.',
  })
  unused?: number;
}

@ObjectType({ description: 'Rows that a step was given and left.' })
export class StepRows implements engine.StepRows {
  @Field({ description: 'Id of the step in the pipeline version.' })
  stepId!: string;

  @Field(() => [SplitEnum], {
    description: 'The parts that it took rows out of; all of them where it took them out of the table.',
  })
  parts!: engine.Split[];

  @Field(() => Int, { description: 'Rows of these parts before the step.' })
  rowsIn!: number;

  @Field(() => Int, { description: 'Rows of these parts after the step.' })
  rowsOut!: number;
}
