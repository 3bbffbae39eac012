import { Field, Float, Int, ObjectType } from 'type-graphql';
import type { TreeOutline } from '../../engine';
import { ModelVersion } from '../model.entity';

/** At most, those of the most rows. */
export const RULES_MAX = 200;

@ObjectType({ simpleResolvers: true, description: 'A way through a tree, from its top to an answer.' })
export class TreeRule {
  @Field({ description: 'The rule as a sentence, at most some thousand characters.' })
  text!: string;

  @Field(() => [String], { description: 'What a row holds that goes this way, one condition for each column.' })
  conditions!: string[];

  @Field({ description: 'What is answered: the number, or the class with its probability.' })
  answer!: string;

  @Field(() => Int, { description: 'Rows of the training that went this way.' })
  rowCount!: number;

  @Field(() => Float, { description: 'Their share of all, 0 to 1.' })
  share!: number;
}

@ObjectType({ description: 'A single decision tree, to be read by people.' })
export class DecisionTree {
  constructor(
    readonly version: ModelVersion,
    readonly outline: TreeOutline,
  ) {}

  @Field(() => Int, { description: 'Answers that it can give.' })
  get leafCount(): number {
    return (this.outline.nodes.length + 1) / 2;
  }
}
