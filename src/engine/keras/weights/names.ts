/**
 * How the name of a stored weight tells whose it is: `[models/]layer[/cell]/role`, each part may hold slashes but the last.
 * Names are matched whole and from the role backwards, the longest first.
 */
import { shown } from '../../../formats';
import type { StoredWeight } from '../manifest';

/** Weights of one scope: what stands before the last slash. A role comes once; the next of its kind opens another group. */
export interface NamedWeights {
  scope: string;
  weights: { role: string; weight: StoredWeight }[];
}

/** A name under which the weights of a layer may stand, and what may come between it and the role. */
export interface ScopeName {
  text: string;
  inside: RegExp;
  /** Parts of the layer's path that the name leaves out. */
  omitted: number;
}

/** The segments between a layer and its role: direction, cell and `vars`. */
const INSIDE_MAX = 3;
/** More of a scope is not looked at, from its end. */
const SEGMENTS_MAX = 12;
const NAMESAKES_MAX = 8;

/** How scopes and roles are read before they are matched. */
export interface View {
  scope(scope: string): string;
  role(role: string): string;
}

export const AS_WRITTEN: View = { scope: (scope) => scope, role: (role) => role };

/** Names that look the same are the same (NFC), as files are written on machines of several kinds. */
export const composed = (name: string): string => name.normalize('NFC');

/** TensorFlow ends names of variables with the number of the output, `:0`. */
function parsed(name: string): { scope: string; role: string } {
  const plain = composed(name).replace(/:\d+$/, '');
  const cut = plain.lastIndexOf('/');
  return { scope: plain.slice(0, Math.max(cut, 0)), role: plain.slice(cut + 1) };
}

export const segmentsOf = (scope: string): string[] => scope.split('/').slice(-SEGMENTS_MAX);

export function groupByScope(stored: StoredWeight[]): NamedWeights[] {
  const groups: NamedWeights[] = [];
  const last = new Map<string, { group: NamedWeights; roles: Set<string> }>();
  for (const weight of stored) {
    const { scope, role } = parsed(weight.name);
    let open = last.get(scope);
    if (!open || open.roles.has(role)) {
      open = { group: { scope, weights: [] }, roles: new Set() };
      groups.push(open.group);
      last.set(scope, open);
    }
    open.roles.add(role);
    open.group.weights.push({ role, weight });
  }
  return groups;
}

interface Ranked<T> {
  of: T;
  /** Smaller is closer, compared from the first number on. */
  rank: number[];
}

const compare = (a: number[], b: number[]) => a.map((n, i) => n - b[i]).find((n) => n !== 0) ?? 0;

/** The groups that bear the name of each owner: one where the names decide, several where they leave it open. */
export function groupsOfOwners<T extends { names: ScopeName[] }>(
  owners: T[],
  groups: NamedWeights[],
  view: View,
): Map<T, NamedWeights[]> {
  const index = indexOf(owners);
  const found = new Map(owners.map((owner) => [owner, [] as Ranked<NamedWeights>[]]));
  for (const group of groups) {
    const matches = matchesOf(view.scope(group.scope), index);
    for (const { of: owner, rank } of closest(matches)) found.get(owner)!.push({ of: group, rank });
  }
  return new Map([...found].map(([owner, all]) => [owner, closest(all).map(({ of: group }) => group)]));
}

interface Named<T> {
  owner: T;
  name: ScopeName;
}

/** Owners by name, those first that it leaves least out of; where many bear one name, it tells none of them. */
function indexOf<T extends { names: ScopeName[] }>(owners: T[]): Map<string, Named<T>[]> {
  const all = owners.flatMap((owner) => owner.names.map((name) => ({ owner, name })));
  const index = new Map<string, Named<T>[]>();
  for (const one of all.sort((a, b) => a.name.omitted - b.name.omitted)) {
    const known = index.get(one.name.text) ?? [];
    if (known.length < NAMESAKES_MAX) index.set(one.name.text, [...known, one]);
  }
  return index;
}

/** All that are as close as the closest. */
function closest<T>(all: Ranked<T>[]): Ranked<T>[] {
  const [first] = all.map(({ rank }) => rank).sort(compare);
  return all.filter(({ rank }) => compare(rank, first) === 0);
}

/** By [segments inside, length of the name, parts left out, segments before]. */
function matchesOf<T>(scope: string, index: Map<string, Named<T>[]>): Ranked<T>[] {
  const parts = segmentsOf(scope);
  const best = new Map<T, number[]>();
  for (let inside = 0; inside <= INSIDE_MAX && inside < parts.length; inside++) {
    const end = parts.length - inside;
    const rest = inside === 0 ? '' : `/${parts.slice(end).join('/')}`;
    let text = '';
    for (let start = end - 1; start >= 0; start--) {
      text = start === end - 1 ? parts[start] : `${parts[start]}/${text}`;
      for (const { owner, name } of index.get(text) ?? []) {
        if (!name.inside.test(rest)) continue;
        const rank = [inside, start - end, name.omitted, start];
        const known = best.get(owner);
        if (!known || compare(rank, known) < 0) best.set(owner, rank);
      }
    }
  }
  return [...best].map(([owner, rank]) => ({ of: owner, rank }));
}

const NEAREST_MAX = 5;
/** Of the manifest's first weights; each costs some microseconds. */
const COMPARED_MAX = 1_000;
const COMPARED_LETTERS_MAX = 100;

export const shownWeight = ({ name, shape }: StoredWeight) => `${shown(name)} [${shape.join(', ')}]`;

/** The weights whose names share most with `wanted`, best first; those of its shape before others as near. */
export function nearestWeights(wanted: string, shape: number[], stored: StoredWeight[]): StoredWeight[] {
  const pairs = pairsOf(wanted);
  const scored = stored.slice(0, COMPARED_MAX).map((weight) => {
    const other = pairsOf(weight.name);
    const common = [...other].filter((pair) => pairs.has(pair)).length;
    const same = weight.shape.join() === shape.join();
    return { weight, score: (2 * common) / (pairs.size + other.size || 1) + (same ? 0.2 : 0) };
  });
  return scored
    .sort((a, b) => b.score - a.score)
    .slice(0, NEAREST_MAX)
    .map(({ weight }) => weight);
}

/** Pairs of neighbouring letters (Dice 1945), of the end of a long name. */
function pairsOf(name: string): Set<string> {
  const text = name.slice(-COMPARED_LETTERS_MAX).toLowerCase();
  return new Set(Array.from({ length: Math.max(text.length - 1, 0) }, (_, i) => text.slice(i, i + 2)));
}
