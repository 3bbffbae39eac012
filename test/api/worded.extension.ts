/** A family from outside the product that learns as `mlp` does, and hands on assets beside what it has learnt. */
import type { Engine } from '../../src/engine/extensions';
import { findFamily } from '../../src/engine/families/registry';
import type { Learner } from '../../src/engine/learning/learner';
import { ASSETS } from './assets.fixture';

const learner: Learner = {
  stateVersion: 1,
  fit: async (request, port) => {
    const { gradientLearner } = await import('../../src/engine/gradient/gradient.learner');
    const learned = await gradientLearner({ threads: 1 }).fit({ ...request, family: 'mlp' }, port);
    return { ...learned, assets: ASSETS };
  },
};

export const register = ({ registerFamily }: Engine) =>
  registerFamily({ ...findFamily('mlp')!, name: 'worded', learner });
