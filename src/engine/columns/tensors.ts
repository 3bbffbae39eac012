/** Columns in a graph: which column of which tensor each of them is. */
import type { GraphBuilder } from '../onnx/graph';
import type { ColumnTensors } from './definition';

interface Place {
  tensor: string;
  index: number;
  /** Columns of the tensor. */
  width: number;
}

export class GraphColumns implements ColumnTensors {
  private readonly places = new Map<string, Place>();

  constructor(private readonly graph: GraphBuilder) {}

  /** Each input of a graph is a column of its name. */
  static ofInputs(graph: GraphBuilder): GraphColumns {
    const columns = new GraphColumns(graph);
    for (const { name } of graph.inputs) columns.set([name], name);
    return columns;
  }

  set(names: readonly string[], tensor: string): void {
    names.forEach((name, index) => this.places.set(name, { tensor, index, width: names.length }));
  }

  /** The tensors that hold them side by side, and where that is not their order, the columns of that. */
  take(names: readonly string[]): string {
    const places = names.map((name) => {
      const place = this.places.get(name);
      if (!place) throw new Error(`The graph has no column ${name}.`);
      return place;
    });
    const starts = new Map<string, number>();
    let width = 0;
    for (const place of places) {
      if (starts.has(place.tensor)) continue;
      starts.set(place.tensor, width);
      width += place.width;
    }
    const tensors = [...starts.keys()];
    const joined = tensors.length === 1 ? tensors[0] : this.graph.call('Concat', tensors, { axis: 1 });
    const order = places.map(({ tensor, index }) => starts.get(tensor)! + index);
    if (order.length === width && order.every((at, i) => at === i)) return joined;
    return this.graph.call('Gather', [joined, this.graph.int64s(order)], { axis: 1 });
  }

  /** The same columns under names of their own, from now on. */
  rename(names: ReadonlyMap<string, string>): void {
    const moved = [...names].map(([from, to]) => [to, this.places.get(from)!] as const);
    for (const [name, place] of moved) this.places.set(name, place);
  }
}
