import { Field, Int, ObjectType } from 'type-graphql';
import type * as engine from '../../engine';

@ObjectType({ description: 'How many groups of test rows the scores of a ranking are means over.' })
export class RankedGroups implements engine.RankedGroups {
  @Field(() => Int, { description: 'Those whose rows are of different grades.' })
  scored!: number;

  @Field(() => Int, {
    description: 'Those of a single row or a single grade, in which no order is better than another.',
  })
  leftOut!: number;
}
