/** Nonlinearities by their names in Keras. */
import { shownValue } from '../../formats';
import type { LayerActivation } from '../layers/activations';
import { isObject, KerasConfig, type Config } from './config';

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

/** Layers that are nonlinearities without weights, which other layers may have in the place of a name. */
const LAYERS = new Map<string, (layer: KerasConfig) => LayerActivation>([
  ['Activation', (layer) => activationOf(layer)],
  ['ReLU', rectified],
  ['ELU', exponentialOf],
  ['Softmax', softmaxOf],
]);

/** The nonlinearity that a field of a layer's config names. */
export function activationOf(layer: KerasConfig, key = 'activation', fallback = 'linear'): LayerActivation {
  const configured = layer.config[key] ?? fallback;
  const activation = isObject(configured) ? ofLayer(layer, configured) : null;
  if (activation) return activation;
  const name = isObject(configured) ? functionOf(configured) : configured;
  if (name === 'hard_sigmoid') return layer.major >= 3 ? 'hardSigmoid6' : 'hardSigmoid';
  if (name === 'hardSigmoid') return 'hardSigmoid';
  const known = typeof name === 'string' ? (NAMES.get(name) ?? NAMES.get(name.toLowerCase())) : undefined;
  if (known) return known;
  const names = ['hard_sigmoid', ...NAMES.keys()].join(', ');
  throw layer.fault(`the ${key} ${shownValue(name)} is not supported`, `Use one of: ${names}.`);
}

function ofLayer({ name, major }: KerasConfig, { class_name: className, config }: Config): LayerActivation | null {
  const read = typeof className === 'string' && isObject(config) ? LAYERS.get(className) : undefined;
  return read ? read(new KerasConfig(name, className as string, config as Config, major)) : null;
}

/** Keras 3 writes a function as { class_name: "function", config: its name }. */
const functionOf = ({ class_name: className, name, config }: Config): unknown =>
  className === 'function' ? config : (className ?? name);

/** ReLU without a slope. */
export function rectified(layer: KerasConfig): LayerActivation {
  layer.need('threshold', 0, 'Use a threshold of 0.');
  layer.need('negative_slope', 0, 'Use a slope of 0, or LeakyReLU as a layer of its own.');
  const limit = layer.config['max_value'] ?? null;
  if (limit === null) return 'relu';
  if (limit === 6) return 'relu6';
  throw layer.fault(`max_value ${shownValue(limit)} is not supported`, 'Use 6, or leave it out.');
}

export function exponentialOf(layer: KerasConfig): LayerActivation {
  layer.need('alpha', 1, 'Use an alpha of 1.');
  return 'elu';
}

function softmaxOf(layer: KerasConfig): LayerActivation {
  layer.need('axis', -1, 'Use an axis of -1.');
  return 'softmax';
}
