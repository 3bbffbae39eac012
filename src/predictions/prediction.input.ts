import { ArrayNotEmpty, Length } from 'class-validator';
import { GraphQLJSONObject } from 'graphql-scalars';
import { Field, InputType } from 'type-graphql';
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
