import { Field, Float, Int, ObjectType } from 'type-graphql';
import type { ClassesEvaluation } from '../../engine';

@ObjectType({
  description:
    'Probabilities beside what happens, in up to 10 groups of about equally many test rows, at least 20, the least probable first; the lists ' +
    'run in parallel. Of two classes the probability of the positive one; of more that of the likeliest, which comes true where it is right.',
})
export class CalibrationCurve implements NonNullable<ClassesEvaluation['calibrationCurve']> {
  @Field(() => [Float], { description: 'Mean probability of the group, 0 to 1.' })
  predicted!: number[];

  @Field(() => [Float], { description: 'Share of its rows where it comes true, 0 to 1.' })
  observed!: number[];

  @Field(() => [Float], { description: 'Lower bounds of the 95 % intervals of `observed`, by Wilson.' })
  lower!: number[];

  @Field(() => [Float], { description: 'Upper bounds.' })
  upper!: number[];

  @Field(() => [Int], { description: 'Rows of the group.' })
  rowCounts!: number[];

  @Field(() => Float, {
    description: 'Expected calibration error: mean distance of `predicted` and `observed` over the rows, 0 at best.',
  })
  expectedError!: number;
}
