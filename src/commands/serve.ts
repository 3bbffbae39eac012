import type { Config } from '../config';
import { superviseMachine, superviseListeners } from './supervise';

/** API, subscriptions and inference threads: several processes on one port. Expects a migrated database. */
export async function serve(config: Config): Promise<void> {
  await superviseMachine('serve', config, superviseListeners);
}
