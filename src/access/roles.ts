import type { Role } from '../kernel';

/** Roles that the tables of permissions speak of together. */

export const ADMINISTRATORS: readonly Role[] = ['OWNER', 'ADMIN'];
export const WORKERS: readonly Role[] = ['OWNER', 'ADMIN', 'DEVELOPER'];
export const READERS: readonly Role[] = ['OWNER', 'ADMIN', 'DEVELOPER', 'VIEWER'];
export const CALLERS: readonly Role[] = ['OWNER', 'ADMIN', 'DEVELOPER', 'PREDICTOR'];
export const PLATFORM: readonly Role[] = ['OPERATOR'];
export const EVERYONE: readonly Role[] = ['OWNER', 'ADMIN', 'DEVELOPER', 'PREDICTOR', 'VIEWER', 'OPERATOR'];
