import { GraphQLSafeInt } from 'graphql-scalars';
import { Arg, Ctx, Field, GraphQLISODateTime, Int, ObjectType } from 'type-graphql';
import { Column, Entity } from 'typeorm';
import { TenantNode } from '../db';
import { connectionOf, Node, type GraphContext } from '../kernel';
import { ColumnProfile } from './types/column.type';
import { DatasetDownloadFormat, downloadName } from './types/dataset-download.type';
import { DatasetFinding } from './types/finding.type';

const AsFormat = () =>
  Arg('format', () => DatasetDownloadFormat, {
    defaultValue: DatasetDownloadFormat.PARQUET,
    description: 'Of the file. Default PARQUET.',
  });

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

  @Column({ name: 'reader_version', type: 'integer' })
  @Field(() => Int, {
    description:
      'Number of the reader that made it; a newer one may find other types or values in the same file (`reingest`). 0 in ' +
      'versions that were made before readers had numbers.',
  })
  readerVersion!: number;

  @Column({ name: 'upload_id', type: 'uuid', nullable: true })
  uploadId!: string | null;

  @Column({ name: 'artifact_id', type: 'uuid' })
  artifactId!: string;

  @Field({
    description:
      'Path on this server from which its table is downloaded, with the api key as for `/graphql`. It is the table as it was read, ' +
      'not the file that was sent. In Parquet, columns of versions without a `preview` are called c0, c1 and so on, in the order ' +
      'of `columns`; in others names that differ by case only get a number.',
  })
  downloadPath(@AsFormat() format: DatasetDownloadFormat): string {
    return `/datasets/${this.globalId}/${downloadName(format)}`;
  }

  @Field({
    description: 'The same as an absolute address, such as `curl -OJ -H "Authorization: Bearer KEY" URL` takes.',
  })
  downloadUrl(@AsFormat() format: DatasetDownloadFormat, @Ctx() context: GraphContext): string {
    return context.address + this.downloadPath(format);
  }

  @Column({ name: 'created_at', type: 'timestamptz' })
  @Field(() => GraphQLISODateTime, { description: 'When the ingestion finished, UTC.' })
  createdAt!: Date;
}

export const DatasetVersionConnection = connectionOf(DatasetVersion, 'DatasetVersion');
