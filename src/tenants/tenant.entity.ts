import { Field, GraphQLISODateTime, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import { ApiKey, RoleName } from '../access';
import { Node, type Role, toGlobalId } from '../kernel';

export enum Plan {
  TRIAL = 'TRIAL',
  STANDARD = 'STANDARD',
  ENTERPRISE = 'ENTERPRISE',
}

registerEnumType(Plan, {
  name: 'Plan',
  description:
    'What a tenant has agreed to. A label: limits by plan, and QUOTA_EXCEEDED, are planned and not enforced yet.',
  valuesConfig: {
    TRIAL: { description: 'To try the platform.' },
    STANDARD: { description: 'For regular work.' },
    ENTERPRISE: { description: 'For agreed, larger work.' },
  },
});

@Entity('tenants')
@ObjectType('Tenant', { implements: Node, description: 'A customer of the platform; everything else belongs to one.' })
export class Tenant {
  @PrimaryColumn('uuid')
  id!: string;

  @Field({ description: 'Unique short name, in lower case.' })
  @Column('text')
  slug!: string;

  @Field({ description: 'Name for people.' })
  @Column('text')
  name!: string;

  @Field(() => Plan, { description: 'What the tenant has agreed to.' })
  @Column('text')
  plan!: Plan;

  @Column({ name: 'admin_email', type: 'text' })
  adminEmail!: string;

  @Field(() => GraphQLISODateTime, { description: 'When it was onboarded.' })
  @Column({ name: 'created_at', type: 'timestamptz' })
  createdAt!: Date;

  @Field(() => ID, { name: 'id', description: 'Global id.' })
  get globalId(): string {
    return toGlobalId('Tenant', this.id);
  }
}

@ObjectType({ description: 'What an operator sees of a tenant: names and counts, none of its data.' })
export class TenantSummary {
  @Field(() => ID, { description: 'Global id of the tenant.' })
  id!: string;
  @Field({ description: 'Unique short name, in lower case.' })
  slug!: string;
  @Field({ description: 'Name for people.' })
  name!: string;
  @Field(() => Plan, { description: 'What the tenant has agreed to.' })
  plan!: Plan;
  @Field(() => GraphQLISODateTime, { description: 'When it was onboarded.' })
  createdAt!: Date;
  @Field(() => Int, { description: 'How many of its keys work now.' })
  apiKeyCount!: number;
}

@ObjectType({ description: 'The caller.' })
export class Viewer {
  @Field(() => RoleName, { description: 'What the key of this request may do.' })
  role!: Role;
  @Field(() => Tenant, { nullable: true, description: 'The tenant of the key; null for an operator.' })
  tenant!: Tenant | null;
  @Field(() => ApiKey, { nullable: true, description: 'The key of this request; null for an operator.' })
  apiKey!: ApiKey | null;
}
