import { lookAgain, outsideSnapshot, type Database, type TenantTx } from '../db';
import { parseGlobalId, PraxisError, type TenantContext, toGlobalId } from '../kernel';
import { type Lineage, LineageDirection, relationOf } from './lineage.entity';
import { edgesAmong, labelled, type LabelledNode, type NodeRef, reachable } from './lineage.store';

export const LINEAGE_NODES_MAX = 500;
/** Steps the recursion may take per direction; several paths may lead to one node. */
const STEPS_MAX = 4 * LINEAGE_NODES_MAX;

export class LineageService {
  constructor(private readonly database: Database) {}

  /** @throws PraxisError NOT_FOUND when the tenant has no object with this id */
  async lineage(caller: TenantContext, id: string, direction: LineageDirection, depth: number): Promise<Lineage> {
    const parsed = parseGlobalId(id);
    if (!parsed) throw PraxisError.notFound('object', id);
    const root: NodeRef = { kind: parsed.kind, id: parsed.uuid };
    // Predictions are stored behind the answer: whoever has just got one may ask before it is there.
    const behind = root.kind === 'Prediction';
    const context = behind ? outsideSnapshot(caller) : caller;
    if (behind) await lookAgain(async () => (await this.nodeOf(context, root)) ?? null);
    return this.database.inTenant(context, async (tx) => {
      const [self] = await labelled(tx, [root]);
      if (!self) throw PraxisError.notFound('object', id);
      const { found, complete } = await reach(tx, root, direction, depth);
      const nodes = await labelled(tx, found.slice(0, LINEAGE_NODES_MAX));
      const links = await edgesAmong(
        tx,
        nodes.map((node) => node.id),
      );
      return present(nodes, links, !complete || found.length > LINEAGE_NODES_MAX);
    });
  }

  private async nodeOf(context: TenantContext, root: NodeRef): Promise<LabelledNode | undefined> {
    return (await this.database.inTenant(context, (tx) => labelled(tx, [root])))[0];
  }
}

/** Root first. Upstream before downstream, so that a busy deployment's predictions never push its origin out. */
async function reach(tx: TenantTx, root: NodeRef, direction: LineageDirection, depth: number) {
  const found = new Map<string, NodeRef>();
  let complete = true;
  for (const way of ['UPSTREAM', 'DOWNSTREAM'] as const) {
    if (direction !== LineageDirection.BOTH && direction !== LineageDirection[way]) continue;
    const walk = await reachable(tx, root, { direction: way, depth, limit: STEPS_MAX });
    complete &&= walk.complete;
    for (const node of walk.nodes) found.set(`${node.kind}:${node.id}`, node);
  }
  return { found: [...found.values()], complete };
}

/** Edges in the order of the nodes they leave from and lead to, so that the same graph always reads the same. */
function present(nodes: LabelledNode[], links: Awaited<ReturnType<typeof edgesAmong>>, truncated: boolean): Lineage {
  const place = new Map(nodes.map(({ id }, index) => [id, index]));
  const at = (id: string) => place.get(id) ?? nodes.length;
  links.sort((a, b) => at(a.fromId) - at(b.fromId) || at(a.toId) - at(b.toId));
  return {
    nodes: nodes.map(({ kind, id, label, createdAt }) => ({ id: toGlobalId(kind, id), kind, label, createdAt })),
    edges: links.map((link) => ({
      from: toGlobalId(link.fromKind, link.fromId),
      to: toGlobalId(link.toKind, link.toId),
      kind: relationOf(link.fromKind, link.toKind),
    })),
    truncated,
  };
}
