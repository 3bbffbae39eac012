/** Probabilities of the model that is kept, corrected by what it answers for the validation rows. */
import { appendCalibration } from '../calibration/append';
import { chooseCalibration } from '../calibration/choose';
import type { FittedModel } from '../learning/fit';
import { taskOf } from '../tasks/registry';
import type { SourceRequest } from '../rows/memory';
import type { CardCalibration, ScoreUnit, Task } from '../types';
import { answersFor } from './evaluate';
import type { EventLog } from './event-log';
import type { Prepared } from './prepare/prepare';

/** Whether an explanation of scores is one of corrected scores as well, moved and stretched as they are. */
const STAYS_EXPLAINED: Record<ScoreUnit, boolean> = {
  ...{ target: false, logTarget: false, logOdds: true, logScore: true, probability: false },
};

/** The same model where it does not pay. Validation rows are those that the model was not fitted to (`FittedModel.predict`). */
export async function withCalibration(
  fitted: FittedModel,
  data: Prepared,
  { errorCosts }: Pick<SourceRequest, 'errorCosts'>,
  log: EventLog,
): Promise<FittedModel> {
  const { target } = data.selection;
  // Of folds, every row was learnt from. Rows of different weight would ask for a fit by weights.
  if (!givesProbabilities(target.task) || target.weights || data.validation.rows === 0) return fitted;
  if (fitted.explanation && !STAYS_EXPLAINED[fitted.explanation.unit]) return fitted;
  const answers = await answersFor(fitted, data.validation, data);
  if (answers === null) return fitted;
  const { dependent } = target;
  const rows = {
    probabilities: answers.output,
    actual: Int32Array.from(answers.y),
    classes: target.labels!.length,
    ...(dependent && { dependent: data.parts.validation.map((row) => dependent[row]) }),
  };
  const calibration = chooseCalibration(rows, errorCosts !== undefined);
  if (calibration === null) return fitted;
  log.log(noteOf(calibration));
  const append: FittedModel['append'] = (graph, features) =>
    appendCalibration(graph, fitted.append(graph, features), calibration);
  return { ...fitted, append, calibration };
}

/** Of the classes of a row, by softmax. */
function givesProbabilities(task: Task): boolean {
  const { learning, answers } = taskOf(task);
  return learning.ending === 'softmax' && answers.scoresRows;
}

const WAYS: Record<CardCalibration['kind'], string> = { temperature: 'one temperature', platt: "Platt's sigmoid" };

const noteOf = ({ kind, slope, logLossBefore, logLossAfter }: CardCalibration): string =>
  `Probabilities are ${slope < 1 ? 'less' : 'more'} sure than the model has learnt them, by ${WAYS[kind]}: ` +
  `validation log loss ${logLossAfter.toPrecision(4)} in place of ${logLossBefore.toPrecision(4)}, cross-validated.`;
