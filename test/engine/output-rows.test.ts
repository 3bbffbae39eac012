import {
  comparedValues,
  joinOutputs,
  outputCount,
  outputOf,
  sliceOutput,
  type OutputBatch,
} from '../../src/engine/types';

/** Three rows of each kind: two targets of numbers, one label of two classes. */
const answers: OutputBatch[] = [
  { kind: 'numbers', rowCount: 3, prediction: Float64Array.of(1, 2, 3, 4, 5, 6) },
  {
    kind: 'labels',
    rowCount: 3,
    prediction: ['no', 'yes', 'no'],
    probabilities: Float32Array.of(0.75, 0.25, 0.5, 0.5, 1, 0),
  },
];
const [numbers, labels] = answers;

test.each(answers)('an answer of $kind is cut by rows and joined again', (answer) => {
  const parts = [sliceOutput(answer, 0, 1), sliceOutput(answer, 1, 3)];
  expect(parts.map(({ kind, rowCount }) => [kind, rowCount])).toEqual([
    [answer.kind, 1],
    [answer.kind, 2],
  ]);
  expect(joinOutputs(parts)).toEqual(answer);
});

test('rows are cut out of every list of an answer', () => {
  expect(sliceOutput(numbers, 1, 2)).toEqual({ kind: 'numbers', rowCount: 1, prediction: Float64Array.of(3, 4) });
  expect(sliceOutput(labels, 1, 2)).toEqual({
    ...{ kind: 'labels', rowCount: 1, prediction: ['yes'], probabilities: Float32Array.of(0.5, 0.5) },
  });
});

test('what is whole is not copied', () => {
  for (const answer of answers) {
    expect(sliceOutput(answer, 0, 3)).toBe(answer);
    expect(joinOutputs([answer])).toBe(answer);
  }
});

test('an answer is read from the first outputs of a graph; two precisions are compared by their numbers', () => {
  expect([outputCount('numbers'), outputCount('labels')]).toEqual([1, 2]);
  expect(outputOf('labels', 1, [['yes'], Float32Array.of(0, 1)])).toEqual({
    ...{ kind: 'labels', rowCount: 1, prediction: ['yes'], probabilities: Float32Array.of(0, 1) },
  });
  expect(comparedValues(numbers)).toBe((numbers as { prediction: unknown }).prediction);
  expect(comparedValues(labels)).toBe((labels as { probabilities: unknown }).probabilities);
});
