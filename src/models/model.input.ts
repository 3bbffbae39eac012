import { Length } from 'class-validator';
import { Field, ID, InputType, ObjectType } from 'type-graphql';

@InputType({ description: 'The model version to delete.' })
export class DeleteModelVersionInput {
  @Field(() => ID, { description: 'Global id.' })
  @Length(1, 200)
  modelVersionId!: string;
}

@ObjectType({ description: 'What was deleted.' })
export class DeleteModelVersionPayload {
  @Field(() => ID, { description: 'Global id that the version had; it is NOT_FOUND from now on.' })
  id!: string;
}
