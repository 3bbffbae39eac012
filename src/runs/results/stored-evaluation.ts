/** Evaluations as runs keep them. */
import type { Evaluation as EngineEvaluation, KindTable } from '../../engine';
import { byKind } from '../../engine';
import { Evaluation, type EvaluationFigures } from './evaluation.type';

/** Those of runs before there were kinds: all of one shape, with null for what there was not. */
type FormerEvaluation = Omit<Evaluation, 'kind' | 'groups'>;
type Kind = EngineEvaluation['kind'];

const NONE: EvaluationFigures = { confusionMatrix: null, rocCurve: null, precisionRecallCurve: null };

/** What each kind has beside scores. */
const FIGURES: KindTable<EngineEvaluation, Partial<EvaluationFigures>> = {
  numbers: ({ rankedGroups }) => ({ rankedGroups }),
  classes: ({ confusionMatrix, rocCurve, precisionRecallCurve, calibrationCurve }) => ({
    ...{ confusionMatrix, rocCurve, precisionRecallCurve, calibrationCurve },
  }),
  labels: () => ({}),
  anomalies: ({ rocCurve, precisionRecallCurve }) => ({ rocCurve, precisionRecallCurve }),
};

/** For `evaluation` of `runs`, as an entity has it. */
export function readEvaluation(stored: EngineEvaluation | FormerEvaluation | null): Evaluation | null {
  if (stored === null) return null;
  const known = ('kind' in stored ? stored : { ...stored, kind: kindOfFormer(stored) }) as EngineEvaluation;
  const { kind, rowCount, metrics, undefinedMetrics, groups = [], importances } = known;
  const scores = { kind, rowCount, metrics, undefinedMetrics, groups, importances };
  return Object.assign(new Evaluation(), scores, NONE, byKind(FIGURES, known));
}

/** A score that every evaluation of the kind has had, defined or not. */
const OWN_METRICS: [Kind, string][] = [
  ['anomalies', 'anomalyRate'],
  ['labels', 'hammingLoss'],
];

function kindOfFormer({ confusionMatrix, metrics }: FormerEvaluation): Kind {
  if (confusionMatrix) return 'classes';
  return OWN_METRICS.find(([, metric]) => metrics.some(({ name }) => name === metric))?.[0] ?? 'numbers';
}
