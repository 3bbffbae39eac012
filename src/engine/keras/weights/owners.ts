/** Who takes weights: each layer with parameters, and each direction of a bidirectional one. */
import type { ParameterSpec } from '../../layers/parameters';
import type { KerasLayer } from '../topology';
import type { StoredWeight } from '../manifest';
import { composed, type NamedWeights, type ScopeName, type View } from './names';

export interface WeightOwner {
  /** The layer as people know it. */
  layer: string;
  direction: Direction | null;
  names: ScopeName[];
  parameters: ParameterSpec[];
}

const DIRECTIONS = ['forward', 'backward'] as const;
type Direction = (typeof DIRECTIONS)[number];

/** What Keras calls the parameters of the network. */
const ROLES = new Map([
  ['depthwise', ['depthwise_kernel', 'kernel']],
  ['pointwise', ['pointwise_kernel']],
  ['recurrent', ['recurrent_kernel']],
  ['scale', ['gamma']],
  ['offset', ['beta']],
  ['mean', ['moving_mean', 'mean']],
  ['variance', ['moving_variance', 'variance']],
  ['slope', ['alpha']],
  ['table', ['embeddings']],
]);

export const roleNames = ({ name }: ParameterSpec): string[] => {
  const [role] = name.split('_');
  return ROLES.get(role) ?? [role];
};

/** One name for each role, so that keys of groups and of owners compare. */
const KNOWN = new Map([
  ...['kernel', 'bias'].map((role): [string, string] => [role, role]),
  ...[...ROLES.values()].flatMap((names) => names.map((name): [string, string] => [name, names.at(-1)!])),
]);
const isNumber = (role: string) => /^\d+$/.test(role);

const NOTHING = /^$/;
/** Files of Keras 3 number the weights of a layer below `vars`. */
const VARS = /^(\/vars)?$/;
/** The cell of a recurrent layer, or the layer that a wrapper wraps. */
const ONE = /^(\/[^/]+)?(\/vars)?$/;
const DIRECTED = {
  forward: /^\/forward_[^/]+(\/[^/]+)?(\/vars)?$/,
  backward: /^\/backward_[^/]+(\/[^/]+)?(\/vars)?$/,
};

const RECURRENT = ['SimpleRNN', 'LSTM', 'GRU'];

export function ownersOf(kerasLayer: KerasLayer, parameters: ParameterSpec[]): WeightOwner[] {
  if (parameters.length === 0) return [];
  const { layer, path } = kerasLayer;
  if (layer.className === 'Bidirectional') {
    return DIRECTIONS.map((direction) => ({
      layer: layer.name,
      direction,
      names: [...endings(path, DIRECTED[direction]), ownName(`${direction}_${layer.inner().name}`, ONE, path.length)],
      parameters: parameters.filter(({ name }) => name.split('_')[1] === direction),
    }));
  }
  const wraps = layer.className === 'TimeDistributed';
  const names = endings(path, wraps || RECURRENT.includes(layer.className) ? ONE : VARS);
  const wrapped = wraps ? [ownName(layer.inner().name, NOTHING, path.length)] : [];
  return [{ layer: layer.name, direction: null, names: [...names, ...wrapped], parameters }];
}

const ownName = (text: string, inside: RegExp, omitted: number): ScopeName => ({
  ...{ text: composed(text), inside, omitted },
});

/** A layer inside models is named with all of them, with the inner ones, or alone. */
const endings = (path: string[], inside: RegExp): ScopeName[] =>
  path.map((_, omitted) => ownName(path.slice(omitted).join('/'), inside, omitted));

/** Sequences are convolved as images of height one: a leading 1 more is the same weight. */
export const shapesOf = ({ name, shape }: ParameterSpec): number[][] =>
  /^(kernel|depthwise|pointwise)_/.test(name) && shape.length === 4 && shape[0] === 1
    ? [shape, shape.slice(1)]
    : [shape];

export const isOfShape = (spec: ParameterSpec, { shape }: StoredWeight) =>
  shapesOf(spec).some((wanted) => wanted.join() === shape.join());

/** The weights in a group that may be the parameter at place `i` of an owner, whatever their shape. */
export function weightsOf({ parameters }: WeightOwner, i: number, group: NamedWeights, view: View): StoredWeight[] {
  const names = roleNames(parameters[i]);
  const matches = (role: string) => (isNumber(role) ? Number(role) === i : names.includes(view.role(role)));
  return group.weights.filter(({ role }) => matches(role)).map(({ weight }) => weight);
}

/** The weight of each parameter of an owner; null when the group does not hold just those. */
export function fitting(owner: WeightOwner, group: NamedWeights, view: View): StoredWeight[] | null {
  const found = owner.parameters.map((spec, i) =>
    weightsOf(owner, i, group, view).filter((weight) => isOfShape(spec, weight)),
  );
  return found.every(({ length }) => length === 1) ? found.flat() : null;
}

/**
 * Owners and groups of the same direction, roles and shapes have the same key. Null for a group that holds nothing a layer
 * takes: counts of rows, states of random generators.
 */
export function keyOfGroup({ scope, weights }: NamedWeights, view: View): string | null {
  const floats = weights
    .filter(({ weight: { type, quantization } }) => quantization || type.startsWith('float'))
    .map(({ role, weight }): [string, number[]] => [isNumber(role) ? role : view.role(role), weight.shape]);
  if (!floats.some(([role]) => isNumber(role) || KNOWN.has(role))) return null;
  const direction = DIRECTIONS.find((way) => `/${scope}`.includes(`/${way}_`)) ?? null;
  return keyOf(direction, floats);
}

/** `numbered`: by the places of the parameters, as a file has them that names no roles. */
export const keyOfOwner = ({ direction, parameters }: WeightOwner, numbered: boolean): string =>
  keyOf(
    direction,
    parameters.map((spec, i) => [numbered ? `${i}` : roleNames(spec)[0], spec.shape]),
  );

function keyOf(direction: Direction | null, parts: [role: string, shape: number[]][]): string {
  const texts = parts.map(([role, shape]) => {
    const sizes = /kernel|^\d/.test(role) && shape.length === 4 && shape[0] === 1 ? shape.slice(1) : shape;
    return `${KNOWN.get(role) ?? role} ${sizes.join('x')}`;
  });
  return [direction ?? '', ...texts.sort()].join();
}

export const isNumbered = (groups: NamedWeights[]): boolean =>
  groups.some(({ weights }) => weights.every(({ role }) => isNumber(role)));
