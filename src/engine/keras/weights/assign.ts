/** Which stored weight is which parameter of the network: by names, by names that all differ alike, by shapes. */
import { shown } from '../../../formats';
import { modelFault } from '../config';
import type { StoredWeight } from '../manifest';
import { weightFault } from './fault';
import { AS_WRITTEN, groupByScope, groupsOfOwners, type NamedWeights, type View } from './names';
import { fitting, isNumbered, keyOfGroup, keyOfOwner, type WeightOwner } from './owners';
import { renamings } from './renaming';

export interface Assignment {
  /** The parameter that a stored weight is; weights that are none are of no use. */
  parameterOf: Map<StoredWeight, string>;
  /** What names alone did not say. */
  warnings: string[];
}

type Chosen = Map<WeightOwner, { group: NamedWeights; weights: StoredWeight[] }>;

/**
 * Each parameter with the weight that its layer's name leads to. Where names do not lead to all of them: names without that
 * of the model, then names that differ from the layers' by one beginning and one end, then shapes that fit one layer
 * alone. Throws EngineError that names layer and weight where none of it decides: nothing is guessed.
 */
export function assignWeights(model: string, owners: WeightOwner[], stored: StoredWeight[]): Assignment {
  const groups = groupByScope(stored);
  const named = groupsOfOwners(owners, groups, AS_WRITTEN);
  const chosen = complete(owners, named, AS_WRITTEN) ?? inside(model, owners, groups);
  if (chosen) return assignment(chosen, []);
  const renamed = byRenaming(owners, groups);
  if (renamed) return assignment(renamed.chosen, [renamed.warning]);
  const shaped = byShape(owners, groups, named);
  if (shaped) return assignment(shaped, [shapeWarning(shaped, named)]);
  throw weightFault(owners, named, stored);
}

/** Every owner with a group of its own that holds its weights, or null. */
function complete(owners: WeightOwner[], named: Map<WeightOwner, NamedWeights[]>, view: View): Chosen | null {
  const chosen: Chosen = new Map();
  const taken = new Set<NamedWeights>();
  for (const owner of owners) {
    const [group, ...others] = named.get(owner)!;
    const weights = group && others.length === 0 && !taken.has(group) ? fitting(owner, group, view) : null;
    if (!weights) return null;
    taken.add(group);
    chosen.set(owner, { group, weights });
  }
  return chosen;
}

/** Keras 3 puts the name of the model before those of all weights; it may be that of a layer or a model inside it, too. */
function inside(model: string, owners: WeightOwner[], groups: NamedWeights[]): Chosen | null {
  const prefix = `${model}/`;
  const others = groups.filter(({ scope }) => !scope.startsWith(prefix));
  if (!model || others.some((group) => keyOfGroup(group, AS_WRITTEN) !== null)) return null;
  const view = {
    ...AS_WRITTEN,
    scope: (scope: string) => (scope.startsWith(prefix) ? scope.slice(prefix.length) : scope),
  };
  return complete(owners, groupsOfOwners(owners, groups, view), view);
}

/** The one renaming under which every layer finds its weights, all of them renamed. */
function byRenaming(owners: WeightOwner[], groups: NamedWeights[]): { chosen: Chosen; warning: string } | null {
  const found = renamings(owners, groups).flatMap(({ view, change }) => {
    const chosen = complete(owners, groupsOfOwners(owners, groups, view), view);
    const all = chosen && [...chosen.values()].every(({ group }) => isRenamed(group, view));
    return all ? [{ chosen, warning: renamingWarning(change, chosen) }] : [];
  });
  const [first, ...others] = found;
  return first && others.every(({ chosen }) => isSame(chosen, first.chosen)) ? first : null;
}

const isRenamed = ({ scope, weights }: NamedWeights, view: View) =>
  view.scope(scope) !== scope || weights.some(({ role }) => view.role(role) !== role);

const isSame = (a: Chosen, b: Chosen) => [...a].every(([owner, { group }]) => b.get(owner)!.group === group);

/**
 * Owners and groups of one key fit one another. One of each is decided by its shapes; several are when the names lead each of
 * them to one of these groups. Null where neither holds, or where counts do not agree.
 */
function byShape(
  owners: WeightOwner[],
  groups: NamedWeights[],
  named: Map<WeightOwner, NamedWeights[]>,
): Chosen | null {
  const numbered = isNumbered(groups);
  const groupsBy = groupedBy(groups, (group) => keyOfGroup(group, AS_WRITTEN));
  groupsBy.delete(null);
  const ownersBy = groupedBy(owners, (owner) => keyOfOwner(owner, numbered));
  if (groupsBy.size !== ownersBy.size) return null;
  const pairs = new Map<WeightOwner, NamedWeights[]>();
  for (const [key, alike] of ownersBy) {
    const fit = groupsBy.get(key) ?? [];
    if (fit.length !== alike.length) return null;
    for (const owner of alike) {
      const matches = fit.length === 1 ? fit : named.get(owner)!;
      if (matches.length !== 1 || !fit.includes(matches[0])) return null;
      pairs.set(owner, matches);
    }
  }
  return complete(owners, pairs, AS_WRITTEN);
}

function groupedBy<T, K>(all: T[], keyOf: (one: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const one of all) {
    const key = keyOf(one);
    const known = groups.get(key);
    if (known) known.push(one);
    else groups.set(key, [one]);
  }
  return groups;
}

const PLAIN = ['float32', 'float16'];

function assignment(chosen: Chosen, warnings: string[]): Assignment {
  const parameterOf = new Map<StoredWeight, string>();
  for (const [{ parameters }, { weights }] of chosen) {
    weights.forEach((weight, i) => {
      if (!weight.quantization && !PLAIN.includes(weight.type)) {
        throw modelFault(`weight ${shown(weight.name)}`, `is of type ${weight.type}`, 'Store weights as float32.');
      }
      parameterOf.set(weight, parameters[i].name);
    });
  }
  return { parameterOf, warnings };
}

const SHOWN_MAX = 10;

function renamingWarning(change: string, chosen: Chosen): string {
  const [[{ layer }, { weights }]] = chosen;
  return `The names of all weights differ from those of the layers by ${change}, and were read without it: ${shown(weights[0].name)} is a weight of layer ${shown(layer)}.`;
}

function shapeWarning(chosen: Chosen, named: Map<WeightOwner, NamedWeights[]>): string {
  const other = [...chosen].filter(([owner, { group }]) => named.get(owner)![0] !== group);
  const pairs = other.slice(0, SHOWN_MAX).map(([{ layer }, { group }]) => `${shown(layer)} from ${shown(group.scope)}`);
  const more = other.length > SHOWN_MAX ? ` and ${other.length - SHOWN_MAX} more` : '';
  return `Weights were found by shapes, which fit one layer each, as names do not lead to them: ${pairs.join(', ')}${more}. Check a prediction against the model's own.`;
}
