import { Field, Float, ObjectType, registerEnumType } from 'type-graphql';
import type { ExplanationMethod as EngineMethod, ScoreUnit } from '../../engine';
import { ExplanationMethod } from './explanation.input';

export const ContributionUnit = {
  TARGET: 'target',
  LOG_TARGET: 'logTarget',
  LOG_ODDS: 'logOdds',
  LOG_SCORE: 'logScore',
  PROBABILITY: 'probability',
} as const satisfies Record<string, ScoreUnit>;

registerEnumType(ContributionUnit, {
  name: 'ContributionUnit',
  description: 'What a score is, and what columns add to it.',
  valuesConfig: {
    TARGET: {
      description:
        'The predicted number, in the unit of the target; of times milliseconds, of times of day and durations seconds.',
    },
    LOG_TARGET: {
      description:
        'The natural logarithm of the predicted number: boosted trees with the loss poisson or tweedie. A contribution multiplies the number by its exponential.',
    },
    LOG_ODDS: {
      description: 'The natural logarithm of p / (1 − p), p being the probability of the class: boosted trees of two.',
    },
    LOG_SCORE: {
      description:
        'What softmax makes the probability of: of two classes of a row, the difference of the scores is the logarithm of the ratio of their probabilities. Boosted trees of three classes and more.',
    },
    PROBABILITY: { description: 'The probability of the class, 0 to 1: a forest or a single tree.' },
  },
});

@ObjectType({ simpleResolvers: true, description: 'What a column adds to the score of a row.' })
export class Contribution {
  @Field({ description: 'The column of the input; of a value that steps make of several columns, its name.' })
  column!: string;

  @Field(() => [String], {
    nullable: true,
    description: 'The columns of the input that steps make the value of; null for a column of the input.',
  })
  madeOf!: string[] | null;

  @Field(() => String, {
    nullable: true,
    description: 'What was sent, at most 200 characters; null where it is missing, or made by steps.',
  })
  value!: string | null;

  @Field(() => Float, { description: 'What it adds, in the unit of the explanation; negative where it takes away.' })
  contribution!: number;
}

@ObjectType({
  simpleResolvers: true,
  description: 'What the columns add to a score: `base` and all contributions together are the score.',
})
export class Explanation {
  @Field(() => String, { nullable: true, description: 'The target column, of several; null where there is one.' })
  target!: string | null;

  @Field(() => String, { nullable: true, description: 'The class whose score it is; null for numbers.' })
  label!: string | null;

  @Field(() => ContributionUnit, { description: 'What the score is.' })
  unit!: ScoreUnit;

  @Field(() => ExplanationMethod, { description: 'As it was asked for.' })
  method!: EngineMethod;

  @Field(() => Float, { description: 'The score where nothing is known of a row: the mean over rows of the training.' })
  base!: number;

  @Field(() => Float, { description: 'The score of the row, as the trees give it.' })
  score!: number;

  @Field(() => [Contribution], { description: 'One for each column, those that move the score most first.' })
  contributions!: Contribution[];
}
