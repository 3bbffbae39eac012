import { didYouMean, type Fault } from '../../kernel';
import { mayPrecede, stepDefinitions, stepOf, type PipelineStep, type StepEdge, type StepKind } from '../../engine';
import { shown } from '../../formats';

/** A step as the client wrote it. */
export type Step = PipelineStep;
export type { StepEdge };

/** The faults of the graph's shape. Without any edge the steps follow one another by their kinds. */
export function graphIssues(steps: Step[], edges: StepEdge[]): Fault[] {
  const issues = [...stepFaults(steps), ...edgeFaults(steps, edges)];
  if (issues.length > 0 || edges.length === 0) return issues;
  const cycle = cycleFault(steps, edges);
  return cycle ? [cycle] : looseFaults(steps, edges);
}

function stepFaults(steps: Step[]): Fault[] {
  const issues: Fault[] = [];
  const ids = new Map<string, number>();
  const kinds = new Map<StepKind, number>();
  steps.forEach(({ id, kind }, i) => {
    const sameId = ids.get(id);
    const sameKind = kinds.get(kind);
    if (sameId !== undefined) {
      issues.push({
        path: `steps[${i}].id`,
        message: `${shown(id)} is already the id of steps[${sameId}]`,
        hint: 'give every step an id of its own',
      });
    } else ids.set(id, i);
    if (sameKind !== undefined && !stepOf(kind).isRepeatable) {
      issues.push({
        path: `steps[${i}].kind`,
        message: `${kind} is already the kind of steps[${sameKind}]`,
        hint: `a pipeline has at most one step of the kind ${kind}; merge the two`,
      });
    } else kinds.set(kind, i);
  });
  issues.push(...learningFaults(steps));
  for (const { kind, needed } of neededKinds()) {
    if (!kinds.has(kind)) issues.push({ path: 'steps', message: `no step of kind ${kind}`, hint: `add ${needed}` });
  }
  return issues;
}

/** Two kinds that learn. */
function learningFaults(steps: Step[]): Fault[] {
  const first = steps.findIndex(({ kind }) => stepOf(kind).stage === 'model');
  return steps.flatMap(({ kind }, i) =>
    i <= first || stepOf(kind).stage !== 'model' || kind === steps[first].kind
      ? []
      : [{ path: `steps[${i}].kind`, message: `${kind} learns, as steps[${first}] does`, hint: 'keep one of the two' }],
  );
}

function edgeFaults(steps: Step[], edges: StepEdge[]): Fault[] {
  const byId = new Map(steps.map((step) => [step.id, step]));
  const seen = new Set<string>();
  return edges.flatMap((edge, i): Fault[] => {
    const unknown = (['from', 'to'] as const).filter((end) => !byId.has(edge[end]));
    if (unknown.length > 0) {
      return unknown.map((end) => ({
        path: `edges[${i}].${end}`,
        message: `no step has the id ${shown(edge[end])}`,
        hint: () => didYouMean(edge[end], [...byId.keys()]),
      }));
    }
    const key = JSON.stringify([edge.from, edge.to]);
    if (seen.has(key)) return [{ path: `edges[${i}]`, message: 'repeats an earlier edge', hint: 'remove it' }];
    seen.add(key);
    if (edge.from === edge.to) {
      return [{ path: `edges[${i}]`, message: `leads from ${shown(edge.from)} to itself`, hint: 'remove it' }];
    }
    return [];
  });
}

/** The first cycle, written out; or the first edge against the order of kinds. */
function cycleFault(steps: Step[], edges: StepEdge[]): Fault | null {
  const cycle = findCycle(steps, edges);
  if (cycle) return { path: 'edges', message: `form a cycle: ${cycle.join(' → ')}`, hint: 'remove one of these edges' };
  const kindOf = new Map(steps.map(({ id, kind }) => [id, kind]));
  const wrong = edges.findIndex(({ from, to }) => !mayPrecede(kindOf.get(from)!, kindOf.get(to)!));
  if (wrong < 0) return null;
  const { from, to } = edges[wrong];
  return {
    path: `edges[${wrong}]`,
    message: `a step of kind ${kindOf.get(from)} cannot come before one of kind ${kindOf.get(to)}`,
    hint: `the order is ${orderInWords()}`,
  };
}

/** Depth-first search; the ids along the first cycle, first and last the same. */
function findCycle(steps: Step[], edges: StepEdge[]): string[] | null {
  const next = new Map<string, string[]>(steps.map(({ id }) => [id, []]));
  for (const { from, to } of edges) next.get(from)!.push(to);
  const done = new Set<string>();
  const visit = (id: string, trail: string[]): string[] | null => {
    const at = trail.indexOf(id);
    if (at >= 0) return [...trail.slice(at), id];
    if (done.has(id)) return null;
    for (const to of next.get(id)!) {
      const cycle = visit(to, [...trail, id]);
      if (cycle) return cycle;
    }
    done.add(id);
    return null;
  };
  for (const { id } of steps) {
    const cycle = visit(id, []);
    if (cycle) return cycle;
  }
  return null;
}

/** Stages follow one another; within that of columns there is no order. */
function orderInWords(): string {
  const stages = new Map<string, StepKind[]>();
  for (const { stage, kind } of stepDefinitions()) stages.set(stage, [...(stages.get(stage) ?? []), kind]);
  return [...stages].map(([stage, kinds]) => kinds.join(stage === 'columns' ? ' and ' : ', ')).join(', then ');
}

const neededKinds = () => stepDefinitions().filter(({ needed }) => needed !== undefined);

/** Steps that no path joins to the step that every pipeline has. */
function looseFaults(steps: Step[], edges: StepEdge[]): Fault[] {
  const [first] = neededKinds();
  const joined = new Set([steps.find(({ kind }) => kind === first.kind)!.id]);
  for (let size = 0; size < joined.size;) {
    size = joined.size;
    for (const { from, to } of edges) if (joined.has(from)) joined.add(to);
  }
  return steps.flatMap(({ id }, i) =>
    joined.has(id)
      ? []
      : [
          {
            path: `steps[${i}]`,
            message: `no edges lead from ${first.kind} to ${shown(id)}`,
            hint: `add an edge to ${shown(id)}, or leave all edges out`,
          },
        ],
  );
}
