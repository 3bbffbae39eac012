/** Parameters of weighted sums: who solves for them, and what is refused. */
import { checkParameters, planParameters } from '../../../src/engine/families/registry';

test('parameters of steps choose the solver by gradient, as before there was another', () => {
  const solverOf = (family: string, parameters: Record<string, unknown>) =>
    planParameters(family, parameters, 100).solver;
  expect(solverOf('linear', { learningRate: 0.01 })).toBe('gradient');
  expect(solverOf('linear', { epochs: null, l2: 0.1 })).toBeNull();
  expect(solverOf('linear', { loss: 'huber' })).toBe('gradient');
  expect(solverOf('logistic', { labelSmoothing: 0.1 })).toBe('gradient');
  expect(solverOf('logistic', { epochs: 5, solver: 'exact' })).toBe('exact');
});

test.each([
  ['linear', { solver: 'exact', loss: 'huber' }, 'parameters.solver'],
  ['linear', { solver: 'gradient', loss: 'poisson' }, 'parameters.solver'],
  ['linear', { solver: 'gradient', l1: 0.1 }, 'parameters.l1'],
  ['logistic', { l1: 0.1 }, 'parameters'],
  ['linear', { l2: -1 }, 'parameters.l2'],
])('%s refuses %j at %s', (family, parameters, path) => {
  expect(checkParameters(family, parameters, null)).toEqual([expect.objectContaining({ path })]);
});
