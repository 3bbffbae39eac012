/** Names of weights that differ from those of all layers alike: "dense_1_2" for "dense_1", "kernel_1" for "kernel". */
import { AS_WRITTEN, segmentsOf, type NamedWeights, type View } from './names';
import { keyOfGroup, keyOfOwner, roleNames, isNumbered, type WeightOwner } from './owners';
import { shown } from '../../../formats';

export interface Renaming {
  view: View;
  /** What the names have too much, for people. */
  change: string;
}

/** What stands around a name. */
interface Affix {
  before: string;
  after: string;
}

/** Each costs a look at all names; where there are more, names decide nothing. */
const CANDIDATES_MAX = 3;

/** The renamings that lead the first layer to weights of its shapes. */
export function renamings(owners: WeightOwner[], groups: NamedWeights[]): Renaming[] {
  const [first] = owners;
  if (!first) return [];
  const name = lastPart(first.names[0].text);
  const key = keyOfOwner(first, isNumbered(groups));
  const scopes = groups.filter((group) => keyOfGroup(group, AS_WRITTEN) === key);
  const around = scopes.flatMap(({ scope }) => segmentsOf(scope).flatMap((part) => affixOf(part, name)));
  const parts = new Set(groups.flatMap(({ scope }) => segmentsOf(scope)));
  const leadsAll = ({ before, after }: Affix) =>
    owners.every(({ names: [{ text }] }) => parts.has(before + lastPart(text) + after));
  const [role] = roleNames(first.parameters[0]);
  const ends = groups.flatMap(({ weights }) => weights.flatMap((weight) => affixOf(weight.role, role)));
  const all: Renaming[] = [
    ...distinct(around).filter(leadsAll).map(ofScopes),
    ...distinct(ends.filter(({ before }) => before === '')).map(ofRoles),
  ];
  return all.length <= CANDIDATES_MAX ? all : [];
}

const ofScopes = (affix: Affix): Renaming => ({
  view: {
    ...AS_WRITTEN,
    scope: (scope) =>
      scope
        .split('/')
        .map((part) => without(part, affix))
        .join('/'),
  },
  change: shownAffix(affix),
});

const ofRoles = (affix: Affix): Renaming => ({
  view: { ...AS_WRITTEN, role: (role) => without(role, affix) },
  change: shownAffix(affix),
});

const lastPart = (name: string) => name.slice(name.lastIndexOf('/') + 1);

function affixOf(part: string, name: string): Affix[] {
  const at = part.indexOf(name);
  if (at < 0 || part === name) return [];
  return [{ before: part.slice(0, at), after: part.slice(at + name.length) }];
}

function without(part: string, { before, after }: Affix): string {
  const carries = part.length > before.length + after.length && part.startsWith(before) && part.endsWith(after);
  return carries ? part.slice(before.length, part.length - after.length) : part;
}

const distinct = (all: Affix[]): Affix[] => [...new Map(all.map((affix) => [JSON.stringify(affix), affix])).values()];

function shownAffix({ before, after }: Affix): string {
  const texts = [before && `${shown(before)} before them`, after && `${shown(after)} behind them`];
  return texts.filter(Boolean).join(' and ');
}
