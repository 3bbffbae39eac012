import { GraphQLJSONObject } from 'graphql-scalars';
import { Field, Float, GraphQLISODateTime, Int, ObjectType, registerEnumType } from 'type-graphql';
import { Column, Entity } from 'typeorm';
import { TenantNode } from '../db';
import type {
  CardCalibration as EngineCalibration,
  Decision as EngineDecision,
  ErrorCosts as EngineErrorCosts,
  ModelCard as EngineModelCard,
  ModelWarning as EngineModelWarning,
  TargetField as EngineTargetField,
  Task,
} from '../engine';
import { connectionOf, Node } from '../kernel';
import { TaskEnum } from '../pipelines';
import { ModelFolds } from './model-folds.type';
import { LeftOutColumn, ModelHistory, ModelInput, ModelVocabulary } from './model-input.type';

type WarningCode = EngineModelWarning['code'];

export const ModelWarningCode = {
  NO_BETTER_THAN_BASELINE: 'NO_BETTER_THAN_BASELINE',
  METRICS_UNDEFINED: 'METRICS_UNDEFINED',
  CLASSES_NOT_TESTED: 'CLASSES_NOT_TESTED',
  DIGITS_LOST: 'DIGITS_LOST',
} as const satisfies { [C in WarningCode]: C };

registerEnumType(ModelWarningCode, {
  name: 'ModelWarningCode',
  description: 'What is to be known of a model before it is relied on.',
  valuesConfig: {
    NO_BETTER_THAN_BASELINE: {
      description:
        'On the test rows it, or its answer for some of its targets, is no better than the trivial predictor: the interval ' +
        'of the score overlaps that of the `baseline`, or the score is worse. The score is r2 for one number, ' +
        'averageRelativeRmse for several, rocAuc for classes and anomalies, balancedAccuracy for sequences; logLoss or rmse ' +
        'where that one is undefined.',
    },
    METRICS_UNDEFINED: { description: 'The test rows do not define some of its scores.' },
    CLASSES_NOT_TESTED: { description: 'No test row is of some of its classes.' },
    DIGITS_LOST: {
      description: 'Numbers of a column differ by less than the 32-bit floats tell apart in which a network computes.',
    },
  },
});

@ObjectType({ description: 'What is to be known of a model before it is relied on, as its evaluation shows.' })
export class ModelWarning implements EngineModelWarning {
  @Field(() => ModelWarningCode, { description: 'The kind of warning.' })
  code!: WarningCode;

  @Field({ description: 'What was found, with figures, in one or two sentences.' })
  message!: string;
}

const TYPE_DESCRIPTION =
  'Type of the target in its dataset version, as in `ColumnType`. What is predicted of it is ISO 8601 text: of DATE the nearest day (2024-05-17), of TIMESTAMP a time in UTC, of TIME a time of day (07:30:00), of DURATION hours, minutes and seconds (PT1H30M). Null where there are several targets or none, and in model versions made before this was kept.';

const RESOLUTION_DESCRIPTION =
  'Numbers only: values that differ by less say the same, as networks compute in 32-bit floats; `predict` leaves out the ' +
  'digits behind. Null where 7 digits say something, whatever the number, and in model versions made before this was kept.';

@ObjectType({ description: 'One of several columns that a model predicts.' })
export class ModelTarget implements EngineTargetField {
  @Field({ description: 'Name of the column.' })
  name!: string;

  @Field(() => [String], {
    nullable: true,
    description: 'Its classes; with two, the second is the positive one. Null for numbers.',
  })
  labels!: string[] | null;

  @Field(() => Float, { nullable: true, description: RESOLUTION_DESCRIPTION })
  resolution?: number;

  @Field(() => String, { nullable: true, description: TYPE_DESCRIPTION })
  columnType?: EngineTargetField['columnType'];
}

