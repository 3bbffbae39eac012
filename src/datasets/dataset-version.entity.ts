import { GraphQLSafeInt } from 'graphql-scalars';
import { Field, GraphQLISODateTime, Int, ObjectType } from 'type-graphql';
import { Column, Entity } from 'typeorm';
import { TenantNode } from '../db';
import { connectionOf, Node } from '../kernel';
import { ColumnProfile } from './column.type';
import { DatasetFinding } from './finding.type';

@Entity('dataset_versions')
@ObjectType({
  implements: Node,
  description: 'The content of a dataset at one moment, typed and profiled; never changes.',
})
export class DatasetVersion extends TenantNode {
  @Column({ name: 'dataset_id', type: 'uuid' })
  datasetId!: string;

  @Column('integer')
  @Field(() => Int, { description: 'Counts the versions of this dataset from 1.' })
  version!: number;

  @Column({ name: 'parent_id', type: 'uuid', nullable: true })
  parentId!: string | null;

  @Column({ name: 'content_hash', type: 'bytea' })
  contentHash!: Buffer;

  @Field(() => String, {
    name: 'contentHash',
    description: 'SHA-256 over names, types and values in order, hexadecimal: equal for equal content in any format.',
  })
  get contentHashHex(): string {
    return this.contentHash.toString('hex');
  }

  @Column({ name: 'row_count', type: 'bigint' })
  @Field(() => GraphQLSafeInt, { description: 'Rows of data.' })
  rowCount!: number;

  @Column({ name: 'byte_count', type: 'bigint' })
  @Field(() => GraphQLSafeInt, { description: 'Bytes of the stored Parquet file.' })
  byteCount!: number;

  @Column('jsonb')
  @Field(() => [ColumnProfile], { description: 'The columns in the order of the file, with their profiles.' })
  columns!: ColumnProfile[];

  @Column('jsonb')
  @Field(() => [DatasetFinding], { description: 'What was noticed about its quality.' })
  findings!: DatasetFinding[];

  @Column({ name: 'artifact_id', type: 'uuid' })
  artifactId!: string;

  @Column({ name: 'created_at', type: 'timestamptz' })
  @Field(() => GraphQLISODateTime, { description: 'When the ingestion finished, UTC.' })
  createdAt!: Date;
}

export const DatasetVersionConnection = connectionOf(DatasetVersion, 'DatasetVersion');
