import { Field, Float, GraphQLISODateTime, Int, ObjectType } from 'type-graphql';
import { Column, Entity } from 'typeorm';
import { TenantNode } from '../db';
import { connectionOf, Node } from '../kernel';
import { Evaluation } from './results/evaluation.type';
import { LeaderboardEntry, RunError, RunExecutor, SplitCounts, StepRows } from './results/run-result.type';
import { RunState } from './run-state';
import { readEvaluation } from './results/stored-evaluation';

@Entity('runs')
@ObjectType({ implements: Node, description: 'One training of a pipeline version on a dataset version.' })
export class Run extends TenantNode {
  @Column({ name: 'pipeline_version_id', type: 'uuid' })
  pipelineVersionId!: string;

  @Column({ name: 'dataset_version_id', type: 'uuid' })
  datasetVersionId!: string;

  @Column({ name: 'pretrained_model_id', type: 'uuid', nullable: true })
  pretrainedModelId!: string | null;

  /** Empty when it has none. */
  @Column({ name: 'name', type: 'text' })
  label!: string;

  @Field(() => String, { nullable: true, description: 'Name given by the client; null when it has none.' })
  get name(): string | null {
    return this.label || null;
  }

  @Column('text', { array: true })
  @Field(() => [String], { description: 'Tags given by the client, in order.' })
  tags!: string[];

  @Column('text')
  @Field(() => RunState, { description: 'Where the run stands.' })
  state!: RunState;

  @Column('integer')
  @Field(() => Int, {
    description: 'Seed of split, weights, shuffles and dropout: the same seed gives the same model.',
  })
  seed!: number;

  @Column('real')
  @Field(() => Float, { description: 'Share of the planned work that is done, 0 to 1.' })
  progress!: number;

  @Column({ name: 'cancel_requested', type: 'boolean' })
  cancelRequested!: boolean;

  /** Counts the claims by workers; every write of a worker is guarded by it, so a lost worker can change nothing. */
  @Column('integer')
  @Field(() => Int, {
    description:
      'How often a worker has started it; more than 1 when a worker stopped before the end, or the run was paused.',
  })
  attempt!: number;

  @Column({ name: 'pause_requested', type: 'boolean' })
  @Field({ description: 'Whether it is asked to pause and has not done so yet.' })
  pauseRequested!: boolean;

  @Column({ name: 'learning_rate', type: 'double precision', nullable: true })
  @Field(() => Float, { nullable: true, description: 'The learning rate set by `updateRun`; null when none was.' })
  learningRate!: number | null;

  @Column({ name: 'last_ordinal', type: 'bigint', transformer: { from: Number, to: String } })
  lastOrdinal!: number;

  @Column({ name: 'checkpoint_key', type: 'text', nullable: true })
  checkpointKey!: string | null;

  @Column({ type: 'jsonb', nullable: true })
  @Field(() => RunError, { nullable: true, description: 'Why it failed; null unless the state is FAILED.' })
  error!: RunError | null;

  @Column({ type: 'jsonb', nullable: true, transformer: { from: readEvaluation, to: (value: unknown) => value } })
  @Field(() => Evaluation, { nullable: true, description: 'Scores on the test part; null until SUCCEEDED.' })
  evaluation!: Evaluation | null;

  @Column({ type: 'jsonb', nullable: true })
  @Field(() => [LeaderboardEntry], {
    nullable: true,
    description: 'The candidates by their score on the validation part, best first; null until SUCCEEDED.',
  })
  leaderboard!: LeaderboardEntry[] | null;

  @Column({ name: 'split_counts', type: 'jsonb', nullable: true })
  @Field(() => SplitCounts, { nullable: true, description: 'Rows in each part; null until SUCCEEDED.' })
  splitCounts!: SplitCounts | null;

  @Column({ name: 'step_rows', type: 'jsonb', nullable: true })
  @Field(() => [StepRows], {
    nullable: true,
    description:
      'Rows before and after each step that takes rows out, in the order in which they ran; null until SUCCEEDED, and for runs ' +
      'before this was kept.',
  })
  stepRows!: StepRows[] | null;

  @Column({ type: 'jsonb', nullable: true })
  @Field(() => RunExecutor, {
    nullable: true,
    description: 'What the best candidate was trained on; null until SUCCEEDED, and for runs before this was recorded.',
  })
  executor!: RunExecutor | null;

  @Column({ name: 'created_at', type: 'timestamptz' })
  @Field(() => GraphQLISODateTime, { description: 'When it was started by the client, UTC.' })
  createdAt!: Date;

  @Column({ name: 'started_at', type: 'timestamptz', nullable: true })
  @Field(() => GraphQLISODateTime, { nullable: true, description: 'When a worker first took it up, UTC.' })
  startedAt!: Date | null;

  @Column({ name: 'finished_at', type: 'timestamptz', nullable: true })
  @Field(() => GraphQLISODateTime, { nullable: true, description: 'When it reached a final state, UTC.' })
  finishedAt!: Date | null;
}

export const RunConnection = connectionOf(Run, 'Run');