@ObjectType({ description: 'What errors cost, in any one unit.' })
export class ErrorCosts implements EngineErrorCosts {
  @Field(() => Float, { description: 'Of a row of the positive class that is taken for the other.' })
  missed!: number;

  @Field(() => Float, { description: 'Of a row of the other class that is taken for the positive one.' })
  falseAlarm!: number;
}

@ObjectType({ description: 'How a model chooses between two classes whose errors cost differently.' })
export class ModelDecision implements EngineDecision {
  @Field(() => Float, {
    description: 'Probability of the positive class from which on it is answered: falseAlarm / (missed + falseAlarm).',
  })
  threshold!: number;

  @Field(() => ErrorCosts, { description: 'The costs, as `errorCosts` of SELECT_COLUMNS gives them.' })
  costs!: ErrorCosts;
}

export const CalibrationKindEnum = {
  TEMPERATURE: 'temperature',
  PLATT: 'platt',
} as const satisfies Record<string, EngineCalibration['kind']>;

registerEnumType(CalibrationKindEnum, {
  name: 'CalibrationKind',
  description: 'How probabilities are corrected. Kinds may be added.',
  valuesConfig: {
    TEMPERATURE: { description: 'One slope for all classes: the likeliest class stays the likeliest.' },
    PLATT: {
      description: 'A slope and an offset for each class, where the answer follows a threshold on the probability.',
    },
  },
});

@ObjectType({
  description:
    'How the probabilities of a model are corrected: softmax(slope · ln p + offset of the class), as part of its file. Fitted to what ' +
    'it answers for the validation rows, and kept only where that lowers the log loss of rows left out of the fit beyond noise.',
})
export class ModelCalibration implements EngineCalibration {
  @Field(() => CalibrationKindEnum, { description: 'Whether one slope, or offsets as well.' })
  kind!: EngineCalibration['kind'];

  @Field(() => Float, { description: 'Above 0; below 1 probabilities become less sure. 1 divided by the temperature.' })
  slope!: number;

  @Field(() => [Float], { description: 'Of each class, in the order of `ModelCard.labels`; 0 for TEMPERATURE.' })
  offsets!: number[];

  @Field(() => Float, { description: 'Log loss of the validation rows without the correction.' })
  logLossBefore!: number;

  @Field(() => Float, { description: 'The same with it, each row judged by a fit to other rows.' })
  logLossAfter!: number;
}

@ObjectType({ description: 'What a model is and what it reads.' })
export class ModelCard implements EngineModelCard {
  @Field(() => TaskEnum, { description: 'What the model predicts.' })
  task!: Task;

  @Field(() => String, {
    nullable: true,
    description:
      'The column it predicts, or that an anomaly model was evaluated by. Null where there are several (then see `targets`) or none.',
  })
  target!: string | null;

  @Field(() => String, { nullable: true, description: TYPE_DESCRIPTION })
  columnType?: EngineModelCard['columnType'];

  @Field(() => [ModelTarget], {
    nullable: true,
    description:
      'The columns it predicts, in the order of its outputs, where the task is one of several targets; null otherwise.',
  })
  targets?: ModelTarget[];

  @Field({ description: 'Family that was fitted; see `families`.' })
  family!: string;

  @Field(() => GraphQLJSONObject, { description: 'Parameters of the family, every default filled in.' })
  parameters!: Record<string, unknown>;

  @Field(() => [ModelInput], { description: 'Columns it reads, in the order of the inputs of the ONNX graph.' })
  inputs!: ModelInput[];

  @Field(() => ModelHistory, {
    nullable: true,
    description:
      'Where some inputs are made of the earlier rows of an entity: what its rows hold. `predict` then takes `entities`. Null for all others.',
  })
  history?: ModelHistory;

  @Field(() => [ModelVocabulary], {
    nullable: true,
    description:
      'What `vocabulary` of an input counts through; null where the model reads no ids, or is older than vocabularies.',
  })
  vocabularies?: ModelVocabulary[];

