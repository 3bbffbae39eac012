import { PrimaryColumn } from 'typeorm';
import { toGlobalId, type Node, type NodeKind } from '../../kernel';

/** Identity of every object in a tenant's tables. The class is named as its kind, which is the prefix of global ids. */
export abstract class TenantNode implements Node {
  @PrimaryColumn({ name: 'tenant_id', type: 'uuid' })
  tenantId!: string;

  @PrimaryColumn('uuid')
  id!: string;

  get globalId(): string {
    return toGlobalId(this.constructor.name as NodeKind, this.id);
  }
}
