import { Field, GraphQLISODateTime, ObjectType, registerEnumType } from 'type-graphql';
import { Column, Entity } from 'typeorm';
import { TenantNode } from '../db';
import { connectionOf, Node } from '../kernel';
import type { DatasetFormat } from './ingest/files/file-kind';

export const DatasetFormatEnum: { [F in DatasetFormat]: F } = { CSV: 'CSV', PARQUET: 'PARQUET', JSONL: 'JSONL' };

registerEnumType(DatasetFormatEnum, {
  name: 'DatasetFormat',
  description: 'Format of the files of a dataset. CSV and JSONL may be packed with gzip.',
  valuesConfig: {
    CSV: { description: 'Text in UTF-8 with a header row; comma, semicolon, tab or bar between fields.' },
    PARQUET: { description: 'Apache Parquet with flat columns.' },
    JSONL: { description: 'One flat JSON object per line, UTF-8.' },
  },
});

@Entity('datasets')
@ObjectType({
  implements: Node,
  description: 'A named table of a tenant. Its content lives in immutable versions.',
})
export class Dataset extends TenantNode {
  @Column('text')
  @Field({ description: 'Name given by the tenant, 1 to 200 characters; need not be unique.' })
  name!: string;

  @Column('text')
  @Field(() => DatasetFormatEnum, { description: 'Format of its files.' })
  format!: DatasetFormat;

  @Column({ name: 'current_version_id', type: 'uuid', nullable: true })
  currentVersionId!: string | null;

  @Column({ name: 'created_at', type: 'timestamptz' })
  @Field(() => GraphQLISODateTime, { description: 'When it was created, UTC.' })
  createdAt!: Date;
}

export const DatasetConnection = connectionOf(Dataset, 'Dataset');