  @Field(() => [String], {
    nullable: true,
    description:
      'Class labels in the order of the probabilities; with two, the second is the positive class. Of MULTILABEL the ' +
      'names of the targets. Null for numbers.',
  })
  labels!: string[] | null;

  @Field(() => Float, { nullable: true, description: RESOLUTION_DESCRIPTION })
  resolution?: number;

  @Field(() => Float, {
    nullable: true,
    description:
      'ANOMALY only: rows with a larger reconstruction error are reported as anomalies. The error that the share ' +
      '`contamination` of the validation rows exceeds.',
  })
  threshold?: number;

  @Field(() => ModelDecision, {
    nullable: true,
    description: 'How it chooses between two classes whose errors cost differently; null: the likelier class.',
  })
  decision?: ModelDecision;

  @Field(() => ModelCalibration, {
    nullable: true,
    description: 'How its probabilities are corrected; null where they are those that it has learnt.',
  })
  calibration?: ModelCalibration;

  @Field(() => String, {
    nullable: true,
    description:
      'RANKING only: the column whose values say which rows are put in order together. No input, but `predict` tells ranks by it.',
  })
  rankedWithin?: string;

  @Field(() => Int, { description: 'Number of fitted parameters.' })
  parameterCount!: number;

  @Field(() => Int, {
    nullable: true,
    description: 'Rows that it is fitted to, one or more; null in model versions made before this was kept.',
  })
  fittedRows?: number;

  @Field(() => Boolean, {
    nullable: true,
    description:
      'Whether the validation rows are among `fittedRows`: the model was fitted once more, to the train and validation rows together, ' +
      'when all choices were made (`refit` of its family). Validation scores are then those of the model before, test scores those of this ' +
      'one. False: the train rows alone, or, with `folds`, the mean of models of all of them. Null in model versions made before this was kept.',
  })
  refitted?: boolean;

  @Field(() => ModelFolds, {
    nullable: true,
    description: 'How it was made of folds of all rows outside the test part; null where one validation part judged.',
  })
  folds?: ModelFolds;

  @Field(() => [LeftOutColumn], { description: 'Columns of the dataset version that are not used.' })
  leftOut!: LeftOutColumn[];

  /** How `predict` explains its answers. */
  explanation?: EngineModelCard['explanation'];

  @Field(() => [ModelWarning], {
    nullable: true,
    description: 'What its evaluation warns of; null in model versions made before this was kept.',
  })
  warnings?: ModelWarning[];
}

@Entity('models')
@ObjectType({ implements: Node, description: 'The models of one pipeline: one version per successful run.' })
export class Model extends TenantNode {
  @Column({ name: 'pipeline_id', type: 'uuid' })
  pipelineId!: string;

  @Column('text')
  @Field({ description: 'Name of the pipeline when the first version was made.' })
  name!: string;

  @Column({ name: 'created_at', type: 'timestamptz' })
  @Field(() => GraphQLISODateTime, { description: 'When the first version was made, UTC.' })
  createdAt!: Date;
}

@Entity('model_versions')
@ObjectType({ implements: Node, description: 'A trained model. Never changes.' })
export class ModelVersion extends TenantNode {
  @Column({ name: 'model_id', type: 'uuid' })
  modelId!: string;

  @Column({ name: 'run_id', type: 'uuid' })
  runId!: string;

  @Column('integer')
  @Field(() => Int, { description: 'Counts the versions of this model from 1.' })
  version!: number;

  @Column('jsonb')
  @Field(() => ModelCard, { description: 'What the model is and what it reads.' })
  card!: ModelCard;

  @Column({ name: 'created_at', type: 'timestamptz' })
  @Field(() => GraphQLISODateTime, { description: 'When it was made, UTC.' })
  createdAt!: Date;
}

export const ModelConnection = connectionOf(Model, 'Model');
export const ModelVersionConnection = connectionOf(ModelVersion, 'ModelVersion');
