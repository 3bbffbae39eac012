import { GraphQLJSONObject } from 'graphql-scalars';
import { Field, InputType } from 'type-graphql';
import { REQUEST_ROWS_MAX } from '../kernel';
import type { Row } from './rows/row.cells';

@InputType({ description: 'Rows to predict, as `rows` or as `columns`.' })
export class PredictInput {
  @Field({ description: 'Name or global id of a live deployment.' })
  deployment!: string;

  @Field(() => [GraphQLJSONObject], {
    nullable: true,
    description: `1 to ${REQUEST_ROWS_MAX} rows, each an object from input name to value; see the model's card for the inputs. A number input takes a JSON number, a category input text (or a number or boolean, as its text). A field that is null or left out counts as missing and is filled as in training; an unknown field is refused.`,
  })
  rows?: Row[] | null;

  @Field(() => GraphQLJSONObject, {
    nullable: true,
    description: `Instead of \`rows\`, and lighter for many: an object from input name to the list of its values, one for each of 1 to ${REQUEST_ROWS_MAX} rows. A column that is left out is missing in every row.`,
  })
  columns?: Row | null;
}
