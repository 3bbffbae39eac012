import { between, byText, byTime, containing, listOf, oneOf, rowsOf, type ListArgs } from '../../db';
import { ApiKey, RoleName } from './api-key.entity';

export const apiKeyList = listOf({
  name: 'ApiKey',
  table: 'api_keys',
  read: rowsOf(ApiKey),
  filter: {
    nameContains: containing('item.name', 'Only keys whose name contains this text.'),
    roles: oneOf<RoleName>('item.role', RoleName, 'Only keys with one of these roles.'),
    ...between('created_at', 'created'),
  },
  sort: {
    CREATED_AT: byTime('created_at', 'When it was made.'),
    NAME: byText('name', 'Its name.'),
  },
});

export type ApiKeyListArgs = ListArgs<(typeof apiKeyList)['filter']>;
