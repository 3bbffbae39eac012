/** Several models of one learner as one: the mean of what they say. */
import { Predictor } from '../executors/predictor';
import type { FittedModel } from './fit';

/**
 * One model of the same kind where the learner makes one of them, otherwise the mean of their answers. All are of equal requests but for
 * their rows. Its validation loss is unknown.
 */
export function meanOfModels(models: readonly FittedModel[]): FittedModel {
  const [first] = models;
  const terms = models.flatMap((model) => model.terms ?? []);
  const joined =
    terms.length === models.length ? terms[0].mean(terms) : { ...meanOfAnswers(models), explanation: undefined };
  const predictor = new Predictor({ ...first.predicting, append: joined.append });
  return {
    ...first,
    ...joined,
    ...{ validationLoss: NaN, isRefitted: false, awaitsRefit: false, length: undefined, terms: undefined },
    bestEpoch: Math.round(meanOf(models.map(({ bestEpoch }) => bestEpoch))),
    predict: (x, rows) => predictor.predict(x, rows),
    release: () => predictor.release(),
  };
}

const meanOfAnswers = (models: readonly FittedModel[]): Pick<FittedModel, 'append' | 'parameterCount'> => ({
  parameterCount: models.reduce((sum, { parameterCount }) => sum + parameterCount, 0),
  append: (graph, features) =>
    graph.call(
      'Mean',
      models.map((model) => model.append(graph, features)),
    ),
});

export const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
