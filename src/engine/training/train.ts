/** One training run over a table: prepare, train the candidates, evaluate the file that would be deployed. */
import { withBaseline } from './baseline';
import { withCalibration } from './calibrate';
import { scoresAfter } from '../calibration/append';
import { foldsFor } from '../auto';
import { chooseCandidates, quickestFirst, type Candidate, type PreparedCandidate } from './search/candidates';
import { EventLog } from './event-log';
import { errorThreshold, evaluate, scoreMetric } from './evaluate';
import { checkGroups, groupScores } from './groups';
import { amountsOf, findFamily, readerFor, type Estimator } from '../families/registry';
import { importancesOf } from './importance';
import type { Fit, FittedModel } from '../learning/fit';
import { modelWarnings } from './model-warnings';
import { holdsColumns, refuseTooLarge } from './prepare/fit-rows';
import { prepareEach, type Prepared } from './prepare/prepare';
import { vocabularyOf } from '../preprocess/ids/ids';
import type { SourceRequest } from '../rows/memory';
import { UsedRows } from '../rows/use-rows';
import { decodeCheckpoint, type RunCheckpoint } from './search/checkpoint';
import { StateOutdated } from './search/fits';
import { CandidateSearch, fittedRows, spreadOf, type FinishedCandidate, type SearchResult } from './search/search';
import { explanationCard, explanationFiles } from '../serving/explanation';
import { buildServingGraph, withCard } from '../serving/serving-graph';
import { decisionBy } from '../metrics';
import { groupColumn, type Divide } from '../splits';
import { costsFault } from '../tasks/costs';
import type { TargetScale } from '../tasks/score/score';
import { hasSeveralTargets, learnsFeatures, learnsNumbers, ranksWithin } from '../tasks/registry';
import {
  byKind,
  EngineError,
  PRECISIONS,
  TrainingPaused,
  TrainingStopped,
  type Evaluation,
  type ModelCard,
  type ModelWarning,
  type OutputBatch,
  type StreamRequest,
  type Task,
  type TrainPort,
  type TrainRequest,
  type TrainResult,
} from '../types';
import { makeVariants } from './variants';

/**
 * Trains on the request's table. Throws EngineError for a fault the user can mend and TrainingStopped or
 * TrainingPaused when `control` says so. Deterministic: the same request and seed give the same events and the same bytes on one machine.
 */
export async function trainTable(
  request: TrainRequest | StreamRequest,
  port: TrainPort,
  fit: Fit,
): Promise<TrainResult> {
  const log = new EventLog(port, request.resume?.skipThroughOrdinal ?? 0);
  log.state('PREPARING');
  log.flush();
  if ('scratch' in request) refuseTooLarge(request);
  const rows = await UsedRows.of(request, log, () => throwIfInterrupted(port));
  checkGroups(rows.request);
  const candidates = await prepareCandidates(rows, log, port);
  checkCosts(rows.request, candidates[0].data);
  log.state('TRAINING');
  log.flush();
  throwIfInterrupted(port);
  const found = await searched({ request: rows.request, candidates }, fit, port, log);
  try {
    log.state('EVALUATING');
    const fitted = await withCalibration(found.fitted, found.winner.data, rows.request, log);
    log.flush();
    const result = await conclude(rows, { ...found, fitted }, () => throwIfInterrupted(port));
    for (const { name, target, value } of result.evaluation.metrics) {
      if (target === undefined) logTest(log, found, name, value);
    }
    const note = leftOutNote(result.evaluation);
    if (note) log.log(note);
    for (const { message } of result.card.warnings!.slice(found.winner.data.warnings.length)) log.log(message, 'warn');
    log.progress(1);
    log.flush();
    return result;
  } finally {
    await found.fitted.release();
  }
}

function checkCosts({ errorCosts }: SourceRequest, { selection: { target } }: Prepared): void {
  const fault = errorCosts && costsFault(target.task, target.labels?.length ?? 0);
  if (fault) throw new EngineError(`${fault.message}.`, 'errorCosts', fault.hint);
}

