/** What the engine speaks with the rest of Praxis, by who speaks. Pure data: no native library, no Node built-ins. */
export * from './contract/assets';
export * from './contract/results/evaluation';
export * from './contract/events';
export * from './contract/executors';
export * from './contract/families';
export * from './contract/faults';
export * from './contract/results/kinds';
export * from './contract/model-card';
export * from './contract/results/output-rows';
export * from './contract/requests';
export * from './contract/results/results';
export * from './contract/serving';
export * from './contract/tables';
export * from './contract/tree-outline';
