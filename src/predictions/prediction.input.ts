import { ArrayNotEmpty, Length } from 'class-validator';
import { GraphQLJSONObject } from 'graphql-scalars';
import { Field, Float, ID, InputType, ObjectType } from 'type-graphql';
import { Deployment } from '../deployments';
import { ModelVersion } from '../models';
import { Score } from './prediction.entity';
import type { Row } from './row.cells';

export const ROWS_MAX = 10_000;

@InputType({ description: 'Rows to predict.' })
export class PredictInput {
  @Field({ description: 'Name or global id of a live deployment.' })
  @Length(1, 200)
  deployment!: string;

  @Field(() => [GraphQLJSONObject], {
    description: `1 to ${ROWS_MAX} rows, each an object from input name to value; see the model's card for the inputs. A number input takes a JSON number, a category input text (or a number or boolean, as its text). A field that is null or left out counts as missing and is filled as in training; an unknown field is refused.`,
  })
  @ArrayNotEmpty()
  rows!: Row[];
}

@ObjectType({ simpleResolvers: true, description: 'The answer for one row.' })
export class PredictedRow {
  @Field(() => ID, {
    nullable: true,
    description:
      'Global id of the recorded Prediction, readable at once; null when it is not recorded (the deployment records a share of predictions, and none while the server is overloaded).',
  })
  id!: string | null;

  @Field({ description: 'The predicted label; for regression the number, in decimal notation.' })
  value!: string;

  @Field(() => [Score], {
    nullable: true,
    description: 'Every label with its probability, in the order of the card; null for regression.',
  })
  scores!: Score[] | null;
}

@ObjectType({ simpleResolvers: true, description: 'Predictions in the order of the rows.' })
export class PredictPayload {
  @Field(() => [PredictedRow], { description: 'One for each row, in order.' })
  predictions!: PredictedRow[];

  @Field(() => ModelVersion, { description: 'The model version that answered.' })
  modelVersion!: ModelVersion;

  @Field(() => Deployment, { description: 'The deployment that answered.' })
  deployment!: Deployment;

  @Field(() => Float, { description: 'Time from the checked request to the answer, in milliseconds.' })
  latencyMs!: number;
}
