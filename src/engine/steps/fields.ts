/** Parameters that several kinds of steps take. */
import { z } from 'zod';

export const columnName = z.string().min(1).max(500);
