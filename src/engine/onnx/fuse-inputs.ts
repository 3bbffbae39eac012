/**
 * Serving graphs take one [batch, 1] tensor per column and join them first. Feeding a tensor costs ONNX Runtime's binding
 * about 3 µs, more than a layer at one row, so a loaded graph takes the joined matrices instead. The file stays as it is.
 */
import { onnx } from 'onnx-proto';

export interface InputGroup {
  /** Name of the fused graph input, [batch, columns.length]. */
  name: string;
  /** The graph inputs it replaces, in the order of its columns. */
  columns: string[];
  /** TensorProto.DataType. */
  type: number;
}

/** Changes the model in place; inputs that no Concat joins stay and form groups of one. */
export function fuseInputs(model: onnx.ModelProto): InputGroup[] {
  const graph = model.graph!;
  const inputs = new Map((graph.input ?? []).map((input) => [input.name!, input]));
  const uses = countUses(graph.node ?? []);
  const joins = (graph.node ?? []).filter(
    ({ opType, input }) => opType === 'Concat' && input!.every((name) => inputs.has(name) && uses.get(name) === 1),
  );
  const groups = joins.map(({ input, output }) => {
    const [columns, [name]] = [input!, output!];
    return { name, columns, type: typeOf(inputs.get(columns[0])!) };
  });
  const fused = groups.map(matrixInput);
  const gone = new Set(groups.flatMap(({ columns }) => columns));
  const rest = (graph.input ?? []).filter(({ name }) => !gone.has(name!));
  graph.node = (graph.node ?? []).filter((node) => !joins.includes(node));
  graph.input = [...fused, ...rest];
  return [...groups, ...rest.map((input) => ({ name: input.name!, columns: [input.name!], type: typeOf(input) }))];
}

function countUses(nodes: onnx.INodeProto[]): Map<string, number> {
  const uses = new Map<string, number>();
  for (const { input } of nodes) for (const name of input ?? []) uses.set(name, (uses.get(name) ?? 0) + 1);
  return uses;
}

const typeOf = ({ type }: onnx.IValueInfoProto): number => type!.tensorType!.elemType!;

function matrixInput({ name, columns, type }: InputGroup): onnx.IValueInfoProto {
  const dim = [{ dimParam: 'batch' }, { dimValue: columns.length }];
  return { name, type: { tensorType: { elemType: type, shape: { dim } } } };
}
