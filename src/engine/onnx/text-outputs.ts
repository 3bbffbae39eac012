/**
 * Serving graphs answer with texts: they take the places of classes from a list of labels. ONNX Runtime's binding makes a
 * string of its own for each, which takes longer than all the rest of a small model, so a loaded graph gives the places
 * instead. The file stays as it is.
 */
import { onnx } from 'onnx-proto';

export interface TextOutput {
  /** Name of the output of places, int64, of the same shape. */
  places: string;
  texts: string[];
}

/** TensorProto.DataType. */
const INT64 = 7;
const STRING = 8;

/** Changes the model in place. Returns, by name, the outputs that it gave up. */
export function giveUpTexts(model: onnx.ModelProto): Map<string, TextOutput> {
  const graph = model.graph!;
  const lists = new Map((graph.initializer ?? []).map((list) => [list.name!, list]));
  const outputs = new Map<string, TextOutput>();
  for (const output of graph.output ?? []) {
    const node = (graph.node ?? []).find((taker) => taker.output![0] === output.name);
    const list = node?.opType === 'Gather' ? lists.get(node.input![0]) : undefined;
    const places = node?.input?.[1];
    if (list?.dataType !== STRING || places === undefined) continue;
    outputs.set(output.name!, { places, texts: list.stringData!.map((bytes) => Buffer.from(bytes).toString()) });
    graph.node = graph.node!.filter((other) => other !== node);
    output.name = places;
    output.type!.tensorType!.elemType = INT64;
  }
  return outputs;
}

/** Of places their lower halves are read: a BigInt for each would take ten times as long. */
export function textsAt({ texts }: TextOutput, places: BigInt64Array): string[] {
  const halves = new Int32Array(places.buffer, places.byteOffset, 2 * places.length);
  const found = new Array<string>(places.length);
  for (let i = 0; i < found.length; i++) found[i] = texts[halves[2 * i]];
  return found;
}
