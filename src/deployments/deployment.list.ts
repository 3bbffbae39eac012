import { between, byText, byTime, containing, listOf, ofId, oneOf, rowsOf, type ListArgs } from '../db';
import { Deployment, DeploymentState } from './deployment.entity';

export const deploymentList = listOf({
  name: 'Deployment',
  table: 'deployments',
  read: rowsOf(Deployment),
  filter: {
    states: oneOf<DeploymentState>('item.state', DeploymentState, 'Only deployments in one of these states.'),
    nameContains: containing('item.name', 'Only deployments whose name contains this text.'),
    modelVersionId: ofId('ModelVersion', 'item.model_version_id', 'Only deployments in which this version answers.'),
    ...between('created_at', 'created'),
  },
  sort: {
    CREATED_AT: byTime('created_at', 'When it was first deployed.'),
    UPDATED_AT: byTime('updated_at', 'When it last changed.'),
    NAME: byText('name', 'Its name.'),
  },
});

export type DeploymentListArgs = ListArgs<(typeof deploymentList)['filter']>;
