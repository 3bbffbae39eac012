/** Nonlinearities by their names in Keras. */
import type { LayerActivation } from '../layers/activations';
import { isObject, type KerasConfig } from './config';

const NAMES = new Map<string, LayerActivation>([
  ...(['linear', 'relu', 'relu6', 'elu', 'selu', 'tanh', 'sigmoid', 'softplus', 'softsign'] as const).map(
    (name): [string, LayerActivation] => [name, name],
  ),
  ...(['swish', 'mish', 'gelu', 'exponential', 'softmax'] as const).map((name): [string, LayerActivation] => [
    name,
    name,
  ]),
  ['silu', 'swish'],
  ['gelu_new', 'geluTanh'],
  ['hard_swish', 'hardSwish'],
  ['hard_silu', 'hardSwish'],
]);

/** The nonlinearity that a field of a layer's config names. */
export function activationOf(layer: KerasConfig, key = 'activation', fallback = 'linear'): LayerActivation {
  const given = layer.config[key] ?? fallback;
  const name = isObject(given) ? (given.class_name ?? given.name) : given;
  if (name === 'hard_sigmoid') return layer.major >= 3 ? 'hardSigmoid6' : 'hardSigmoid';
  if (name === 'hardSigmoid') return 'hardSigmoid';
  const known = typeof name === 'string' ? (NAMES.get(name) ?? NAMES.get(name.toLowerCase())) : undefined;
  if (known) return known;
  const names = ['hard_sigmoid', ...NAMES.keys()].join(', ');
  throw layer.fault(`the ${key} ${JSON.stringify(name)} is not supported`, `Use one of: ${names}.`);
}
