import { Field, InputType, registerEnumType } from 'type-graphql';
import type { ExplanationMethod as EngineMethod } from '../../engine';

export const ExplanationMethod = {
  PATH_DEPENDENT: 'pathDependent',
  INTERVENTIONAL: 'interventional',
} as const satisfies Record<string, EngineMethod>;

registerEnumType(ExplanationMethod, {
  name: 'ExplanationMethod',
  description:
    'What a column is taken to hold while it counts as unknown. Either way the contributions of a row are Shapley values: exact, and together with the base the score.',
  valuesConfig: {
    PATH_DEPENDENT: {
      description:
        'What the training rows hold that came the same way through the tree. Columns that go together share what they add. The quicker one.',
    },
    INTERVENTIONAL: {
      description:
        'What 100 rows of the training hold, whatever the other columns say. A column that no tree splits by adds nothing.',
    },
  },
});

@InputType({ description: 'How the answers of `predict` are to be explained.' })
export class ExplainInput {
  @Field(() => ExplanationMethod, {
    defaultValue: ExplanationMethod.PATH_DEPENDENT,
    description: 'What a column is taken to hold while it counts as unknown.',
  })
  method?: EngineMethod;

  @Field(() => String, {
    nullable: true,
    description:
      'The class that every row is explained for, such as that of a refusal; one of the labels of the card, or of each target. Left out: the class that is answered. Not for numbers.',
  })
  label?: string | null;
}
