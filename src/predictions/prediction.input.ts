import { GraphQLJSONObject } from 'graphql-scalars';
import { Field, InputType } from 'type-graphql';
import { REQUEST_ROWS_MAX } from '../kernel';
import { ExplainInput } from './explanations/explanation.input';
import { ENTITIES_MAX } from './rows/given-entities';
import type { Row } from './rows/row.cells';

@InputType({ description: 'An entity with its history, of which the last row is predicted.' })
export class EntityInput {
  @Field({
    description:
      'Names the entity, as the key column of the training does: recorded with the prediction, unknown to the model. Each entity of a request has another.',
  })
  key!: string;

  @Field(() => [GraphQLJSONObject], {
    description:
      'Its rows, at least one, in any order: the one that is last by the order column is predicted, of several at one time the one that is given last. Each is an object as in `rows`, of the inputs that `history` of the model card lists. Values that the model makes of earlier rows are missing where no earlier row is sent.',
  })
  rows!: Row[];
}

@InputType({
  description: 'Rows to predict, as `rows` or as `columns`; of a model that reads a history as `entities`.',
})
export class PredictInput {
  @Field({ description: 'Name or global id of a live deployment.' })
  deployment!: string;

  @Field(() => [GraphQLJSONObject], {
    nullable: true,
    description: `1 to ${REQUEST_ROWS_MAX} rows, each an object from input name to value; see the model's card for the inputs. A number input takes a JSON number, a category input text (or a number or boolean, as its text). A field that is null or left out counts as missing, as in training; an unknown field is refused. Of a ranking the column that \`rankedWithin\` of the card names may be sent as well: it tells which rows are ranked together.`,
  })
  rows?: Row[] | null;

  @Field(() => GraphQLJSONObject, {
    nullable: true,
    description: `Instead of \`rows\`, and lighter for many: an object from input name to the list of its values, one for each of 1 to ${REQUEST_ROWS_MAX} rows. A column that is left out is missing in every row.`,
  })
  columns?: Row | null;

  @Field(() => [EntityInput], {
    nullable: true,
    description: `For a model whose card has a \`history\`, which takes nothing else: 1 to ${ENTITIES_MAX} entities with at most ${REQUEST_ROWS_MAX} rows together, each answered by one prediction.`,
  })
  entities?: EntityInput[] | null;

  @Field(() => ExplainInput, {
    nullable: true,
    description:
      'Asks for `explanations` of the predictions: what each column adds to the answer. For models of the families whose `explains` is true (see `families`); VALIDATION_FAILED names them for others. PAYLOAD_TOO_LARGE where rows × trees × leaves × depth², or rows × classes × columns, is too much for one request, with how many rows it takes.',
  })
  explain?: ExplainInput | null;
}
