import { Field, GraphQLISODateTime, Int, ObjectType, registerEnumType } from 'type-graphql';
import { Column, Entity } from 'typeorm';
import { TenantNode } from '../db';
import { connectionOf, Node } from '../kernel';

export enum PretrainedModelState {
  WAITING = 'WAITING',
  READY = 'READY',
}

registerEnumType(PretrainedModelState, {
  name: 'PretrainedModelState',
  description: 'Where a pretrained model stands.',
  valuesConfig: {
    WAITING: { description: 'No file that could be read has come in yet; PUT one to the address.' },
    READY: { description: 'Its network can be trained on and served. It never changes.' },
  },
});

@ObjectType({ description: 'One layer of a pretrained model.' })
export class PretrainedLayer {
  @Field({
    description: 'Its name in the model; layers of a model inside it have that name and a slash before theirs.',
  })
  name!: string;

  @Field({ description: 'Kind of layer, as in the `layers` of the family network.' })
  type!: string;

  @Field(() => Int, { description: 'Number of its weights.' })
  parameterCount!: number;
}

/** What was read of the file. */
export interface PretrainedCard {
  inputShape: (number | null)[];
  layers: PretrainedLayer[];
  /** Left out in cards of earlier versions. */
  warnings?: string[];
}

@Entity('pretrained_models')
@ObjectType({
  implements: Node,
  description: 'A network that was trained elsewhere and uploaded, for the family pretrained to serve or to train on.',
})
export class PretrainedModel extends TenantNode {
  @Column('text')
  @Field({ description: 'Name given by the tenant, 1 to 200 characters; need not be unique.' })
  name!: string;

  @Column({ name: 'token_hash', type: 'bytea' })
  tokenHash!: Buffer;

  @Column({ name: 'expires_at', type: 'timestamptz' })
  expiresAt!: Date;

  @Column({ name: 'artifact_id', type: 'uuid', nullable: true })
  artifactId!: string | null;

  @Column({ type: 'jsonb', nullable: true })
  card!: PretrainedCard | null;

  @Column({ name: 'created_at', type: 'timestamptz' })
  @Field(() => GraphQLISODateTime, { description: 'When it was created, UTC.' })
  createdAt!: Date;

  @Field(() => PretrainedModelState, { description: 'Where it stands.' })
  get state(): PretrainedModelState {
    return this.card ? PretrainedModelState.READY : PretrainedModelState.WAITING;
  }

  @Field(() => [Int], {
    nullable: 'itemsAndList',
    description: 'Shape of one row without the batch, channels last; null in it: any length. Null until READY.',
  })
  get inputShape(): (number | null)[] | null {
    return this.card?.inputShape ?? null;
  }

  @Field(() => [PretrainedLayer], { description: 'From the input to the output; empty until READY.' })
  get layers(): PretrainedLayer[] {
    return this.card?.layers ?? [];
  }

  @Field(() => [String], {
    description:
      'What was read otherwise than the file says by itself, such as weights whose names are not those of the layers; empty ' +
      'when all was plain, and until READY.',
  })
  get warnings(): string[] {
    return this.card?.warnings ?? [];
  }

  @Field(() => Int, { description: 'Number of all weights; 0 until READY.' })
  get parameterCount(): number {
    return this.layers.reduce((sum, { parameterCount }) => sum + parameterCount, 0);
  }
}

export const PretrainedModelConnection = connectionOf(PretrainedModel, 'PretrainedModel');
