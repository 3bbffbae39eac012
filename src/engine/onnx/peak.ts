/** How much memory the values of a graph take while it runs. */
import { GraphBuilder, type Node } from './graph';

/** Their output is their input under another shape. */
const VIEWS = new Set(['Reshape', 'Identity', 'Squeeze', 'Unsqueeze', 'Flatten']);

/**
 * Elements of the values that nodes make and that are alive together, at most, when the nodes run in order and each value goes
 * after its last use; the outputs stay. Inputs and initializers are not counted. `sizeOf` says how many elements a value has.
 */
export function peakElements(graph: GraphBuilder, sizeOf: (name: string) => number): number {
  const roots = new Map<string, string>();
  const rootOf = (name: string) => roots.get(name) ?? name;
  for (const { op, inputs, outputs } of graph.nodes) if (VIEWS.has(op)) roots.set(outputs[0], rootOf(inputs[0]));
  const lastUse = new Map<string, number>();
  graph.nodes.forEach((node, i) => usedBy(node).forEach((name) => lastUse.set(rootOf(name), i)));
  for (const { name } of graph.outputs) lastUse.set(rootOf(name), Infinity);
  const alive = new Map<string, number>();
  let live = 0;
  let peak = 0;
  graph.nodes.forEach((node, i) => {
    for (const name of node.outputs) {
      if (roots.has(name)) continue;
      alive.set(name, sizeOf(name));
      live += sizeOf(name);
    }
    const inner = bodiesOf(node).reduce((sum, body) => sum + peakElements(body, sizeOf), 0);
    peak = Math.max(peak, live + inner);
    for (const [name, size] of alive) {
      if ((lastUse.get(name) ?? i) > i) continue;
      alive.delete(name);
      live -= size;
    }
  });
  return peak;
}

const bodiesOf = ({ attributes }: Node): GraphBuilder[] =>
  Object.values(attributes).filter((attribute) => attribute instanceof GraphBuilder);

/** Its inputs, and what its subgraphs take from outside. */
function usedBy(node: Node): string[] {
  const inside = bodiesOf(node).flatMap((body) => [
    ...body.nodes.flatMap(usedBy),
    ...body.outputs.map(({ name }) => name),
  ]);
  return [...node.inputs, ...inside];
}
