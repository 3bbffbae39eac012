import { Field, Float, ID, Int, ObjectType } from 'type-graphql';
import { Deployment } from '../../deployments';
import type { OutputBatch } from '../../engine';
import { toGlobalId } from '../../kernel';
import { ModelVersion, type ModelCard } from '../../models';
import { answerRows, type AnswerRows } from './answer.rows';
import type { ExplanationPlan } from '../explanations/explanation.plan';
import { Explanation } from '../explanations/explanation.type';
import { RowExplanations } from '../explanations/row.explanations';
import type { GivenRows } from '../rows/given-rows';
import { InputNote, RowNotes } from '../notes/input-note.type';
import { NOTES_MAX, NOTES_PER_ROW_MAX, rowNotes, type Notes } from '../notes/input.notes';
import { OutputReader } from './output.reader';
import { ranksOf } from './ranks';
import {
  Score,
  SCORES_DESCRIPTION,
  TargetPrediction,
  TARGETS_DESCRIPTION,
  VALUE_DESCRIPTION,
} from '../prediction.entity';

const RANK_DESCRIPTION =
  'RANKING: the place of the row among those of its group in the request, from 1 for the highest score; rows of one score share ' +
  'the better place. The group is the column that `rankedWithin` of the card names, sent beside the inputs; null where it is not sent.';

const NOTES_BOUNDS =
  `At most ${NOTES_PER_ROW_MAX} for a row and ${NOTES_MAX} for all rows of the request; none when the deployment has the ` +
  'policy ANSWER.';

// Throughout: plain properties (simpleResolvers), made only when they are asked for. What a request leaves out, and what
// it asks for a thousand times, must cost accordingly.

/** What one row is read from. */
interface RowsOfAnswer {
  idAt(row: number): string | null;
  anomalousAt(row: number): boolean | null;
  rankAt(row: number): number | null;
  notesAt(row: number): InputNote[];
  noteCountAt(row: number): number;
  explanationsAt(row: number): Explanation[] | null;
  readonly reader: OutputReader;
}

@ObjectType({ simpleResolvers: true, description: 'The answer for one row.' })
export class PredictedRow {
  constructor(
    private readonly answer: RowsOfAnswer,
    private readonly row: number,
  ) {}

  @Field(() => ID, {
    nullable: true,
    description:
      'Global id of the recorded Prediction, readable at once; null when it is not recorded (the deployment records a share of predictions, none while the server is overloaded, and none of a request whose answers take over 32 MiB).',
  })
  get id(): string | null {
    return this.answer.idAt(this.row);
  }

  @Field(() => String, { description: VALUE_DESCRIPTION })
  get value(): string {
    return this.answer.reader.valueAt(this.row);
  }

  @Field(() => [Score], { nullable: true, description: SCORES_DESCRIPTION })
  get scores(): Score[] | null {
    return this.answer.reader.scoresAt(this.row);
  }

  @Field(() => [TargetPrediction], { nullable: true, description: TARGETS_DESCRIPTION })
  get targets(): TargetPrediction[] | null {
    return this.answer.reader.targetsAt(this.row);
  }

  @Field(() => Boolean, {
    nullable: true,
    description: 'Whether the error is above the threshold of the card; null for other tasks than anomaly.',
  })
  get anomalous(): boolean | null {
    return this.answer.anomalousAt(this.row);
  }

  @Field(() => Int, { nullable: true, description: RANK_DESCRIPTION })
  get rank(): number | null {
    return this.answer.rankAt(this.row);
  }

  @Field(() => [InputNote], { description: `What is unusual about the row. ${NOTES_BOUNDS}` })
  get notes(): InputNote[] {
    return this.answer.notesAt(this.row);
  }

  @Field(() => Int, { description: 'How many notes there are, those that are not listed included.' })
  get noteCount(): number {
    return this.answer.noteCountAt(this.row);
  }

  @Field(() => [Explanation], {
    nullable: true,
    description:
      'What each column adds to the answer: one explanation, of several targets one for each, in the order of the card. Null where the request has no `explain`. Not recorded.',
  })
  get explanations(): Explanation[] | null {
    return this.answer.explanationsAt(this.row);
  }
}

@ObjectType({
  simpleResolvers: true,
  description:
    'Predictions in the order of the rows, or of the entities: as `predictions`, or column by column as `ids`, `values`, `targetValues`, `probabilities`, `anomalous` and `notes`, which is lighter for many rows.',
})
export class PredictPayload {
  /** Uuids of the rows that are recorded; null for the others. */
  recordedIds: (string | null)[] = [];

  @Field(() => Float, { description: 'Time from the checked request to the answer, in milliseconds.' })
  latencyMs = 0;

  readonly reader: OutputReader;
  private readonly answer: AnswerRows;
  private taken: Notes | null | undefined;
  private explained: RowExplanations | null = null;
  private groups: readonly unknown[] | null = null;
  private ranked: (number | null)[] | undefined;

