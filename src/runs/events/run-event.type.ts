import { GraphQLSafeInt } from 'graphql-scalars';
import { createUnionType, Field, Float, GraphQLISODateTime, Int, ObjectType, registerEnumType } from 'type-graphql';
import type { StoredEvent } from '../../db';
import { FindingCodeEnum, type DatasetFinding } from '../../datasets';
import type { Split } from '../../engine';
import { batchOf } from '../../kernel';
import { isFinal, RunState } from '../run-state';

export const SplitEnum = { TRAIN: 'train', VALIDATION: 'validation', TEST: 'test' } as const satisfies Record<
  string,
  Split
>;
const LogLevelEnum = { INFO: 'info', WARN: 'warn' } as const;

registerEnumType(SplitEnum, {
  name: 'SplitPart',
  description: 'A part of the rows.',
  valuesConfig: {
    TRAIN: { description: 'Rows the model is fitted on.' },
    VALIDATION: { description: 'Rows that choose candidate and epoch.' },
    TEST: { description: 'Rows held out for the evaluation.' },
  },
});

registerEnumType(LogLevelEnum, {
  name: 'LogLevel',
  description: 'Weight of a log line.',
  valuesConfig: {
    INFO: { description: 'Good to know.' },
    WARN: { description: 'Something to look at.' },
  },
});

@ObjectType({ description: 'One value of one metric.' })
export class MetricPoint {
  @Field(() => Int, {
    description:
      'Steps done so far by this candidate: of the optimizer, or of whatever its learner does one after another.',
  })
  step!: number;

  @Field(() => Int, {
    description: 'Passes over the train part done so far by this candidate; 0 of one whose learner makes none.',
  })
  epoch!: number;

  @Field(() => SplitEnum, { description: 'The rows it was measured on.' })
  split!: Split;

  @Field({ description: 'Name of the metric, such as loss, accuracy or rmse.' })
  name!: string;

  @Field(() => Float, { nullable: true, description: 'The value; null when it is not finite.' })
  value!: number | null;

  @Field({ description: 'The candidate it belongs to.' })
  candidate!: string;
}

@ObjectType({ description: 'The run changed its state.' })
export class RunStateChanged {
  @Field(() => RunState, { description: 'The state it is in now.' })
  state!: RunState;
}

@ObjectType({ description: 'A sentence about what happens.' })
export class LogLine {
  @Field(() => LogLevelEnum, { description: 'Its weight.' })
  level!: 'info' | 'warn';

  @Field({ description: 'The sentence.' })
  message!: string;

  @Field(() => FindingCodeEnum, {
    nullable: true,
    description: 'Code of the finding in the data that the sentence repeats from `Run.findings`; null for other lines.',
  })
  finding?: DatasetFinding['code'] | null;
}

@ObjectType({ description: 'A client asked something of the run. Its worker follows within a second or so.' })
export class RunControlRequested {
  @Field(() => Boolean, {
    nullable: true,
    description: 'To pause, or no longer to pause; null when neither was asked.',
  })
  pause!: boolean | null;

  @Field(() => Float, {
    nullable: true,
    description: 'To learn at this rate, before the schedule scales it; null when none was asked for.',
  })
  learningRate!: number | null;
}

@ObjectType({ description: 'How far the run is.' })
export class RunProgress {
  @Field(() => Float, { description: 'Share of the planned work that is done, 0 to 1.' })
  fraction!: number;
}

/** Kinds of stored events and the types clients see. */
const CONTENT = {
  state: RunStateChanged,
  metric: MetricPoint,
  log: LogLine,
  progress: RunProgress,
  control: RunControlRequested,
};
export type RunEventKind = keyof typeof CONTENT;

export const RunEventContent = createUnionType({
  name: 'RunEventContent',
  description: 'What happened in a run.',
  types: () => [MetricPoint, RunStateChanged, LogLine, RunProgress, RunControlRequested] as const,
});

@ObjectType({ description: 'Something that happened in a run, numbered without gaps.' })
export class RunEvent {
  @Field(() => GraphQLSafeInt, {
    description: 'Counts the events of the run from 1; pass the last one seen as `after`.',
  })
  sequence!: number;

  @Field(() => GraphQLISODateTime, { description: 'When it was stored, UTC.' })
  at!: Date;

  @Field(() => RunEventContent, { description: 'What happened.' })
  event!: InstanceType<(typeof CONTENT)[RunEventKind]>;
}

export function toRunEvent({ sequence, at, kind, payload }: StoredEvent): RunEvent {
  const content = Object.assign(new CONTENT[kind as RunEventKind](), payload);
  return Object.assign(new RunEvent(), { sequence, at, event: content });
}

export const RunEventBatch = batchOf(RunEvent, 'RunEvent');

/** Is it the last event of its run? */
export const endsRun = ({ kind, payload }: StoredEvent): boolean =>
  kind === 'state' && isFinal((payload as RunStateChanged).state);

/** Does it tell the worker that the row of the run says something else to do? */
export const asksWorker = ({ kind }: StoredEvent): boolean => kind === ('control' satisfies RunEventKind);