async function prepareCandidates(rows: UsedRows, log: EventLog, port: TrainPort): Promise<PreparedCandidate[]> {
  const { request } = rows;
  const divide: Divide = (table, target) => rows.divide(table, target);
  const choose = (task: Task, count: number) =>
    affordable(chooseCandidates(task, count, request.estimator), request, log);
  try {
    const proceed = () => throwIfInterrupted(port);
    const areWhole = request.scratch === undefined && !rows.areLimited;
    const foldCount = (count: number) => (areWhole ? foldsFor(request, count) : 0);
    return quickestFirst(await prepareEach(request, choose, { log, proceed, divide, foldCount }));
  } catch (error) {
    throw rows.explain(error);
  }
}

/** Those whose rows memory holds. */
function affordable(candidates: Candidate[], request: SourceRequest, log: EventLog): Candidate[] {
  if (holdsColumns(request)) return candidates;
  const left = candidates.filter((candidate) => readerFor(candidate).reader.columns === undefined);
  const others = candidates.filter((candidate) => !left.includes(candidate)).map(({ name }) => name);
  if (others.length > 0)
    log.log(`Not tried, as memory does not hold the columns that they read: ${others.join(', ')}.`, 'warn');
  return left;
}

/** From the checkpoint that the request brings, if it is of use; what is counted already is not reported again. */
async function searched(
  { request, candidates }: { request: SourceRequest; candidates: PreparedCandidate[] },
  fit: Fit,
  port: TrainPort,
  log: EventLog,
): Promise<SearchResult> {
  const counted = log.lastOrdinal;
  const search = (resume: RunCheckpoint | null) => {
    log.continueAfter(counted);
    return new CandidateSearch({ candidates, seed: request.seed, resume }, fit, port, log).run();
  };
  try {
    return await search(usableCheckpoint(request, port));
  } catch (error) {
    if (!(error instanceof StateOutdated)) throw error;
    port.startsAnew?.();
    return search(null);
  }
}

/** Before there is anything to go on from. */
function throwIfInterrupted(port: TrainPort): void {
  const command = port.control();
  if (command === 'stop') throw new TrainingStopped();
  if (command === 'pause') throw new TrainingPaused();
}

/**
 * Null: start afresh, and say so. A checkpoint is of use when the receiver has all events up to it; otherwise those in between
 * would be lost. Whether it is of these candidates and their learners is seen as they are trained.
 */
function usableCheckpoint({ resume }: SourceRequest, port: TrainPort): RunCheckpoint | null {
  if (!resume || resume.checkpoint.length === 0) return null;
  const checkpoint = decodeCheckpoint(resume.checkpoint);
  if (checkpoint && checkpoint.place.ordinal <= resume.skipThroughOrdinal) return checkpoint;
  port.startsAnew?.();
  return null;
}

async function conclude(rows: UsedRows, found: SearchResult, proceed: () => void): Promise<TrainResult> {
  const { data } = found.winner;
  const { seed } = rows.request;
  const card = { ...(await makeCard(found, rows.request)), ...rows.historyOf(data.inputs) };
  const model = buildServingGraph(card, data, found.fitted);
  // The serving graph itself is scored, from raw columns, so that what is measured is what is deployed.
  const metrics = (batch: OutputBatch) => evaluate(batch, card, data, null).metrics;
  const assets = found.fitted.assets ?? [];
  const isExact = findFamily(card.family)?.onePrecision !== undefined;
  const { output, variants } = await makeVariants(
    { model, assets },
    { batches: data.test, metrics },
    isExact ? [] : PRECISIONS,
  );
  const { explanation: scores } = found.fitted;
  const explanation = scores ? explanationFiles(card, explainedData(data, found.fitted), scores) : [];
  const rated = { card, data, explanation, files: { model, assets }, seed, proceed };
  const evaluation = {
    ...withBaseline(evaluate(output, card, data, seed), card, data, seed),
    ...(await groupScores(rows.request, { answer: output, card, data })),
    ...(scores && { importances: await importancesOf(scores, rated) }),
  };
  const warnings = modelWarnings(evaluation, card.task);
  return {
    kind: 'rows',
    ...warned({ model, variants, card }, warnings),
    assets,
    explanation,
    evaluation,
    leaderboard: leaderboard(found.finished, scoreMetric(data)),
    splitCounts: {
      ...data.counts,
      unused: rows.unused,
    },
    stepRows: rows.counts,
    executor: found.fitted.executor,
  };
}

