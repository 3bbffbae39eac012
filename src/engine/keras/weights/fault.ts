/** Why a layer finds no weights by name, and which names come near. */
import { shown } from '../../../formats';
import { modelFault } from '../config';
import type { StoredWeight } from '../manifest';
import { AS_WRITTEN, nearestWeights, shownWeight, type NamedWeights } from './names';
import { fitting, isOfShape, roleNames, shapesOf, weightsOf, type WeightOwner } from './owners';

const SHOWN_MAX = 10;

/** The fault of the first owner that names lead to no weights of its own. */
export function weightFault(
  owners: WeightOwner[],
  named: Map<WeightOwner, NamedWeights[]>,
  stored: StoredWeight[],
): Error {
  const taken = new Set<NamedWeights>();
  const isGood = (owner: WeightOwner) => {
    const [group, ...others] = named.get(owner)!;
    const good = group && others.length === 0 && !taken.has(group) && fitting(owner, group, AS_WRITTEN);
    if (good) taken.add(group);
    return good;
  };
  const owner = owners.find((one) => !isGood(one))!;
  const near = named.get(owner)!;
  const at = `layer ${shown(owner.layer)}`;
  for (const [i, spec] of owner.parameters.entries()) {
    const found = near.flatMap((group) => weightsOf(owner, i, group, AS_WRITTEN));
    const [role] = roleNames(spec);
    const shape = shapesOf(spec).at(-1)!;
    if (found.length > 1) {
      return modelFault(at, `has several weights ${shown(role)}`, `The manifest has ${listed(found)} for it. ${AGAIN}`);
    }
    if (found.length === 0) {
      const candidates = near.flatMap(({ weights }) => weights.map(({ weight }) => weight));
      const there =
        candidates.length > 0
          ? `The manifest has ${listed(candidates)} for it. ${AGAIN}`
          : nearest(`${owner.names[0].text}/${role}`, shape, stored);
      return modelFault(at, `has no weight ${shown(role)} of shape [${shape.join(', ')}]`, there);
    }
    if (!isOfShape(spec, found[0])) {
      const message = `has the shape [${found[0].shape.join(', ')}], and layer ${shown(owner.layer)} takes [${shape.join(', ')}]`;
      const hint = 'Convert the model again: topology and weights do not match.';
      return modelFault(`weight ${shown(found[0].name)}`, message, hint);
    }
  }
  const message = `shares the weights of ${shown(near[0].scope)} with another layer`;
  return modelFault(at, message, 'Give each layer a name of its own.');
}

const AGAIN = 'Convert the model again, with its weights.';
const RENAME = 'Shapes alone do not tell whose they are: give the layers the names that their weights have.';

const listed = (weights: StoredWeight[]) => weights.slice(0, SHOWN_MAX).map(shownWeight).join(', ');

function nearest(name: string, shape: number[], stored: StoredWeight[]): string {
  if (stored.length === 0) return `The manifest has none at all. ${AGAIN}`;
  return `The nearest in the manifest are ${listed(nearestWeights(name, shape, stored))}. ${RENAME}`;
}
