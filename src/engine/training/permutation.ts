/** How much worse a model scores where the values of a column are shuffled (Breiman: Random Forests, 2001). */
import { Random } from '../random';
import { openModel, type ServedModel } from '../serving/serving';
import { joinFloats, type InputBatch, type ModelCard, type ModelFiles, type PermutationImportance } from '../types';
import type { Answer } from '../tasks/score/score';
import { evaluate, scoreMetric } from './evaluate';
import { answerAt } from './groups';
import type { Prepared } from './prepare/prepare';

export interface Shuffling {
  card: ModelCard;
  data: Prepared;
  files: ModelFiles;
  seed: number;
  /** Asked between two columns; throws to stop. */
  proceed(): void;
}

/** Some of the test rows. */
export interface Sample {
  /** Of the table. */
  rows: Uint32Array;
  batch: InputBatch;
}

/** At equal distances. */
const ROWS_MAX = 1000;
const ROWS_MIN = 100;
/** Those with the largest gain. */
const COLUMNS_MAX = 200;
/** Answers for shuffled columns, of all repeats. */
const ANSWERS_MAX = 100_000;
const REPEATS = 10;
/** Quantile 0.975 of Student's t with REPEATS − 1 degrees of freedom. */
const T = 2.2622;
/** Of the generator. */
const STREAM = 0x0f06;

export async function testSample({ parts, test }: Prepared): Promise<Sample> {
  const all = parts.test.length;
  const count = Math.min(all, ROWS_MAX);
  const places = Uint32Array.from({ length: count }, (_, i) => Math.floor(((i + 0.5) * all) / count));
  const batches: InputBatch[] = [];
  let [start, next] = [0, 0];
  for await (const batch of test()) {
    const at: number[] = [];
    for (; next < count && places[next] < start + batch.rowCount; next++) at.push(places[next] - start);
    if (at.length > 0) batches.push(rowsOf(batch, at));
    start += batch.rowCount;
  }
  return { rows: places.map((place) => parts.test[place]), batch: joined(batches) };
}

/** By column, and the metric by which: what candidates are compared by, of which less is better. */
export async function shuffledScores(
  { card, data, files, seed, proceed }: Shuffling,
  sample: Sample,
  gainOf: (column: string) => number,
): Promise<{ metric: string; byColumn: Map<string, PermutationImportance> }> {
  const places = [...card.inputs.keys()]
    .sort((a, b) => gainOf(card.inputs[b].name) - gainOf(card.inputs[a].name) || a - b)
    .slice(0, COLUMNS_MAX);
  const most = Math.max(ROWS_MIN, Math.floor(ANSWERS_MAX / (REPEATS * Math.max(1, places.length))));
  const metric = scoreMetric(data);
  const served = await openModel(files.model, { threads: 1, assets: files.assets });
  try {
    const shuffler = new Shuffler({ served, sample, card, data, metric }, Math.min(most, sample.rows.length), seed);
    const byColumn = new Map<string, PermutationImportance>();
    for (const place of places) {
      proceed();
      const importance = await shuffler.importanceOf(place);
      if (importance) byColumn.set(card.inputs[place].name, importance);
    }
    return { metric, byColumn };
  } finally {
    await served.release();
  }
}

interface Shuffled extends Pick<Shuffling, 'card' | 'data'> {
  served: ServedModel;
  sample: Sample;
  metric: string;
}

/** Each repeat draws the rows anew with replacement, so that the interval is of both: the rows and the order. */
class Shuffler {
  private readonly draws: { rows: number[]; others: number[] }[];
  private before: Promise<number[]> | null = null;

  constructor(
    private readonly model: Shuffled,
    count: number,
    seed: number,
  ) {
    const random = new Random(seed, STREAM);
    const { length } = model.sample.rows;
    this.draws = Array.from({ length: REPEATS }, () => {
      const rows = Array.from({ length: count }, () => random.below(length));
      return { rows, others: random.shuffle([...rows]) };
    });
  }

  /** Null where the rows do not define the metric. */
  async importanceOf(column: number): Promise<PermutationImportance | null> {
    const { served, sample } = this.model;
    const before = await (this.before ??= this.scoresBefore());
    const changes: number[] = [];
    for (const [repeat, { rows, others }] of this.draws.entries()) {
      const batch = rowsOf(sample.batch, rows);
      batch.columns[column] = picked(sample.batch.columns[column], others);
      changes.push(this.score(await served.predict(batch), rows) - before[repeat]);
    }
    const mean = changes.reduce((a, b) => a + b, 0) / REPEATS;
    if (!Number.isFinite(mean)) return null;
    const variance = changes.reduce((sum, change) => sum + (change - mean) ** 2, 0) / (REPEATS - 1);
    const half = T * Math.sqrt(variance);
    return { value: mean, lower: mean - half, upper: mean + half };
  }

  private async scoresBefore(): Promise<number[]> {
    const { served, sample } = this.model;
    const output = await served.predict(sample.batch);
    return this.draws.map(({ rows }) => this.score(answerAt(output, rows, sample.rows.length), rows));
  }

  private score(answer: Answer, rows: number[]): number {
    const { card, data, metric, sample } = this.model;
    const test = Uint32Array.from(rows, (row) => sample.rows[row]);
    const { metrics } = evaluate(answer, card, { selection: data.selection, parts: { ...data.parts, test } }, null);
    return metrics.find(({ name, target }) => name === metric && target === undefined)?.value ?? NaN;
  }
}

type Column = InputBatch['columns'][number];

const picked = (column: Column, at: number[]): Column =>
  Array.isArray(column) ? at.map((row) => column[row]) : Float64Array.from(at, (row) => column[row]);

const rowsOf = ({ columns }: InputBatch, at: number[]): InputBatch => ({
  rowCount: at.length,
  columns: columns.map((column) => picked(column, at)),
});

const joined = (batches: InputBatch[]): InputBatch => ({
  rowCount: batches.reduce((sum, { rowCount }) => sum + rowCount, 0),
  columns: batches[0].columns.map((column, c) =>
    Array.isArray(column)
      ? batches.flatMap((batch) => batch.columns[c] as string[])
      : joinFloats(batches.map((batch) => batch.columns[c] as Float64Array)),
  ),
});
