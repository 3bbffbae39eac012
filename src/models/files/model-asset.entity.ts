import { GraphQLSafeInt } from 'graphql-scalars';
import { Field, ObjectType } from 'type-graphql';
import { Column, Entity, PrimaryColumn } from 'typeorm';

export type AssetPurpose = 'SERVING' | 'EXPLANATION';

@Entity('model_assets')
@ObjectType({
  description:
    'A file that a model version needs beside its ONNX graph, such as a vocabulary; the same in every precision. Never changes.',
})
export class ModelAsset {
  @PrimaryColumn({ name: 'tenant_id', type: 'uuid' })
  tenantId!: string;

  @PrimaryColumn({ name: 'model_version_id', type: 'uuid' })
  modelVersionId!: string;

  /** Whether the model answers with it, or whether it explains its answers. */
  @PrimaryColumn('text')
  purpose!: AssetPurpose;

  @PrimaryColumn('text')
  @Field({
    description:
      'A relative path of at most 100 characters, such as `tokenizer/vocabulary.json`; its place below `assets/` in the download of the model.',
  })
  name!: string;

  @Column({ name: 'media_type', type: 'text' })
  @Field({ description: 'What the bytes are, such as `application/json`.' })
  mediaType!: string;

  @Column({ name: 'artifact_id', type: 'uuid' })
  artifactId!: string;

  @Column({ name: 'byte_count', type: 'bigint', transformer: { from: Number, to: String } })
  @Field(() => GraphQLSafeInt, {
    description: 'Size of the file, in bytes; all assets of a model have at most 512 MiB.',
  })
  byteCount!: number;

  @Column({ name: 'sha256', type: 'bytea' })
  hash!: Buffer;

  @Field({ description: 'SHA-256 of the bytes, hexadecimal. A model does not open with an asset that has another.' })
  get sha256(): string {
    return this.hash.toString('hex');
  }
}
