import { lookAgain, outsideSnapshot, type Database, type TenantTx } from '../db';
import { parseGlobalId, PraxisError, type TenantContext, toGlobalId } from '../kernel';
import { type Lineage, LineageDirection, relationOf } from './lineage.entity';
import type { LineageKinds } from './lineage-kind';
import { type LabelledNode, type LineageLink, LineageStore, type NodeRef, unlinkLineage } from './lineage.store';
import { shown } from '../formats';

export const LINEAGE_NODES_MAX = 500;
/** Steps the recursion may take per direction; several paths may lead to one node. */
const STEPS_MAX = 4 * LINEAGE_NODES_MAX;
const NAMED_MAX = 10;

export class LineageService {
  private readonly store = new LineageStore();

  constructor(private readonly database: Database) {}

  /** Takes what a feature tells of the kinds of its objects. Called in the order of the features, before the first request. */
  describe(kinds: LineageKinds): void {
    this.store.describe(kinds);
  }

  /** @throws PraxisError NOT_FOUND when the tenant has no object with this id */
  async lineage(caller: TenantContext, id: string, direction: LineageDirection, depth: number): Promise<Lineage> {
    const parsed = parseGlobalId(id);
    if (!parsed) throw PraxisError.notFound('object', id);
    const root: NodeRef = { kind: parsed.kind, id: parsed.uuid };
    // Whoever has just got the answer may ask before the row is there.
    const later = this.store.isWrittenLater(root.kind);
    const context = later ? outsideSnapshot(caller) : caller;
    if (later) await lookAgain(async () => (await this.nodeOf(context, root)) ?? null);
    return this.database.inTenant(context, async (tx) => {
      const [self] = await this.store.labelled(tx, [root]);
      if (!self) throw PraxisError.notFound('object', id);
      const { found, complete } = await this.reach(tx, root, direction, depth);
      const nodes = await this.store.labelled(tx, found.slice(0, LINEAGE_NODES_MAX));
      const links = await this.store.edgesAmong(
        tx,
        nodes.map((node) => node.id),
      );
      return present(nodes, links, !complete || found.length > LINEAGE_NODES_MAX);
    });
  }

  /**
   * Forgets an object that is about to be deleted, and its parts: their edges, and the requests that made them, so that a
   * retry makes another one. `what` is the object as a message begins. CONFLICT, naming what was made from it.
   */
  async forget(tx: TenantTx, object: NodeRef, what: string): Promise<void> {
    const parts = await this.store.withParts(tx, object);
    const derived = await this.store.madeFrom(tx, parts);
    if (derived.length > 0) throw await this.inUse(tx, derived, what);
    const ids = [...parts.values()].flat();
    await unlinkLineage(tx, ids);
    await tx.forgetRequests(ids);
  }

  private async inUse(tx: TenantTx, derived: NodeRef[], what: string): Promise<PraxisError> {
    const named = (await this.store.labelled(tx, derived.slice(0, NAMED_MAX))).map(
      (node) => `${node.kind} ${shown(node.label)} (${toGlobalId(node.kind, node.id)})`,
    );
    const more = derived.length - named.length;
    const list = `${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
    return new PraxisError(
      'CONFLICT',
      `${what} cannot be deleted, because these were made from it: ${list}. Their origin must stay readable.`,
    );
  }

  private async nodeOf(context: TenantContext, root: NodeRef): Promise<LabelledNode | undefined> {
    return (await this.database.inTenant(context, (tx) => this.store.labelled(tx, [root])))[0];
  }

  /** Root first. Upstream before downstream, so that a busy deployment's predictions never push its origin out. */
  private async reach(tx: TenantTx, root: NodeRef, direction: LineageDirection, depth: number) {
    const found = new Map<string, NodeRef>();
    let complete = true;
    for (const way of ['UPSTREAM', 'DOWNSTREAM'] as const) {
      if (direction !== LineageDirection.BOTH && direction !== LineageDirection[way]) continue;
      const walk = await this.store.reachable(tx, root, { direction: way, depth, limit: STEPS_MAX });
      complete &&= walk.complete;
      for (const node of walk.nodes) found.set(`${node.kind}:${node.id}`, node);
    }
    return { found: [...found.values()], complete };
  }
}

/** Edges in the order of the nodes they leave from and lead to, so that the same graph always reads the same. */
function present(nodes: LabelledNode[], links: LineageLink[], truncated: boolean): Lineage {
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
