import { GraphQLSafeInt } from 'graphql-scalars';
import { Field, Float, GraphQLISODateTime, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import { Column, Entity } from 'typeorm';
import { TenantNode, type StoredEvent } from '../../db';
import { batchOf, connectionOf, ERROR_CODES, Node, type ErrorCode } from '../../kernel';

export enum CaseRunState {
  RUNNING = 'RUNNING',
  SUCCEEDED = 'SUCCEEDED',
  FAILED = 'FAILED',
}

registerEnumType(CaseRunState, {
  name: 'CaseRunState',
  description: 'Where a case run stands.',
  valuesConfig: {
    RUNNING: { description: 'Under way; see the events for the stage.' },
    SUCCEEDED: { description: 'Ran to the end. `met` says whether the expected metrics were reached.' },
    FAILED: { description: 'Stopped on the way; see `error`.' },
  },
});

export enum CaseRunStage {
  DATA = 'DATA',
  TRAINING = 'TRAINING',
  PREDICTING = 'PREDICTING',
  FINISHED = 'FINISHED',
}

registerEnumType(CaseRunStage, {
  name: 'CaseRunStage',
  description: 'The stages of a case run, in order.',
  valuesConfig: {
    DATA: { description: 'Data is generated and ingested.' },
    TRAINING: { description: 'A run trains and evaluates; follow it with `runEvents`.' },
    PREDICTING: {
      description: 'The model answers, under the name that the message tells; the sample rows are predicted.',
    },
    FINISHED: { description: 'The case run has ended; read it for the result.' },
  },
});

@ObjectType({ description: 'An expected metric against what was reached on the held-out rows.' })
export class CaseCheck {
  @Field(() => String, {
    nullable: true,
    description: 'Name of the comparison that it is of; null for the model of the case.',
  })
  comparison?: string | null;
  @Field({ description: 'Name of the metric.' })
  metric!: string;
  @Field(() => Float, { description: 'Expected value.' })
  expected!: number;
  @Field(() => Float, { description: 'How far the value may lie from it, in either direction.' })
  tolerance!: number;
  @Field(() => Float, {
    nullable: true,
    description: 'Value reached; null when the metric is not defined on these rows.',
  })
  actual!: number | null;
  @Field({ description: 'True when the value lies within the tolerance.' })
  met!: boolean;
}

@ObjectType({ description: 'Why a case run failed.' })
export class CaseRunError {
  @Field(() => String, { description: `One of ${ERROR_CODES.join(', ')}.` })
  code!: ErrorCode;
  @Field({ description: 'What went wrong.' })
  message!: string;
}

@Entity('case_runs')
@ObjectType({
  implements: Node,
  description:
    'One execution of a case: data, training, deployment, predictions, and whether the expected metrics were met.',
})
export class CaseRun extends TenantNode {
  @Column({ name: 'case_id', type: 'uuid' })
  caseId!: string;

  /** Content of the case when it was started; a case may change later. */
  @Column({ name: 'case_hash', type: 'bytea' })
  caseHash!: Buffer;

  @Column('integer')
  @Field(() => Int, { description: 'Seed of data and training.' })
  seed!: number;

  @Column('text')
  @Field(() => CaseRunState, { description: 'Where it stands.' })
  state!: CaseRunState;

  @Column({ name: 'upload_id', type: 'uuid', nullable: true })
  uploadId!: string | null;

  @Column({ name: 'dataset_version_id', type: 'uuid', nullable: true })
  datasetVersionId!: string | null;

  @Column({ name: 'run_id', type: 'uuid', nullable: true })
  runId!: string | null;

  /** Of the comparisons of the case, in their order. */
  @Column({ name: 'comparison_run_ids', type: 'uuid', array: true, nullable: true })
  comparisonRunIds!: string[] | null;

  /** Those of its model and of the comparisons, in this order; empty until they are started. */
  get trainingIds(): string[] {
    return this.runId ? [this.runId, ...(this.comparisonRunIds ?? [])] : [];
  }

  @Column({ name: 'deployment_id', type: 'uuid', nullable: true })
  deploymentId!: string | null;

  @Column({ name: 'prediction_id', type: 'uuid', nullable: true })
  predictionId!: string | null;

  @Column('jsonb')
  @Field(() => [CaseCheck], {
    description: 'Expected against reached, metric by metric; empty until the training is done.',
  })
  checks!: CaseCheck[];

  @Column({ type: 'boolean', nullable: true })
  @Field(() => Boolean, { nullable: true, description: 'Whether every check is met; null until it has ended.' })
  met!: boolean | null;

  @Column({ type: 'jsonb', nullable: true })
  @Field(() => CaseRunError, { nullable: true, description: 'Why it failed; null unless the state is FAILED.' })
  error!: CaseRunError | null;

  @Column({ name: 'created_at', type: 'timestamptz' })
  @Field(() => GraphQLISODateTime, { description: 'When it was started, UTC.' })
  createdAt!: Date;

  @Column({ name: 'finished_at', type: 'timestamptz', nullable: true })
  @Field(() => GraphQLISODateTime, { nullable: true, description: 'When it ended, UTC.' })
  finishedAt!: Date | null;
}

@ObjectType({ description: 'A case run has reached a stage.' })
export class CaseRunEvent {
  @Field(() => GraphQLSafeInt, { description: 'Counts the events from 1; pass the last one seen as `after`.' })
  sequence!: number;
  @Field(() => GraphQLISODateTime, { description: 'When it was stored, UTC.' })
  at!: Date;
  @Field(() => CaseRunStage, { description: 'The stage.' })
  stage!: CaseRunStage;
  @Field({ description: 'What happens now, in a sentence.' })
  message!: string;
  @Field(() => ID, { nullable: true, description: 'From TRAINING on: the run, for `runEvents`.' })
  runId!: string | null;
}

export function toCaseRunEvent({ sequence, at, payload }: StoredEvent): CaseRunEvent {
  return Object.assign(new CaseRunEvent(), { runId: null }, payload, { sequence, at });
}

export const CaseRunEventBatch = batchOf(CaseRunEvent, 'CaseRunEvent');

/** Is it the last event of its case run? */
export const endsCaseRun = ({ payload }: StoredEvent): boolean =>
  (payload as Pick<CaseRunEvent, 'stage'>).stage === CaseRunStage.FINISHED;

export const CaseRunConnection = connectionOf(CaseRun, 'CaseRun');
