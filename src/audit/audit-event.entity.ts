import { GraphQLJSONObject } from 'graphql-scalars';
import { Field, GraphQLISODateTime, ID, ObjectType } from 'type-graphql';

/** A row of audit_events as the list reads it. Written by `tx.audit`, in the transaction of the change it tells of. */
@ObjectType({ description: 'One act that changed something: who, what, when. Never changed or deleted.' })
export class AuditEvent {
  @Field(() => ID, { description: 'Number of the event; a later event has a higher one.' })
  id!: string;
  @Field(() => GraphQLISODateTime, { description: 'When it happened.' })
  at!: Date;
  @Field({ description: 'What was done, e.g. `apiKey.create`.' })
  action!: string;
  @Field(() => ID, { nullable: true, description: 'Global id of what it was done to; null when there is none.' })
  subjectId!: string | null;
  @Field(() => ID, { nullable: true, description: 'Global id of the key that did it; null for work of the platform.' })
  apiKeyId!: string | null;
  @Field({ description: 'Request id that the act came with, as in the `x-request-id` header.' })
  requestId!: string;
  @Field(() => GraphQLJSONObject, { description: 'What else is worth knowing; its fields depend on the action.' })
  detail!: Record<string, unknown>;
}