/** Scores are those of the answers, so that they are corrected as well. */
const explainedData = (data: Prepared, { calibration, explanation }: FittedModel): Prepared =>
  calibration ? { ...data, targetScales: scoresAfter(calibration, explanation!.scores) } : data;

const leftOutNote = (evaluation: Evaluation): string | null =>
  byKind<Evaluation, string | null>(
    {
      numbers: ({ rankedGroups: groups }) =>
        groups && groups.leftOut > 0
          ? `Scores are of ${groups.scored} groups of test rows; ${groups.leftOut} of a single row or a single grade, which have no order, are left out.`
          : null,
      ...{ classes: () => null, labels: () => null, anomalies: () => null },
    },
    evaluation,
  );

/** The card and that inside each file tell of the warnings, which were found by running the file. */
function warned(
  { model, variants, card }: Pick<TrainResult, 'model' | 'variants' | 'card'>,
  warnings: ModelWarning[],
): Pick<TrainResult, 'model' | 'variants' | 'card'> {
  if (warnings.length === 0) return { model, variants, card };
  const full = { ...card, warnings: [...card.warnings!, ...warnings] };
  const told = variants.map((variant) => ({ ...variant, model: withCard(variant.model, full) }));
  return { model: told[0].model, variants: told, card: full };
}

async function makeCard(
  { winner, fitted, folds }: SearchResult,
  { errorCosts, split }: SourceRequest,
): Promise<ModelCard> {
  const { data } = winner;
  const { selection, inputs, encoding } = data;
  const { task, labels, columns } = selection.target;
  return {
    task,
    target: hasSeveralTargets(task) ? null : (columns[0]?.name ?? null),
    ...(hasSeveralTargets(task) && {
      targets: columns.map(({ name, labels: targetLabels }, t) => ({
        name,
        labels: targetLabels,
        ...resolutionOf(data.targetScales[t]),
      })),
    }),
    family: winner.family,
    parameters: fitted.parameters,
    inputs,
    ...(encoding.ids.length > 0 && { vocabularies: encoding.ids.map(vocabularyOf) }),
    labels,
    ...(learnsNumbers(task) && !hasSeveralTargets(task) && resolutionOf(data.targetScales[0])),
    ...(learnsFeatures(task) && { threshold: await errorThreshold(fitted, data) }),
    ...variancePowerOf(data, { family: winner.family, parameters: fitted.parameters }),
    ...(ranksWithin(task) && { rankedWithin: groupColumn(split)! }),
    ...(errorCosts && { decision: decisionBy(errorCosts) }),
    ...(fitted.calibration && { calibration: fitted.calibration }),
    parameterCount: fitted.parameterCount,
    fittedRows: fittedRows(data, fitted),
    refitted: fitted.isRefitted,
    ...(folds && { folds }),
    leftOut: selection.leftOut,
    ...(fitted.explanation && { explanation: explanationCard(fitted.explanation, data) }),
    warnings: data.warnings,
  };
}

/** Of numbers; the same parameters may say another loss of classes. */
function variancePowerOf({ selection }: Prepared, estimator: Estimator): Pick<ModelCard, 'variancePower'> {
  const amounts = learnsNumbers(selection.target.task) ? amountsOf(estimator) : null;
  return amounts ? { variancePower: amounts.power } : {};
}

/** Half a unit in the last place of a float32 from 1 on, where scaled targets lie; none of a target in its own unit. */
const resolutionOf = ({ mean, scale }: TargetScale) =>
  mean === 0 && scale === 1 ? {} : { resolution: scale * 2 ** -24 };

function leaderboard(finished: FinishedCandidate[], metric: string): TrainResult['leaderboard'] {
  return finished
    .filter(({ score }) => score !== null)
    .sort((a, b) => a.score! - b.score!)
    .map(({ name, family, parameters, score, foldScores }) => ({
      ...{ candidate: name, family, parameters, metric, score: score! },
      ...(foldScores && { foldScores, spread: spreadOf(foldScores)! }),
    }));
}

function logTest(log: EventLog, { winner, fitted, lastStep }: SearchResult, name: string, value: number): void {
  log.add({
    kind: 'metric',
    step: lastStep,
    epoch: fitted.bestEpoch,
    split: 'test',
    name,
    value,
    candidate: winner.name,
  });
}
