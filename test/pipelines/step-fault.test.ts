import { StepKind, toStepFault, type Step } from '../../src/pipelines';

const step = (kind: StepKind): Step => ({ id: kind.toLowerCase(), kind, parameters: {} });
const steps = [step(StepKind.TRAIN), step(StepKind.SCALE), step(StepKind.SELECT_COLUMNS)];
const hint = 'Do that.';

test.each([
  ['target', 'steps[2].parameters.target'],
  ['drop', 'steps[2].parameters.drop'],
  ['drop[3]', 'steps[2].parameters.drop[3]'],
  ['task', 'steps[2].parameters.task'],
  ['estimator.family', 'steps[0].parameters.family'],
  ['estimator.parameters.learningRate', 'steps[0].parameters.parameters.learningRate'],
  ['estimator.parameters.hidden.0', 'steps[0].parameters.parameters.hidden[0]'],
  ['estimator.parameters', 'steps[0].parameters.parameters'],
  ['table', 'datasetVersionId'],
  ['table.columns[4]', 'datasetVersionId'],
  ['model.inputs', 'model.inputs'],
])('%s is %s for the author of the pipeline', (path, expected) => {
  expect(toStepFault(steps, { path, hint })).toEqual({ path: expected, hint });
});

test('a step that is not there is one to add', () => {
  expect(toStepFault(steps, { path: 'split.column', hint })).toEqual({
    path: 'steps',
    hint: 'Do that. The pipeline has no step of kind SPLIT: add one.',
  });
});

test('nothing else of an error comes along', () => {
  const error = Object.assign(new Error('secret'), { path: 'target', hint, more: 1 });
  expect(toStepFault(steps, error)).toEqual({ path: 'steps[2].parameters.target', hint });
});
