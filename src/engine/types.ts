/** What the engine speaks with the rest of Praxis, by who speaks. Pure data: no native library, no Node built-ins. */
export * from './contract/assets';
export * from './contract/evaluation';
export * from './contract/events';
export * from './contract/executors';
export * from './contract/families';
export * from './contract/faults';
export * from './contract/kinds';
export * from './contract/model-card';
export * from './contract/output-rows';
export * from './contract/requests';
export * from './contract/results';
export * from './contract/serving';
export * from './contract/tables';