  /** `takeNotes` is called once, should somebody ask for notes; null where there are to be none. */
  constructor(
    deployment: Deployment,
    modelVersion: ModelVersion,
    output: OutputBatch,
    private readonly takeNotes: (() => Notes) | null = null,
  ) {
    this.deployment = deployment;
    this.modelVersion = modelVersion;
    this.answer = answerRows(output);
    this.reader = new OutputReader(modelVersion.card, this.answer);
  }

  @Field(() => ModelVersion, { description: 'The model version that answered.' })
  readonly modelVersion: ModelVersion;

  @Field(() => Deployment, { description: 'The deployment that answered.' })
  readonly deployment: Deployment;

  @Field(() => [PredictedRow], { description: 'One for each row or entity, in order.' })
  get predictions(): PredictedRow[] {
    return this.rows((row) => new PredictedRow(this, row));
  }

  @Field(() => [ID], {
    nullable: 'items',
    description: 'Global ids of the recorded predictions; null where a row is not recorded.',
  })
  get ids(): (string | null)[] {
    return this.rows((row) => this.idAt(row));
  }

  @Field(() => [String], { description: 'The value of each row, as in `predictions`.' })
  get values(): string[] {
    return this.reader.values();
  }

  @Field(() => [[String]], {
    nullable: true,
    description: 'For each row the values of the targets, in the order of the card; null for a single target.',
  })
  get targetValues(): string[][] | null {
    return this.card.targets ? this.rows((row) => this.reader.targetValuesAt(row)) : null;
  }

  @Field(() => [[Float]], {
    nullable: true,
    description:
      'For each row the probabilities of the labels, in the order of the card; of a sequence those of its first step, then ' +
      'those of the second. Null for numbers.',
  })
  get probabilities(): Float32Array[] | null {
    return this.answer.probabilities && this.rows((row) => this.probabilitiesAt(row)!);
  }

  @Field(() => [Boolean], {
    nullable: true,
    description:
      'For each row whether its error is above the threshold of the card; null for other tasks than anomaly.',
  })
  get anomalous(): boolean[] | null {
    return this.card.threshold === undefined ? null : this.rows((row) => this.anomalousAt(row)!);
  }

  @Field(() => [Int], {
    nullable: 'itemsAndList',
    description: 'For each row its rank, as in `predictions`; null for other tasks than ranking.',
  })
  get ranks(): (number | null)[] | null {
    return this.groups && this.rows((row) => this.rankAt(row));
  }

  @Field(() => [RowNotes], { description: `What is unusual about the rows that were sent, by row. ${NOTES_BOUNDS}` })
  get notes(): RowNotes[] {
    return this.allNotes ? rowNotes(this.allNotes) : [];
  }

  @Field(() => Int, { description: 'How many notes there are on all rows, those that are not listed included.' })
  get noteCount(): number {
    return this.allNotes?.count ?? 0;
  }

  idAt(row: number): string | null {
    const id = this.recordedIds[row];
    return id && toGlobalId('Prediction', id);
  }

  notesAt(row: number): InputNote[] {
    return this.allNotes?.byRow.get(row) ?? [];
  }

  noteCountAt(row: number): number {
    return this.allNotes?.counts[row] ?? 0;
  }

  /** Takes what parts of the input add to the scores of the rows. */
  explain(plan: ExplanationPlan, output: OutputBatch, input: GivenRows): void {
    this.explained = new RowExplanations(plan, { card: this.card, reader: this.reader }, output, input);
  }

  /** Takes the group of each row of a ranking, as it was sent; none: no rank is told. */
  rankWithin(groups: readonly unknown[]): void {
    this.groups = groups;
  }

  explanationsAt(row: number): Explanation[] | null {
    return this.explained?.at(row) ?? null;
  }

  private get allNotes(): Notes | null {
    if (this.taken === undefined) this.taken = this.takeNotes?.() ?? null;
    return this.taken;
  }

  /** The probabilities of some rows, or of all; null for numbers. */
  probabilityBytes(rows?: number[]): Buffer | null {
    const { probabilities } = this.answer;
    if (!probabilities) return null;
    return rows ? Buffer.concat(rows.map((row) => bytesOf(this.probabilitiesAt(row)!))) : bytesOf(probabilities);
  }

  private probabilitiesAt(row: number): Float32Array | null {
    const { probabilities, rowCount } = this.answer;
    if (!probabilities) return null;
    const width = probabilities.length / rowCount;
    return probabilities.subarray(row * width, (row + 1) * width);
  }

  anomalousAt(row: number): boolean | null {
    const { threshold } = this.card;
    return threshold === undefined ? null : this.answer.numberAt(row) > Math.fround(threshold);
  }

  rankAt(row: number): number | null {
    this.ranked ??= ranksOf(this.groups ?? [], (at) => this.answer.numberAt(at));
    return this.ranked[row] ?? null;
  }

  private get card(): ModelCard {
    return this.modelVersion.card;
  }

  private rows<T>(make: (row: number) => T): T[] {
    return Array.from({ length: this.answer.rowCount }, (_, row) => make(row));
  }
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array): Buffer =>
  Buffer.from(buffer, byteOffset, byteLength);
