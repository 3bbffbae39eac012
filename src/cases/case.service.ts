import { createHash } from 'node:crypto';
import { EntityLoader, EventFeed } from '../db';
import type { Database, EventLog, Showing, SystemTx } from '../db';
import { isUuid, newId, PraxisError, type Page, type TenantContext } from '../kernel';
import { linkLineage } from '../lineage';
import type { RunCost } from '../runs';
import type { CaseSeed } from './case-definition';
import { CaseRun, CaseRunStage, CaseRunState, endsCaseRun } from './runs/case-run.entity';
import { enqueueCaseRun } from './runs/case-run.job';
import { announce } from './runs/case-run.store';
import { Case } from './case.entity';
import { caseList, caseRunList, type CaseListArgs, type CaseRunListArgs } from './case.list';
import { costOf } from './runs/cost';
import { shown } from '../formats';

export interface RunCaseRequest {
  slug: string;
  seed?: number | null;
  idempotencyKey?: string | null;
}

/** Rows of generated data that go into a case's hash, so that a change of its generator shows. */
const PROBE_ROWS = 200;

/** The case library and its runs. An id or slug that is not there is NOT_FOUND. */
export class CaseService {
  readonly byId: EntityLoader<Case>;

  constructor(
    private readonly database: Database,
    private readonly eventLog: EventLog,
  ) {
    this.byId = new EntityLoader(database, Case, 'Case');
  }

  /** By slug or uuid. */
  async get(context: TenantContext, slugOrId: string): Promise<Case> {
    const where = isUuid(slugOrId) ? { id: slugOrId } : { slug: slugOrId };
    const found = await this.database.inTenant(context, (tx) => tx.repo(Case).findOneBy(where));
    if (!found) throw new PraxisError('NOT_FOUND', `The library has no case ${shown(slugOrId)}; \`cases\` lists them.`);
    return found;
  }

  findBySlug(context: TenantContext, slug: string): Promise<Case | null> {
    return this.database.inTenant(context, (tx) => tx.repo(Case).findOneBy({ slug }));
  }

  list(context: TenantContext, args: CaseListArgs): Promise<Page<Case>> {
    return this.database.list(context, caseList, args);
  }

  /** Starts a case run; everything else happens in durable jobs. */
  async run(
    context: TenantContext,
    { slug, seed, idempotencyKey: key }: RunCaseRequest,
  ): Promise<{ caseRun: CaseRun; cost: RunCost }> {
    const item = await this.get(context, slug);
    const request = { caseId: item.id, seed: seed ?? null };
    const caseRun = await this.database.inTenant(context, async (tx) => {
      const id = await tx.idempotent({ operation: 'runCase', key, request }, async () => {
        const id = newId();
        await tx.repo(CaseRun).insert({
          id,
          tenantId: tx.tenantId,
          caseId: item.id,
          caseHash: item.contentHash,
          seed: seed ?? item.seed,
          state: CaseRunState.RUNNING,
          checks: [],
          createdAt: new Date(),
        });
        await linkLineage(tx, [{ fromKind: 'Case', fromId: item.id, toKind: 'CaseRun', toId: id }]);
        await announce(tx, id, { stage: CaseRunStage.DATA, message: 'Generating and ingesting the data.' });
        await enqueueCaseRun(tx, { caseRunId: id, requestId: context.requestId });
        await tx.audit('case.run', id, { slug: item.slug });
        return id;
      });
      return tx.repo(CaseRun).findOneByOrFail({ id });
    });
    return { caseRun, cost: costOf(item.definition) };
  }

  /** The stages after sequence `after`, then those to come, up to the last one. NOT_FOUND before the first. */
  async events<T>(context: TenantContext, id: string, after: number, showing: Showing<T>): Promise<EventFeed<T>> {
    await this.getRun(context, id);
    return new EventFeed(this.eventLog.subscribe(context, id, after, endsCaseRun), showing);
  }

  async getRun(context: TenantContext, id: string): Promise<CaseRun> {
    const found = await this.database.inTenant(context, (tx) => tx.repo(CaseRun).findOneBy({ id }));
    if (!found) throw PraxisError.notFound('CaseRun', id);
    return found;
  }

  listRuns(context: TenantContext, args: CaseRunListArgs): Promise<Page<CaseRun>> {
    return this.database.list(context, caseRunList, args);
  }

  /** Writes the library: adds new cases, replaces those whose content changed, leaves the others alone. */
  async publish(seeds: CaseSeed[]): Promise<void> {
    await this.database.inSystem('SEED_LIBRARY', async (tx) => {
      for (const seed of seeds) await upsert(tx, seed);
    });
  }
}

async function upsert(tx: SystemTx, { slug, industry, document, definition, generate }: CaseSeed): Promise<void> {
  const probe = generate(PROBE_ROWS, definition.seed);
  const texts = [document, definition].map((part) => JSON.stringify(part));
  const hash = createHash('sha256')
    .update(JSON.stringify([industry, ...texts, probe]))
    .digest();
  await tx.query(
    `INSERT INTO cases (id, slug, industry, document, definition, content_hash, created_at, updated_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $7)
     ON CONFLICT (slug) DO UPDATE SET industry = excluded.industry, document = excluded.document,
       definition = excluded.definition, content_hash = excluded.content_hash, updated_at = excluded.updated_at
     WHERE cases.content_hash <> excluded.content_hash`,
    [newId(), slug, industry, ...texts, hash, new Date()],
  );
}
