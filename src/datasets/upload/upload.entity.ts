import { Field, GraphQLISODateTime, ID, ObjectType, registerEnumType } from 'type-graphql';
import { GraphQLSafeInt } from 'graphql-scalars';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Continuation } from '../../db';
import { connectionOf } from '../../kernel';
import { ColumnTypeEnum } from '../types/column.type';
import { DatasetFinding } from '../types/finding.type';
import type { ColumnType } from '../ingest/columns/infer';
import type { StatedColumn } from '../ingest/columns/stated';

export enum UploadState {
  WAITING = 'WAITING',
  RECEIVING = 'RECEIVING',
  INGESTING = 'INGESTING',
  READY = 'READY',
  REFUSED = 'REFUSED',
}

registerEnumType(UploadState, {
  name: 'UploadState',
  description: 'Where an upload stands. READY and REFUSED are final.',
  valuesConfig: {
    WAITING: { description: 'No bytes yet, or the last attempt was interrupted; PUT the file to the address.' },
    RECEIVING: { description: 'Bytes are coming in.' },
    INGESTING: { description: 'The file is checked, typed and profiled.' },
    READY: { description: 'Its content is a version of the dataset.' },
    REFUSED: { description: 'The file cannot become a version; the findings say why.' },
  },
});

@ObjectType({ description: 'What was said of a column of a file.' })
export class UploadColumn implements StatedColumn {
  @Field({ description: 'Its name.' })
  name!: string;

  @Field(() => ColumnTypeEnum, { description: 'The type that it is read as.' })
  type!: ColumnType;

  @Field(() => String, { nullable: true, description: 'How its cells are written; null where that is recognised.' })
  format?: string | null;
}

@Entity('uploads')
@ObjectType({ description: 'One file sent, or to be sent, into a dataset; or the file of another upload, read again.' })
export class Upload {
  @PrimaryColumn({ name: 'tenant_id', type: 'uuid' })
  tenantId!: string;

  @PrimaryColumn('uuid')
  @Field(() => ID, { description: 'Id of the upload, as in its address.' })
  id!: string;

  @Column({ name: 'dataset_id', type: 'uuid' })
  datasetId!: string;

  @Column({ name: 'token_hash', type: 'bytea' })
  tokenHash!: Buffer;

  @Column('text')
  @Field(() => UploadState, { description: 'Where it stands.' })
  state!: UploadState;

  @Column({ name: 'expires_at', type: 'timestamptz' })
  @Field(() => GraphQLISODateTime, { description: 'Until when the address takes a file, UTC.' })
  expiresAt!: Date;

  @Column({ name: 'artifact_id', type: 'uuid', nullable: true })
  artifactId!: string | null;

  @Column({ name: 'byte_count', type: 'bigint', nullable: true })
  @Field(() => GraphQLSafeInt, {
    nullable: true,
    description:
      'Bytes of the file as it was sent. Null before it is in, where a file is read again, and in uploads of earlier releases.',
  })
  byteCount!: number | null;

  @Column({ name: 'kept_until', type: 'timestamptz', nullable: true })
  @Field(() => GraphQLISODateTime, {
    nullable: true,
    description:
      'Until when its file can be read again (`reingest`), UTC; a time that has passed: since when it is no longer kept. Null ' +
      'before it is in, where a file is read again (see `source`), and in uploads of earlier releases, whose files went once they were read.',
  })
  keptUntil!: Date | null;

  @Column('jsonb')
  @Field(() => [UploadColumn], {
    description: 'What was said of its columns; empty where all was left to be recognised.',
  })
  columns!: UploadColumn[];

  @Column({ name: 'source_id', type: 'uuid', nullable: true })
  sourceId!: string | null;

  @Column({ name: 'version_id', type: 'uuid', nullable: true })
  versionId!: string | null;

  @Column('jsonb')
  @Field(() => [DatasetFinding], { description: 'What was noticed; empty until READY or REFUSED.' })
  findings!: DatasetFinding[];

  /** Enqueued in the transaction that ends the ingestion. */
  @Column({ type: 'jsonb', nullable: true })
  continuation!: Continuation | null;

  @Column({ name: 'created_at', type: 'timestamptz' })
  @Field(() => GraphQLISODateTime, { description: 'When the address was made, UTC.' })
  createdAt!: Date;
}

export const UploadConnection = connectionOf(Upload, 'Upload');
