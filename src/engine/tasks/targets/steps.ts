/** Columns that are the steps of a sequence. */
import { shown, shownList } from '../../../formats';
import { EngineError } from '../../types';
import { CLASSES_MAX } from './facts';
import { checkLength, compareLabels, knownRows, type CountedColumn, type Target } from './target';

export function readSteps(counted: CountedColumn[]): Target[] {
  const columns = counted.map(({ column }) => column);
  const values = counted.map(({ values }) => values);
  const sets = values.map(({ counts, levels }) => new Set([...counts.keys()].map((code) => levels[code])));
  const labels = [...new Set(sets.flatMap((set) => [...set]))].sort(compareLabels);
  columns.forEach(({ name }, i) => {
    const others = new Set(sets.flatMap((set, j) => (i === j ? [] : [...set])));
    if (sets[i].size === 1 || columns.length === 1 || [...sets[i]].some((label) => others.has(label))) return;
    throw new EngineError(
      `Target ${shown(name)} has no label in common with the other targets (${shownList(sets[i], 5)}).`,
      `targets[${i}]`,
      'The targets of sequence_labeling are the steps of a sequence and share one set of labels. For other columns train ' +
        'a model each, or use multilabel or multi_regression.',
    );
  });
  if (labels.length < 2 || labels.length > CLASSES_MAX) {
    throw new EngineError(
      `The targets hold ${labels.length} different labels; sequence_labeling takes 2 to ${CLASSES_MAX}.`,
      'targets',
      labels.length < 2
        ? 'Choose columns whose values differ.'
        : 'Use multi_regression for numbers, or group the labels.',
    );
  }
  checkLength(columns[0].name, labels);
  const classOf = new Map(labels.map((label, k) => [label, k]));
  return columns.map(({ name }, i) => {
    const { codes, levels } = values[i];
    const known = Float64Array.from(codes, (code) => (code < 0 ? NaN : (classOf.get(levels[code]) ?? NaN)));
    return { name, labels, values: known, rows: knownRows(known) };
  });
}
