/** The order in which the steps of a pipeline run. */
import type { PlannedStep } from '../types';
import { compareKinds, type PipelineStep, type StepEdge } from './definition';
import { stepOf } from './registry';

/**
 * In topological order, with the ids of all that a path leads from; of steps that may come next the one of the lowest stage,
 * rank and id, whatever their order in the list. Without edges, steps of a lower rank come before those of a higher one.
 * Throws where edges form a cycle.
 */
export function orderSteps(steps: readonly PipelineStep[], edges: readonly StepEdge[]): PlannedStep[] {
  const sorted = steps.toSorted(byRank);
  const before = edges.length > 0 ? predecessors(sorted, edges) : ranked(sorted);
  const ordered: PlannedStep[] = [];
  const done = new Set<string>();
  while (ordered.length < sorted.length) {
    const next = sorted.find(({ id }) => !done.has(id) && [...before.get(id)!].every((other) => done.has(other)));
    if (!next) throw new Error('The edges form a cycle.');
    done.add(next.id);
    const { id, kind, parameters } = next;
    ordered.push({ id, kind, parameters, after: [...before.get(id)!].sort() });
  }
  return ordered;
}

function byRank(a: PipelineStep, b: PipelineStep): number {
  return compareKinds(stepOf(a.kind), stepOf(b.kind)) || (a.id < b.id ? -1 : 1);
}

/** An edge may lead from the one kind to the other. */
export function mayPrecede(from: string, to: string): boolean {
  const [before, after] = [stepOf(from), stepOf(to)];
  const isFree = before.stage === 'columns' || before.isAnywhere || after.isAnywhere;
  return (before.stage === after.stage && isFree) || compareKinds(before, after) <= 0;
}

function ranked(steps: readonly PipelineStep[]): Map<string, Set<string>> {
  const isLower = (a: PipelineStep, b: PipelineStep) => compareKinds(stepOf(a.kind), stepOf(b.kind)) < 0;
  return new Map(
    steps.map((step) => [step.id, new Set(steps.filter((other) => isLower(other, step)).map(({ id }) => id))]),
  );
}

function predecessors(steps: readonly PipelineStep[], edges: readonly StepEdge[]): Map<string, Set<string>> {
  const reachable = closure(steps, edges);
  const implied = steps.flatMap((to) =>
    steps
      .filter(({ id, kind }) => stepOf(to.kind).follows?.includes(kind) && !reachable.get(id)!.has(to.id))
      .map((from) => ({ from: from.id, to: to.id })),
  );
  if (implied.length === 0) return reachable;
  const all = [...edges];
  let known = reachable;
  for (const edge of implied) {
    if (known.get(edge.from)!.has(edge.to)) continue;
    all.push(edge);
    known = closure(steps, all);
  }
  return known;
}

/** Of each step all that a path leads from. */
function closure(steps: readonly PipelineStep[], edges: readonly StepEdge[]): Map<string, Set<string>> {
  const direct = new Map<string, string[]>(steps.map(({ id }) => [id, []]));
  for (const { from, to } of edges) direct.get(to)!.push(from);
  return new Map(
    steps.map(({ id }) => {
      const found = new Set(direct.get(id));
      for (const each of found) for (const from of direct.get(each)!) found.add(from);
      return [id, found];
    }),
  );
}
