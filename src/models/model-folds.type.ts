import { Field, Float, Int, ObjectType, registerEnumType } from 'type-graphql';
import type { FoldsCard as EngineFoldsCard } from '../engine';

export const FoldsKeptEnum = { MEAN: 'mean', REFIT: 'refit' } as const satisfies Record<
  string,
  EngineFoldsCard['kept']
>;

registerEnumType(FoldsKeptEnum, {
  name: 'FoldsKept',
  description: 'What became of the models of folds.',
  valuesConfig: {
    MEAN: { description: 'Their mean, as one model.' },
    REFIT: { description: 'One model that was fitted to all rows outside the test part, for as long as they were.' },
  },
});

@ObjectType({
  description:
    'How a model came of folds: each fold judged a model that was fitted to the rows of the others. Both ways to one model were then judged by ' +
    'folds that took no part in either.',
})
export class ModelFolds implements EngineFoldsCard {
  @Field(() => Int, { description: 'How many, 2 or more.' })
  count!: number;

  @Field({ description: 'Of the scores; lower is better.' })
  metric!: string;

  @Field(() => FoldsKeptEnum, { description: 'Which way was gone with all rows outside the test part.' })
  kept!: EngineFoldsCard['kept'];

  @Field(() => Float, {
    nullable: true,
    description:
      'Score of the mean of models of folds. Null: the two were not compared, as `rowCost` is above 2 or folds are few.',
  })
  meanScore!: number | null;

  @Field(() => Float, { nullable: true, description: 'Score of one model of the same rows; null as `meanScore`.' })
  refitScore!: number | null;

  @Field(() => Float, {
    description:
      'What a single row costs the mean of the models of all folds, as a multiple of what it costs one, by the operations.',
  })
  rowCost!: number;
}
