import { GraphQLSafeInt } from 'graphql-scalars';
import { Field, Float, Int, ObjectType, registerEnumType } from 'type-graphql';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Latency, ModelVariant as EngineVariant, Precision } from '../../engine';

export const PrecisionEnum = { FLOAT32: 'float32', FLOAT16: 'float16', INT8: 'int8' } as const satisfies Record<
  string,
  Precision
>;

registerEnumType(PrecisionEnum, {
  name: 'Precision',
  description: 'How the weights of a model file are stored.',
  valuesConfig: {
    FLOAT32: { description: 'As trained: 32-bit floating point.' },
    FLOAT16: { description: 'In half precision, computed in FLOAT32: about half the file.' },
    INT8: {
      description:
        'In 8-bit integers with a scale per output channel: about a quarter of the file. Large matrix products are computed in integers, each row scaled by itself; all else in FLOAT32.',
    },
  },
});

@ObjectType({ description: 'A score of a variant on the test part of its run.' })
export class VariantMetric {
  @Field({ description: 'As in `Evaluation.metrics`.' })
  name!: string;

  @Field(() => String, { nullable: true, description: 'The target column it is of; null for the model as a whole.' })
  target?: string;

  @Field(() => Float, { description: 'The score.' })
  value!: number;

  @Field(() => Float, { description: 'The score less that of FLOAT32.' })
  change!: number;
}

@ObjectType({
  description:
    'How far the answers on the test part are from those of FLOAT32: the probabilities, 0 to 1, or the number in the unit of the target.',
})
export class VariantDifference {
  @Field(() => Float, { description: 'The largest distance.' })
  largest!: number;

  @Field(() => Float, { description: 'The mean distance.' })
  mean!: number;
}

@ObjectType({
  description:
    'How long an answer takes: medians, measured after training, by one thread of the machine that trained; without network and queue.',
})
export class VariantLatency implements Latency {
  @Field(() => Float, { description: 'One row, in milliseconds.' })
  rowMs!: number;

  @Field(() => Int, { description: 'Rows of the batch.' })
  batchRows!: number;

  @Field(() => Float, { description: 'The batch, in milliseconds.' })
  batchMs!: number;
}

/** What was measured. */
export type VariantFigures = Pick<EngineVariant, 'metrics' | 'difference' | 'latency'>;

@Entity('model_variants')
@ObjectType({ description: 'The file of a model version in one precision. Never changes.' })
export class ModelVariant {
  @PrimaryColumn({ name: 'tenant_id', type: 'uuid' })
  tenantId!: string;

  @PrimaryColumn({ name: 'model_version_id', type: 'uuid' })
  modelVersionId!: string;

  @PrimaryColumn('text')
  @Field(() => PrecisionEnum, { description: 'How its weights are stored.' })
  precision!: Precision;

  @Column({ name: 'artifact_id', type: 'uuid' })
  artifactId!: string;

  @Column({ name: 'byte_count', type: 'bigint', transformer: { from: Number, to: String } })
  @Field(() => GraphQLSafeInt, { description: 'Size of the file, in bytes.' })
  byteCount!: number;

  @Column({ type: 'jsonb', nullable: true })
  figures!: VariantFigures | null;

  @Field(() => [VariantMetric], {
    nullable: true,
    description: 'Scores on the test part; null for versions that were made before this was measured.',
  })
  get metrics(): VariantMetric[] | null {
    return this.figures?.metrics ?? null;
  }

  @Field(() => VariantDifference, { nullable: true, description: 'From FLOAT32; null where it was not measured.' })
  get difference(): VariantDifference | null {
    return this.figures?.difference ?? null;
  }

  @Field(() => VariantLatency, { nullable: true, description: 'Null where it was not measured.' })
  get latency(): VariantLatency | null {
    return this.figures?.latency ?? null;
  }
}
