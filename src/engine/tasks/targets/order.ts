/** The order of classes, and which of two is the positive one, as a request asks for. */
import { shown, shownList } from '../../../formats';
import { EngineError } from '../../types';
import { taskOf } from '../registry';
import type { Targets } from './shape';

const LABELS = 'estimator.parameters.labels';

/** With the classes in the order that is asked for. */
export function withOrder(
  targets: Targets,
  { labels, positiveClass }: { labels?: string[] | null; positiveClass?: string },
): Targets {
  const ordered = withLabels(targets, labels ?? null);
  return positiveClass === undefined ? ordered : withPositive(ordered, positiveClass, !labels);
}

/** With the classes of its one target in the order given, which must name each of them once; null leaves them. */
function withLabels(targets: Targets, order: string[] | null): Targets {
  if (order === null) return targets;
  const [target] = targets.columns;
  const { labels } = targets;
  if (labels === null || taskOf(targets.task).targets.several) {
    throw new EngineError(
      `The task ${targets.task} has no classes to order.`,
      LABELS,
      'Leave labels out, or choose a target with one class per row.',
    );
  }
  const places = labels.map((label) => order.indexOf(label));
  const twice = order.find((label, i) => order.indexOf(label) !== i);
  if (twice !== undefined || places.includes(-1) || order.length !== labels.length) {
    const fault = twice === undefined ? 'are not the values of' : `name ${shown(twice)} twice for`;
    throw new EngineError(
      `The labels ${fault} target ${shown(target.name)}.`,
      LABELS,
      `Name each once, in the order of the outputs: ${shownList(labels)}.`,
    );
  }
  const values = target.values.map((value) => places[value] ?? NaN);
  return { ...targets, labels: order, columns: [{ ...target, labels: order, values }] };
}

/** Of the one target of two classes, which of anomaly is the column to evaluate by. */
function withPositive(targets: Targets, positive: string, movable: boolean): Targets {
  const fault = (message: string, hint: string) => new EngineError(message, 'positiveClass', hint);
  const { task, columns } = targets;
  const [target] = columns;
  if (columns.length !== 1 || taskOf(task).targets.several || target.labels?.length !== 2) {
    throw fault(
      `The task ${task} has no positive class here.`,
      'Leave positiveClass out, or name a target of two values.',
    );
  }
  const [negative, known] = target.labels;
  if (known === positive) return targets;
  const both = `Its values are ${shown(negative)} and ${shown(known)}.`;
  if (negative !== positive) throw fault(`Target ${shown(target.name)} has no value ${shown(positive)}.`, both);
  if (!movable) {
    throw fault(
      `The positive class is ${shown(known)}, the second of labels.`,
      'Leave positiveClass out, or give labels in the other order.',
    );
  }
  const turned = { ...target, labels: [known, negative], values: target.values.map((value) => 1 - value) };
  return { ...targets, labels: targets.labels && turned.labels, columns: [turned] };
}
