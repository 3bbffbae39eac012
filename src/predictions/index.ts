// Owns predictions: checks rows against the model's inputs, predicts through the batcher, and records what was
// predicted behind the answer.
export * from './notes/input-note.type';
export * from './prediction.entity';
export * from './prediction.input';
export * from './answers/prediction.payload';
export * from './prediction.resolver';
export * from './prediction.service';
export { createPredictions } from './predictions.feature';
