import { GraphQLSafeInt } from 'graphql-scalars';
import { createUnionType, Field, Float, GraphQLISODateTime, ID, ObjectType, registerEnumType } from 'type-graphql';
import type { StoredEvent } from '../../db';
import { batchOf } from '../../kernel';
import { DatasetFinding } from './finding.type';
import type { IngestPhase } from '../ingest/ingest';
import { UploadState } from '../upload/upload.entity';

const IngestPhaseEnum: { [P in IngestPhase]: P } = {
  CHECKING: 'CHECKING',
  LOADING: 'LOADING',
  TYPING: 'TYPING',
  WRITING: 'WRITING',
  PROFILING: 'PROFILING',
};

registerEnumType(IngestPhaseEnum, {
  name: 'IngestPhase',
  description: 'What an ingestion is doing.',
  valuesConfig: {
    CHECKING: { description: 'Reads the whole file: encoding, rows, quotes.' },
    LOADING: { description: 'Loads the values.' },
    TYPING: { description: 'Decides the type of each column.' },
    WRITING: { description: 'Writes the typed table.' },
    PROFILING: { description: 'Profiles each column.' },
  },
});

@ObjectType({ description: 'An upload of the dataset changed its state.' })
export class DatasetStateChanged {
  @Field(() => ID, { description: 'The upload.' })
  uploadId!: string;

  @Field(() => UploadState, { description: 'The state it is in now.' })
  state!: UploadState;
}

@ObjectType({ description: 'How far the ingestion is. It starts again from 0 when another worker takes it up.' })
export class IngestProgress {
  @Field(() => IngestPhaseEnum, { description: 'What it is doing.' })
  phase!: IngestPhase;

  @Field(() => Float, { description: 'Share of the whole ingestion that is done, 0 to 1.' })
  fraction!: number;
}

/** Its `version` is resolved in dataset-event.resolver.ts. */
@ObjectType({ description: 'The content of an upload is ready as a version (an older one when it is unchanged).' })
export class DatasetVersionReady {
  versionId!: string;
}

/** Kinds of stored events and the types clients see. */
const CONTENT = {
  state: DatasetStateChanged,
  progress: IngestProgress,
  finding: DatasetFinding,
  version: DatasetVersionReady,
};
type Content = DatasetStateChanged | IngestProgress | DatasetFinding | DatasetVersionReady;

export const DatasetEventContent = createUnionType({
  name: 'DatasetEventContent',
  description: 'What happened to a dataset.',
  types: () => [DatasetStateChanged, IngestProgress, DatasetFinding, DatasetVersionReady] as const,
});

@ObjectType({ description: 'Something that happened to a dataset, numbered without gaps.' })
export class DatasetEvent {
  @Field(() => GraphQLSafeInt, {
    description: 'Counts the events of the dataset from 1; pass the last one seen as `after`.',
  })
  sequence!: number;

  @Field(() => GraphQLISODateTime, { description: 'When it was stored, UTC.' })
  at!: Date;

  @Field(() => DatasetEventContent, { description: 'What happened.' })
  event!: Content;
}

export const DatasetEventBatch = batchOf(DatasetEvent, 'DatasetEvent');

export function toDatasetEvent({ sequence, at, kind, payload }: StoredEvent): DatasetEvent {
  const event = Object.assign(new CONTENT[kind as keyof typeof CONTENT](), payload) as Content;
  return Object.assign(new DatasetEvent(), { sequence, at, event });
}
