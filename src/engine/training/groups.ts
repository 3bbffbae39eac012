/** Scores of groups of the test rows, told apart by a column: whether a model serves all of them alike. */
import { shown } from '../../formats';
import { quantile } from '../metrics';
import type { SourceRequest } from '../rows/memory';
import { columnsOf } from '../rows/repeated';
import type { Answer } from '../tasks/score/score';
import {
  byKind,
  EngineError,
  isMissing,
  type Column,
  type Evaluation,
  type GroupScores,
  type KindTable,
  type ModelCard,
  type Scores,
} from '../types';
import { evaluate } from './evaluate';
import type { Prepared } from './prepare/prepare';

/** Of a column; the largest. */
const GROUPS_MAX = 20;
/** Numbers of more values than this are taken in quarters of the test rows. */
const NUMBERS_MAX = 10;
const QUARTERS = 4;

/** Throws EngineError before anything is trained. */
export function checkGroups({ source, target, groups }: SourceRequest): void {
  const targets = [target].flat();
  groups?.forEach((name, i) => {
    if (!source.columns.includes(name))
      throw new EngineError(`There is no column ${shown(name)}.`, `groups[${i}]`, 'Name one.');
    if (targets.includes(name)) throw new EngineError(`${shown(name)} is a target.`, `groups[${i}]`, 'Name another.');
  });
}

interface Scored {
  answer: Answer;
  card: ModelCard;
  data: Pick<Prepared, 'selection' | 'parts'>;
}

/** What the answers for the test rows are worth in each group; intervals as in the evaluation of all. */
export async function groupScores(request: SourceRequest, scored: Scored): Promise<Pick<Scores, 'groups'>> {
  if (!request.groups) return {};
  const columns = await columnsOf(request.source, request.groups);
  return { groups: columns.flatMap((column) => scoresBy(column, scored, request.seed)) };
}

function scoresBy(column: Column, { answer, card, data }: Scored, seed: number): GroupScores[] {
  const { selection, parts } = data;
  return groupsOf(column, parts.test).map(({ value, places }) => {
    const test = Uint32Array.from(places, (place) => parts.test[place]);
    const ofGroup = answerAt(answer, places, parts.test.length);
    const evaluation = evaluate(ofGroup, card, { selection, parts: { ...parts, test } }, seed);
    const { rowCount, metrics, undefinedMetrics } = evaluation;
    const confusionMatrix = byKind(CONFUSION, evaluation);
    return { column: column.name, value, rowCount, metrics, undefinedMetrics, confusionMatrix };
  });
}

const CONFUSION: KindTable<Evaluation, GroupScores['confusionMatrix']> = {
  numbers: () => null,
  classes: ({ confusionMatrix }) => confusionMatrix,
  labels: () => null,
  anomalies: () => null,
};

interface Group {
  value: string | null;
  /** Among the test rows. */
  places: number[];
}

/** Texts by how many rows have them, numbers ascending; last those without a value. */
function groupsOf(column: Column, rows: Uint32Array): Group[] {
  const missing: number[] = [];
  const known: number[] = [];
  rows.forEach((row, place) => (isMissing(column, row) ? missing : known).push(place));
  const groups = column.kind === 'number' ? byNumber(column.values, rows, known) : byText(column, rows, known);
  return missing.length > 0 ? [...groups, { value: null, places: missing }] : groups;
}

function byText({ codes, levels }: Column & { kind: 'category' }, rows: Uint32Array, places: number[]): Group[] {
  const groups = collected(places, (place) => levels[codes[rows[place]]]);
  return groups
    .sort((a, b) => b.places.length - a.places.length || (a.value! < b.value! ? -1 : 1))
    .slice(0, GROUPS_MAX);
}

function byNumber(values: Float64Array, rows: Uint32Array, places: number[]): Group[] {
  const valueAt = (place: number): number => values[rows[place]];
  const sorted = places.map(valueAt).sort((a, b) => a - b);
  const distinct = sorted.filter((value, i) => i === 0 || value !== sorted[i - 1]);
  const ascending = places.toSorted((a, b) => valueAt(a) - valueAt(b) || a - b);
  if (distinct.length <= NUMBERS_MAX) return collected(ascending, (place) => String(valueAt(place)));
  const bounds = Array.from({ length: QUARTERS - 1 }, (_, i) => quantile(sorted, (i + 1) / QUARTERS));
  const quarters = collected(ascending, (place) => String(bounds.filter((bound) => valueAt(place) > bound).length));
  return quarters.map(({ places: quarter }) => {
    const value = `${valueAt(quarter[0])} to ${valueAt(quarter[quarter.length - 1])}`;
    return { value, places: quarter.sort((a, b) => a - b) };
  });
}

function collected(places: number[], valueOf: (place: number) => string): Group[] {
  const groups = new Map<string, number[]>();
  for (const place of places) {
    const group = groups.get(valueOf(place));
    if (group) group.push(place);
    else groups.set(valueOf(place), [place]);
  }
  return [...groups].map(([value, group]) => ({ value, places: group }));
}

/** Of some of the rows. */
export function answerAt(answer: Answer, places: number[], rowCount: number): Answer {
  const at = (values: ArrayLike<number>) => picked(values, places, rowCount);
  return byKind<Answer, Answer>(
    {
      numbers: ({ kind, prediction }) => ({ kind, prediction: at(prediction) }),
      labels: ({ kind, probabilities }) => ({ kind, probabilities: Float32Array.from(at(probabilities)) }),
    },
    answer,
  );
}

function picked(values: ArrayLike<number>, places: number[], rowCount: number): Float64Array {
  const width = values.length / rowCount;
  return Float64Array.from({ length: places.length * width }, (_, i) => {
    return values[places[Math.floor(i / width)] * width + (i % width)];
  });
}
