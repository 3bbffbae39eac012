/**
 * How much a model relies on each column: by the splits of its trees, by what they add to answers of test rows, and by how much
 * worse it scores where a column is shuffled. Deterministic, and bounded in rows and columns.
 */
import type { LearnedScores } from '../learning/fit';
import { openExplainer, partsOf } from '../serving/explanation';
import {
  EXPLANATION_GRAPH,
  type ColumnImportance,
  type ExplainedPart,
  type Importances,
  type ModelAsset,
  type ModelCard,
  type NumbersOutput,
} from '../types';
import { shuffledScores, testSample, type Sample, type Shuffling } from './permutation';

interface Rated extends Shuffling {
  card: ModelCard;
  /** Of `explanationFiles`. */
  explanation: readonly ModelAsset[];
}

/** Steps of computation for the contributions of test rows, of about 5 ns: what lets the largest forest explain a few rows. */
const OPERATIONS_MAX = 300_000_000;
/** Fewer say little of a mean. */
const EXPLAINED_MIN = 10;

/** Of a model whose learner says what its scores are made of. */
export async function importancesOf(scores: LearnedScores, rated: Rated): Promise<Importances> {
  const { card, data } = rated;
  const { parts } = card.explanation!;
  const sample = await testSample(data);
  const byTrees = gainsOf(scores, rated);
  const contributions = await meanContributions(rated, sample);
  const places = new Map(parts.map((part, place) => [part.name, isInput(part) ? place : -1]));
  const gainOf = (column: string): number => byTrees[places.get(column) ?? -1]?.gain ?? 0;
  const { metric, byColumn } = await shuffledScores(rated, sample, gainOf);
  const unread = card.inputs.filter(({ name }) => (places.get(name) ?? -1) < 0);
  const columns = [...parts, ...unread.map(({ name }) => ({ name, inputs: [name] }))].map(
    (part, place): ColumnImportance => ({
      column: part.name,
      madeOf: isInput(part) ? null : part.inputs,
      ...(byTrees[place] ?? { gain: 0, splits: 0 }),
      meanContribution: contributions && (contributions[place] ?? 0),
      permutation: isInput(part) ? (byColumn.get(part.name) ?? null) : null,
    }),
  );
  columns.sort((a, b) => b.gain - a.gain);
  return { metric, rowCount: sample.rows.length, columns };
}

const isInput = ({ name, inputs }: ExplainedPart): boolean => inputs.length === 1 && inputs[0] === name;

/** Of each part, as a share of all gain, and a count. */
function gainsOf({ gains, splits }: LearnedScores, { data }: Rated): Pick<ColumnImportance, 'gain' | 'splits'>[] {
  const { parts, partOf } = partsOf(data);
  const all = gains.reduce((a, b) => a + b, 0) || 1;
  const sums = parts.map(() => ({ gain: 0, splits: 0 }));
  partOf.forEach((part, feature) => {
    sums[part].gain += gains[feature] / all;
    sums[part].splits += splits[feature];
  });
  return sums;
}

/** By part, the mean size over rows, and over scores where there are several; null where it takes too long. */
async function meanContributions({ card, explanation }: Rated, { batch }: Sample): Promise<number[] | null> {
  const { parts, scores, operations } = card.explanation!;
  const rowCount = Math.min(batch.rowCount, Math.floor(OPERATIONS_MAX / Math.max(1, operations.pathDependent)));
  if (rowCount < Math.min(EXPLAINED_MIN, batch.rowCount)) return null;
  const model = explanation.find(({ name }) => name === EXPLANATION_GRAPH)!.bytes;
  const assets = explanation.filter(({ name }) => name !== EXPLANATION_GRAPH);
  const explainer = await openExplainer({ model, assets }, 'pathDependent');
  try {
    const columns = batch.columns.map((column) => column.slice(0, rowCount));
    const { prediction } = (await explainer.predict({ rowCount, columns })) as NumbersOutput;
    const width = parts.length + 1;
    return parts.map((_, part) => {
      let sum = 0;
      for (let at = part; at < prediction.length; at += width) sum += Math.abs(prediction[at]);
      return sum / (rowCount * scores);
    });
  } finally {
    await explainer.release();
  }
}
