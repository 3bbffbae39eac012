import type { Task, JobRun } from '../../db';
import { jobContext, PraxisError } from '../../kernel';
import type { CaseRunAdvance } from './case-run.advance';
import { caseRunTask, type CaseRunPayload } from './case-run.job';
import type { CaseRunStore } from './case-run.store';

/** Codes of faults that a later attempt could find gone. */
const PASSING = new Set(['UNAVAILABLE', 'RATE_LIMITED', 'INTERNAL']);

export class CaseRunTask implements Task<CaseRunPayload> {
  readonly name = caseRunTask.name;
  readonly payload = caseRunTask.payload;

  constructor(
    private readonly store: CaseRunStore,
    private readonly advance: CaseRunAdvance,
  ) {}

  async run({ tenantId, caseRunId, requestId }: CaseRunPayload, job: JobRun): Promise<void> {
    const context = jobContext(tenantId, requestId);
    try {
      await this.advance.advance(context, caseRunId, job.signal);
    } catch (error) {
      if (!(error instanceof PraxisError) || PASSING.has(error.code)) throw error;
      job.log.warn({ caseRunId, code: error.code }, error.message);
      const { code, message } = error;
      await this.store.end(context, caseRunId, { error: { code, message } });
    }
  }

  async exhausted({ tenantId, caseRunId, requestId }: CaseRunPayload, error: Error): Promise<void> {
    const known = error instanceof PraxisError;
    await this.store.end(jobContext(tenantId, requestId), caseRunId, {
      error: {
        code: known ? error.code : 'INTERNAL',
        message: known ? error.message : 'Something failed on our side. Quote the request id when you report it.',
      },
    });
  }
}
