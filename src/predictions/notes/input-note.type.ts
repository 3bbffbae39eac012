import { Field, Float, Int, ObjectType, registerEnumType } from 'type-graphql';

export enum InputNoteKind {
  MISSING = 'MISSING',
  UNSEEN = 'UNSEEN',
  RARE = 'RARE',
  OUTSIDE_RANGE = 'OUTSIDE_RANGE',
}

registerEnumType(InputNoteKind, {
  name: 'InputNoteKind',
  description: 'What is unusual about a value, against the rows that the model was trained on.',
  valuesConfig: {
    MISSING: { description: 'It is null, an empty text, or was not sent.' },
    UNSEEN: {
      description:
        'A text or an id that did not occur in training. Of ids, and of texts of model versions that know no `rareLevels`: or too rarely ' +
        'for the model to tell it apart.',
    },
    RARE: {
      description:
        'A text that occurred in training, in fewer rows than the `rareFraction` of the pipeline or not among its `levelsMax` most ' +
        'frequent ones, so that the model takes all of these for one. REFUSE does not refuse it.',
    },
    OUTSIDE_RANGE: { description: 'A number below the smallest or above the largest one in training.' },
  },
});

@ObjectType({
  simpleResolvers: true,
  description: 'Something about the input of a prediction that the model has not seen in training.',
})
export class InputNote {
  @Field(() => InputNoteKind, { description: 'What is unusual.' })
  kind!: InputNoteKind;

  @Field({ description: 'The input.' })
  column!: string;

  @Field({ description: 'The same in words, to be read after the name of the column; at most 300 characters.' })
  message!: string;

  @Field(() => String, {
    nullable: true,
    description: 'What was sent, at most 41 characters; null where it is missing.',
  })
  given!: string | null;

  @Field(() => Float, { nullable: true, description: 'Smallest value in training; null for text.' })
  minimum!: number | null;

  @Field(() => Float, { nullable: true, description: 'Largest value in training; null for text.' })
  maximum!: number | null;

  @Field(() => [String], {
    nullable: true,
    description: 'The first 20 texts that the model tells apart, at most 41 characters each; null for numbers.',
  })
  levels!: string[] | null;
}

@ObjectType({ simpleResolvers: true, description: 'The notes on one row.' })
export class RowNotes {
  @Field(() => Int, { description: 'Which row, counted from 0.' })
  row!: number;

  @Field(() => [InputNote], { description: 'At most 20: what is out of range, unseen or rare before what is missing.' })
  notes!: InputNote[];

  @Field(() => Int, { description: 'How many there are, those that are not listed included.' })
  noteCount!: number;
}
