import { Field, GraphQLISODateTime, ID, ObjectType, registerEnumType } from 'type-graphql';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import { connectionOf, Node, type Role, toGlobalId } from '../../kernel';

/** The roles of the kernel as a GraphQL enum. */
export enum RoleName {
  OPERATOR = 'OPERATOR',
  OWNER = 'OWNER',
  ADMIN = 'ADMIN',
  DEVELOPER = 'DEVELOPER',
  PREDICTOR = 'PREDICTOR',
  VIEWER = 'VIEWER',
}

registerEnumType(RoleName, {
  name: 'Role',
  description: 'What an api key may do.',
  valuesConfig: {
    OPERATOR: { description: 'Of the platform: onboards tenants, sees no tenant data.' },
    OWNER: { description: 'Everything in its tenant, and keys of every role.' },
    ADMIN: { description: 'Everything in its tenant, and keys of every role but OWNER.' },
    DEVELOPER: { description: 'Data, pipelines, runs, deployments, predictions.' },
    PREDICTOR: {
      description:
        'Only `predict`, and `me`. Of what answered: the deployment, the model version and the labels of its card; what it ' +
        'was made of (run, data, pipeline, inputs) is FORBIDDEN.',
    },
    VIEWER: { description: 'Reads and subscribes, changes nothing.' },
  },
});

@Entity('api_keys')
@ObjectType('ApiKey', {
  implements: Node,
  description: 'A key of this tenant; for operators, a key of the platform. Its secret is shown once, on creation.',
})
export class ApiKey {
  @PrimaryColumn('uuid')
  id!: string;

  @Column({ name: 'tenant_id', type: 'uuid' })
  tenantId!: string;

  @Field({ description: 'What the key is for, in words of the person who made it.' })
  @Column('text')
  name!: string;

  @Field(() => RoleName, { description: 'What the key may do.' })
  @Column('text')
  role!: Role;

  @Field({ description: 'The 8 characters after `prx_`, to recognise the key by.' })
  @Column('text')
  prefix!: string;

  @Column({ name: 'secret_hash', type: 'bytea', select: false })
  secretHash!: Buffer;

  @Field(() => GraphQLISODateTime, { description: 'When it was made.' })
  @Column({ name: 'created_at', type: 'timestamptz' })
  createdAt!: Date;

  @Field(() => GraphQLISODateTime, { nullable: true, description: 'When it stops working; null for never.' })
  @Column({ name: 'expires_at', type: 'timestamptz', nullable: true })
  expiresAt!: Date | null;

  @Field(() => GraphQLISODateTime, { nullable: true, description: 'Last use, to the minute; null when never used.' })
  @Column({ name: 'last_used_at', type: 'timestamptz', nullable: true })
  lastUsedAt!: Date | null;

  @Field(() => GraphQLISODateTime, { nullable: true, description: 'When it was revoked; null while it works.' })
  @Column({ name: 'revoked_at', type: 'timestamptz', nullable: true })
  revokedAt!: Date | null;

  @Field(() => ID, { name: 'id', description: 'Global id.' })
  get globalId(): string {
    return toGlobalId('ApiKey', this.id);
  }
}

export const ApiKeyConnection = connectionOf(ApiKey, 'ApiKey');
